use crate::Database;
use crate::dialect::contains;
use crate::sql::{Sql, known, page_of, sql};
use crate::tags::{COLUMNS, StoredTag};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, MemberId, MessageId, Page, PageRequest, StoreError, TagId};
use crm_tags::{
    MostUsedTag, Tag, TagFilter, TagKind, TagName, TagQueries, TagRow, TagStatistics, Touched,
    TriggerCampaign, TriggerMember, TriggerRow, TriggerSource, WornTag,
};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct WornRow {
    id: i64,
    name: String,
    kind: String,
    tagged_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct KindCount {
    kind: String,
    n: i64,
}

#[derive(FromQueryResult)]
struct MostUsed {
    id: i64,
    name: String,
    member_count: i64,
}

#[async_trait]
impl TagQueries for Database {
    async fn list(
        &self,
        filter: &TagFilter,
        page: PageRequest,
    ) -> Result<Page<TagRow>, StoreError> {
        let mut condition = sql(" WHERE 1 = 1");
        if let Some(kind) = filter.kind {
            condition = condition.then(" AND kind = ?").bind(kind.as_str());
        }
        if let Some(search) = filter
            .search
            .as_deref()
            .map(str::trim)
            .filter(|s| !s.is_empty())
        {
            let name = TagName::from_stored(search.to_owned());
            condition = condition
                .then(" AND name_key LIKE ? ESCAPE '!'")
                .bind(contains(&name.name_key()));
        }
        if let Some(campaign) = filter.campaign_id {
            condition = condition.then(" AND campaign_id = ?").bind(campaign.get());
        }
        let total = sql("SELECT COUNT(*) FROM tags")
            .join(condition.clone())
            .number(&self.pool)
            .await?;
        let rows: Vec<StoredTag> = sql(format!("SELECT {COLUMNS} FROM tags"))
            .join(condition)
            .then(" ORDER BY id")
            .page(page)
            .all(&self.pool)
            .await?;
        page_of(rows, total, page, |row| {
            Ok(TagRow::from(&Tag::try_from(row)?))
        })
    }

    async fn detail(&self, id: TagId) -> Result<Option<TagRow>, StoreError> {
        let row: Option<StoredTag> = sql(format!("SELECT {COLUMNS} FROM tags WHERE id = ?"))
            .bind(id.get())
            .one(&self.pool)
            .await?;
        row.map(|row| Ok(TagRow::from(&Tag::try_from(row)?)))
            .transpose()
    }

    async fn of_member(&self, member: MemberId) -> Result<Vec<WornTag>, StoreError> {
        let rows: Vec<WornRow> = sql(
            "SELECT t.id, t.name, t.kind, r.tagged_at FROM member_tag_relations r \
             JOIN tags t ON t.id = r.tag_id WHERE r.member_id = ? ORDER BY t.id",
        )
        .bind(member.get())
        .all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(WornTag {
                    id: TagId::new(row.id),
                    name: row.name,
                    kind: known(TagKind::parse(&row.kind), "kind of tag")?,
                    tagged_at: row.tagged_at,
                })
            })
            .collect()
    }

    async fn statistics(&self) -> Result<TagStatistics, StoreError> {
        let kinds: Vec<KindCount> = sql("SELECT kind, COUNT(*) AS n FROM tags GROUP BY kind")
            .all(&self.pool)
            .await?;
        let of = |kind: TagKind| {
            let row = kinds.iter().find(|row| row.kind == kind.as_str());
            row.map_or(0, |row| row.n.unsigned_abs())
        };
        let most: Option<MostUsed> =
            sql("SELECT id, name, member_count FROM tags ORDER BY member_count DESC, id LIMIT 1")
                .one(&self.pool)
                .await?;
        Ok(TagStatistics {
            total_tags: kinds.iter().map(|row| row.n.unsigned_abs()).sum(),
            member_tags: of(TagKind::Member),
            interaction_tags: of(TagKind::Interaction),
            most_used_tag: most.map(|row| MostUsedTag {
                id: TagId::new(row.id),
                name: row.name,
                member_count: row.member_count.unsigned_abs(),
            }),
        })
    }

    async fn triggers(&self, id: TagId, page: PageRequest) -> Result<Page<TriggerRow>, StoreError> {
        let total = sql("SELECT COUNT(*) FROM tag_trigger_logs WHERE tag_id = ?")
            .bind(id.get())
            .number(&self.pool)
            .await?;
        let rows: Vec<LogRow> = triggers(id, page).all(&self.pool).await?;
        page_of(rows, total, page, LogRow::into_view)
    }
}

/// The page's lines first: names are looked up for them alone.
pub(crate) fn triggers(id: TagId, page: PageRequest) -> Sql {
    sql(
        "SELECT m.id AS member_id, m.first_name, m.last_name, m.line_display_name, \
         c.id AS campaign_id, c.title, l.message_id, l.item, l.label, l.trigger_source, \
         l.triggered_at FROM (SELECT id FROM tag_trigger_logs WHERE tag_id = ? \
         ORDER BY triggered_at DESC, id DESC",
    )
    .bind(id.get())
    .page(page)
    .then(
        ") found JOIN tag_trigger_logs l ON l.id = found.id \
         LEFT JOIN members m ON m.id = l.member_id LEFT JOIN campaigns c ON c.id = l.campaign_id \
         ORDER BY l.triggered_at DESC, l.id DESC",
    )
}

#[derive(FromQueryResult)]
struct LogRow {
    member_id: Option<i64>,
    first_name: Option<String>,
    last_name: Option<String>,
    line_display_name: Option<String>,
    campaign_id: Option<i64>,
    title: Option<String>,
    message_id: Option<i64>,
    item: Option<i32>,
    label: Option<String>,
    trigger_source: String,
    triggered_at: DateTime<Utc>,
}

impl LogRow {
    fn into_view(self) -> Result<TriggerRow, StoreError> {
        let item = self.item.map(u16::try_from).transpose();
        let item = item.map_err(|e| StoreError::Internal(Box::new(e)))?;
        Ok(TriggerRow {
            member: self.member_id.map(|id| TriggerMember {
                id: MemberId::new(id),
                first_name: self.first_name,
                last_name: self.last_name,
                display_name: self.line_display_name,
            }),
            campaign: self
                .campaign_id
                .zip(self.title)
                .map(|(id, title)| TriggerCampaign {
                    id: CampaignId::new(id),
                    title,
                }),
            message_id: self.message_id.map(MessageId::new),
            touched: item.map(|item| Touched {
                item,
                label: self.label,
            }),
            source: known(
                TriggerSource::parse(&self.trigger_source),
                "source of a trigger",
            )?,
            at: self.triggered_at,
        })
    }
}
