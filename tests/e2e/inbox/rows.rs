//! What the database says afterwards.

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseConnection, FromQueryResult, Statement};

/// Rows read at once.
const AT_ONCE: usize = 10_000;

#[derive(FromQueryResult)]
pub struct EventRow {
    pub id: i64,
    pub webhook_event_id: String,
    pub status: String,
    pub payload: String,
    pub received_at: DateTime<Utc>,
    pub handled_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
pub struct MessageRow {
    pub id: i64,
    pub member_id: i64,
    pub line_message_id: Option<String>,
    pub content: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, FromQueryResult)]
pub struct ReplyRow {
    pub event_id: i64,
    pub member_id: i64,
    pub auto_response_id: Option<i64>,
    pub keyword_id: Option<i64>,
    pub status: String,
    pub reason: Option<String>,
    pub way: Option<String>,
}

#[derive(FromQueryResult)]
pub struct MemberRow {
    pub id: i64,
    pub line_uid: String,
    pub line_state: String,
    /// Of the conversation, if there is one.
    pub unread_count: Option<i64>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, FromQueryResult)]
pub struct Pair {
    pub a: i64,
    pub b: i64,
}

#[derive(FromQueryResult)]
struct Number {
    n: i64,
}

#[derive(Debug, FromQueryResult)]
#[expect(dead_code, reason = "read by people, by way of Debug")]
pub struct Words {
    pub a: i64,
    pub b: String,
    pub c: Option<String>,
}

/// The database, read by somebody who only looks.
pub struct Rows(pub DatabaseConnection);

impl Rows {
    pub async fn all<R: FromQueryResult>(&self, statement: &str) -> Vec<R> {
        let statement = Statement::from_string(self.0.get_database_backend(), statement);
        R::find_by_statement(statement).all(&self.0).await.unwrap()
    }

    pub async fn number(&self, statement: &str) -> i64 {
        self.all::<Number>(statement).await[0].n
    }

    /// The next events in the order of their ids.
    pub async fn events_after(&self, id: i64) -> Vec<EventRow> {
        self.all(&format!(
            "SELECT id, webhook_event_id, status, payload, received_at, handled_at \
             FROM line_events WHERE id > {id} ORDER BY id LIMIT {AT_ONCE}"
        ))
        .await
    }

    pub async fn incoming(&self) -> Vec<MessageRow> {
        self.all(
            "SELECT id, member_id, line_message_id, content, created_at FROM messages \
             WHERE direction = 'incoming' ORDER BY created_at, id",
        )
        .await
    }

    pub async fn replies(&self) -> Vec<ReplyRow> {
        self.all(
            "SELECT event_id, member_id, auto_response_id, keyword_id, status, reason, way \
             FROM replies ORDER BY id",
        )
        .await
    }

    pub async fn members(&self) -> Vec<MemberRow> {
        self.all(
            "SELECT m.id, m.line_uid, m.line_state, c.unread_count FROM members m \
             LEFT JOIN conversations c ON c.member_id = m.id",
        )
        .await
    }

    /// Events that wait, and answers that have no end yet.
    pub async fn open(&self) -> (i64, i64) {
        let events = "SELECT COUNT(*) AS n FROM line_events WHERE status = 'waiting'";
        let replies = "SELECT COUNT(*) AS n FROM replies WHERE status = 'pending'";
        (self.number(events).await, self.number(replies).await)
    }

    /// Jobs that nobody tries any more.
    pub async fn dead_jobs(&self) -> Vec<Words> {
        self.all("SELECT id AS a, name AS b, last_error AS c FROM jobs WHERE status = 3")
            .await
    }

    /// Why events wait, for whoever has to find out.
    pub async fn waiting(&self) -> Vec<Words> {
        self.all(
            "SELECT id AS a, status AS b, last_error AS c FROM line_events \
             WHERE status IN ('waiting', 'dead') ORDER BY id LIMIT 20",
        )
        .await
    }
}
