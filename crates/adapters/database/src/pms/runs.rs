//! Runs, what was wrong with their rows, and where each kind stands.

use super::count;
use crate::DatabaseTx;
use crate::dialect::{for_update, marks, named, pieces, rows, rows_at_once};
use crate::sql::{known, sql};
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{StoreError, SyncRunId, UserId};
use crm_members::{
    NewSyncRun, PmsKind, SyncCounts, SyncFault, SyncFile, SyncMark, SyncMode, SyncRun, SyncStatus,
};
use sea_orm::FromQueryResult;

pub(super) const RUN: &str = "id, kind, mode, status, reason, message, file_path, file_name, \
    file_headings, file_dry_run, file_rows, since_at, until_at, business_date, next_cursor, \
    pages, restarts, created_count, updated_count, unchanged_count, review_count, failed_count, \
    ignored_count, requested_by, created_at, started_at, finished_at";

pub(super) const MARK: &str = "kind, until_at, open_run_id, failed_in_row, completed_at";

#[derive(FromQueryResult)]
pub(super) struct RunRow {
    id: i64,
    kind: String,
    mode: String,
    status: String,
    reason: Option<String>,
    message: Option<String>,
    file_path: Option<String>,
    file_name: Option<String>,
    file_headings: Option<String>,
    file_dry_run: Option<bool>,
    file_rows: Option<i64>,
    since_at: Option<DateTime<Utc>>,
    until_at: Option<DateTime<Utc>>,
    business_date: Option<NaiveDate>,
    next_cursor: Option<String>,
    pages: i64,
    restarts: i64,
    created_count: i64,
    updated_count: i64,
    unchanged_count: i64,
    review_count: i64,
    failed_count: i64,
    ignored_count: i64,
    requested_by: Option<i64>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

impl RunRow {
    fn file(&mut self) -> Result<Option<SyncFile>, StoreError> {
        let Some(path) = self.file_path.take() else {
            return Ok(None);
        };
        let headings = self.file_headings.as_deref().unwrap_or("[]");
        Ok(Some(SyncFile {
            path,
            name: self.file_name.take().unwrap_or_default(),
            headings: serde_json::from_str(headings)
                .map_err(|_| StoreError::internal("stored headings cannot be read"))?,
            dry_run: self.file_dry_run.unwrap_or_default(),
            total_rows: self.file_rows.unwrap_or_default().unsigned_abs(),
        }))
    }
}

impl TryFrom<RunRow> for SyncRun {
    type Error = StoreError;

