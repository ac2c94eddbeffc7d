use crate::Database;
use crate::dialect::marks;
use crate::member_list::MemberList;
use crate::member_list_statements::in_order;
use crate::rfm::{SHOWN, scores};
use crate::sql::{Sql, known, page_of, sql};
use crate::stays::TOOK_PLACE;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{HotelTime, ImportId, MemberId, Page, PageRequest, StoreError, TagId};
use crm_members::{
    ConsumptionSummary, Gender, Import, LineState, MemberDetail, MemberFilter, MemberQueries,
    MemberRow, MemberSort, MemberSource, RowError, SealedIdNumber, StayRow, TimelineEntry, WornTag,
    WornTagKind,
};
use sea_orm::FromQueryResult;
use std::collections::HashMap;

const ROW_COLUMNS: &str = "m.id, m.line_uid, m.line_display_name, m.line_picture_url, \
    m.line_state, m.first_name, m.last_name, m.gender, m.email, m.phone, m.source, \
    m.accept_marketing, m.created_at, m.last_interaction_at";

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    line_uid: Option<String>,
    line_display_name: Option<String>,
    line_picture_url: Option<String>,
    line_state: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    gender: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    source: String,
    accept_marketing: bool,
    created_at: DateTime<Utc>,
    last_interaction_at: Option<DateTime<Utc>>,
}

impl Row {
    fn into_view(self, tags: Vec<WornTag>) -> Result<MemberRow, StoreError> {
        Ok(MemberRow {
            id: MemberId::new(self.id),
            line_uid: self.line_uid,
            line_display_name: self.line_display_name,
            line_picture_url: self.line_picture_url,
            line_state: self.line_state.as_deref().and_then(LineState::parse),
            first_name: self.first_name,
            last_name: self.last_name,
            gender: self.gender.as_deref().and_then(Gender::parse),
            email: self.email,
            phone: self.phone,
            source: known(MemberSource::parse(&self.source), "source")?,
            accept_marketing: self.accept_marketing,
            tags,
            created_at: self.created_at,
            last_interaction_at: self.last_interaction_at,
        })
    }
}

#[derive(FromQueryResult)]
struct DetailRow {
    #[sea_orm(nested)]
    row: Row,
    followed_at: Option<DateTime<Utc>>,
    unfollowed_at: Option<DateTime<Utc>>,
    birthday: Option<NaiveDate>,
    id_number_sealed: Option<String>,
    id_number_index: Option<String>,
    notes: Option<String>,
    updated_at: Option<DateTime<Utc>>,
    total: Option<i64>,
    orders: i64,
    recency: Option<i32>,
    frequency: Option<i32>,
    money: Option<i32>,
}

#[derive(FromQueryResult)]
struct TagRow {
    member_id: i64,
    id: i64,
    name: String,
    kind: String,
}

impl Database {
    /// The rows of a page of this list.
    async fn rows_of(
        &self,
        list: &MemberList<'_>,
        page: PageRequest,
    ) -> Result<Vec<Row>, StoreError> {
        let (size, offset) = (page.page_size() as i64, page.offset() as i64);
        if offset >= list.total {
            return Ok(Vec::new());
        }
        if let Some((far, way)) = list.instead {
            let near = list.ids_near(far, size, offset);
            let rows = self.rows_with(list, near).await?;
            if rows.len() as i64 == size {
                return Ok(rows);
            }
            let gathering = list.by(way);
            return self
                .rows_with(&gathering, gathering.ids(size, offset))
                .await;
        }
        let mut rows = self.rows_with(list, list.ids(size, offset)).await?;
        let seen = offset + rows.len() as i64;
        if list.has_two_parts() && (rows.len() as i64) < size && seen < list.total {
            let first_part = if rows.is_empty() && offset > 0 {
                let name = list.named("with a value");
                self.total(name, list.counting_first_part()).await?
            } else {
                seen
            };
            let (wanted, passed) = (size - rows.len() as i64, (offset - first_part).max(0));
            let rest = list.ids_without_value(wanted, passed);
            rows.extend(self.rows_with(list, rest).await?);
        }
        Ok(rows)
    }

    async fn rows_with(&self, list: &MemberList<'_>, ids: Sql) -> Result<Vec<Row>, StoreError> {
        sql(format!("SELECT {ROW_COLUMNS} FROM ("))
            .join(ids)
            .then(&format!(
                ") p {} members m ON m.id = p.id{}",
                in_order(self.is_mysql()),
                list.order()
            ))
            .all(&self.pool)
            .await
    }

