use super::{PmsSync, PmsSyncError};
use crm_kernel::{Actor, AuditEntry, ImportProfileId, Problems};
use crm_members::{ImportProfile, NewImportProfile, PmsKind, PmsQueries, folded_heading};
use std::collections::BTreeSet;
use tracing::instrument;

impl PmsSync {
    /// The saved words on which headings mean which fields, by kind, then by name.
    ///
    /// # Errors
    /// The store's.
    pub async fn profiles(&self) -> Result<Vec<ImportProfile>, PmsSyncError> {
        let queries: &dyn PmsQueries = &*self.ports.queries;
        Ok(queries.profiles().await?)
    }

    /// Saves which headings mean which fields under a name.
    ///
    /// # Errors
    /// `sync_invalid` with every field at fault, `import_profile_duplicate`, or the store's.
    #[instrument(name = "pms.save_profile", skip_all, fields(?actor, ?kind))]
    pub async fn save_profile(
        &self,
        actor: &Actor,
        name: &str,
        kind: PmsKind,
        headings: Vec<(String, String)>,
    ) -> Result<ImportProfile, PmsSyncError> {
        let name = name.trim();
        let mut problems = Problems::default();
        let length = name.chars().count();
        problems.check(
            (1..=NewImportProfile::MAX_NAME).contains(&length) && !name.contains(char::is_control),
            "name",
            "must have 1 to 50 characters",
        );
        problems.check(!headings.is_empty(), "headings", "must not be empty");
        self.check(&mut problems, kind, &headings);
        problems.into_result().map_err(PmsSyncError::Invalid)?;

        let now = self.ports.clock.now();
        let new = NewImportProfile {
            name: name.to_owned(),
            kind,
            headings,
            created_by: actor.user_id(),
            created_at: now,
        };
        let mut tx = self.ports.store.begin().await?;
        let id = match tx.pms().insert_profile(&new).await {
            Err(crm_kernel::StoreError::Duplicate { .. }) => {
                return Err(PmsSyncError::ProfileDuplicate);
            }
            stored => stored?,
        };
        let entry = AuditEntry::new(
            actor,
            now,
            "pms.profile_created",
            "import_profile",
            id.get(),
        )
        .with("name", new.name.as_str())
        .with("kind", kind.as_str());
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(ImportProfile { id, new })
    }

    /// Deletes saved words; runs that were begun with them go on.
    ///
    /// # Errors
    /// `import_profile_not_found`, or the store's.
    #[instrument(name = "pms.delete_profile", skip_all, fields(?actor, profile = %id))]
    pub async fn delete_profile(
        &self,
        actor: &Actor,
        id: ImportProfileId,
    ) -> Result<(), PmsSyncError> {
        let now = self.ports.clock.now();
        let mut tx = self.ports.store.begin().await?;
        let profile = tx.pms().find_profile(id).await?;
        let profile = profile.ok_or(PmsSyncError::ProfileNotFound)?;
        tx.pms().delete_profile(id).await?;
        let entry = AuditEntry::new(
            actor,
            now,
            "pms.profile_deleted",
            "import_profile",
            id.get(),
        )
        .with("name", profile.new.name.as_str())
        .with("kind", profile.new.kind.as_str());
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What is wrong with words on which headings mean which fields.
    ///
    /// # Errors
    /// `sync_invalid` with every field at fault.
    pub fn check_headings(
        &self,
        kind: PmsKind,
        headings: &[(String, String)],
    ) -> Result<(), PmsSyncError> {
        let mut problems = Problems::default();
        self.check(&mut problems, kind, headings);
        problems.into_result().map_err(PmsSyncError::Invalid)
    }

    fn check(&self, problems: &mut Problems, kind: PmsKind, headings: &[(String, String)]) {
        let few = headings.len() <= NewImportProfile::MAX_HEADINGS;
        problems.check(few, "headings", "must have at most 100 entries");
        if !few {
            return;
        }
        let known = self.fields(kind);
        let (mut seen, mut meant) = (BTreeSet::new(), BTreeSet::new());
        for (heading, field) in headings {
            let key = folded_heading(heading);
            let at = format!("headings.{}", heading.chars().take(50).collect::<String>());
            let long = heading.chars().count() > NewImportProfile::MAX_HEADING;
            problems.check(
                !key.is_empty() && !long,
                &at,
                "must have 1 to 100 characters",
            );
            problems.check(seen.insert(key), &at, "is given twice");
            let is_known = known.iter().any(|known| known.name == *field);
            problems.check(is_known, &at, "must mean a field that is known");
            problems.check(
                meant.insert(field.clone()),
                &at,
                "means a field of another heading",
            );
        }
    }
}
