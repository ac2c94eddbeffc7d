//! From what staff typed to a trigger and an answer, checked together.

use crate::{KeywordEntry, TimeOfDay, Trigger, TriggerType, Window, keyword};
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::Problems;

/// Everything that could be said about a trigger, as typed.
#[derive(Default)]
pub(crate) struct TriggerDraft {
    pub(crate) keywords: Option<Vec<String>>,
    pub(crate) time_start: Option<String>,
    pub(crate) time_end: Option<String>,
    pub(crate) date_start: Option<NaiveDate>,
    pub(crate) date_end: Option<NaiveDate>,
}

impl TriggerDraft {
    /// What a stored trigger would look like typed in again.
    pub(crate) fn of(trigger: &Trigger) -> Self {
        let window = trigger.window();
        let hours = window.and_then(|w| w.hours);
        let keywords = matches!(trigger, Trigger::Keyword(_)).then(|| {
            let entries = trigger.keywords().iter();
            entries.map(|e| e.keyword.as_str().to_owned()).collect()
        });
        Self {
            keywords,
            time_start: hours.map(|(start, _)| start.to_string()),
            time_end: hours.map(|(_, end)| end.to_string()),
            date_start: window.and_then(|w| w.date_start),
            date_end: window.and_then(|w| w.date_end),
        }
    }

    /// Checks that the trigger says what its kind needs, and nothing else. Words of `old` keep
    /// their ids and counts.
    pub(crate) fn check(
        self,
        kind: TriggerType,
        old: &[KeywordEntry],
        now: DateTime<Utc>,
        problems: &mut Problems,
    ) -> Trigger {
        let start = self.time_start.filter(|text| !text.trim().is_empty());
        let end = self.time_end.filter(|text| !text.trim().is_empty());
        let keywords = self.keywords.unwrap_or_default();
        problems.check(
            kind == TriggerType::Keyword || keywords.is_empty(),
            "keywords",
            "only a keyword rule has keywords",
        );
        if kind != TriggerType::Time {
            for (field, is_given) in [
                ("trigger_time_start", start.is_some()),
                ("trigger_time_end", end.is_some()),
                ("date_start", self.date_start.is_some()),
                ("date_end", self.date_end.is_some()),
            ] {
                problems.check(!is_given, field, "only a time rule has hours and days");
            }
        }
        match kind {
            TriggerType::Welcome => Trigger::Welcome,
            TriggerType::Keyword => Trigger::Keyword(keyword::read(&keywords, old, now, problems)),
            TriggerType::Time => {
                let ends_late = match (self.date_start, self.date_end) {
                    (Some(first), Some(last)) => first <= last,
                    _ => true,
                };
                problems.check(ends_late, "date_end", "must not be before date_start");
                Trigger::Time(Window {
                    hours: hours(start.as_deref(), end.as_deref(), problems),
                    date_start: self.date_start,
                    date_end: self.date_end,
                })
            }
        }
    }
}

fn hours(
    start: Option<&str>,
    end: Option<&str>,
    problems: &mut Problems,
) -> Option<(TimeOfDay, TimeOfDay)> {
    let missing = match (start, end) {
        (Some(_), None) => Some("trigger_time_end"),
        (None, Some(_)) => Some("trigger_time_start"),
        _ => None,
    };
    if let Some(field) = missing {
        problems.add(field, "is needed with the other one");
    }
    let mut read = |field: &str, text: Option<&str>| {
        text.and_then(|text| problems.keep(field, TimeOfDay::parse(text.trim())))
    };
    let start = read("trigger_time_start", start);
    let end = read("trigger_time_end", end);
    start.zip(end)
}

/// The texts that `content` and `messages` come to together.
pub(crate) fn texts(
    content: Option<String>,
    messages: Option<Vec<String>>,
    problems: &mut Problems,
) -> Vec<String> {
    match (content, messages) {
        (content, Some(messages)) if !messages.is_empty() => {
            let agree = content.is_none_or(|content| messages.first() == Some(&content));
            problems.check(agree, "content", "must be the first of messages");
            messages
        }
        (Some(content), _) => vec![content],
        (None, _) => Vec::new(),
    }
}
