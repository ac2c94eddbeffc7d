use super::audience::{Condition, TargetAudience};
use crate::http::answer::{ApiResult, Envelope, success};
use crate::http::extract::{Allowed, CampaignsRead, Id};
use crate::http::problem::{ApiError, Problems};
use crate::http::wire::CampaignStatus;
use actix_web::get;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_campaigns::{Campaign, Counts, CreatorView, Pace, StatusReason};
use crm_kernel::CampaignId;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The template of a campaign, in short.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 1, "type": "image_card", "name": "中秋模板"}))]
pub(crate) struct TemplateBrief {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
}

impl From<crm_campaigns::TemplateBrief> for TemplateBrief {
    fn from(template: crm_campaigns::TemplateBrief) -> Self {
        Self {
            id: template.id.get(),
            kind: template.kind,
            name: template.name,
        }
    }
}

/// Figures of a campaign: `recipient_count = pending + sent + failed + skipped`, always.
#[derive(Serialize, ToSchema)]
pub(crate) struct Figures {
    /// Everybody planned, skipped ones included.
    recipient_count: i64,
    /// Planned and not settled yet.
    pending_count: i64,
    /// Accepted by LINE; opened and clicked ones included.
    sent_count: i64,
    /// Refused by LINE, or of unknown outcome.
    failed_count: i64,
    /// Kept back, with the reason on each recipient.
    skipped_count: i64,
    /// Distinct people known to have opened it.
    opened_count: i64,
    /// Distinct people who tapped something.
    clicked_count: i64,
    /// Distinct people who booked a stay within the window after it, and did not cancel.
    converted_count: i64,
    /// Opened of sent, in percent with one decimal.
    open_rate: f64,
    /// Clicked of sent, in percent with one decimal.
    click_rate: f64,
    /// Booked of sent, in percent with one decimal.
    conversion_rate: f64,
}

impl From<&Counts> for Figures {
    fn from(counts: &Counts) -> Self {
        Self {
            recipient_count: counts.recipients,
            pending_count: counts.pending(),
            sent_count: counts.sent,
            failed_count: counts.failed,
            skipped_count: counts.skipped,
            opened_count: counts.opened,
            clicked_count: counts.clicked,
            converted_count: counts.converted,
            open_rate: percent(counts.opened, counts.sent),
            click_rate: percent(counts.clicked, counts.sent),
            conversion_rate: percent(counts.converted, counts.sent),
        }
    }
}

/// `part` of `whole` in percent with one decimal; 0.0 of nothing.
fn percent(part: i64, whole: i64) -> f64 {
    if whole <= 0 {
        return 0.0;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "people are counted, and far from 2^52"
    )]
    let tenths = (part as f64 * 1000.0 / whole as f64).round();
    tenths / 10.0
}

