//! A tap on something the account sent.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::guest::Refused;
use crate::shared::Shared;
use crate::state::{Sent, Uid};

/// What LINE's in-app browser calls itself.
const IN_APP_BROWSER: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) \
    AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/14.0.0";

/// A tap.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Tap {
    /// The message tapped, by its place in the chat; with neither this nor `message_id`, the action
    /// is taken as it is.
    #[serde(default)]
    pub message_index: Option<usize>,
    /// The message tapped, by its id.
    #[serde(default)]
    pub message_id: Option<String>,
    /// The action object behind the tapped spot.
    pub action: Value,
    /// Open a link as LINE's browser would, without following redirects. Loopback only.
    #[serde(default)]
    pub follow: bool,
    /// `postback.params`: what a guest picked in a date picker.
    #[serde(default)]
    pub params: Option<Value>,
}

/// What a tap led to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tapped {
    /// The webhook it caused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_event_id: Option<String>,
    /// The address to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
    /// The answer when the simulator opened it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Where that answer redirects to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Text put on the clipboard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copied: Option<String>,
}

impl Shared {
    pub(crate) async fn tap(&self, uid: Uid, tap: &Tap) -> Result<Tapped, Refused> {
        self.check_tap(uid, tap)?;
        let action = &tap.action;
        let text_of = |key: &str| action[key].as_str().ok_or(Refused::BadAction);
        let event = |id: String| Tapped {
            webhook_event_id: Some(id),
            ..Tapped::default()
        };
        match text_of("type")? {
            "postback" => {
                let said = action["displayText"].as_str().or(action["text"].as_str());
                if let Some(said) = said {
                    let bubble = json!({"type": "text", "text": said});
                    self.guest_bubble(uid, clock::message_id(), bubble)?;
                }
                self.send_postback(uid, text_of("data")?, tap.params.clone())
                    .map(event)
            }
            "datetimepicker" => self
                .send_postback(uid, text_of("data")?, tap.params.clone())
                .map(event),
            "message" => self.send_text(uid, text_of("text")?).map(event),
            "clipboard" => Ok(Tapped {
                copied: Some(text_of("clipboardText")?.to_owned()),
                ..Tapped::default()
            }),
            "uri" => {
                // An imagemap calls it linkUri.
                let uri = text_of("uri").or_else(|_| text_of("linkUri"))?;
                let mut tapped = Tapped {
                    open: Some(uri.to_owned()),
                    ..Tapped::default()
                };
                self.count_tap(uid, action, uri);
                if tap.follow {
                    open(uri, &mut tapped).await?;
                }
                Ok(tapped)
            }
            _ => Err(Refused::BadAction),
        }
    }

    /// Counts the tap for the latest message that shows the action.
    fn count_tap(&self, uid: Uid, action: &Value, address: &str) {
        let mut world = self.world();
        let shows = |sent: &&Arc<Sent>| sent.messages.iter().any(|m| holds_action(m, action));
        let user = world.users.get(uid);
        let sent = user.and_then(|user| user.received().find(shows));
        if let Some(unit) = sent.and_then(|sent| sent.unit.clone()) {
            world.units.tap(&unit, uid, address);
        }
    }

    /// A guest can only tap what the message shows.
    fn check_tap(&self, uid: Uid, tap: &Tap) -> Result<(), Refused> {
        let chat = self.messages_of(uid).ok_or(Refused::UnknownUser)?;
        let message = match (&tap.message_id, tap.message_index) {
            (Some(id), _) => chat.iter().find(|m| m.id == *id),
            (None, Some(index)) => chat.get(index),
            (None, None) => return Ok(()),
        };
        let message = message.ok_or(Refused::NoSuchMessage)?;
        if holds_action(&message.message, &tap.action) {
            Ok(())
        } else {
            Err(Refused::NoSuchAction)
        }
    }
}

/// Whether an action of the same kind and effect stands anywhere in `value`.
fn holds_action(value: &Value, action: &Value) -> bool {
    const EFFECTS: [&str; 5] = ["data", "text", "uri", "linkUri", "clipboardText"];
    let same = |object: &Value| {
        object["type"] == action["type"]
            && EFFECTS.iter().all(|key| {
                action
                    .get(key)
                    .is_none_or(|wanted| object.get(key) == Some(wanted))
            })
    };
    match value {
        Value::Object(fields) => {
            same(value) || fields.values().any(|inner| holds_action(inner, action))
        }
        Value::Array(items) => items.iter().any(|inner| holds_action(inner, action)),
        _ => false,
    }
}

/// Opens a link as the guest's phone would; only on this machine, so that a test cannot wander off.
async fn open(uri: &str, tapped: &mut Tapped) -> Result<(), Refused> {
    let url = reqwest::Url::parse(uri).map_err(|_| Refused::BadAction)?;
    if !matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")) {
        return Err(Refused::NotLoopback);
    }
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(IN_APP_BROWSER)
        .build()
        .map_err(|_| Refused::BadAction)?;
    if let Ok(answer) = client.get(url).send().await {
        tapped.status = Some(answer.status().as_u16());
        tapped.location = answer
            .headers()
            .get("location")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
    }
    Ok(())
}
