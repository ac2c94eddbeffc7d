/// Where a member came from first; it never changes afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemberSource {
    /// A LINE event.
    Line,
    /// The hotel's own records.
    Crm,
    /// Typed in by staff.
    System,
}

impl MemberSource {
    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "line" => Some(Self::Line),
            "crm" => Some(Self::Crm),
            "system" => Some(Self::System),
            _ => None,
        }
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Crm => "crm",
            Self::System => "system",
        }
    }
}
