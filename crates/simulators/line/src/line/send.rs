//! Push, multicast, reply, and their validation.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::gate::{Call, RawBody, pass};
use crate::clock;
use crate::rules::{MAX_RECIPIENTS, Violation, check_messages};
use crate::shared::Shared;
use crate::state::{Accepted, Endpoint, Sent, Uid, World};

pub(super) async fn push(
    shared: Data<Shared>,
    request: HttpRequest,
    body: RawBody,
) -> HttpResponse {
    pass(&shared, &request, Endpoint::Push, &body, |call| {
        settle(accept_push(call))
    })
    .await
}

pub(super) async fn multicast(
    shared: Data<Shared>,
    request: HttpRequest,
    body: RawBody,
) -> HttpResponse {
    pass(&shared, &request, Endpoint::Multicast, &body, |call| {
        settle(accept_multicast(call))
    })
    .await
}

pub(super) async fn reply(
    shared: Data<Shared>,
    request: HttpRequest,
    body: RawBody,
) -> HttpResponse {
    pass(&shared, &request, Endpoint::Reply, &body, |call| {
        settle(accept_reply(call))
    })
    .await
}

pub(super) async fn validate_push(
    shared: Data<Shared>,
    request: HttpRequest,
    body: RawBody,
) -> HttpResponse {
    pass(&shared, &request, Endpoint::ValidatePush, &body, validate).await
}

pub(super) async fn validate_multicast(
    shared: Data<Shared>,
    request: HttpRequest,
    body: RawBody,
) -> HttpResponse {
    pass(
        &shared,
        &request,
        Endpoint::ValidateMulticast,
        &body,
        validate,
    )
    .await
}

pub(super) async fn validate_reply(
    shared: Data<Shared>,
    request: HttpRequest,
    body: RawBody,
) -> HttpResponse {
    pass(&shared, &request, Endpoint::ValidateReply, &body, validate).await
}

/// An accepted request and a refused one are both answers.
fn settle(outcome: Result<Answer, Answer>) -> Answer {
    outcome.unwrap_or_else(|refused| refused)
}

fn validate(call: &Call<'_>) -> Answer {
    settle(parse(call).and_then(|body| {
        messages(&body)?;
        Ok(Answer::ok(json!({})))
    }))
}

fn accept_push(call: &Call<'_>) -> Result<Answer, Answer> {
    let body = parse(call)?;
    let to = body
        .get("to")
        .and_then(Value::as_str)
        .and_then(Uid::parse)
        .ok_or_else(|| Answer::invalid_property("to"))?;
    let messages = messages(&body)?;
    let unit = aggregation_unit(&body)?;

    let mut world = call.shared.world();
    already_accepted(call, &mut world)?;
    if world.users.get(to).is_none() {
        return Err(Answer::bad_request("Failed to send messages"));
    }
    let sent = deliver(call, world, &[to], messages, Counted::Unit(unit))?;
    Ok(Answer::ok(json!({"sentMessages": sent})))
}

fn accept_multicast(call: &Call<'_>) -> Result<Answer, Answer> {
    let body = parse(call)?;
    let to = recipients(&body)?;
    let messages = messages(&body)?;
    let unit = aggregation_unit(&body)?;

    let mut world = call.shared.world();
    already_accepted(call, &mut world)?;
    if let Some(place) = to.iter().position(|uid| world.users.get(*uid).is_none())
        && world.faults.rejects_unknown()
    {
        return Err(Answer::invalid_property(&format!("to[{place}]")));
    }
    deliver(call, world, &to, messages, Counted::Unit(unit))?;
    Ok(Answer::ok(json!({})))
}

fn accept_reply(call: &Call<'_>) -> Result<Answer, Answer> {
    let body = parse(call)?;
    let token = body
        .get("replyToken")
        .and_then(Value::as_str)
        .ok_or_else(|| Answer::invalid_property("replyToken"))?;
    let messages = messages(&body)?;

    let mut world = call.shared.world();
    let to = world
        .reply_tokens
        .redeem(token, call.shared.clock.now_ms())
        .ok_or_else(|| Answer::bad_request("Invalid reply token"))?;
    let sent = deliver(call, world, &[to], messages, Counted::NotAtAll)?;
    Ok(Answer::ok(json!({"sentMessages": sent})))
}

fn parse(call: &Call<'_>) -> Result<Map<String, Value>, Answer> {
    serde_json::from_slice(call.body).map_err(|error| {
        Answer::bad_request(&format!(
            "The request body could not be parsed as JSON (line: {}, column: {})",
            error.line(),
            error.column()
        ))
    })
}

