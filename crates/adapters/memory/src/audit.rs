use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use crm_kernel::{AuditEntry, AuditTrail, Facts, StoreError};

#[async_trait]
impl AuditTrail for MemoryTx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.tables.audit.push(entry);
        Ok(())
    }

    async fn forget(&mut self, subject: &'static str, subject_id: i64) -> Result<(), StoreError> {
        for entry in &mut self.tables.audit {
            if entry.subject == subject && entry.subject_id == Some(subject_id) {
                entry.before = Facts::new();
                entry.after = Facts::new();
            }
        }
        Ok(())
    }
}

impl MemoryStore {
    /// The audit log, oldest entry first.
    #[must_use]
    pub fn audit(&self) -> Vec<AuditEntry> {
        self.read(|tables| tables.audit.clone())
    }
}
