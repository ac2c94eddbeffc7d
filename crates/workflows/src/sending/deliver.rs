use super::body::{Addressee, BatchBody, PersonalAddressee, person_of};
use super::results::{Answers, settle};
use super::{Sending, SendingError};
use crate::{CrmTx, Hold, LOOK_AGAIN, SendKind, WireMessages};
use crm_campaigns::{
    Batch, BatchMode, BatchNext, BatchPerson, BatchState, CampaignStatus, FailReason, SendBatches,
    SkipReason, StatusReason, gate, next_after,
};
use crm_kernel::{GatewayError, MemberId};
use crm_templates::{OutgoingMessage, Person, TemplateContent};
use futures::{StreamExt, stream};
use std::collections::BTreeMap;
use std::time::Duration;

/// Tries within one run of the job, before the batch is put back for a while.
const TRIES_IN_HAND: u32 = 3;
/// A longer pause is not sat out: the place is for senders that can go on.
const PAUSE_IN_HAND: Duration = Duration::from_secs(2);

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

/// What a sender found when it looked for a batch.
enum Taken {
    /// None that it may take.
    Nothing,
    /// One in which nobody was left to send to; it is settled.
    Nobody,
    /// This one.
    Batch(Box<InHand>),
}

/// A batch in hand, with everything a try needs.
pub(super) struct InHand {
    pub(super) batch: Batch,
    pub(super) body: BatchBody,
    pub(super) content: TemplateContent,
    /// The name under which LINE counts for the campaign.
    unit: Option<String>,
    /// No earlier holder may have called LINE with this key.
    pub(super) untouched: bool,
    /// LINE took the campaign's message for somebody: it is not the message that is at fault.
    proven: bool,
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

    /// Claims the sender's batch, or the next one, and makes sure that what it says is stored.
    async fn take(&self, job: &SendBatches) -> Result<Taken, SendingError> {
        let mut tx = self.store.begin().await?;
        // The campaign's row is locked first, by everybody.
        let Some(mut campaign) = tx.campaigns().find(job.campaign_id).await? else {
            return Ok(Taken::Nothing);
        };
        // A cancelled campaign's tried batches are seen through, since LINE may have them; a
        // paused one's wait for the resumption, which calls the senders back.
        let fresh = match campaign.status() {
            status if status.sends() => true,
            CampaignStatus::Cancelled => false,
            _ => return Ok(Taken::Nothing),
        };
        let next = tx
            .batches()
            .next(job.campaign_id, job.sender, fresh)
            .await?;
        let Some(batch) = next else {
            return Ok(Taken::Nothing);
        };
        let frozen = campaign
            .record()
            .frozen_template
            .clone()
            .unwrap_or_default();
        let content: TemplateContent =
            serde_json::from_str(&frozen).map_err(SendingError::Damaged)?;
        if let Some(body) = batch.body() {
            let mut body: BatchBody = serde_json::from_str(body).map_err(SendingError::Damaged)?;
            if let BatchBody::Personal { to } = &mut body {
                // Those already settled by an earlier run are through.
                let erased = tx.recipients().skip_erased(&batch).await?;
                let open = tx.recipients().people(&batch).await?;
                to.retain(|p| open.iter().any(|o| o.member_id == p.who.member));
                if erased > 0 {
                    let reason = SkipReason::Erased;
                    let id = job.campaign_id;
                    tx.campaigns().count_skips(id, reason, erased).await?;
                    let now = self.clock.now();
                    campaign.settle(0, 0, erased, now);
                    tx.campaigns().update(&campaign).await?;
                    tx.campaigns().note_end(&campaign, now).await?;
                }
            }
            tx.commit().await?;
            return Ok(Taken::Batch(Box::new(InHand {
                batch,
                body,
                content,
                unit: campaign.record().line_unit.clone(),
                untouched: false,
                proven: campaign.counts().sent > 0,
            })));
        }
        let now = self.clock.now();
        let composed = self.compose(&mut *tx, &batch, &content).await;
        let (body, failed, skipped) = match composed {
            // Checked before the plan was frozen; if it fails all the same, it fails for everybody.
            Err(SendingError::Render(_) | SendingError::Encode(_)) => {
                // What was settled on the way is settled again when it goes on.
                drop(tx);
                self.halt(job.campaign_id, StatusReason::MessageRejected)
                    .await?;
                return Ok(Taken::Nothing);
            }
            other => other?,
        };
        let words = serde_json::to_string(&body).map_err(SendingError::Damaged)?;
        if !tx.batches().store_body(&batch, &words, now).await? {
            return Ok(Taken::Nothing);
        }
        let nobody_left = body.len() == 0;
        if nobody_left {
            tx.batches()
                .settle(&batch, BatchState::Accepted, None, None, now)
                .await?;
        }
        for (reason, skipped) in &skipped {
            let id = job.campaign_id;
            tx.campaigns().count_skips(id, *reason, *skipped).await?;
        }
        let skipped = skipped.values().sum::<i64>();
        if failed + skipped > 0 {
            campaign.settle(0, failed, skipped, now);
            tx.campaigns().update(&campaign).await?;
            tx.campaigns().note_end(&campaign, now).await?;
        }
        tx.commit().await?;
        if nobody_left {
            return Ok(Taken::Nobody);
        }
        Ok(Taken::Batch(Box::new(InHand {
            batch,
            body,
            content,
            unit: campaign.record().line_unit.clone(),
            untouched: true,
            proven: campaign.counts().sent > 0,
        })))
    }

