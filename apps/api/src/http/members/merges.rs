use super::detail::shown;
use super::dto::MemberDetail;
use crate::http::answer::{ApiResult, EmptyEnvelope, Envelope, done, success};
use crate::http::extract::{Allowed, Id, MembersMerge, Valid};
use crate::http::problem::Problems;
use actix_web::post;
use actix_web::web::Data;
use crm_bootstrap::Crm;
use crm_kernel::{MemberId, MergeId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who is the same person as the member of the address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"from_member_id": 42}))]
pub(crate) struct MergeMembers {
    /// This member goes; everything of theirs is handed over.
    from_member_id: i64,
}

/// Two members that became one.
#[derive(Serialize, ToSchema)]
pub(crate) struct Merged {
    /// For undoing it within 30 days.
    merge_id: i64,
    member: MemberDetail,
}

/// Two members are one person: the one of the address stays, with everything of the other.
///
/// Tags, stays, messages and campaigns move; the newer value of each field wins, and an empty one
/// never does. Refused when both have a LINE account or have different identity numbers.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The member who stays")),
    request_body = MergeMembers,
    responses((status = 200, description = "Merged", body = Envelope<Merged>), Problems),
)]
#[post("/members/{id}/merge")]
pub(super) async fn merge_members(
    user: Allowed<MembersMerge>,
    id: Id<MemberId>,
    body: Valid<MergeMembers>,
    crm: Data<Crm>,
) -> ApiResult<Merged> {
    let from = MemberId::new(body.0.from_member_id);
    let merged = crm.members.merge(&user.actor(), id.0, from).await?;
    Ok(success(Merged {
        merge_id: merged.merge_id.get(),
        member: shown(&crm, user.caller(), id.0).await?,
    }))
}

/// Take a merge back, within 30 days: both members are there again, each with their own.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The merge")),
    responses((status = 200, description = "Undone", body = EmptyEnvelope), Problems),
)]
#[post("/merges/{id}/undo")]
pub(super) async fn undo_merge(
    user: Allowed<MembersMerge>,
    id: Id<MergeId>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    crm.members.undo_merge(&user.actor(), id.0).await?;
    Ok(done())
}
