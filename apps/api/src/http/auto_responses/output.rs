use crate::http::answer::PageOf;
use crate::http::wire::{Day, TriggerType};
use chrono::{DateTime, Utc};
use crm_auto_responses::{AutoResponseView, KeywordEntry, Tried};
use crm_kernel::{AutoResponseId, KeywordId, TemplateId};
use serde::Serialize;
use utoipa::ToSchema;

/// A rule that answers guests by itself.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 2, "name": "優惠方案查詢", "trigger_type": "keyword", "content": "目前推出的優惠方案：...",
    "messages": ["目前推出的優惠方案：..."], "template_id": null,
    "keywords": [
        {"id": 1, "keyword": "優惠", "match_count": 320},
        {"id": 2, "keyword": "折扣", "match_count": 256}
    ],
    "is_active": true, "allow_push": false, "trigger_time_start": null, "trigger_time_end": null, "date_start": null,
    "date_end": null, "shadowed_by": null, "shadowed_keywords": [], "trigger_count": 856,
    "success_rate": 100.0, "created_at": "2025-10-01T00:00:00Z", "updated_at": null
}))]
pub(crate) struct AutoResponse {
    id: i64,
    name: String,
    trigger_type: TriggerType,
    /// The first text; empty when a template is all it says.
    content: String,
    /// All texts.
    messages: Vec<String>,
    /// A template it says after the texts.
    template_id: Option<i64>,
    /// What it listens for; empty unless it is a keyword rule.
    keywords: Vec<Keyword>,
    is_active: bool,
    /// Whether it may answer by a message that is paid for when LINE takes no free answer any
    /// more.
    allow_push: bool,
    /// First minute, `HH:MM` in hotel time; with the last one absent for the whole day.
    trigger_time_start: Option<String>,
    /// Last minute, included.
    trigger_time_end: Option<String>,
    date_start: Option<Day>,
    date_end: Option<Day>,
    /// The active rule that answers instead of this one.
    shadowed_by: Option<i64>,
    /// Keywords of this rule that another active rule answers.
    shadowed_keywords: Vec<ShadowedKeyword>,
    /// How often it answered.
    trigger_count: u64,
    /// How many of its answers LINE took, in percent.
    success_rate: f64,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

/// A word that a rule listens for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Keyword {
    id: Option<i64>,
    keyword: String,
    /// How often it was the one that won.
    match_count: u64,
}

/// A word that another rule answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShadowedKeyword {
    keyword: String,
    /// The rule that answers it.
    by: i64,
}

/// All rules, or a page of them when `page` or `page_size` was given.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum AutoResponses {
    All(Vec<AutoResponse>),
    Page(PageOf<AutoResponse>),
}

/// The rule that would answer.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 2, "name": "優惠方案查詢", "trigger_type": "keyword", "content": "目前推出的優惠方案：...",
    "messages": ["目前推出的優惠方案：..."], "template_id": null,
    "keyword": {"id": 1, "keyword": "優惠", "match_count": 320}
}))]
pub(crate) struct Answering {
    id: i64,
    name: String,
    trigger_type: TriggerType,
    content: String,
    messages: Vec<String>,
    template_id: Option<i64>,
    /// The keyword it answers to; null when its hours do.
    keyword: Option<Keyword>,
}

impl From<&KeywordEntry> for Keyword {
    fn from(entry: &KeywordEntry) -> Self {
        Self {
            id: entry.id.map(KeywordId::get),
            keyword: entry.keyword.as_str().to_owned(),
            match_count: entry.match_count,
        }
    }
}

impl From<AutoResponseView> for AutoResponse {
    fn from(view: AutoResponseView) -> Self {
        let (id, record) = (view.rule.id(), view.rule.record());
        let window = record.trigger.window();
        let hours = window.and_then(|window| window.hours);
        let shadowed = view.shadow.keywords.into_iter();
        Self {
            id: id.get(),
            name: record.name.as_str().to_owned(),
            trigger_type: record.trigger.kind().into(),
            content: record.answer.content().to_owned(),
            messages: record.answer.texts().to_vec(),
            template_id: record.answer.template_id().map(TemplateId::get),
            keywords: record.trigger.keywords().iter().map(Into::into).collect(),
            is_active: record.is_active,
            allow_push: record.allow_push,
            trigger_time_start: hours.map(|(start, _)| start.to_string()),
            trigger_time_end: hours.map(|(_, end)| end.to_string()),
            date_start: window.and_then(|window| window.date_start).map(Day),
            date_end: window.and_then(|window| window.date_end).map(Day),
            shadowed_by: view.shadow.by.map(AutoResponseId::get),
            shadowed_keywords: shadowed
                .map(|shadow| ShadowedKeyword {
                    keyword: shadow.keyword,
                    by: shadow.by.get(),
                })
                .collect(),
            trigger_count: record.trigger_count,
            success_rate: view.rule.success_rate(),
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

impl From<Tried> for Answering {
    fn from(tried: Tried) -> Self {
        let record = tried.rule.record();
        Self {
            id: tried.rule.id().get(),
            name: record.name.as_str().to_owned(),
            trigger_type: record.trigger.kind().into(),
            content: record.answer.content().to_owned(),
            messages: record.answer.texts().to_vec(),
            template_id: record.answer.template_id().map(TemplateId::get),
            keyword: tried.keyword.as_ref().map(Into::into),
        }
    }
}
