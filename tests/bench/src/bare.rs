//! The bare side: handlers that run the product's statements and write JSON, and do nothing else.
//! No token is read, no permission asked, nothing is logged, no header is added.
//!
//! A page of members comes from the product's own query, so that both sides always run the same
//! statements. What a member's page and a sign-in are looked up by is written out here: renew
//! it when `crates/adapters/database` asks otherwise.

use crate::clicks::TARGET;
use crate::place::Place;
use crate::server::Server;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse};
use crm_database::Database;
use crm_kernel::{PageRequest, TagId};
use crm_members::{MemberFilter, MemberQueries, MemberRow, MemberSearch, MemberSort};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};
use serde::{Deserialize, Serialize};
use std::error::Error;

const CALLER: &str = "SELECT s.id, s.user_id, s.created_at, s.expires_at, s.revoked_at, \
    u.username, u.full_name, u.role, u.is_active \
    FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ?";
const MEMBER: &str = "SELECT m.id, m.line_uid, m.line_display_name, m.line_picture_url, \
    m.line_state, m.first_name, m.last_name, m.gender, m.email, m.phone, m.source, \
    m.accept_marketing, m.created_at, m.last_interaction_at, m.followed_at, m.unfollowed_at, \
    m.birthday, m.id_number_sealed, m.id_number_index, m.notes, m.updated_at \
    FROM members m WHERE m.id = ?";
const STAYS: &str = "SELECT CAST(SUM(amount_minor) AS SIGNED) AS total, COUNT(*) AS orders \
    FROM consumption_records WHERE member_id = ? \
    AND (pms_status IS NULL OR pms_status IN ('checked_out', 'in_house'))";
const TAGS: &str = "SELECT r.member_id, t.id, t.name, t.kind FROM member_tag_relations r \
    JOIN tags t ON t.id = r.tag_id WHERE r.member_id IN (?) ORDER BY r.member_id, t.id";

/// The sign-in that the bare side looks up; it never looks at a token.
const SESSION: i64 = 1;

pub struct Bare {
    pub server: Server,
    database: Database,
}

impl Bare {
    pub async fn start(place: &Place) -> Result<Self, Box<dyn Error>> {
        let database = place.connect().await?;
        let server = {
            let database = Data::new(database.clone());
            Server::start(move || {
                App::new()
                    .app_data(database.clone())
                    .route("/api/v1/members", web::get().to(list))
                    .route("/api/v1/members/{id}", web::get().to(detail))
                    .route("/t/{token}", web::get().to(redirect))
            })?
        };
        Ok(Self { server, database })
    }

    pub async fn stop(self) {
        self.server.stop().await;
        self.database.close().await;
    }
}

/// Where a tracked link leads, when nobody looks at its token.
async fn redirect(_token: web::Path<String>) -> HttpResponse {
    HttpResponse::Found()
        .insert_header(("cache-control", "no-store"))
        .insert_header(("location", TARGET))
        .finish()
}

async fn ask(db: &Database, sql: &str, value: i64) -> Result<Vec<QueryResult>, DbErr> {
    let backend = db.pool().get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [value.into()]);
    db.pool().query_all_raw(statement).await
}

#[derive(Serialize)]
struct Page<T> {
    items: Vec<T>,
    total: u64,
}

#[derive(Serialize)]
struct Tag {
    id: i64,
    name: String,
    r#type: String,
}

/// A member with what a list shows, in the product's words.
#[derive(Serialize)]
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
    tags: Vec<Tag>,
    created_at: String,
    last_interaction_at: Option<String>,
}

#[derive(Serialize)]
struct Detail {
    #[serde(flatten)]
    row: Row,
    followed_at: Option<String>,
    unfollowed_at: Option<String>,
    birthday: Option<String>,
    id_number: Option<String>,
    notes: Option<String>,
    total: i64,
    orders: i64,
    updated_at: Option<String>,
}

type Time = chrono::DateTime<chrono::Utc>;

fn time(row: &QueryResult, column: &str) -> Result<Option<String>, DbErr> {
    let time: Option<Time> = row.try_get("", column)?;
    Ok(time.map(|time| time.to_rfc3339()))
}

