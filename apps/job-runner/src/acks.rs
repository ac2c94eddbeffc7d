//! Reports on finished attempts, many in one statement.

use crate::backoff::exponential;
use crate::keeper::in_time;
use crate::verdict::{Report, Verdict};
use crm_kernel::{Clock, DomainError, ErrorKind, JobId, JobQueue, StoreError};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tracing::warn;

/// How long the first report of a group waits for others.
const GATHERING: Duration = Duration::from_millis(3);
/// Most reports in one group.
const GROUP: usize = 256;

/// Brings reports to the storage. A report that cannot be stored is kept and tried again: its
/// job is held for as long, and fencing makes a late or repeated report harmless.
#[derive(Clone)]
pub(crate) struct Acks {
    pub(crate) queue: Arc<dyn JobQueue>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Acks {
    /// Serves `inbox` until every sender is gone and every report is stored.
    pub(crate) async fn serve(self, mut inbox: mpsc::Receiver<Report>) {
        let mut waiting = Vec::new();
        let mut failures = 0;
        loop {
            if waiting.is_empty() {
                let Some(report) = inbox.recv().await else {
                    return;
                };
                waiting.push(report);
                sleep(GATHERING).await;
            } else {
                let base = Duration::from_millis(100);
                sleep(exponential(base, failures, Duration::from_secs(5))).await;
            }
            while waiting.len() < GROUP
                && let Ok(report) = inbox.try_recv()
            {
                waiting.push(report);
            }
            waiting = self.store(waiting).await;
            failures = if waiting.is_empty() { 0 } else { failures + 1 };
        }
    }

    /// Stores what it can and hands back the rest.
    pub(crate) async fn store(&self, reports: Vec<Report>) -> Vec<Report> {
        let mut done: HashMap<String, Vec<Report>> = HashMap::new();
        let mut left = Vec::new();
        let mut away = false;
        for report in reports {
            if report.verdict == Verdict::Done {
                let token = report.hold.token().to_owned();
                done.entry(token).or_default().push(report);
            } else if away {
                left.push(report);
            } else {
                match self.store_other(&report).await {
                    Ok(ours) => settle(report, ours),
                    Err(error) => {
                        away = is_away(&error);
                        left.push(report);
                    }
                }
            }
        }
        for (token, reports) in done {
            if away {
                left.extend(reports);
                continue;
            }
            let claims: Vec<(JobId, u32)> = reports.iter().map(|r| (r.id, r.claim)).collect();
            let now = self.clock.now();
            match in_time(self.queue.complete(&token, &claims, now)).await {
                Ok(stored) => {
                    let refused = (claims.len() as u64).saturating_sub(stored);
                    if refused > 0 {
                        warn!(
                            refused,
                            "jobs were done, but no longer ours; they run again"
                        );
                    }
                    reports.into_iter().for_each(|r| r.hold.settle());
                }
                Err(error) => {
                    away = is_away(&error);
                    left.extend(reports);
                }
            }
        }
        left
    }

    async fn store_other(&self, report: &Report) -> Result<bool, StoreError> {
        let (token, id, claim) = (report.hold.token(), report.id, report.claim);
        let now = self.clock.now();
        match &report.verdict {
            Verdict::Done => Ok(true),
            Verdict::Retry { reason, at } => {
                let retry_at = Some(*at);
                in_time(self.queue.fail(token, id, claim, reason, retry_at, now)).await
            }
            Verdict::Dead { reason } => {
                in_time(self.queue.fail(token, id, claim, reason, None, now)).await
            }
            Verdict::Postpone { until } => {
                in_time(self.queue.postpone(token, id, claim, *until)).await
            }
        }
    }
}

fn settle(report: Report, ours: bool) {
    if !ours {
        warn!("job {} was no longer ours to report on", report.id);
    }
    report.hold.settle();
}

/// Whether asking for the next report would only take time.
fn is_away(error: &StoreError) -> bool {
    warn!(
        error = error as &dyn std::error::Error,
        "reports not stored yet; trying again"
    );
    error.kind() == ErrorKind::Unavailable
}
