//! What the audit log tells about tags.

use crate::TagRecord;
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, AuditEntry, CampaignId, Facts, TagId};

pub(crate) fn entry(
    actor: &Actor,
    at: DateTime<Utc>,
    action: &'static str,
    id: TagId,
) -> AuditEntry {
    AuditEntry::new(actor, at, action, "tag", id.get())
}

pub(crate) fn facts(record: &TagRecord) -> Facts {
    Facts::from_iter([
        ("name".to_owned(), record.name.as_str().into()),
        ("type".to_owned(), record.kind.as_str().into()),
        ("source".to_owned(), record.source.as_str().into()),
        (
            "description".to_owned(),
            record
                .description
                .as_ref()
                .map(super::name::Description::as_str)
                .into(),
        ),
        (
            "campaign_id".to_owned(),
            record.campaign_id.map(CampaignId::get).into(),
        ),
    ])
}
