//! Conversations as a whole: the list, who looks after which, notes for colleagues.

mod dto;
mod notes;

use super::answer::{ApiResult, Envelope, PageOf, success};
use super::extract::{
    Allowed, FromQuery, Id, MessagesRead, MessagesSend, Paging, Query, QueryReader, Valid,
};
use super::problem::Problems;
use actix_web::web::Data;
use actix_web::{get, post, put};
use crm_bootstrap::Crm;
use crm_kernel::{MemberId, UserId};
use crm_messages::{AssignedTo, ConversationFilter};
use dto::{Assign, Assignment, Conversation, Marked};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_conversations)
        .service(read_conversation)
        .service(assign_conversation)
        .configure(notes::routes);
}

/// Whose conversations.
#[derive(Clone, Copy)]
enum Whose {
    Mine,
    Nobodys,
    Of(UserId),
}

/// Which conversations.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListConversations {
    /// Text anywhere in the guest's name, e-mail or phone, as in the list of members
    search: Option<String>,
    /// With unread messages (`true`), or with none
    unread: Option<bool>,
    /// In which the guest spoke last (`true`), or the hotel did
    needs_answer: Option<bool>,
    /// `me`, `none`, or the id of a user
    #[param(value_type = Option<String>)]
    assigned_to: Option<Whose>,
}

impl FromQuery for ListConversations {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            search: query.text("search"),
            unread: query.flag("unread"),
            needs_answer: query.flag("needs_answer"),
            assigned_to: whose(query),
        }
    }
}

fn whose(query: &mut QueryReader) -> Option<Whose> {
    const NAME: &str = "assigned_to";
    let text = query.text(NAME);
    let whose = match text.as_deref() {
        None if !query.has(NAME) => return None,
        Some("me") => Some(Whose::Mine),
        Some("none") => Some(Whose::Nobodys),
        other => other
            .and_then(|text| text.parse().ok())
            .filter(|id| *id > 0)
            .map(|id: i64| Whose::Of(UserId::new(id))),
    };
    if whose.is_none() {
        query.problem(NAME, "must be me, none or an id");
    }
    whose
}

impl ListConversations {
    fn into_filter(self, caller: UserId) -> ConversationFilter {
        ConversationFilter {
            search: self.search,
            unread: self.unread,
            needs_answer: self.needs_answer,
            assigned_to: self.assigned_to.map(|whose| match whose {
                Whose::Mine => AssignedTo::User(caller),
                Whose::Nobodys => AssignedTo::Nobody,
                Whose::Of(id) => AssignedTo::User(id),
            }),
        }
    }
}

/// A page of conversations, the one in which something was said last first. What campaigns sent
/// is said in none, and a planned message only once it was sent.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(ListConversations, Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<Conversation>>), Problems),
)]
#[get("/messages/conversations")]
async fn list_conversations(
    user: Allowed<MessagesRead>,
    query: Query<ListConversations>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<Conversation>> {
    let filter = query.0.into_filter(user.caller().user_id);
    let page = crm.conversations.list(&filter, paging.0.0).await?;
    Ok(success(PageOf::of(page, Conversation::from)))
}

/// Mark what a guest wrote until now as read.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(("member_id" = i64, Path, description = "The member")),
    responses((status = 200, description = "Read", body = Envelope<Marked>), Problems),
)]
#[post("/messages/conversation/{member_id}/read")]
async fn read_conversation(
    user: Allowed<MessagesRead>,
    member: Id<MemberId>,
    crm: Data<Crm>,
) -> ApiResult<Marked> {
    crm.members.get(member.0).await?;
    let now = crm.clock.now();
    let read = crm.messages.mark_read(&user.actor(), member.0, now).await?;
    Ok(success(Marked { read }))
}

/// Give a conversation to a colleague who may answer, or to nobody.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(("member_id" = i64, Path, description = "The member")),
    request_body = Assign,
    responses((status = 200, description = "Who looks after it now", body = Envelope<Assignment>), Problems),
)]
#[put("/messages/conversation/{member_id}/assignment")]
async fn assign_conversation(
    user: Allowed<MessagesSend>,
    member: Id<MemberId>,
    body: Valid<Assign>,
    crm: Data<Crm>,
) -> ApiResult<Assignment> {
    let to = body.0.user_id()?;
    let colleague = crm
        .conversations
        .assign(&user.actor(), member.0, to)
        .await?;
    Ok(success(Assignment::of(member.0, colleague)))
}
