//! What a guest does on the phone: add the account, block it, write, send a picture.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::clock;
use crate::shared::Shared;
use crate::state::{ChatLine, ChatMessage, GuestMessage, SeedUser, Uid};
use crate::webhook::Event;

/// Why the simulator did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Not of the form `U` and 32 hexadecimal digits.
    BadUserId,
    /// Nobody of that user ID is known.
    UnknownUser,
    /// The guest blocks the account, and so cannot write to it.
    Blocked,
    /// The chat holds no such message.
    NoSuchMessage,
    /// The message holds no such action.
    NoSuchAction,
    /// The action is broken or of a kind the phone cannot do.
    BadAction,
    /// The simulator itself only opens addresses on this machine.
    NotLoopback,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadUserId => "a user id is U and 32 hexadecimal digits",
            Self::UnknownUser => "no such user",
            Self::Blocked => "the guest does not follow the account",
            Self::NoSuchMessage => "no such message in the chat",
            Self::NoSuchAction => "the message has no such action",
            Self::BadAction => "the phone cannot perform this action",
            Self::NotLoopback => "the simulator only opens loopback addresses",
        })
    }
}

impl std::error::Error for Refused {}

const NAMES: [&str; 12] = [
    "王小明",
    "陳怡君",
    "林志豪",
    "張雅婷",
    "李冠廷",
    "黃淑芬",
    "吳宗翰",
    "劉佳穎",
    "蔡承恩",
    "楊詩涵",
    "Emily Chen",
    "Kenji Sato",
];

fn made_up_name(number: usize) -> String {
    format!("{} {number}", NAMES[number % NAMES.len()])
}

impl Shared {
    pub(crate) fn uid(text: &str) -> Result<Uid, Refused> {
        Uid::parse(text).ok_or(Refused::BadUserId)
    }

    /// Makes a user known, or changes what is known of them, without a webhook.
    pub(crate) fn seed(&self, user: SeedUser) -> Result<Uid, Refused> {
        let uid = Self::uid(&user.uid)?;
        let mut world = self.world();
        world.users.set_following(uid, user.following);
        let known = world.users.meet(uid);
        known.display_name = user.display_name.map(String::into_boxed_str);
        known.has_blocked = !user.following;
        known.picture_url = user.picture_url.map(String::into_boxed_str);
        Ok(uid)
    }

    /// One new friend with what is known of them; causes a follow event.
    pub(crate) fn befriend(&self, uid: Uid, name: Option<String>, picture_url: Option<String>) {
        {
            let mut world = self.world();
            let number = world.users.len();
            let user = world.users.meet(uid);
            if name.is_some() || user.display_name.is_none() {
                user.display_name = Some(name.unwrap_or_else(|| made_up_name(number)).into());
            }
            if picture_url.is_some() {
                user.picture_url = picture_url.map(String::into_boxed_str);
            }
        }
        self.follow(uid);
    }

    /// New friends with made-up names; with `webhook`, each causes a follow event.
    pub(crate) fn add_friends(&self, count: usize, webhook: bool) -> Vec<Uid> {
        let mut added = Vec::with_capacity(count);
        for _ in 0..count {
            let uid = Uid(clock::user_id_bytes());
            added.push(uid);
            let mut world = self.world();
            let number = world.users.len();
            world.users.meet(uid).display_name = Some(made_up_name(number).into());
            world.users.set_following(uid, true);
            drop(world);
            if webhook {
                self.emit(
                    uid,
                    Event::Follow {
                        is_unblocked: false,
                    },
                );
            }
        }
        self.announce("friends", &Value::Null);
        added
    }

    /// Adds the account as a friend, or unblocks it. Following twice changes nothing.
    pub(crate) fn follow(&self, uid: Uid) {
        let now = self.clock.now_ms();
        let (changed, is_unblocked) = {
            let mut world = self.world();
            let changed = world.users.set_following(uid, true);
            let user = world.users.meet(uid);
            let is_unblocked = std::mem::take(&mut user.has_blocked);
            if changed {
                let text = if is_unblocked {
                    "unblocked"
                } else {
                    "followed"
                };
                user.write(ChatLine::Notice { at_ms: now, text });
            }
            (changed, is_unblocked)
        };
        if changed {
            self.emit(uid, Event::Follow { is_unblocked });
            self.announce("friends", &Value::Null);
            self.announce_chats(&[uid]);
        }
    }

    /// Blocks the account. Blocking twice changes nothing.
    pub(crate) fn unfollow(&self, uid: Uid) -> Result<(), Refused> {
        let now = self.clock.now_ms();
        {
            let mut world = self.world();
            let user = world.users.get_mut(uid).ok_or(Refused::UnknownUser)?;
            if !user.following {
                return Ok(());
            }
            user.has_blocked = true;
            user.write(ChatLine::Notice {
                at_ms: now,
                text: "blocked",
            });
            world.users.set_following(uid, false);
        }
        self.emit(uid, Event::Unfollow);
        self.announce("friends", &Value::Null);
        self.announce_chats(&[uid]);
        Ok(())
    }

    /// The guest's bubble appears in the chat; nothing is told to the account.
    pub(crate) fn guest_bubble(&self, uid: Uid, id: String, message: Value) -> Result<(), Refused> {
        let at_ms = self.clock.now_ms();
        {
            let mut world = self.world();
            let user = world.users.get_mut(uid).ok_or(Refused::UnknownUser)?;
            if !user.following {
                return Err(Refused::Blocked);
            }
            user.write(ChatLine::Guest(Arc::new(GuestMessage {
                id,
                at_ms,
                message,
            })));
        }
        self.announce_chats(&[uid]);
        Ok(())
    }

    pub(crate) fn send_text(&self, uid: Uid, text: &str) -> Result<String, Refused> {
        let id = clock::message_id();
        self.guest_bubble(uid, id.clone(), json!({"type": "text", "text": text}))?;
        let message = json!({"type": "text", "id": id, "quoteToken": clock::token(), "text": text});
        Ok(self.emit(uid, Event::Message(message)))
    }

    pub(crate) fn send_postback(
        &self,
        uid: Uid,
        data: &str,
        params: Option<Value>,
    ) -> Result<String, Refused> {
        {
            let world = self.world();
            let user = world.users.get(uid).ok_or(Refused::UnknownUser)?;
            if !user.following {
                return Err(Refused::Blocked);
            }
        }
        let data = data.to_owned();
        Ok(self.emit(uid, Event::Postback { data, params }))
    }

    /// The guest opens the chat and sees what the account sent last.
    pub(crate) fn look(&self, uid: Uid) -> Result<(), Refused> {
        let mut world = self.world();
        let user = world.users.get(uid).ok_or(Refused::UnknownUser)?;
        let unit = user.received().next().and_then(|sent| sent.unit.clone());
        if let Some(unit) = unit {
            world.units.see(&unit, uid);
        }
        Ok(())
    }

    /// How often each user received something; those who never did are left out.
    pub(crate) fn deliveries(&self) -> BTreeMap<String, u32> {
        self.world()
            .users
            .iter()
            .filter(|user| user.deliveries > 0)
            .map(|user| (user.uid.to_string(), user.deliveries))
            .collect()
    }

    pub(crate) fn messages_of(&self, uid: Uid) -> Option<Vec<ChatMessage>> {
        self.world()
            .users
            .get(uid)
            .map(crate::state::User::messages)
    }
}
