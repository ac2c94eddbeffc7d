//! The handle a demo or a test holds.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use serde_json::Value;

use crate::config::SimulatorConfig;
use crate::guest::Refused;
use crate::sending::{Media, Place};
use crate::server;
use crate::shared::{BOT_USER_ID, Shared};
use crate::state::{
    ChatMessage, Content, CountersReport, Fault, Preparation, SeedUser, Uid, WebhookRecord,
};
use crate::tap::{Tap, Tapped};

/// A running LINE. Clones are handles on the same one; it stops with [`stop`](Self::stop) or when the
/// last handle goes.
#[derive(Clone)]
pub struct LineSimulator {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    addr: SocketAddr,
    server: ServerHandle,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The order to stop goes out at once; only waiting for it would need a runtime.
        drop(self.server.stop(false));
    }
}

impl fmt::Debug for LineSimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineSimulator")
            .field("addr", &self.inner.addr)
            .finish_non_exhaustive()
    }
}

/// Starting, stopping, and settings.
impl LineSimulator {
    /// Starts a simulator on a thread of its own and waits until it answers.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(config: SimulatorConfig) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(config));
        let running = server::start(Arc::clone(&shared)).await?;
        Ok(Self {
            inner: Arc::new(Inner {
                shared,
                addr: running.addr,
                server: running.handle,
            }),
        })
    }

    /// Where it listens, such as `http://127.0.0.1:41234`; both of LINE's hosts at once.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.inner.addr)
    }

    /// The bot's user ID: `destination` of every webhook.
    #[must_use]
    pub fn bot_user_id(&self) -> &'static str {
        BOT_USER_ID
    }

    /// Sends webhooks to `url` from now on.
    pub fn set_webhook_url(&self, url: &str) {
        self.inner.shared.world().webhook_url = Some(url.to_owned());
    }

    /// Changes the monthly cap; `None` lifts it.
    pub fn set_quota(&self, limit: Option<u64>) {
        self.inner.shared.world().quota.limit = limit;
    }

    /// Orders trouble.
    pub fn inject_fault(&self, fault: Fault) {
        self.inner.shared.world().faults.add(fault);
    }

    /// Ends all trouble.
    pub fn clear_faults(&self) {
        self.inner.shared.world().faults.clear();
    }

    /// Moves LINE's clock ahead, past the life of reply tokens and retry keys.
    pub fn advance_clock(&self, by: Duration) {
        self.inner.shared.clock.advance(by);
    }

    /// Forgets users, chats, keys, faults and figures; keeps the settings.
    pub fn reset(&self) {
        self.inner.shared.world().reset();
    }

    /// Stops answering. Other handles keep their view of what happened.
    pub async fn stop(self) {
        self.inner.server.stop(false).await;
    }
}

/// What guests do.
impl LineSimulator {
    /// A new friend called `display_name`, who causes a follow event; gives the user ID.
    #[must_use]
    pub fn add_friend(&self, display_name: &str) -> String {
        let uid = Uid(crate::clock::user_id_bytes());
        self.inner
            .shared
            .befriend(uid, Some(display_name.to_owned()), None);
        uid.to_string()
    }

    /// Many new friends; with `webhook` each causes a follow event. Gives their user IDs.
    #[must_use]
    pub fn add_friends(&self, count: usize, webhook: bool) -> Vec<String> {
        let added = self.inner.shared.add_friends(count, webhook);
        added.iter().map(ToString::to_string).collect()
    }

    /// Makes a user known without a webhook.
    ///
    /// # Errors
    /// When the user ID is none.
    pub fn seed_user(&self, user: SeedUser) -> Result<(), Refused> {
        self.inner.shared.seed(user).map(drop)
    }

