//! The rows of guest history that were there from the start, each made when it is asked for.

use serde_json::{Value, json};

use super::cases::GuestCase;
use super::row::{Fields, Row, Verdict, put};
use crate::dice::Dice;
use crate::dirt;
use crate::people::{Person, rare_family};
use crate::time::taipei;

const FIRST_CODE: usize = 6_000;
const WISHES: [&str; 5] = ["高樓層", "禁菸房", "加床", "素食", "靠海"];

pub(crate) fn code(index: usize) -> String {
    format!("HFD{:015}", FIRST_CODE + index)
}

/// The place of a code that was there from the start.
pub(crate) fn place_of(code: &str) -> Option<usize> {
    let digits = code.strip_prefix("HFD").filter(|d| d.len() == 15)?;
    digits.parse::<usize>().ok()?.checked_sub(FIRST_CODE)
}

/// Who a row is about; two rows may be about one person.
pub(crate) fn person_of(seed: u64, index: usize) -> Person {
    match GuestCase::of(index) {
        Some(GuestCase::IdLowerCase) => {
            // The same person with another phone.
            let phone = Person::of(seed, index).mobile;
            Person {
                mobile: phone,
                ..Person::of(seed, index - 1)
            }
        }
        Some(GuestCase::MergedIntoLater) => Person {
            mobile: Person::of(seed, index).mobile,
            ..Person::of(seed, index + 1)
        },
        Some(GuestCase::MergedIntoEarlier) => Person {
            mobile: Person::of(seed, index).mobile,
            ..Person::of(seed, index - 1)
        },
        Some(GuestCase::SamePhoneOtherId) => {
            let before = Person::of(seed, index - 1);
            Person {
                id_number: Person::of(seed, index).id_number,
                ..before
            }
        }
        Some(GuestCase::FamilyOnOnePhone) => {
            let first = index - (index % super::cases::GUEST_PERIOD - 10);
            Person {
                mobile: Person::of(seed, first).mobile,
                last: Person::of(seed, first).last,
                ..Person::of(seed, index)
            }
        }
        _ => Person::of(seed, index),
    }
}

pub(crate) fn row(seed: u64, index: usize, changed_at: i64) -> Row {
    let case = GuestCase::of(index);
    let person = person_of(seed, index);
    let mut dice = Dice::of(seed, "guest", index);
    let fields = plain(&mut dice, &person, index, changed_at);
    let fields = spoilt(fields, case, &mut dice, &person, index);
    Row {
        changed_at,
        key: code(index),
        fields,
        verdict: case.map_or(Verdict::Good, GuestCase::verdict),
        meaning: None,
        amount: 0,
        case: case.map(GuestCase::name),
    }
}

fn plain(dice: &mut Dice, person: &Person, index: usize, changed_at: i64) -> Fields {
    let mut fields = Fields::new();
    let mut set = |name: &str, value: Value| put(&mut fields, name, value);
    set("gcust_cod", json!(code(index)));
    set("last_nam", json!(dirt::padded(dice, person.last)));
    set("first_nam", json!(dirt::padded(dice, &person.first)));
    let alt = if dice.percent(70) {
        dirt::padded(dice, &person.full())
    } else {
        dirt::nothing(dice).to_owned()
    };
    set("alt_nam", json!(alt));
    let id = if dice.percent(55) {
        dirt::padded(dice, &person.id_number)
    } else {
        dirt::nothing(dice).to_owned()
    };
    set("id_nos", json!(id));
    let sex = if person.is_man { "M" } else { "F" };
    set("sex_typ", json!(if dice.percent(90) { sex } else { "X" }));
    match dice.below(10) {
        0 => set("birth_dat", Value::Null),
        1 => {}
        _ => set("birth_dat", json!(dirt::day(dice, person.birth))),
    }
    set(
        "contry_cod",
        json!(if dice.percent(85) { "TWN" } else { "   " }),
    );
    let phone = dirt::mobile(dice, &person.mobile);
    // Some clerks write the mobile behind the number of the house.
    if dice.percent(12) {
        set("contact1_rmk", json!(dirt::landline(dice, index)));
        set("contact2_rmk", json!(phone));
    } else {
        set("contact1_rmk", json!(phone));
        set("contact2_rmk", json!(""));
    }
    let mail = match dice.below(10) {
        0..=4 => json!(dirt::padded(dice, &person.email)),
        5 => Value::Null,
        6 => json!(format!("{:x}@guest.booking.com", dice.below(1 << 32))),
        _ => json!(dirt::nothing(dice)),
    };
    set("e_mail", mail);
    if dice.percent(30) {
        set("requst_rmk", json!(dice.pick(&WISHES)));
    }
    set("visit_nos", json!(dice.between(1, 12)));
    set("trans_tot", json!(dice.between(2, 200) * 1_000));
    set("vip_sta", json!(u8::from(dice.percent(3))));
    set("accept_dm", json!(dice.pick(&["Y", "Y", "Yes", "", " "])));
    set("merged_into", Value::Null);
    set("upd_dat", json!(dirt::moment(dice, taipei(changed_at))));
    fields
}

