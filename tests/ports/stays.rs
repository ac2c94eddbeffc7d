use crate::samples::{Store, at, begin, commit, friend, members};
use chrono::NaiveDate;
use crm_database::Database;
use crm_kernel::{Actor, MemberId, PageRequest, StayId, StoreError};
use crm_members::{MemberError, MemberQueries, NewStay, RecordStay, StaySource};

mod on_databases {
    use super::*;

    crate::contract!(
        a_stay_is_read_back_as_it_was_written,
        stays_come_page_by_page_and_those_without_a_day_last,
        what_was_booked_is_listed_and_not_summed_and_what_was_cancelled_is_neither,
        of_nobody_there_are_no_stays,
    );
}

crate::contract_on_every_store!(
    an_order_number_belongs_to_one_stay,
    a_stay_needs_a_member,
    a_deleted_member_leaves_no_stay_behind,
);

fn day(day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2026, 9, day)
}

/// A stay that the hotel's own system knows of.
fn stay(member: MemberId, order_number: &str) -> NewStay {
    NewStay {
        member,
        order_number: order_number.into(),
        room_type: Some("商務雙人房".into()),
        amount_minor: 1_800_050,
        check_in_date: day(15),
        check_out_date: day(18),
        nights: Some(3),
        source: StaySource::Pms,
        pms_status: Some("checked_out".into()),
        booked_at: Some(at(-60)),
        created_at: at(0),
    }
}

async fn store_all(store: &impl Store, stays: &[NewStay]) -> Vec<StayId> {
    let mut tx = begin(store).await;
    let mut ids = Vec::new();
    for stay in stays {
        ids.push(tx.members().insert_stay(stay).await.unwrap());
    }
    commit(tx).await;
    ids
}

async fn a_stay_is_read_back_as_it_was_written(db: Database) {
    let member = friend(&db, "U1", at(0)).await;
    let known = stay(member, "OD1");
    let bare = NewStay {
        room_type: None,
        check_in_date: None,
        check_out_date: None,
        nights: None,
        source: StaySource::Manual,
        pms_status: None,
        booked_at: None,
        ..stay(member, "單號 😀 2")
    };
    let ids = store_all(&db, &[known.clone(), bare.clone()]).await;
    let page = PageRequest::new(1, 10).unwrap();
    let list = members(&db).stays(member, page).await.unwrap();
    assert_eq!(list.total, 2);
    assert_eq!(
        list.items,
        [known.stored_as(ids[0]), bare.stored_as(ids[1])]
    );
}

async fn stays_come_page_by_page_and_those_without_a_day_last(db: Database) {
    let member = friend(&db, "U1", at(0)).await;
    let other = friend(&db, "U2", at(0)).await;
    let arriving = |order_number: &str, check_in_date| NewStay {
        check_in_date,
        ..stay(member, order_number)
    };
    let stays = [
        arriving("none", None),
        arriving("early", day(1)),
        arriving("late", day(9)),
        arriving("middle", day(5)),
        arriving("middle again", day(5)),
        stay(other, "somebody else's"),
    ];
    store_all(&db, &stays).await;
    let mut seen = Vec::new();
    for page in 1..=4 {
        let page = PageRequest::new(page, 2).unwrap();
        let list = db.stays(member, page).await.unwrap();
        assert_eq!((list.total, list.request), (5, page));
        seen.extend(list.items.into_iter().map(|stay| stay.order_number));
    }
    assert_eq!(seen, ["late", "middle again", "middle", "early", "none"]);
}

async fn what_was_booked_is_listed_and_not_summed_and_what_was_cancelled_is_neither(db: Database) {
    let member = friend(&db, "U1", at(0)).await;
    let with = |status: &str| NewStay {
        pms_status: Some(status.into()),
        ..stay(member, status)
    };
    let stays = ["booked", "cancelled", "checked_out"].map(with);
    store_all(&db, &stays).await;
    let manual = RecordStay {
        order_number: "WI1".into(),
        room_type: None,
        amount_minor: 200_000,
        check_in_date: day(1).unwrap(),
        check_out_date: day(2).unwrap(),
        booked_at: Some(at(-5)),
    };
    let recorded = members(&db)
        .record_stay(&Actor::System, member, manual.clone())
        .await
        .unwrap();
    let summary = db.detail(member).await.unwrap().unwrap();
    let summary = summary.consumption_summary;
    assert_eq!((summary.total_amount, summary.total_orders), (2_000_050, 2));
    let page = PageRequest::new(1, 10).unwrap();
    let list = db.stays(member, page).await.unwrap();
    assert_eq!((list.total, list.items.last()), (3, Some(&recorded)));

    let again = members(&db)
        .record_stay(&Actor::System, member, manual)
        .await;
    assert!(matches!(again, Err(MemberError::StayDuplicate)));
}

async fn of_nobody_there_are_no_stays(db: Database) {
    let page = PageRequest::new(1, 10).unwrap();
    let nobody = MemberId::new(999);
    let listed = members(&db).stays(nobody, page).await;
    assert!(matches!(listed, Err(MemberError::NotFound)));
    assert!(db.stays(nobody, page).await.unwrap().items.is_empty());
}

async fn an_order_number_belongs_to_one_stay(store: impl Store) {
    let member = friend(&store, "U1", at(0)).await;
    let other = friend(&store, "U2", at(0)).await;
    store_all(&store, &[stay(member, "OD1")]).await;
    let mut tx = begin(&store).await;
    for member in [member, other] {
        let again = tx.members().insert_stay(&stay(member, "OD1")).await;
        assert!(matches!(
            again,
            Err(StoreError::Duplicate {
                key: "stay_order_number"
            })
        ));
    }
    // The unit of work is still good, and capitals count.
    tx.members().insert_stay(&stay(other, "od1")).await.unwrap();
    commit(tx).await;
}

async fn a_stay_needs_a_member(store: impl Store) {
    let mut tx = begin(&store).await;
    let nobody = stay(MemberId::new(999), "OD1");
    let refused = tx.members().insert_stay(&nobody).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
}

async fn a_deleted_member_leaves_no_stay_behind(store: impl Store) {
    let member = friend(&store, "U1", at(0)).await;
    store_all(&store, &[stay(member, "OD1")]).await;
    let mut tx = begin(&store).await;
    assert!(tx.members().delete(member).await.unwrap());
    commit(tx).await;
    let other = friend(&store, "U2", at(0)).await;
    // Its order number is free again.
    store_all(&store, &[stay(other, "OD1")]).await;
}
