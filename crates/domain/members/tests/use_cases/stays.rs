use crate::desk::{Desk, STAFF, fields, text};
use chrono::{DateTime, NaiveDate};
use crm_kernel::{DomainError, ErrorKind, MemberId};
use crm_members::{MemberError, RecordStay, StayRow, StaySource};

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 9, day).unwrap()
}

fn three_nights(order_number: &str) -> RecordStay {
    RecordStay {
        order_number: order_number.to_owned(),
        room_type: text("商務雙人房"),
        amount_minor: 1_800_000,
        check_in_date: day(15),
        check_out_date: day(18),
        booked_at: None,
    }
}

async fn record(desk: &Desk, id: MemberId, stay: RecordStay) -> Result<StayRow, MemberError> {
    desk.members.record_stay(&STAFF, id, stay).await
}

#[tokio::test]
async fn a_stay_is_written_down_with_its_nights() {
    let desk = Desk::new();
    let id = desk.store.some_member();
    let stay = record(&desk, id, three_nights(" #2025091501 ")).await;
    let stay = stay.unwrap();
    assert_eq!(stay.order_number, "#2025091501");
    assert_eq!((stay.nights, stay.source), (Some(3), StaySource::Manual));
    assert_eq!(
        (stay.pms_status.clone(), stay.created_at),
        (None, desk.at(0))
    );
    let stored = desk.store.stays(id);
    assert_eq!(stored, [stay]);
}

#[tokio::test]
async fn a_room_may_be_used_by_day_and_need_not_be_known() {
    let desk = Desk::new();
    let by_day = RecordStay {
        room_type: text(" "),
        check_out_date: day(15),
        ..three_nights("#1")
    };
    let id = desk.store.some_member();
    let stay = record(&desk, id, by_day).await.unwrap();
    assert_eq!((stay.nights, stay.room_type), (Some(0), None));
}

#[tokio::test]
async fn an_order_number_is_written_down_once() {
    let desk = Desk::new();
    let (id, other) = (desk.store.some_member(), desk.store.some_member());
    record(&desk, id, three_nights("#1")).await.unwrap();
    for id in [id, other] {
        let error = record(&desk, id, three_nights("#1 ")).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Conflict, "stay_duplicate")
        );
        assert_eq!(fields(&error), ["order_number"]);
    }
}

#[tokio::test]
async fn mistakes_are_named_together() {
    let desk = Desk::new();
    let id = desk.store.some_member();
    let wrong = RecordStay {
        order_number: " ".to_owned(),
        room_type: Some("房".repeat(101)),
        amount_minor: -1,
        check_in_date: day(18),
        check_out_date: day(15),
        booked_at: Some(DateTime::<chrono::Utc>::MAX_UTC),
    };
    let error = record(&desk, id, wrong).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Invalid, "stay_invalid")
    );
    assert_eq!(
        fields(&error),
        [
            "order_number",
            "room_type",
            "amount",
            "check_out_date",
            "booked_at"
        ]
    );
    let ever = RecordStay {
        order_number: "a\u{0}b".to_owned(),
        amount_minor: RecordStay::MAX_AMOUNT_MINOR + 1,
        check_in_date: NaiveDate::MIN,
        check_out_date: NaiveDate::MAX,
        ..three_nights("")
    };
    let error = record(&desk, id, ever).await.unwrap_err();
    assert_eq!(
        fields(&error),
        ["order_number", "amount", "check_in_date", "check_out_date"]
    );
    assert!(desk.store.stays(id).is_empty());
}

#[tokio::test]
async fn the_largest_of_everything_is_accepted() {
    let desk = Desk::new();
    let id = desk.store.some_member();
    let largest = RecordStay {
        room_type: Some("房".repeat(100)),
        amount_minor: RecordStay::MAX_AMOUNT_MINOR,
        ..three_nights(&"單".repeat(50))
    };
    record(&desk, id, largest).await.unwrap();
    let error = record(&desk, id, three_nights(&"單".repeat(51))).await;
    assert_eq!(fields(&error.unwrap_err()), ["order_number"]);
}

#[tokio::test]
async fn nobody_does_not_stay() {
    let desk = Desk::new();
    let error = record(&desk, 999.into(), three_nights("#1")).await;
    assert_eq!(error.unwrap_err().code(), "member_not_found");
}
