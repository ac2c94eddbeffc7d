use super::body::Addressee;
use super::deliver::{Delivery, Step, count};
use super::take::InHand;
use super::{Sending, SendingError};
use crate::CrmTx;
use crm_campaigns::{
    BatchState, Campaign, CampaignStatus, EventKind, FailReason, NewCampaignEvent, SkipReason,
    StatusReason, fresh_delay,
};
use crm_kernel::{Actor, Figure, MemberId};
use std::time::Duration;

/// The sender has nothing more to do: somebody else has its batch, or they wait for somebody.
const DONE: Step = Step::Stop(Delivery::Done);

/// What LINE's answers to one run of a batch came to.
#[derive(Default)]
pub(super) struct Answers {
    /// `X-Line-Request-Id` of the accepted multicast.
    pub(super) request_id: Option<String>,
    /// Pushes that LINE accepted.
    pub(super) accepted: Vec<MemberId>,
    /// Pushes that never will be.
    pub(super) failed: Vec<(MemberId, FailReason, String)>,
    /// At least one request got no clear answer: LINE may have carried it out.
    pub(super) unclear: bool,
    /// Why the campaign must stop.
    pub(super) pause: Option<StatusReason>,
    /// The refusal in words.
    pub(super) message: Option<String>,
}

/// Writes down that a batch is through, one way or another.
pub(super) async fn settle(
    sending: &Sending,
    in_hand: &InHand,
    answers: Answers,
    state: BatchState,
) -> Result<Step, SendingError> {
    let batch = &in_hand.batch;
    let everybody = count(in_hand.body.len());
    let words = answers.message.as_deref().unwrap_or_default();
    let failure = match state {
        BatchState::Failed => Some((FailReason::LineRejected, words)),
        BatchState::Unknown => Some((FailReason::OutcomeUnknown, words)),
        _ => None,
    };
    let now = sending.clock.now();
    let mut tx = sending.store.begin().await?;
    let Some(mut campaign) = tx.campaigns().find(batch.campaign_id()).await? else {
        return Ok(DONE);
    };
    let request_id = answers.request_id.as_deref();
    let ours = tx
        .batches()
        .settle(batch, state, request_id, failure, now)
        .await?;
    if !ours {
        return Ok(DONE);
    }
    let failed_alone = tx.recipients().fail(batch, &answers.failed).await?;
    if failure.is_some() {
        campaign.settle(0, everybody, 0, now);
    } else {
        let sent = everybody - failed_alone;
        campaign.settle(sent, failed_alone, 0, now);
        tx.figures()
            .add(Figure::CampaignSent, campaign.id().get(), now, sent);
    }
    tx.campaigns().update(&campaign).await?;
    tx.campaigns().note_end(&campaign, now).await?;
    tx.commit().await?;
    if campaign.counts().pending() == 0 {
        let (id, counts) = (campaign.id(), campaign.counts());
        tracing::info!(
            campaign.id = id.get(),
            sent = counts.sent,
            failed = counts.failed,
            skipped = counts.skipped,
            "campaign {id} is through"
        );
    }
    Ok(Step::Next)
}

impl Sending {
    /// Puts two halves in the place of a batch in which LINE refuses somebody.
    pub(super) async fn split(
        &self,
        in_hand: &InHand,
        to: &[Addressee],
    ) -> Result<Step, SendingError> {
        let campaign_id = in_hand.batch.campaign_id();
        let Some(upper) = to.get(to.len() / 2).map(|who| who.member) else {
            return Ok(DONE);
        };
        let now = self.clock.now();
        let keys = [self.ids.uuid(), self.ids.uuid()];
        let mut tx = self.store.begin().await?;
        let Some(mut campaign) = tx.campaigns().find(campaign_id).await? else {
            return Ok(DONE);
        };
        let split = tx.batches().split(&in_hand.batch, upper, keys, now).await?;
        if split.is_none() {
            return Ok(DONE);
        }
        if campaign.status() == CampaignStatus::Cancelled {
            // LINE took nothing of it, so the cancellation holds for both halves.
            self.cancel_rest(&mut *tx, &mut campaign).await?;
            tx.campaigns().update(&campaign).await?;
        }
        tx.commit().await?;
        // This sender or another takes the halves next.
        Ok(Step::Next)
    }

    /// Cancels what of a cancelled campaign has become untried again.
    async fn cancel_rest(
        &self,
        tx: &mut dyn CrmTx,
        campaign: &mut Campaign,
    ) -> Result<(), SendingError> {
        let now = self.clock.now();
        let id = campaign.id();
        let skipped = tx.batches().cancel_untried(id, now).await?;
        let reason = SkipReason::Cancelled;
        tx.campaigns().count_skips(id, reason, skipped).await?;
        campaign.settle(0, 0, skipped, now);
        Ok(())
    }

