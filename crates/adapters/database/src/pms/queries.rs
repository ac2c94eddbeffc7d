//! What screens show of all that.

use super::reviews::{REVIEW, ReviewRecord, with_candidates};
use super::runs::{MARK, MarkRow, RUN, RunRow};
use crate::Database;
use crate::dialect::marks;
use crate::sql::{Sql, known, page_of, sql};
use crate::stays::LISTED;
use async_trait::async_trait;
use crm_kernel::{MemberId, Page, PageRequest, ReviewId, StoreError, SyncRunId};
use crm_members::{
    ImportProfile, PmsKind, PmsQueries, Review, ReviewCandidate, ReviewRow, ReviewStatus,
    SyncFault, SyncMark, SyncRun, SyncStatus,
};
use sea_orm::FromQueryResult;
use std::collections::HashMap;

#[derive(FromQueryResult)]
struct FaultRow {
    row_number_in_run: i64,
    row_key: String,
    field: String,
    reason: String,
    is_warning: bool,
}

#[derive(Clone, FromQueryResult)]
struct CandidateRow {
    id: i64,
    first_name: Option<String>,
    last_name: Option<String>,
    line_display_name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    id_number_sealed: Option<String>,
}

#[derive(FromQueryResult)]
struct StaysRow {
    member_id: i64,
    n: i64,
}

#[derive(FromQueryResult)]
struct WaitingRow {
    subject: String,
    n: i64,
}

fn of_kind_and_status(kind: Option<PmsKind>, status: Option<SyncStatus>) -> Sql {
    let mut condition = sql(" WHERE 1 = 1");
    if let Some(kind) = kind {
        condition = condition.then(" AND kind = ?").bind(kind.as_str());
    }
    if let Some(status) = status {
        condition = condition.then(" AND status = ?").bind(status.as_str());
    }
    condition
}

pub(crate) fn page_of_runs(
    kind: Option<PmsKind>,
    status: Option<SyncStatus>,
    page: PageRequest,
) -> Sql {
    sql(format!("SELECT {RUN} FROM pms_runs"))
        .join(of_kind_and_status(kind, status))
        .then(" ORDER BY id DESC")
        .page(page)
}

pub(crate) fn page_of_faults(id: SyncRunId, page: PageRequest) -> Sql {
    sql(
        "SELECT row_number_in_run, row_key, field, reason, is_warning FROM pms_run_faults \
         WHERE run_id = ? ORDER BY row_number_in_run, id",
    )
    .bind(id.get())
    .page(page)
}

pub(crate) fn page_of_reviews(status: ReviewStatus, page: PageRequest) -> Sql {
    let order = if status == ReviewStatus::Open {
        "asked_at, id"
    } else {
        "decided_at DESC, id DESC"
    };
    sql(format!(
        "SELECT {REVIEW} FROM pms_reviews WHERE status = ? ORDER BY {order}"
    ))
    .bind(status.as_str())
    .page(page)
}

impl Database {
    async fn number_of_reviews(&self, status: ReviewStatus) -> Result<i64, StoreError> {
        sql("SELECT COUNT(*) FROM pms_reviews WHERE status = ?")
            .bind(status.as_str())
            .number(&self.pool)
            .await
    }

    /// Those of these ids who are there, with how many stays they have.
    async fn candidates(&self, ids: &[i64]) -> Result<HashMap<i64, ReviewCandidate>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let places = marks(ids.len());
        let members: Vec<CandidateRow> = sql(format!(
            "SELECT id, first_name, last_name, line_display_name, phone, email, \
             id_number_sealed FROM members WHERE id IN ({places})"
        ))
        .bind_all(ids.iter().copied())
        .all(&self.pool)
        .await?;
        let stays: Vec<StaysRow> = sql(format!(
            "SELECT member_id, COUNT(*) AS n FROM consumption_records \
             WHERE member_id IN ({places}) AND {LISTED} GROUP BY member_id"
        ))
        .bind_all(ids.iter().copied())
        .all(&self.pool)
        .await?;
        let stays: HashMap<i64, i64> = stays.into_iter().map(|s| (s.member_id, s.n)).collect();
        let candidate = |row: CandidateRow| ReviewCandidate {
            member_id: MemberId::new(row.id),
            first_name: row.first_name,
            last_name: row.last_name,
            line_display_name: row.line_display_name,
            phone: row.phone,
            email: row.email,
            id_number_sealed: row.id_number_sealed,
            stays: stays
                .get(&row.id)
                .copied()
                .unwrap_or_default()
                .unsigned_abs(),
        };
        Ok(members.into_iter().map(|m| (m.id, candidate(m))).collect())
    }

    async fn waiting(&self, subjects: &[String]) -> Result<HashMap<String, u64>, StoreError> {
        if subjects.is_empty() {
            return Ok(HashMap::new());
        }
        let waiting: Vec<WaitingRow> = sql(format!(
            "SELECT subject, COUNT(*) AS n FROM pms_waiting_stays WHERE subject IN ({}) \
             GROUP BY subject",
            marks(subjects.len())
        ))
        .bind_all(subjects.iter().map(String::as_str))
        .all(&self.pool)
        .await?;
        let told = |row: WaitingRow| (row.subject, row.n.unsigned_abs());
        Ok(waiting.into_iter().map(told).collect())
    }

    async fn review_rows(&self, reviews: Vec<Review>) -> Result<Vec<ReviewRow>, StoreError> {
        let named = reviews.iter().flat_map(|review| &review.new.candidates);
        let mut ids: Vec<i64> = named.map(|id| id.get()).collect();
        ids.sort_unstable();
        ids.dedup();
        let members = self.candidates(&ids).await?;
        let subjects: Vec<String> = reviews.iter().map(|r| r.new.subject.key()).collect();
        let waiting = self.waiting(&subjects).await?;
        let row = |(review, subject): (Review, &String)| ReviewRow {
            candidates: review
                .new
                .candidates
                .iter()
                .filter_map(|id| members.get(&id.get()).cloned())
                .collect(),
            waiting_stays: waiting.get(subject).copied().unwrap_or_default(),
            review,
        };
        Ok(reviews.into_iter().zip(&subjects).map(row).collect())
    }
}

