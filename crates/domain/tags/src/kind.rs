/// What a tag tells about a guest; it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TagKind {
    /// What the guest is: `VIP`, `business traveller`.
    Member,
    /// What the guest did: tapped a button of a campaign.
    Interaction,
}

impl TagKind {
    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "member" => Some(Self::Member),
            "interaction" => Some(Self::Interaction),
            _ => None,
        }
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Interaction => "interaction",
        }
    }
}

/// Who thought of a tag; it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TagSource {
    /// The hotel's own systems.
    Api,
    /// Staff.
    Manual,
}

impl TagSource {
    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "api" => Some(Self::Api),
            "manual" => Some(Self::Manual),
            _ => None,
        }
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Manual => "manual",
        }
    }
}

/// What put a tag on a member (document 000 §3.2.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TriggerSource {
    /// A tracked link was opened.
    Click,
    /// A button was tapped, or something was said in the chat.
    Interaction,
    /// Staff did; logged, never counted, left out of charts.
    Manual,
}

impl TriggerSource {
    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "click" => Some(Self::Click),
            "interaction" => Some(Self::Interaction),
            "manual" => Some(Self::Manual),
            _ => None,
        }
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Click => "click",
            Self::Interaction => "interaction",
            Self::Manual => "manual",
        }
    }
}
