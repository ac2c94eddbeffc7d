use crate::http::answer::{ApiResult, Envelope, PageOf, success};
use crate::http::extract::{Allowed, Id, MembersRead, Paging, Query};
use crate::http::problem::Problems;
use crate::http::wire::TimelineKind;
use actix_web::get;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_kernel::MemberId;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that happened with a guest.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "at": "2026-10-08T10:30:00Z", "kind": "campaign_clicked", "title": "中秋優惠", "subject_id": 4
}))]
pub(crate) struct TimelineEntry {
    /// For a stay the day of arrival.
    at: DateTime<Utc>,
    kind: TimelineKind,
    /// The same in a few words.
    title: String,
    /// The stay, tag, campaign, message or merge it speaks of.
    subject_id: Option<i64>,
}

impl From<crm_members::TimelineEntry> for TimelineEntry {
    fn from(entry: crm_members::TimelineEntry) -> Self {
        Self {
            at: entry.at,
            kind: entry.kind.into(),
            title: entry.title,
            subject_id: entry.subject_id,
        }
    }
}

/// What happened with a member, the latest first.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The member"), Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<TimelineEntry>>), Problems),
)]
#[get("/members/{id}/timeline")]
pub(super) async fn member_timeline(
    _user: Allowed<MembersRead>,
    id: Id<MemberId>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<TimelineEntry>> {
    let page = crm.members.timeline(id.0, paging.0.0).await?;
    Ok(success(PageOf::of(page, TimelineEntry::from)))
}
