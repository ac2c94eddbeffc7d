use unicode_normalization::UnicodeNormalization;

/// A text without what stands around it: blanks of every width, and what old columns are filled
/// up with.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}')
    })
}

/// Whether a text was damaged on its way or holds what no screen shows.
pub(crate) fn is_damaged(text: &str) -> bool {
    text.chars().any(|c| c.is_control() || c == '\u{fffd}')
}

/// The form in which words and headings are compared: width, capitals, blanks and signs between
/// words do not count.
pub(crate) fn folded(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace() && !"_-/.\u{feff}".contains(*c))
        .collect()
}

/// The words of a text, signs between them left out.
pub(crate) fn words(name: &str) -> Vec<String> {
    narrow(name)
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Narrow letters and digits for wide ones.
pub(crate) fn narrow(text: &str) -> String {
    text.nfkc().collect()
}

/// At most so many characters of a text, without those that no screen shows.
pub(crate) fn cut(text: &str, most: usize) -> String {
    trimmed(text)
        .chars()
        .filter(|c| !c.is_control())
        .take(most)
        .collect()
}

/// A number as it was typed, when a spreadsheet took it for an amount: `708801.0`.
pub(crate) fn as_typed(text: &str) -> &str {
    text.strip_suffix(".0")
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_columns_are_filled_up_with_is_no_part_of_the_text() {
        for text in [
            " 王 ",
            "王\u{3000}\u{3000}",
            "\u{feff}王\0\0",
            "\u{a0}王\r\n",
        ] {
            assert_eq!(trimmed(text), "王", "{text:?}");
        }
        assert_eq!(trimmed("王　小明"), "王　小明");
    }

    #[test]
    fn width_capitals_and_signs_make_no_other_word() {
        assert_eq!(folded("Ｃｈｅｃｋ－In_Date "), "checkindate");
        assert_eq!(folded("\u{feff}訂單 編號"), "訂單編號");
    }
}
