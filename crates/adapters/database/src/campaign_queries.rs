use crate::Database;
use crate::audience::{belongs, planned};
use crate::campaigns::{COLUMNS, CampaignStored, missing_campaigns, missing_tags};
use crate::line_stats::{LINE_COLUMNS, LineStored};
use crate::sql::{known, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_campaigns::{
    AudienceEstimate, Campaign, CampaignDetail, CampaignEvent, CampaignFilter, CampaignProgress,
    CampaignQueries, CampaignRow, CampaignStatus, CampaignSummary, CreatorView, LineStatsDue,
    RecipientFilter, RecipientRow, Selection, SkipReason, Taken, TemplateBrief,
};
use crm_kernel::{CampaignId, Page, PageRequest, StoreError, TagId, TemplateId, UserId};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

const JOINED: &str = "t.type AS template_type, t.name AS template_name";

#[derive(FromQueryResult)]
struct ListedRow {
    #[sea_orm(nested)]
    campaign: CampaignStored,
    template_type: String,
    template_name: Option<String>,
}

impl ListedRow {
    fn into_view(self) -> Result<CampaignRow, StoreError> {
        let campaign = Campaign::try_from(self.campaign)?;
        Ok(CampaignRow {
            template: brief(&campaign, self.template_type, self.template_name),
            campaign,
        })
    }
}

fn brief(campaign: &Campaign, kind: String, name: Option<String>) -> TemplateBrief {
    TemplateBrief {
        id: TemplateId::new(campaign.record().template_id.get()),
        kind,
        name,
    }
}

#[derive(FromQueryResult)]
struct DetailRow {
    #[sea_orm(nested)]
    listed: ListedRow,
    planning: bool,
    #[sea_orm(nested)]
    line: LineStored,
    creator_id: Option<i64>,
    creator_username: Option<String>,
    creator_name: Option<String>,
}

#[derive(FromQueryResult)]
struct StatusCount {
    status: String,
    n: i64,
}

#[derive(FromQueryResult)]
struct UnderWay {
    id: i64,
    status: String,
}

#[derive(FromQueryResult)]
struct ReasonCount {
    reason: Option<String>,
    n: i64,
}

#[async_trait]
impl CampaignQueries for Database {
    async fn exists(&self, id: CampaignId) -> Result<bool, StoreError> {
        sql("SELECT id FROM campaigns WHERE id = ?")
            .bind(id.get())
            .any(&self.pool)
            .await
    }

    async fn detail(&self, id: CampaignId) -> Result<Option<CampaignDetail>, StoreError> {
        let row: Option<DetailRow> = sql(format!(
            "SELECT {COLUMNS}, {LINE_COLUMNS}, {JOINED}, EXISTS (SELECT 1 FROM campaign_plans p \
             WHERE p.campaign_id = c.id AND p.phase <> 'done') AS planning, u.id AS creator_id, u.username AS creator_username, \
             u.full_name AS creator_name FROM campaigns c \
             JOIN message_templates t ON t.id = c.template_id \
             LEFT JOIN users u ON u.id = c.created_by WHERE c.id = ?"
        ))
        .bind(id.get())
        .one(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let created_by = row
            .creator_id
            .zip(row.creator_username)
            .map(|(id, username)| CreatorView {
                id: UserId::new(id),
                username,
                full_name: row.creator_name,
            });
        let listed = row.listed.into_view()?;
        let reasons: Vec<ReasonCount> =
            sql("SELECT reason, skipped AS n FROM campaign_skips WHERE campaign_id = ?")
                .bind(id.get())
                .all(&self.pool)
                .await?;
        let mut skipped = BTreeMap::new();
        for row in reasons.iter().filter(|row| row.n != 0) {
            let name = row.reason.as_deref().unwrap_or_default();
            skipped.insert(known(SkipReason::parse(name), "reason")?, row.n);
        }
        Ok(Some(CampaignDetail {
            skipped,
            planning: row.planning,
            campaign: listed.campaign,
            template: listed.template,
            created_by,
            line_stats: row.line.into_view(),
        }))
    }

    async fn list(
        &self,
        filter: &CampaignFilter,
        page: PageRequest,
    ) -> Result<(Page<CampaignRow>, CampaignSummary), StoreError> {
        let mut dates = sql(" WHERE 1 = 1");
        if let Some(from) = filter.from {
            dates = dates.then(" AND c.shown_at >= ?").bind(from);
        }
        if let Some(until) = filter.until {
            dates = dates.then(" AND c.shown_at < ?").bind(until);
        }
        let counts: Vec<StatusCount> = sql("SELECT c.status, COUNT(*) AS n FROM campaigns c")
            .join(dates.clone())
            .then(" GROUP BY c.status")
            .all(&self.pool)
            .await?;
        let mut summary = CampaignSummary::default();
        for row in counts {
            let status = known(CampaignStatus::parse(&row.status), "status of a campaign")?;
            summary.total += row.n.unsigned_abs();
            summary
                .by_status
                .insert(status.as_str(), row.n.unsigned_abs());
        }
        let mut condition = dates;
        let total = match filter.status {
            None => summary.total,
            Some(status) => {
                condition = condition.then(" AND c.status = ?").bind(status.as_str());
                summary.by_status.get(status.as_str()).copied().unwrap_or(0)
            }
        };
        // A list never shows what was frozen, which may be long.
        let columns = COLUMNS.replace("c.frozen_template", "NULL AS frozen_template");
        let rows: Vec<ListedRow> = sql(format!(
            "SELECT {columns}, {JOINED} FROM campaigns c \
             JOIN message_templates t ON t.id = c.template_id"
        ))
        .join(condition)
        .then(" ORDER BY c.shown_at DESC, c.id DESC")
        .page(page)
        .all(&self.pool)
        .await?;
        let items = rows
            .into_iter()
            .map(ListedRow::into_view)
            .collect::<Result<_, _>>()?;
        let page = Page {
            items,
            total,
            request: page,
        };
        Ok((page, summary))
    }

    async fn history(
        &self,
        id: CampaignId,
        page: PageRequest,
    ) -> Result<Page<CampaignEvent>, StoreError> {
        self.events_of(id, page).await
    }

    async fn progress(&self, id: CampaignId) -> Result<Option<CampaignProgress>, StoreError> {
        self.progress_of(id).await
    }

    async fn taken_lately(&self, id: CampaignId, now: DateTime<Utc>) -> Result<Taken, StoreError> {
        self.taken_from(id, now).await
    }

    async fn line_stats_due(&self, now: DateTime<Utc>) -> Result<Option<LineStatsDue>, StoreError> {
        self.next_for_line(now).await
    }

    async fn recipients(
        &self,
        id: CampaignId,
        filter: &RecipientFilter,
        page: PageRequest,
    ) -> Result<Page<RecipientRow>, StoreError> {
        self.recipients_of(id, filter, page).await
    }

    async fn estimate(&self, selection: &Selection) -> Result<AudienceEstimate, StoreError> {
        let rows: Vec<ReasonCount> = sql("SELECT p.reason AS reason, COUNT(*) AS n FROM (")
            .join(planned(selection))
            .then(") p GROUP BY p.reason")
            .all(&self.pool)
            .await?;
        let mut estimate = AudienceEstimate::default();
        for row in rows {
            match row.reason {
                None => estimate.eligible = row.n,
                Some(name) => {
                    estimate
                        .skipped
                        .insert(known(SkipReason::parse(&name), "reason")?, row.n);
                }
            }
        }
        estimate.without_line = sql("SELECT COUNT(*) FROM members m WHERE m.line_uid IS NULL AND ")
            .join(belongs(selection))
            .number(&self.pool)
            .await?;
        Ok(estimate)
    }

    async fn missing_tags(&self, tags: &[TagId]) -> Result<Vec<TagId>, StoreError> {
        missing_tags(&self.pool, tags, "").await
    }

    async fn active(&self) -> Result<Vec<CampaignId>, StoreError> {
        sql("SELECT id FROM campaigns WHERE status = 'active' ORDER BY id")
            .ids(&self.pool)
            .await
    }

    async fn under_way(
        &self,
        since: DateTime<Utc>,
    ) -> Result<Vec<(CampaignId, CampaignStatus)>, StoreError> {
        let rows: Vec<UnderWay> = sql("SELECT id, status FROM campaigns WHERE status = 'sending' \
             UNION ALL SELECT id, status FROM campaigns WHERE status = 'sent' AND shown_at >= ?")
        .bind(since)
        .all(&self.pool)
        .await?;
        let view = |row: UnderWay| {
            let status = known(CampaignStatus::parse(&row.status), "status of a campaign")?;
            Ok((CampaignId::new(row.id), status))
        };
        rows.into_iter().map(view).collect()
    }

    async fn missing_campaigns(
        &self,
        campaigns: &[CampaignId],
    ) -> Result<Vec<CampaignId>, StoreError> {
        missing_campaigns(&self.pool, campaigns, "").await
    }

    async fn frozen_template(&self, id: CampaignId) -> Result<Option<String>, StoreError> {
        #[derive(FromQueryResult)]
        struct Frozen {
            frozen_template: Option<String>,
        }
        let row: Option<Frozen> = sql("SELECT frozen_template FROM campaigns WHERE id = ?")
            .bind(id.get())
            .one(&self.pool)
            .await?;
        Ok(row.and_then(|row| row.frozen_template))
    }
}
