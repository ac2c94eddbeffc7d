use super::take::{Next, Taken};
use super::{Inbound, InboundError, What};
use crate::answering::{Answer, Asked, Written};
use crate::sending::read_postback;
use crate::{CrmTx, Reply, Tap};
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{DomainError, ErrorKind, StoreError};
use crm_members::{LineFollow, LineProfile, LineSeen, LineState, LineUid, Member};
use crm_messages::ReceivedMessage;
use crm_tags::TriggerSource;

/// How far LINE's clock may be ahead of ours.
const AHEAD: TimeDelta = TimeDelta::hours(1);

/// What is left to do when an event's effects are committed.
pub(super) struct Done {
    /// An answer to be said.
    pub(super) to_say: Option<(Box<Reply>, DateTime<Utc>)>,
    /// How the guest's events go on.
    pub(super) next: Next,
}

/// Everything about an event that is known before its unit of work begins.
struct Prepared {
    uid: LineUid,
    profile: Option<LineProfile>,
    answer: Option<Answer>,
}

impl Inbound {
    /// Acts upon an event in hand, once: effects, the mark that it is handled, and the hold on the
    /// guest's next event are one transaction. Events may come late, twice and out of order; their
    /// own time decides.
    pub(super) async fn act_upon(&self, taken: &Taken, go_on: bool) -> Result<Done, InboundError> {
        let prepared = self.prepare(taken).await?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if !tx.inbound().is_claimed(taken.id, taken.token).await? {
            return Ok(Done {
                to_say: None,
                next: Next::not_ours(),
            });
        }
        let to_say = match prepared {
            Some(prepared) => self.effects_in(&mut *tx, taken, prepared).await?,
            None => None,
        };
        tx.inbound().handled(taken.id, now).await?;
        let next = match taken.event.line_uid.as_deref() {
            Some(line_uid) if go_on => self.take_in(&mut *tx, line_uid).await?,
            _ => Next::TurnIsOver,
        };
        tx.commit().await?;
        Ok(Done { to_say, next })
    }

    /// Asks everybody who is to be asked before anything is held.
    async fn prepare(&self, taken: &Taken) -> Result<Option<Prepared>, InboundError> {
        let event = &taken.event;
        let uid = event.line_uid.as_deref();
        let Some(uid) = uid.and_then(|uid| LineUid::parse(uid).ok()) else {
            return Ok(None);
        };
        let profile = match &event.what {
            What::Follow { .. } | What::Message { .. } | What::Postback { .. }
                if taken.wants_profile =>
            {
                self.profiles.ask(&uid).await
            }
            _ => None,
        };
        let answer = match self.answering.by_rules(event, happened_at(taken)).await {
            Err(error) if error.kind() != ErrorKind::Unavailable => {
                // What the guest said matters more than what is wrong with a rule.
                tracing::error!(%error, event.id = %taken.id, "no rule can be asked");
                None
            }
            answer => answer?,
        };
        Ok(Some(Prepared {
            uid,
            profile,
            answer,
        }))
    }

