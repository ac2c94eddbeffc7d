use super::push::{Addressee, InHand, failure, is_transient, may_be_carried_out};
use super::template::Said;
use super::{Talking, TalkingError};
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{
    Actor, AuditEntry, FieldError, GatewayError, MemberId, MessageId, Problems, StoreError,
    TemplateId,
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
    /// The words, or a picture's address; empty for a template.
    pub content: String,
    /// Which of the three.
    pub message_type: MessageType,
    /// The template; none for anything else.
    pub template_id: Option<TemplateId>,
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
    /// `Invalid` (unknown member and template included), `NoLine`, `Blocked`, `Stopped`, `Render`,
    /// `Encode`: nothing was stored. `Line`: the message is stored as failed. Those of the store: if LINE took it already, the job finds
    /// out.
    #[instrument(name = "talking.send", skip_all, fields(?actor, member.id = %command.member_id))]
    pub async fn send(&self, actor: &Actor, command: SendMessage) -> Result<Talked, TalkingError> {
        let now = self.clock.now();
        let mut problems = Problems::default();
        let wanted = wanted(&command, &mut problems);
        if let Some(at) = command.scheduled_at {
            problems.keep("scheduled_at", check_schedule(at, now));
        }
        let (Some(wanted), true) = (wanted, problems.is_empty()) else {
            let fields = problems.into_result().err().unwrap_or_default();
            return Err(TalkingError::Invalid(fields));
        };
        if self.brake.is_on().await? {
            return Err(TalkingError::Stopped);
        }
        let said = self.looked_up(wanted).await?;
        let in_hand = self.store_pending(actor, &command, &said).await?;
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
        said: &Said,
    ) -> Result<InHand, TalkingError> {
        let mut tx = self.store.begin().await?;
        let member = command.member_id;
        let to = match Self::addressee(&mut *tx, member).await? {
            Some(Ok(to)) => to,
            Some(Err(FailReason::NoLine)) => return Err(TalkingError::NoLine),
            Some(Err(_)) => return Err(TalkingError::Blocked),
            None => return Err(unknown_member()),
        };
        self.check(said, &to, member)?;
        let content = said.shown(&to.person);
        let (now, retry_key) = (self.clock.now(), self.ids.uuid());
        let mut new = NewMessage::by_hand(
            member,
            content.clone(),
            actor.user_id(),
            retry_key,
            command.scheduled_at,
            now,
        );
        if let Some((template, frozen)) = said.frozen()? {
            new = new.made_of(template, frozen);
        }
        let named = [("content".to_owned(), content.body())];
        let missing = tx.pictures().keep_all(&named, now).await?;
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
        let messages = self.outgoing(said, &to, (member, id))?;
        tx.commit().await?;
        Ok(InHand {
            id,
            line_uid: to.line_uid,
            messages,
            retry_key,
        })
    }

    async fn looked_up(&self, wanted: Wanted) -> Result<Said, TalkingError> {
        match wanted {
            Wanted::Typed(content) => Ok(Said::Typed(content)),
            Wanted::Template(id) => match self.composing.content(id).await? {
                Some(content) => Ok(Said::Made { id, content }),
                None => {
                    let unknown = FieldError::new("template_id", "does not exist");
                    Err(TalkingError::Invalid(vec![unknown]))
                }
            },
        }
    }

    /// Whether the template can be a message for this guest, as far as can be told without
    /// LINE. Words and pictures were checked when they were read.
    fn check(&self, said: &Said, to: &Addressee, member: MemberId) -> Result<(), TalkingError> {
        if let Said::Made { .. } = said {
            // Links are equally long whatever the message's number, but for a few digits.
            let any = MessageId::new(i64::MAX);
            let messages = self.outgoing(said, to, (member, any))?;
            self.line.encode(&messages)?;
        }
        Ok(())
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

/// What staff want to say.
enum Wanted {
    Typed(MessageContent),
    Template(TemplateId),
}

fn wanted(command: &SendMessage, problems: &mut Problems) -> Option<Wanted> {
    if command.message_type == MessageType::Template {
        let is_alone = command.content.trim().is_empty();
        problems.check(is_alone, "content", "a template has its own words");
        let id = command.template_id.ok_or("must say which template");
        return problems.keep("template_id", id).map(Wanted::Template);
    }
    let is_alone = command.template_id.is_none();
    problems.check(is_alone, "template_id", "is for messages of type template");
    let typed = MessageContent::typed(command.message_type, &command.content);
    problems.keep("content", typed).map(Wanted::Typed)
}

fn unknown_member() -> TalkingError {
    TalkingError::Invalid(vec![FieldError::new("member_id", "does not exist")])
}
