use super::{GUESTS_AT_ONCE, HandleInboundEvent, HandleInboundEvents, Inbound, InboundError};
use crm_kernel::{Actor, AuditEntry, InboundEventId};
use tracing::instrument;

/// Events waiting for longer than this are looked for.
const LEFT: chrono::TimeDelta = chrono::TimeDelta::minutes(2);
/// Guests looked after in one go.
const AT_ONCE: u32 = 5_000;

impl Inbound {
    /// Has a dead event handled once more.
    ///
    /// # Errors
    /// `event_not_found`, `event_not_dead`, or those of the store.
    #[instrument(name = "inbound.replay", skip_all, fields(?actor, event.id = %id))]
    pub async fn replay(&self, actor: &Actor, id: InboundEventId) -> Result<(), InboundError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if !tx.inbound().revive(id).await? {
            let exists = tx.inbound().exists(id).await?;
            return Err(if exists {
                InboundError::NotDead
            } else {
                InboundError::NotFound
            });
        }
        let job = HandleInboundEvent { event_id: id };
        tx.outbox().enqueue(&job, now).await?;
        let entry = AuditEntry::new(actor, now, "line_event.replayed", "line_event", id.get());
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Goes on with events that nobody goes on with any more, should their job have been lost or
    /// have died. Answers of how many guests.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn rescue(&self) -> Result<usize, InboundError> {
        let now = self.clock.now();
        let left = self.queries.left_waiting(now - LEFT, now, AT_ONCE).await?;
        if left.is_empty() {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        for event_ids in left.chunks(GUESTS_AT_ONCE) {
            let job = HandleInboundEvents {
                event_ids: event_ids.to_vec(),
            };
            tx.outbox().enqueue(&job, now).await?;
        }
        tx.commit().await?;
        tracing::warn!(
            guests = left.len(),
            "events that were left are gone on with"
        );
        Ok(left.len())
    }
}
