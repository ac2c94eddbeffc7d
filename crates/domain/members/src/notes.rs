use crate::{MemberError, Members};
use crm_kernel::{Actor, AuditEntry, FieldError, MemberId};
use std::fmt;
use tracing::instrument;

/// What staff should know about a guest; several lines, never shown to the guest.
#[derive(Clone, PartialEq, Eq)]
pub struct Notes(String);

impl Notes {
    /// Longest text accepted. Document 000 says TEXT, of which MySQL keeps 65,535 bytes; this
    /// many characters fit whatever they are.
    pub const MAX_CHARS: usize = 10_000;

    /// Notes without the blanks around them.
    ///
    /// # Errors
    /// What is wrong with them, safe to show.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err("must not be empty");
        }
        if typed.chars().count() > Self::MAX_CHARS {
            return Err("must have at most 10000 characters");
        }
        if typed
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            return Err("must not contain control characters");
        }
        Ok(Self(typed.to_owned()))
    }

    /// Notes that were checked before they were stored.
    #[must_use]
    pub const fn from_stored(stored: String) -> Self {
        Self(stored)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notes(…)")
    }
}

impl Members {
    /// Replaces a member's notes; blank text or none clears them.
    ///
    /// # Errors
    /// `member_not_found`, `member_invalid`, or the store's.
    #[instrument(name = "members.set_notes", skip_all, fields(?actor, member.id = %id))]
    pub async fn set_notes(
        &self,
        actor: &Actor,
        id: MemberId,
        notes: Option<&str>,
    ) -> Result<(), MemberError> {
        let notes = notes
            .filter(|text| !text.trim().is_empty())
            .map(Notes::parse)
            .transpose()
            .map_err(|wrong| MemberError::Invalid(vec![FieldError::new("notes", wrong)]))?;
        let mut tx = self.store.begin().await?;
        let mut member = tx.members().find(id).await?.ok_or(MemberError::NotFound)?;
        let (now, before) = (self.clock.now(), self.facts(member.record()));
        if member.set_notes(notes, now) {
            tx.members().update(&member).await?;
            let entry = AuditEntry::new(actor, now, "member.notes_updated", "member", id.get());
            tx.audit()
                .record(entry.changed(before, self.facts(member.record())))
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
