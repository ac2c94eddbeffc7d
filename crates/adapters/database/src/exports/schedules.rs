use super::stored::{SCHEDULE, ScheduleRow};
use crate::DatabaseTx;
use crate::dialect::for_update;
use crate::sql::sql;
use crm_exports::{NewSchedule, ReportSchedule};
use crm_kernel::{ExportId, ReportScheduleId, StoreError, UserId};

impl DatabaseTx {
    pub(super) async fn insert_report_schedule(
        &mut self,
        new: &NewSchedule,
    ) -> Result<ReportScheduleId, StoreError> {
        let id = sql(
            "INSERT INTO report_schedules (report_type, format, frequency, day, hour, is_active, \
             created_by, created_at, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.report.as_str())
        .bind(new.format.as_str())
        .bind(new.rhythm.frequency().as_str())
        .bind(new.rhythm.day())
        .bind(new.rhythm.hour())
        .bind(new.is_active)
        .bind(new.created_by.map(UserId::get))
        .bind(new.created_at)
        .bind(new.next_at)
        .insert(&self.tx)
        .await?;
        Ok(ReportScheduleId::new(id))
    }

    pub(super) async fn report_schedule(
        &mut self,
        id: ReportScheduleId,
    ) -> Result<Option<ReportSchedule>, StoreError> {
        let row: Option<ScheduleRow> = sql(format!(
            "SELECT {SCHEDULE} FROM report_schedules WHERE id = ?"
        ))
        .bind(id.get())
        .then(for_update(self.backend()))
        .one(&self.tx)
        .await?;
        row.map(ReportSchedule::try_from).transpose()
    }

    pub(super) async fn update_report_schedule(
        &mut self,
        schedule: &ReportSchedule,
    ) -> Result<(), StoreError> {
        let new = &schedule.new;
        let updated = sql(
            "UPDATE report_schedules SET report_type = ?, format = ?, frequency = ?, day = ?, \
             hour = ?, is_active = ?, updated_at = ?, next_at = ?, last_at = ?, \
             last_export_id = ? WHERE id = ?",
        )
        .bind(new.report.as_str())
        .bind(new.format.as_str())
        .bind(new.rhythm.frequency().as_str())
        .bind(new.rhythm.day())
        .bind(new.rhythm.hour())
        .bind(new.is_active)
        .bind(schedule.updated_at)
        .bind(new.next_at)
        .bind(schedule.last_at)
        .bind(schedule.last_export.map(ExportId::get))
        .bind(schedule.id.get())
        .run(&self.tx)
        .await?;
        if updated == 0 {
            return Err(StoreError::Reference);
        }
        Ok(())
    }
}
