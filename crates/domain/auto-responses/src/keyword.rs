use chrono::{DateTime, Utc};
use crm_kernel::{KeywordId, Problems};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// Most keywords of a rule.
pub const MAX_KEYWORDS: usize = 20;

/// The form in which guests' words and keywords are compared: width, capitals, the way a mark is
/// written in Chinese or in English, signs that are not seen, and blanks around do not count;
/// every other sign does.
#[must_use]
pub fn fold(text: &str) -> String {
    let seen = text.nfkc().filter(|c| !is_unseen(*c)).map(plain_mark);
    // Lower case may compose differently, hence once more.
    let folded = seen.collect::<String>().to_lowercase();
    folded.nfkc().collect::<String>().trim().to_owned()
}

/// Signs that change nothing on the screen, which keyboards and pages leave behind.
const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FE0E}' | '\u{FE0F}' | '\u{FEFF}'
    )
}

/// A mark of Chinese writing as English writing has it; NFKC has done those that differ by
/// width alone.
const fn plain_mark(c: char) -> char {
    match c {
        '。' | '｡' => '.',
        '、' => ',',
        '「' | '」' | '『' | '』' | '“' | '”' | '〝' | '〞' => '"',
        '‘' | '’' => '\'',
        '【' | '〔' | '〖' => '[',
        '】' | '〕' | '〗' => ']',
        '《' | '〈' => '<',
        '》' | '〉' => '>',
        '–' | '—' | '―' | '─' | '−' => '-',
        '〜' => '~',
        '‧' | '•' | '・' => '·',
        other => other,
    }
}

/// A word that a rule listens for, as staff typed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyword(String);

impl Keyword {
    /// Longest keyword stored (document 000 §3.2.11).
    pub const MAX_CHARS: usize = 50;
    /// Longest [`key`](Self::key): single characters such as `㍿` fall into several.
    pub const MAX_KEY_CHARS: usize = 200;

    /// A keyword without the blanks around it.
    ///
    /// # Errors
    /// What is wrong with it, safe to show.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let keyword = Self(typed.trim().to_owned());
        let key = keyword.key();
        if key.is_empty() {
            return Err("must not be empty");
        }
        if keyword.0.chars().count() > Self::MAX_CHARS {
            return Err("must have at most 50 characters");
        }
        if keyword.0.chars().any(char::is_control) {
            return Err("must not contain control characters");
        }
        if key.chars().count() > Self::MAX_KEY_CHARS {
            return Err("has too many compound characters");
        }
        Ok(keyword)
    }

    /// A keyword that was checked before it was stored.
    #[must_use]
    pub const fn from_stored(stored: String) -> Self {
        Self(stored)
    }

    /// The word as staff typed it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folded form, which is compared and unique within a rule.
    #[must_use]
    pub fn key(&self) -> String {
        fold(&self.0)
    }
}

/// A keyword of a rule with what is kept about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeywordEntry {
    /// Its id; none until it is stored.
    pub id: Option<KeywordId>,
    /// The word.
    pub keyword: Keyword,
    /// How often it was the one that won; only
    /// [`crate::AutoResponseRepository::count_fired`] moves it.
    pub match_count: u64,
    /// Since when the rule has it.
    pub created_at: DateTime<Utc>,
}

/// Reads a whole list of keywords. A word of `old` keeps its id and its count, even when it is
/// now written in another width or case.
pub(crate) fn read(
    typed: &[String],
    old: &[KeywordEntry],
    now: DateTime<Utc>,
    problems: &mut Problems,
) -> Vec<KeywordEntry> {
    problems.check(!typed.is_empty(), "keywords", "must not be empty");
    if !problems.check(
        typed.len() <= MAX_KEYWORDS,
        "keywords",
        "must have at most 20 entries",
    ) {
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let mut read = Vec::with_capacity(typed.len());
    for (place, word) in typed.iter().enumerate() {
        let field = format!("keywords[{place}]");
        let Some(keyword) = problems.keep(&field, Keyword::parse(word)) else {
            continue;
        };
        let key = keyword.key();
        let known = old.iter().find(|entry| entry.keyword.key() == key);
        if !seen.insert(key) {
            problems.add(field, "is already in the list");
            continue;
        }
        read.push(KeywordEntry {
            id: known.and_then(|entry| entry.id),
            keyword,
            match_count: known.map_or(0, |entry| entry.match_count),
            created_at: known.map_or(now, |entry| entry.created_at),
        });
    }
    // As storage will list them.
    read.sort_by_key(|entry| (entry.id.is_none(), entry.id));
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_blanks_around_do_not_count_but_signs_do() {
        assert_eq!(fold(" ＷｉＦｉ　"), "wifi");
        assert_eq!(fold("訂房"), "訂房");
        assert_ne!(fold("訂房@vip"), fold("訂房"));
    }

    #[test]
    fn a_mark_is_the_same_in_chinese_and_in_english_writing() {
        for (chinese, english) in [
            ("有房嗎？", "有房嗎?"),
            ("早餐，幾點。", "早餐,幾點."),
            ("「海景」、《套房》", "\"海景\",<套房>"),
            ("１２：００～１４：００", "12:00~14:00"),
            ("雙人房—海景", "雙人房-海景"),
        ] {
            assert_eq!(fold(chinese), fold(english), "{chinese}");
        }
    }

    #[test]
    fn signs_that_nobody_sees_do_not_count() {
        assert_eq!(fold("訂\u{200B}房\u{FEFF}"), "訂房");
        assert_eq!(fold("❤\u{FE0F}"), fold("❤"));
    }

    #[test]
    fn a_keyword_has_1_to_50_characters() {
        assert!(Keyword::parse(&"房".repeat(50)).is_ok());
        for wrong in ["", " ", "\u{3000}", "a\nb", &"房".repeat(51)] {
            assert!(Keyword::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(Keyword::parse(&"\u{fdfa}".repeat(50)).is_err());
    }

    #[test]
    fn the_second_of_two_equal_words_is_named() {
        let mut problems = Problems::default();
        let typed = ["wifi".to_owned(), "早餐".into(), "ＷＩＦＩ".into()];
        read(&typed, &[], DateTime::UNIX_EPOCH, &mut problems);
        let fields = problems.into_result().unwrap_err();
        assert_eq!(fields.len(), 1);
        assert_eq!(fields[0].field, "keywords[2]");
    }
}
