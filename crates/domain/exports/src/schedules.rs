use crate::calendar::may_go_on;
use crate::{
    BeginSchedules, ExportError, Exports, ExportsTx, NewSchedule, ReportSchedule, ScheduleDraft,
    UpdateSchedule, Viewer,
};
use chrono::{DateTime, Utc};
use crm_kernel::{AuditEntry, Facts, Page, PageRequest, ReportScheduleId, StoreError};
use serde_json::json;
use tracing::instrument;

pub(crate) fn facts(new: &NewSchedule) -> Facts {
    let facts = json!({
        "report_type": new.report.as_str(),
        "format": new.format.as_str(),
        "frequency": new.rhythm.frequency().as_str(),
        "day": new.rhythm.day(),
        "hour": new.rhythm.hour(),
        "is_active": new.is_active,
    });
    serde_json::from_value(facts).unwrap_or_default()
}

fn entry(viewer: Viewer, at: DateTime<Utc>, id: ReportScheduleId) -> AuditEntry {
    let action = "report_schedule.created";
    AuditEntry::new(&viewer.actor(), at, action, "report_schedule", id.get())
}

/// Has the calendar looked at when a report is due. A look too many finds nothing to do.
pub(crate) async fn wake(
    tx: &mut dyn ExportsTx,
    at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    if let Some(at) = at {
        tx.outbox().enqueue(&BeginSchedules {}, at).await?;
    }
    Ok(())
}

impl Exports {
    /// A page of schedules, the newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn schedules(
        &self,
        viewer: Viewer,
        page: PageRequest,
    ) -> Result<Page<ReportSchedule>, ExportError> {
        Ok(self.ports.queries.schedules(viewer.only(), page).await?)
    }

    /// Has a report made by the calendar from now on.
    ///
    /// # Errors
    /// `export_invalid` naming each field, or the store's.
    #[instrument(name = "exports.create_schedule", skip_all, fields(?viewer))]
    pub async fn create_schedule(
        &self,
        viewer: Viewer,
        draft: ScheduleDraft,
    ) -> Result<ReportSchedule, ExportError> {
        let rhythm = draft.rhythm().map_err(ExportError::Invalid)?;
        let now = self.ports.clock.now();
        let next = rhythm.next_after(now, self.hotel);
        let new = NewSchedule {
            report: draft.report,
            format: draft.format,
            rhythm,
            is_active: draft.is_active,
            created_by: Some(viewer.user),
            created_at: now,
            next_at: draft.is_active.then_some(next),
        };
        let mut tx = self.ports.store.begin().await?;
        let id = tx.exports().insert_schedule(&new).await?;
        let entry = entry(viewer, now, id).born(facts(&new));
        tx.audit().record(entry).await?;
        wake(&mut *tx, new.next_at).await?;
        let schedule = tx.exports().find_schedule(id).await?;
        tx.commit().await?;
        schedule.ok_or(ExportError::ScheduleNotFound)
    }

    /// Changes a schedule; what is not mentioned stays. A time that has passed meanwhile is not
    /// made up for.
    ///
    /// # Errors
    /// `report_schedule_not_found`, `export_invalid` naming each field, or the store's.
    #[instrument(name = "exports.update_schedule", skip_all, fields(?viewer, schedule.id = %id))]
    pub async fn update_schedule(
        &self,
        viewer: Viewer,
        id: ReportScheduleId,
        changes: UpdateSchedule,
    ) -> Result<ReportSchedule, ExportError> {
        let now = self.ports.clock.now();
        let mut tx = self.ports.store.begin().await?;
        let mut schedule = self.seen(tx.exports().find_schedule(id).await?, viewer)?;
        let old = schedule.new.clone();
        let draft = ScheduleDraft::from(&old).with(changes);
        let rhythm = draft.rhythm().map_err(ExportError::Invalid)?;
        if draft.is_active && !may_go_on(&mut *tx, &schedule).await? {
            return Err(ExportError::invalid(
                "is_active",
                "whoever set it up may not have exports any more; set up one of your own",
            ));
        }
        schedule.new = NewSchedule {
            report: draft.report,
            format: draft.format,
            rhythm,
            is_active: draft.is_active,
            ..old.clone()
        };
        if schedule.new == old {
            return Ok(schedule);
        }
        if rhythm != old.rhythm || draft.is_active != old.is_active {
            let next = rhythm.next_after(now, self.hotel);
            schedule.new.next_at = draft.is_active.then_some(next);
            wake(&mut *tx, schedule.new.next_at).await?;
        }
        schedule.updated_at = Some(now);
        tx.exports().update_schedule(&schedule).await?;
        let mut entry = entry(viewer, now, id);
        entry.action = "report_schedule.updated";
        let entry = entry.changed(facts(&old), facts(&schedule.new));
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(schedule)
    }

    /// Has a report made no more. Files that were made stay.
    ///
    /// # Errors
    /// `report_schedule_not_found`, or the store's.
    #[instrument(name = "exports.delete_schedule", skip_all, fields(?viewer, schedule.id = %id))]
    pub async fn delete_schedule(
        &self,
        viewer: Viewer,
        id: ReportScheduleId,
    ) -> Result<(), ExportError> {
        let now = self.ports.clock.now();
        let mut tx = self.ports.store.begin().await?;
        let schedule = self.seen(tx.exports().find_schedule(id).await?, viewer)?;
        tx.exports().delete_schedule(id).await?;
        let mut entry = entry(viewer, now, id);
        entry.action = "report_schedule.deleted";
        tx.audit().record(entry.gone(facts(&schedule.new))).await?;
        tx.commit().await?;
        Ok(())
    }

    fn seen(
        &self,
        schedule: Option<ReportSchedule>,
        viewer: Viewer,
    ) -> Result<ReportSchedule, ExportError> {
        schedule
            .filter(|schedule| viewer.sees(schedule.new.created_by))
            .ok_or(ExportError::ScheduleNotFound)
    }
}
