use crate::dialect::{pieces, rows, rows_at_once};
use crate::sql::{Sql, page_of, sql};
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_accounts::{AuditFilter, AuditQueries, AuditRow, AuditUser};
use crm_kernel::{Actor, AuditEntry, AuditTrail, Facts, Page, PageRequest, StoreError, UserId};
use sea_orm::FromQueryResult;
use serde_json::Value;

/// The stored word for who acted.
pub(crate) const fn word(actor: &Actor) -> &'static str {
    match actor {
        Actor::User { .. } => "user",
        Actor::Guest => "guest",
        Actor::System => "system",
    }
}

pub(crate) fn stored(facts: Facts) -> Option<String> {
    (!facts.is_empty()).then(|| Value::from(facts).to_string())
}

#[async_trait]
impl AuditTrail for DatabaseTx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.record_many(vec![entry]).await
    }

    async fn record_many(&mut self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        for some in pieces(&entries, rows_at_once(8)) {
            let insert = sql(format!(
                "INSERT INTO audit_logs (at, actor, user_id, action, subject, subject_id, \
                 before_facts, after_facts) VALUES {}",
                rows(8, some.len())
            ));
            let bound = some.iter().fold(insert, |insert, entry| {
                insert
                    .bind(entry.at)
                    .bind(word(&entry.actor))
                    .bind(entry.actor.user_id().map(UserId::get))
                    .bind(entry.action)
                    .bind(entry.subject)
                    .bind(entry.subject_id)
                    .bind(stored(entry.before.clone()))
                    .bind(stored(entry.after.clone()))
            });
            bound.run(&self.tx).await?;
        }
        Ok(())
    }

    async fn forget(&mut self, subject: &'static str, subject_id: i64) -> Result<(), StoreError> {
        sql(
            "UPDATE audit_logs SET before_facts = NULL, after_facts = NULL \
             WHERE subject = ? AND subject_id = ?",
        )
        .bind(subject)
        .bind(subject_id)
        .run(&self.tx)
        .await?;
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    at: DateTime<Utc>,
    actor: String,
    user_id: Option<i64>,
    username: Option<String>,
    full_name: Option<String>,
    action: String,
    subject: String,
    subject_id: Option<i64>,
    before_facts: Option<String>,
    after_facts: Option<String>,
}

impl Row {
    fn into_view(self) -> Result<AuditRow, StoreError> {
        let (username, full_name) = (self.username, self.full_name);
        Ok(AuditRow {
            id: self.id,
            at: self.at,
            actor: self.actor,
            user: self.user_id.map(|id| AuditUser {
                id: UserId::new(id),
                username,
                full_name,
            }),
            action: self.action,
            subject: self.subject,
            subject_id: self.subject_id,
            before: read(self.before_facts)?,
            after: read(self.after_facts)?,
        })
    }
}

pub(crate) fn read(facts: Option<String>) -> Result<Facts, StoreError> {
    facts.map_or_else(
        || Ok(Facts::new()),
        |text| serde_json::from_str(&text).map_err(|e| StoreError::Internal(Box::new(e))),
    )
}

fn condition(filter: &AuditFilter) -> Sql {
    let mut all = sql(" WHERE 1 = 1");
    if let Some(user) = filter.user {
        all = all.then(" AND a.user_id = ?").bind(user.get());
    }
    if let Some(action) = &filter.action {
        all = all.then(" AND a.action = ?").bind(action.as_str());
    }
    if let Some(subject) = &filter.subject {
        all = all.then(" AND a.subject = ?").bind(subject.as_str());
    }
    if let Some(id) = filter.subject_id {
        all = all.then(" AND a.subject_id = ?").bind(id);
    }
    if let Some(from) = filter.from {
        all = all.then(" AND a.at >= ?").bind(from);
    }
    if let Some(before) = filter.before {
        all = all.then(" AND a.at < ?").bind(before);
    }
    all
}

#[async_trait]
impl AuditQueries for Database {
    async fn list(
        &self,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditRow>, StoreError> {
        let condition = condition(filter);
        let total = sql("SELECT COUNT(*) FROM audit_logs a")
            .join(condition.clone())
            .number(&self.pool)
            .await?;
        // The page's entries first: users are looked up for them alone.
        let rows: Vec<Row> = sql(
            "SELECT a.id, a.at, a.actor, a.user_id, u.username, u.full_name, \
             a.action, a.subject, a.subject_id, a.before_facts, a.after_facts FROM \
             (SELECT a.id FROM audit_logs a",
        )
        .join(condition)
        .then(" ORDER BY a.at DESC, a.id DESC")
        .page(page)
        .then(
            ") found JOIN audit_logs a ON a.id = found.id \
                 LEFT JOIN users u ON u.id = a.user_id ORDER BY a.at DESC, a.id DESC",
        )
        .all(&self.pool)
        .await?;
        page_of(rows, total, page, Row::into_view)
    }
}
