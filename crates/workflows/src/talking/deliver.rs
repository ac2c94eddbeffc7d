use super::push::{InHand, failure, is_transient, may_be_carried_out};
use super::{Talking, TalkingError};
use crate::{Delivery, Hold, LOOK_AGAIN};
use chrono::{DateTime, TimeDelta, Utc};
use crm_campaigns::{GIVE_UP_AFTER, retry_delay};
use crm_kernel::{GatewayError, MessageId, StoreError};
use crm_messages::{
    DeliverMessage, FailReason, MessageRecord, MessageStatus, Settlement, settle_in,
};
use std::time::Duration;
use tracing::instrument;

/// How long a message without a clear answer is tried: later it is no longer wanted.
const KEEP_TRYING: TimeDelta = TimeDelta::hours(1);
/// Longest that LINE may ask to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// A message taken in hand, with what is known of the tries before.
struct Taken {
    in_hand: InHand,
    first_tried_at: DateTime<Utc>,
    /// An earlier try may have been carried out.
    in_doubt: bool,
}

impl Talking {
    /// Sends a planned message whose time has come, or sees one through that was left in the
    /// middle. Safe to repeat.
    ///
    /// While LINE is away, asks to slow down or refuses our credentials, the answer is `Again`,
    /// for an hour from the first try on; and so it is while all sending is stopped.
    ///
    /// # Errors
    /// Those of the store.
    #[instrument(name = "talking.deliver", skip_all, fields(message.id = %job.message_id))]
    pub async fn deliver(
        &self,
        job: &DeliverMessage,
        hold: &dyn Hold,
    ) -> Result<Delivery, TalkingError> {
        if self.brake.is_on().await? {
            return Ok(Delivery::Again(LOOK_AGAIN));
        }
        let Some(taken) = self.take(job).await? else {
            return Ok(Delivery::Done);
        };
        if !hold.is_valid() {
            return Ok(Delivery::Lost);
        }
        let id = taken.in_hand.id;
        let error = match self.push(&taken.in_hand).await {
            Ok(()) => {
                let at = self.clock.now();
                self.settle(id, &Settlement::Sent { at }).await?;
                return Ok(Delivery::Done);
            }
            Err(error) => error,
        };
        let in_doubt = taken.in_doubt || may_be_carried_out(&error);
        let tried_for = self.clock.now() - taken.first_tried_at;
        if tried_for < KEEP_TRYING && (is_transient(&error) || is_about_us(&error)) {
            tracing::warn!(%error, "LINE did not take a message yet");
            if !in_doubt {
                self.note_refusal(id).await?;
            }
            return Ok(Delivery::Again(wait_after(&error, tried_for)));
        }
        self.settle(id, &failure(&error, in_doubt)).await?;
        Ok(Delivery::Done)
    }

    /// Looks whether the message is still to be sent, and marks it as tried from now on: it can
    /// no longer be taken back. `None` = nothing to do (any more).
    async fn take(&self, job: &DeliverMessage) -> Result<Option<Taken>, StoreError> {
        let id = job.message_id;
        let mut tx = self.store.begin().await?;
        let Some(member) = tx.messages().member_of(id).await? else {
            return Ok(None);
        };
        let addressee = Self::addressee(&mut *tx, member).await?;
        let Some(message) = tx.messages().find(id).await? else {
            return Ok(None);
        };
        let record = message.record();
        if record.status != MessageStatus::Pending {
            return Ok(None);
        }
        if record.member_id != member {
            return Err(StoreError::Busy(
                "the message moved to another member".into(),
            ));
        }
        let now = self.clock.now();
        // LINE remembers a key from its first use on.
        let since = record.first_tried_at.unwrap_or(message.due_at());
        let is_late = now - since >= GIVE_UP_AFTER;
        let said = Self::stored(record)?;
        let end = match (addressee, record.retry_key) {
            (Some(Ok(to)), Some(retry_key)) if !is_late => {
                match self.outgoing(&said, &to, (member, id)) {
                    // Since it was planned the guest's name may have become too long for it.
                    Err(error) => never(record, FailReason::RenderError, &error.to_string()),
                    Ok(messages) => {
                        if !tx.messages().begin_try(id, now).await? {
                            return Ok(None);
                        }
                        tx.commit().await?;
                        return Ok(Some(Taken {
                            in_hand: InHand {
                                id,
                                line_uid: to.line_uid,
                                messages,
                                retry_key,
                            },
                            first_tried_at: record.first_tried_at.unwrap_or(now),
                            in_doubt: record.in_doubt,
                        }));
                    }
                }
            }
            (Some(Err(FailReason::Blocked)), _) => never(
                record,
                FailReason::Blocked,
                "the member has blocked the account",
            ),
            (None | Some(Err(_)), _) => {
                never(record, FailReason::NoLine, "the member has no LINE account")
            }
            (Some(Ok(_)), _) => never(record, FailReason::TooLate, "its time passed too long ago"),
        };
        settle_in(&mut *tx, id, &end, now).await?;
        tx.commit().await?;
        Ok(None)
    }

    async fn note_refusal(&self, id: MessageId) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        tx.messages().was_not_carried_out(id).await?;
        tx.commit().await
    }
}

/// How a message ends that is not tried (again).
fn never(record: &MessageRecord, reason: FailReason, words: &str) -> Settlement {
    if record.in_doubt {
        let words = format!("no clear answer to an earlier try; then {words}");
        return Settlement::failed(FailReason::LineUnavailable, &words);
    }
    Settlement::failed(reason, words)
}

/// Whether it is for the hotel to put right, which it may do at any moment.
const fn is_about_us(error: &GatewayError) -> bool {
    matches!(error, GatewayError::Unauthorized)
}

fn wait_after(error: &GatewayError, tried_for: TimeDelta) -> Duration {
    match error {
        GatewayError::RateLimited {
            retry_after: Some(wait),
        } => (*wait).min(LONGEST_WAIT),
        _ => retry_delay(tried_for),
    }
}
