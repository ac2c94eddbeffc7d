use super::push::{InHand, failure, is_transient};
use super::{Talking, TalkingError};
use crate::{Delivery, Hold};
use crm_campaigns::GIVE_UP_AFTER;
use crm_kernel::StoreError;
use crm_messages::{DeliverMessage, FailReason, MessageStatus, Settlement};
use tracing::instrument;

impl Talking {
    /// Sends a planned message whose time has come, or sees one through that was left in the
    /// middle; `attempt` counts the job's runs from 1. Safe to repeat.
    ///
    /// # Errors
    /// `Line` (run again) while LINE gives no clear answer and attempts are left; those of the
    /// store.
    #[instrument(name = "talking.deliver", skip_all, fields(message.id = %job.message_id, attempt))]
    pub async fn deliver(
        &self,
        job: &DeliverMessage,
        attempt: u32,
        hold: &dyn Hold,
    ) -> Result<Delivery, TalkingError> {
        let Some(in_hand) = self.take(job).await? else {
            return Ok(Delivery::Done);
        };
        if !hold.is_valid() {
            return Ok(Delivery::Lost);
        }
        let how = match self.push(&in_hand).await {
            Ok(()) => Settlement::Sent {
                at: self.clock.now(),
            },
            Err(source) if is_transient(&source) && attempt < DeliverMessage::TRIES => {
                let message_id = in_hand.id;
                return Err(TalkingError::Line { message_id, source });
            }
            Err(error) => failure(&error),
        };
        self.settle(in_hand.id, &how).await?;
        Ok(Delivery::Done)
    }

    /// Looks whether the message is still to be sent. `None` = nothing to do (any more).
    async fn take(&self, job: &DeliverMessage) -> Result<Option<InHand>, StoreError> {
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
        let is_late = self.clock.now() - message.due_at() >= GIVE_UP_AFTER;
        let end = match (addressee, record.retry_key) {
            (Some(Ok(line_uid)), Some(retry_key)) if !is_late => {
                return Ok(Some(InHand {
                    id,
                    line_uid,
                    content: record.content.clone(),
                    retry_key,
                }));
            }
            (Some(Err(FailReason::Blocked)), _) => {
                Settlement::failed(FailReason::Blocked, "the member has blocked the account")
            }
            (None | Some(Err(_)), _) => {
                Settlement::failed(FailReason::NoLine, "the member has no LINE account")
            }
            (Some(Ok(_)), _) => {
                Settlement::failed(FailReason::TooLate, "its time passed too long ago")
            }
        };
        tx.messages().settle(id, &end).await?;
        tx.commit().await?;
        Ok(None)
    }
}
