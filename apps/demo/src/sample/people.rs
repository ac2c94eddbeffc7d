use super::dice::Dice;
use super::guest::{Friend, Guest, Name};
use super::{MEMBERS, Workshop, line_names, names};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use crm_members::{Gender, LineState, MemberSource};

/// Guests whose identity number was typed in at the desk; they come first.
const AT_THE_DESK: usize = 300;
/// Share of the others who are LINE friends, so that it is 70 % of all.
const FRIENDS: f64 = 0.745;
/// Now and then two have one phone.
const FIRST_COUPLE: usize = 1_000;
const COUPLES_EVERY: usize = 100;
const YEARS: TimeDelta = TimeDelta::days(2 * 365);

const NOTES: [&str; 14] = [
    "偏好高樓層、遠離電梯",
    "對花生過敏，訂餐時務必提醒",
    "帶兩位小朋友，需要嬰兒床",
    "每季固定出差，統編開立三聯式發票",
    "喜歡靠窗座位，早餐習慣七點前",
    "結婚紀念日十月，可準備小蛋糕",
    "行動不便，請安排無障礙客房",
    "曾反映冷氣太強，入住前先調至 26 度",
    "素食（蛋奶素）",
    "希望安靜樓層，淺眠",
    "有養柴犬，詢問過寵物友善房",
    "公司福委會窗口，團體訂房可直接聯繫",
    "晚到（約 22:00 後），請保留房間",
    "喜歡枕頭偏硬，已備註房務",
];
const DOMAINS: [(&str, u32); 4] = [
    ("example.com", 60),
    ("mail.example.com", 20),
    ("example.net", 12),
    ("example.org", 8),
];
/// Letters of an identity number with the two digits they count as, the large counties first.
const LETTERS: [(char, u32); 10] = [
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

/// All guests, those from the desk first.
pub(super) fn make(workshop: &mut Workshop<'_>) -> Vec<Guest> {
    let today = workshop.hotel.day_of(workshop.now);
    thrown(&mut workshop.dice, workshop.now, today)
}

/// The guests as the dice fall; names, phones and identity numbers are the same on any day.
pub(super) fn thrown(dice: &mut Dice, now: DateTime<Utc>, today: NaiveDate) -> Vec<Guest> {
    let mut guests: Vec<Guest> = (0..MEMBERS)
        .map(|place| one(dice, place < AT_THE_DESK, now, today))
        .collect();
    for place in (FIRST_COUPLE..MEMBERS).step_by(COUPLES_EVERY) {
        if guests[place].phone.is_some() {
            guests[place].phone = guests[place - 1]
                .phone
                .clone()
                .or(guests[place].phone.take());
        }
    }
    guests
}

fn one(dice: &mut Dice, at_the_desk: bool, now: DateTime<Utc>, today: NaiveDate) -> Guest {
    let gender = if dice.chance(0.54) {
        Gender::Female
    } else {
        Gender::Male
    };
    let name = names::make(dice, gender);
    let line = (!at_the_desk && dice.chance(FRIENDS)).then(|| friend(dice, gender, &name, now));
    let source = match (&line, at_the_desk) {
        (_, true) => MemberSource::System,
        (Some(_), _) if dice.chance(0.82) => MemberSource::Line,
        (Some(_), _) => MemberSource::Crm,
        (None, _) if dice.chance(0.85) => MemberSource::Crm,
        (None, _) => MemberSource::System,
    };
    // Of somebody who only ever followed the account, LINE tells the display name alone.
    let is_known = source != MemberSource::Line || dice.chance(0.72);
    let created_at = match &line {
        Some(friend) if source == MemberSource::Line => friend.followed_at,
        Some(friend) => dice.moment(now - YEARS - YEARS / 2, friend.followed_at),
        None => dice.late_moment(now - YEARS - YEARS / 2, now - TimeDelta::days(1)),
    };
    let last_interaction_at = line.as_ref().map(|friend| {
        let end = friend.unfollowed_at.unwrap_or(now);
        dice.late_moment(friend.followed_at, end)
    });
    Guest {
        id: 0,
        gender: (is_known && dice.chance(0.93)).then_some(gender),
        birthday: (is_known && dice.chance(0.82)).then(|| birthday(dice, today)),
        email: (is_known && dice.chance(0.74)).then(|| email(dice, &name)),
        phone: (is_known && (at_the_desk || dice.chance(0.88))).then(|| phone(dice)),
        id_number: at_the_desk.then(|| id_number(dice, gender)),
        name: is_known.then_some(name),
        line,
        source,
        accept_marketing: !dice.chance(0.08),
        notes: (is_known && dice.chance(0.07)).then(|| dice.pick(&NOTES)),
        created_at,
        last_interaction_at,
        stays: if is_known && dice.chance(0.68) {
            stays(dice)
        } else {
            0
        },
    }
}

fn friend(dice: &mut Dice, gender: Gender, name: &Name, now: DateTime<Utc>) -> Friend {
    let followed_at = dice.late_moment(now - YEARS, now - TimeDelta::hours(2));
    let unfollowed_at = dice.chance(0.06).then(|| dice.moment(followed_at, now));
    Friend {
        uid: format!("U{}", dice.hex(32)),
        display_name: line_names::make(dice, gender, name),
        state: if unfollowed_at.is_some() {
            LineState::Blocked
        } else {
            LineState::Following
        },
        followed_at,
        unfollowed_at,
        profile_synced_at: followed_at.max(now - TimeDelta::hours(dice.number(1..=120))),
    }
}

fn birthday(dice: &mut Dice, today: NaiveDate) -> NaiveDate {
    let days = dice.number(19 * 365..=58 * 365) + dice.number(0..=15 * 365);
    today - Days::new(days.unsigned_abs())
}

fn email(dice: &mut Dice, name: &Name) -> String {
    let domain = dice.weighted(&DOMAINS);
    let letter = char::from(b'a' + u8::try_from(dice.number(0..=25)).unwrap_or(0));
    let number = dice.number(1..=9_999);
    match dice.number(0..=2) {
        0 => format!("{}.{letter}{number}@{domain}", name.latin),
        1 => format!("{letter}{}{number:04}@{domain}", name.latin),
        _ => format!("{}_{number}@{domain}", name.latin),
    }
}

/// A mobile number in one of the ways people write it.
fn phone(dice: &mut Dice) -> String {
    let digits = format!("9{:08}", dice.number(0..=99_999_999));
    let (a, b, c) = (&digits[..3], &digits[3..6], &digits[6..]);
    match dice.number(1..=100) {
        1..=42 => format!("0{digits}"),
        43..=72 => format!("0{a}-{b}-{c}"),
        73..=82 => format!("0{a}-{b}{c}"),
        83..=88 => format!("0{a} {b} {c}"),
        89..=94 => format!("+886{digits}"),
        95..=97 => format!("+886 {a} {b} {c}"),
        98 => format!("(0{a}){b}{c}"),
        _ => full_width(&format!("0{digits}")),
    }
}

fn full_width(digits: &str) -> String {
    let wide = |c: char| char::from_u32(u32::from(c) - u32::from('0') + u32::from('０'));
    digits.chars().filter_map(wide).collect()
}

/// An identity number whose last digit checks the others.
fn id_number(dice: &mut Dice, gender: Gender) -> String {
    let (letter, value) = dice.pick(&LETTERS);
    let mut digits = vec![if gender == Gender::Male { 1 } else { 2 }];
    digits.extend((0..7).map(|_| u32::try_from(dice.number(0..=9)).unwrap_or(0)));
    let sum: u32 = digits.iter().zip((1..=8).rev()).map(|(d, w)| d * w).sum();
    digits.push((10 - (value / 10 + value % 10 * 9 + sum) % 10) % 10);
    let digits: String = digits.iter().map(u32::to_string).collect();
    format!("{letter}{digits}")
}

/// Few come often.
fn stays(dice: &mut Dice) -> i64 {
    match dice.number(1..=100) {
        1..=38 => 1,
        39..=62 => 2,
        63..=77 => 3,
        78..=86 => 4,
        87..=94 => dice.number(5..=7),
        _ => dice.number(8..=12),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm_members::{Email, Phone};

    #[test]
    fn an_identity_number_passes_the_check_of_the_ministry() {
        let mut dice = Dice::new();
        for _ in 0..200 {
            let number = id_number(&mut dice, Gender::Male);
            let letter = LETTERS.iter().find(|(l, _)| number.starts_with(*l));
            let value = letter.unwrap().1;
            let digits = number.chars().filter_map(|c| c.to_digit(10));
            let weights = [8, 7, 6, 5, 4, 3, 2, 1, 1];
            let sum: u32 = digits.zip(weights).map(|(d, w)| d * w).sum();
            assert_eq!((value / 10 + value % 10 * 9 + sum) % 10, 0, "{number}");
        }
    }

    #[test]
    fn phones_and_addresses_are_what_staff_may_type() {
        let mut dice = Dice::new();
        for _ in 0..500 {
            let name = names::make(&mut dice, Gender::Female);
            assert!(Email::parse(&email(&mut dice, &name)).is_ok());
            let typed = phone(&mut dice);
            let normalised = Phone::parse(&typed).unwrap().normalised();
            assert!(normalised.starts_with("+8869"), "{typed}");
            assert_eq!(normalised.len(), 13, "{typed}");
        }
    }
}
