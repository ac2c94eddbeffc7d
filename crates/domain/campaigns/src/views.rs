use crate::{Campaign, CampaignStatus, LineStats, RecipientStatus, SkipReason};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, TemplateId, UserId};
use std::collections::BTreeMap;

/// Which campaigns a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignFilter {
    /// Of one status.
    pub status: Option<CampaignStatus>,
    /// Whose time shown is at or after this.
    pub from: Option<DateTime<Utc>>,
    /// Whose time shown is before this.
    pub until: Option<DateTime<Utc>>,
}

/// The template of a campaign, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateBrief {
    /// Its id.
    pub id: TemplateId,
    /// Its type, as stored.
    pub kind: String,
    /// Its name.
    pub name: Option<String>,
}

/// Who made a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatorView {
    /// Their id.
    pub id: UserId,
    /// Their sign-in name.
    pub username: String,
    /// Their name.
    pub full_name: Option<String>,
}

/// A campaign in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignRow {
    /// The campaign.
    pub campaign: Campaign,
    /// Its template.
    pub template: TemplateBrief,
}

/// A campaign on its own page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignDetail {
    /// The campaign.
    pub campaign: Campaign,
    /// Its template.
    pub template: TemplateBrief,
    /// Who made it, if a user did and still exists.
    pub created_by: Option<CreatorView>,
    /// How many are kept back, per reason.
    pub skipped: BTreeMap<SkipReason, i64>,
    /// Whether its plan is still being made, so that its figures grow.
    pub planning: bool,
    /// What LINE counted, once it told.
    pub line_stats: Option<LineStats>,
}

/// How many campaigns there are of each status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignSummary {
    /// All of them.
    pub total: u64,
    /// Per status; statuses without any may be missing.
    pub by_status: BTreeMap<&'static str, u64>,
}

/// Which recipients a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecipientFilter {
    /// Who came at least so far: `sent` includes opened and clicked, `opened` includes clicked.
    pub status: Option<RecipientStatus>,
    /// Of one reason, by its stored name.
    pub reason: Option<String>,
}

/// The member of a recipient row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientMember {
    /// Their id.
    pub id: MemberId,
    /// Family name.
    pub last_name: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Name at LINE.
    pub display_name: Option<String>,
    /// E-mail.
    pub email: Option<String>,
}

/// How a campaign went with one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientRow {
    /// Who; `None` when the member was deleted since.
    pub member: Option<RecipientMember>,
    /// How far it came.
    pub status: RecipientStatus,
    /// Why it was skipped or failed, by its stored name.
    pub reason: Option<String>,
    /// The same in words.
    pub error_message: Option<String>,
    /// When LINE accepted it.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it is known to have been opened (inferred).
    pub opened_at: Option<DateTime<Utc>>,
    /// First tap.
    pub clicked_at: Option<DateTime<Utc>>,
}

/// How a plan would come out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AudienceEstimate {
    /// Who would be sent.
    pub eligible: i64,
    /// Who would be kept back, per reason.
    pub skipped: BTreeMap<SkipReason, i64>,
    /// Who fits the audience and cannot be planned, having no LINE account.
    pub without_line: i64,
}
