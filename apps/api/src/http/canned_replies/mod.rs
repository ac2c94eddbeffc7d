//! Replies kept ready for answering guests. Whoever answers guests reads and keeps them.

mod dto;

use super::answer::{ApiResult, EmptyEnvelope, Envelope, PageOf, created, done, success};
use super::extract::{Allowed, FromQuery, Id, MessagesSend, Paging, Query, QueryReader, Valid};
use super::problem::Problems;
use actix_web::web::Data;
use actix_web::{delete, get, post, put};
use crm_bootstrap::Crm;
use crm_kernel::{CannedReplyId, MemberId};
use dto::{CannedReply, CannedText, CreateCannedReply, UpdateCannedReply};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_canned_replies)
        .service(create_canned_reply)
        .service(get_canned_reply)
        .service(canned_reply_text)
        .service(update_canned_reply)
        .service(delete_canned_reply);
}

/// Which replies.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListCannedReplies {
    /// Text anywhere in the title or the shortcut
    search: Option<String>,
}

impl FromQuery for ListCannedReplies {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            search: query.text("search"),
        }
    }
}

/// For whom.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ForWhom {
    /// The guest; without one the text is as it was written
    #[param(value_type = Option<i64>)]
    member_id: Option<MemberId>,
}

impl FromQuery for ForWhom {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            member_id: query.id("member_id"),
        }
    }
}

/// A page of the replies kept ready, by title.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(ListCannedReplies, Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<CannedReply>>), Problems),
)]
#[get("/canned-replies")]
async fn list_canned_replies(
    _user: Allowed<MessagesSend>,
    query: Query<ListCannedReplies>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<CannedReply>> {
    let search = query.0.search.as_deref();
    let page = crm.canned_replies.list(search, paging.0.0).await?;
    Ok(success(PageOf::of(page, CannedReply::from)))
}

/// Keep a reply ready.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    request_body = CreateCannedReply,
    responses((status = 201, description = "Kept", body = Envelope<CannedReply>), Problems),
)]
#[post("/canned-replies")]
async fn create_canned_reply(
    user: Allowed<MessagesSend>,
    body: Valid<CreateCannedReply>,
    crm: Data<Crm>,
) -> ApiResult<CannedReply> {
    let replies = &crm.canned_replies;
    let reply = replies.create(&user.actor(), body.0.into()).await?;
    let location = format!("/api/v1/canned-replies/{}", reply.id());
    Ok(created(location, reply.into()))
}

/// One reply.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The reply")),
    responses((status = 200, description = "The reply", body = Envelope<CannedReply>), Problems),
)]
#[get("/canned-replies/{id}")]
async fn get_canned_reply(
    _user: Allowed<MessagesSend>,
    id: Id<CannedReplyId>,
    crm: Data<Crm>,
) -> ApiResult<CannedReply> {
    Ok(success(crm.canned_replies.get(id.0).await?.into()))
}

/// A reply as a guest would read it, to be looked at, changed and sent.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The reply"), ForWhom),
    responses((status = 200, description = "Filled in", body = Envelope<CannedText>), Problems),
)]
#[get("/canned-replies/{id}/text")]
async fn canned_reply_text(
    _user: Allowed<MessagesSend>,
    id: Id<CannedReplyId>,
    query: Query<ForWhom>,
    crm: Data<Crm>,
) -> ApiResult<CannedText> {
    let filled = crm.canned_words.fill(id.0, query.0.member_id).await?;
    Ok(success(filled.into()))
}

/// Change a reply; absent fields stay, null clears. Content or template go with the type they
/// belong to.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The reply")),
    request_body = UpdateCannedReply,
    responses((status = 200, description = "Changed", body = Envelope<CannedReply>), Problems),
)]
#[put("/canned-replies/{id}")]
async fn update_canned_reply(
    user: Allowed<MessagesSend>,
    id: Id<CannedReplyId>,
    body: Valid<UpdateCannedReply>,
    crm: Data<Crm>,
) -> ApiResult<CannedReply> {
    let changes = body.0.try_into()?;
    let replies = &crm.canned_replies;
    Ok(success(
        replies.update(&user.actor(), id.0, changes).await?.into(),
    ))
}

/// Throw a reply away. What was sent with it stays.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The reply")),
    responses((status = 200, description = "Deleted", body = EmptyEnvelope), Problems),
)]
#[delete("/canned-replies/{id}")]
async fn delete_canned_reply(
    user: Allowed<MessagesSend>,
    id: Id<CannedReplyId>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    crm.canned_replies.delete(&user.actor(), id.0).await?;
    Ok(done())
}
