use super::RowError;
use unicode_normalization::UnicodeNormalization;

/// What a column may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Field {
    FirstName,
    LastName,
    FullName,
    Gender,
    Birthday,
    Email,
    Phone,
    IdNumber,
    AcceptMarketing,
    Notes,
    /// Known, and not read: tags have rules of their own.
    Tags,
}

/// The headings of each field; width, capitals, blanks, `_` and `-` do not count.
const HEADINGS: [(Field, &[&str]); 11] = [
    (
        Field::FirstName,
        &["first_name", "given name", "名", "名字"],
    ),
    (
        Field::LastName,
        &["last_name", "family name", "surname", "姓", "姓氏"],
    ),
    (
        Field::FullName,
        &[
            "name",
            "full name",
            "姓名",
            "全名",
            "客人姓名",
            "會員姓名",
            "旅客姓名",
        ],
    ),
    (Field::Gender, &["gender", "sex", "性別"]),
    (
        Field::Birthday,
        &[
            "birthday",
            "birth date",
            "date of birth",
            "生日",
            "出生日期",
            "出生年月日",
        ],
    ),
    (
        Field::Email,
        &[
            "email",
            "e-mail",
            "email address",
            "電子信箱",
            "信箱",
            "電子郵件",
            "電郵",
        ],
    ),
    (
        Field::Phone,
        &[
            "phone",
            "mobile",
            "phone number",
            "手機",
            "電話",
            "手機號碼",
            "電話號碼",
            "聯絡電話",
            "行動電話",
        ],
    ),
    (
        Field::IdNumber,
        &[
            "id_number",
            "passport",
            "身分證字號",
            "身份證字號",
            "身分證",
            "證件號碼",
            "護照號碼",
        ],
    ),
    (
        Field::AcceptMarketing,
        &[
            "accept_marketing",
            "接收優惠",
            "行銷同意",
            "接收行銷",
            "接受行銷",
        ],
    ),
    (Field::Notes, &["notes", "note", "remarks", "備註", "註記"]),
    (Field::Tags, &["tags", "tag", "標籤"]),
];

impl Field {
    /// As the API names it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::FullName => "name",
            Self::Gender => "gender",
            Self::Birthday => "birthday",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::IdNumber => "id_number",
            Self::AcceptMarketing => "accept_marketing",
            Self::Notes => "notes",
            Self::Tags => "tags",
        }
    }
}

/// Which column says what.
pub(super) struct Columns {
    places: Vec<(Field, usize)>,
    /// Columns that are not read.
    pub(super) warnings: Vec<RowError>,
}

impl Columns {
    /// Reads the header.
    ///
    /// # Errors
    /// The reason with which the import fails.
    pub(super) fn of(header: &[String]) -> Result<Self, &'static str> {
        let mut places: Vec<(Field, usize)> = Vec::new();
        let mut warnings = Vec::new();
        for (place, heading) in header.iter().enumerate() {
            let key = folded_heading(heading);
            let known = HEADINGS
                .iter()
                .find(|(_, names)| names.iter().any(|name| folded_heading(name) == key));
            match known {
                Some((Field::Tags, _)) => warnings.push(unread(place, "tags are not read")),
                Some((field, _)) if places.iter().any(|(other, _)| other == field) => {
                    return Err("column_twice");
                }
                Some((field, _)) => places.push((*field, place)),
                None if key.is_empty() => {}
                None => warnings.push(unread(place, "is not a known column")),
            }
        }
        if places.is_empty() {
            return Err("no_known_column");
        }
        Ok(Self { places, warnings })
    }

    /// The text of a cell without the blanks around it; none for a blank one.
    pub(super) fn cell<'a>(&self, cells: &'a [String], field: Field) -> Option<&'a str> {
        let (_, place) = self.places.iter().find(|(f, _)| *f == field)?;
        let text = cells.get(*place)?.trim();
        (!text.is_empty()).then_some(text)
    }
}

/// A heading is named by its place: what it says may be anything.
fn unread(place: usize, message: &str) -> RowError {
    RowError {
        row: 1,
        field: format!("column {}", place + 1),
        message: message.to_owned(),
    }
}

/// A heading as it is compared: width, capitals, blanks, `_` and `-` do not count.
#[must_use]
pub fn folded_heading(heading: &str) -> String {
    let plain: String = heading.nfkc().flat_map(char::to_lowercase).collect();
    plain
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '\u{feff}'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn headings_are_known_in_both_languages_however_they_are_typed() {
        for (heading, field) in [
            ("\u{feff}First Name", Field::FirstName),
            ("姓", Field::LastName),
            (" 姓 名 ", Field::FullName),
            ("E-Mail", Field::Email),
            ("Ｅｍａｉｌ", Field::Email),
            ("手機", Field::Phone),
            ("證件號碼", Field::IdNumber),
            ("行銷同意", Field::AcceptMarketing),
        ] {
            let columns = Columns::of(&header(&[heading])).unwrap_or_else(|_| panic!("{heading}"));
            assert_eq!(columns.places, [(field, 0)], "{heading}");
        }
    }

    #[test]
    fn no_heading_means_two_fields() {
        let all: Vec<String> = HEADINGS
            .iter()
            .flat_map(|(_, names)| names.iter().map(|name| folded_heading(name)))
            .collect();
        for name in &all {
            let fields = HEADINGS
                .iter()
                .filter(|(_, names)| names.iter().any(|other| folded_heading(other) == *name));
            assert_eq!(fields.count(), 1, "{name}");
        }
    }

    #[test]
    fn a_column_that_is_not_read_is_told_once_and_a_blank_one_is_not() {
        let columns =
            Columns::of(&header(&["姓名", "VIP?", "", "標籤"])).unwrap_or_else(|_| panic!());
        let told: Vec<&str> = columns.warnings.iter().map(|w| w.field.as_str()).collect();
        assert_eq!(told, ["column 2", "column 4"]);
    }

    #[test]
    fn a_header_without_a_known_column_or_with_one_twice_is_refused() {
        let reason = |names: &[&str]| Columns::of(&header(names)).err();
        assert_eq!(reason(&["a", "b"]), Some("no_known_column"));
        assert_eq!(reason(&[]), Some("no_known_column"));
        assert_eq!(reason(&["手機", "電話"]), Some("column_twice"));
    }
}
