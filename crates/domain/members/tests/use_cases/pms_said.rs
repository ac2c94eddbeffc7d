//! Which value wins when the hotel's own system says something else.

use crate::desk::{Desk, STAFF, text};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use crm_kernel::Patch;
use crm_members::{
    EditedField, Email, Gender, IdNumber, IdNumberVault, MemberRecord, PersonName, Phone, PmsGuest,
    RegisterMember, SealedIdNumber, UpdateMember, said_by_pms,
};
use crm_memory::PlainVault;

/// What each says of one field.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Says {
    Nothing,
    Old,
    New,
}

/// What is on the row, what the hotel's own system says, minutes of its change after the staff's
/// (none: staff never touched the field), and what is on the row then.
const CASES: [(Says, Says, Option<i64>, Says); 11] = [
    (Says::Old, Says::New, None, Says::New),
    (Says::Nothing, Says::New, None, Says::New),
    (Says::Old, Says::Nothing, None, Says::Old),
    (Says::Nothing, Says::Nothing, None, Says::Nothing),
    (Says::Old, Says::New, Some(1), Says::New),
    (Says::Old, Says::New, Some(0), Says::Old),
    (Says::Old, Says::New, Some(-1), Says::Old),
    (Says::Old, Says::Nothing, Some(1), Says::Old),
    (Says::Nothing, Says::New, Some(-1), Says::Nothing),
    (Says::Nothing, Says::New, Some(1), Says::New),
    (Says::Nothing, Says::Nothing, Some(1), Says::Nothing),
];

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(1_000 + minutes)
}

fn word(says: Says) -> Option<&'static str> {
    match says {
        Says::Nothing => None,
        Says::Old => Some("old"),
        Says::New => Some("new"),
    }
}

fn day(says: Says) -> Option<NaiveDate> {
    word(says).and_then(|w| NaiveDate::from_ymd_opt(if w == "old" { 1988 } else { 1999 }, 5, 20))
}

fn gender(says: Says) -> Option<Gender> {
    word(says).map(|w| {
        if w == "old" {
            Gender::Male
        } else {
            Gender::Female
        }
    })
}

fn name(says: Says) -> Option<PersonName> {
    word(says).map(|w| PersonName::parse(w).unwrap())
}

fn email(says: Says) -> Option<Email> {
    word(says).map(|w| Email::parse(&format!("{w}@a.tw")).unwrap())
}

fn phone(says: Says) -> Option<Phone> {
    word(says).map(|w| {
        Phone::parse(if w == "old" {
            "0912345678"
        } else {
            "0987654321"
        })
        .unwrap()
    })
}

fn sealed(says: Says) -> Option<SealedIdNumber> {
    let number = word(says).map(|w| IdNumber::parse(w).unwrap())?;
    Some(PlainVault::default().seal(&number).unwrap())
}

async fn blank() -> MemberRecord {
    let desk = Desk::new();
    let someone = RegisterMember {
        notes: text("高樓層"),
        email: text("x@a.tw"),
        ..RegisterMember::default()
    };
    let member = desk.register(someone).await.unwrap();
    MemberRecord {
        email: None,
        edits: crm_members::FieldEdits::default(),
        ..member.record().clone()
    }
}

fn with(record: MemberRecord, field: EditedField, says: Says) -> MemberRecord {
    match field {
        EditedField::LastName => MemberRecord {
            last_name: name(says),
            ..record
        },
        EditedField::FirstName => MemberRecord {
            first_name: name(says),
            ..record
        },
        EditedField::Gender => MemberRecord {
            gender: gender(says),
            ..record
        },
        EditedField::Birthday => MemberRecord {
            birthday: day(says),
            ..record
        },
        EditedField::Email => MemberRecord {
            email: email(says),
            ..record
        },
        EditedField::Phone => MemberRecord {
            phone: phone(says),
            ..record
        },
        EditedField::IdNumber => MemberRecord {
            id_number: sealed(says),
            ..record
        },
    }
}

fn guest(field: EditedField, says: Says, changed: DateTime<Utc>) -> PmsGuest {
    let nobody = PmsGuest::nobody(changed);
    match field {
        EditedField::LastName => PmsGuest {
            last_name: name(says),
            ..nobody
        },
        EditedField::FirstName => PmsGuest {
            first_name: name(says),
            ..nobody
        },
        EditedField::Gender => PmsGuest {
            gender: gender(says),
            ..nobody
        },
        EditedField::Birthday => PmsGuest {
            birthday: day(says),
            ..nobody
        },
        EditedField::Email => PmsGuest {
            email: email(says),
            ..nobody
        },
        EditedField::Phone => PmsGuest {
            phone: phone(says),
            ..nobody
        },
        EditedField::IdNumber => nobody,
    }
}

