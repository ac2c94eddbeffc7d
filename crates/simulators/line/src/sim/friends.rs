//! Guests and what they do.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock;
use crate::guest::Refused;
use crate::shared::Shared;
use crate::state::{SeedUser, Uid};
use crate::tap::Tap;

pub(super) type Outcome = Result<HttpResponse, Refused>;

/// Ids of more new friends than this are left out of the answer.
const LISTED: usize = 10_000;

#[derive(Deserialize)]
pub(super) struct NewFriend {
    uid: Option<String>,
    display_name: Option<String>,
    picture_url: Option<String>,
}

pub(super) async fn add(shared: Data<Shared>, body: Json<NewFriend>) -> Outcome {
    let body = body.into_inner();
    let uid = match &body.uid {
        Some(text) => Shared::uid(text)?,
        None => Uid(clock::user_id_bytes()),
    };
    shared.befriend(uid, body.display_name, body.picture_url);
    Ok(HttpResponse::Ok().json(json!({"uid": uid.to_string()})))
}

#[derive(Deserialize)]
pub(super) struct ManyFriends {
    count: usize,
    #[serde(default)]
    webhook: bool,
}

pub(super) async fn add_many(shared: Data<Shared>, body: Json<ManyFriends>) -> HttpResponse {
    let added = shared.add_friends(body.count, body.webhook);
    let mut answer = json!({"count": added.len()});
    if added.len() <= LISTED {
        answer["uids"] = added.iter().map(ToString::to_string).collect();
    }
    HttpResponse::Ok().json(answer)
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    Many(Vec<SeedUser>),
    One(SeedUser),
}

pub(super) async fn seed(shared: Data<Shared>, body: Json<OneOrMany>) -> Outcome {
    let users = match body.into_inner() {
        OneOrMany::Many(users) => users,
        OneOrMany::One(user) => vec![user],
    };
    let count = users.len();
    for user in users {
        shared.seed(user)?;
    }
    shared.announce("friends", &Value::Null);
    Ok(HttpResponse::Ok().json(json!({"count": count})))
}

pub(super) async fn unblock(shared: Data<Shared>, uid: Path<String>) -> Outcome {
    shared.follow(Shared::uid(&uid)?);
    Ok(HttpResponse::Ok().json(json!({})))
}

pub(super) async fn block(shared: Data<Shared>, uid: Path<String>) -> Outcome {
    shared.unfollow(Shared::uid(&uid)?)?;
    Ok(HttpResponse::Ok().json(json!({})))
}

#[derive(Deserialize)]
pub(super) struct Text {
    text: String,
}

pub(super) async fn text(shared: Data<Shared>, uid: Path<String>, body: Json<Text>) -> Outcome {
    caused(shared.send_text(Shared::uid(&uid)?, &body.text))
}

#[derive(Deserialize)]
pub(super) struct Postback {
    data: String,
    params: Option<Value>,
}

pub(super) async fn postback(
    shared: Data<Shared>,
    uid: Path<String>,
    body: Json<Postback>,
) -> Outcome {
    let body = body.into_inner();
    caused(shared.send_postback(Shared::uid(&uid)?, &body.data, body.params))
}

pub(super) async fn tap(shared: Data<Shared>, uid: Path<String>, body: Json<Tap>) -> Outcome {
    let tapped = shared.tap(Shared::uid(&uid)?, &body).await?;
    Ok(HttpResponse::Ok().json(tapped))
}

#[derive(Deserialize)]
pub(super) struct Answerable {
    uids: Vec<String>,
}

/// For whoever writes webhooks of their own: one token for each of these, in their order.
pub(super) async fn reply_tokens(shared: Data<Shared>, body: Json<Answerable>) -> Outcome {
    let uids: Result<Vec<Uid>, Refused> = body.uids.iter().map(|uid| Shared::uid(uid)).collect();
    let tokens: Vec<String> = uids?
        .into_iter()
        .map(|uid| shared.issue_reply_token(uid))
        .collect();
    Ok(HttpResponse::Ok().json(json!({"tokens": tokens})))
}

pub(super) fn caused(webhook_event_id: Result<String, Refused>) -> Outcome {
    Ok(HttpResponse::Ok().json(json!({"webhook_event_id": webhook_event_id?})))
}
