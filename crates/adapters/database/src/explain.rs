use crate::Database;
use crate::analytics::{best_of, days_of, subjects_of, sums_of};
use crate::conversion_histories::{booked_stays, kept_conversions, kept_stays, sends};
use crate::conversion_marks::mark_owners;
use crate::conversion_sums::next_guests;
use crate::dialect::marks;
use crate::exports::{page_of_members, page_of_messages, page_of_recipients};
use crate::pms::{move_stays, page_of_faults, page_of_reviews, page_of_runs};
use crate::rfm::{grid, measured_stretch, measuring, scoring};
use crate::sql::{Sql, sql};
use crate::stays::{number_of_stays, page_of_stays};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use crm_analytics::RfmBorders;
use crm_campaigns::Selection;
use crm_exports::{Place, Stretch};
use crm_kernel::{
    CampaignId, Figure, HotelTime, MemberId, PageRequest, StoreError, SyncRunId, TagId,
};
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

    /// How this database finds the members of a stretch, measures their stays and stores their
    /// scores.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_scores(&self) -> Result<Vec<String>, StoreError> {
        let borders = RfmBorders::of(&[]);
        let mut steps = self.explain(measured_stretch(10, 100)).await?;
        steps.extend(self.explain(measuring(2, 10, 110)).await?);
        steps.extend(self.explain(scoring(2, &borders, 10, 110)).await?);
        Ok(steps)
    }

    /// How this database finds the grid of scores.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_grid(&self) -> Result<Vec<String>, StoreError> {
        self.explain(grid()).await
    }

    /// How this database finds whoever belongs to an audience and has LINE, of a range of
    /// members as a plan is made.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_audience(&self, selection: &Selection) -> Result<Vec<String>, StoreError> {
        let range = crate::audience::planned(selection).then(" AND m.id > 10 AND m.id <= 110");
        self.explain(range).await
    }

    /// How this database finds the figures of reports: those of days, of subjects, and of the
    /// campaigns sent in a period.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_reports(
        &self,
        days: (NaiveDate, NaiveDate),
        moments: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Vec<Vec<String>>, StoreError> {
        let figures = [Figure::CampaignSent, Figure::MessagesSent];
        let mut all = Vec::new();
        for statement in [
            days_of(&figures, 0, days.0, days.1),
            days_of(&figures, 7, days.0, days.1),
            subjects_of(Figure::TagTriggered, Some(days), 100),
            subjects_of(
                Figure::TagTriggered,
                Some((days.0, days.1 + TimeDelta::days(365))),
                100,
            ),
            subjects_of(Figure::RuleFired, None, 100),
            sums_of(moments.0, moments.1),
            best_of(moments.0, moments.1, 10),
        ] {
            all.push(self.explain(statement).await?);
        }
        Ok(all)
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