#[tokio::test]
async fn of_every_field_the_newer_value_wins_and_nothing_never_does() {
    let blank = blank().await;
    for field in EditedField::ALL {
        for (stands, says, newer_by, expected) in CASES {
            let edits = blank.edits.clone();
            let old = MemberRecord {
                edits: edits.with(field, newer_by.map(|_| at(0))),
                ..with(blank.clone(), field, stands)
            };
            let guest = guest(field, says, at(newer_by.unwrap_or(0)));
            let number = sealed(says).filter(|_| field == EditedField::IdNumber);
            let new = said_by_pms(&guest, number, old.clone());
            let keeps_number = field == EditedField::IdNumber && stands != Says::Nothing;
            let expected = if keeps_number { stands } else { expected };
            let expected = with(old, field, expected);
            assert!(
                new == expected,
                "{field:?} {stands:?} {says:?} {newer_by:?}"
            );
        }
    }
}

#[tokio::test]
async fn consent_can_only_be_withdrawn() {
    let blank = blank().await;
    for (stands, says, expected) in [
        (true, None, true),
        (true, Some(true), true),
        (true, Some(false), false),
        (false, Some(true), false),
        (false, None, false),
    ] {
        let old = MemberRecord {
            accept_marketing: stands,
            ..blank.clone()
        };
        let guest = PmsGuest {
            accepts_marketing: says,
            ..PmsGuest::nobody(at(0))
        };
        assert_eq!(said_by_pms(&guest, None, old).accept_marketing, expected);
    }
}

#[tokio::test]
async fn a_phone_or_an_address_stays_as_typed_when_it_is_only_written_otherwise() {
    let old = MemberRecord {
        phone: Some(Phone::parse("0912-345-678").unwrap()),
        email: Some(Email::parse("Wang@A.tw").unwrap()),
        ..blank().await
    };
    let guest = PmsGuest {
        phone: Some(Phone::parse("+886912345678").unwrap()),
        email: Some(Email::parse("wang@a.tw").unwrap()),
        ..PmsGuest::nobody(at(9))
    };
    assert!(said_by_pms(&guest, None, old.clone()) == old);
}

#[tokio::test]
async fn what_staff_type_in_is_newer_than_what_changed_in_the_hotel_before() {
    let desk = Desk::new();
    let typed = RegisterMember {
        first_name: text("小明"),
        phone: text("0912345678"),
        ..RegisterMember::default()
    };
    let id = desk.register(typed).await.unwrap().id();
    desk.clock.advance(TimeDelta::hours(1));
    let change = UpdateMember {
        first_name: Patch::Set("大明".to_owned()),
        phone: Patch::Clear,
        ..UpdateMember::default()
    };
    desk.members.update(&STAFF, id, change).await.unwrap();
    let record = desk.stored(id).record().clone();
    let said = |minutes| {
        let guest = PmsGuest {
            first_name: name(Says::New),
            last_name: name(Says::New),
            phone: phone(Says::New),
            ..PmsGuest::nobody(desk.at(minutes))
        };
        let new = said_by_pms(&guest, None, record.clone());
        [
            new.first_name,
            new.last_name,
            new.phone
                .map(|p| PersonName::from_stored(p.as_str().to_owned())),
        ]
        .map(|n| n.map(|n| n.as_str().to_owned()))
    };
    let (new, phone) = (Some("new".to_owned()), Some("0987654321".to_owned()));
    assert_eq!(said(30), [Some("大明".to_owned()), new.clone(), None]);
    assert_eq!(said(61), [new.clone(), new, phone]);
}

#[tokio::test]
async fn when_staff_changed_a_field_is_nothing_the_audit_tells() {
    let desk = Desk::new();
    let typed = RegisterMember {
        first_name: text("小明"),
        ..RegisterMember::default()
    };
    let id = desk.register(typed).await.unwrap().id();
    let change = UpdateMember {
        first_name: Patch::Set("大明".to_owned()),
        ..UpdateMember::default()
    };
    desk.members.update(&STAFF, id, change).await.unwrap();
    let entry = desk.store.audit().pop().unwrap();
    let told: Vec<&String> = entry.after.keys().collect();
    assert_eq!(told, ["first_name"]);
}
