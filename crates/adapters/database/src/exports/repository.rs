use super::stored::{EXPORT, ExportRow, count};
use crate::DatabaseTx;
use crate::dialect::for_update;
use crate::sql::{known, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_accounts::{Permission, Role};
use crm_exports::{
    Export, ExportRepository, ExportStatus, NewExport, NewSchedule, ReportSchedule, Rights,
};
use crm_kernel::{CampaignId, ExportId, ReportScheduleId, StoreError, UserId};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct RoleRow {
    role: String,
}

#[async_trait]
impl ExportRepository for DatabaseTx {
    async fn insert(&mut self, new: &NewExport) -> Result<ExportId, StoreError> {
        let id = sql(
            "INSERT INTO exports (report_type, format, first_day, last_day, campaign_id, \
             shows_id_numbers, is_scheduled, requested_by, status, created_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.report.as_str())
        .bind(new.format.as_str())
        .bind(new.about.days.map(|(first, _)| first))
        .bind(new.about.days.map(|(_, last)| last))
        .bind(new.about.campaign.map(CampaignId::get))
        .bind(new.shows_id_numbers)
        .bind(new.is_scheduled)
        .bind(new.requested_by.map(UserId::get))
        .bind(ExportStatus::Pending.as_str())
        .bind(new.created_at)
        .insert(&self.tx)
        .await?;
        Ok(ExportId::new(id))
    }

    async fn find(&mut self, id: ExportId) -> Result<Option<Export>, StoreError> {
        let row: Option<ExportRow> = sql(format!("SELECT {EXPORT} FROM exports WHERE id = ?"))
            .bind(id.get())
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
        row.map(Export::try_from).transpose()
    }

    async fn update(&mut self, export: &Export) -> Result<(), StoreError> {
        let failure = export.failure.as_ref();
        let updated = sql(
            "UPDATE exports SET status = ?, attempt = ?, rows_done = ?, rows_total = ?, \
             file = ?, bytes = ?, reason = ?, message = ?, started_at = ?, touched_at = ?, \
             finished_at = ?, expires_at = ? WHERE id = ?",
        )
        .bind(export.status.as_str())
        .bind(i64::from(export.attempt))
        .bind(count(export.rows_done))
        .bind(count(export.rows_total))
        .bind(export.file.as_deref())
        .bind(export.bytes.map(count))
        .bind(failure.map(|failure| failure.reason.as_str()))
        .bind(failure.map(|failure| failure.message.as_str()))
        .bind(export.started_at)
        .bind(export.touched_at)
        .bind(export.finished_at)
        .bind(export.expires_at)
        .bind(export.id.get())
        .run(&self.tx)
        .await?;
        if updated == 0 {
            return Err(StoreError::Reference);
        }
        Ok(())
    }

    async fn progress(
        &mut self,
        (id, attempt): (ExportId, u32),
        (done, total): (u64, u64),
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let updated = sql(
            "UPDATE exports SET rows_done = ?, rows_total = ?, touched_at = ? \
             WHERE id = ? AND attempt = ? AND status = 'running'",
        )
        .bind(count(done))
        .bind(count(total))
        .bind(now)
        .bind(id.get())
        .bind(i64::from(attempt))
        .run(&self.tx)
        .await?;
        Ok(updated > 0)
    }

    async fn delete(&mut self, id: ExportId) -> Result<bool, StoreError> {
        let deleted = sql("DELETE FROM exports WHERE id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(deleted > 0)
    }

    async fn forget_before(&mut self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        sql("DELETE FROM exports WHERE created_at < ? AND status IN ('failed', 'expired')")
            .bind(before)
            .run(&self.tx)
            .await
    }

    async fn insert_schedule(&mut self, new: &NewSchedule) -> Result<ReportScheduleId, StoreError> {
        self.insert_report_schedule(new).await
    }

    async fn find_schedule(
        &mut self,
        id: ReportScheduleId,
    ) -> Result<Option<ReportSchedule>, StoreError> {
        self.report_schedule(id).await
    }

    async fn update_schedule(&mut self, schedule: &ReportSchedule) -> Result<(), StoreError> {
        self.update_report_schedule(schedule).await
    }

    async fn delete_schedule(&mut self, id: ReportScheduleId) -> Result<bool, StoreError> {
        let deleted = sql("DELETE FROM report_schedules WHERE id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(deleted > 0)
    }

    async fn rights_of(&mut self, user: UserId) -> Result<Rights, StoreError> {
        let row: Option<RoleRow> = sql("SELECT role FROM users WHERE id = ? AND is_active = TRUE")
            .bind(user.get())
            .one(&self.tx)
            .await?;
        let Some(row) = row else {
            return Ok(Rights::default());
        };
        let role = known(Role::parse(&row.role), "role")?;
        Ok(Rights {
            exports: role.allows(Permission::ExportsCreate),
            id_numbers: role.allows(Permission::MembersIdNumber),
        })
    }
}