#[async_trait]
impl PmsQueries for Database {
    async fn runs(
        &self,
        kind: Option<PmsKind>,
        status: Option<SyncStatus>,
        page: PageRequest,
    ) -> Result<Page<SyncRun>, StoreError> {
        let total = sql("SELECT COUNT(*) FROM pms_runs")
            .join(of_kind_and_status(kind, status))
            .number(&self.pool)
            .await?;
        let rows: Vec<RunRow> = page_of_runs(kind, status, page).all(&self.pool).await?;
        page_of(rows, total, page, SyncRun::try_from)
    }

    async fn run(&self, id: SyncRunId) -> Result<Option<SyncRun>, StoreError> {
        let row: Option<RunRow> = sql(format!("SELECT {RUN} FROM pms_runs WHERE id = ?"))
            .bind(id.get())
            .one(&self.pool)
            .await?;
        row.map(SyncRun::try_from).transpose()
    }

    async fn faults(
        &self,
        id: SyncRunId,
        page: PageRequest,
    ) -> Result<Page<SyncFault>, StoreError> {
        let total = sql("SELECT COUNT(*) FROM pms_run_faults WHERE run_id = ?")
            .bind(id.get())
            .number(&self.pool)
            .await?;
        let rows: Vec<FaultRow> = page_of_faults(id, page).all(&self.pool).await?;
        page_of(rows, total, page, |row| {
            Ok(SyncFault {
                row: row.row_number_in_run.unsigned_abs(),
                key: row.row_key,
                field: row.field,
                reason: row.reason,
                is_warning: row.is_warning,
            })
        })
    }

    async fn marks(&self) -> Result<Vec<SyncMark>, StoreError> {
        let rows: Vec<MarkRow> = sql(format!("SELECT {MARK} FROM pms_marks"))
            .all(&self.pool)
            .await?;
        let marks: Result<Vec<SyncMark>, StoreError> =
            rows.into_iter().map(SyncMark::try_from).collect();
        let marks = marks?;
        let of = |kind| {
            let mark = marks.iter().find(|mark| mark.kind == kind).cloned();
            known(mark, "mark")
        };
        PmsKind::ALL.into_iter().map(of).collect()
    }

    async fn open_reviews(&self) -> Result<u64, StoreError> {
        let open = self.number_of_reviews(ReviewStatus::Open).await?;
        Ok(open.unsigned_abs())
    }

    async fn reviews(
        &self,
        status: ReviewStatus,
        page: PageRequest,
    ) -> Result<Page<ReviewRow>, StoreError> {
        let total = self.number_of_reviews(status).await?;
        let rows: Vec<ReviewRecord> = page_of_reviews(status, page).all(&self.pool).await?;
        let reviews = with_candidates(rows, &self.pool).await?;
        page_of(self.review_rows(reviews).await?, total, page, Ok)
    }

    async fn profiles(&self) -> Result<Vec<ImportProfile>, StoreError> {
        self.import_profiles().await
    }

    async fn review(&self, id: ReviewId) -> Result<Option<ReviewRow>, StoreError> {
        let rows: Vec<ReviewRecord> = sql(format!("SELECT {REVIEW} FROM pms_reviews WHERE id = ?"))
            .bind(id.get())
            .all(&self.pool)
            .await?;
        let reviews = with_candidates(rows, &self.pool).await?;
        Ok(self.review_rows(reviews).await?.pop())
    }
}
