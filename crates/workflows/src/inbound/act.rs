use super::take::{Next, Taken};
use super::{Inbound, InboundError, What};
use crate::answering::{Answer, Asked, Written};
use crate::sending::read_postback;
use crate::{CrmTx, Reply, Tap};
use chrono::{DateTime, Utc};
use crm_kernel::StoreError;
use crm_members::{LineFollow, LineProfile, LineSeen, LineState, LineUid, Member};
use crm_messages::ReceivedMessage;
use crm_tags::TriggerSource;

/// What is left to do when an event's effects are committed.
pub(super) struct Done {
    /// An answer to be said.
    pub(super) to_say: Option<Box<Reply>>,
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
            // Taken over by somebody else, who goes on with it.
            return Ok(Done {
                to_say: None,
                next: Next::Nothing,
            });
        }
        let to_say = match prepared {
            Some(prepared) => self.effects_in(&mut *tx, taken, prepared, now).await?,
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
            What::Follow { .. } | What::Message { .. } | What::Postback { .. } => {
                self.profile(&uid).await?
            }
            _ => None,
        };
        let answer = self.answering.by_rules(event).await?;
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
        now: DateTime<Utc>,
    ) -> Result<Option<Box<Reply>>, InboundError> {
        let Prepared {
            uid,
            profile,
            mut answer,
        } = prepared;
        let event = &taken.event;
        let at = event.at;
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
                    // Without a usable time it would stand before everything ever said.
                    at: if at == DateTime::UNIX_EPOCH { now } else { at },
                    incoming: sent.incoming(text.as_deref()),
                };
                let is_new = self.messages.receive_in(tx, message).await?.is_some();
                if let (false, Some(uid), Some(id)) = (is_new, &event.line_uid, id) {
                    // Known already, or taken back before it came: the event is not to say it.
                    tx.inbound().forget_message(uid, id).await?;
                }
                self.opened_in(tx, &member, at).await?;
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
                self.opened_in(tx, &member, at).await?;
                (member, answer)
            }
            What::Unsend { message_id } => {
                if let Some(message) = message_id.as_deref() {
                    self.take_back_in(tx, uid, message, at).await?;
                }
                return Ok(None);
            }
            What::Other { .. } => return Ok(None),
        };
        let Some(answer) = answer else {
            return Ok(None);
        };
        let asked = Asked {
            event: taken.id,
            token: event.reply_token.as_deref(),
            at,
            received_at: taken.received_at,
        };
        let written = self.answering.write_in(tx, &asked, &member, answer).await?;
        Ok(match written {
            Written::ToSay(reply) => Some(reply),
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
        let seen = LineSeen {
            uid,
            at,
            profile: None,
        };
        let member = self.members.seen_in(tx, seen).await?.member;
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
