use super::dto::{AddTags, MemberTags};
use crate::http::answer::{ApiResult, EmptyEnvelope, Envelope, done, success};
use crate::http::extract::{Allowed, Id, MembersTag, SubId, Valid};
use crate::http::problem::Problems;
use actix_web::web::Data;
use actix_web::{delete, post};
use crm_bootstrap::Crm;
use crm_kernel::{MemberId, TagId};

/// Put tags on a member; those they wear already change nothing.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The member")),
    request_body = AddTags,
    responses((status = 200, description = "All tags they wear now", body = Envelope<MemberTags>), Problems),
)]
#[post("/members/{id}/tags")]
pub(super) async fn add_member_tags(
    user: Allowed<MembersTag>,
    id: Id<MemberId>,
    body: Valid<AddTags>,
    crm: Data<Crm>,
) -> ApiResult<MemberTags> {
    let tags: Vec<TagId> = body.0.tag_ids.into_iter().map(TagId::new).collect();
    crm.tags.assign(&user.actor(), id.0, &tags).await?;
    let worn = crm.tags.of_member(id.0).await?;
    Ok(success(MemberTags {
        member_id: id.0.get(),
        tags: worn.into_iter().map(Into::into).collect(),
    }))
}

/// Take a tag off a member; one they do not wear changes nothing.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "The member"),
        ("tag_id" = i64, Path, description = "The tag"),
    ),
    responses((status = 200, description = "Taken off", body = EmptyEnvelope), Problems),
)]
#[delete("/members/{id}/tags/{tag_id}")]
pub(super) async fn remove_member_tag(
    user: Allowed<MembersTag>,
    id: Id<MemberId>,
    tag: SubId<TagId>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    crm.tags.remove(&user.actor(), id.0, tag.0).await?;
    Ok(done())
}