    /// Writes down what is certain so far and puts the rest off.
    pub(super) async fn keep(
        &self,
        in_hand: &InHand,
        answers: Answers,
        wait: Duration,
    ) -> Result<Step, SendingError> {
        let mut tx = self.store.begin().await?;
        let Some(mut campaign) = tx.campaigns().find(in_hand.batch.campaign_id()).await? else {
            return Ok(DONE);
        };
        let written = self.write_down(&mut *tx, &mut campaign, in_hand, &answers);
        let wait = match written.await? {
            WrittenDown::NotOurs => return Ok(DONE),
            WrittenDown::Reopened => wait.max(fresh_delay(in_hand.batch.claim())),
            WrittenDown::Unclear { .. } => wait,
        };
        tx.campaigns().update(&campaign).await?;
        tx.commit().await?;
        Ok(Step::Stop(Delivery::Again(wait)))
    }

    /// Stops the campaign for trouble that no repetition mends.
    pub(super) async fn pause(
        &self,
        in_hand: &InHand,
        answers: Answers,
        reason: StatusReason,
    ) -> Result<Step, SendingError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let Some(mut campaign) = tx.campaigns().find(in_hand.batch.campaign_id()).await? else {
            return Ok(DONE);
        };
        let written = self.write_down(&mut *tx, &mut campaign, in_hand, &answers);
        match written.await? {
            WrittenDown::NotOurs => return Ok(DONE),
            // Nobody will resume a cancelled campaign: what is unclear now stays so.
            WrittenDown::Unclear { rest } if campaign.status() == CampaignStatus::Cancelled => {
                let words = answers.message.as_deref().unwrap_or_default();
                let failure = Some((FailReason::OutcomeUnknown, words));
                tx.batches()
                    .settle(&in_hand.batch, BatchState::Unknown, None, failure, now)
                    .await?;
                campaign.settle(0, rest, 0, now);
            }
            WrittenDown::Reopened | WrittenDown::Unclear { .. } => {}
        }
        if campaign.pause(reason) {
            let event =
                NewCampaignEvent::new(EventKind::Paused, campaign.id(), &Actor::System, now);
            tx.campaigns().note(&event.because(reason)).await?;
        }
        tx.campaigns().update(&campaign).await?;
        tx.commit().await?;
        let id = in_hand.batch.campaign_id();
        tracing::error!(
            campaign.id = id.get(),
            reason = reason.as_str(),
            "campaign {id} is paused: {}",
            reason.as_str()
        );
        Ok(DONE)
    }

    /// Settles the recipients of whom it is certain how it ended. Where it is also certain that
    /// LINE took nothing of the rest, the batch becomes untried again, under a fresh key: a quota
    /// may be back only next month, when LINE has long forgotten this one.
    async fn write_down(
        &self,
        tx: &mut dyn CrmTx,
        campaign: &mut Campaign,
        in_hand: &InHand,
        answers: &Answers,
    ) -> Result<WrittenDown, SendingError> {
        let batch = &in_hand.batch;
        let now = self.clock.now();
        if !tx.batches().holds(batch).await? {
            return Ok(WrittenDown::NotOurs);
        }
        // As many as were still there: somebody may have been deleted meanwhile.
        let sent = tx.recipients().sent(batch, &answers.accepted, now).await?;
        let failed = tx.recipients().fail(batch, &answers.failed).await?;
        campaign.settle(sent, failed, 0, now);
        tx.figures()
            .add(Figure::CampaignSent, campaign.id().get(), now, sent);
        tx.campaigns().note_end(campaign, now).await?;
        if !in_hand.untouched || answers.unclear {
            let rest = count(in_hand.body.len()) - sent - failed;
            return Ok(WrittenDown::Unclear { rest });
        }
        tx.batches().reopen(batch, self.ids.uuid()).await?;
        if campaign.status() == CampaignStatus::Cancelled {
            self.cancel_rest(tx, campaign).await?;
        }
        Ok(WrittenDown::Reopened)
    }
}

/// How a batch stands after what is certain was written down.
enum WrittenDown {
    /// Somebody else has it; nothing was written.
    NotOurs,
    /// The rest is untried again, or cancelled.
    Reopened,
    /// Nobody knows whether LINE took the rest, so many people.
    Unclear { rest: i64 },
}
