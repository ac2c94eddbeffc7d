use crate::{KeywordEntry, Window};

/// What a rule answers to; it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TriggerType {
    /// Somebody follows.
    Welcome,
    /// A text contains a keyword.
    Keyword,
    /// A message comes at certain hours.
    Time,
}

impl TriggerType {
    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "welcome" => Some(Self::Welcome),
            "keyword" => Some(Self::Keyword),
            "time" => Some(Self::Time),
            _ => None,
        }
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Keyword => "keyword",
            Self::Time => "time",
        }
    }
}

/// What a rule answers to, in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Somebody follows.
    Welcome,
    /// A text contains one of these, 1 to 20 in the order staff wrote them.
    Keyword(Vec<KeywordEntry>),
    /// A message comes in this window.
    Time(Window),
}

impl Trigger {
    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> TriggerType {
        match self {
            Self::Welcome => TriggerType::Welcome,
            Self::Keyword(_) => TriggerType::Keyword,
            Self::Time(_) => TriggerType::Time,
        }
    }

    /// The keywords; none unless the rule listens for some.
    #[must_use]
    pub fn keywords(&self) -> &[KeywordEntry] {
        match self {
            Self::Keyword(entries) => entries,
            Self::Welcome | Self::Time(_) => &[],
        }
    }

    /// The window; none unless the rule has hours.
    #[must_use]
    pub const fn window(&self) -> Option<&Window> {
        match self {
            Self::Time(window) => Some(window),
            Self::Welcome | Self::Keyword(_) => None,
        }
    }
}
