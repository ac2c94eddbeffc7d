//! What guests and the hotel wrote to each other (document 000 §4.8).

mod details;
mod dto;
mod media;

use super::answer::{ApiResult, EmptyEnvelope, Envelope, PageOf, accepted, created, done, success};
use super::extract::{
    Allowed, FromQuery, Id, MessagesRead, MessagesSend, Paging, Query, QueryReader, Valid,
};
use super::limits::count_message;
use super::problem::Problems;
use super::wire::MessageDirection;
use actix_web::web::Data;
use actix_web::{HttpRequest, delete, get, post};
use chrono::NaiveDate;
use crm_bootstrap::Crm;
use crm_kernel::{HotelTime, MemberId, MessageId};
use crm_messages::MessageFilter;
use crm_workflows::Talked;
use dto::{Message, SendMessage};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_messages)
        .service(send_message)
        .service(get_conversation)
        .service(media::get_media)
        .service(get_message)
        .service(cancel_message);
}

/// Which messages.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListMessages {
    /// Of this member
    #[param(value_type = Option<i64>)]
    member_id: Option<MemberId>,
    /// This way
    #[param(inline)]
    direction: Option<MessageDirection>,
    /// First hotel day
    start_date: Option<NaiveDate>,
    /// Last hotel day
    end_date: Option<NaiveDate>,
}

impl FromQuery for ListMessages {
    fn read(query: &mut QueryReader) -> Self {
        let (start_date, end_date) = query.period("start_date", "end_date");
        Self {
            member_id: query.id("member_id"),
            direction: query.word("direction"),
            start_date,
            end_date,
        }
    }
}

impl ListMessages {
    fn into_filter(self, hotel: HotelTime) -> MessageFilter {
        MessageFilter {
            member_id: self.member_id,
            direction: self.direction.map(Into::into),
            from: self.start_date.map(|day| hotel.start_of(day)),
            before: self.end_date.map(|day| hotel.end_of(day)),
        }
    }
}

/// A page of messages, the newest first; without what campaigns sent.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(ListMessages, Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<Message>>), Problems),
)]
#[get("/messages")]
async fn list_messages(
    _user: Allowed<MessagesRead>,
    query: Query<ListMessages>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<Message>> {
    let filter = query.0.into_filter(crm.hotel);
    let page = crm.messages.list(&filter, paging.0.0).await?;
    Ok(success(PageOf::of(page, Message::from)))
}

/// Send a message to one guest, now (201 once LINE took it) or later (202). When LINE does not
/// take it, the message is stored as failed and named in `details`.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    request_body = SendMessage,
    responses(
        (status = 201, description = "Sent", body = Envelope<Message>),
        (status = 202, description = "Scheduled", body = Envelope<Message>),
        Problems,
    ),
)]
#[post("/messages")]
async fn send_message(
    user: Allowed<MessagesSend>,
    body: Valid<SendMessage>,
    request: HttpRequest,
    crm: Data<Crm>,
) -> ApiResult<Message> {
    count_message(&request, user.caller().user_id).await?;
    let command = body.0.into_command(crm.hotel);
    match crm.talking.send(&user.actor(), command).await? {
        Talked::Sent(id) => {
            let location = format!("/api/v1/messages/{id}");
            Ok(created(location, crm.messages.get(id).await?.into()))
        }
        Talked::Scheduled(id) => Ok(accepted(crm.messages.get(id).await?.into())),
    }
}

/// What to show of a conversation.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LookAtConversation {
    /// Only what has all these words in it
    search: Option<String>,
    /// `false` leaves unread what is unread
    #[param(value_type = Option<bool>)]
    mark_read: bool,
}

impl FromQuery for LookAtConversation {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            search: query.text("search"),
            mark_read: query.flag("mark_read").unwrap_or(true),
        }
    }
}

/// A page of everything said between the hotel and one guest, the newest first, with what
/// campaigns sent them. What the guest wrote counts as read from now on, unless asked otherwise.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("member_id" = i64, Path, description = "The member"), LookAtConversation, Paging
    ),
    responses((status = 200, description = "A page", body = Envelope<PageOf<Message>>), Problems),
)]
#[get("/messages/conversation/{member_id}")]
async fn get_conversation(
    user: Allowed<MessagesRead>,
    member: Id<MemberId>,
    look: Query<LookAtConversation>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<Message>> {
    crm.members.get(member.0).await?;
    // An earlier page or a search does not show what has just come in.
    let shows_latest = paging.0.0.page() == 1 && look.0.search.is_none();
    if look.0.mark_read && shows_latest {
        let now = crm.clock.now();
        crm.messages.mark_read(&user.actor(), member.0, now).await?;
    }
    let page = match &look.0.search {
        None => crm.messages.conversation(member.0, paging.0.0).await?,
        Some(words) => {
            let found = crm.conversations.search_thread(member.0, words, paging.0.0);
            found.await?
        }
    };
    Ok(success(PageOf::of(page, Message::from)))
}

/// One message.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The message")),
    responses((status = 200, description = "The message", body = Envelope<Message>), Problems),
)]
#[get("/messages/{id}")]
async fn get_message(
    _user: Allowed<MessagesRead>,
    id: Id<MessageId>,
    crm: Data<Crm>,
) -> ApiResult<Message> {
    Ok(success(crm.messages.get(id.0).await?.into()))
}

/// Take back a scheduled message whose time has not come.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The message")),
    responses((status = 200, description = "Taken back", body = EmptyEnvelope), Problems),
)]
#[delete("/messages/{id}")]
async fn cancel_message(
    user: Allowed<MessagesSend>,
    id: Id<MessageId>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    crm.messages.cancel(&user.actor(), id.0).await?;
    Ok(done())
}
