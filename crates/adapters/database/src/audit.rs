use crate::DatabaseTx;
use crate::sql::sql;
use async_trait::async_trait;
use crm_kernel::{Actor, AuditEntry, AuditTrail, Facts, StoreError};
use serde_json::Value;

/// The stored word for who acted.
const fn word(actor: &Actor) -> &'static str {
    match actor {
        Actor::User { .. } => "user",
        Actor::Guest => "guest",
        Actor::System => "system",
    }
}

fn stored(facts: Facts) -> Option<String> {
    (!facts.is_empty()).then(|| Value::from(facts).to_string())
}

#[async_trait]
impl AuditTrail for DatabaseTx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        sql(
            "INSERT INTO audit_logs (at, actor, user_id, action, subject, subject_id, \
             before_facts, after_facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(entry.at)
        .bind(word(&entry.actor))
        .bind(entry.actor.user_id().map(crm_kernel::UserId::get))
        .bind(entry.action)
        .bind(entry.subject)
        .bind(entry.subject_id)
        .bind(stored(entry.before))
        .bind(stored(entry.after))
        .run(&self.tx)
        .await?;
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
