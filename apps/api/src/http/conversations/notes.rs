use super::dto::{ConversationNote, WriteNote};
use crate::http::answer::{ApiResult, EmptyEnvelope, Envelope, PageOf, created, done, success};
use crate::http::extract::{Allowed, Id, MessagesRead, MessagesSend, Paging, Query, SubId, Valid};
use crate::http::problem::Problems;
use actix_web::web::Data;
use actix_web::{delete, get, post, put};
use crm_accounts::Role;
use crm_bootstrap::Crm;
use crm_kernel::{MemberId, NoteId};
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_notes)
        .service(add_note)
        .service(edit_note)
        .service(delete_note);
}

/// A page of the notes about a conversation, the newest first.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(("member_id" = i64, Path, description = "The member"), Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<ConversationNote>>), Problems),
)]
#[get("/messages/conversation/{member_id}/notes")]
async fn list_notes(
    _user: Allowed<MessagesRead>,
    member: Id<MemberId>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<ConversationNote>> {
    crm.members.get(member.0).await?;
    let page = crm.conversations.notes(member.0, paging.0.0).await?;
    Ok(success(PageOf::of(page, ConversationNote::from)))
}

/// Note something about a conversation for colleagues.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(("member_id" = i64, Path, description = "The member")),
    request_body = WriteNote,
    responses((status = 201, description = "Noted", body = Envelope<ConversationNote>), Problems),
)]
#[post("/messages/conversation/{member_id}/notes")]
async fn add_note(
    user: Allowed<MessagesSend>,
    member: Id<MemberId>,
    body: Valid<WriteNote>,
    crm: Data<Crm>,
) -> ApiResult<ConversationNote> {
    let conversations = &crm.conversations;
    let id = conversations
        .add_note(&user.actor(), member.0, &body.0.content)
        .await?;
    let location = format!("/api/v1/messages/conversation/{}/notes/{id}", member.0);
    Ok(created(location, conversations.note(id).await?.into()))
}

/// Change a note: one's own, or anybody's for an admin.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("member_id" = i64, Path, description = "The member"),
        ("note_id" = i64, Path, description = "The note"),
    ),
    request_body = WriteNote,
    responses((status = 200, description = "Changed", body = Envelope<ConversationNote>), Problems),
)]
#[put("/messages/conversation/{member_id}/notes/{note_id}")]
async fn edit_note(
    user: Allowed<MessagesSend>,
    member: Id<MemberId>,
    note: SubId<NoteId>,
    body: Valid<WriteNote>,
    crm: Data<Crm>,
) -> ApiResult<ConversationNote> {
    let conversations = &crm.conversations;
    let who = (&user.actor(), user.caller().role == Role::Admin);
    conversations
        .edit_note(who, member.0, note.0, &body.0.content)
        .await?;
    Ok(success(conversations.note(note.0).await?.into()))
}

/// Delete a note: one's own, or anybody's for an admin.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("member_id" = i64, Path, description = "The member"),
        ("note_id" = i64, Path, description = "The note"),
    ),
    responses((status = 200, description = "Deleted", body = EmptyEnvelope), Problems),
)]
#[delete("/messages/conversation/{member_id}/notes/{note_id}")]
async fn delete_note(
    user: Allowed<MessagesSend>,
    member: Id<MemberId>,
    note: SubId<NoteId>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    let who = (&user.actor(), user.caller().role == Role::Admin);
    crm.conversations.delete_note(who, member.0, note.0).await?;
    Ok(done())
}
