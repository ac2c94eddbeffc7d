use super::detail::shown;
use super::dto::{MemberDetail, MemberNotes, RegisterMember, SetNotes, UpdateMember};
use crate::http::answer::{ApiResult, EmptyEnvelope, Envelope, created, done, success};
use crate::http::extract::{Allowed, Id, MembersDelete, MembersWrite, Valid};
use crate::http::problem::{ApiError, Problems};
use actix_web::web::Data;
use actix_web::{delete, post, put};
use crm_bootstrap::Crm;
use crm_kernel::{MemberId, Patch};

/// Register a guest by hand.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    request_body = RegisterMember,
    responses((status = 201, description = "Registered", body = Envelope<MemberDetail>), Problems),
)]
#[post("/members")]
pub(super) async fn register_member(
    user: Allowed<MembersWrite>,
    body: Valid<RegisterMember>,
    crm: Data<Crm>,
) -> ApiResult<MemberDetail> {
    let member = crm.members.register(&user.actor(), body.0.into()).await?;
    let id = member.id();
    let detail = shown(&crm, user.caller(), id).await?;
    Ok(created(format!("/api/v1/members/{id}"), detail))
}

/// Change a member; absent fields stay, null clears.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The member")),
    request_body = UpdateMember,
    responses((status = 200, description = "Changed", body = Envelope<MemberDetail>), Problems),
)]
#[put("/members/{id}")]
pub(super) async fn update_member(
    user: Allowed<MembersWrite>,
    id: Id<MemberId>,
    body: Valid<UpdateMember>,
    crm: Data<Crm>,
) -> ApiResult<MemberDetail> {
    crm.members
        .update(&user.actor(), id.0, body.0.into())
        .await?;
    Ok(success(shown(&crm, user.caller(), id.0).await?))
}

/// Erase a member's personal data; figures of campaigns stay.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The member")),
    responses((status = 200, description = "Erased", body = EmptyEnvelope), Problems),
)]
#[delete("/members/{id}")]
pub(super) async fn delete_member(
    user: Allowed<MembersDelete>,
    id: Id<MemberId>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    crm.erasure.erase(&user.actor(), id.0).await?;
    Ok(done())
}

/// Replace what staff should know about a member; null clears.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The member")),
    request_body = SetNotes,
    responses((status = 200, description = "Replaced", body = Envelope<MemberNotes>), Problems),
)]
#[put("/members/{id}/notes")]
pub(super) async fn set_member_notes(
    user: Allowed<MembersWrite>,
    id: Id<MemberId>,
    body: Valid<SetNotes>,
    crm: Data<Crm>,
) -> ApiResult<MemberNotes> {
    let notes = match body.0.notes {
        Patch::Keep => return Err(ApiError::invalid_field("notes", "is required")),
        Patch::Clear => None,
        Patch::Set(text) => Some(text),
    };
    crm.members
        .set_notes(&user.actor(), id.0, notes.as_deref())
        .await?;
    let notes = crm.members.get(id.0).await?.notes;
    Ok(success(MemberNotes {
        member_id: id.0.get(),
        notes,
    }))
}
