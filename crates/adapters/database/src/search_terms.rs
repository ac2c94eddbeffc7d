//! "Contains" as one range of an index, on both databases alike.
//!
//! A text contains `x` when one of its endings begins with `x`. So every ending of everything a
//! member may be found by is a row `(term, member_id)` of `member_search_terms`, and a search
//! is `term >= x AND term < x⁺`. SQLite's own trigram index cannot find two Chinese
//! characters, MariaDB has no index of word parts at all, and `LIKE '%x%'` reads the table.
//!
//! Terms are cut to [`CUT`] bytes; a longer search is looked up by its beginning and checked on
//! the row. They follow from the member's `search_key` alone: that is how the rows of a member
//! are found again, so neither [`terms`] nor [`CUT`] may change without filling the table anew.

use crm_members::{Email, MemberRecord, MemberSearch, PersonName, Phone};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// Longest term in bytes: eight Chinese characters, or most of an e-mail address.
pub(crate) const CUT: usize = 24;

/// Between the texts of one key; no folded text has it.
const BREAK: char = '\u{1f}';

/// Without capitals, widths and the accents of Latin letters. Control characters become blanks,
/// so that they are free for other uses.
fn fold(text: &str) -> String {
    let lower = text.nfkc().collect::<String>().to_lowercase();
    lower
        .nfkd()
        .filter(|c| !matches!(c, '\u{300}'..='\u{36f}'))
        .nfc()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Digits of a phone number as signs that no folded text has: `12` finds no phones.
fn phone_signs(digits: &str) -> String {
    let signs = digits.bytes().filter(u8::is_ascii_digit);
    signs.map(|d| char::from(d - b'0' + 0x0e)).collect()
}

/// Everything this member may be found by, folded.
pub(crate) fn search_key(record: &MemberRecord) -> String {
    let first = record.first_name.as_ref().map_or("", PersonName::as_str);
    let last = record.last_name.as_ref().map_or("", PersonName::as_str);
    let line = record.line.as_ref().and_then(|l| l.display_name.as_deref());
    let mut texts = vec![
        fold(line.unwrap_or_default()),
        fold(&format!("{last}{first}")),
        fold(record.email.as_ref().map_or("", Email::as_str)),
        phone_signs(
            &record
                .phone
                .as_ref()
                .map_or_else(String::new, Phone::normalised),
        ),
    ];
    if !first.is_empty() && !last.is_empty() {
        texts.push(fold(&format!("{last} {first}")));
        texts.push(fold(&format!("{first} {last}")));
        texts.push(fold(&format!("{first}{last}")));
    }
    texts.retain(|text| !text.trim().is_empty());
    texts.join(&BREAK.to_string())
}

/// The rows of a member with this key. An ending that begins another one is left out, as
/// whatever finds it finds the other.
pub(crate) fn terms(search_key: &str) -> BTreeSet<Vec<u8>> {
    let mut all = BTreeSet::new();
    for text in search_key.split(BREAK) {
        for (start, c) in text.char_indices() {
            // A search never begins with a blank.
            if !c.is_whitespace() {
                all.insert(cut(&text[start..]).to_vec());
            }
        }
    }
    let mut kept: BTreeSet<Vec<u8>> = BTreeSet::new();
    for term in all.into_iter().rev() {
        if !kept.first().is_some_and(|next| next.starts_with(&term)) {
            kept.insert(term);
        }
    }
    kept
}

fn cut(text: &str) -> &[u8] {
    let bytes = text.as_bytes();
    &bytes[..bytes.len().min(CUT)]
}

/// One text to be found in search keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Needle(String);

impl Needle {
    /// What to find for this search: the text, and its digits when it may be part of a number.
    /// None at all for text that means nothing, which finds nobody.
    pub(crate) fn all(search: &MemberSearch) -> Vec<Self> {
        let text = fold(search.text()).trim().to_owned();
        let digits = search.phone_digits().map(|d| phone_signs(&d));
        let both = [Some(text), digits].into_iter().flatten();
        both.filter(|n| !n.is_empty()).map(Self).collect()
    }

    /// As it stands in a key.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The first term that may contain it, and the first one after all that may.
    pub(crate) fn range(&self) -> (Vec<u8>, Vec<u8>) {
        let from = cut(&self.0).to_vec();
        let mut until = from.clone();
        // No byte of UTF-8 is 0xff.
        if let Some(last) = until.last_mut() {
            *last += 1;
        }
        (from, until)
    }

    /// Whether a term in the range may still be another text.
    pub(crate) fn is_cut(&self) -> bool {
        self.0.len() > CUT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(key: &str, typed: &str) -> bool {
        let terms = terms(key);
        Needle::all(&MemberSearch::new(typed).unwrap())
            .iter()
            .any(|needle| {
                let (from, until) = needle.range();
                terms.iter().any(|t| *t >= from && *t < until) && key.contains(needle.text())
            })
    }

    #[test]
    fn every_part_of_a_text_is_found_and_nothing_else() {
        let key = "wang.ming@email.com\u{1f}王小明\u{1f}小明 王";
        for part in [
            "王小明",
            "小明",
            "明",
            "WANG",
            "ｇ@email",
            ".com",
            "小明 王",
            "明 王",
        ] {
            assert!(found(key, part), "{part}");
        }
        for other in ["王大明", "comx", "王小明小", "明小"] {
            assert!(!found(key, other), "{other}");
        }
    }

    #[test]
    fn a_text_longer_than_a_term_is_checked_on_the_key() {
        let key = "a.very.long.address.of.somebody@example.org";
        assert!(found(key, "very.long.address.of.somebody"));
        assert!(!found(key, "very.long.address.of.nobody"));
        assert!(terms(key).iter().all(|t| t.len() <= CUT));
    }

    #[test]
    fn digits_find_numbers_from_three_on_and_texts_always() {
        let key = format!("room 12\u{1f}{}", phone_signs("+886912345678"));
        assert!(found(&key, "0912-345"));
        assert!(found(&key, "12"), "the text");
        let phone = phone_signs("+886912345678");
        assert!(!found(&phone, "91"));
        assert!(found(&phone, "345"));
    }

    #[test]
    fn accents_and_widths_do_not_count() {
        assert_eq!(fold("JOSÉ　Ｍüller"), "jose muller");
        assert_eq!(fold("がぎ김"), "がぎ김", "only Latin letters lose theirs");
    }

    #[test]
    fn an_ending_that_begins_another_is_not_stored() {
        let expected: BTreeSet<Vec<u8>> = ["anan", "nan"].map(|t| t.as_bytes().to_vec()).into();
        assert_eq!(terms("anan"), expected);
        assert!(terms("").is_empty());
    }
}
