//! The account's guests and what stands in their chats.
//!
//! Built for a million of them: 16 bytes per user ID, one shared copy of a message however many users
//! received it, and at most [`KEPT`] lines per chat.

use std::collections::{HashMap, VecDeque};
use std::fmt::{self, Write as _};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ChatLine, ChatMessage, Sent};
use crate::rules::is_user_id;

/// Lines kept per chat.
const KEPT: usize = 50;

/// A user ID, `U` and 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Uid(pub [u8; 16]);

impl Uid {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !is_user_id(text) {
            return None;
        }
        Uuid::try_parse(text.get(1..)?)
            .ok()
            .map(|id| Self(id.into_bytes()))
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('U')?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A user to be known without any webhook.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeedUser {
    /// The LINE user ID.
    pub uid: String,
    /// The name shown in LINE.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The picture shown in LINE.
    #[serde(default)]
    pub picture_url: Option<String>,
    /// Whether the user is a friend of the account now.
    #[serde(default = "yes")]
    pub following: bool,
}

fn yes() -> bool {
    true
}

/// One guest.
#[derive(Debug)]
pub(crate) struct User {
    pub uid: Uid,
    pub display_name: Option<Box<str>>,
    pub picture_url: Option<Box<str>>,
    pub following: bool,
    /// Not following because of a block, rather than never having followed.
    pub has_blocked: bool,
    pub deliveries: u32,
    chat: VecDeque<ChatLine>,
}

impl User {
    pub(crate) fn new(uid: Uid, following: bool) -> Self {
        Self {
            uid,
            display_name: None,
            picture_url: None,
            following,
            has_blocked: false,
            deliveries: 0,
            chat: VecDeque::new(),
        }
    }

    pub(crate) fn name(&self) -> String {
        self.display_name.as_deref().map_or_else(
            || format!("LINE guest {:02x}{:02x}", self.uid.0[0], self.uid.0[1]),
            str::to_owned,
        )
    }

    pub(crate) fn write(&mut self, line: ChatLine) {
        if self.chat.len() == KEPT {
            self.chat.pop_front();
        }
        self.chat.push_back(line);
    }

    /// What the guest said under this id becomes a notice; false when there is no such thing.
    pub(crate) fn unsend(&mut self, id: &str, at_ms: i64) -> bool {
        let mut said = self.chat.iter_mut();
        let line = said.find(|line| matches!(line, ChatLine::Guest(message) if message.id == id));
        let Some(line) = line else { return false };
        *line = ChatLine::Notice {
            at_ms,
            text: "unsent",
        };
        true
    }

    /// The bubbles of the chat, oldest first.
    pub(crate) fn messages(&self) -> Vec<ChatMessage> {
        self.chat.iter().flat_map(ChatLine::bubbles).collect()
    }

    /// What the account sent, the latest first.
    pub(crate) fn received(&self) -> impl Iterator<Item = &Arc<Sent>> {
        self.chat.iter().rev().filter_map(|line| match line {
            ChatLine::Account(sent) => Some(sent),
            _ => None,
        })
    }

    /// The last line, for the list of friends.
    pub(crate) fn last_message(&self) -> Option<ChatMessage> {
        self.chat.back().and_then(|line| line.bubbles().pop())
    }
}

/// All users the account ever met, in the order it met them.
#[derive(Debug, Default)]
pub(crate) struct Users {
    list: Vec<User>,
    index: HashMap<Uid, u32>,
    following: usize,
}

impl Users {
    pub(crate) fn get(&self, uid: Uid) -> Option<&User> {
        self.list.get(*self.index.get(&uid)? as usize)
    }

    pub(crate) fn get_mut(&mut self, uid: Uid) -> Option<&mut User> {
        self.list.get_mut(*self.index.get(&uid)? as usize)
    }

    /// The user, made known first if need be (not yet following).
    pub(crate) fn meet(&mut self, uid: Uid) -> &mut User {
        let next = self.list.len();
        let place = *self
            .index
            .entry(uid)
            .or_insert_with(|| u32::try_from(next).unwrap_or(u32::MAX));
        if place as usize == next {
            self.list.push(User::new(uid, false));
        }
        &mut self.list[place as usize]
    }

    /// Sets whether the user follows the account; tells whether that changed anything.
    pub(crate) fn set_following(&mut self, uid: Uid, following: bool) -> bool {
        let user = self.meet(uid);
        if user.following == following {
            return false;
        }
        user.following = following;
        if following {
            self.following += 1;
        } else {
            self.following -= 1;
        }
        true
    }

    pub(crate) fn receives(&self, uid: Uid) -> bool {
        self.get(uid).is_some_and(|user| user.following)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &User> {
        self.list.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn friends(&self) -> usize {
        self.following
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_survives_being_packed() {
        let text = "U0123456789abcdef0123456789abcdef";
        assert_eq!(
            Uid::parse(text).map(|uid| uid.to_string()),
            Some(text.to_owned())
        );
        assert_eq!(Uid::parse("U0123456789ABCDEF0123456789ABCDEF"), None);
        assert_eq!(Uid::parse("0123456789abcdef0123456789abcdef"), None);
    }

    #[test]
    fn a_chat_keeps_its_last_lines() {
        let mut user = User::new(Uid([1; 16]), true);
        for at_ms in 0..80 {
            user.write(ChatLine::Notice {
                at_ms,
                text: "followed",
            });
        }
        let kept = user.messages();
        assert_eq!(kept.len(), KEPT);
        assert_eq!(kept[0].at, 30);
    }
}