async fn detail(id: web::Path<i64>, db: Data<Database>) -> HttpResponse {
    match find(&db, *id).await {
        Ok(Some(detail)) => HttpResponse::Ok().json(detail),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn find(db: &Database, id: i64) -> Result<Option<Detail>, DbErr> {
    look_up_caller(db).await?;
    let rows = ask(db, MEMBER, id).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let stays = ask(db, STAYS, id).await?;
    let tags = ask(db, TAGS, id).await?;
    let sum = stays.first();
    Ok(Some(Detail {
        followed_at: time(row, "followed_at")?,
        unfollowed_at: time(row, "unfollowed_at")?,
        birthday: row
            .try_get::<Option<chrono::NaiveDate>>("", "birthday")?
            .map(|day| day.to_string()),
        id_number: row.try_get("", "id_number_sealed")?,
        notes: row.try_get("", "notes")?,
        total: sum
            .map(|sum| sum.try_get::<Option<i64>>("", "total"))
            .transpose()?
            .flatten()
            .unwrap_or_default(),
        orders: sum.map_or(Ok(0), |sum| sum.try_get("", "orders"))?,
        updated_at: time(row, "updated_at")?,
        row: Row {
            id: row.try_get("", "id")?,
            line_uid: row.try_get("", "line_uid")?,
            line_display_name: row.try_get("", "line_display_name")?,
            line_picture_url: row.try_get("", "line_picture_url")?,
            line_state: row.try_get("", "line_state")?,
            first_name: row.try_get("", "first_name")?,
            last_name: row.try_get("", "last_name")?,
            gender: row.try_get("", "gender")?,
            email: row.try_get("", "email")?,
            phone: row.try_get("", "phone")?,
            source: row.try_get("", "source")?,
            accept_marketing: row.try_get("", "accept_marketing")?,
            tags: tags.iter().map(tag).collect::<Result<_, _>>()?,
            created_at: time(row, "created_at")?.unwrap_or_default(),
            last_interaction_at: time(row, "last_interaction_at")?,
        },
    }))
}

fn tag(row: &QueryResult) -> Result<Tag, DbErr> {
    Ok(Tag {
        id: row.try_get("", "id")?,
        name: row.try_get("", "name")?,
        r#type: row.try_get("", "kind")?,
    })
}

async fn look_up_caller(db: &Database) -> Result<(), DbErr> {
    ask(db, CALLER, SESSION).await.map(drop)
}

#[derive(Deserialize)]
struct Asked {
    search: Option<String>,
    tags: Option<i64>,
    page: Option<u64>,
    page_size: Option<u64>,
}

async fn list(asked: web::Query<Asked>, db: Data<Database>) -> HttpResponse {
    match page(&db, &asked).await {
        Ok(page) => HttpResponse::Ok().json(page),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn page(db: &Database, asked: &Asked) -> Result<Page<Row>, Box<dyn Error>> {
    look_up_caller(db).await?;
    let filter = MemberFilter {
        search: asked.search.as_deref().and_then(MemberSearch::new),
        tags: asked.tags.map(TagId::new).into_iter().collect(),
        ..MemberFilter::default()
    };
    let request = PageRequest::new(asked.page.unwrap_or(1), asked.page_size.unwrap_or(20));
    let request = request.ok_or("no such page")?;
    let found = MemberQueries::list(db, &filter, MemberSort::default(), request).await?;
    Ok(Page {
        items: found.items.into_iter().map(Row::from).collect(),
        total: found.total,
    })
}

impl From<MemberRow> for Row {
    fn from(member: MemberRow) -> Self {
        Self {
            id: member.id.get(),
            line_uid: member.line_uid,
            line_display_name: member.line_display_name,
            line_picture_url: member.line_picture_url,
            line_state: member.line_state.map(|state| state.as_str().to_owned()),
            first_name: member.first_name,
            last_name: member.last_name,
            gender: member.gender.map(|gender| gender.as_str().to_owned()),
            email: member.email,
            phone: member.phone,
            source: member.source.as_str().to_owned(),
            accept_marketing: member.accept_marketing,
            tags: member
                .tags
                .into_iter()
                .map(|tag| Tag {
                    id: tag.id.get(),
                    name: tag.name,
                    r#type: tag.kind.as_str().to_owned(),
                })
                .collect(),
            created_at: member.created_at.to_rfc3339(),
            last_interaction_at: member.last_interaction_at.map(|at| at.to_rfc3339()),
        }
    }
}
