use crate::{Actor, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// Named values of a thing as they were at one moment, for the audit log.
///
/// Never a password, a token or an identity number in full.
pub type Facts = Map<String, Value>;

/// A change, or a look at something guarded, as the audit log keeps it (design §5).
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: Actor,
    /// What was done: `member.updated`, `campaign.paused`. At most 60 characters.
    pub action: &'static str,
    /// The kind of thing it was done to: `member`, `campaign`. At most 30 characters.
    pub subject: &'static str,
    /// Which one; `None` when it was done to many at once.
    pub subject_id: Option<i64>,
    /// What it was like before, as far as it changed.
    pub before: Facts,
    /// What it is like now, as far as it changed.
    pub after: Facts,
}

impl AuditEntry {
    /// An entry without facts.
    #[must_use]
    pub fn new(
        actor: &Actor,
        at: DateTime<Utc>,
        action: &'static str,
        subject: &'static str,
        subject_id: impl Into<Option<i64>>,
    ) -> Self {
        Self {
            at,
            actor: actor.clone(),
            action,
            subject,
            subject_id: subject_id.into(),
            before: Facts::new(),
            after: Facts::new(),
        }
    }

    /// Adds what is known only afterwards, or only while doing it.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.after.insert(name.to_owned(), value.into());
        self
    }

    /// What a new thing is like; empty values are left out.
    #[must_use]
    pub fn born(mut self, after: Facts) -> Self {
        self.after
            .extend(after.into_iter().filter(|(_, value)| !value.is_null()));
        self
    }

    /// What a thing was like that is no more; empty values are left out.
    #[must_use]
    pub fn gone(mut self, before: Facts) -> Self {
        self.before
            .extend(before.into_iter().filter(|(_, value)| !value.is_null()));
        self
    }

    /// What differs between two states of one thing; what stayed the same is left out.
    #[must_use]
    pub fn changed(mut self, mut before: Facts, mut after: Facts) -> Self {
        let same =
            |a: &Facts, name: &str, value: &Value| a.get(name).unwrap_or(&Value::Null) == value;
        let old = before.clone();
        before.retain(|name, value| !same(&after, name, value));
        after.retain(|name, value| !same(&old, name, value));
        self.before.extend(before);
        self.after.extend(after);
        self
    }
}

/// The audit log as a unit of work writes it: an entry lands with the change, or not at all.
#[async_trait]
pub trait AuditTrail: Send {
    /// Adds an entry.
    ///
    /// # Errors
    /// [`crate::StoreError`] of the storage.
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError>;

    /// Adds entries in their order.
    ///
    /// # Errors
    /// [`crate::StoreError`] of the storage.
    async fn record_many(&mut self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        for entry in entries {
            self.record(entry).await?;
        }
        Ok(())
    }

    /// Empties the facts of every entry about one thing: a guest is erased, and the log must
    /// not remember what the guest was called. Who did what and when stays.
    ///
    /// # Errors
    /// [`crate::StoreError`] of the storage.
    async fn forget(&mut self, subject: &'static str, subject_id: i64) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn facts(value: Value) -> Facts {
        serde_json::from_value(value).unwrap()
    }

    fn entry() -> AuditEntry {
        AuditEntry::new(
            &Actor::System,
            DateTime::UNIX_EPOCH,
            "tag.updated",
            "tag",
            1,
        )
    }

    #[test]
    fn only_what_changed_is_kept() {
        let before = facts(json!({"name": "VIP", "source": "manual", "description": null}));
        let after = facts(json!({"name": "VVIP", "source": "manual", "description": null}));
        let entry = entry().changed(before, after);
        assert_eq!(Value::from(entry.before), json!({"name": "VIP"}));
        assert_eq!(Value::from(entry.after), json!({"name": "VVIP"}));
    }

    #[test]
    fn what_was_emptied_is_seen_on_both_sides() {
        let entry = entry().changed(
            facts(json!({"phone": "0912"})),
            facts(json!({"phone": null})),
        );
        assert_eq!(Value::from(entry.before), json!({"phone": "0912"}));
        assert_eq!(Value::from(entry.after), json!({"phone": null}));
    }

    #[test]
    fn a_new_thing_says_what_it_has() {
        let entry = entry().born(facts(json!({"name": "VIP", "description": null})));
        assert_eq!(Value::from(entry.after), json!({"name": "VIP"}));
    }
}
