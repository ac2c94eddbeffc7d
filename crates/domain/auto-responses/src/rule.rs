use crate::{Answer, RuleName, Trigger};
use chrono::{DateTime, Utc};
use crm_kernel::{AutoResponseId, Facts};
use serde_json::json;

/// A rule that answers guests by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoResponse {
    id: AutoResponseId,
    record: AutoResponseRecord,
}

/// A rule that is not stored yet, and so has no id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAutoResponse(AutoResponseRecord);

/// A rule as storage keeps it: what an adapter writes and reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoResponseRecord {
    /// What the back office calls it.
    pub name: RuleName,
    /// What it answers to.
    pub trigger: Trigger,
    /// What it says.
    pub answer: Answer,
    /// Whether it answers at all.
    pub is_active: bool,
    /// Whether it may answer by a message that is paid for when the reply token has expired.
    pub allow_push: bool,
    /// How often it fired; only [`crate::AutoResponseRepository::count_fired`] moves it.
    pub trigger_count: u64,
    /// How often LINE took its answer; only [`crate::AutoResponseRepository::count_success`]
    /// moves it.
    pub success_count: u64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When staff changed it, switching it on or off included.
    pub updated_at: Option<DateTime<Utc>>,
}

impl AutoResponseRecord {
    /// What the audit log shows of it.
    pub(crate) fn facts(&self) -> Facts {
        let mut facts = Facts::new();
        let window = self.trigger.window();
        let hours = window.and_then(|w| w.hours);
        let keywords: Vec<&str> = self
            .trigger
            .keywords()
            .iter()
            .map(|entry| entry.keyword.as_str())
            .collect();
        facts.insert("name".into(), self.name.as_str().into());
        facts.insert("trigger_type".into(), self.trigger.kind().as_str().into());
        facts.insert("messages".into(), json!(self.answer.texts()));
        facts.insert("template_id".into(), json!(self.answer.template_id()));
        facts.insert("is_active".into(), self.is_active.into());
        facts.insert("allow_push".into(), self.allow_push.into());
        if !keywords.is_empty() {
            facts.insert("keywords".into(), json!(keywords));
        }
        facts.insert(
            "trigger_time_start".into(),
            json!(hours.map(|(start, _)| start.to_string())),
        );
        facts.insert(
            "trigger_time_end".into(),
            json!(hours.map(|(_, end)| end.to_string())),
        );
        facts.insert(
            "date_start".into(),
            json!(window.and_then(|w| w.date_start)),
        );
        facts.insert("date_end".into(), json!(window.and_then(|w| w.date_end)));
        facts
    }
}

impl NewAutoResponse {
    pub(crate) const fn new(record: AutoResponseRecord) -> Self {
        Self(record)
    }

    /// What to store.
    #[must_use]
    pub const fn record(&self) -> &AutoResponseRecord {
        &self.0
    }
}

impl AutoResponse {
    /// A rule as it was stored.
    #[must_use]
    pub const fn from_stored(id: AutoResponseId, record: AutoResponseRecord) -> Self {
        Self { id, record }
    }

    /// The id.
    #[must_use]
    pub const fn id(&self) -> AutoResponseId {
        self.id
    }

    /// What to store.
    #[must_use]
    pub const fn record(&self) -> &AutoResponseRecord {
        &self.record
    }

    /// What it answers to.
    #[must_use]
    pub const fn trigger(&self) -> &Trigger {
        &self.record.trigger
    }

    /// What it says.
    #[must_use]
    pub const fn answer(&self) -> &Answer {
        &self.record.answer
    }

    /// Whether it answers at all.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.record.is_active
    }

    /// How many of its answers LINE took, in percent with two decimals; 0 when it never fired.
    #[must_use]
    pub fn success_rate(&self) -> f64 {
        let fired = u128::from(self.record.trigger_count);
        if fired == 0 {
            return 0.0;
        }
        let hundredths = (u128::from(self.record.success_count) * 10_000 + fired / 2) / fired;
        // Never more than all of them, also while the two counts are being written.
        f64::from(u32::try_from(hundredths.min(10_000)).unwrap_or(10_000)) / 100.0
    }

    /// Which of two rules that fit goes first: the larger one.
    pub(crate) fn precedence(&self) -> (DateTime<Utc>, AutoResponseId) {
        let record = &self.record;
        (record.updated_at.unwrap_or(record.created_at), self.id)
    }

    /// Replaces what may change. Answers whether anything differs.
    pub(crate) fn become_record(&mut self, record: AutoResponseRecord, now: DateTime<Utc>) -> bool {
        if record == self.record {
            return false;
        }
        self.record = AutoResponseRecord {
            updated_at: Some(now),
            ..record
        };
        true
    }
}
