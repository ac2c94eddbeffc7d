use crate::{AccountError, Accounts};
use chrono::{DateTime, Utc};
use crm_kernel::{Facts, Page, PageRequest, UserId};

/// Which entries of the audit log are wanted; every part narrows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// What this user did.
    pub user: Option<UserId>,
    /// This action: `member.updated`.
    pub action: Option<String>,
    /// What was done to things of this kind: `member`.
    pub subject: Option<String>,
    /// What was done to this one.
    pub subject_id: Option<i64>,
    /// At this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub before: Option<DateTime<Utc>>,
}

/// An entry of the audit log as admins read it.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    /// Its number.
    pub id: i64,
    /// When it was done.
    pub at: DateTime<Utc>,
    /// `user`, `guest` or `system`.
    pub actor: String,
    /// The user, when one acted.
    pub user: Option<AuditUser>,
    /// What was done: `member.updated`.
    pub action: String,
    /// The kind of thing it was done to: `member`.
    pub subject: String,
    /// Which one; `None` when it was done to many at once.
    pub subject_id: Option<i64>,
    /// What it was like before, as far as it changed; empty once a guest is erased.
    pub before: Facts,
    /// What it was like afterwards, as far as it changed; empty once a guest is erased.
    pub after: Facts,
}

/// The user of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditUser {
    /// Their id.
    pub id: UserId,
    /// Their short name; `None` when there is no such user any more.
    pub username: Option<String>,
    /// The name that colleagues see.
    pub full_name: Option<String>,
}

impl Accounts {
    /// A page of the audit log, the newest entry first.
    ///
    /// # Errors
    /// Those of the storage.
    #[tracing::instrument(name = "accounts.audit_log", skip_all)]
    pub async fn audit_log(
        &self,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditRow>, AccountError> {
        Ok(self.ports.audit.list(filter, page).await?)
    }
}