fn messages(body: &Map<String, Value>) -> Result<Vec<Value>, Answer> {
    let list = body.get("messages");
    let violations = check_messages(list);
    if !violations.is_empty() {
        return Err(Answer::invalid(&violations));
    }
    Ok(list.and_then(Value::as_array).cloned().unwrap_or_default())
}

fn recipients(body: &Map<String, Value>) -> Result<Vec<Uid>, Answer> {
    let Some(list) = body.get("to").and_then(Value::as_array) else {
        return Err(Answer::invalid_property("to"));
    };
    if list.is_empty() || list.len() > MAX_RECIPIENTS {
        return Err(Answer::invalid(&[Violation {
            message: format!("Size must be between 1 and {MAX_RECIPIENTS}"),
            property: "to".to_owned(),
        }]));
    }
    list.iter()
        .enumerate()
        .map(|(i, uid)| {
            uid.as_str()
                .and_then(Uid::parse)
                .ok_or_else(|| Answer::invalid_property(&format!("to[{i}]")))
        })
        .collect()
}

fn aggregation_unit(body: &Map<String, Value>) -> Result<Option<String>, Answer> {
    let Some(units) = body.get("customAggregationUnits") else {
        return Ok(None);
    };
    let is_name = |unit: &Value| {
        unit.as_str().is_some_and(|name| {
            (1..=30).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
    };
    match units.as_array() {
        Some(list) if list.len() <= 1 && list.iter().all(is_name) => {
            let name = list.first().and_then(Value::as_str);
            Ok(name.map(str::to_owned))
        }
        _ => Err(Answer::invalid_property("customAggregationUnits")),
    }
}

/// The 409 of a retry key LINE remembers. Looked up under the same lock that delivers, so that of
/// several requests with one key exactly one is accepted.
fn already_accepted(call: &Call<'_>, world: &mut World) -> Result<(), Answer> {
    let now = call.shared.clock.now_ms();
    let known = call
        .retry_key
        .and_then(|key| world.retry_keys.find(key, now));
    known.map_or(Ok(()), |before| {
        Err(Answer::already_accepted(
            before.request_id,
            before.sent_messages,
        ))
    })
}

/// How a request counts.
enum Counted {
    /// A reply: neither for the quota nor for statistics.
    NotAtAll,
    /// For the quota, and for the statistics of this name.
    Unit(Option<String>),
}

/// Takes the quota and delivers, or does neither. Gives `sentMessages`.
fn deliver(
    call: &Call<'_>,
    mut world: std::sync::MutexGuard<'_, World>,
    to: &[Uid],
    messages: Vec<Value>,
    counted: Counted,
) -> Result<Value, Answer> {
    let receivers = world.receivers(to);
    let now = call.shared.clock.now_ms();
    let unit = match counted {
        Counted::NotAtAll => None,
        Counted::Unit(unit) => {
            if !world.quota.take(receivers.len() as u64) {
                return Err(Answer::monthly_limit());
            }
            // Whoever comes with one name too many is sent all the same, and not counted.
            unit.filter(|name| world.units.assign(name, now))
        }
    };
    let ids: Vec<String> = messages.iter().map(|_| clock::message_id()).collect();
    let sent_messages = sent_messages(&ids, &messages);
    let sent = Arc::new(Sent {
        request_id: call.request_id.to_owned(),
        retry_key: call.retry_key,
        endpoint: call.endpoint,
        at_ms: now,
        unit,
        ids,
        messages,
    });
    world.deliver(&sent, &receivers);
    if let Some(key) = call.retry_key {
        let accepted = Accepted {
            request_id: call.request_id.to_owned(),
            sent_messages: (call.endpoint == Endpoint::Push).then(|| sent_messages.clone()),
        };
        world.retry_keys.remember(key, accepted, now);
    }
    drop(world);
    call.shared.announce_chats(&receivers);
    Ok(sent_messages)
}

fn sent_messages(ids: &[String], messages: &[Value]) -> Value {
    const QUOTABLE: [&str; 7] = [
        "text", "textV2", "sticker", "image", "video", "template", "flex",
    ];
    ids.iter()
        .zip(messages)
        .map(|(id, message)| {
            let mut entry = json!({"id": id});
            if message["type"]
                .as_str()
                .is_some_and(|t| QUOTABLE.contains(&t))
            {
                entry["quoteToken"] = json!(clock::token());
            }
            entry
        })
        .collect()
}
