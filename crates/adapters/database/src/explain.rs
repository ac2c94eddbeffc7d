use crate::Database;
use crate::conversion_histories::{booked_stays, kept_conversions, kept_stays, sends};
use crate::conversion_marks::mark_owners;
use crate::conversion_sums::next_guests;
use crate::dialect::marks;
use crate::pms::{move_stays, page_of_faults, page_of_reviews, page_of_runs};
use crate::sql::{Sql, sql};
use crate::stays::{number_of_stays, page_of_stays};
use chrono::{DateTime, Utc};
use crm_kernel::{HotelTime, MemberId, PageRequest, StoreError, SyncRunId, TagId};
use crm_members::{GuestCode, MemberFilter, MemberSort, PmsKind, ReviewStatus, SyncStatus};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct SqliteStep {
    detail: String,
}

#[derive(FromQueryResult)]
struct MysqlStep {
    table: Option<String>,
    #[sea_orm(from_alias = "type")]
    access: Option<String>,
    key: Option<String>,
    #[sea_orm(from_alias = "Extra")]
    extra: Option<String>,
}

impl Database {
    /// How this database finds the members of a page: one line per step, in its own words, for
    /// whoever wonders why a list is slow. On MySQL a line is table, way of access, index and
    /// remarks.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_member_list(
        &self,
        filter: &MemberFilter,
        sort: MemberSort,
        page: PageRequest,
    ) -> Result<Vec<String>, StoreError> {
        let list = self.member_list(filter, sort, page).await?;
        let (size, offset) = (page.page_size() as i64, page.offset() as i64);
        if let Some((far, way)) = list.instead {
            let mut steps = self.explain(list.ids_near(far, size, offset)).await?;
            steps.extend(self.explain(list.by(way).ids(size, offset)).await?);
            return Ok(steps);
        }
        let mut steps = self.explain(list.ids(size, offset)).await?;
        if list.has_two_parts() {
            steps.extend(self.explain(list.ids_without_value(size, 0)).await?);
        }
        Ok(steps)
    }

    /// How this database finds what happened with a member.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_timeline(
        &self,
        member: MemberId,
        (now, hotel): (DateTime<Utc>, HotelTime),
    ) -> Result<Vec<String>, StoreError> {
        self.explain(self.timeline_statement(member, (now, hotel)).await?)
            .await
    }

    /// How this database finds a page of a tag's trigger log.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_tag_triggers(
        &self,
        id: TagId,
        page: PageRequest,
    ) -> Result<Vec<String>, StoreError> {
        self.explain(crate::tag_queries::triggers(id, page)).await
    }

    /// How this database finds a page of a member's stays, and how many there are.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_stays(
        &self,
        member: MemberId,
        page: PageRequest,
    ) -> Result<Vec<String>, StoreError> {
        let mut steps = self.explain(page_of_stays(member, page)).await?;
        steps.extend(self.explain(number_of_stays(member)).await?);
        Ok(steps)
    }

    /// How this database finds a page of runs of the hotel's own system.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_pms_runs(
        &self,
        kind: Option<PmsKind>,
        status: Option<SyncStatus>,
        page: PageRequest,
    ) -> Result<Vec<String>, StoreError> {
        self.explain(page_of_runs(kind, status, page)).await
    }

    /// How this database finds a page of what was wrong with a run's rows.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_pms_faults(
        &self,
        id: SyncRunId,
        page: PageRequest,
    ) -> Result<Vec<String>, StoreError> {
        self.explain(page_of_faults(id, page)).await
    }

    /// How this database finds a page of what a person must decide, or has decided.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_pms_reviews(
        &self,
        status: ReviewStatus,
        page: PageRequest,
    ) -> Result<Vec<String>, StoreError> {
        self.explain(page_of_reviews(status, page)).await
    }

    /// How this database finds the stays that came with a guest's key.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_moved_stays(
        &self,
        code: &GuestCode,
        to: MemberId,
    ) -> Result<Vec<String>, StoreError> {
        self.explain(move_stays(code, to)).await
    }

    /// How this database finds what decides about conversions, and the guests to be marked: a
    /// list of steps for each statement.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_conversions(
        &self,
        since: DateTime<Utc>,
    ) -> Result<Vec<Vec<String>>, StoreError> {
        let members: Vec<i64> = (1..=256).collect();
        let orders = (1..=64).map(|n| format!("x{n}"));
        let mut all = Vec::new();
        for statement in [
            booked_stays(&members),
            sends(&members),
            kept_conversions(&members),
            kept_stays(&members),
            next_guests(MemberId::new(7), 100),
            mark_owners(sql(format!("order_number IN ({})", marks(64))).bind_all(orders)),
            mark_owners(
                sql("pms_guest_code = ? AND member_id <> ?")
                    .bind("x7")
                    .bind(9),
            ),
            mark_owners(sql("booked_at >= ?").bind(since)),
        ] {
            all.push(self.explain(statement).await?);
        }
        Ok(all)
    }

    pub(crate) async fn explain(&self, statement: Sql) -> Result<Vec<String>, StoreError> {
        if self.is_mysql() {
            let steps: Vec<MysqlStep> = sql("EXPLAIN ").join(statement).all(&self.pool).await?;
            let said = |word: Option<String>| word.unwrap_or_else(|| "-".to_owned());
            return Ok(steps
                .into_iter()
                .map(|s| {
                    let words = [s.table, s.access, s.key, s.extra];
                    words.map(said).join(" ")
                })
                .collect());
        }
        let steps: Vec<SqliteStep> = sql("EXPLAIN QUERY PLAN ")
            .join(statement)
            .all(&self.pool)
            .await?;
        Ok(steps.into_iter().map(|step| step.detail).collect())
    }
}
