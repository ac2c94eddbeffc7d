use crate::Database;
use crate::exports::{page_of_members, page_of_messages, page_of_recipients};
use crate::pms::{move_stays, page_of_faults, page_of_reviews, page_of_runs};
use crate::sql::{Sql, sql};
use crate::stays::{number_of_stays, page_of_stays};
use chrono::{DateTime, Utc};
use crm_exports::{Place, Stretch};
use crm_kernel::{CampaignId, HotelTime, MemberId, PageRequest, StoreError, SyncRunId, TagId};
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

    /// How this database finds the rows of sheets after the first page: guests by number, guests
    /// of a stretch of time, recipients, messages.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_export_rows(
        &self,
        stretch: Stretch,
        place: Place,
        campaign: CampaignId,
    ) -> Result<Vec<Vec<String>>, StoreError> {
        let limit = 2_000;
        let after = Some(place);
        Ok(vec![
            self.explain(page_of_members(None, after, limit)).await?,
            self.explain(page_of_members(Some(stretch), after, limit))
                .await?,
            self.explain(page_of_recipients(campaign, place.id, limit))
                .await?,
            self.explain(page_of_messages(stretch, after, limit))
                .await?,
        ])
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
