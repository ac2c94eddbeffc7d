//! What becomes of a job after an attempt.

use crate::backoff::{after_attempt, later};
use crate::claims::Claimed;
use crate::lease::Hold;
use crate::{JobFailure, JobHandlers};
use chrono::{DateTime, Utc};
use crm_kernel::{Clock, JobId};
use std::time::Duration;
use tracing::{Instrument, debug, error, info_span, warn};

/// Nothing comes back sooner than this, or a handler that says "now" would spin.
const SHORTEST: Duration = Duration::from_millis(100);
/// Longest error text worth storing.
const LONGEST_REASON: usize = 500;

/// What the storage is to be told of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Done,
    Retry { reason: String, at: DateTime<Utc> },
    Postpone { until: DateTime<Utc> },
    Dead { reason: String },
}

impl Verdict {
    pub(crate) fn of(
        outcome: Result<(), JobFailure>,
        attempt: u32,
        max_attempts: u32,
        now: DateTime<Utc>,
    ) -> Self {
        let soonest = later(now, SHORTEST);
        match outcome {
            Ok(()) => Self::Done,
            Err(JobFailure::Postpone { until }) => Self::Postpone {
                until: until.max(soonest),
            },
            Err(JobFailure::Retry { reason, after }) if attempt < max_attempts => {
                let wait = after.unwrap_or_else(|| after_attempt(attempt));
                Self::Retry {
                    reason: shortened(reason),
                    at: later(now, wait).max(soonest),
                }
            }
            Err(JobFailure::Retry { reason, .. } | JobFailure::GiveUp { reason }) => Self::Dead {
                reason: shortened(reason),
            },
        }
    }
}

fn shortened(mut reason: String) -> String {
    reason.truncate(reason.floor_char_boundary(LONGEST_REASON));
    reason
}

/// A verdict on its way to the storage; keeps the lease renewed until it is there.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) id: JobId,
    pub(crate) claim: u32,
    pub(crate) verdict: Verdict,
    pub(crate) hold: Hold,
}

/// Does one job and says what the storage is to be told; nothing when the job was lost.
pub(crate) async fn carry_out(
    handlers: &JobHandlers,
    clock: &dyn Clock,
    claimed: Claimed,
) -> Option<Report> {
    let Claimed { job, guard, hold } = claimed;
    let span =
        info_span!("job.run", job.id = %job.id, job.name = %job.name, job.attempt = job.attempt);
    async move {
        let Some(outcome) = handlers.run(&job, guard).await else {
            warn!("job {} {} cut off; it will run again", job.id, job.name);
            return None;
        };
        let verdict = Verdict::of(outcome, job.attempt, job.max_attempts, clock.now());
        match &verdict {
            Verdict::Done => debug!("job {} {} done", job.id, job.name),
            Verdict::Retry { reason, at } => {
                warn!(
                    "job {} {} failed, again at {at}: {reason}",
                    job.id, job.name
                );
            }
            Verdict::Postpone { until } => {
                debug!("job {} {} put off until {until}", job.id, job.name);
            }
            Verdict::Dead { reason } => error!("job {} {} is dead: {reason}", job.id, job.name),
        }
        Some(Report {
            id: job.id,
            claim: job.claim,
            verdict,
            hold,
        })
    }
    .instrument(span)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    #[test]
    fn a_failure_is_tried_again_until_the_attempts_are_used_up() {
        let failure = || Err(JobFailure::retry("no answer"));
        assert!(matches!(
            Verdict::of(failure(), 2, 3, now()),
            Verdict::Retry { at, .. } if at > now()
        ));
        let reason = "no answer".to_owned();
        assert_eq!(
            Verdict::of(failure(), 3, 3, now()),
            Verdict::Dead { reason }
        );
    }

    #[test]
    fn putting_off_never_uses_up_the_attempts_and_never_spins() {
        let early = Err(JobFailure::Postpone { until: now() });
        assert_eq!(
            Verdict::of(early, 3, 3, now()),
            Verdict::Postpone {
                until: later(now(), SHORTEST)
            }
        );
    }

    #[test]
    fn long_reasons_are_cut_between_characters() {
        let failure = Err(JobFailure::give_up("房".repeat(400)));
        let Verdict::Dead { reason } = Verdict::of(failure, 1, 3, now()) else {
            panic!("not dead");
        };
        assert!(reason.len() <= LONGEST_REASON && reason.ends_with('房'));
    }
}
