use crate::{Facts, MemberId};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Something that happened just now and that screens want to know of, so that they fetch again
/// what they show. Ids and states only: never words, names or tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveEvent {
    /// What happened: `message.received`. At most 40 characters.
    pub kind: &'static str,
    /// The permission that whoever hears of it must have: `messages:read`. At most 40
    /// characters.
    pub audience: &'static str,
    /// The guest it is about, if it is about one.
    pub member: Option<MemberId>,
    /// Ids and states.
    pub facts: Facts,
    /// When.
    pub at: DateTime<Utc>,
}

impl LiveEvent {
    /// An event about nobody in particular.
    #[must_use]
    pub fn new(kind: &'static str, audience: &'static str, at: DateTime<Utc>) -> Self {
        Self {
            kind,
            audience,
            member: None,
            facts: Facts::new(),
            at,
        }
    }

    /// Says whom it is about.
    #[must_use]
    pub const fn about(mut self, member: MemberId) -> Self {
        self.member = Some(member);
        self
    }

    /// Adds an id or a state.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }
}

/// What is told to those who listen, joined to the unit of work of the change: it is told if and
/// only if the change was committed. Deleting a member takes what was told of them along, and a
/// merge hands it over.
pub trait LiveFeed: Send {
    /// Tells an event when the unit of work is committed. It is written as the very last thing
    /// before, so that a number that others pass by is out of order for a moment only.
    fn announce(&mut self, event: LiveEvent);
}
