use crate::person::{Person, filled};
use std::collections::BTreeSet;
use std::fmt;
use thiserror::Error;

/// Something of the guest that a text may mention: `{{last_name}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Variable {
    /// The name on LINE.
    DisplayName,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// [`Person::name`].
    Name,
    /// Month of birth as a number.
    BirthdayMonth,
}

impl Variable {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 5] = [
        Self::DisplayName,
        Self::FirstName,
        Self::LastName,
        Self::Name,
        Self::BirthdayMonth,
    ];

    /// The name between the braces.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DisplayName => "display_name",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Name => "name",
            Self::BirthdayMonth => "birthday_month",
        }
    }

    /// Characters of the longest value that is ever stored (document 000 §3.2.2).
    #[must_use]
    pub const fn longest(self) -> usize {
        match self {
            Self::DisplayName => 100,
            Self::FirstName | Self::LastName => 50,
            // both halves and the space between them
            Self::Name => 101,
            Self::BirthdayMonth => 2,
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    fn value(self, person: &Person) -> Option<String> {
        match self {
            Self::DisplayName => filled(&person.display_name).map(str::to_owned),
            Self::FirstName => filled(&person.first_name).map(str::to_owned),
            Self::LastName => filled(&person.last_name).map(str::to_owned),
            Self::Name => person.name(),
            Self::BirthdayMonth => person.birthday_month.map(|month| month.to_string()),
        }
    }
}

/// A text that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VariableError {
    /// No variable has this name.
    #[error(
        "unknown variable {{{{{0}}}}}; known are display_name, first_name, last_name, name, birthday_month"
    )]
    Unknown(String),
    /// A `{{` without its `}}`.
    #[error("a variable is opened with {{{{ but not closed with }}}}")]
    Unclosed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(Variable, Option<String>),
}

/// A text with variables in it: `Dear {{name|guest}}`.
///
/// Blanks around a name or a fallback do not count; single braces are ordinary characters, and
/// of three opening braces the first is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariableText(Vec<Part>);

impl VariableText {
    /// Reads a text.
    ///
    /// # Errors
    /// [`VariableError`] for the first variable that cannot be understood.
    pub fn parse(text: &str) -> Result<Self, VariableError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(open) = rest.find("{{") {
            literal.push_str(&rest[..open]);
            rest = &rest[open + 2..];
            while let Some(shifted) = rest.strip_prefix('{') {
                literal.push('{');
                rest = shifted;
            }
            let close = rest.find("}}").ok_or(VariableError::Unclosed)?;
            let (name, fallback) = match rest[..close].split_once('|') {
                Some((name, fallback)) => (name.trim(), Some(fallback.trim().to_owned())),
                None => (rest[..close].trim(), None),
            };
            let variable =
                Variable::parse(name).ok_or_else(|| VariableError::Unknown(shortened(name)))?;
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Variable(variable, fallback));
            rest = &rest[close + 2..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self(parts))
    }

    /// The text for one guest. What is not known becomes the fallback, or nothing.
    #[must_use]
    pub fn fill(&self, person: &Person) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.clone(),
                Part::Variable(variable, fallback) => variable
                    .value(person)
                    .or_else(|| fallback.clone())
                    .unwrap_or_default(),
            })
            .collect()
    }

    /// Which variables it mentions.
    #[must_use]
    pub fn variables(&self) -> BTreeSet<Variable> {
        self.0
            .iter()
            .filter_map(|part| match part {
                Part::Variable(variable, _) => Some(*variable),
                Part::Literal(_) => None,
            })
            .collect()
    }

    /// Units of UTF-16 that the filled text may reach with the longest values stored. A
    /// character can take two units.
    #[must_use]
    pub fn longest_utf16(&self) -> usize {
        self.0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => utf16(text),
                Part::Variable(variable, fallback) => {
                    let stored = match variable {
                        Variable::BirthdayMonth => variable.longest(),
                        _ => variable.longest() * 2,
                    };
                    stored.max(fallback.as_deref().map_or(0, utf16))
                }
            })
            .sum()
    }
}

impl fmt::Display for VariableText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Literal(text) => f.write_str(text)?,
                Part::Variable(variable, None) => write!(f, "{{{{{}}}}}", variable.as_str())?,
                Part::Variable(variable, Some(fallback)) => {
                    write!(f, "{{{{{}|{fallback}}}}}", variable.as_str())?;
                }
            }
        }
        Ok(())
    }
}

/// How LINE counts texts (LINE Developers, character counting).
pub(crate) fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}

#[cfg(test)]
#[path = "variables_tests.rs"]
mod tests;