    /// The tags of these members, in one query.
    async fn tags_of(&self, members: &[i64]) -> Result<HashMap<i64, Vec<WornTag>>, StoreError> {
        let mut tags: HashMap<i64, Vec<WornTag>> = HashMap::new();
        if members.is_empty() {
            return Ok(tags);
        }
        let rows: Vec<TagRow> = sql(format!(
            "SELECT r.member_id, t.id, t.name, t.kind FROM member_tag_relations r \
             JOIN tags t ON t.id = r.tag_id WHERE r.member_id IN ({}) ORDER BY r.member_id, t.id",
            marks(members.len())
        ))
        .bind_all(members.iter().copied())
        .all(&self.pool)
        .await?;
        for row in rows {
            tags.entry(row.member_id).or_default().push(WornTag {
                id: TagId::new(row.id),
                name: row.name,
                kind: known(WornTagKind::parse(&row.kind), "kind of tag")?,
            });
        }
        Ok(tags)
    }
}

#[async_trait]
impl MemberQueries for Database {
    async fn list(
        &self,
        filter: &MemberFilter,
        sort: MemberSort,
        page: PageRequest,
    ) -> Result<Page<MemberRow>, StoreError> {
        let list = self.member_list(filter, sort, page).await?;
        let rows = self.rows_of(&list, page).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let mut tags = self.tags_of(&ids).await?;
        page_of(rows, list.total, page, |row| {
            let tags = tags.remove(&row.id).unwrap_or_default();
            row.into_view(tags)
        })
    }

    async fn detail(&self, id: MemberId) -> Result<Option<MemberDetail>, StoreError> {
        let row: Option<DetailRow> = sql(format!(
            "SELECT {ROW_COLUMNS}, m.followed_at, m.unfollowed_at, m.birthday, \
             m.id_number_sealed, m.id_number_index, m.notes, m.updated_at, s.total, s.orders, \
             g.recency, g.frequency, g.money \
             FROM members m JOIN (SELECT CAST(SUM(amount_minor) AS SIGNED) AS total, \
             COUNT(*) AS orders FROM consumption_records WHERE member_id = ? \
             AND {TOOK_PLACE}) s \
             LEFT JOIN member_rfm g ON g.member_id = m.id AND g.generation = {SHOWN} \
             WHERE m.id = ?"
        ))
        .bind(id.get())
        .bind(id.get())
        .one(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let tags = self.tags_of(&[id.get()]).await?.remove(&id.get());
        Ok(Some(MemberDetail {
            followed_at: row.followed_at,
            unfollowed_at: row.unfollowed_at,
            birthday: row.birthday,
            id_number: row.id_number_sealed.zip(row.id_number_index).map(
                |(ciphertext, blind_index)| SealedIdNumber {
                    ciphertext,
                    blind_index,
                },
            ),
            notes: row.notes,
            consumption_summary: ConsumptionSummary::of(
                row.total.unwrap_or(0),
                row.orders.unsigned_abs(),
            ),
            rfm: scores(row.recency, row.frequency, row.money),
            updated_at: row.updated_at,
            row: row.row.into_view(tags.unwrap_or_default())?,
        }))
    }

    async fn exists(&self, id: MemberId) -> Result<bool, StoreError> {
        sql("SELECT id FROM members WHERE id = ?")
            .bind(id.get())
            .any(&self.pool)
            .await
    }

    async fn stays(&self, id: MemberId, page: PageRequest) -> Result<Page<StayRow>, StoreError> {
        self.stays_of(id, page).await
    }

    async fn timeline(
        &self,
        id: MemberId,
        at: (DateTime<Utc>, HotelTime),
        page: PageRequest,
    ) -> Result<Page<TimelineEntry>, StoreError> {
        self.timeline_of(id, at, page).await
    }

    async fn import(&self, id: ImportId) -> Result<Option<Import>, StoreError> {
        self.import_by_id(id).await
    }

    async fn imports(&self, page: PageRequest) -> Result<Page<Import>, StoreError> {
        self.page_of_imports(page).await
    }

    async fn import_errors(
        &self,
        id: ImportId,
        page: PageRequest,
    ) -> Result<Page<RowError>, StoreError> {
        self.page_of_import_errors(id, page).await
    }
}
