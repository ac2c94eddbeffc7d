use crate::Database;
use crate::dialect::{contains, marks};
use crate::sql::{Sql, known, page_of, sql};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{MemberId, Page, PageRequest, StoreError, TagId};
use crm_members::{
    ConsumptionSummary, Gender, LineState, MemberDetail, MemberFilter, MemberQueries, MemberRow,
    MemberSort, MemberSortColumn, MemberSource, SealedIdNumber, SortOrder, StayRow, TagsMode,
    WornTag, WornTagKind,
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
}

#[derive(FromQueryResult)]
struct TagRow {
    member_id: i64,
    id: i64,
    name: String,
    kind: String,
}

#[derive(FromQueryResult)]
struct SumRow {
    total: Option<i64>,
    orders: i64,
}

impl Database {
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

/// `WHERE …` of a list; `1 = 1` keeps every part an `AND`.
fn condition(filter: &MemberFilter, mysql: bool) -> Sql {
    let mut all = sql(" WHERE 1 = 1");
    if let Some(search) = &filter.search {
        all = all.join(searched(search, mysql));
    }
    let mut tags = filter.tags.clone();
    tags.sort_unstable();
    tags.dedup();
    const WEARS: &str = " AND EXISTS (SELECT 1 FROM member_tag_relations r \
                         WHERE r.member_id = m.id AND r.tag_id";
    match filter.tags_mode {
        TagsMode::All => {
            for tag in &tags {
                all = all.then(WEARS).then(" = ?)").bind(tag.get());
            }
        }
        TagsMode::Any if !tags.is_empty() => {
            all = all
                .then(WEARS)
                .then(&format!(" IN ({}))", marks(tags.len())))
                .bind_all(tags.iter().map(|t| t.get()));
        }
        TagsMode::Any => {}
    }
    if !filter.sources.is_empty() {
        all = all
            .then(&format!(
                " AND m.source IN ({})",
                marks(filter.sources.len())
            ))
            .bind_all(filter.sources.iter().map(|s| s.as_str()));
    }
    if let Some(gender) = filter.gender {
        all = all.then(" AND m.gender = ?").bind(gender.as_str());
    }
    if let Some(state) = filter.line_state {
        all = all.then(" AND m.line_state = ?").bind(state.as_str());
    }
    if let Some(from) = filter.created_from {
        all = all.then(" AND m.created_at >= ?").bind(from);
    }
    if let Some(before) = filter.created_before {
        all = all.then(" AND m.created_at < ?").bind(before);
    }
    all
}

/// One box for everything a member may be known by; names in either order.
fn searched(search: &crm_members::MemberSearch, mysql: bool) -> Sql {
    let text = contains(search.text());
    let (family_first, given_first) = if mysql {
        (
            "CONCAT(COALESCE(m.last_name, ''), COALESCE(m.first_name, ''))",
            "CONCAT(COALESCE(m.first_name, ''), ' ', COALESCE(m.last_name, ''))",
        )
    } else {
        (
            "COALESCE(m.last_name, '') || COALESCE(m.first_name, '')",
            "COALESCE(m.first_name, '') || ' ' || COALESCE(m.last_name, '')",
        )
    };
    let mut any = sql(" AND (m.line_display_name LIKE ? ESCAPE '!'").bind(text.clone());
    for column in [family_first, given_first, "m.email"] {
        any = any
            .then(&format!(" OR {column} LIKE ? ESCAPE '!'"))
            .bind(text.clone());
    }
    if let Some(digits) = search.phone_digits() {
        any = any
            .then(" OR m.phone_key LIKE ? ESCAPE '!'")
            .bind(contains(&digits));
    }
    any.then(")")
}

/// `ORDER BY …` with nulls last in both directions and ties by id.
fn order(sort: MemberSort) -> String {
    let column = match sort.column {
        MemberSortColumn::LastInteractionAt => "m.last_interaction_at",
        MemberSortColumn::CreatedAt => "m.created_at",
        MemberSortColumn::UpdatedAt => "m.updated_at",
        MemberSortColumn::Id => "m.id",
        MemberSortColumn::FirstName => "m.first_name",
        MemberSortColumn::LastName => "m.last_name",
        MemberSortColumn::LineDisplayName => "m.line_display_name",
        MemberSortColumn::Email => "m.email",
    };
    let never_null = matches!(
        sort.column,
        MemberSortColumn::Id | MemberSortColumn::CreatedAt
    );
    match sort.order {
        // Both databases put nulls first going up and last going down.
        SortOrder::Asc if never_null => format!(" ORDER BY {column} ASC, m.id ASC"),
        SortOrder::Asc => format!(" ORDER BY {column} IS NULL, {column} ASC, m.id ASC"),
        SortOrder::Desc => format!(" ORDER BY {column} DESC, m.id DESC"),
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
        let condition = condition(filter, self.is_mysql());
        let total = sql("SELECT COUNT(*) FROM members m")
            .join(condition.clone())
            .number(&self.pool)
            .await?;
        let rows: Vec<Row> = sql(format!("SELECT {ROW_COLUMNS} FROM members m"))
            .join(condition)
            .then(&order(sort))
            .page(page)
            .all(&self.pool)
            .await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let mut tags = self.tags_of(&ids).await?;
        page_of(rows, total, page, |row| {
            let tags = tags.remove(&row.id).unwrap_or_default();
            row.into_view(tags)
        })
    }

    async fn detail(&self, id: MemberId) -> Result<Option<MemberDetail>, StoreError> {
        let row: Option<DetailRow> = sql(format!(
            "SELECT {ROW_COLUMNS}, m.followed_at, m.unfollowed_at, m.birthday, \
             m.id_number_sealed, m.id_number_index, m.notes, m.updated_at \
             FROM members m WHERE m.id = ?"
        ))
        .bind(id.get())
        .one(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        // Booked and cancelled stays are no consumption yet, or none at all.
        let sum: Option<SumRow> = sql(
            "SELECT CAST(SUM(amount_minor) AS SIGNED) AS total, COUNT(*) AS orders \
             FROM consumption_records WHERE member_id = ? \
             AND (pms_status IS NULL OR pms_status IN ('checked_out', 'in_house'))",
        )
        .bind(id.get())
        .one(&self.pool)
        .await?;
        let (total, orders) = sum.map_or((0, 0), |s| (s.total.unwrap_or(0), s.orders));
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
            consumption_summary: ConsumptionSummary::of(total, orders.unsigned_abs()),
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
}
