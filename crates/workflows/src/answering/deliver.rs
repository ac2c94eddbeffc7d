use super::plan::of_rules;
use super::{Answering, FinishReply, Reply, ReplyEnd, ReplyWay};
use crate::{Delivery, Hold, SendKind};
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{GatewayError, StoreError};
use crm_members::LineState;
use crm_messages::{FailReason, Settlement, settle_in};
use std::time::Duration;
use tracing::instrument;

/// Tries of a reply in one go, while its token lasts.
const TRIES: u32 = 3;
/// Longest time spent on them: the guest's next event waits.
const PATIENCE: TimeDelta = TimeDelta::seconds(10);
/// When a job looks at an answer again that had no clear end.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// How long after the guest wrote an answer is still worth a push.
const WORTH_A_PUSH: TimeDelta = TimeDelta::hours(1);

/// Whom an answer is pushed to.
enum Push {
    To(String),
    /// It is no longer pending.
    Ended,
    /// The guest cannot be reached any more.
    Nobody,
}

/// How the free way ended.
enum Free {
    End(ReplyEnd),
    /// The token is gone, and nothing was said by it.
    Closed,
    /// No clear answer yet.
    Open,
}

impl Answering {
    /// Sees an answer through that was left in the middle. Safe to repeat.
    ///
    /// # Errors
    /// Those of the store.
    #[instrument(name = "answering.finish", skip_all, fields(reply.id = %job.reply_id))]
    pub async fn finish(&self, job: &FinishReply, hold: &dyn Hold) -> Result<Delivery, StoreError> {
        let mut tx = self.store.begin().await?;
        let Some(reply) = tx.replies().find_pending(job.reply_id).await? else {
            return Ok(Delivery::Done);
        };
        // What this try comes to is not known to whoever looks next, should it end in the middle.
        tx.replies().begin_try(reply.id).await?;
        tx.commit().await?;
        if !hold.is_valid() {
            return Ok(Delivery::Lost);
        }
        self.say(reply, None).await
    }

    /// Says an answer and writes down what came of it; `Again` = a job will look at it. After
    /// `until` somebody else may be at it, and nothing is decided here but that LINE took it.
    async fn say(
        &self,
        mut reply: Reply,
        until: Option<DateTime<Utc>>,
    ) -> Result<Delivery, StoreError> {
        let is_ours = || until.is_none_or(|until| self.clock.now() < until);
        if !is_ours() {
            return Ok(Delivery::Again(LOOK_AGAIN));
        }
        if reply.pushed_at.is_none() {
            match self.by_token(&mut reply).await {
                Free::End(end @ ReplyEnd::Sent(_)) => return self.end(&reply, end).await,
                _ if !is_ours() => return Ok(Delivery::Again(LOOK_AGAIN)),
                Free::End(end) => return self.end(&reply, end).await,
                Free::Open => return self.look_again(&reply).await,
                Free::Closed => {}
            }
        }
        let is_worth_it = self.clock.now() - reply.record.at < WORTH_A_PUSH;
        if reply.pushed_at.is_none() && !(reply.record.allow_push && is_worth_it) {
            let end = ReplyEnd::Failed(FailReason::ReplyTokenExpired);
            return self.end(&reply, end).await;
        }
        // An answer to a guest still goes while all sending is stopped, but not one that costs.
        if self.brake.is_on().await? {
            let reason = match reply.pushed_at {
                Some(_) => FailReason::LineUnavailable,
                None => FailReason::Stopped,
            };
            return self.end(&reply, ReplyEnd::Failed(reason)).await;
        }
        self.by_push(&reply).await
    }

    /// Says an answer that was just written down. Whoever is so late that its job may have taken
    /// over leaves it to the job.
    pub(crate) async fn say_at_once(&self, reply: Reply, until: DateTime<Utc>) {
        if let Err(error) = self.say(reply, Some(until)).await {
            tracing::warn!(%error, "an answer is left to its job");
        }
    }

    async fn by_token(&self, reply: &mut Reply) -> Free {
        let failed = |reply: &Reply, reason| {
            let reason = if reply.record.in_doubt {
                FailReason::LineUnavailable
            } else {
                reason
            };
            Free::End(ReplyEnd::Failed(reason))
        };
        let (token, until) = match (&reply.record.token, reply.record.token_until) {
            (Some(token), Some(until)) => (token.clone(), until),
            _ => return Free::Closed,
        };
        let since = self.clock.now();
        for attempt in 1..=TRIES {
            let now = self.clock.now();
            if now >= until {
                return closed(reply);
            }
            if attempt > 1 && now - since >= PATIENCE {
                break;
            }
            match self.line.reply(&token, &reply.record.words).await {
                Ok(_) => return Free::End(ReplyEnd::Sent(ReplyWay::Reply)),
                Err(GatewayError::NotFound) => return closed(reply),
                Err(GatewayError::Rejected { message, .. }) => {
                    tracing::warn!(reply.id = %reply.id, "LINE rejects an answer: {message}");
                    return failed(reply, FailReason::LineRejected);
                }
                Err(GatewayError::Unauthorized) => return failed(reply, FailReason::Token),
                Err(GatewayError::QuotaExhausted) => return failed(reply, FailReason::Quota),
                Err(GatewayError::Unavailable { reason }) => {
                    tracing::warn!(reply.id = %reply.id, "LINE gave no clear answer: {reason}");
                    reply.record.in_doubt = true;
                }
                Err(GatewayError::RateLimited { .. }) => {}
            }
            self.pause.pause(Duration::from_millis(300) * attempt).await;
        }
        Free::Open
    }

