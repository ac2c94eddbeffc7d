use super::body::Addressee;
use super::deliver::{Delivery, InHand, count};
use super::{Sending, SendingError};
use crate::CrmTx;
use crm_campaigns::{BatchState, Campaign, CampaignStatus, FailReason, SendBatch, StatusReason};
use crm_kernel::MemberId;
use std::time::Duration;

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
) -> Result<Delivery, SendingError> {
    let batch = &in_hand.batch;
    let everybody = count(in_hand.body.len());
    let failed_alone = count(answers.failed.len());
    let words = answers.message.as_deref().unwrap_or_default();
    let (sent, failed, failure) = match state {
        BatchState::Failed => (0, everybody, Some((FailReason::LineRejected, words))),
        BatchState::Unknown => (0, everybody, Some((FailReason::OutcomeUnknown, words))),
        _ => (everybody - failed_alone, failed_alone, None),
    };
    let now = sending.clock.now();
    let mut tx = sending.store.begin().await?;
    let Some(mut campaign) = tx.campaigns().find(batch.campaign_id()).await? else {
        return Ok(Delivery::Done);
    };
    let request_id = answers.request_id.as_deref();
    let ours = tx
        .batches()
        .settle(batch, state, request_id, failure, now)
        .await?;
    if !ours {
        return Ok(Delivery::Done);
    }
    tx.recipients().fail(batch, &answers.failed).await?;
    campaign.settle(sent, failed, 0, now);
    tx.campaigns().update(&campaign).await?;
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
    Ok(Delivery::Done)
}

impl Sending {
    /// Puts two halves in the place of a batch in which LINE refuses somebody.
    pub(super) async fn split(
        &self,
        in_hand: &InHand,
        to: &[Addressee],
    ) -> Result<Delivery, SendingError> {
        let campaign_id = in_hand.batch.campaign_id();
        let Some(upper) = to.get(to.len() / 2).map(|who| who.member) else {
            return Ok(Delivery::Done);
        };
        let now = self.clock.now();
        let keys = [self.ids.uuid(), self.ids.uuid()];
        let mut tx = self.store.begin().await?;
        let Some(mut campaign) = tx.campaigns().find(campaign_id).await? else {
            return Ok(Delivery::Done);
        };
        let Some(halves) = tx.batches().split(&in_hand.batch, upper, keys, now).await? else {
            return Ok(Delivery::Done);
        };
        if campaign.status() == CampaignStatus::Cancelled {
            // LINE took nothing of it, so the cancellation holds for both halves.
            let skipped = tx.batches().cancel_untried(campaign_id, now).await?;
            campaign.settle(0, 0, skipped, now);
            tx.campaigns().update(&campaign).await?;
        } else {
            for batch_id in halves {
                let job = SendBatch {
                    campaign_id,
                    batch_id,
                };
                tx.outbox().enqueue(&job, now).await?;
            }
        }
        tx.commit().await?;
        Ok(Delivery::Done)
    }

    /// Writes down what is certain so far and puts the rest off.
    pub(super) async fn keep(
        &self,
        in_hand: &InHand,
        answers: Answers,
        wait: Duration,
    ) -> Result<Delivery, SendingError> {
        let mut tx = self.store.begin().await?;
        let Some(mut campaign) = tx.campaigns().find(in_hand.batch.campaign_id()).await? else {
            return Ok(Delivery::Done);
        };
        if !self
            .write_down(&mut *tx, &mut campaign, in_hand, &answers)
            .await?
        {
            return Ok(Delivery::Done);
        }
        tx.campaigns().update(&campaign).await?;
        tx.commit().await?;
        Ok(Delivery::Again(wait))
    }

    /// Stops the campaign for trouble that no repetition mends.
    pub(super) async fn pause(
        &self,
        in_hand: &InHand,
        answers: Answers,
        reason: StatusReason,
    ) -> Result<Delivery, SendingError> {
        let mut tx = self.store.begin().await?;
        let Some(mut campaign) = tx.campaigns().find(in_hand.batch.campaign_id()).await? else {
            return Ok(Delivery::Done);
        };
        if !self
            .write_down(&mut *tx, &mut campaign, in_hand, &answers)
            .await?
        {
            return Ok(Delivery::Done);
        }
        campaign.pause(reason);
        tx.campaigns().update(&campaign).await?;
        tx.commit().await?;
        let id = in_hand.batch.campaign_id();
        tracing::error!(
            campaign.id = id.get(),
            reason = reason.as_str(),
            "campaign {id} is paused: {}",
            reason.as_str()
        );
        Ok(Delivery::Done)
    }

    /// Settles the recipients of whom it is certain how it ended. Where it is also certain that
    /// LINE took nothing of the rest, the batch becomes untried again, under a fresh key: a quota
    /// may be back only next month, when LINE has long forgotten this one. Answers whether the
    /// batch was still ours; if not, nothing was written.
    async fn write_down(
        &self,
        tx: &mut dyn CrmTx,
        campaign: &mut Campaign,
        in_hand: &InHand,
        answers: &Answers,
    ) -> Result<bool, SendingError> {
        let batch = &in_hand.batch;
        let now = self.clock.now();
        if !tx.batches().holds(batch).await? {
            return Ok(false);
        }
        tx.recipients().sent(batch, &answers.accepted, now).await?;
        tx.recipients().fail(batch, &answers.failed).await?;
        let (sent, failed) = (count(answers.accepted.len()), count(answers.failed.len()));
        campaign.settle(sent, failed, 0, now);
        if in_hand.untouched && !answers.unclear {
            tx.batches().reopen(batch, self.ids.uuid()).await?;
            if campaign.status() == CampaignStatus::Cancelled {
                let skipped = tx
                    .batches()
                    .cancel_untried(batch.campaign_id(), now)
                    .await?;
                campaign.settle(0, 0, skipped, now);
            }
        }
        Ok(true)
    }
}
