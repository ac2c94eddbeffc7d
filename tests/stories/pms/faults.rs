//! What the other system does wrong, and what its runs come to.

use super::house::House;
use crm_kernel::Actor;
use crm_members::{PmsKind, SyncStatus};
use crm_simulator_dexon::{Endpoint, Fault};
use crm_tests::{Installation, run_jobs_of};

crate::stories!(
    a_system_that_stumbles_is_read_all_the_same,
    a_system_that_stays_away_fails_the_run_and_the_next_one_repairs_it,
    a_refused_key_is_not_tried_again_and_three_failures_raise_the_alarm,
    a_cursor_that_is_known_no_more_begins_the_window_anew_once,
    a_clock_an_hour_off_loses_nothing,
);

async fn a_system_that_stumbles_is_read_all_the_same(hotel: &Installation) {
    let house = House::with(hotel, 120, 0).await;
    house
        .pms
        .next(2)
        .to(Endpoint::Guests)
        .answer(Fault::Unavailable);
    house
        .pms
        .next(1)
        .to(Endpoint::Guests)
        .after(3)
        .answer(Fault::HtmlBadGateway);
    house
        .pms
        .next(1)
        .to(Endpoint::Guests)
        .after(5)
        .answer(Fault::CutBody);
    let run = house.sync(PmsKind::Members, false).await;
    assert_eq!(run.status, SyncStatus::Completed, "{:?}", run.message);
    assert_eq!(run.counts.rows(), house.pms.truth().guests.rows as u64);
    house.end().await;
}

async fn a_system_that_stays_away_fails_the_run_and_the_next_one_repairs_it(hotel: &Installation) {
    let house = House::with(hotel, 120, 0).await;
    house
        .pms
        .next(20)
        .to(Endpoint::Guests)
        .after(1)
        .answer(Fault::Unavailable);
    let failed = house.sync(PmsKind::Members, false).await;
    assert_eq!(failed.status, SyncStatus::Failed);
    assert_eq!(failed.reason.as_deref(), Some("unavailable"));
    assert_eq!(failed.pages, 1, "the page before stays");
    let mark = house.crm.pms.overview().await.unwrap().marks.remove(0);
    assert_eq!((mark.until, mark.failed_in_row), (None, 1));
    house.pms.clear_faults();
    let run = house.sync(PmsKind::Members, false).await;
    assert_eq!(run.status, SyncStatus::Completed);
    assert_eq!(run.counts.rows(), house.pms.truth().guests.rows as u64);
    let mark = house.crm.pms.overview().await.unwrap().marks.remove(0);
    assert_eq!((mark.until, mark.failed_in_row), (run.until, 0));
    house.end().await;
}

async fn a_refused_key_is_not_tried_again_and_three_failures_raise_the_alarm(hotel: &Installation) {
    let house = House::with(hotel, 60, 0).await;
    let crm = house.with_key("not the key");
    for n in 1..=3 {
        let asked = crm
            .pms
            .request(&Actor::System, PmsKind::Members, false)
            .await;
        run_jobs_of(&crm).await;
        let run = crm.pms.status(asked.unwrap().id).await.unwrap();
        assert_eq!(run.reason.as_deref(), Some("key_refused"));
        let mark = crm.pms.overview().await.unwrap().marks.remove(0);
        assert_eq!(mark.is_alarming(), n == 3);
    }
    assert_eq!(house.pms.counts().requests(), 3, "one request each");
    house.end().await;
}

async fn a_cursor_that_is_known_no_more_begins_the_window_anew_once(hotel: &Installation) {
    let house = House::with(hotel, 160, 0).await;
    house
        .pms
        .next(1)
        .to(Endpoint::Guests)
        .after(2)
        .answer(Fault::ExpiredCursor);
    let run = house.sync(PmsKind::Members, false).await;
    assert_eq!((run.status, run.restarts), (SyncStatus::Completed, 1));
    let stored = house.count("pms_guests", "1 = 1").await;
    assert!(stored > 0);
    house
        .pms
        .next(2)
        .to(Endpoint::Guests)
        .after(1)
        .answer(Fault::ExpiredCursor);
    let run = house.sync(PmsKind::Members, true).await;
    assert_eq!(run.reason.as_deref(), Some("cursor_expired"));
    house.end().await;
}

async fn a_clock_an_hour_off_loses_nothing(hotel: &Installation) {
    for off in [-3_600, 3_600] {
        let house = House::with(hotel, 60, 0).await;
        house.pms.advance_clock(off);
        house.sync(PmsKind::Members, false).await;
        let code = format!("OFF{off}");
        let row = serde_json::json!({
            "gcust_cod": code, "alt_nam": "張早晚", "contact1_rmk": format!("09{:08}", off + 4_000),
        });
        let _ = house.pms.add_guest(row);
        hotel.clock.advance(chrono::TimeDelta::minutes(10));
        house.sync(PmsKind::Members, false).await;
        let found = format!("code = '{code}'");
        assert_eq!(house.count("pms_guests", &found).await, 1, "{off}");
        house.end().await;
    }
}
