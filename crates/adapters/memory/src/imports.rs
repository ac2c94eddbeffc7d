use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use crm_kernel::{ImportId, StoreError};
use crm_members::{
    CandidateKeys, Import, ImportCounts, ImportRepository, ImportStatus, Member, MemberRecord,
    NewImport, RowError,
};

impl MemoryStore {
    /// An import as it was committed.
    #[must_use]
    pub fn import(&self, id: ImportId) -> Option<Import> {
        self.read(|tables| tables.imports.get(&id).cloned())
    }

    /// The errors of an import that were committed, in the order they were written.
    #[must_use]
    pub fn import_errors(&self, id: ImportId) -> Vec<RowError> {
        self.read(|tables| {
            let errors = tables.import_errors.iter();
            errors
                .filter(|(import, _)| *import == id)
                .map(|(_, error)| error.clone())
                .collect()
        })
    }
}

fn is_candidate(record: &MemberRecord, keys: &CandidateKeys) -> bool {
    let number = record.id_number.as_ref();
    number.is_some_and(|sealed| keys.id_indexes.contains(&sealed.blind_index))
        || record
            .phone
            .as_ref()
            .is_some_and(|phone| keys.phones.contains(&phone.normalised()))
        || record
            .email
            .as_ref()
            .is_some_and(|email| keys.emails.contains(&email.compare_key()))
}

#[async_trait]
impl ImportRepository for MemoryTx {
    /// The user is not looked for: tests of members have none.
    async fn insert(&mut self, new: &NewImport) -> Result<ImportId, StoreError> {
        let id = self.tables.next_id();
        let import = Import {
            id,
            dry_run: new.dry_run,
            status: ImportStatus::Pending,
            reason: None,
            file_path: Some(new.file_path.clone()),
            file_name: Some(new.file_name.clone()),
            total_rows: new.total_rows,
            processed_rows: 0,
            counts: ImportCounts::default(),
            created_by: new.created_by,
            created_at: new.created_at,
            finished_at: None,
        };
        self.tables.imports.insert(id, import);
        Ok(id)
    }

    async fn find(&mut self, id: ImportId) -> Result<Option<Import>, StoreError> {
        Ok(self.tables.imports.get(&id).cloned())
    }

    async fn update(&mut self, import: &Import) -> Result<(), StoreError> {
        let row = self.tables.imports.get_mut(&import.id);
        let row = row.ok_or(StoreError::Reference)?;
        row.status = import.status;
        row.reason.clone_from(&import.reason);
        row.total_rows = import.total_rows;
        row.processed_rows = import.processed_rows;
        row.counts = import.counts;
        row.finished_at = import.finished_at;
        Ok(())
    }

    async fn candidates(&mut self, keys: &CandidateKeys) -> Result<Vec<Member>, StoreError> {
        let members = self.tables.members.iter();
        Ok(members
            .filter(|(_, record)| is_candidate(record, keys))
            .map(|(id, record)| Member::from_stored(*id, record.clone()))
            .collect())
    }

    async fn forget_errors(&mut self, id: ImportId) -> Result<(), StoreError> {
        self.tables
            .import_errors
            .retain(|(import, _)| *import != id);
        Ok(())
    }

    async fn insert_errors(
        &mut self,
        id: ImportId,
        errors: &[RowError],
        at_most: u64,
    ) -> Result<(), StoreError> {
        let tables = &mut self.tables;
        if !tables.imports.contains_key(&id) {
            return Err(StoreError::Reference);
        }
        let stored = tables
            .import_errors
            .iter()
            .filter(|(i, _)| *i == id)
            .count();
        let room = usize::try_from(at_most)
            .unwrap_or(usize::MAX)
            .saturating_sub(stored);
        let fitting = errors.iter().take(room).cloned();
        tables
            .import_errors
            .extend(fitting.map(|error| (id, error)));
        Ok(())
    }
}