    fn try_from(mut row: RunRow) -> Result<Self, StoreError> {
        let file = row.file()?;
        Ok(Self {
            id: SyncRunId::new(row.id),
            new: NewSyncRun {
                kind: known(PmsKind::parse(&row.kind), "kind of a run")?,
                mode: known(SyncMode::parse(&row.mode), "mode of a run")?,
                file,
                requested_by: row.requested_by.map(UserId::new),
                created_at: row.created_at,
            },
            status: known(SyncStatus::parse(&row.status), "status of a run")?,
            reason: row.reason,
            message: row.message,
            since: row.since_at,
            until: row.until_at,
            business_date: row.business_date,
            cursor: row.next_cursor,
            pages: row.pages.unsigned_abs(),
            restarts: row.restarts.unsigned_abs(),
            counts: SyncCounts {
                created: row.created_count.unsigned_abs(),
                updated: row.updated_count.unsigned_abs(),
                unchanged: row.unchanged_count.unsigned_abs(),
                review: row.review_count.unsigned_abs(),
                failed: row.failed_count.unsigned_abs(),
                ignored: row.ignored_count.unsigned_abs(),
            },
            started_at: row.started_at,
            finished_at: row.finished_at,
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct MarkRow {
    kind: String,
    until_at: Option<DateTime<Utc>>,
    open_run_id: Option<i64>,
    failed_in_row: i64,
    completed_at: Option<DateTime<Utc>>,
}

impl TryFrom<MarkRow> for SyncMark {
    type Error = StoreError;

    fn try_from(row: MarkRow) -> Result<Self, StoreError> {
        Ok(Self {
            kind: known(PmsKind::parse(&row.kind), "kind of a mark")?,
            until: row.until_at,
            open_run: row.open_run_id.map(SyncRunId::new),
            failed_in_row: row.failed_in_row.unsigned_abs(),
            completed_at: row.completed_at,
        })
    }
}

impl DatabaseTx {
    pub(super) async fn pms_mark(&mut self, kind: PmsKind) -> Result<SyncMark, StoreError> {
        let row: Option<MarkRow> = sql(format!("SELECT {MARK} FROM pms_marks WHERE kind = ?"))
            .bind(kind.as_str())
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
        // The schema came with both rows.
        SyncMark::try_from(known(row, "mark")?)
    }

    pub(super) async fn update_pms_mark(&mut self, mark: &SyncMark) -> Result<(), StoreError> {
        sql(
            "UPDATE pms_marks SET until_at = ?, open_run_id = ?, failed_in_row = ?, \
             completed_at = ? WHERE kind = ?",
        )
        .bind(mark.until)
        .bind(mark.open_run.map(SyncRunId::get))
        .bind(count(mark.failed_in_row))
        .bind(mark.completed_at)
        .bind(mark.kind.as_str())
        .run(&self.tx)
        .await?;
        Ok(())
    }

    pub(super) async fn insert_pms_run(
        &mut self,
        new: &NewSyncRun,
    ) -> Result<SyncRunId, StoreError> {
        let file = new.file.as_ref();
        let headings = file
            .map(|file| serde_json::to_string(&file.headings))
            .transpose()
            .map_err(|e| StoreError::Internal(Box::new(e)))?;
        let id = sql(
            "INSERT INTO pms_runs (kind, mode, status, file_path, file_name, file_headings, \
             file_dry_run, file_rows, requested_by, created_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.kind.as_str())
        .bind(new.mode.as_str())
        .bind(SyncStatus::Pending.as_str())
        .bind(file.map(|file| file.path.as_str()))
        .bind(file.map(|file| file.name.as_str()))
        .bind(headings)
        .bind(file.map(|file| file.dry_run))
        .bind(file.map(|file| count(file.total_rows)))
        .bind(new.requested_by.map(UserId::get))
        .bind(new.created_at)
        .insert(&self.tx)
        .await?;
        Ok(SyncRunId::new(id))
    }

    pub(super) async fn pms_run(&mut self, id: SyncRunId) -> Result<Option<SyncRun>, StoreError> {
        let row: Option<RunRow> = sql(format!("SELECT {RUN} FROM pms_runs WHERE id = ?"))
            .bind(id.get())
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
        row.map(SyncRun::try_from).transpose()
    }

    pub(super) async fn update_pms_run(&mut self, run: &SyncRun) -> Result<(), StoreError> {
        let counts = run.counts;
        let numbers = [
            run.pages,
            run.restarts,
            counts.created,
            counts.updated,
            counts.unchanged,
            counts.review,
            counts.failed,
            counts.ignored,
        ];
        let updated = sql(
            "UPDATE pms_runs SET status = ?, reason = ?, message = ?, file_rows = ?, \
             since_at = ?, until_at = ?, business_date = ?, next_cursor = ?, pages = ?, \
             restarts = ?, created_count = ?, updated_count = ?, unchanged_count = ?, \
             review_count = ?, failed_count = ?, ignored_count = ?, started_at = ?, \
             finished_at = ? WHERE id = ?",
        )
        .bind(run.status.as_str())
        .bind(run.reason.as_deref())
        .bind(run.message.as_deref())
        .bind(run.new.file.as_ref().map(|file| count(file.total_rows)))
        .bind(run.since)
        .bind(run.until)
        .bind(run.business_date)
        .bind(run.cursor.as_deref())
        .bind_all(numbers.map(count))
        .bind(run.started_at)
        .bind(run.finished_at)
        .bind(run.id.get())
        .run(&self.tx)
        .await?;
        if updated == 0 {
            return Err(StoreError::Reference);
        }
        Ok(())
    }

    pub(super) async fn insert_pms_faults(
        &mut self,
        run: SyncRunId,
        faults: &[SyncFault],
        at_most: u64,
    ) -> Result<(), StoreError> {
        if faults.is_empty() {
            return Ok(());
        }
        let stored = sql("SELECT COUNT(*) FROM pms_run_faults WHERE run_id = ?")
            .bind(run.get())
            .number(&self.tx)
            .await?;
        let room = at_most.saturating_sub(stored.unsigned_abs());
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let cut = |text: &str, chars| text.chars().take(chars).collect::<String>();
        for some in pieces(&faults[..faults.len().min(room)], rows_at_once(6)) {
            let insert = sql(format!(
                "INSERT INTO pms_run_faults (run_id, row_number_in_run, row_key, field, reason, \
                 is_warning) VALUES {}",
                rows(6, some.len())
            ));
            let bound = some.iter().fold(insert, |insert, fault| {
                insert
                    .bind(run.get())
                    .bind(count(fault.row))
                    .bind(cut(&fault.key, 100))
                    .bind(cut(&fault.field, 60))
                    .bind(cut(&fault.reason, 300))
                    .bind(fault.is_warning)
            });
            bound.run(&self.tx).await?;
        }
        Ok(())
    }

    pub(super) async fn forget_pms_faults(&mut self, run: SyncRunId) -> Result<(), StoreError> {
        sql("DELETE FROM pms_run_faults WHERE run_id = ?")
            .bind(run.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }

    pub(super) async fn forget_pms_faults_before(
        &mut self,
        before: DateTime<Utc>,
        runs: u32,
    ) -> Result<u64, StoreError> {
        // From the oldest fault on: runs before it have none, and in time they are many.
        let ended = sql("SELECT r.id FROM pms_runs r \
             WHERE r.id >= (SELECT MIN(f.run_id) FROM pms_run_faults f) AND r.finished_at < ? \
             AND EXISTS (SELECT 1 FROM pms_run_faults f WHERE f.run_id = r.id) \
             ORDER BY r.id LIMIT ?")
        .bind(before)
        .bind(i64::from(runs));
        let ended: Vec<SyncRunId> = ended.ids(&self.tx).await?;
        for some in named(&ended) {
            let marks = marks(some.len());
            sql(format!(
                "DELETE FROM pms_run_faults WHERE run_id IN ({marks})"
            ))
            .bind_all(some.iter().map(|run| run.get()))
            .run(&self.tx)
            .await?;
        }
        Ok(ended.len() as u64)
    }
}