    /// Makes friends known by their user IDs alone, without webhooks.
    ///
    /// # Errors
    /// When a user ID is none; those before it are known then.
    pub fn seed_friends<'a>(&self, uids: impl IntoIterator<Item = &'a str>) -> Result<(), Refused> {
        uids.into_iter().try_for_each(|uid| {
            self.seed_user(SeedUser {
                uid: uid.to_owned(),
                display_name: None,
                picture_url: None,
                following: true,
            })
        })
    }

    /// The user adds the account, or unblocks it.
    ///
    /// # Errors
    /// When the user ID is none.
    pub fn follow(&self, uid: &str) -> Result<(), Refused> {
        self.inner.shared.follow(Shared::uid(uid)?);
        Ok(())
    }

    /// The user blocks the account.
    ///
    /// # Errors
    /// When nobody of that user ID is known.
    pub fn unfollow(&self, uid: &str) -> Result<(), Refused> {
        self.inner.shared.unfollow(Shared::uid(uid)?)
    }

    /// The guest writes; gives the `webhookEventId`.
    ///
    /// # Errors
    /// When the guest is unknown or blocks the account.
    pub fn send_text(&self, uid: &str, text: &str) -> Result<String, Refused> {
        self.inner.shared.send_text(Shared::uid(uid)?, text)
    }

    /// The guest sends a sticker; gives the `webhookEventId`.
    ///
    /// # Errors
    /// When the guest is unknown or blocks the account.
    pub fn send_sticker(
        &self,
        uid: &str,
        package_id: &str,
        sticker_id: &str,
    ) -> Result<String, Refused> {
        let uid = Shared::uid(uid)?;
        let shared = &self.inner.shared;
        shared.send_sticker(uid, package_id, sticker_id, &[])
    }

    /// The guest sends a picture; gives the `webhookEventId`.
    ///
    /// # Errors
    /// When the guest is unknown or blocks the account.
    pub fn send_image(&self, uid: &str, mime: &str, bytes: &[u8]) -> Result<String, Refused> {
        self.send_media(uid, &Media::Image, mime, bytes)
    }

    /// The guest sends a picture, video, recording or file; gives the `webhookEventId`.
    ///
    /// # Errors
    /// When the guest is unknown or blocks the account.
    pub fn send_media(
        &self,
        uid: &str,
        media: &Media,
        mime: &str,
        bytes: &[u8],
    ) -> Result<String, Refused> {
        let content = Content {
            mime: mime.to_owned(),
            bytes: bytes.into(),
        };
        self.inner
            .shared
            .send_media(Shared::uid(uid)?, media, content)
    }

    /// The guest sends a place; gives the `webhookEventId`.
    ///
    /// # Errors
    /// When the guest is unknown or blocks the account.
    pub fn send_place(&self, uid: &str, place: &Place) -> Result<String, Refused> {
        self.inner.shared.send_place(Shared::uid(uid)?, place)
    }

    /// The guest takes back a message; gives the `webhookEventId`.
    ///
    /// # Errors
    /// When there is no such guest or message.
    pub fn unsend(&self, uid: &str, message_id: &str) -> Result<String, Refused> {
        self.inner.shared.unsend(Shared::uid(uid)?, message_id)
    }

    /// Videos and sound take so long to be prepared from now on, and so many looks at least.
    pub fn set_preparation(&self, time: Duration, looks: u32) {
        let fails = false;
        let preparation = Preparation { time, looks, fails };
        self.inner.shared.world().contents.preparation = preparation;
    }

    /// LINE deletes content, as it does after a while; false when there is none.
    #[must_use]
    pub fn delete_content(&self, message_id: &str) -> bool {
        self.inner.shared.world().contents.delete(message_id)
    }

    /// The guest taps something with this postback data; gives the `webhookEventId`.
    ///
    /// # Errors
    /// When the guest is unknown or blocks the account.
    pub fn send_postback(&self, uid: &str, data: &str) -> Result<String, Refused> {
        let params: Option<Value> = None;
        self.inner
            .shared
            .send_postback(Shared::uid(uid)?, data, params)
    }

    /// The guest opens the chat and sees what the account sent last.
    ///
    /// # Errors
    /// When nobody of that user ID is known.
    pub fn look(&self, uid: &str) -> Result<(), Refused> {
        self.inner.shared.look(Shared::uid(uid)?)
    }

    /// A reply token such as an event of this user would bring, for tests that write events
    /// themselves.
    ///
    /// # Errors
    /// [`Refused::BadUserId`].
    pub fn issue_reply_token(&self, uid: &str) -> Result<String, Refused> {
        Ok(self.inner.shared.issue_reply_token(Shared::uid(uid)?))
    }

    /// The guest taps an action of a message in the chat.
    ///
    /// # Errors
    /// When there is no such guest, message or action.
    pub async fn tap(&self, uid: &str, tap: &Tap) -> Result<Tapped, Refused> {
        self.inner.shared.tap(Shared::uid(uid)?, tap).await
    }
}

/// What is to be seen.
impl LineSimulator {
    /// The latest bubbles of a chat, oldest first; empty for somebody unknown.
    #[must_use]
    pub fn messages_of(&self, uid: &str) -> Vec<ChatMessage> {
        Uid::parse(uid)
            .and_then(|uid| self.inner.shared.messages_of(uid))
            .unwrap_or_default()
    }

    /// How many requests reached this user.
    #[must_use]
    pub fn deliveries_of(&self, uid: &str) -> u32 {
        let world = self.inner.shared.world();
        Uid::parse(uid)
            .and_then(|uid| world.users.get(uid))
            .map_or(0, |user| user.deliveries)
    }

    /// How many requests reached each user; those who received none are left out.
    #[must_use]
    pub fn deliveries(&self) -> BTreeMap<String, u32> {
        self.inner.shared.deliveries()
    }

    /// All figures.
    #[must_use]
    pub fn counters(&self) -> CountersReport {
        self.inner.shared.counters()
    }

    /// The latest webhooks, oldest first.
    #[must_use]
    pub fn webhooks(&self) -> Vec<WebhookRecord> {
        self.inner.shared.world().webhooks.list()
    }

    /// Webhooks neither taken nor given up yet.
    #[must_use]
    pub fn pending_webhooks(&self) -> usize {
        self.inner.shared.outbox.pending()
    }

    /// Waits until no webhook is open.
    pub async fn flush(&self) {
        self.inner.shared.outbox.flush().await;
    }

    /// Sends a webhook again as a redelivery; false when it is not remembered.
    #[must_use]
    pub fn redeliver(&self, webhook_event_id: &str) -> bool {
        self.inner.shared.redeliver(webhook_event_id)
    }

    /// The pause before the first redelivery (1 s at the start); it doubles with each further one.
    pub fn set_redelivery_backoff(&self, first: Duration) {
        self.inner.shared.outbox.set_backoff(first);
    }
}
