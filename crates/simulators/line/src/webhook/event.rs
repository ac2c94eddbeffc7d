//! Webhook event objects.

use serde_json::{Value, json};

use crate::clock;
use crate::shared::Shared;
use crate::state::Uid;
use crate::webhook::Outgoing;

/// What a guest did, as LINE tells it.
#[derive(Debug)]
pub(crate) enum Event {
    Follow { is_unblocked: bool },
    Unfollow,
    Message(Value),
    Unsend { message_id: String },
    Postback { data: String, params: Option<Value> },
}

impl Event {
    fn is_replyable(&self) -> bool {
        !matches!(self, Self::Unfollow | Self::Unsend { .. })
    }

    /// The event's type and the properties that belong to the type.
    fn parts(self) -> (&'static str, Option<(&'static str, Value)>) {
        match self {
            Self::Follow { is_unblocked } => (
                "follow",
                Some(("follow", json!({"isUnblocked": is_unblocked}))),
            ),
            Self::Unfollow => ("unfollow", None),
            Self::Message(message) => ("message", Some(("message", message))),
            Self::Unsend { message_id } => {
                ("unsend", Some(("unsend", json!({"messageId": message_id}))))
            }
            Self::Postback { data, params } => {
                let mut postback = json!({"data": data});
                if let Some(params) = params {
                    postback["params"] = params;
                }
                ("postback", Some(("postback", postback)))
            }
        }
    }
}

impl Shared {
    /// Records the event and queues it for the receiver; gives its `webhookEventId`.
    pub(crate) fn emit(&self, uid: Uid, event: Event) -> String {
        let now = self.clock.now_ms();
        let id = clock::webhook_event_id(now);
        let reply_token = event.is_replyable().then(clock::token);
        let (kind, part) = event.parts();
        let mut body = json!({
            "type": kind,
            "mode": "active",
            "timestamp": now,
            "source": {"type": "user", "userId": uid.to_string()},
            "webhookEventId": id,
            "deliveryContext": {"isRedelivery": false},
        });
        if let Some((key, value)) = part {
            body[key] = value;
        }
        {
            let mut world = self.world();
            if let Some(token) = reply_token {
                body["replyToken"] = json!(token);
                world.reply_tokens.issue(token, uid, now);
            }
            world.webhooks.add(&id, &body);
        }
        self.outbox.queue(Outgoing {
            id: id.clone(),
            lane: uid.0[15].into(),
            event: body,
            is_redelivery: false,
        });
        id
    }

    /// Sends a recorded event again, marked as a redelivery; false when nobody remembers it.
    pub(crate) fn redeliver(&self, id: &str) -> bool {
        let Some(event) = self.world().webhooks.get(id).map(|r| r.event.clone()) else {
            return false;
        };
        self.outbox.queue(Outgoing {
            id: id.to_owned(),
            lane: 0,
            event,
            is_redelivery: true,
        });
        true
    }
}
