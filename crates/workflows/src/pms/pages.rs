use super::{PmsSync, PmsSyncError, tag_by_facts};
use crate::CrmTx;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{ErrorKind, StoreError};
use crm_members::{
    Arrivals, DecisionError, MemberError, PageAsk, PmsError, PmsGuest, PmsKind, PmsRow, PmsStay,
    SyncFault, SyncMode, SyncRun, Taken,
};

/// Tries of a page that met another writer.
const TRIES: u32 = 6;
/// Faults kept of one run; whoever sees a thousand mends the source.
const KEPT_FAULTS: u64 = 1_000;
/// The days of arrival that the nightly sweep asks for, from the present day of the other system
/// on: what a missing time of change would hide.
const SWEEP: (TimeDelta, TimeDelta) = (TimeDelta::days(-7), TimeDelta::days(60));

/// Rows of one kind.
#[derive(Debug)]
pub(super) enum Rows {
    Guests(Vec<PmsRow<PmsGuest>>),
    Stays(Vec<PmsRow<PmsStay>>),
}

/// A page, from wherever it comes.
#[derive(Debug)]
pub(super) struct SyncPage {
    pub(super) rows: Rows,
    pub(super) next: Option<String>,
    pub(super) as_of: Option<DateTime<Utc>>,
    /// The numbers of the rows, where they are not simply the next ones of the run.
    pub(super) numbers: Option<Vec<u64>>,
}

impl PmsSync {
    /// The page that begins at `cursor`.
    pub(super) async fn fetch(
        &self,
        run: &SyncRun,
        cursor: Option<String>,
    ) -> Result<SyncPage, PmsError> {
        let now = self.ports.clock.now();
        let today = run.business_date.unwrap_or_else(|| self.hotel.day_of(now));
        let arrivals = (run.new.mode == SyncMode::Sweep).then(|| Arrivals {
            from: today + SWEEP.0,
            to: today + SWEEP.1,
        });
        let ask = PageAsk {
            window: run.window(arrivals),
            cursor,
        };
        let gateway = &self.ports.gateway;
        Ok(match run.new.kind {
            PmsKind::Members => {
                let page = gateway.guests(&ask).await?;
                SyncPage {
                    rows: Rows::Guests(page.rows),
                    next: page.next,
                    as_of: page.as_of,
                    numbers: None,
                }
            }
            PmsKind::ConsumptionRecords => {
                let page = gateway.stays(&ask, today).await?;
                SyncPage {
                    rows: Rows::Stays(page.rows),
                    next: page.next,
                    as_of: page.as_of,
                    numbers: None,
                }
            }
        })
    }

    /// Stores a page and where the next one begins, in one unit of work; the last page ends the
    /// run and moves the water mark. Answers the run as it is then.
    ///
    /// # Errors
    /// `sync_overtaken` when the run stands elsewhere by now, else the store's.
    pub(super) async fn store_page(
        &self,
        run: &SyncRun,
        page: &SyncPage,
    ) -> Result<SyncRun, PmsSyncError> {
        let mut tries = 1;
        loop {
            let stored = self.try_page(run, page).await;
            match stored {
                Err(error) if tries < TRIES && is_race(&error) => {
                    tries += 1;
                }
                other => return other,
            }
        }
    }

    async fn try_page(&self, run: &SyncRun, page: &SyncPage) -> Result<SyncRun, PmsSyncError> {
        let now = self.ports.clock.now();
        let is_rehearsal = run.new.file.as_ref().is_some_and(|file| file.dry_run);
        let rehearsed = if is_rehearsal {
            // Everything is done as if it were meant, and then forgotten.
            let mut tx = self.ports.store.begin().await?;
            Some(self.take(&mut *tx, run, page, now).await?)
        } else {
            None
        };
        let mut tx = self.ports.store.begin().await?;
        // Both, in one order: a page of guests and one of stays about somebody new take turns, or
        // each would make a member of them.
        let guests = tx.pms().mark(PmsKind::Members).await?;
        let stays = tx.pms().mark(PmsKind::ConsumptionRecords).await?;
        let mut mark = match run.new.kind {
            PmsKind::Members => guests,
            PmsKind::ConsumptionRecords => stays,
        };
        let found = tx.pms().run(run.id).await?;
        let mut found = found.ok_or(PmsSyncError::NotFound)?;
        if !found.status.is_open() || found.pages != run.pages || found.cursor != run.cursor {
            return Err(PmsSyncError::Overtaken);
        }
        let taken = match rehearsed {
            Some(taken) => taken,
            None => self.take(&mut *tx, run, page, now).await?,
        };
        let before = found.counts.rows();
        let faults: Vec<SyncFault> = taken
            .faults
            .into_iter()
            .map(|fault| {
                let place = usize::try_from(fault.row).unwrap_or(usize::MAX) - 1;
                let numbered = page.numbers.as_ref().and_then(|n| n.get(place).copied());
                SyncFault {
                    row: numbered.unwrap_or(before + fault.row),
                    ..fault
                }
            })
            .collect();
        tx.pms().insert_faults(run.id, &faults, KEPT_FAULTS).await?;
        if let (Some(new), Some(old)) = (&run.new.file, &mut found.new.file) {
            old.total_rows = new.total_rows;
        }
        found.page_stored(&taken.counts, page.as_of, page.next.clone(), now);
        tx.pms().update_run(&found).await?;
        if !found.status.is_open() {
            mark.run_ended(&found);
            tx.pms().update_mark(&mark).await?;
        }
        tx.commit().await?;
        Ok(found)
    }

    async fn take(
        &self,
        tx: &mut dyn CrmTx,
        run: &SyncRun,
        page: &SyncPage,
        now: DateTime<Utc>,
    ) -> Result<Taken, PmsSyncError> {
        let taken = match &page.rows {
            Rows::Guests(rows) => self.members.take_guests_in(tx, run, rows, now).await?,
            Rows::Stays(rows) => self.members.take_stays_in(tx, run, rows, now).await?,
        };
        tag_by_facts(tx, &taken.facts, now).await?;
        Ok(taken)
    }
}

/// Whether the same page may well be stored at the next try.
pub(super) fn is_race(error: &PmsSyncError) -> bool {
    match error {
        PmsSyncError::Member(MemberError::Duplicate { .. })
        | PmsSyncError::Store(StoreError::Busy(_))
        | PmsSyncError::Member(MemberError::Store(StoreError::Busy(_) | StoreError::Reference))
        | PmsSyncError::Store(StoreError::Reference) => true,
        PmsSyncError::Decision(DecisionError::Member(MemberError::Store(StoreError::Busy(_)))) => {
            true
        }
        PmsSyncError::Tag(error) => crm_kernel::DomainError::kind(error) == ErrorKind::Unavailable,
        _ => false,
    }
}
