//! Which function does which job, and what a function may say of its failure.

use crate::LeaseGuard;
use chrono::{DateTime, Utc};
use crm_kernel::{ClaimedJob, DomainError, ErrorKind, Job, JobId};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tracing::{error, warn};

/// What a handler is told besides the job itself.
#[derive(Clone, Debug)]
pub struct JobContext {
    /// The row; the same at every attempt.
    pub id: JobId,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// Tries it may have.
    pub max_attempts: u32,
    /// When it was due.
    pub run_at: DateTime<Utc>,
    /// Whether the job is still ours.
    pub lease: LeaseGuard,
}

/// Why an attempt did not end well, and what should follow. Reasons are stored and shown to
/// administrators: no personal data in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobFailure {
    /// Try again, counting this attempt.
    Retry {
        /// What went wrong.
        reason: String,
        /// How long to wait; the usual growing pause when `None`.
        after: Option<Duration>,
    },
    /// Not a failure, only too early (a limit, a pause): it does not count.
    Postpone {
        /// When to look again.
        until: DateTime<Utc>,
    },
    /// Trying again would change nothing: the job is dead.
    GiveUp {
        /// What went wrong.
        reason: String,
    },
}

impl JobFailure {
    /// Try again after the usual pause.
    #[must_use]
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry {
            reason: reason.into(),
            after: None,
        }
    }

    /// Trying again would change nothing.
    #[must_use]
    pub fn give_up(reason: impl Into<String>) -> Self {
        Self::GiveUp {
            reason: reason.into(),
        }
    }
}

/// The table that turns kinds of errors into *retry* or *give up*. The cause is logged here,
/// and only the error's own safe words are stored.
impl<E: DomainError> From<E> for JobFailure {
    fn from(failure: E) -> Self {
        let reason = format!("{}: {failure}", failure.code());
        let cause = &failure as &(dyn Error + 'static);
        match failure.kind() {
            ErrorKind::Internal => {
                error!(error = cause, "job failed: {reason}");
                Self::retry(reason)
            }
            ErrorKind::Unavailable | ErrorKind::RateLimited => {
                warn!(error = cause, "job failed: {reason}");
                Self::retry(reason)
            }
            ErrorKind::NotFound
            | ErrorKind::Invalid
            | ErrorKind::Conflict
            | ErrorKind::Forbidden
            | ErrorKind::Unauthorized => {
                warn!(error = cause, "job given up: {reason}");
                Self::give_up(reason)
            }
        }
    }
}

type Handler =
    Box<dyn Fn(Value, JobContext) -> BoxFuture<'static, Result<(), JobFailure>> + Send + Sync>;

/// The functions of this process, by the name of the job they do.
#[derive(Default)]
pub struct JobHandlers {
    by_name: BTreeMap<&'static str, Handler>,
}

impl JobHandlers {
    /// No handlers yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Has `handler` do every job of type `J`; a second handler for one job replaces the first.
    pub fn register<J, F, Fut>(&mut self, handler: F) -> &mut Self
    where
        J: Job + 'static,
        F: Fn(J, JobContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobFailure>> + Send + 'static,
    {
        let handler: Handler = Box::new(move |payload, context| {
            match serde_path_to_error::deserialize::<_, J>(payload) {
                Ok(job) => handler(job, context).boxed(),
                // serde's own words may quote the payload, which is personal data.
                Err(error) => futures::future::ready(Err(JobFailure::give_up(format!(
                    "the payload is no {}: it breaks at `{}`",
                    J::NAME,
                    error.path()
                ))))
                .boxed(),
            }
        });
        if self.by_name.insert(J::NAME, handler).is_some() {
            warn!("job {} was registered twice; the later one counts", J::NAME);
        }
        self
    }

    /// The jobs that have a handler, in order of name.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.by_name.keys().copied()
    }

    /// Does one job. `None` when it was cut off because the lease was lost: a future that is not
    /// polled any more makes no further calls.
    pub(crate) async fn run(
        &self,
        job: &ClaimedJob,
        lease: LeaseGuard,
    ) -> Option<Result<(), JobFailure>> {
        let Some(handler) = self.by_name.get(job.name.as_str()) else {
            let reason = format!("no handler for jobs named {}", job.name);
            return Some(Err(JobFailure::GiveUp { reason }));
        };
        let context = JobContext {
            id: job.id,
            attempt: job.attempt,
            max_attempts: job.max_attempts,
            run_at: job.run_at,
            lease: lease.clone(),
        };
        let payload = job.payload.clone();
        let work = async move { handler(payload, context).await };
        let mut work = std::pin::pin!(AssertUnwindSafe(work).catch_unwind());
        let mut revoked = std::pin::pin!(lease.revoked());
        std::future::poll_fn(|cx| {
            // Asked at every step, because after a pause timers may be served late.
            if revoked.as_mut().poll(cx).is_ready() || !lease.is_valid() {
                return std::task::Poll::Ready(None);
            }
            work.as_mut().poll(cx).map(|end| {
                // The message of a panic may quote anything; the panic hook has printed it.
                Some(end.unwrap_or_else(|_| Err(JobFailure::retry("the handler panicked"))))
            })
        })
        .await
    }
}

impl fmt::Debug for JobHandlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Push;

    impl Job for Push {
        const NAME: &'static str = "push";
        const LANE: crm_kernel::Lane = crm_kernel::Lane::Sending;
    }

    #[tokio::test]
    async fn a_handler_whose_lease_is_over_takes_no_further_step_even_if_nobody_noticed_yet() {
        let called = Arc::new(AtomicBool::new(false));
        let call = Arc::clone(&called);
        let mut handlers = JobHandlers::new();
        handlers.register(move |_: Push, _| {
            let call = Arc::clone(&call);
            async move {
                std::thread::sleep(Duration::from_millis(10));
                tokio::task::yield_now().await;
                call.store(true, Ordering::SeqCst);
                Ok(())
            }
        });
        let job = ClaimedJob {
            id: JobId::new(1),
            name: Push::NAME.to_owned(),
            payload: json!(null),
            claim: 1,
            attempt: 1,
            max_attempts: 3,
            run_at: DateTime::UNIX_EPOCH,
        };
        let lease = LeaseGuard::lasting(Duration::from_millis(5));
        assert_eq!(handlers.run(&job, lease).await, None);
        assert!(!called.load(Ordering::SeqCst));
    }
}
