//! What the audit log tells about templates.

use crate::{Template, TemplateError};
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, AuditEntry, Facts, StoreError, TemplateId};

pub(crate) fn entry(
    actor: &Actor,
    at: DateTime<Utc>,
    action: &'static str,
    id: TemplateId,
) -> AuditEntry {
    AuditEntry::new(actor, at, action, "template", id.get())
}

pub(crate) fn facts(template: &Template) -> Result<Facts, TemplateError> {
    let content = serde_json::to_value(template.content())
        .map_err(|error| StoreError::Internal(Box::new(error)))?;
    Ok(Facts::from_iter([
        ("name".to_owned(), template.name().into()),
        ("content".to_owned(), content),
    ]))
}
