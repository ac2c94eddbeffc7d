use super::push::{InHand, failure, is_transient, may_be_carried_out};
use super::{Talking, TalkingError};
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{
    Actor, AuditEntry, FieldError, GatewayError, MemberId, MessageId, Problems, StoreError,
};
use crm_messages::{
    ConversationChange, DeliverMessage, FailReason, MessageContent, MessageType, NewMessage,
    Settlement, check_schedule, conversation_updated,
};
use std::time::Duration;
use tracing::instrument;

/// Tries while somebody waits for the answer.
const TRIES: u32 = 3;
/// No further try is begun after this long.
const PATIENCE: TimeDelta = TimeDelta::seconds(8);
/// Longest wait between two of them.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// When the job takes over from a process that died.
const TAKE_OVER: TimeDelta = TimeDelta::minutes(2);

/// A message as staff type it in.
#[derive(Clone, Debug)]
pub struct SendMessage {
    /// To whom.
    pub member_id: MemberId,
    /// The words, or a picture's address.
    pub content: String,
    /// Which of the two.
    pub message_type: MessageType,
    /// When; none = now.
    pub scheduled_at: Option<DateTime<Utc>>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Talked {
    /// LINE took it.
    Sent(MessageId),
    /// It will be sent at its time.
    Scheduled(MessageId),
}

impl Talking {
    /// Sends a message to one guest, or plans it.
    ///
    /// # Errors
    /// `Invalid` (unknown member included), `NoLine`, `Blocked`, `Stopped`: nothing was stored. `Line`: the
    /// message is stored as failed. Those of the store: if LINE took it already, the job finds
    /// out.
    #[instrument(name = "talking.send", skip_all, fields(?actor, member.id = %command.member_id))]
    pub async fn send(&self, actor: &Actor, command: SendMessage) -> Result<Talked, TalkingError> {
        let now = self.clock.now();
        let mut problems = Problems::default();
        let typed = MessageContent::typed(command.message_type, &command.content);
        let field = match command.message_type {
            MessageType::Template => "message_type",
            MessageType::Text | MessageType::Image => "content",
        };
        let content = problems.keep(field, typed);
        if let Some(at) = command.scheduled_at {
            problems.keep("scheduled_at", check_schedule(at, now));
        }
        let (Some(content), true) = (content, problems.is_empty()) else {
            let fields = problems.into_result().err().unwrap_or_default();
            return Err(TalkingError::Invalid(fields));
        };
        if self.brake.is_on().await? {
            return Err(TalkingError::Stopped);
        }
        let in_hand = self.store_pending(actor, &command, content).await?;
        if command.scheduled_at.is_some() {
            return Ok(Talked::Scheduled(in_hand.id));
        }
        match self.push_patiently(&in_hand, now).await {
            Ok(()) => {
                let at = self.clock.now();
                self.settle(in_hand.id, &Settlement::Sent { at }).await?;
                Ok(Talked::Sent(in_hand.id))
            }
            Err(source) => {
                let in_doubt = may_be_carried_out(&source);
                self.settle(in_hand.id, &failure(&source, in_doubt)).await?;
                let message_id = in_hand.id;
                Err(TalkingError::Line { message_id, source })
            }
        }
    }

    async fn store_pending(
        &self,
        actor: &Actor,
        command: &SendMessage,
        content: MessageContent,
    ) -> Result<InHand, TalkingError> {
        let mut tx = self.store.begin().await?;
        let line_uid = match Self::addressee(&mut *tx, command.member_id).await? {
            Some(Ok(line_uid)) => line_uid,
            Some(Err(FailReason::NoLine)) => return Err(TalkingError::NoLine),
            Some(Err(_)) => return Err(TalkingError::Blocked),
            None => return Err(unknown_member()),
        };
        let (now, retry_key) = (self.clock.now(), self.ids.uuid());
        let new = NewMessage::by_hand(
            command.member_id,
            content.clone(),
            actor.user_id(),
            retry_key,
            command.scheduled_at,
            now,
        );
        let said = [("content".to_owned(), content.body())];
        let missing = tx.pictures().keep_all(&said, now).await?;
        if content.kind() == MessageType::Image && !missing.is_empty() {
            return Err(TalkingError::Invalid(missing));
        }
        let id = match tx.messages().insert(&new).await {
            Err(StoreError::Reference) => return Err(unknown_member()),
            other => other?,
        };
        let (action, run_at) = match command.scheduled_at {
            Some(at) => ("message.scheduled", at),
            None => ("message.requested", now + TAKE_OVER),
        };
        let entry = AuditEntry::new(actor, now, action, "message", id.get())
            .with("member_id", command.member_id.get())
            .with("message_type", content.kind().as_str());
        tx.audit().record(entry).await?;
        let job = DeliverMessage { message_id: id };
        tx.outbox().enqueue(&job, run_at).await?;
        if command.scheduled_at.is_some() {
            let change = ConversationChange::Planned;
            tx.live()
                .announce(conversation_updated(command.member_id, change, now));
        }
        tx.commit().await?;
        Ok(InHand {
            id,
            line_uid,
            content,
            retry_key,
        })
    }

    /// A few tries under one key, as long as somebody may be expected to wait. Once a try had
    /// no clear answer, that is the answer, whatever the later ones were refused for.
    async fn push_patiently(
        &self,
        in_hand: &InHand,
        since: DateTime<Utc>,
    ) -> Result<(), GatewayError> {
        let (mut tries, mut unclear) = (1, None);
        loop {
            let Err(error) = self.push(in_hand).await else {
                return Ok(());
            };
            let waited = self.clock.now() - since;
            if tries >= TRIES || waited >= PATIENCE || !is_transient(&error) {
                return Err(unclear.unwrap_or(error));
            }
            let wait = match &error {
                GatewayError::RateLimited {
                    retry_after: Some(wait),
                } => (*wait).min(LONGEST_WAIT),
                _ => Duration::from_millis(500) * tries,
            };
            self.pause.pause(wait).await;
            if self.brake.is_on().await.unwrap_or(true) {
                return Err(unclear.unwrap_or(error));
            }
            if may_be_carried_out(&error) {
                unclear = Some(error);
            }
            tries += 1;
        }
    }
}

fn unknown_member() -> TalkingError {
    TalkingError::Invalid(vec![FieldError::new("member_id", "does not exist")])
}
