//! The list of a campaign's recipients, which may have a million of them.

use crate::Database;
use crate::dialect::marks;
use crate::recipient_list_statements::Part;
use crate::sql::{Sql, known, page_of, sql};
use crate::totals::WORTH_REMEMBERING;
use chrono::{DateTime, Utc};
use crm_campaigns::{
    CampaignProgress, Counts, RecipientFilter, RecipientMember, RecipientRow, RecipientStatus,
};
use crm_kernel::{CampaignId, MemberId, Page, PageRequest, StoreError};
use sea_orm::FromQueryResult;
use std::collections::HashMap;

/// A recipient's status: how it was settled (by its own row once that is not pending, until then
/// by its batch), and for one that was sent, how far it came.
pub(crate) const STATUS: &str = "CASE WHEN r.status IN ('failed', 'skipped') THEN r.status \
    WHEN r.status = 'pending' AND b.state IN ('failed', 'unknown') THEN 'failed' \
    WHEN r.status = 'pending' AND b.state = 'cancelled' THEN 'skipped' \
    WHEN r.status = 'pending' AND COALESCE(b.state, 'pending') <> 'accepted' THEN 'pending' \
    WHEN r.clicked_at IS NOT NULL THEN 'clicked' WHEN r.opened_at IS NOT NULL THEN 'opened' \
    ELSE 'sent' END";
const REASON: &str = "CASE WHEN r.status = 'pending' THEN b.reason ELSE r.reason END";

#[derive(FromQueryResult)]
struct RecipientStored {
    id: i64,
    member_id: Option<i64>,
    first_name: Option<String>,
    last_name: Option<String>,
    line_display_name: Option<String>,
    email: Option<String>,
    status: String,
    reason: Option<String>,
    error_message: Option<String>,
    sent_at: Option<DateTime<Utc>>,
    opened_at: Option<DateTime<Utc>>,
    clicked_at: Option<DateTime<Utc>>,
}

impl RecipientStored {
    fn into_view(self) -> Result<RecipientRow, StoreError> {
        Ok(RecipientRow {
            member: self.member_id.map(|id| RecipientMember {
                id: MemberId::new(id),
                last_name: self.last_name,
                first_name: self.first_name,
                display_name: self.line_display_name,
                email: self.email,
            }),
            status: known(RecipientStatus::parse(&self.status), "recipient status")?,
            reason: self.reason,
            error_message: self.error_message,
            sent_at: self.sent_at,
            opened_at: self.opened_at,
            clicked_at: self.clicked_at,
        })
    }
}

impl Database {
    pub(crate) async fn recipients_of(
        &self,
        id: CampaignId,
        filter: &RecipientFilter,
        page: PageRequest,
    ) -> Result<Page<RecipientRow>, StoreError> {
        let progress = self.progress_of(id).await?;
        let counts = progress.map_or(Counts::default(), |CampaignProgress { counts, .. }| counts);
        let total = self.total_of(id, filter, &counts).await?;
        let mut ids: Vec<i64> = Vec::new();
        for statement in self.statements(id, filter, page, total).await? {
            let wanted = page.page_size() as i64 - ids.len() as i64;
            if wanted > 0 {
                let found = statement.read(wanted).ids::<i64>(&self.pool).await?;
                ids.extend(found);
            }
            if statement.from_the_end {
                ids.reverse();
            }
        }
        let mut rows = self.rows(&ids).await?;
        let rows = ids.iter().filter_map(|id| rows.remove(id)).collect();
        page_of(rows, total, page, RecipientStored::into_view)
    }

