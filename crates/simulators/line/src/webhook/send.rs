//! Sending webhooks, and sending them again.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Outgoing, sign};
use crate::shared::{BOT_USER_ID, Shared};

/// LINE waits this long for an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// Redeliveries after the first attempt. LINE does not disclose its number.
const REDELIVERIES: u32 = 5;

/// Sends queued webhooks until the simulator stops.
pub(crate) fn run(shared: &Arc<Shared>) -> Result<(), reqwest::Error> {
    let client = reqwest::Client::builder()
        .timeout(ANSWER_WITHIN)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent("LineBotWebhook/2.0")
        .build()?;
    for mut lane in shared.outbox.take_receivers() {
        let (shared, client) = (Arc::clone(shared), client.clone());
        tokio::spawn(async move {
            while let Some(outgoing) = lane.recv().await {
                if attempt(
                    &shared,
                    &client,
                    &outgoing.id,
                    &outgoing.event,
                    outgoing.is_redelivery,
                )
                .await
                {
                    shared.outbox.done();
                } else {
                    tokio::spawn(insist(Arc::clone(&shared), client.clone(), outgoing));
                }
            }
        });
    }
    Ok(())
}

/// Redelivers an event until the receiver takes it or LINE loses patience.
async fn insist(shared: Arc<Shared>, client: reqwest::Client, outgoing: Outgoing) {
    for round in 0..REDELIVERIES {
        tokio::time::sleep(shared.outbox.backoff() * 2_u32.pow(round)).await;
        if attempt(&shared, &client, &outgoing.id, &outgoing.event, true).await {
            shared.outbox.done();
            return;
        }
    }
    shared.world().counters.webhooks_failed += 1;
    shared.outbox.done();
}

/// One attempt; true when nothing is left to do for this event.
async fn attempt(
    shared: &Shared,
    client: &reqwest::Client,
    id: &str,
    event: &Value,
    is_redelivery: bool,
) -> bool {
    let url = {
        let mut world = shared.world();
        if let Some(token) = event["replyToken"].as_str() {
            world.reply_tokens.renew(token, shared.clock.now_ms());
        }
        world.webhook_url.clone()
    };
    // Without a receiver LINE drops the event; there is nobody to insist on.
    let Some(url) = url else {
        return true;
    };
    let mut event = event.clone();
    event["deliveryContext"]["isRedelivery"] = json!(is_redelivery);
    let body = json!({"destination": BOT_USER_ID, "events": [event]}).to_string();
    let answer = client
        .post(&url)
        .header("content-type", "application/json; charset=utf-8")
        .header(
            "x-line-signature",
            sign(&shared.config.channel_secret, body.as_bytes()),
        )
        .body(body)
        .send()
        .await;
    let status = answer.as_ref().ok().map(|a| a.status().as_u16());
    let taken = answer.is_ok_and(|a| a.status().is_success());
    {
        let mut world = shared.world();
        world.webhooks.attempted(id, status);
        world.counters.webhooks_delivered += u64::from(taken);
    }
    shared.announce("webhook", &json!({"id": id, "status": status}));
    if !taken {
        tracing::debug!(webhook.event_id = id, ?status, "webhook was not taken");
    }
    taken
}
