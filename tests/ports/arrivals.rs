//! Which stays a timeline tells, and when they begin.

use crate::samples::{at, begin, commit, friend};
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use crm_database::Database;
use crm_kernel::{HotelTime, MemberId, PageRequest};
use crm_members::{MemberQueries, NewStay, StaySource, TimelineKind};

crate::contract!(
    only_stays_that_took_place_by_today_are_arrivals,
    a_day_begins_at_the_hotels_midnight_also_after_a_change_of_clocks,
);

async fn stay(db: &Database, member: MemberId, day: NaiveDate, status: Option<&str>) {
    let new = NewStay {
        member,
        order_number: format!("{day} {}", status.unwrap_or("by hand")),
        room_type: None,
        amount_minor: 100,
        check_in_date: Some(day),
        check_out_date: None,
        nights: None,
        source: StaySource::Manual,
        pms_status: status.map(str::to_owned),
        booked_at: None,
        created_at: at(0),
    };
    let mut tx = begin(db).await;
    tx.members().insert_stay(&new).await.unwrap();
    commit(tx).await;
}

/// Title and moment of each arrival, on pages of two.
async fn arrivals(
    db: &Database,
    member: MemberId,
    now: DateTime<Utc>,
    zone: Tz,
) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for number in 1..=5 {
        let page = PageRequest::new(number, 2).unwrap();
        let asked = (now, HotelTime::new(zone));
        let page = MemberQueries::timeline(db, member, asked, page);
        all.extend(page.await.unwrap().items);
    }
    assert!(all.is_sorted_by(|one, next| one.at >= next.at));
    let stays = all.into_iter().filter(|e| e.kind == TimelineKind::Stay);
    stays
        .map(|entry| (entry.title, entry.at.to_rfc3339()))
        .collect()
}

async fn only_stays_that_took_place_by_today_are_arrivals(db: Database) {
    let member = friend(&db, "U1", at(-60)).await;
    let today = NaiveDate::from_ymd_opt(2026, 9, 24).unwrap();
    for status in ["checked_out", "in_house", "booked", "cancelled", "no_show"] {
        stay(&db, member, today - Days::new(1), Some(status)).await;
    }
    stay(&db, member, today, None).await;
    stay(&db, member, today + Days::new(1), None).await;
    let told = arrivals(&db, member, at(0), Tz::Asia__Taipei).await;
    let told: Vec<_> = told
        .iter()
        .map(|(t, at)| (t.as_str(), at.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("2026-09-24 by hand", "2026-09-23T16:00:00+00:00"),
            ("2026-09-23 in_house", "2026-09-22T16:00:00+00:00"),
            ("2026-09-23 checked_out", "2026-09-22T16:00:00+00:00"),
        ]
    );
    // In Taipei the 25th has begun, in UTC it has not.
    let tonight = at(14 * 60 + 30);
    assert_eq!(
        arrivals(&db, member, tonight, Tz::Asia__Taipei).await.len(),
        4
    );
    assert_eq!(arrivals(&db, member, tonight, Tz::UTC).await.len(), 3);
}

async fn a_day_begins_at_the_hotels_midnight_also_after_a_change_of_clocks(db: Database) {
    let member = friend(&db, "U1", at(-60)).await;
    for (month, day) in [(3, 28), (3, 29), (3, 30)] {
        let day = NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        stay(&db, member, day, None).await;
    }
    let told = arrivals(&db, member, at(0), Tz::Europe__Berlin).await;
    let begins: Vec<_> = told.iter().map(|(_, at)| at.as_str()).collect();
    assert_eq!(
        begins,
        [
            "2026-03-29T22:00:00+00:00",
            "2026-03-28T23:00:00+00:00",
            "2026-03-27T23:00:00+00:00",
        ]
    );
}
