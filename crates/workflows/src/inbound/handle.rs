use super::take::{Next, Taken};
use super::{HandleInboundEvent, HandleInboundEvents, Inbound, InboundError};
use crate::Delivery;
use crm_kernel::{DomainError, InboundEventId, StoreError};
use futures::StreamExt;
use std::time::Duration;

/// Guests of one job that are looked after at a time.
const SIDE_BY_SIDE: usize = 8;
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
        let looks = guests.map(|id| async move { (id, self.look_after(id).await) });
        let ends: Vec<_> = looks.buffer_unordered(SIDE_BY_SIDE).collect().await;
        let later = ends.into_iter().filter_map(|(id, end)| match end {
            Ok(Delivery::Done | Delivery::Lost) => None,
            Ok(Delivery::More) => Some((id, Duration::ZERO)),
            Ok(Delivery::Again(wait)) => Some((id, wait)),
            Err(error) => {
                tracing::warn!(%error, event.id = %id, "an event must wait: {}", error.code());
                Some((id, AFTER_TROUBLE))
            }
        });
        let later: Vec<(InboundEventId, Duration)> = later.collect();
        if later.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        for (event_id, wait) in later {
            let job = HandleInboundEvent { event_id };
            tx.outbox().enqueue(&job, now + wait).await?;
        }
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
                if let Some(reply) = done.to_say {
                    // Whatever becomes of it is written on the answer; a job looks after it when
                    // this process cannot.
                    if let Err(error) = self.answering.say(*reply).await {
                        tracing::warn!(%error, "an answer is left to its job");
                    }
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
