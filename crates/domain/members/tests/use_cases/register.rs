use crate::desk::{Desk, STAFF, fields, text};
use chrono::NaiveDate;
use crm_kernel::{DomainError, ErrorKind, StoreError};
use crm_members::{
    IdNumberVault, MemberError, MemberSource, RegisterMember, SealedIdNumber, VaultError,
};
use crm_memory::PlainVault;

fn li_xiaohua() -> RegisterMember {
    RegisterMember {
        first_name: text(" 小華 "),
        last_name: text("李"),
        email: text("new.member@email.com"),
        phone: text("0987-654-321"),
        id_number: text("b987654321"),
        ..RegisterMember::default()
    }
}

#[tokio::test]
async fn staff_register_a_guest_who_accepts_marketing_unless_they_say_otherwise() {
    let desk = Desk::new();
    let member = desk.register(li_xiaohua()).await.unwrap();
    assert_eq!(desk.stored(member.id()), member);
    let record = member.record();
    assert_eq!(record.source, MemberSource::System);
    assert_eq!(record.created_at, desk.at(0));
    assert_eq!(
        (record.updated_at, record.last_interaction_at),
        (None, None)
    );
    assert!(record.accept_marketing);
    assert_eq!(member.shown_name().as_deref(), Some("李小華"));
    let phone = record.phone.as_ref().unwrap();
    assert_eq!(phone.as_str(), "0987-654-321");
    assert_eq!(phone.normalised(), "+886987654321");

    let silent = RegisterMember {
        accept_marketing: Some(false),
        id_number: None,
        ..li_xiaohua()
    };
    let member = desk.register(silent).await.unwrap();
    assert!(!member.accepts_marketing());
}

#[tokio::test]
async fn an_id_number_is_stored_sealed_in_its_one_form() {
    let desk = Desk::new();
    let member = desk.register(li_xiaohua()).await.unwrap();
    let SealedIdNumber {
        ciphertext,
        blind_index,
    } = member.record().id_number.clone().unwrap();
    assert_eq!(blind_index, "index:B987654321");
    let opened = PlainVault::default().open(&ciphertext).unwrap();
    assert_eq!(opened.masked(), "B98****321");
    assert!(!format!("{:?}", member.record()).contains("B98"));
}

#[tokio::test]
async fn one_id_number_belongs_to_one_guest_however_it_is_typed() {
    let desk = Desk::new();
    desk.register(li_xiaohua()).await.unwrap();
    let again = RegisterMember {
        id_number: text("　Ｂ987654321 "),
        ..li_xiaohua()
    };
    let error = desk.register(again).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(error.code(), "member_duplicate");
    assert_eq!(fields(&error), ["id_number"]);
    assert_eq!(desk.store.members().len(), 1);
}

#[tokio::test]
async fn an_email_and_a_phone_may_be_shared() {
    let desk = Desk::new();
    for _ in 0..2 {
        let family = RegisterMember {
            id_number: None,
            ..li_xiaohua()
        };
        desk.register(family).await.unwrap();
    }
    assert_eq!(desk.store.members().len(), 2);
}

#[tokio::test]
async fn every_mistake_is_named_at_once() {
    let desk = Desk::new();
    let wrong = RegisterMember {
        first_name: text(&"名".repeat(51)),
        last_name: text("李\u{0}"),
        birthday: NaiveDate::from_ymd_opt(2026, 9, 2),
        email: text("nowhere"),
        phone: text("call me"),
        id_number: text(&"1".repeat(51)),
        ..RegisterMember::default()
    };
    let error = desk.register(wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(
        fields(&error),
        [
            "id_number",
            "first_name",
            "last_name",
            "email",
            "phone",
            "birthday"
        ]
    );
    assert!(desk.store.members().is_empty());
}

#[tokio::test]
async fn nobody_is_registered_without_anything_to_know_them_by() {
    let nobody = RegisterMember {
        first_name: text("  "),
        notes: text("tall"),
        ..RegisterMember::default()
    };
    let error = Desk::new().register(nobody).await.unwrap_err();
    assert_eq!(error.code(), "member_invalid");
    assert!(fields(&error).contains(&"email".to_owned()));

    for known_by in [
        RegisterMember {
            last_name: text("李"),
            ..RegisterMember::default()
        },
        RegisterMember {
            id_number: text("B987654321"),
            ..RegisterMember::default()
        },
    ] {
        Desk::new().register(known_by).await.unwrap();
    }
}

#[tokio::test]
async fn a_birthday_lies_between_1900_and_today() {
    let desk = Desk::new();
    let born = |year, month, day| RegisterMember {
        first_name: text("小華"),
        birthday: NaiveDate::from_ymd_opt(year, month, day),
        ..RegisterMember::default()
    };
    desk.register(born(1900, 1, 1)).await.unwrap();
    desk.register(born(2026, 9, 1)).await.unwrap();
    for wrong in [born(1899, 12, 31), born(2026, 9, 2)] {
        let error = desk.register(wrong).await.unwrap_err();
        assert_eq!(fields(&error), ["birthday"]);
    }
}

#[tokio::test]
async fn notes_are_replaced_and_blank_ones_cleared() {
    let desk = Desk::new();
    let id = desk.register(li_xiaohua()).await.unwrap().id();
    let set = async |notes| desk.members.set_notes(&STAFF, id, notes).await;
    let stored = || desk.stored(id).record().notes.clone();
    set(Some("常預訂商務房型\n偏好高樓層")).await.unwrap();
    assert_eq!(stored().unwrap().as_str(), "常預訂商務房型\n偏好高樓層");
    set(Some(" ")).await.unwrap();
    assert_eq!(stored(), None);

    let error = set(Some("a\u{0}")).await.unwrap_err();
    assert_eq!(fields(&error), ["notes"]);
    let nobody = desk.members.set_notes(&STAFF, 999.into(), None).await;
    assert_eq!(nobody.unwrap_err().code(), "member_not_found");
}

#[test]
fn a_lost_race_and_a_broken_vault_are_told_apart() {
    for (key, field) in [
        ("member_id_number", "id_number"),
        ("member_line_uid", "line_uid"),
    ] {
        let error = MemberError::from(StoreError::Duplicate { key });
        assert_eq!(error.code(), "member_duplicate");
        assert_eq!(fields(&error), [field]);
    }
    let error = MemberError::from(VaultError::UnknownKey);
    assert_eq!(error.kind(), ErrorKind::Internal);
}
