use crate::desk::{Desk, STAFF, text};
use chrono::NaiveDate;
use crm_kernel::{Actor, Patch};
use crm_members::{
    ConsumptionSummary, MemberDetail, MemberRow, RecordStay, RegisterMember, UpdateMember,
};
use serde_json::{Value, json};

fn guest() -> RegisterMember {
    RegisterMember {
        first_name: text("小華"),
        phone: text("0987-654-321"),
        id_number: text("B987654321"),
        ..RegisterMember::default()
    }
}

fn log(desk: &Desk) -> Vec<(&'static str, Value, Value)> {
    let entries = desk.store.audit().into_iter();
    entries
        .inspect(|entry| assert_eq!((entry.subject, &entry.actor), ("member", &STAFF)))
        .map(|entry| (entry.action, entry.before.into(), entry.after.into()))
        .collect()
}

#[tokio::test]
async fn every_change_of_staff_is_written_down_once_with_what_changed() {
    let desk = Desk::new();
    let id = desk.register(guest()).await.unwrap().id();
    let change = UpdateMember {
        phone: Patch::Clear,
        id_number: Patch::Set("A123456789".to_owned()),
        ..UpdateMember::default()
    };
    for _ in 0..2 {
        let change = change.clone();
        desk.members.update(&STAFF, id, change).await.unwrap();
        let notes = Some("high floor");
        desk.members.set_notes(&STAFF, id, notes).await.unwrap();
    }
    assert_eq!(
        log(&desk),
        [
            (
                "member.created",
                json!({}),
                json!({"first_name": "小華", "phone": "0987-654-321", "id_number": "B98****321",
                    "accept_marketing": true})
            ),
            (
                "member.updated",
                json!({"phone": "0987-654-321", "id_number": "B98****321"}),
                json!({"phone": null, "id_number": "A12****789"})
            ),
            (
                "member.notes_updated",
                json!({"notes": null}),
                json!({"notes": "high floor"})
            ),
        ]
    );
}

#[tokio::test]
async fn a_corrected_id_number_is_told_also_when_both_look_alike() {
    let desk = Desk::new();
    let id = desk.register(guest()).await.unwrap().id();
    for number in ["B987600321", "b987600321"] {
        let change = UpdateMember {
            id_number: Patch::Set(number.to_owned()),
            ..UpdateMember::default()
        };
        desk.members.update(&STAFF, id, change).await.unwrap();
    }
    let log = log(&desk);
    assert_eq!(log.len(), 2);
    assert_eq!(
        log[1],
        ("member.updated", json!({}), json!({"id_number": "changed"}))
    );
}

#[tokio::test]
async fn a_deleted_guest_leaves_who_did_what_and_nothing_of_themselves() {
    let desk = Desk::new();
    let id = desk.register(guest()).await.unwrap().id();
    let day = NaiveDate::from_ymd_opt(2026, 8, 1).unwrap();
    let stay = RecordStay {
        order_number: "#1".to_owned(),
        room_type: None,
        amount_minor: 100,
        check_in_date: day,
        check_out_date: day,
        booked_at: None,
    };
    desk.members.record_stay(&STAFF, id, stay).await.unwrap();
    let told = log(&desk).pop().unwrap();
    assert_eq!(
        (told.0, &told.2["order_number"]),
        ("stay.created", &json!("#1"))
    );

    let mut tx = desk.begin().await;
    desk.members.delete_in(&mut *tx, &STAFF, id).await.unwrap();
    tx.commit().await.unwrap();
    let nothing = || (json!({}), json!({}));
    let expected = ["member.created", "stay.created", "member.deleted"];
    assert_eq!(
        log(&desk),
        expected.map(|action| (action, nothing().0, nothing().1))
    );
}

#[tokio::test]
async fn what_line_tells_is_no_deed_of_staff() {
    let desk = Desk::new();
    desk.follow("U1", 0).await;
    desk.unfollow("U1", 1).await;
    assert!(desk.store.audit().is_empty());
}

#[tokio::test]
async fn reading_an_id_number_in_full_is_written_down_and_reading_it_masked_is_not() {
    let desk = Desk::new();
    let member = desk.register(guest()).await.unwrap();
    let mut detail = detail_of(&member);
    let masked = desk.members.masked_id_number(&detail).unwrap();
    assert_eq!(masked.as_deref(), Some("B98****321"));
    assert_eq!(desk.store.audit().len(), 1);

    let number = desk.members.id_number_in_full(&STAFF, &detail).await;
    assert_eq!(number.unwrap().unwrap().as_str(), "B987654321");
    let read = desk.store.audit().pop().unwrap();
    assert_eq!(read.action, "member.id_number_read");
    assert_eq!(read.subject_id, Some(member.id().get()));
    assert!(read.before.is_empty() && read.after.is_empty());

    detail.id_number = None;
    let nothing = desk
        .members
        .id_number_in_full(&Actor::System, &detail)
        .await;
    assert_eq!(nothing.unwrap(), None);
    assert_eq!(desk.store.audit().len(), 2);
}

fn detail_of(member: &crm_members::Member) -> MemberDetail {
    let record = member.record();
    MemberDetail {
        row: MemberRow {
            id: member.id(),
            line_uid: None,
            line_display_name: None,
            line_picture_url: None,
            line_state: None,
            first_name: None,
            last_name: None,
            gender: None,
            email: None,
            phone: None,
            source: record.source,
            accept_marketing: true,
            tags: Vec::new(),
            created_at: record.created_at,
            last_interaction_at: None,
        },
        followed_at: None,
        unfollowed_at: None,
        birthday: None,
        id_number: record.id_number.clone(),
        notes: None,
        consumption_summary: ConsumptionSummary::default(),
        rfm: None,
        updated_at: None,
    }
}
