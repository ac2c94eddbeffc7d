use super::plan::of_rules;
use super::{Answer, Answering, Cause, FinishReply, NewReply, Reply, ReplyEnd};
use crate::talking::picture;
use crate::{Composing, CrmTx, InboundError, WireMessages};
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{InboundEventId, StoreError};
use crm_members::Member;
use crm_messages::{FailReason, MessageContent, MessageType, NewMessage, Settlement, settle_in};
use crm_templates::{OutgoingMessage, Person, TemplateContent, VariableText};
use uuid::Uuid;

/// How long LINE takes a reply token, less what the call itself may need.
const TOKEN_LASTS: TimeDelta = TimeDelta::seconds(55);
/// LINE takes no token of an event that is older, whenever it was delivered.
const EVENT_LASTS: TimeDelta = TimeDelta::minutes(20);
/// When somebody else sees an answer through that its process did not.
const TAKE_OVER: TimeDelta = TimeDelta::seconds(30);
/// How long the process that wrote an answer down decides on it: what it comes to later is left
/// to whoever takes over.
const OURS: TimeDelta = TimeDelta::seconds(25);

/// What is being answered.
pub(crate) struct Asked<'a> {
    /// The event.
    pub(crate) event: InboundEventId,
    /// Its reply token.
    pub(crate) token: Option<&'a str>,
    /// When it happened.
    pub(crate) at: DateTime<Utc>,
    /// When LINE delivered it.
    pub(crate) received_at: DateTime<Utc>,
}

/// What came of writing an answer down.
pub(crate) enum Written {
    /// To be said now, by whoever wrote it until this moment.
    ToSay(Box<Reply>, DateTime<Utc>),
    /// It cannot be said, and is written down as such.
    Failed,
}

impl Answering {
    /// Writes an answer down in the unit of work of the event it answers: the conversation's
    /// rows, the rule's counts and a job that sees it through, should this process die.
    pub(crate) async fn write_in(
        &self,
        tx: &mut dyn CrmTx,
        asked: &Asked<'_>,
        member: &Member,
        answer: Answer,
    ) -> Result<Written, InboundError> {
        let now = self.clock.now();
        let allow_push = answer.allow_push;
        let (rule, keyword) = match answer.cause {
            Cause::Rule(rule, keyword) => (Some(rule), keyword),
            Cause::Tap => (None, None),
        };
        let retry_key = self.ids.uuid();
        let said = self.say_to(member, answer, retry_key, now)?;
        let mut messages = Vec::with_capacity(said.len());
        let mut outgoing = Vec::with_capacity(said.len());
        let mut is_renderable = true;
        for part in said {
            let id = tx.messages().insert(&part.row).await?;
            messages.push(id);
            match part.words {
                Words::Ready(message) => outgoing.push(message),
                // Its links lead back to the row, whose number is known only now.
                Words::Template(content) => {
                    let person = Composing::person_of(member);
                    let made = self.composing.compose(&content, &person, member.id(), id);
                    match made {
                        Ok(made) => outgoing.extend(made),
                        Err(error) => {
                            tracing::warn!(%error, "an answer's template cannot be rendered");
                            is_renderable = false;
                        }
                    }
                }
            }
        }
        let encoded = self.line.encode(&outgoing);
        if let Err(error) = &encoded {
            tracing::warn!(%error, "an answer cannot be said");
        }
        let is_sayable = is_renderable && encoded.is_ok() && !outgoing.is_empty();
        let token_until = asked.token.map(|_| {
            let of_event = asked.at.checked_add_signed(EVENT_LASTS);
            let of_delivery = asked.received_at + TOKEN_LASTS;
            of_event.map_or(of_delivery, |end| end.min(of_delivery))
        });
        let is_free = token_until.is_some_and(|until| now < until);
        let new = NewReply {
            event: asked.event,
            member: member.id(),
            rule,
            keyword,
            token: asked.token.map(str::to_owned),
            token_until,
            allow_push,
            retry_key,
            words: encoded.unwrap_or(WireMessages(Vec::new())),
            messages,
            // Whoever finds it pending later does not know whether LINE was asked.
            in_doubt: is_free && is_sayable,
            at: asked.received_at,
        };
        let id = tx.replies().insert(&new).await?;
        if let Some(rule) = rule {
            self.rules
                .fired_in(tx, rule, keyword, new.at)
                .await
                .map_err(of_rules)?;
        }
        if !is_sayable {
            let end = ReplyEnd::Failed(FailReason::LineRejected);
            tx.replies().settle(id, end, now).await?;
            let why = Settlement::failed(FailReason::LineRejected, "LINE would not take it");
            for message in &new.messages {
                settle_in(tx, *message, &why, now).await?;
            }
            return Ok(Written::Failed);
        }
        let job = FinishReply { reply_id: id };
        tx.outbox().enqueue(&job, now + TAKE_OVER).await?;
        let reply = Reply {
            id,
            record: NewReply {
                // This process knows that it has not asked yet.
                in_doubt: false,
                ..new
            },
            pushed_at: None,
        };
        Ok(Written::ToSay(Box::new(reply), now + OURS))
    }

    /// An answer's parts in their order: texts, a picture, a template.
    fn say_to(
        &self,
        member: &Member,
        answer: Answer,
        retry_key: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Vec<Part>, StoreError> {
        let person = Composing::person_of(member);
        let row =
            |content, template| NewMessage::by_rule(member.id(), content, template, retry_key, now);
        let mut parts = Vec::new();
        for text in &answer.texts {
            let text = filled(text, &person);
            parts.push(Part {
                row: row(MessageContent::said(&text), None),
                words: Words::Ready(OutgoingMessage::Text { text }),
            });
        }
        if let Some(address) = answer.image {
            let content = MessageContent::from_stored(MessageType::Image, address.clone());
            parts.push(Part {
                row: row(content, None),
                words: Words::Ready(picture(&address, &self.public_base_url)),
            });
        }
        if let Some((id, content)) = answer.template {
            let shown = content
                .notification_text
                .as_deref()
                .or(content.content.as_deref());
            let shown = MessageContent::from_stored(
                MessageType::Template,
                shown.unwrap_or_default().to_owned(),
            );
            parts.push(Part {
                row: row(shown, Some(id)).made_of(id, Composing::frozen(&content)?),
                words: Words::Template(Box::new(content)),
            });
        }
        Ok(parts)
    }
}

/// A part of an answer: its row in the conversation, and what LINE is to say.
struct Part {
    row: NewMessage,
    words: Words,
}

enum Words {
    Ready(OutgoingMessage),
    Template(Box<TemplateContent>),
}

/// A rule's text for one guest. One that cannot be read as a text with variables is said as it
/// stands: an answer with a brace too many is better than none.
fn filled(text: &str, person: &Person) -> String {
    VariableText::parse(text).map_or_else(|_| text.to_owned(), |text| text.fill(person))
}
