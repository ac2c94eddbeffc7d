/// Characters on a tab, as Excel counts them.
const MOST: usize = 31;

/// The name of the `part`th tab (from 1): what Excel does not take is left out, and what is too
/// long is cut.
pub fn tab_name(name: &str, part: u32) -> String {
    let ending = if part > 1 {
        format!(" ({part})")
    } else {
        String::new()
    };
    let allowed: String = name
        .chars()
        .filter(|c| !c.is_control() && !"[]:*?/\\".contains(*c))
        .collect();
    let room = MOST - ending.len();
    let start = cut(allowed.trim_matches(['\'', ' ']), room).trim_end_matches(['\'', ' ']);
    // Excel keeps this name to itself.
    let start = if start.is_empty() || start.eq_ignore_ascii_case("history") {
        "報表"
    } else {
        start
    };
    format!("{start}{ending}")
}

/// As much of the words as Excel takes, which counts in halves of UTF-16.
pub fn cut(words: &str, most: usize) -> &str {
    let mut length = 0;
    for (at, c) in words.char_indices() {
        length += c.len_utf16();
        if length > most {
            return &words[..at];
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_is_called_what_excel_takes() {
        assert_eq!(tab_name("活動成效", 1), "活動成效");
        assert_eq!(tab_name("活動成效", 2), "活動成效 (2)");
        assert_eq!(tab_name("'2026/11: [春]*?'", 1), "202611 春");
        assert_eq!(tab_name("", 1), "報表");
        assert_eq!(tab_name("History", 3), "報表 (3)");
        let long = "長".repeat(40);
        assert_eq!(tab_name(&long, 12).encode_utf16().count(), 31);
    }

    #[test]
    fn words_are_cut_between_characters() {
        assert_eq!(cut("a🏨b", 2), "a");
        assert_eq!(cut("a🏨b", 3), "a🏨");
        assert_eq!(cut("ab", 9), "ab");
    }
}
