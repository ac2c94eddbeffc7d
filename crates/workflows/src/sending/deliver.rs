use super::body::BatchBody;
use super::results::{Answers, settle};
use super::take::{InHand, Taken};
use super::{Sending, SendingError};
use crate::{Hold, LOOK_AGAIN, SendKind};
use crm_campaigns::{BatchMode, BatchNext, BatchState, FailReason, SendBatches, next_after};
use crm_kernel::GatewayError;
use std::time::Duration;

/// What is to be done with the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Nothing: there is no batch left to take, or they wait for somebody.
    Done,
    /// Run it again when others had their turn; there may be more batches.
    More,
    /// Run it again after this long; LINE gave no clear answer yet.
    Again(Duration),
    /// The job is no longer ours; whoever has it goes on.
    Lost,
}

/// How a sender goes on after a batch.
pub(super) enum Step {
    /// To the next one.
    Next,
    /// Not at all, or later.
    Stop(Delivery),
}

impl Sending {
    /// Works as a sender of a campaign: takes one batch after the other until none is left, a batch
    /// must wait, or others are to have their turn. Each batch is claimed, rendered if it was never
    /// tried, sent with no transaction open, and what came of it written down. Dying at any point
    /// is safe: the next run finds the sender's batch and says the same words under the same key.
    ///
    /// # Errors
    /// `Store` when storage is away (run again), `Damaged` for a document that cannot be read.
    pub async fn send_batches(
        &self,
        job: &SendBatches,
        hold: &dyn Hold,
    ) -> Result<Delivery, SendingError> {
        let until = self.clock.now() + self.rules.turn;
        loop {
            if !hold.is_valid() {
                return Ok(Delivery::Lost);
            }
            if self.brake.is_on().await? {
                return Ok(Delivery::Again(LOOK_AGAIN));
            }
            let step = match self.take(job).await? {
                Taken::Nothing => return Ok(Delivery::Done),
                Taken::Nobody => Step::Next,
                Taken::Batch(in_hand) => self.deliver(&in_hand, hold).await?,
            };
            match step {
                Step::Stop(delivery) => return Ok(delivery),
                Step::Next if self.clock.now() > until => return Ok(Delivery::More),
                Step::Next => {}
            }
        }
    }

    async fn deliver(&self, in_hand: &InHand, hold: &dyn Hold) -> Result<Step, SendingError> {
        if in_hand.body.len() == 0 {
            return settle(self, in_hand, Answers::default(), BatchState::Accepted).await;
        }
        // LINE has forgotten the key of a batch that lay for a day; it would be a new send.
        let first = in_hand.batch.first_tried_at().unwrap_or(self.clock.now());
        let unclear = GatewayError::Unavailable {
            reason: "no clear answer".into(),
        };
        let now = self.clock.now();
        if !in_hand.untouched
            && next_after(&unclear, 1, first, now) == BatchNext::Fail(FailReason::OutcomeUnknown)
        {
            return settle(self, in_hand, Answers::default(), BatchState::Unknown).await;
        }
        match in_hand.batch.mode() {
            BatchMode::Bulk => self.multicast(in_hand, hold).await,
            BatchMode::Personal => self.push_each(in_hand, hold).await,
        }
    }

    async fn multicast(&self, in_hand: &InHand, hold: &dyn Hold) -> Result<Step, SendingError> {
        let BatchBody::Bulk { messages, to } = &in_hand.body else {
            return Err(damaged_body());
        };
        let uids: Vec<String> = to.iter().map(|who| who.line_uid.clone()).collect();
        if !self.pace.turn(SendKind::Multicast, hold).await {
            return Ok(Step::Stop(Delivery::Lost));
        }
        if self.brake.is_on().await? {
            return self.hold_back(in_hand, Answers::default()).await;
        }
        let started = self.clock.now();
        let first = in_hand.batch.first_tried_at().unwrap_or(started);
        let key = in_hand.batch.retry_key();
        match self
            .line
            .multicast(&uids, messages, key, in_hand.unit.as_deref())
            .await
        {
            Ok(accepted) => {
                let answers = Answers {
                    request_id: accepted.request_id,
                    ..Answers::default()
                };
                settle(self, in_hand, answers, BatchState::Accepted).await
            }
            Err(error) => {
                self.note_limit(SendKind::Multicast, &error).await;
                let next = next_after(&error, uids.len(), first, self.clock.now());
                let answers = Answers {
                    unclear: matches!(error, GatewayError::Unavailable { .. }),
                    message: Some(error.to_string()),
                    ..Answers::default()
                };
                match next {
                    BatchNext::Again(wait) => self.keep(in_hand, answers, wait).await,
                    BatchNext::Split => self.split(in_hand, to).await,
                    BatchNext::Pause(reason) => self.pause(in_hand, answers, reason).await,
                    BatchNext::Fail(FailReason::OutcomeUnknown) => {
                        settle(self, in_hand, answers, BatchState::Unknown).await
                    }
                    BatchNext::Fail(_) => settle(self, in_hand, answers, BatchState::Failed).await,
                }
            }
        }
    }

    /// All sending was stopped with a batch in hand: what is certain is written down, and the
    /// rest goes out after the brake is released.
    pub(super) async fn hold_back(
        &self,
        in_hand: &InHand,
        answers: Answers,
    ) -> Result<Step, SendingError> {
        Ok(match self.keep(in_hand, answers, LOOK_AGAIN).await? {
            Step::Stop(Delivery::Again(_)) => Step::Stop(Delivery::Again(LOOK_AGAIN)),
            other => other,
        })
    }

    pub(super) async fn note_limit(&self, kind: SendKind, error: &GatewayError) {
        if let GatewayError::RateLimited { retry_after } = error {
            self.pace.slow_down(kind, *retry_after).await;
        }
    }
}

pub(super) fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(super) fn damaged_body() -> SendingError {
    SendingError::Damaged(serde::ser::Error::custom("body and mode of a batch differ"))
}
