use crate::request::open_in;
use crate::schedules::{facts, wake};
use crate::{ExportError, Exports, ExportsTx, NewExport, ReportSchedule};
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, AuditEntry, ReportScheduleId, StoreError};
use tracing::instrument;

/// Schedules looked at in one step.
const AT_ONCE: u32 = 100;

/// What became of a schedule whose time had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dealt {
    /// Another was quicker.
    ByAnother,
    /// A file was asked for.
    Begun,
    /// Its owner may have it no more.
    Stopped,
}

impl Exports {
    /// Asks for the reports whose time has come: one file for each time, however many do this at
    /// once. A report whose owner may have it no more is switched off instead. Answers how many
    /// were asked for.
    ///
    /// # Errors
    /// The store's; what was begun stays so.
    #[instrument(name = "exports.begin_schedules", skip_all)]
    pub async fn begin_schedules(&self) -> Result<u64, ExportError> {
        let mut begun = 0;
        loop {
            let now = self.ports.clock.now();
            let due = self.ports.queries.due_schedules(now, AT_ONCE).await?;
            let mut is_stuck = true;
            for id in &due {
                let dealt = self.begin_schedule(*id, now).await?;
                begun += u64::from(dealt == Dealt::Begun);
                is_stuck &= dealt == Dealt::ByAnother;
            }
            if due.len() < AT_ONCE as usize || is_stuck {
                return Ok(begun);
            }
        }
    }

    async fn begin_schedule(
        &self,
        id: ReportScheduleId,
        now: DateTime<Utc>,
    ) -> Result<Dealt, ExportError> {
        let mut tx = self.ports.store.begin().await?;
        // The row is locked and looked at again.
        let Some(mut schedule) = tx.exports().find_schedule(id).await? else {
            return Ok(Dealt::ByAnother);
        };
        let Some((at, about)) = schedule.due(now, self.hotel) else {
            return Ok(Dealt::ByAnother);
        };
        if !may_go_on(&mut *tx, &schedule).await? {
            stop(&mut *tx, schedule, now).await?;
            tx.commit().await?;
            return Ok(Dealt::Stopped);
        }
        let new = NewExport {
            report: schedule.new.report,
            format: schedule.new.format,
            about,
            // Nobody is there of whom it is known what they may see by then.
            shows_id_numbers: false,
            requested_by: schedule.new.created_by,
            is_scheduled: true,
            created_at: now,
        };
        let export = open_in(&mut *tx, &Actor::System, &new).await?;
        schedule.made(at, export, self.hotel);
        tx.exports().update_schedule(&schedule).await?;
        wake(&mut *tx, schedule.new.next_at).await?;
        tx.commit().await?;
        Ok(Dealt::Begun)
    }
}

/// Whether whoever set it up may still have its files.
pub(crate) async fn may_go_on(
    tx: &mut dyn ExportsTx,
    schedule: &ReportSchedule,
) -> Result<bool, StoreError> {
    match schedule.new.created_by {
        Some(owner) => Ok(tx.exports().rights_of(owner).await?.exports),
        None => Ok(true),
    }
}

/// Switches a report off.
async fn stop(
    tx: &mut dyn ExportsTx,
    mut schedule: ReportSchedule,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let old = facts(&schedule.new);
    schedule.stop(now);
    tx.exports().update_schedule(&schedule).await?;
    let id = schedule.id.get();
    let action = "report_schedule.stopped";
    let entry = AuditEntry::new(&Actor::System, now, action, "report_schedule", id);
    let entry = entry.changed(old, facts(&schedule.new));
    tx.audit().record(entry).await?;
    tracing::info!(
        schedule.id = id,
        "a report is made no more: its owner may not have it"
    );
    Ok(())
}
