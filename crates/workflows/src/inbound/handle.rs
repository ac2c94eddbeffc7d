use super::take::{Next, Taken};
use super::{HandleInboundEvent, HandleInboundEvents, Inbound, InboundError};
use crate::Delivery;
use crm_kernel::{DomainError, InboundEventId, StoreError};
use futures::StreamExt;
use std::time::Duration;

/// Guests of one job that are looked after at a time.
const SIDE_BY_SIDE: usize = 4;
/// Events of one guest in one go, so that one who writes a lot does not keep the others waiting.
const TURN: usize = 20;
/// When a guest is looked at again whose events could not be handled for the database's sake.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

impl Inbound {
    /// Handles what waits of the guests of a delivery. Whoever must wait gets a job of their own.
    ///
    /// # Errors
    /// [`InboundError`] of the store; the job is run again.
    pub async fn handle_all(&self, job: &HandleInboundEvents) -> Result<(), InboundError> {
        let guests = futures::stream::iter(job.event_ids.iter().copied());
        let looks = guests.map(|id| self.look_after_or_later(id));
        let ends: Vec<_> = looks.buffer_unordered(SIDE_BY_SIDE).collect().await;
        ends.into_iter().collect()
    }

    /// Whoever must wait does not wait for the others of the job.
    async fn look_after_or_later(&self, id: InboundEventId) -> Result<(), InboundError> {
        let wait = match self.look_after(id).await {
            Ok(Delivery::Done | Delivery::Lost) => return Ok(()),
            Ok(Delivery::More) => Duration::ZERO,
            Ok(Delivery::Again(wait)) => wait,
            Err(error) => {
                tracing::warn!(%error, event.id = %id, "an event must wait: {}", error.code());
                AFTER_TROUBLE
            }
        };
        let mut tx = self.store.begin().await?;
        let job = HandleInboundEvent { event_id: id };
        tx.outbox().enqueue(&job, self.clock.now() + wait).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Handles what waits of the guest of one event.
    ///
    /// # Errors
    /// [`InboundError`] of the store; the job is run again.
    pub async fn handle(&self, job: &HandleInboundEvent) -> Result<Delivery, InboundError> {
        self.look_after(job.event_id).await
    }

    /// Handles a guest's events one after the other, as they happened, until none waits. Several
    /// may look after one guest: the first event that waits is in one hand at a time, and no
    /// later one is begun before it is handled or given up.
    async fn look_after(&self, id: InboundEventId) -> Result<Delivery, InboundError> {
        let mut next = self.take_first(id).await?;
        let mut done = 0;
        loop {
            match next {
                Next::Nothing => return Ok(Delivery::Done),
                Next::Later(wait) => return Ok(Delivery::Again(wait)),
                Next::TurnIsOver => return Ok(Delivery::More),
                Next::Taken(taken) => {
                    done += 1;
                    next = self.handle_taken(*taken, done < TURN).await?;
                }
            }
        }
    }

    async fn handle_taken(&self, taken: Taken, go_on: bool) -> Result<Next, InboundError> {
        match self.act_upon(&taken, go_on).await {
            Ok(done) => {
                if let Some((reply, until)) = done.to_say {
                    self.answering.say_at_once(*reply, until).await;
                }
                Ok(done.next)
            }
            Err(error) => Ok(self.lay_down(&taken, &error).await?),
        }
    }

    /// Takes the first event of a guest in hand, by one of theirs.
    async fn take_first(&self, id: InboundEventId) -> Result<Next, StoreError> {
        let mut tx = self.store.begin().await?;
        let Some(line_uid) = tx.inbound().guest_of(id).await? else {
            return Ok(Next::Nothing);
        };
        let next = self.take_in(&mut *tx, &line_uid).await?;
        tx.commit().await?;
        Ok(next)
    }
}
