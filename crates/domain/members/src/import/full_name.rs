use crate::name::is_cjk;

/// Family names of two characters that guests really have.
const TWO_CHARACTERS: [&str; 12] = [
    "歐陽", "司馬", "上官", "諸葛", "司徒", "夏侯", "皇甫", "尉遲", "公孫", "令狐", "東方", "端木",
];

/// First and last name of a whole one: the family comes first in Chinese, last elsewhere. One
/// word alone is a first name, one Chinese character alone a family.
pub(super) fn split(name: &str) -> (Option<String>, Option<String>) {
    let name = name.trim();
    let (first, last) = if is_cjk(name) {
        let (last, first) = match name.split_once(char::is_whitespace) {
            Some(parts) => parts,
            None => name.split_at(family_len(name)),
        };
        (first, last)
    } else {
        match name.rsplit_once(char::is_whitespace) {
            Some(parts) => parts,
            None => (name, ""),
        }
    };
    let part = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    (part(first), part(last))
}

fn family_len(name: &str) -> usize {
    let two = TWO_CHARACTERS
        .iter()
        .find(|family| name.starts_with(**family) && name.len() > family.len());
    let one = name.chars().next().map_or(0, char::len_utf8);
    two.map_or(one, |family| family.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_name_is_split_where_its_language_does() {
        for (name, first, last) in [
            ("王小明", Some("小明"), Some("王")),
            ("歐陽娜娜", Some("娜娜"), Some("歐陽")),
            ("歐陽", Some("陽"), Some("歐")),
            ("王　小明", Some("小明"), Some("王")),
            ("王", None, Some("王")),
            ("Ming Wang", Some("Ming"), Some("Wang")),
            ("Mary Ann Lee", Some("Mary Ann"), Some("Lee")),
            ("Madonna", Some("Madonna"), None),
        ] {
            let expected = (first.map(str::to_owned), last.map(str::to_owned));
            assert_eq!(split(name), expected, "{name}");
        }
    }
}
