use crate::audit::{read, stored, word};
use crate::sql::{known, page_of, sql};
use crate::{Database, DatabaseTx};
use chrono::{DateTime, Utc};
use crm_campaigns::{CampaignEvent, CreatorView, EventKind, NewCampaignEvent, StatusReason};
use crm_kernel::{CampaignId, Page, PageRequest, StoreError, UserId};
use sea_orm::FromQueryResult;

impl DatabaseTx {
    pub(crate) async fn note_event(&mut self, event: &NewCampaignEvent) -> Result<(), StoreError> {
        sql(
            "INSERT INTO campaign_events (campaign_id, at, kind, actor, user_id, reason, facts) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(event.campaign.get())
        .bind(event.at)
        .bind(event.kind.as_str())
        .bind(word(&event.actor))
        .bind(event.actor.user_id().map(UserId::get))
        .bind(event.reason.map(StatusReason::as_str))
        .bind(stored(event.facts.clone()))
        .run(&self.tx)
        .await?;
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    at: DateTime<Utc>,
    kind: String,
    user_id: Option<i64>,
    username: Option<String>,
    full_name: Option<String>,
    reason: Option<String>,
    facts: Option<String>,
}

impl Row {
    fn into_view(self) -> Result<CampaignEvent, StoreError> {
        let (user, full_name) = (self.user_id.zip(self.username), self.full_name);
        let reason = self.reason.as_deref();
        Ok(CampaignEvent {
            id: self.id,
            at: self.at,
            kind: known(EventKind::parse(&self.kind), "kind of event")?,
            user: user.map(|(id, username)| CreatorView {
                id: UserId::new(id),
                username,
                full_name,
            }),
            reason: reason
                .map(|code| known(StatusReason::parse(code), "status reason"))
                .transpose()?,
            facts: read(self.facts)?,
        })
    }
}

impl Database {
    pub(crate) async fn events_of(
        &self,
        id: CampaignId,
        page: PageRequest,
    ) -> Result<Page<CampaignEvent>, StoreError> {
        let total = sql("SELECT COUNT(*) FROM campaign_events WHERE campaign_id = ?")
            .bind(id.get())
            .number(&self.pool)
            .await?;
        // Written with the campaign's row locked, so their ids are in the order of what happened.
        let rows: Vec<Row> = sql(
            "SELECT e.id, e.at, e.kind, e.user_id, u.username, u.full_name, e.reason, e.facts \
             FROM campaign_events e LEFT JOIN users u ON u.id = e.user_id \
             WHERE e.campaign_id = ? ORDER BY e.id DESC",
        )
        .bind(id.get())
        .page(page)
        .all(&self.pool)
        .await?;
        page_of(rows, total, page, Row::into_view)
    }
}
