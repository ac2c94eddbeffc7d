use crate::known::Known;
use crate::text::{folded, words};

/// Last and first name of a guest; either may be none.
pub(crate) type Names = (Option<String>, Option<String>);

/// The names of a row: those of the booking unless an agency stands there, else the name of the
/// identity document, else what there is.
pub(crate) fn names(
    last: Option<&str>,
    first: Option<&str>,
    full: Option<&str>,
    known: &Known,
) -> Names {
    let person = |name: Option<&str>| name.filter(|n| is_person(n, known)).map(str::to_owned);
    let both = [last, first].map(Option::unwrap_or_default).join(" ");
    let is_agency = is_agency(&both, known);
    let last = person(last).filter(|_| !is_agency);
    let first = person(first).filter(|_| !is_agency);
    match (last, first, person(full)) {
        (Some(last), Some(first), _) => (Some(last), Some(first)),
        (_, _, Some(full)) => split(&full, known),
        (last, first, None) => (last, first),
    }
}

fn is_person(name: &str, known: &Known) -> bool {
    !known.is_absent_name(name) && !is_agency(name, known)
}

/// Whether a name is that of a travel agency.
fn is_agency(name: &str, known: &Known) -> bool {
    let name_words = words(name);
    let whole = folded(name);
    let begins = known
        .agencies
        .names
        .iter()
        .any(|agency| !agency.is_empty() && name_words.starts_with(agency));
    let ends = known
        .agencies
        .endings
        .iter()
        .any(|ending| whole.len() > ending.len() && whole.ends_with(ending));
    begins || ends
}

/// A whole name in two: the family comes first in Chinese, last elsewhere and behind a dot.
fn split(name: &str, known: &Known) -> Names {
    let name = name.trim();
    let dotted = name.rsplit_once(['·', '‧', '・', '•']);
    let (last, first) = if let Some((last, first)) = name.split_once([',', '，']) {
        (last, first)
    } else if let Some((first, last)) = dotted {
        (last, first)
    } else if name.chars().any(is_han) {
        match name.split_once(char::is_whitespace) {
            Some(parts) => parts,
            None => name.split_at(family_len(name, known)),
        }
    } else {
        match name.rsplit_once(char::is_whitespace) {
            Some((first, last)) => (last, first),
            None => ("", name),
        }
    };
    let part = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    (part(last), part(first))
}

fn family_len(name: &str, known: &Known) -> usize {
    let two = known
        .surnames
        .iter()
        .find(|family| name.starts_with(family.as_str()) && name.len() > family.len());
    let one = name.chars().next().map_or(0, char::len_utf8);
    two.map_or(one, String::len)
}

/// Chinese, Japanese and Korean letters.
fn is_han(c: char) -> bool {
    matches!(u32::from(c),
        0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF
        | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(last: &str, first: &str, full: &str) -> (String, String) {
        let known = Known::read().unwrap();
        let part = |text: &'static str| (!text.is_empty()).then_some(text);
        let leak = |text: &str| -> &'static str { text.to_owned().leak() };
        let (last, first) = names(
            part(leak(last)),
            part(leak(first)),
            part(leak(full)),
            &known,
        );
        (last.unwrap_or_default(), first.unwrap_or_default())
    }

    #[test]
    fn names_come_from_the_booking_unless_an_agency_stands_there() {
        for ((last, first, full), expected) in [
            (("王", "小明", "王大明"), ("王", "小明")),
            (("", "", "王小明"), ("王", "小明")),
            (("王", "", "王小明"), ("王", "小明")),
            (("", "小明", ""), ("", "小明")),
            (("王", "", ""), ("王", "")),
            (("agoda", "", "王小明"), ("王", "小明")),
            (("AGODA", "AGODA", "王小明"), ("王", "小明")),
            (("Booking", ".com", "Ming Wang"), ("Wang", "Ming")),
            (("", "Agoda International", "歐陽娜娜"), ("歐陽", "娜娜")),
            (("雄獅", "旅行社", ""), ("", "")),
            (("大榮旅行社", "", ""), ("", "")),
            (("agoda", "", "agoda"), ("", "")),
            (("散客", "", ""), ("", "")),
            (("Bookings", "Ann", ""), ("Bookings", "Ann")),
            (("", "", ""), ("", "")),
        ] {
            let (last_is, first_is) = read(last, first, full);
            assert_eq!(
                (last_is.as_str(), first_is.as_str()),
                expected,
                "{last} {first} {full}"
            );
        }
    }

    #[test]
    fn a_whole_name_is_split_where_its_language_does() {
        for (full, expected) in [
            ("王小明", ("王", "小明")),
            ("歐陽娜娜", ("歐陽", "娜娜")),
            ("歐陽", ("歐", "陽")),
            ("王　小明", ("王", "小明")),
            ("王", ("王", "")),
            ("Ming Wang", ("Wang", "Ming")),
            ("Mary Ann Lee", ("Lee", "Mary Ann")),
            ("LEE, MARY ANN", ("LEE", "MARY ANN")),
            ("約翰·史密斯", ("史密斯", "約翰")),
            ("Madonna", ("", "Madonna")),
        ] {
            let (last, first) = read("", "", full);
            assert_eq!((last.as_str(), first.as_str()), expected, "{full}");
        }
    }
}
