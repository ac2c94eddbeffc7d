//! What the audit log tells about campaigns.

use crate::{Campaign, CampaignError};
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, AuditEntry, CampaignId, Facts, StoreError};
use serde_json::Value;

/// An entry about one campaign.
#[must_use]
pub fn campaign_entry(
    actor: &Actor,
    at: DateTime<Utc>,
    action: &'static str,
    id: CampaignId,
) -> AuditEntry {
    AuditEntry::new(actor, at, action, "campaign", id.get())
}

pub(crate) fn facts(campaign: &Campaign) -> Result<Facts, CampaignError> {
    let record = campaign.record();
    let json = |value: Result<Value, serde_json::Error>| {
        value.map_err(|error| StoreError::Internal(Box::new(error)))
    };
    Ok(Facts::from_iter([
        ("title".to_owned(), record.title.as_str().into()),
        ("template_id".to_owned(), record.template_id.get().into()),
        (
            "target_audience".to_owned(),
            json(serde_json::to_value(&record.audience))?,
        ),
        (
            "trigger_condition".to_owned(),
            json(serde_json::to_value(&record.trigger))?,
        ),
        (
            "scheduled_at".to_owned(),
            json(serde_json::to_value(record.scheduled_at))?,
        ),
        ("status".to_owned(), record.status.as_str().into()),
    ]))
}
