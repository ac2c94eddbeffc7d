use super::{Talking, TalkingTx};
use crate::{Composing, SendKind};
use crm_kernel::{GatewayError, MemberId, MessageId, StoreError, UPLOADS};
use crm_members::LineState;
use crm_messages::{FailReason, MessageContent, MessageType, Settlement, settle_in};
use crm_templates::{OutgoingMessage, Person};
use uuid::Uuid;

/// Everything that a try needs.
pub(super) struct InHand {
    pub(super) id: MessageId,
    pub(super) line_uid: String,
    pub(super) messages: Vec<OutgoingMessage>,
    pub(super) retry_key: Uuid,
}

/// Whom a message goes to.
pub(super) struct Addressee {
    pub(super) line_uid: String,
    /// What a template may say about them.
    pub(super) person: Person,
}

impl Talking {
    /// Whom a message to this member goes to, the member locked. Declining
    /// marketing does not matter here.
    pub(super) async fn addressee(
        tx: &mut dyn TalkingTx,
        member: MemberId,
    ) -> Result<Option<Result<Addressee, FailReason>>, StoreError> {
        let Some(member) = tx.members().find(member).await? else {
            return Ok(None);
        };
        Ok(Some(match member.line() {
            None => Err(FailReason::NoLine),
            Some(line) if line.state == LineState::Blocked => Err(FailReason::Blocked),
            Some(line) => Ok(Addressee {
                line_uid: line.uid.as_str().to_owned(),
                person: Composing::person_of(&member),
            }),
        }))
    }

    /// One try, with no unit of work open.
    pub(super) async fn push(&self, in_hand: &InHand) -> Result<(), GatewayError> {
        let messages =
            self.line
                .encode(&in_hand.messages)
                .map_err(|error| GatewayError::Rejected {
                    message: error.message,
                    properties: vec![error.property],
                })?;
        // Somebody waits for this one; campaigns let it pass.
        self.pace.ahead(SendKind::Push).await;
        let pushed = self
            .line
            .push(&in_hand.line_uid, &messages, in_hand.retry_key, None)
            .await;
        if let Err(GatewayError::RateLimited { retry_after }) = &pushed {
            self.pace.slow_down(SendKind::Push, *retry_after).await;
        }
        pushed.map(|_| ())
    }

    pub(super) fn rendered(&self, content: &MessageContent) -> OutgoingMessage {
        let body = content.body();
        if content.kind() != MessageType::Image {
            return OutgoingMessage::Text {
                text: body.to_owned(),
            };
        }
        picture(body, &self.public_base_url)
    }

    /// Writes down how a message ended, if nobody has.
    pub(super) async fn settle(&self, id: MessageId, how: &Settlement) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if settle_in(&mut *tx, id, how, self.clock.now()).await? {
            tx.commit().await?;
        }
        Ok(())
    }
}

/// A picture at an address, or one of our own below `public_base_url`.
pub(crate) fn picture(address: &str, public_base_url: &str) -> OutgoingMessage {
    let own = address.strip_prefix(public_base_url).unwrap_or(address);
    let url = if own.starts_with(UPLOADS) {
        // LINE shows no webp; every upload is there as jpg too.
        let path = own
            .strip_suffix(".webp")
            .map_or_else(|| own.to_owned(), |stem| format!("{stem}.jpg"));
        format!("{public_base_url}{path}")
    } else {
        address.to_owned()
    };
    OutgoingMessage::Image {
        preview_url: url.clone(),
        url,
    }
}

/// Whether another try may end otherwise.
pub(super) const fn is_transient(error: &GatewayError) -> bool {
    matches!(
        error,
        GatewayError::Unavailable { .. }
            | GatewayError::RateLimited { .. }
            | GatewayError::NotFound
    )
}

/// Whether LINE may have taken the message in spite of this answer.
pub(super) const fn may_be_carried_out(error: &GatewayError) -> bool {
    matches!(error, GatewayError::Unavailable { .. })
}

/// How a message ends that LINE did not take, this time at least: `in_doubt` when any try may
/// have been carried out.
pub(super) fn failure(error: &GatewayError, in_doubt: bool) -> Settlement {
    let reason = match error {
        _ if in_doubt => FailReason::LineUnavailable,
        GatewayError::RateLimited { .. } => FailReason::RateLimited,
        GatewayError::QuotaExhausted => FailReason::Quota,
        GatewayError::Unauthorized => FailReason::Token,
        GatewayError::Rejected { .. } => FailReason::LineRejected,
        // A send is never "not found": something else than LINE answers.
        GatewayError::Unavailable { .. } | GatewayError::NotFound => FailReason::LineUnavailable,
    };
    Settlement::failed(reason, &error.to_string())
}
