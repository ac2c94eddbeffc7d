use super::{HandleInboundEvent, Inbound, InboundEvent, What};
use crate::sending::read_postback;
use crate::{CrmTx, Tap};
use chrono::{DateTime, Utc};
use crm_kernel::{DomainError, ErrorKind, StoreError};
use crm_members::{LineFollow, LineProfile, LineSeen, LineUid, Member, MemberError};
use crm_messages::{MessageError, ReceivedMessage};
use crm_tags::{TagError, TriggerSource};
use thiserror::Error;

/// Why an event could not be handled.
#[derive(Debug, Error)]
pub enum InboundError {
    /// The member could not be written.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// The tag could not be written.
    #[error(transparent)]
    Tag(#[from] TagError),
    /// The message could not be written.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DomainError for InboundError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Member(e) => e.kind(),
            Self::Tag(e) => e.kind(),
            Self::Message(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Member(e) => e.code(),
            Self::Tag(e) => e.code(),
            Self::Message(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }
}

impl Inbound {
    /// Acts upon a stored event, once: effects and the mark that it is handled are one
    /// transaction. Events may come late, twice and out of order; their own time decides.
    ///
    /// # Errors
    /// [`InboundError`]; then nothing was changed and the job is run again.
    pub async fn handle(&self, job: &HandleInboundEvent) -> Result<(), InboundError> {
        // A first look without holding anything, since LINE is asked for the profile in between.
        let Some(event) = self.look(job).await? else {
            return Ok(());
        };
        let uid = event
            .line_uid
            .as_deref()
            .and_then(|u| LineUid::parse(u).ok());
        let profile = match (&uid, &event.what) {
            (Some(uid), What::Follow { .. } | What::Message { .. } | What::Postback { .. }) => {
                self.profile(uid).await?
            }
            _ => None,
        };
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if tx.inbound().find_waiting(job.event_id).await?.is_none() {
            return Ok(());
        }
        if let Some(uid) = uid {
            self.act(&mut *tx, &event, uid, profile, now).await?;
        }
        tx.inbound().handled(job.event_id, now).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn act(
        &self,
        tx: &mut dyn CrmTx,
        event: &InboundEvent,
        uid: LineUid,
        profile: Option<LineProfile>,
        now: DateTime<Utc>,
    ) -> Result<(), InboundError> {
        let at = event.at;
        match &event.what {
            What::Follow { .. } => {
                let follow = LineFollow { uid, at, profile };
                self.members.follow_in(tx, follow).await?;
            }
            What::Unfollow => {
                self.members.unfollow_in(tx, uid, at).await?;
            }
            What::Message { id, sent, text } => {
                let seen = LineSeen { uid, at, profile };
                let member = self.members.seen_in(tx, seen).await?.member;
                // The event stands for a message without an id: both stay when LINE repeats them.
                let own_id = || format!("event:{}", event.id);
                let message = ReceivedMessage {
                    member_id: member.id(),
                    line_message_id: id.clone().unwrap_or_else(own_id),
                    // Without a usable time it would stand before everything ever said.
                    at: if at == DateTime::UNIX_EPOCH { now } else { at },
                    incoming: sent.incoming(text.as_deref()),
                };
                self.messages.receive_in(tx, message).await?;
            }
            What::Postback { data } => {
                let seen = LineSeen { uid, at, profile };
                let member = self.members.seen_in(tx, seen).await?.member;
                if let Some((campaign, item)) = read_postback(data) {
                    let tap = Tap {
                        campaign,
                        member: member.id(),
                        item,
                        source: TriggerSource::Interaction,
                        at,
                    };
                    self.taps.record_in(tx, &tap).await?;
                }
            }
            What::Unsend { .. } | What::Other { .. } => {}
        }
        Ok(())
    }

    async fn look(&self, job: &HandleInboundEvent) -> Result<Option<InboundEvent>, StoreError> {
        let mut tx = self.store.begin().await?;
        tx.inbound().find_waiting(job.event_id).await
    }

    /// The guest's profile, when ours is missing or a week old. LINE failing is no reason to
    /// lose the event: the next one asks again.
    async fn profile(&self, uid: &LineUid) -> Result<Option<LineProfile>, StoreError> {
        let known = {
            let mut tx = self.store.begin().await?;
            tx.members().find_by_line_uid(uid).await?
        };
        let now = self.clock.now();
        let wanted = known
            .as_ref()
            .and_then(Member::line)
            .is_none_or(|link| link.wants_profile(now));
        if !wanted {
            return Ok(None);
        }
        Ok(match self.line.profile(uid.as_str()).await {
            Ok(profile) => {
                profile.map(|p| LineProfile::new(&p.display_name, p.picture_url.as_deref()))
            }
            Err(error) => {
                tracing::warn!(%error, "a profile could not be fetched");
                None
            }
        })
    }
}