fn spoilt(
    mut fields: Fields,
    case: Option<GuestCase>,
    dice: &mut Dice,
    person: &Person,
    index: usize,
) -> Fields {
    let Some(case) = case else { return fields };
    let mut set = |name: &str, value: Value| put(&mut fields, name, value);
    match case {
        // Taken out below.
        GuestCase::MissingKey => {}
        GuestCase::ChangedIn1800 => set("upd_dat", json!("1800-01-01T00:00:00+08:00")),
        GuestCase::ChangedUnreadable => set("upd_dat", json!("昨天下午")),
        GuestCase::Nobody => {
            for name in [
                "last_nam",
                "first_nam",
                "alt_nam",
                "id_nos",
                "contact1_rmk",
                "contact2_rmk",
            ] {
                set(name, json!(dirt::nothing(dice)));
            }
        }
        GuestCase::FamilyOnOnePhone => set("id_nos", json!("")),
        GuestCase::PhoneAndId | GuestCase::SamePhoneOtherId | GuestCase::IdUpperCase => {
            set("id_nos", json!(person.id_number));
        }
        GuestCase::IdLowerCase => set("id_nos", json!(person.id_number.to_lowercase())),
        GuestCase::MergedIntoLater => set("merged_into", json!(code(index + 1))),
        GuestCase::MergedIntoEarlier => set("merged_into", json!(code(index - 1))),
        GuestCase::MergeTarget => set("id_nos", json!(person.id_number)),
        GuestCase::AgencyName => {
            set("last_nam", json!("agoda "));
            set("first_nam", json!(""));
            set("alt_nam", json!(person.full()));
        }
        GuestCase::AgencyNameOnly => {
            set("last_nam", json!("Booking.com"));
            set("first_nam", json!("  "));
            set("alt_nam", json!("-"));
            set("id_nos", json!(person.id_number));
        }
        GuestCase::Placeholders => {
            set("birth_dat", json!("1900-01-01"));
            set("id_nos", json!("0000000000"));
            set("contact1_rmk", json!("0000000000"));
            set("contact2_rmk", json!("0000-000-000"));
            set("e_mail", json!("9f3a1c@guest.booking.com"));
        }
        GuestCase::BirthIn1911 => set("birth_dat", json!("1911/01/01")),
        GuestCase::BirthIn1800 => set("birth_dat", json!("1800-01-01")),
        GuestCase::NoAdvertising => set("accept_dm", json!(dice.pick(&["N", "N ", "No"]))),
        GuestCase::LatinName => {
            set("last_nam", json!(""));
            set("first_nam", json!("-"));
            set("alt_nam", json!(person.latin));
        }
        GuestCase::LongFamilyName => {
            let name = format!("{}{}", rare_family(dice), person.first);
            set("last_nam", json!(""));
            set("first_nam", json!(""));
            set("alt_nam", json!(name));
        }
        GuestCase::LandlineOnly => {
            set("contact1_rmk", json!(dirt::landline(dice, index)));
            set("contact2_rmk", json!(""));
        }
    }
    if matches!(
        case,
        GuestCase::MergedIntoLater | GuestCase::MergedIntoEarlier
    ) {
        put(&mut fields, "id_nos", json!(""));
    }
    if case == GuestCase::MissingKey {
        fields.remove("gcust_cod");
    }
    fields
}
