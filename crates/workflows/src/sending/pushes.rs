//! A batch whose messages differ: one push for each recipient, many under way at once.

use super::body::{BatchBody, PersonalAddressee};
use super::deliver::{Delivery, Step, damaged_body};
use super::results::{Answers, settle};
use super::take::InHand;
use super::{Sending, SendingError};
use crate::{Hold, SendKind};
use crm_campaigns::{BatchNext, BatchState, FailReason, StatusReason, next_after};
use crm_kernel::{GatewayError, MemberId};
use futures::{StreamExt, stream};
use std::collections::BTreeMap;
use std::time::Duration;

/// Tries within one run of the job, before the batch is put back for a while.
const TRIES_IN_HAND: u32 = 3;
/// A longer pause is not sat out: the place is for senders that can go on.
const PAUSE_IN_HAND: Duration = Duration::from_secs(2);

/// What came of one push.
enum Pushed {
    Accepted,
    Refused(GatewayError),
    NotRendered(String),
    Lost,
    Stopped,
}

impl Sending {
    /// Pushes to everybody in the batch, several at once, and repeats what got no clear answer
    /// a few times before giving the batch back.
    pub(super) async fn push_each(
        &self,
        in_hand: &InHand,
        hold: &dyn Hold,
    ) -> Result<Step, SendingError> {
        let BatchBody::Personal { to } = &in_hand.body else {
            return Err(damaged_body());
        };
        let first = in_hand.batch.first_tried_at().unwrap_or(self.clock.now());
        let mut answers = Answers::default();
        let mut open: BTreeMap<MemberId, &PersonalAddressee> =
            to.iter().map(|p| (p.who.member, p)).collect();
        let mut round = 1;
        loop {
            let pushes: Vec<_> = open
                .values()
                .map(|person| self.push_one(in_hand, person, hold))
                .collect();
            let outcomes: Vec<_> = stream::iter(pushes)
                .buffer_unordered(self.rules.pushes_at_once)
                .collect()
                .await;
            let (mut again, mut stopped) = (None, false);
            let mut refused = Vec::new();
            for (member, outcome) in outcomes {
                let error = match outcome {
                    Pushed::Accepted => {
                        open.remove(&member);
                        answers.accepted.push(member);
                        continue;
                    }
                    Pushed::Lost => return Ok(Step::Stop(Delivery::Lost)),
                    Pushed::Stopped => {
                        stopped = true;
                        continue;
                    }
                    Pushed::NotRendered(message) => {
                        open.remove(&member);
                        answers
                            .failed
                            .push((member, FailReason::RenderError, message));
                        continue;
                    }
                    Pushed::Refused(error) => error,
                };
                match next_after(&error, 1, first, self.clock.now()) {
                    BatchNext::Again(wait) => {
                        answers.unclear |= matches!(error, GatewayError::Unavailable { .. });
                        again = Some(again.unwrap_or(wait).max(wait));
                    }
                    BatchNext::Pause(StatusReason::MessageRejected) => {
                        refused.push((member, FailReason::LineRejected, error.to_string()));
                    }
                    BatchNext::Pause(reason) => {
                        answers.message = Some(error.to_string());
                        answers.pause = Some(reason);
                    }
                    BatchNext::Fail(reason) => {
                        open.remove(&member);
                        answers.failed.push((member, reason, error.to_string()));
                    }
                    BatchNext::Split => {}
                }
            }
            // Words that differ per guest may be refused for one and fine for the others.
            if in_hand.proven || !answers.accepted.is_empty() {
                for (member, ..) in &refused {
                    open.remove(member);
                }
                answers.failed.append(&mut refused);
            } else if let Some((.., words)) = refused.pop() {
                answers.message = Some(words);
                answers.pause = Some(StatusReason::MessageRejected);
            }
            if let Some(reason) = answers.pause {
                return self.pause(in_hand, answers, reason).await;
            }
            if stopped {
                return self.hold_back(in_hand, answers).await;
            }
            let Some(wait) = again else {
                return settle(self, in_hand, answers, BatchState::Accepted).await;
            };
            if round >= TRIES_IN_HAND || wait > PAUSE_IN_HAND {
                return self.keep(in_hand, answers, wait).await;
            }
            if !hold.wait(wait).await {
                return Ok(Step::Stop(Delivery::Lost));
            }
            round += 1;
        }
    }

    async fn push_one(
        &self,
        in_hand: &InHand,
        to: &PersonalAddressee,
        hold: &dyn Hold,
    ) -> (MemberId, Pushed) {
        let member = to.who.member;
        let messages = match self.render(&in_hand.batch, &in_hand.content, &to.person, member) {
            Ok(messages) => messages,
            Err(error) => return (member, Pushed::NotRendered(error.to_string())),
        };
        if !self.pace.turn(SendKind::Push, hold).await {
            return (member, Pushed::Lost);
        }
        // Where nobody can say whether it is stopped, it is.
        if self.brake.is_on().await.unwrap_or(true) {
            return (member, Pushed::Stopped);
        }
        let key = in_hand.batch.push_key(member);
        match self
            .line
            .push(&to.who.line_uid, &messages, key, in_hand.unit.as_deref())
            .await
        {
            Ok(_) => (member, Pushed::Accepted),
            Err(error) => {
                self.note_limit(SendKind::Push, &error).await;
                (member, Pushed::Refused(error))
            }
        }
    }
}
