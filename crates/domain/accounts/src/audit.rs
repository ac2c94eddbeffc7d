//! What the audit log tells about users. Never a password, not even its hash.

use crate::User;
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, AuditEntry, Facts, UserId};

pub(crate) fn entry(
    actor: &Actor,
    at: DateTime<Utc>,
    action: &'static str,
    id: UserId,
) -> AuditEntry {
    AuditEntry::new(actor, at, action, "user", id.get())
}

pub(crate) fn facts(user: &User) -> Facts {
    Facts::from_iter([
        ("username".to_owned(), user.username().as_str().into()),
        ("email".to_owned(), user.email().as_str().into()),
        (
            "full_name".to_owned(),
            user.full_name()
                .map(super::full_name::FullName::as_str)
                .into(),
        ),
        ("role".to_owned(), user.role().as_str().into()),
        ("is_active".to_owned(), user.is_active().into()),
    ])
}
