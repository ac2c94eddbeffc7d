//! Profiles, quota, and the bot itself.

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::answer::Answer;
use super::gate::pass;
use crate::shared::{BOT_USER_ID, Shared};
use crate::state::{Endpoint, Uid};

/// A profile is only shown of a friend; for a guest who blocks the account LINE answers 404.
pub(super) async fn profile(
    shared: Data<Shared>,
    request: HttpRequest,
    uid: Path<String>,
) -> HttpResponse {
    pass(
        &shared,
        &request,
        Endpoint::Profile,
        &Ok(Bytes::new()),
        |call| {
            let Some(uid) = Uid::parse(&uid) else {
                return Answer::bad_request("The value for the 'userId' parameter is invalid");
            };
            let world = call.shared.world();
            let Some(user) = world.users.get(uid).filter(|user| user.following) else {
                return Answer::not_found();
            };
            let mut body =
                json!({"userId": uid.to_string(), "displayName": user.name(), "language": "zh-TW"});
            if let Some(picture) = &user.picture_url {
                body["pictureUrl"] = json!(picture);
            }
            Answer::ok(body)
        },
    )
    .await
}

pub(super) async fn quota(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    pass(
        &shared,
        &request,
        Endpoint::Quota,
        &Ok(Bytes::new()),
        |call| {
            Answer::ok(match call.shared.world().quota.limit {
                Some(value) => json!({"type": "limited", "value": value}),
                None => json!({"type": "none"}),
            })
        },
    )
    .await
}

pub(super) async fn consumption(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    pass(
        &shared,
        &request,
        Endpoint::Consumption,
        &Ok(Bytes::new()),
        |call| Answer::ok(json!({"totalUsage": call.shared.world().quota.used})),
    )
    .await
}

pub(super) async fn info(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    pass(&shared, &request, Endpoint::Info, &Ok(Bytes::new()), |_| {
        Answer::ok(json!({
            "userId": BOT_USER_ID,
            "basicId": "@216simul",
            "displayName": "Hotel (simulated)",
            "chatMode": "bot",
            "markAsReadMode": "auto",
        }))
    })
    .await
}
