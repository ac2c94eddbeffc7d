use crate::{MessageContent, MessageType};
use chrono::{DateTime, Utc};
use crm_kernel::{CannedReplyId, TemplateId};
use unicode_normalization::UnicodeNormalization;

/// The form in which titles and shortcuts are compared: `ＷｉＦｉ` and `wifi` are one to whoever
/// types them.
pub(super) fn folded(text: &str) -> String {
    // Lower case may compose differently, hence once more.
    let folded = text.nfkc().collect::<String>().to_lowercase();
    folded.nfkc().collect::<String>().trim().to_owned()
}

/// A text of one line without blanks around it, of at most so many characters, whose folded form
/// is at most three times as long.
fn line(typed: &str, longest: usize, too_long: &'static str) -> Result<String, &'static str> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err("must not be empty");
    }
    if typed.chars().count() > longest {
        return Err(too_long);
    }
    if typed.chars().any(char::is_control) {
        return Err("must not contain control characters");
    }
    match folded(typed).chars().count() {
        0 => Err("must not be empty"),
        n if n > 3 * longest => Err("has too many compound characters"),
        _ => Ok(typed.to_owned()),
    }
}

/// What a reply is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    /// A title of 1 to 100 characters, without blanks around it.
    ///
    /// # Errors
    /// What is wrong with it, safe to show.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        line(typed, 100, "must have at most 100 characters").map(Self)
    }

    /// A title that was checked before it was stored.
    #[must_use]
    pub const fn from_stored(stored: String) -> Self {
        Self(stored)
    }

    /// As it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which it is ordered and searched.
    #[must_use]
    pub fn key(&self) -> String {
        folded(&self.0)
    }
}

/// What staff type to get a reply at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortcut(String);

impl Shortcut {
    /// A shortcut of 1 to 30 characters without any blank.
    ///
    /// # Errors
    /// What is wrong with it, safe to show.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let shortcut = line(typed, 30, "must have at most 30 characters")?;
        if shortcut.chars().any(char::is_whitespace) {
            return Err("must not contain blanks");
        }
        Ok(Self(shortcut))
    }

    /// A shortcut that was checked before it was stored.
    #[must_use]
    pub const fn from_stored(stored: String) -> Self {
        Self(stored)
    }

    /// As it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two shortcuts are compared.
    #[must_use]
    pub fn key(&self) -> String {
        folded(&self.0)
    }
}

/// What a reply says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CannedContent {
    /// Words with variables in them, or a picture.
    Said(MessageContent),
    /// A template.
    Template(TemplateId),
}

impl CannedContent {
    /// Its form.
    #[must_use]
    pub const fn kind(&self) -> MessageType {
        match self {
            Self::Said(content) => content.kind(),
            Self::Template(_) => MessageType::Template,
        }
    }

    /// The words, or a picture's address.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        match self {
            Self::Said(content) => Some(content.body()),
            Self::Template(_) => None,
        }
    }

    /// The template.
    #[must_use]
    pub const fn template_id(&self) -> Option<TemplateId> {
        match self {
            Self::Said(_) => None,
            Self::Template(id) => Some(*id),
        }
    }
}

/// A reply as storage keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannedReplyRecord {
    /// What it is called.
    pub title: Title,
    /// What brings it up; unique by [`Shortcut::key`].
    pub shortcut: Option<Shortcut>,
    /// What it says.
    pub content: CannedContent,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When anything of it changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// A reply kept ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannedReply {
    id: CannedReplyId,
    record: CannedReplyRecord,
}

impl CannedReply {
    /// A reply as it was stored.
    #[must_use]
    pub const fn from_stored(id: CannedReplyId, record: CannedReplyRecord) -> Self {
        Self { id, record }
    }

    /// The id.
    #[must_use]
    pub const fn id(&self) -> CannedReplyId {
        self.id
    }

    /// What is stored.
    #[must_use]
    pub const fn record(&self) -> &CannedReplyRecord {
        &self.record
    }

    /// Replaces what may change. Answers whether anything differs.
    pub(super) fn become_record(&mut self, record: CannedReplyRecord, now: DateTime<Utc>) -> bool {
        if record == self.record {
            return false;
        }
        self.record = CannedReplyRecord {
            updated_at: Some(now),
            ..record
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_and_case_do_not_make_another_shortcut() {
        let key = |typed: &str| Shortcut::parse(typed).unwrap().key();
        assert_eq!(key(" /ＷｉＦｉ "), key("/wifi"));
        assert_ne!(key("/wifi"), key("wifi"));
    }

    #[test]
    fn a_shortcut_has_1_to_30_characters_and_no_blank() {
        assert!(Shortcut::parse(&"房".repeat(30)).is_ok());
        assert!(Shortcut::parse(&"房".repeat(31)).is_err());
        for wrong in ["", " ", "a b", "a　b", "a\u{0}", "a\nb"] {
            assert!(Shortcut::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(Shortcut::parse(&"\u{fdfa}".repeat(30)).is_err());
    }

    #[test]
    fn a_title_has_1_to_100_characters_in_one_line() {
        assert_eq!(Title::parse(" 早餐 時間 ").unwrap().as_str(), "早餐 時間");
        assert!(Title::parse(&"餐".repeat(101)).is_err());
        assert!(Title::parse("早餐\n時間").is_err());
    }
}
