use super::audience::{Condition, TargetAudience};
use super::detail::{CampaignDetail, shown};
use crate::http::answer::{ApiResult, EmptyEnvelope, Envelope, created, done, success};
use crate::http::extract::{Allowed, CampaignsWrite, Id, Valid};
use crate::http::problem::{ApiError, Problems};
use crate::http::wire::{Moment, mapped, patch, required};
use actix_web::web::Data;
use actix_web::{delete, post, put};
use crm_accounts::Permission;
use crm_bootstrap::Crm;
use crm_campaigns::Audience;
use crm_kernel::{CampaignId, HotelTime, Patch, TemplateId};
use serde::Deserialize;
use utoipa::ToSchema;

/// A campaign to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "新活動標題", "template_id": 1, "target_audience": {"type": "all"},
    "trigger_condition": null, "scheduled_at": "2026-10-10T10:00:00+08:00"
}))]
pub(crate) struct CreateCampaign {
    /// At most 100 characters.
    title: String,
    template_id: i64,
    target_audience: TargetAudience,
    #[serde(default)]
    trigger_condition: Option<Condition>,
    /// Without it, a draft. Without an offset, the hotel's own time.
    #[serde(default)]
    scheduled_at: Option<Moment>,
}

impl CreateCampaign {
    fn command(self, hotel: HotelTime) -> Result<crm_campaigns::CreateCampaign, ApiError> {
        Ok(crm_campaigns::CreateCampaign {
            title: self.title,
            template_id: TemplateId::new(self.template_id),
            audience: self.target_audience.try_into()?,
            trigger: self.trigger_condition.map(Into::into),
            scheduled_at: self.scheduled_at.map(|at| at.utc(hotel)),
        })
    }
}

/// Changes to a campaign that is a draft or scheduled: absent fields stay, null clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "中秋送禮", "scheduled_at": null}))]
pub(crate) struct UpdateCampaign {
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    title: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<i64>)]
    template_id: Patch<i64>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<TargetAudience>)]
    target_audience: Patch<TargetAudience>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Condition>)]
    trigger_condition: Patch<Condition>,
    /// Null makes it a draft again.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Moment>)]
    scheduled_at: Patch<Moment>,
}

impl UpdateCampaign {
    fn command(self, hotel: HotelTime) -> Result<crm_campaigns::UpdateCampaign, ApiError> {
        Ok(crm_campaigns::UpdateCampaign {
            title: required("title", self.title)?,
            template_id: required("template_id", self.template_id)?.map(TemplateId::new),
            audience: required("target_audience", self.target_audience)?
                .map(Audience::try_from)
                .transpose()?,
            trigger: mapped(self.trigger_condition, Into::into),
            scheduled_at: mapped(self.scheduled_at, |at| at.utc(hotel)),
        })
    }
}

/// Write a campaign: a draft, or with a time a scheduled one.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    request_body = CreateCampaign,
    responses((status = 201, description = "Written", body = Envelope<CampaignDetail>), Problems),
)]
#[post("/campaigns")]
pub(super) async fn create_campaign(
    user: Allowed<CampaignsWrite>,
    body: Valid<CreateCampaign>,
    crm: Data<Crm>,
) -> ApiResult<CampaignDetail> {
    let command = body.0.command(crm.hotel)?;
    if command.scheduled_at.is_some() {
        user.require(Permission::CampaignsSend)?;
    }
    let id = crm.campaigns.create(&user.actor(), command).await?.id();
    let detail = shown(&crm, id).await?;
    Ok(created(format!("/api/v1/campaigns/{id}"), detail))
}

/// Change a draft or a scheduled campaign.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign")),
    request_body = UpdateCampaign,
    responses((status = 200, description = "Changed", body = Envelope<CampaignDetail>), Problems),
)]
#[put("/campaigns/{id}")]
pub(super) async fn update_campaign(
    user: Allowed<CampaignsWrite>,
    id: Id<CampaignId>,
    body: Valid<UpdateCampaign>,
    crm: Data<Crm>,
) -> ApiResult<CampaignDetail> {
    let command = body.0.command(crm.hotel)?;
    if command.scheduled_at.is_mentioned() {
        user.require(Permission::CampaignsSend)?;
    }
    crm.campaigns.update(&user.actor(), id.0, command).await?;
    Ok(success(shown(&crm, id.0).await?))
}

/// Delete a draft.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign")),
    responses((status = 200, description = "Deleted", body = EmptyEnvelope), Problems),
)]
#[delete("/campaigns/{id}")]
pub(super) async fn delete_campaign(
    user: Allowed<CampaignsWrite>,
    id: Id<CampaignId>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    crm.campaigns.delete(&user.actor(), id.0).await?;
    Ok(done())
}
