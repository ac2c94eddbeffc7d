use crate::http::answer::{ApiResult, Envelope, PageOf, success};
use crate::http::extract::{Allowed, CampaignsRead, FromQuery, Id, Paging, Query, QueryReader};
use crate::http::problem::Problems;
use crate::http::wire::{RecipientStatus, Word};
use actix_web::get;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_campaigns::{FailReason, RecipientFilter, SkipReason};
use crm_kernel::CampaignId;
use crm_members::shown_name;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// Which recipients.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListRecipients {
    /// How far it came at least: `sent` includes opened and clicked, `opened` includes clicked
    #[param(inline)]
    status: Option<RecipientStatus>,
    /// Why they were skipped or failed
    #[param(value_type = Option<String>, example = "opted_out")]
    reason: Option<Reason>,
}

/// Why a recipient was skipped or failed, by its stored name.
struct Reason(&'static str);

impl Word for Reason {
    const WORDS: &'static [&'static str] = &[
        SkipReason::NoLine.as_str(),
        SkipReason::Blocked.as_str(),
        SkipReason::OptedOut.as_str(),
        SkipReason::Cancelled.as_str(),
        SkipReason::Erased.as_str(),
        FailReason::LineRejected.as_str(),
        FailReason::RenderError.as_str(),
        FailReason::OutcomeUnknown.as_str(),
        // No row carries it today, as a used-up quota pauses; it stays a known question.
        "quota",
    ];

    fn from_word(text: &str) -> Option<Self> {
        let known = Self::WORDS.iter().find(|word| **word == text);
        known.map(|word| Self(word))
    }
}

impl FromQuery for ListRecipients {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            status: query.word("status"),
            reason: query.word("reason"),
        }
    }
}

/// How a campaign went with one recipient.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "member": {
        "id": 1, "name": "王小明", "first_name": "小明", "last_name": "王",
        "line_display_name": "小明的日常", "email": "wang.ming@email.com"
    },
    "status": "clicked", "reason": null, "error_message": null,
    "sent_at": "2025-10-02T22:47:00Z", "opened_at": "2025-10-03T08:15:00Z",
    "clicked_at": "2025-10-03T08:20:00Z"
}))]
pub(crate) struct Recipient {
    /// Null when the member was deleted since.
    member: Option<RecipientMember>,
    status: RecipientStatus,
    /// Why they were skipped or failed, for programs.
    reason: Option<String>,
    /// The same for people.
    error_message: Option<String>,
    sent_at: Option<DateTime<Utc>>,
    /// Inferred: LINE tells nobody's opening.
    opened_at: Option<DateTime<Utc>>,
    clicked_at: Option<DateTime<Utc>>,
}

/// The member of a recipient row.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecipientMember {
    id: i64,
    /// How they are named on screens.
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    line_display_name: Option<String>,
    email: Option<String>,
}

impl From<crm_campaigns::RecipientMember> for RecipientMember {
    fn from(member: crm_campaigns::RecipientMember) -> Self {
        Self {
            id: member.id.get(),
            name: shown_name(
                member.first_name.as_deref(),
                member.last_name.as_deref(),
                member.display_name.as_deref(),
            ),
            first_name: member.first_name,
            last_name: member.last_name,
            line_display_name: member.display_name,
            email: member.email,
        }
    }
}

impl From<crm_campaigns::RecipientRow> for Recipient {
    fn from(row: crm_campaigns::RecipientRow) -> Self {
        Self {
            member: row.member.map(Into::into),
            status: row.status.into(),
            reason: row.reason,
            error_message: row.error_message,
            sent_at: row.sent_at,
            opened_at: row.opened_at,
            clicked_at: row.clicked_at,
        }
    }
}

/// A page of a campaign's recipients and how it went with each.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign"), ListRecipients, Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<Recipient>>), Problems),
)]
#[get("/campaigns/{id}/recipients")]
pub(super) async fn list_recipients(
    _user: Allowed<CampaignsRead>,
    id: Id<CampaignId>,
    query: Query<ListRecipients>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<Recipient>> {
    let filter = RecipientFilter {
        status: query.0.status.map(Into::into),
        reason: query.0.reason.map(|Reason(reason)| reason.to_owned()),
    };
    let page = crm.campaigns.recipients(id.0, &filter, paging.0.0).await?;
    Ok(success(PageOf::of(page, Recipient::from)))
}
