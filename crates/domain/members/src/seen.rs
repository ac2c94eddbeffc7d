use crate::{LineContact, LineLink, LineProfile, LineUid, MemberError, Members, MembersTx};
use chrono::{DateTime, Utc};
use crm_kernel::MemberId;
use tracing::instrument;

/// A guest wrote, or tapped a button that LINE tells us about.
#[derive(Clone, Debug)]
pub struct LineSeen {
    /// Who.
    pub uid: LineUid,
    /// When, as LINE tells it.
    pub at: DateTime<Utc>,
    /// Name and picture, when they were fetched anew.
    pub profile: Option<LineProfile>,
}

impl Members {
    /// Notes that a guest wrote or tapped: whoever does that follows, also those who were
    /// friends before this product was, or whose follow event was lost.
    ///
    /// # Errors
    /// The store's.
    #[instrument(name = "members.seen", skip_all, fields(member.id))]
    pub async fn seen_in(
        &self,
        tx: &mut dyn MembersTx,
        seen: LineSeen,
    ) -> Result<LineContact, MemberError> {
        let LineSeen { uid, at, profile } = seen;
        let first = LineLink::following(uid, at);
        self.line_event_in(tx, first, Some(at), profile, |link| link.seen(at))
            .await
    }

    /// Notes that a member did something outside the chat, such as opening a tracked link.
    /// That says nothing of the friendship: old messages can be read by those who left.
    ///
    /// # Errors
    /// `member_not_found`, or the store's.
    #[instrument(name = "members.interacted", skip_all, fields(member.id = %id))]
    pub async fn interacted_in(
        &self,
        tx: &mut dyn MembersTx,
        id: MemberId,
        at: DateTime<Utc>,
    ) -> Result<(), MemberError> {
        let mut member = tx.members().find(id).await?.ok_or(MemberError::NotFound)?;
        if member.interacted(at) {
            tx.members().update(&member).await?;
        }
        Ok(())
    }
}
