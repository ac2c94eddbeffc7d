/// What a picture is for; also the folder it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Message templates and their cards.
    Templates,
    /// Guests.
    Members,
    /// Not decided yet; kept for a day unless something uses it.
    Temp,
}

impl Category {
    /// All categories.
    pub const ALL: [Self; 3] = [Self::Templates, Self::Members, Self::Temp];

    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|category| category.as_str() == word)
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Templates => "templates",
            Self::Members => "members",
            Self::Temp => "temp",
        }
    }
}
