//! Choosing the batch that a sender works on next, and what it says.

use super::body::{Addressee, BatchBody, PersonalAddressee, person_of};
use super::{Sending, SendingError};
use crate::{CrmTx, WireMessages};
use crm_campaigns::{
    Batch, BatchMode, BatchPerson, BatchState, CampaignStatus, FailReason, SendBatches, SkipReason,
    StatusReason, gate,
};
use crm_kernel::MemberId;
use crm_templates::{OutgoingMessage, Person, TemplateContent};
use std::collections::BTreeMap;

/// What a sender found when it looked for a batch.
pub(super) enum Taken {
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
    pub(super) unit: Option<String>,
    /// No earlier holder may have called LINE with this key.
    pub(super) untouched: bool,
    /// LINE took the campaign's message for somebody: it is not the message that is at fault.
    pub(super) proven: bool,
}

impl Sending {
    /// Claims the sender's batch, or the next one, and makes sure that what it says is stored.
    pub(super) async fn take(&self, job: &SendBatches) -> Result<Taken, SendingError> {
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

    pub(super) fn render(
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
}
