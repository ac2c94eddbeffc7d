//! Today is the hotel's day, not that of UTC.

use crate::desk::{Desk, STAFF, fields, text};
use crate::files::{OneFile, row};
use chrono::{DateTime, NaiveDate};
use crm_kernel::{HotelTime, Patch};
use crm_members::{RegisterMember, UpdateMember};

/// Midnight has passed in Taipei; in UTC it is the last of August.
fn late_evening(desk: &Desk) {
    let moment = DateTime::parse_from_rfc3339("2026-08-31T16:30:00Z").unwrap();
    desk.clock.set(moment.to_utc());
}

fn september(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 9, day).unwrap()
}

#[tokio::test]
async fn whoever_is_born_on_the_hotels_today_is_not_from_the_future() {
    let mut desk = Desk::new();
    late_evening(&desk);
    let hotel = HotelTime::new(chrono_tz::Asia::Taipei);
    desk.members = desk.members.with_hotel_time(hotel);
    let born = |day| RegisterMember {
        first_name: text("小明"),
        birthday: Some(september(day)),
        ..RegisterMember::default()
    };
    let refused = desk.register(born(2)).await.unwrap_err();
    assert_eq!(fields(&refused), ["birthday"]);
    let id = desk.register(born(1)).await.unwrap().id();
    for (day, is_fine) in [(1, true), (2, false)] {
        let change = UpdateMember {
            birthday: Patch::Set(september(day)),
            ..UpdateMember::default()
        };
        let updated = desk.members.update(&STAFF, id, change).await;
        assert_eq!(updated.is_ok(), is_fine, "{day}");
    }
    let file = OneFile::table(
        &["name", "birthday"],
        [row("Ann|2026-09-01"), row("Bob|2026-09-02")],
    );
    let import = desk.start_import(false).await;
    let members = desk.with_file(&file, usize::MAX).with_hotel_time(hotel);
    members.run_import(import).await.unwrap();
    let counts = desk.store.import(import).unwrap().counts;
    assert_eq!((counts.created, counts.failed), (1, 1));
}
