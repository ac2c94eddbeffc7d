use crate::desk::{Desk, STAFF, fields, text};
use chrono::TimeDelta;
use crm_kernel::{DomainError, MemberId, Patch};
use crm_members::{Gender, Member, MemberError, RegisterMember, UpdateMember};

async fn wang(desk: &Desk, id_number: &str) -> MemberId {
    let wang = RegisterMember {
        first_name: text("小明"),
        last_name: text("王"),
        gender: Some(Gender::Male),
        phone: text("0912-345-678"),
        id_number: text(id_number),
        ..RegisterMember::default()
    };
    desk.register(wang).await.unwrap().id()
}

async fn update(desk: &Desk, id: MemberId, change: UpdateMember) -> Result<Member, MemberError> {
    desk.clock.advance(TimeDelta::minutes(1));
    desk.members.update(&STAFF, id, change).await
}

fn set(text: &str) -> Patch<String> {
    Patch::Set(text.to_owned())
}

#[tokio::test]
async fn what_is_not_mentioned_stays_and_what_is_null_or_blank_goes() {
    let desk = Desk::new();
    let id = wang(&desk, "A123456789").await;
    let change = UpdateMember {
        first_name: set("大明"),
        gender: Patch::Clear,
        phone: set(" "),
        ..UpdateMember::default()
    };
    let member = update(&desk, id, change).await.unwrap();
    assert_eq!(desk.stored(id), member);
    let record = member.record();
    assert_eq!(member.shown_name().as_deref(), Some("王大明"));
    assert_eq!((record.gender, &record.phone), (None, &None));
    assert!(record.id_number.is_some());
    assert!(record.accept_marketing);
    assert_eq!(record.updated_at, Some(desk.at(1)));
    assert_eq!(record.created_at, desk.at(0));
}

#[tokio::test]
async fn the_same_said_again_leaves_no_trace() {
    let desk = Desk::new();
    let id = wang(&desk, "A123456789").await;
    let before = desk.stored(id);
    let same = UpdateMember {
        first_name: set("小明"),
        id_number: set("a123456789"),
        accept_marketing: Patch::Set(true),
        ..UpdateMember::default()
    };
    update(&desk, id, same).await.unwrap();
    assert_eq!(desk.stored(id), before);
}

#[tokio::test]
async fn an_id_number_cannot_be_taken_from_somebody_else() {
    let desk = Desk::new();
    wang(&desk, "A123456789").await;
    let id = wang(&desk, "A987654321").await;
    let before = desk.stored(id);
    let change = UpdateMember {
        first_name: set("大明"),
        id_number: set("a123456789"),
        ..UpdateMember::default()
    };
    let error = update(&desk, id, change).await.unwrap_err();
    assert_eq!(error.code(), "member_duplicate");
    assert_eq!(fields(&error), ["id_number"]);
    assert_eq!(desk.stored(id), before);
}

#[tokio::test]
async fn an_id_number_that_was_given_up_is_free_again() {
    let desk = Desk::new();
    let id = wang(&desk, "A123456789").await;
    let change = UpdateMember {
        id_number: Patch::Clear,
        ..UpdateMember::default()
    };
    update(&desk, id, change).await.unwrap();
    wang(&desk, "A123456789").await;
}

#[tokio::test]
async fn consent_cannot_be_unknown_and_mistakes_are_named_together() {
    let desk = Desk::new();
    let id = wang(&desk, "A123456789").await;
    let change = UpdateMember {
        email: set("nowhere"),
        accept_marketing: Patch::Clear,
        ..UpdateMember::default()
    };
    let error = update(&desk, id, change).await.unwrap_err();
    assert_eq!(fields(&error), ["email", "accept_marketing"]);
}

#[tokio::test]
async fn a_guest_cannot_become_nobody_unless_line_knows_them() {
    let desk = Desk::new();
    let nothing = UpdateMember {
        first_name: Patch::Clear,
        last_name: Patch::Clear,
        phone: Patch::Clear,
        id_number: Patch::Clear,
        ..UpdateMember::default()
    };
    let id = wang(&desk, "A123456789").await;
    let error = update(&desk, id, nothing.clone()).await.unwrap_err();
    assert_eq!(error.code(), "member_invalid");

    let friend = desk.follow("U1", 0).await.member.id();
    update(&desk, friend, nothing).await.unwrap();
}

#[tokio::test]
async fn an_unknown_member_is_not_updated() {
    let desk = Desk::new();
    let result = update(&desk, 999.into(), UpdateMember::default()).await;
    assert_eq!(result.unwrap_err().code(), "member_not_found");
}