    /// How this database finds the recipients of a page: one line per step, in its own words.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_recipients(
        &self,
        id: CampaignId,
        filter: &RecipientFilter,
        page: PageRequest,
    ) -> Result<Vec<String>, StoreError> {
        let mut steps = Vec::new();
        for part in Part::of(filter.status, filter.reason.as_deref()) {
            let ids = part.ids(id.get(), self.is_mysql()).page(page);
            steps.extend(self.explain(ids).await?);
        }
        Ok(steps)
    }

    /// How long the list is: a long one from the campaign's kept figures where they tell, since
    /// nobody leaves a frozen plan and every settling moves them; any other is counted.
    async fn total_of(
        &self,
        id: CampaignId,
        filter: &RecipientFilter,
        counts: &Counts,
    ) -> Result<i64, StoreError> {
        let is_through = counts.failed == 0 && counts.pending() == 0;
        let kept = match (filter.status, filter.reason.as_deref()) {
            (None, None) => Some(counts.recipients),
            (Some(RecipientStatus::Pending), None) => Some(counts.pending()),
            (Some(RecipientStatus::Sent), None) => Some(counts.sent),
            (Some(RecipientStatus::Failed), None) => Some(counts.failed),
            (Some(RecipientStatus::Skipped), None) => Some(counts.skipped),
            // Whoever failed, or waits for LINE's answer, may have opened it as well.
            (Some(RecipientStatus::Opened), None) if is_through => Some(counts.opened),
            (Some(RecipientStatus::Clicked), None) if is_through => Some(counts.clicked),
            _ => None,
        };
        if let Some(kept) = kept.filter(|kept| *kept >= WORTH_REMEMBERING) {
            return Ok(kept);
        }
        let mut total = 0;
        for part in Part::of(filter.status, filter.reason.as_deref()) {
            total += self.length(id, &part).await?;
        }
        Ok(total)
    }

    async fn length(&self, id: CampaignId, part: &Part) -> Result<i64, StoreError> {
        let what = format!("recipients {id} {part:?}");
        let count = part.count(id.get(), self.is_mysql());
        self.total(what, count).await
    }

    /// What to read, one after the other, until the page is full.
    async fn statements(
        &self,
        id: CampaignId,
        filter: &RecipientFilter,
        page: PageRequest,
        total: i64,
    ) -> Result<Vec<Reading>, StoreError> {
        let mut offset = page.offset() as i64;
        if offset >= total {
            return Ok(Vec::new());
        }
        let mysql = self.is_mysql();
        let parts = Part::of(filter.status, filter.reason.as_deref());
        if parts == [Part::Everybody] && offset > total / 2 {
            let behind = total - offset - page.page_size() as i64;
            return Ok(vec![Reading {
                ids: Part::ids_from_the_end(id.get(), mysql),
                offset: behind.max(0),
                at_most: total - offset,
                from_the_end: true,
            }]);
        }
        let mut readings = Vec::with_capacity(parts.len());
        for (i, part) in parts.iter().enumerate() {
            if i + 1 < parts.len() {
                // Where the next part begins.
                let length = self.length(id, part).await?;
                if offset >= length {
                    offset -= length;
                    continue;
                }
            }
            readings.push(Reading {
                ids: part.ids(id.get(), mysql),
                offset,
                at_most: i64::MAX,
                from_the_end: false,
            });
            offset = 0;
        }
        Ok(readings)
    }

    /// The rows of a page, once it is known which.
    async fn rows(&self, ids: &[i64]) -> Result<HashMap<i64, RecipientStored>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<RecipientStored> = sql(format!(
            "SELECT r.id, m.id AS member_id, m.first_name, m.last_name, m.line_display_name, \
             m.email, {STATUS} AS status, {REASON} AS reason, \
             CASE WHEN r.status = 'pending' THEN b.message ELSE r.error_message END AS error_message, \
             COALESCE(r.sent_at, CASE WHEN b.state = 'accepted' \
             AND r.status NOT IN ('failed', 'skipped') THEN b.finished_at END) AS sent_at, \
             r.opened_at, r.clicked_at FROM campaign_recipients r LEFT JOIN campaign_batches b \
             ON b.campaign_id = r.campaign_id AND b.number = r.batch_number \
             LEFT JOIN members m ON m.id = r.member_id WHERE r.id IN ({})",
            marks(ids.len())
        ))
        .bind_all(ids.iter().copied())
        .all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

/// A stretch of a part.
struct Reading {
    ids: Sql,
    offset: i64,
    at_most: i64,
    from_the_end: bool,
}

impl Reading {
    fn read(&self, wanted: i64) -> Sql {
        self.ids
            .clone()
            .then(" LIMIT ? OFFSET ?")
            .bind(wanted.min(self.at_most))
            .bind(self.offset)
    }
}
