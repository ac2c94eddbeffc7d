use crate::{ExportError, Exports, Failure};
use chrono::TimeDelta;
use tracing::instrument;

/// Files taken away in one step.
const AT_ONCE: u32 = 200;
/// Names asked about at once.
const NAMES_AT_ONCE: usize = 200;
/// Files that nobody names are left this long: longer than from a file to the row that names it,
/// and than the longest pause of whoever writes one.
const LEFT_FOR: TimeDelta = TimeDelta::hours(6);
/// Whoever has not said anything for so long makes nothing any more.
const SILENCE: TimeDelta = TimeDelta::days(1);
/// What there is no file of any more is remembered this long.
const REMEMBERED: TimeDelta = TimeDelta::days(90);

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweptExports {
    /// Files whose time was over.
    pub expired: u64,
    /// Files that nobody named.
    pub orphans: u64,
    /// Files that nobody makes any more.
    pub given_up: u64,
    /// Old ones forgotten.
    pub forgotten: u64,
}

impl Exports {
    /// Takes away what is over, and what dead processes left behind. Safe to repeat, and to run
    /// twice at once.
    ///
    /// # Errors
    /// The store's and the folder's; what was taken away stays so.
    #[instrument(name = "exports.sweep", skip_all)]
    pub async fn sweep(&self) -> Result<SweptExports, ExportError> {
        let swept = SweptExports {
            expired: self.expire().await?,
            given_up: self.give_up_the_silent().await?,
            orphans: self.remove_orphans().await?,
            forgotten: self.forget().await?,
        };
        if swept != SweptExports::default() {
            tracing::info!(
                swept.expired,
                swept.orphans,
                swept.given_up,
                swept.forgotten,
                "swept exports"
            );
        }
        Ok(swept)
    }

    async fn expire(&self) -> Result<u64, ExportError> {
        let mut expired = 0;
        loop {
            let now = self.ports.clock.now();
            let over = self.ports.queries.over(now, AT_ONCE).await?;
            for id in &over {
                let mut tx = self.ports.store.begin().await?;
                let Some(mut export) = tx.exports().find(*id).await? else {
                    continue;
                };
                let Some(file) = export.expire(now) else {
                    continue;
                };
                tx.exports().update(&export).await?;
                tx.commit().await?;
                self.take_away(&file).await;
                expired += 1;
            }
            if (over.len() as u64) < u64::from(AT_ONCE) {
                return Ok(expired);
            }
        }
    }

    async fn give_up_the_silent(&self) -> Result<u64, ExportError> {
        let now = self.ports.clock.now();
        let before = now - SILENCE;
        let mut given_up = 0;
        for id in self.ports.queries.silent_since(before).await? {
            let mut tx = self.ports.store.begin().await?;
            let Some(mut export) = tx.exports().find(id).await? else {
                continue;
            };
            if !export.status.is_open() || export.touched_at.is_some_and(|at| at >= before) {
                continue;
            }
            export.fail(Failure::interrupted(), now);
            tx.exports().update(&export).await?;
            tx.commit().await?;
            given_up += 1;
        }
        Ok(given_up)
    }

    async fn remove_orphans(&self) -> Result<u64, ExportError> {
        let before = self.ports.clock.now() - LEFT_FOR;
        let old = self.ports.files.written_before(before).await?;
        let mut orphans = 0;
        for some in old.chunks(NAMES_AT_ONCE) {
            let known = self.ports.queries.known_files(some).await?;
            for name in some.iter().filter(|name| !known.contains(*name)) {
                match self.ports.files.remove(name).await {
                    Ok(()) => orphans += 1,
                    // The others are not to wait for one that cannot be taken away.
                    Err(error) => tracing::error!(%error, "a file that nobody names stays"),
                }
            }
        }
        Ok(orphans)
    }

    async fn forget(&self) -> Result<u64, ExportError> {
        let before = self.ports.clock.now() - REMEMBERED;
        let mut tx = self.ports.store.begin().await?;
        let forgotten = tx.exports().forget_before(before).await?;
        tx.commit().await?;
        Ok(forgotten)
    }
}
