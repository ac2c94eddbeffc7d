use crate::MemoryTx;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_accounts::Permission;
use crm_exports::{
    Export, ExportRepository, ExportStatus, ExportsTx, NewExport, NewSchedule, ReportSchedule,
    Rights,
};
use crm_kernel::{ExportId, ReportScheduleId, StoreError, UserId};

impl ExportsTx for MemoryTx {
    fn exports(&mut self) -> &mut dyn ExportRepository {
        self
    }
}

impl MemoryTx {
    fn is_user(&self, user: Option<UserId>) -> Result<(), StoreError> {
        match user {
            Some(user) if !self.tables.users.contains_key(&user) => Err(StoreError::Reference),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl ExportRepository for MemoryTx {
    async fn insert(&mut self, new: &NewExport) -> Result<ExportId, StoreError> {
        self.is_user(new.requested_by)?;
        let id = self.tables.next_id();
        let export = Export {
            id,
            new: new.clone(),
            status: ExportStatus::Pending,
            attempt: 0,
            rows_done: 0,
            rows_total: 0,
            file: None,
            bytes: None,
            failure: None,
            started_at: None,
            touched_at: None,
            finished_at: None,
            expires_at: None,
        };
        self.tables.exports.insert(id, export);
        Ok(id)
    }

    async fn find(&mut self, id: ExportId) -> Result<Option<Export>, StoreError> {
        Ok(self.tables.exports.get(&id).cloned())
    }

    async fn update(&mut self, export: &Export) -> Result<(), StoreError> {
        let stored = self.tables.exports.get_mut(&export.id);
        let stored = stored.ok_or(StoreError::Reference)?;
        let new = stored.new.clone();
        *stored = Export {
            new,
            ..export.clone()
        };
        Ok(())
    }

    async fn progress(
        &mut self,
        (id, attempt): (ExportId, u32),
        (done, total): (u64, u64),
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let export = self.tables.exports.get_mut(&id);
        let Some(export) = export.filter(|export| export.is_made_by(attempt)) else {
            return Ok(false);
        };
        export.rows_done = done;
        export.rows_total = total;
        export.touched_at = Some(now);
        Ok(true)
    }

    async fn delete(&mut self, id: ExportId) -> Result<bool, StoreError> {
        Ok(self.tables.exports.remove(&id).is_some())
    }

    async fn forget_before(&mut self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let stored = self.tables.exports.len();
        self.tables.exports.retain(|_, export| {
            let is_gone = matches!(export.status, ExportStatus::Failed | ExportStatus::Expired);
            !is_gone || export.new.created_at >= before
        });
        Ok((stored - self.tables.exports.len()) as u64)
    }

    async fn insert_schedule(&mut self, new: &NewSchedule) -> Result<ReportScheduleId, StoreError> {
        self.is_user(new.created_by)?;
        let id = self.tables.next_id();
        let schedule = ReportSchedule {
            id,
            new: new.clone(),
            last_at: None,
            last_export: None,
            updated_at: None,
        };
        self.tables.report_schedules.insert(id, schedule);
        Ok(id)
    }

    async fn find_schedule(
        &mut self,
        id: ReportScheduleId,
    ) -> Result<Option<ReportSchedule>, StoreError> {
        Ok(self.tables.report_schedules.get(&id).cloned())
    }

    async fn update_schedule(&mut self, schedule: &ReportSchedule) -> Result<(), StoreError> {
        let stored = self.tables.report_schedules.get_mut(&schedule.id);
        *stored.ok_or(StoreError::Reference)? = schedule.clone();
        Ok(())
    }

    async fn delete_schedule(&mut self, id: ReportScheduleId) -> Result<bool, StoreError> {
        Ok(self.tables.report_schedules.remove(&id).is_some())
    }

    async fn rights_of(&mut self, user: UserId) -> Result<Rights, StoreError> {
        let user = self.tables.users.get(&user);
        let may = |permission| user.is_some_and(|u| u.is_active && u.role.allows(permission));
        Ok(Rights {
            exports: may(Permission::ExportsCreate),
            id_numbers: may(Permission::MembersIdNumber),
        })
    }
}