    async fn effects_in(
        &self,
        tx: &mut dyn CrmTx,
        taken: &Taken,
        prepared: Prepared,
    ) -> Result<Option<(Box<Reply>, DateTime<Utc>)>, InboundError> {
        let Prepared {
            uid,
            profile,
            mut answer,
        } = prepared;
        let event = &taken.event;
        // Who follows is decided by LINE's own time, however odd; nothing is before all else.
        let (at, heard_at) = (event.at, happened_at(taken));
        let (member, answer) = match &event.what {
            What::Follow { .. } => {
                let follow = LineFollow { uid, at, profile };
                let member = self.members.follow_in(tx, follow).await?.member;
                // Who has left again since is not welcomed.
                let is_here = member
                    .line()
                    .is_some_and(|line| line.state == LineState::Following);
                (member, answer.filter(|_| is_here))
            }
            What::Unfollow => {
                self.members.unfollow_in(tx, uid, at).await?;
                return Ok(None);
            }
            What::Message { id, sent, text } => {
                let seen = LineSeen { uid, at, profile };
                let member = self.members.seen_in(tx, seen).await?.member;
                // The event stands for a message without an id: both stay when LINE repeats them.
                let own_id = || format!("event:{}", event.id);
                let message = ReceivedMessage {
                    member_id: member.id(),
                    line_message_id: id.clone().unwrap_or_else(own_id),
                    at: heard_at,
                    incoming: sent.incoming(text.as_deref()),
                };
                let is_new = self.messages.receive_in(tx, message).await?.is_some();
                if let (false, Some(uid), Some(id)) = (is_new, &event.line_uid, id) {
                    // It was taken back before it came, or came once more under another name:
                    // the event is not to say it.
                    tx.inbound().forget_message(uid, id).await?;
                }
                self.opened_in(tx, &member, heard_at).await?;
                (member, answer.filter(|_| is_new))
            }
            What::Postback { data } => {
                let seen = LineSeen { uid, at, profile };
                let member = self.members.seen_in(tx, seen).await?.member;
                if let Some((sent_in, item)) = read_postback(data) {
                    let tap = Tap {
                        sent_in,
                        member: member.id(),
                        item,
                        source: TriggerSource::Interaction,
                        at,
                    };
                    let tapped = self.taps.record_in(tx, &tap).await?.answer;
                    if let Some(tapped) = tapped {
                        answer = Some(self.answering.to_tap_in(tx, tapped).await?);
                    }
                }
                self.opened_in(tx, &member, heard_at).await?;
                (member, answer)
            }
            What::Unsend { message_id } => {
                if let Some(message) = message_id.as_deref() {
                    self.take_back_in(tx, uid, message, heard_at).await?;
                }
                return Ok(None);
            }
            What::Other { .. } => return Ok(None),
        };
        // In standby another system has the chat: nothing is to be said into it.
        let Some(answer) = answer.filter(|_| !event.is_standby()) else {
            return Ok(None);
        };
        let asked = Asked {
            event: taken.id,
            token: event.reply_token.as_deref(),
            at: heard_at,
            received_at: taken.received_at,
        };
        let written = self.answering.write_in(tx, &asked, &member, answer).await?;
        Ok(match written {
            Written::ToSay(reply, until) => Some((reply, until)),
            Written::Failed => None,
        })
    }

    /// A guest took back what they had sent: its words, its content and what the webhook told of
    /// it are erased. One that has not come in yet is not let in any more.
    async fn take_back_in(
        &self,
        tx: &mut dyn CrmTx,
        uid: LineUid,
        message: &str,
        at: DateTime<Utc>,
    ) -> Result<(), InboundError> {
        tx.inbound().forget_message(uid.as_str(), message).await?;
        let Some(member) = tx.members().find_by_line_uid(&uid).await? else {
            // Nobody we know: nothing of theirs is here.
            return Ok(());
        };
        let taken = self
            .messages
            .unsend_in(tx, member.id(), message, at)
            .await?;
        if let Some(id) = taken {
            self.messages.forget_media_in(tx, id).await?;
        }
        Ok(())
    }

    /// A guest who writes or taps has seen the latest campaign they got, if it is not long ago.
    /// It is inferred: LINE tells of nobody what they opened.
    async fn opened_in(
        &self,
        tx: &mut dyn CrmTx,
        member: &Member,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let since = at - self.rules.open_window;
        tx.recipients().seen_by(member.id(), since, at).await
    }
}

/// When an event happened, as far as it can be believed: one without a time, or from the future,
/// happened when it was delivered.
fn happened_at(taken: &Taken) -> DateTime<Utc> {
    let at = taken.event.at;
    if at == DateTime::UNIX_EPOCH || at > taken.received_at + AHEAD {
        taken.received_at
    } else {
        at
    }
}
