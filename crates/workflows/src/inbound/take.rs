use super::{EventClaim, Inbound, InboundError, InboundEvent};
use crate::CrmTx;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{DomainError, ErrorKind, InboundEventId, StoreError};
use crm_members::{LineUid, Member};
use std::time::Duration;
use uuid::Uuid;

/// How long an event stays in the hand that took it: longer than LINE may need for a profile and
/// an answer. Whoever died with it in hand costs its guest this much.
const CLAIM: TimeDelta = TimeDelta::seconds(30);
/// Attempts of an event before it is declared dead.
const MOST_ATTEMPTS: u32 = 8;
/// Longest pause between two attempts.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);
/// Pause after an attempt that was nobody's fault.
const SHORT_PAUSE: TimeDelta = TimeDelta::seconds(1);

/// An event in hand.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) id: InboundEventId,
    pub(super) event: InboundEvent,
    pub(super) received_at: DateTime<Utc>,
    /// Which attempt this is, from 1.
    attempt: u32,
    pub(super) token: Uuid,
    /// Whether the guest's profile is to be asked for.
    pub(super) wants_profile: bool,
}

/// How a guest's events go on.
pub(super) enum Next {
    /// Nothing waits.
    Nothing,
    /// This one is ours.
    Taken(Box<Taken>),
    /// Somebody has the next one in hand, or its time has not come.
    Later(Duration),
    /// Others are to have their turn.
    TurnIsOver,
}

impl Next {
    /// The event is in another hand, or it is handled and its commit was only not heard of: then
    /// the guest's next one may be claimed by nobody who knows.
    pub(super) fn not_ours() -> Self {
        Self::Later(CLAIM.to_std().unwrap_or_default())
    }
}

impl Inbound {
    /// Takes the first of a guest's events that wait in hand. One that cannot be read, or that
    /// took its process along every time, is given up on the way.
    pub(super) async fn take_in(
        &self,
        tx: &mut dyn CrmTx,
        line_uid: &str,
    ) -> Result<Next, StoreError> {
        let now = self.clock.now();
        while let Some(waiting) = tx.inbound().first_waiting(line_uid).await? {
            let busy_until = [waiting.claimed_until, waiting.next_try_at];
            if let Some(until) = busy_until.into_iter().flatten().max()
                && until > now
            {
                return Ok(Next::Later((until - now).to_std().unwrap_or_default()));
            }
            let Some(event) = waiting.event else {
                give_up(tx, waiting.id, "the stored event cannot be read").await?;
                continue;
            };
            if waiting.attempts >= MOST_ATTEMPTS {
                give_up(tx, waiting.id, "no attempt came to an end").await?;
                continue;
            }
            let claim = EventClaim {
                token: self.ids.uuid(),
                until: now + CLAIM,
            };
            tx.inbound().claim(waiting.id, claim).await?;
            let wants_profile = self.wants_profile_in(tx, line_uid, now).await?;
            return Ok(Next::Taken(Box::new(Taken {
                id: waiting.id,
                event,
                received_at: waiting.received_at,
                attempt: waiting.attempts + 1,
                token: claim.token,
                wants_profile,
            })));
        }
        Ok(Next::Nothing)
    }

    /// Whether the guest's profile is missing or old.
    async fn wants_profile_in(
        &self,
        tx: &mut dyn CrmTx,
        line_uid: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let Ok(uid) = LineUid::parse(line_uid) else {
            return Ok(false);
        };
        let known = tx.members().find_by_line_uid(&uid).await?;
        let link = known.as_ref().and_then(Member::line);
        Ok(link.is_none_or(|link| link.wants_profile(now)))
    }

    /// Lays an event down that could not be handled. A database that is away or busy is nobody's
    /// fault; else the attempt counts, and after the last one the event is dead and the guest's
    /// next one goes on.
    pub(super) async fn lay_down(
        &self,
        taken: &Taken,
        error: &InboundError,
    ) -> Result<Next, StoreError> {
        let reason = format!("{}: {error}", error.code());
        let counts = error.kind() != ErrorKind::Unavailable;
        tracing::warn!(%error, event.id = %taken.id, "an event could not be handled: {reason}");
        let pause = if counts {
            let doubled = TimeDelta::seconds(1 << taken.attempt.min(10));
            doubled.min(LONGEST_PAUSE)
        } else {
            SHORT_PAUSE
        };
        let mut tx = self.store.begin().await?;
        if !tx.inbound().is_claimed(taken.id, taken.token).await? {
            return Ok(Next::not_ours());
        }
        let next = if counts && taken.attempt >= MOST_ATTEMPTS {
            give_up(&mut *tx, taken.id, &reason).await?;
            // The guest's next event has its turn.
            Next::TurnIsOver
        } else {
            let until = self.clock.now() + pause;
            tx.inbound()
                .put_off(taken.id, taken.token, until, counts, &reason)
                .await?;
            Next::Later(pause.to_std().unwrap_or_default())
        };
        tx.commit().await?;
        Ok(next)
    }
}

async fn give_up(tx: &mut dyn CrmTx, id: InboundEventId, reason: &str) -> Result<(), StoreError> {
    tracing::error!(event.id = %id, "an event is given up: {reason}");
    tx.inbound().give_up(id, reason).await
}
