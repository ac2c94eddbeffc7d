use crate::Gender;
use unicode_normalization::UnicodeNormalization;

fn folded(typed: &str) -> String {
    typed.nfkc().flat_map(char::to_lowercase).collect()
}

/// Reads a gender in either language.
pub(super) fn gender(typed: &str) -> Result<Gender, &'static str> {
    match folded(typed).as_str() {
        "male" | "m" | "男" | "男性" | "先生" => Ok(Gender::Male),
        "female" | "f" | "女" | "女性" | "小姐" | "女士" => Ok(Gender::Female),
        "other" | "其他" => Ok(Gender::Other),
        _ => Err("must be male, female or other"),
    }
}

/// Reads a yes or no in either language.
pub(super) fn yes(typed: &str) -> Result<bool, &'static str> {
    match folded(typed).as_str() {
        "是" | "y" | "yes" | "true" | "1" => Ok(true),
        "否" | "n" | "no" | "false" | "0" => Ok(false),
        _ => Err("must be yes or no"),
    }
}

/// Whether a spreadsheet that opens this text again would compute it.
pub(super) fn looks_like_formula(text: &str) -> bool {
    let plain: String = text.nfkc().take(2).collect();
    let mut chars = plain.chars();
    match chars.next() {
        Some('=' | '@') => true,
        Some('+' | '-') => !chars.next().is_some_and(|c| c.is_ascii_digit()),
        _ => false,
    }
}

/// A number as it was typed, when a spreadsheet took it for an amount: `911222333.0`.
pub(super) fn as_typed(cell: &str) -> &str {
    cell.strip_suffix(".0")
        .filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        .unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_both_languages() {
        assert_eq!(gender("Ｍ"), Ok(Gender::Male));
        assert_eq!(gender("女"), Ok(Gender::Female));
        assert_eq!(gender("其他"), Ok(Gender::Other));
        assert!(gender("?").is_err());
        assert_eq!(
            (yes("是"), yes("N"), yes("TRUE"), yes("0")),
            (Ok(true), Ok(false), Ok(true), Ok(false))
        );
        assert!(yes("maybe").is_err());
    }

    #[test]
    fn what_a_spreadsheet_would_compute_is_a_formula() {
        for text in ["=1+1", "@SUM(A1)", "+cmd", "-", "＝1"] {
            assert!(looks_like_formula(text), "{text}");
        }
        for text in ["小明", "+886 912", "-5 degrees", "a=b"] {
            assert!(!looks_like_formula(text), "{text}");
        }
    }

    #[test]
    fn a_number_that_became_an_amount_is_the_number_again() {
        assert_eq!(as_typed("911222333.0"), "911222333");
        for text in [
            "02.2345.6780",
            "0912-345.0",
            ".0",
            "911222333.00",
            "0911222333",
        ] {
            assert_eq!(as_typed(text), text);
        }
    }
}
