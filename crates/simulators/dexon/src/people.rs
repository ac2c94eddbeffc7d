//! Who the made-up people are. Phone and identity number are different for every one of them.

use chrono::{Days, NaiveDate};

use crate::dice::Dice;

const FAMILY: [(&str, &str); 24] = [
    ("陳", "CHEN"),
    ("林", "LIN"),
    ("黃", "HUANG"),
    ("張", "CHANG"),
    ("李", "LEE"),
    ("王", "WANG"),
    ("吳", "WU"),
    ("劉", "LIU"),
    ("蔡", "TSAI"),
    ("楊", "YANG"),
    ("許", "HSU"),
    ("鄭", "CHENG"),
    ("謝", "HSIEH"),
    ("郭", "KUO"),
    ("洪", "HUNG"),
    ("曾", "TSENG"),
    ("邱", "CHIU"),
    ("廖", "LIAO"),
    ("賴", "LAI"),
    ("周", "CHOU"),
    ("徐", "HSU"),
    ("蘇", "SU"),
    ("葉", "YEH"),
    ("呂", "LU"),
];
const TWO_CHARACTERS: [&str; 4] = ["歐陽", "司馬", "諸葛", "上官"];
const FIRST: [&str; 20] = [
    "家", "志", "俊", "建", "承", "宗", "冠", "柏", "彥", "宇", "雅", "怡", "佳", "淑", "欣", "詩",
    "宜", "佩", "美", "惠",
];
const SECOND: [&str; 20] = [
    "豪", "偉", "宏", "傑", "翰", "廷", "軒", "哲", "銘", "誠", "婷", "君", "穎", "芬", "涵", "蓁",
    "雯", "珊", "玲", "瑜",
];
const FIRST_LATIN: [&str; 10] = [
    "MING", "CHIA-HAO", "YA-TING", "WEI", "HSIN-YI", "CHUN", "MEI", "KAI", "YU-HAN", "SHU-FEN",
];
/// Letters of identity numbers with the two digits they count as.
const LETTERS: [(char, u64); 10] = [
    ('A', 10),
    ('F', 15),
    ('H', 17),
    ('B', 11),
    ('E', 14),
    ('D', 13),
    ('N', 22),
    ('G', 16),
    ('T', 27),
    ('C', 12),
];

/// Somebody, before a clerk typed them in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub last: &'static str,
    pub first: String,
    pub latin: String,
    pub is_man: bool,
    pub birth: NaiveDate,
    /// `9` and eight more digits.
    pub mobile: String,
    pub id_number: String,
    pub email: String,
}

impl Person {
    pub(crate) fn of(seed: u64, index: usize) -> Self {
        let mut dice = Dice::of(seed, "person", index);
        let is_man = dice.percent(48);
        let (last, latin) = dice.pick(&FAMILY);
        let first = format!("{}{}", dice.pick(&FIRST), dice.pick(&SECOND));
        let latin_first = dice.pick(&FIRST_LATIN);
        let age = u64::try_from(dice.between(19 * 365, 75 * 365)).unwrap_or(0);
        let mobile = format!("9{:08}", spread(index, seed, 100_000_000));
        let (letter, value) = dice.pick(&LETTERS);
        Self {
            last,
            first,
            latin: format!("{latin_first} {latin}"),
            is_man,
            birth: NaiveDate::from_ymd_opt(2007, 1, 1)
                .and_then(|day| day.checked_sub_days(Days::new(age)))
                .unwrap_or_default(),
            id_number: id_number(
                (letter, value),
                is_man,
                spread(index, seed >> 7, 10_000_000),
            ),
            email: format!("{}.{mobile}@example.com", latin.to_lowercase()),
            mobile,
        }
    }

    pub(crate) fn full(&self) -> String {
        format!("{}{}", self.last, self.first)
    }
}

/// A family name of two characters.
pub(crate) fn rare_family(dice: &mut Dice) -> &'static str {
    dice.pick(&TWO_CHARACTERS)
}

/// A number below `of` that no other index gets: 7 and 3 share no factor with a power of ten.
fn spread(index: usize, seed: u64, of: u64) -> u64 {
    let start = seed.wrapping_mul(2_654_435_761) % of;
    ((index as u64 % of) * 7_368_787 % of + start) % of
}

/// Its last digit checks the others.
fn id_number((letter, value): (char, u64), is_man: bool, number: u64) -> String {
    let digits = format!("{}{number:07}", if is_man { 1 } else { 2 });
    let sum: u64 = digits
        .bytes()
        .zip((1..=8).rev())
        .map(|(digit, weight)| u64::from(digit - b'0') * weight)
        .sum();
    let check = (10 - (value / 10 + value % 10 * 9 + sum) % 10) % 10;
    format!("{letter}{digits}{check}")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn nobody_shares_a_phone_or_an_identity_number_by_chance() {
        let people: Vec<Person> = (0..20_000).map(|i| Person::of(42, i)).collect();
        let phones: HashSet<&str> = people.iter().map(|p| p.mobile.as_str()).collect();
        let ids: HashSet<&str> = people.iter().map(|p| p.id_number.as_str()).collect();
        assert_eq!((phones.len(), ids.len()), (20_000, 20_000));
    }

    #[test]
    fn an_identity_number_passes_the_check_of_the_ministry() {
        for index in 0..200 {
            let number = Person::of(7, index).id_number;
            let letter = LETTERS.iter().find(|(l, _)| number.starts_with(*l));
            let value = letter.unwrap().1;
            let digits = number.bytes().skip(1).map(|d| u64::from(d - b'0'));
            let sum: u64 = digits
                .zip([8, 7, 6, 5, 4, 3, 2, 1, 1])
                .map(|(d, w)| d * w)
                .sum();
            assert_eq!((value / 10 + value % 10 * 9 + sum) % 10, 0, "{number}");
        }
    }
}
