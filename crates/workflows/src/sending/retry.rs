use super::start::{check_quota, mode_of};
use super::{Sending, SendingError};
use crm_campaigns::{
    Campaign, CampaignError, EventKind, FailReason, NewBatch, NewCampaignEvent, campaign_entry,
    hire_senders,
};
use crm_kernel::{Actor, CampaignId};
use crm_templates::TemplateContent;

impl Sending {
    /// Tries those who failed once more, with what was frozen and fresh keys: LINE refused them, or
    /// the message could not be rendered for them. Those of unknown outcome may have got it; they
    /// are tried only where `unknown_too` says so, by somebody who accepts that they get it twice.
    ///
    /// # Errors
    /// `NotFound`; `WrongState`, `NothingToRetry` or `QuotaInsufficient`, which leave everything as
    /// it was; `Line` when LINE cannot be asked for the quota.
    pub async fn retry_failed(
        &self,
        actor: &Actor,
        id: CampaignId,
        unknown_too: bool,
    ) -> Result<Campaign, SendingError> {
        if self.brake.is_on().await? {
            return Err(SendingError::Stopped);
        }
        let detail = self.campaigns.detail(id).await?;
        let campaign = detail.ok_or(CampaignError::NotFound)?.campaign;
        campaign.check_retryable()?;
        if campaign.counts().failed == 0 {
            return Err(CampaignError::NothingToRetry.into());
        }
        let remaining = self.remaining().await?;
        let mut reasons = vec![FailReason::LineRejected, FailReason::RenderError];
        if unknown_too {
            reasons.push(FailReason::OutcomeUnknown);
        }

        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        campaign.check_retryable()?;
        let frozen = campaign.record().frozen_template.clone();
        let Some(frozen) = frozen else {
            return Err(CampaignError::NothingToRetry.into());
        };
        let content: TemplateContent =
            serde_json::from_str(&frozen).map_err(SendingError::Damaged)?;
        let mode = mode_of(&content);
        let size = self.batch_size(mode);
        let again = tx.recipients().failed(id, &reasons).await?;
        campaign.retry(again)?;
        // Whoever waits in other batches needs the quota too.
        check_quota(campaign.counts().pending(), remaining)?;
        let most = again / i64::from(size) + 1;
        let first = tx.campaigns().take_numbers(id, most).await?;
        tx.recipients().try_again(id, &reasons, first, size).await?;
        let batches: Vec<NewBatch> = NewBatch::portion(first, again, size, || self.ids.uuid());
        tx.batches().insert(id, mode, &batches).await?;
        tx.campaigns().update(&campaign).await?;
        let untried = i64::try_from(batches.len()).unwrap_or(i64::MAX);
        hire_senders(&mut *tx, id, untried, now).await?;
        let event = NewCampaignEvent::new(EventKind::Retried, id, actor, now);
        tx.campaigns()
            .note(&event.with("recipients", again))
            .await?;
        let entry = campaign_entry(actor, now, "campaign.retried", id)
            .with("recipients", again)
            .with("unknown_too", unknown_too);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(campaign)
    }
}
