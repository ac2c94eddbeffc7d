use super::body::{birthday_month, sample_person};
use super::links::NOBODY;
use super::{Sending, SendingError};
use crate::WireMessages;
use crm_campaigns::{Audience, AudienceEstimate, CampaignError, TriggerCondition};
use crm_kernel::{CampaignId, MemberId, TemplateId};
use crm_members::MemberDetail;
use crm_templates::{Person, TemplateContent};

/// The month's quota, as shown before sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaView {
    /// Messages allowed; `None` = no limit.
    pub limit: Option<u64>,
    /// Messages used, approximately.
    pub used: u64,
    /// Messages left; `None` = no limit.
    pub remaining: Option<u64>,
}

/// What a send would do.
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignPreview {
    /// The very message objects that LINE would get.
    pub messages: WireMessages,
    /// Whom it would reach, by the statement that the plan uses.
    pub estimate: AudienceEstimate,
    /// `None` when LINE cannot be asked now.
    pub quota: Option<QuotaView>,
}

impl Sending {
    /// Shows a campaign as `member` would get it, or a made-up guest.
    ///
    /// # Errors
    /// `NotFound`, `MemberNotFound`, or what keeps the template from being rendered.
    pub async fn preview(
        &self,
        id: CampaignId,
        member: Option<MemberId>,
    ) -> Result<CampaignPreview, SendingError> {
        let detail = self
            .campaigns
            .detail(id)
            .await?
            .ok_or(CampaignError::NotFound)?;
        let record = detail.campaign.record();
        let content = match &record.frozen_template {
            Some(frozen) => serde_json::from_str(frozen).map_err(SendingError::Damaged)?,
            None => self.content_of(record.template_id).await?,
        };
        let messages = self.shown(id, &content, member).await?;
        let selection = self.selection(&detail.campaign, self.clock.now());
        let estimate = self.campaigns.estimate(&selection).await?;
        let quota = match self.line.quota().await {
            Ok(quota) => Some(QuotaView {
                limit: quota.limit,
                used: quota.used,
                remaining: quota.remaining(),
            }),
            Err(error) => {
                tracing::warn!(%error, "the quota could not be asked for a preview");
                None
            }
        };
        Ok(CampaignPreview {
            messages,
            estimate,
            quota,
        })
    }

    /// Shows a template as `member` would get it, or a made-up guest.
    ///
    /// # Errors
    /// `NotFound` of the template, `MemberNotFound`, or what keeps it from being rendered.
    pub async fn preview_template(
        &self,
        id: TemplateId,
        member: Option<MemberId>,
    ) -> Result<WireMessages, SendingError> {
        let content = self.content_of(id).await?;
        self.shown(CampaignId::new(0), &content, member).await
    }

    /// Whom an audience would reach now.
    ///
    /// # Errors
    /// `Invalid`, `AudienceTagMissing`, `AudienceCampaignMissing` or those of the store.
    pub async fn estimate(
        &self,
        audience: &Audience,
        trigger: Option<&TriggerCondition>,
    ) -> Result<AudienceEstimate, SendingError> {
        audience.validate(trigger)?;
        self.campaigns.check_audience(audience).await?;
        let selection = audience.selection(trigger, self.clock.now(), self.hotel);
        Ok(self.campaigns.estimate(&selection).await?)
    }

    pub(super) async fn content_of(&self, id: TemplateId) -> Result<TemplateContent, SendingError> {
        let template = self.templates.find(id).await?;
        let template = template.ok_or(SendingError::TemplateNotFound)?;
        Ok(template.content().clone())
    }

    async fn shown(
        &self,
        campaign: CampaignId,
        content: &TemplateContent,
        member: Option<MemberId>,
    ) -> Result<WireMessages, SendingError> {
        let person = match member {
            None => sample_person(),
            Some(id) => {
                let member = self.members.detail(id).await?;
                person_of(member.ok_or(SendingError::MemberNotFound)?)
            }
        };
        let links = self.links_for(campaign, member.unwrap_or(NOBODY));
        Ok(self.line.encode(&content.render(&person, &links)?)?)
    }
}

pub(super) fn person_of(member: MemberDetail) -> Person {
    Person {
        display_name: member.row.line_display_name,
        first_name: member.row.first_name,
        last_name: member.row.last_name,
        birthday_month: birthday_month(member.birthday),
    }
}