    async fn by_push(&self, reply: &Reply) -> Result<Delivery, StoreError> {
        let line_uid = match self.begin_push(reply).await? {
            Push::To(line_uid) => line_uid,
            // Somebody else has ended it meanwhile.
            Push::Ended => return Ok(Delivery::Done),
            Push::Nobody => {
                let reason = match reply.pushed_at {
                    Some(_) => FailReason::LineUnavailable,
                    None => FailReason::Blocked,
                };
                return self.end(reply, ReplyEnd::Failed(reason)).await;
            }
        };
        let record = &reply.record;
        self.pace.ahead(SendKind::Push).await;
        let pushed = self
            .line
            .push(&line_uid, &record.words, record.retry_key, None)
            .await;
        let since = reply.pushed_at.unwrap_or_else(|| self.clock.now());
        let may_go_on = self.clock.now() - since < WORTH_A_PUSH;
        let end = match pushed {
            Ok(_) => ReplyEnd::Sent(ReplyWay::Push),
            // The key makes a repetition safe, whatever became of this try.
            Err(GatewayError::Unavailable { .. }) if may_go_on => {
                return Ok(Delivery::Again(LOOK_AGAIN));
            }
            Err(GatewayError::RateLimited { retry_after }) if may_go_on => {
                self.pace.slow_down(SendKind::Push, retry_after).await;
                return Ok(Delivery::Again(retry_after.unwrap_or(LOOK_AGAIN)));
            }
            Err(GatewayError::Unavailable { .. }) => ReplyEnd::Failed(FailReason::LineUnavailable),
            Err(GatewayError::RateLimited { .. }) => ReplyEnd::Failed(FailReason::RateLimited),
            Err(GatewayError::QuotaExhausted) => ReplyEnd::Failed(FailReason::Quota),
            Err(GatewayError::Unauthorized) => ReplyEnd::Failed(FailReason::Token),
            Err(GatewayError::Rejected { .. } | GatewayError::NotFound) => {
                ReplyEnd::Failed(FailReason::LineRejected)
            }
        };
        self.end(reply, end).await
    }

    /// On record before LINE is asked.
    async fn begin_push(&self, reply: &Reply) -> Result<Push, StoreError> {
        let mut tx = self.store.begin().await?;
        // Whose it is may have changed since: two members may have become one.
        let member = match tx.replies().find_pending(reply.id).await? {
            Some(pending) => pending.record.member,
            None => return Ok(Push::Ended),
        };
        let member = tx.members().find(member).await?;
        let line_uid = member.as_ref().and_then(|member| {
            let line = member.line()?;
            (line.state == LineState::Following).then(|| line.uid.as_str().to_owned())
        });
        let Some(line_uid) = line_uid else {
            return Ok(Push::Nobody);
        };
        if !tx.replies().begin_push(reply.id, self.clock.now()).await? {
            return Ok(Push::Ended);
        }
        tx.commit().await?;
        Ok(Push::To(line_uid))
    }

    async fn look_again(&self, reply: &Reply) -> Result<Delivery, StoreError> {
        if !reply.record.in_doubt {
            let mut tx = self.store.begin().await?;
            tx.replies().was_not_carried_out(reply.id).await?;
            tx.commit().await?;
        }
        Ok(Delivery::Again(LOOK_AGAIN))
    }

    /// Writes down how an answer ended, if nobody has: on it, on the conversation's rows and on
    /// the rule, at once.
    async fn end(&self, reply: &Reply, end: ReplyEnd) -> Result<Delivery, StoreError> {
        let now = self.clock.now();
        let how = settlement(end, now);
        let mut tx = self.store.begin().await?;
        // As everywhere, the member is locked before their messages.
        tx.members().find(reply.record.member).await?;
        if !tx.replies().settle(reply.id, end, now).await? {
            return Ok(Delivery::Done);
        }
        for message in &reply.record.messages {
            settle_in(&mut *tx, *message, &how, now).await?;
        }
        if let (ReplyEnd::Sent(_), Some(rule)) = (end, reply.record.rule) {
            let counted = self
                .rules
                .succeeded_in(&mut *tx, rule, reply.record.at)
                .await;
            counted.map_err(of_rules)?;
        }
        tx.commit().await?;
        Ok(Delivery::Done)
    }
}

/// The token is gone: used by an earlier try of which nothing is known, or too old.
fn closed(reply: &Reply) -> Free {
    if reply.record.in_doubt {
        Free::End(ReplyEnd::Failed(FailReason::LineUnavailable))
    } else {
        Free::Closed
    }
}

fn settlement(end: ReplyEnd, at: DateTime<Utc>) -> Settlement {
    match end {
        ReplyEnd::Sent(_) => Settlement::Sent { at },
        ReplyEnd::Failed(reason) => Settlement::failed(
            reason,
            match reason {
                FailReason::ReplyTokenExpired => "the reply token expired before it was answered",
                FailReason::Stopped => "all sending is stopped",
                FailReason::LineUnavailable => "LINE gave no clear answer",
                FailReason::RateLimited => "LINE asked to slow down",
                FailReason::Quota => "the monthly quota is used up",
                FailReason::Token => "LINE refuses our credentials",
                FailReason::Blocked => "the member has blocked the account",
                FailReason::LineRejected
                | FailReason::RenderError
                | FailReason::NoLine
                | FailReason::TooLate => "LINE would not take it",
            },
        ),
    }
}