/// What the list and the detail page show of a campaign.
#[derive(Serialize, ToSchema)]
pub(crate) struct CampaignRow {
    id: i64,
    title: String,
    template: TemplateBrief,
    status: CampaignStatus,
    /// Why it stopped, for programs.
    status_reason: Option<&'static str>,
    /// Why it stopped, for people.
    status_message: Option<&'static str>,
    #[serde(flatten)]
    figures: Figures,
    scheduled_at: Option<DateTime<Utc>>,
    /// When the plan was frozen.
    sent_at: Option<DateTime<Utc>>,
    /// When the last recipient was settled.
    finished_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl CampaignRow {
    fn new(campaign: &Campaign, template: crm_campaigns::TemplateBrief) -> Self {
        let record = campaign.record();
        Self {
            id: record.id.get(),
            title: record.title.clone(),
            template: template.into(),
            status: record.status.into(),
            status_reason: record.status_reason.map(StatusReason::as_str),
            status_message: record.status_reason.map(StatusReason::message),
            figures: (&record.counts).into(),
            scheduled_at: record.scheduled_at,
            sent_at: record.sent_at,
            finished_at: record.finished_at,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

impl From<crm_campaigns::CampaignRow> for CampaignRow {
    fn from(row: crm_campaigns::CampaignRow) -> Self {
        Self::new(&row.campaign, row.template)
    }
}

/// A campaign on its own page.
#[derive(Serialize, ToSchema)]
pub(crate) struct CampaignDetail {
    #[serde(flatten)]
    row: CampaignRow,
    template_id: i64,
    target_audience: TargetAudience,
    trigger_condition: Option<Condition>,
    /// How many are kept back, per reason; together `skipped_count`.
    #[schema(example = json!({"opted_out": 120, "blocked": 52}))]
    skipped: BTreeMap<&'static str, i64>,
    /// True while the plan is being made: `recipient_count` still grows, and nothing was sent.
    planning: bool,
    /// Goes, until it is cancelled, to whoever comes to fulfil the condition.
    recurring: bool,
    created_by: Option<Creator>,
    #[serde(flatten)]
    speed: Speed,
    /// What LINE itself counted; null until LINE has told.
    line_stats: Option<LineStats>,
}

/// What LINE counted, in people; apart from `opened_count` and `clicked_count`, which are ours.
/// A figure is null while LINE hides it: fewer than 20 people. It is never 0 instead.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineStats {
    /// Who saw at least one bubble.
    unique_impressions: Option<i64>,
    /// Who opened any address in it.
    unique_clicks: Option<i64>,
    /// Who began to play a film or sound in it.
    unique_media_played: Option<i64>,
    /// Who played one to its end.
    unique_media_completed: Option<i64>,
    /// When LINE told.
    fetched_at: DateTime<Utc>,
}

impl From<crm_campaigns::LineStats> for LineStats {
    fn from(stats: crm_campaigns::LineStats) -> Self {
        Self {
            unique_impressions: stats.figures.unique_impressions,
            unique_clicks: stats.figures.unique_clicks,
            unique_media_played: stats.figures.unique_media_played,
            unique_media_completed: stats.figures.unique_media_completed,
            fetched_at: stats.fetched_at,
        }
    }
}

/// How fast a campaign is being sent, over all processes.
#[derive(Serialize, ToSchema)]
pub(crate) struct Speed {
    /// Recipients a second over the last seconds; null unless it is being sent.
    rate_per_second: Option<f64>,
    /// Seconds until nobody is pending at this rate; null where nothing moves.
    eta_seconds: Option<i64>,
}

impl From<Pace> for Speed {
    fn from(pace: Pace) -> Self {
        Self {
            rate_per_second: pace.per_second,
            eta_seconds: pace.seconds_left,
        }
    }
}

/// Who made a campaign.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 1, "username": "admin", "full_name": "系統管理員"}))]
pub(crate) struct Creator {
    id: i64,
    username: String,
    full_name: Option<String>,
}

impl From<CreatorView> for Creator {
    fn from(creator: CreatorView) -> Self {
        Self {
            id: creator.id.get(),
            username: creator.username,
            full_name: creator.full_name,
        }
    }
}

impl CampaignDetail {
    fn new(detail: crm_campaigns::CampaignDetail, pace: Pace) -> Self {
        let record = detail.campaign.record();
        Self {
            template_id: record.template_id.get(),
            target_audience: (&record.audience).into(),
            trigger_condition: record.trigger.as_ref().map(Into::into),
            skipped: detail
                .skipped
                .iter()
                .map(|(reason, count)| (reason.as_str(), *count))
                .collect(),
            planning: detail.planning,
            recurring: record.recurring,
            created_by: detail.created_by.map(Into::into),
            row: CampaignRow::new(&detail.campaign, detail.template),
            speed: pace.into(),
            line_stats: detail.line_stats.map(Into::into),
        }
    }
}

/// One campaign with its figures.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign")),
    responses((status = 200, description = "The campaign", body = Envelope<CampaignDetail>), Problems),
)]
#[get("/campaigns/{id}")]
pub(super) async fn get_campaign(
    _user: Allowed<CampaignsRead>,
    id: Id<CampaignId>,
    crm: Data<Crm>,
) -> ApiResult<CampaignDetail> {
    Ok(success(shown(&crm, id.0).await?))
}

/// The campaign's page.
pub(super) async fn shown(crm: &Crm, id: CampaignId) -> Result<CampaignDetail, ApiError> {
    let detail = crm.campaigns.get(id).await?;
    let campaign = &detail.campaign;
    let pace = crm.campaigns.pace(id, campaign.status(), campaign.counts());
    let pace = pace.await?;
    Ok(CampaignDetail::new(detail, pace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_one_decimal_and_nothing_sent_is_no_rate() {
        assert_eq!(serde_json::to_string(&percent(0, 0)).unwrap(), "0.0");
        assert_eq!(serde_json::to_string(&percent(80, 100)).unwrap(), "80.0");
        assert_eq!(serde_json::to_string(&percent(1, 3)).unwrap(), "33.3");
        assert_eq!(serde_json::to_string(&percent(2, 3)).unwrap(), "66.7");
    }
}
