use crate::{
    FriendChange, LineLink, LineProfile, LineUid, Member, MemberError, Members, MembersTx,
    NewMember,
};
use chrono::{DateTime, Utc};
use crm_kernel::{Figure, MemberId, StoreError};
use tracing::instrument;

/// A guest added the Official Account as a friend, or took it back from the blocked ones.
#[derive(Clone, Debug)]
pub struct LineFollow {
    /// Who.
    pub uid: LineUid,
    /// When, as LINE tells it.
    pub at: DateTime<Utc>,
    /// Name and picture, when they could be fetched.
    pub profile: Option<LineProfile>,
}

/// What an event from LINE came to.
#[derive(Clone, Debug)]
pub struct LineContact {
    /// The member as stored now.
    pub member: Member,
    /// Whether the event made them known.
    pub created: bool,
    /// Whether the friendship began, ended or moved because of it; an event that arrives late
    /// or twice does not count.
    pub state_changed: bool,
}

impl Members {
    /// Makes the guest a friend since the time of the event, and known if they were not.
    ///
    /// # Errors
    /// The store's.
    #[instrument(name = "members.follow", skip_all, fields(member.id))]
    pub async fn follow_in(
        &self,
        tx: &mut dyn MembersTx,
        follow: LineFollow,
    ) -> Result<LineContact, MemberError> {
        let LineFollow { uid, at, profile } = follow;
        let first = LineLink::following(uid, at);
        self.line_event_in(tx, first, Some(at), profile, |link| link.follow(at))
            .await
    }

    /// Applies a LINE event to the member of `first.uid`, or stores one who begins as `first`.
    pub(crate) async fn line_event_in(
        &self,
        tx: &mut dyn MembersTx,
        first: LineLink,
        interaction: Option<DateTime<Utc>>,
        profile: Option<LineProfile>,
        change: impl FnOnce(&mut LineLink) -> bool + Send,
    ) -> Result<LineContact, MemberError> {
        let now = self.clock.now();
        let uid = first.uid.clone();
        let mut known = tx.members().find_by_line_uid(&uid).await?;
        if known.is_none() {
            let mut link = first;
            if let Some(profile) = profile.clone() {
                link.show_profile(profile, now);
            }
            let new = NewMember::from_line(link, interaction, now);
            match tx.members().insert(&new).await {
                Ok(id) => {
                    tracing::Span::current().record("member.id", id.get());
                    let stored = new.clone().stored_as(id);
                    let change = stored.line().and_then(|link| link.friend_change(None));
                    note_friend_in(tx, id, change).await?;
                    return Ok(LineContact {
                        member: stored,
                        created: true,
                        state_changed: true,
                    });
                }
                // Another event of the same guest was faster; this one now finds the member.
                Err(StoreError::Duplicate {
                    key: "member_line_uid",
                }) => known = tx.members().find_by_line_uid(&uid).await?,
                Err(error) => return Err(error.into()),
            }
        }
        let mut member = known.ok_or(MemberError::Duplicate { field: "line_uid" })?;
        tracing::Span::current().record("member.id", member.id().get());
        let before = member.clone();
        let state_changed = member.line_event(profile, now, change);
        if let Some(at) = interaction {
            member.interacted(at);
        }
        if member != before {
            tx.members().update(&member).await?;
        }
        let change = member
            .line()
            .and_then(|link| link.friend_change(before.line()));
        note_friend_in(tx, member.id(), change).await?;
        Ok(LineContact {
            member,
            created: false,
            state_changed,
        })
    }
}

/// Writes down a friend won or lost, and counts it.
async fn note_friend_in(
    tx: &mut dyn MembersTx,
    id: MemberId,
    change: Option<FriendChange>,
) -> Result<(), StoreError> {
    let Some(change) = change else {
        return Ok(());
    };
    tx.members().note_friend(id, change).await?;
    let figure = if change.follows {
        Figure::Follows
    } else {
        Figure::Blocks
    };
    tx.figures().add(figure, 0, change.at, 1);
    Ok(())
}