    /// What the batch will say and to whom: the gate is asked once more, and whoever cannot be
    /// rendered fails alone. Answers how many failed and how many were skipped, per reason.
    async fn compose(
        &self,
        tx: &mut dyn CrmTx,
        batch: &Batch,
        content: &TemplateContent,
    ) -> Result<(BatchBody, i64, BTreeMap<SkipReason, i64>), SendingError> {
        let erased = tx.recipients().skip_erased(batch).await?;
        let mut skipped: Vec<(MemberId, SkipReason)> = Vec::new();
        let mut passed: Vec<(BatchPerson, Addressee)> = Vec::new();
        for recipient in tx.recipients().people(batch).await? {
            match (gate(recipient.facts), recipient.line_uid.clone()) {
                (Ok(()), Some(line_uid)) => {
                    let addressee = Addressee {
                        member: recipient.member_id,
                        line_uid,
                    };
                    passed.push((recipient, addressee));
                }
                (Ok(()), None) => skipped.push((recipient.member_id, SkipReason::NoLine)),
                (Err(reason), _) => skipped.push((recipient.member_id, reason)),
            }
        }
        let mut failed: Vec<(MemberId, FailReason, String)> = Vec::new();
        let body = match batch.mode() {
            BatchMode::Bulk => BatchBody::Bulk {
                messages: self.render(batch, content, &Person::default(), super::links::NOBODY)?,
                to: passed.into_iter().map(|(_, who)| who).collect(),
            },
            BatchMode::Personal => {
                let mut to = Vec::with_capacity(passed.len());
                for (recipient, who) in passed {
                    let person = person_of(&recipient);
                    match self.render(batch, content, &person, who.member) {
                        Ok(_) => to.push(PersonalAddressee { who, person }),
                        Err(error) => {
                            failed.push((who.member, FailReason::RenderError, error.to_string()));
                        }
                    }
                }
                BatchBody::Personal { to }
            }
        };
        let mut skipped = tx.recipients().skip(batch, &skipped).await?;
        if erased > 0 {
            skipped.insert(SkipReason::Erased, erased);
        }
        let failed = tx.recipients().fail(batch, &failed).await?;
        Ok((body, failed, skipped))
    }

    fn render(
        &self,
        batch: &Batch,
        content: &TemplateContent,
        person: &Person,
        member: MemberId,
    ) -> Result<WireMessages, SendingError> {
        let messages: Vec<OutgoingMessage> =
            content.render(person, &self.links_for(batch.campaign_id(), member))?;
        Ok(self.line.encode(&messages)?)
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

    /// Pushes to everybody in the batch, several at once, and repeats what got no clear answer
    /// a few times before giving the batch back.
    async fn push_each(&self, in_hand: &InHand, hold: &dyn Hold) -> Result<Step, SendingError> {
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

    /// All sending was stopped with a batch in hand: what is certain is written down, and the
    /// rest goes out after the brake is released.
    async fn hold_back(&self, in_hand: &InHand, answers: Answers) -> Result<Step, SendingError> {
        Ok(match self.keep(in_hand, answers, LOOK_AGAIN).await? {
            Step::Stop(Delivery::Again(_)) => Step::Stop(Delivery::Again(LOOK_AGAIN)),
            other => other,
        })
    }

    async fn note_limit(&self, kind: SendKind, error: &GatewayError) {
        if let GatewayError::RateLimited { retry_after } = error {
            self.pace.slow_down(kind, *retry_after).await;
        }
    }
}

/// What came of one push.
enum Pushed {
    Accepted,
    Refused(GatewayError),
    NotRendered(String),
    Lost,
    Stopped,
}

pub(super) fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn damaged_body() -> SendingError {
    SendingError::Damaged(serde::ser::Error::custom("body and mode of a batch differ"))
}
