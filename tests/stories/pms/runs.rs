//! Runs: how much they ask for, and that nothing is doubled or left out.

use super::house::{House, running, wall};
use chrono::TimeDelta;
use crm_kernel::Actor;
use crm_members::{PmsKind, SyncStatus};
use crm_simulator_dexon::{Endpoint, Table};
use crm_tests::{Installation, run_jobs_of};
use crm_workflows::{BeginSyncs, RunSync};
use serde_json::json;

crate::stories!(
    everything_is_taken_over_and_a_second_full_run_changes_nothing,
    bad_rows_are_listed_for_ninety_days,
    a_run_asks_only_for_what_changed_since_the_last_one,
    rows_that_change_between_two_pages_and_rows_of_one_moment_are_not_lost,
    of_a_kind_one_run_is_open_at_a_time,
    every_hour_guests_come_before_stays,
    two_processes_with_one_run_in_hand_store_each_page_once,
);

async fn everything_is_taken_over_and_a_second_full_run_changes_nothing(hotel: &Installation) {
    let house = House::with(hotel, 500, 800).await;
    let truth = house.pms.truth();
    let [guests, stays] = house.sync_both(false).await;
    for (run, table) in [(&guests, &truth.guests), (&stays, &truth.stays)] {
        assert_eq!(run.status, SyncStatus::Completed, "{:?}", run.message);
        let counts = run.counts;
        assert_eq!(counts.rows(), table.rows as u64);
        assert_eq!(counts.failed, table.bad as u64, "bad rows");
        assert_eq!(counts.ignored, table.ignored as u64, "rows about nobody");
        assert_eq!(counts.synced() + counts.review, table.good as u64);
        assert!(run.until.is_some());
    }
    let in_review = house.count("pms_waiting_stays", "1 = 1").await;
    let stored = house.count("consumption_records", "source = 'pms'").await;
    assert_eq!(stored + in_review, truth.stays.good as u64);
    let faults = house.count("pms_run_faults", "is_warning = FALSE").await;
    assert!(faults >= (truth.guests.bad + truth.stays.bad) as u64);

    let before = house.dump().await;
    let again = house.sync_both(true).await;
    for run in again {
        let counts = run.counts;
        assert_eq!(
            (counts.created, counts.updated),
            (0, 0),
            "{:?}",
            run.new.kind
        );
    }
    assert_eq!(house.dump().await, before);
    house.end().await;
}

async fn bad_rows_are_listed_for_ninety_days(hotel: &Installation) {
    let house = House::with(hotel, 60, 60).await;
    let [guests, _] = house.sync_both(false).await;
    assert!(house.count("pms_run_faults", "1 = 1").await > 0);
    hotel.clock.advance(TimeDelta::days(89));
    house.crm.pms.rescue().await.unwrap();
    assert!(house.count("pms_run_faults", "1 = 1").await > 0);
    hotel.clock.advance(TimeDelta::days(2));
    house.crm.pms.rescue().await.unwrap();
    assert_eq!(house.count("pms_run_faults", "1 = 1").await, 0);
    let kept = house.crm.pms.status(guests.id).await.unwrap();
    assert_eq!(kept.counts.failed, guests.counts.failed);
    house.end().await;
}

async fn a_run_asks_only_for_what_changed_since_the_last_one(hotel: &Installation) {
    let house = House::with(hotel, 120, 60).await;
    house.sync(PmsKind::Members, false).await;
    assert_eq!(house.pms.counts().of(Endpoint::Guests).full_loads, 1);
    hotel.clock.advance(TimeDelta::hours(1));
    let code = house.pms.add_guest(json!({
        "gcust_cod": "NEW1", "last_nam": "林", "first_nam": "新來", "contact1_rmk": "0911222333",
    }));
    house.pms.reset_counts();
    let run = house.sync(PmsKind::Members, false).await;
    assert_eq!((run.counts.created, run.counts.updated), (1, 0), "{code}");
    let asked = house.pms.counts().of(Endpoint::Guests);
    assert_eq!((asked.requests, asked.full_loads), (1, 0));
    let since = run.since.unwrap();
    assert!(since <= hotel.now() - TimeDelta::hours(1) - TimeDelta::seconds(900));
    house.end().await;
}

async fn rows_that_change_between_two_pages_and_rows_of_one_moment_are_not_lost(
    hotel: &Installation,
) {
    let house = House::with(hotel, 110, 0).await;
    let at = wall(hotel.now() - TimeDelta::hours(2));
    for n in 0..70 {
        let _ = house.pms.add_guest(json!({
            "gcust_cod": format!("SAME{n:03}"), "alt_nam": "陳同時", "upd_dat": at,
            "contact1_rmk": format!("0955000{n:03}"),
        }));
    }
    // While the second page is fetched, rows of pages to come and of pages gone by change.
    house.pms.after_pages(Table::Guests, 1, |pms, now| {
        for key in ["SAME000", "SAME069"] {
            let fields = json!({ "e_mail": "changed@example.com" });
            let fields = fields.as_object().unwrap().clone();
            pms.change(Table::Guests, key, fields.into_iter().collect(), now)
                .unwrap();
        }
    });
    let first = house.sync(PmsKind::Members, false).await;
    assert_eq!(first.status, SyncStatus::Completed);
    hotel.clock.advance(TimeDelta::minutes(5));
    house.sync(PmsKind::Members, false).await;
    // Those two left the first window with their change, and came in the second.
    assert_eq!(house.count("pms_guests", "code LIKE 'SAME%'").await, 70);
    let changed = "email = 'changed@example.com'";
    assert_eq!(house.count("members", changed).await, 2);
    house.end().await;
}

async fn of_a_kind_one_run_is_open_at_a_time(hotel: &Installation) {
    let house = House::with(hotel, 60, 60).await;
    let (pms, system) = (&house.crm.pms, Actor::System);
    let first = pms.request(&system, PmsKind::Members, false).await.unwrap();
    let second = pms.request(&system, PmsKind::Members, true).await;
    assert_eq!(running(second), first.id);
    let elsewhere = house.beside();
    let third = elsewhere
        .pms
        .request(&system, PmsKind::Members, false)
        .await;
    assert_eq!(running(third), first.id);
    let stays = pms
        .request(&system, PmsKind::ConsumptionRecords, false)
        .await;
    assert!(stays.is_ok(), "the other kind is its own");
    run_jobs_of(&house.crm).await;
    assert!(pms.request(&system, PmsKind::Members, false).await.is_ok());
    house.end().await;
}

async fn every_hour_guests_come_before_stays(hotel: &Installation) {
    let house = House::with(hotel, 60, 60).await;
    let mut tx = crm_kernel::Transactions::<dyn crm_workflows::CrmTx>::begin(&hotel.crm.database)
        .await
        .unwrap();
    let now = hotel.now();
    tx.outbox().enqueue(&BeginSyncs {}, now).await.unwrap();
    crm_kernel::Transaction::commit(tx).await.unwrap();
    run_jobs_of(&house.crm).await;
    let asked = house.column("SELECT kind FROM pms_runs ORDER BY id").await;
    assert_eq!(asked, ["members", "consumption_records"]);
    assert_eq!(house.count("pms_runs", "status = 'completed'").await, 2);
    let asked = house.pms.requests();
    let of = |endpoint: Endpoint| move |path: &str| path.contains(endpoint.path());
    let (is_guests, is_stays) = (of(Endpoint::Guests), of(Endpoint::Stays));
    let guests = asked.iter().position(|r| is_guests(r.path)).unwrap();
    let stays = asked.iter().rposition(|r| is_stays(r.path)).unwrap();
    assert!(stays < guests, "the latest stands first");
    house.end().await;
}

async fn two_processes_with_one_run_in_hand_store_each_page_once(hotel: &Installation) {
    let house = House::with(hotel, 400, 0).await;
    let elsewhere = house.beside();
    let asked = house
        .crm
        .pms
        .request(&Actor::System, PmsKind::Members, false)
        .await;
    let job = RunSync {
        run_id: asked.unwrap().id,
        stays_next: false,
    };
    let (one, other) = tokio::join!(
        house.crm.pms.run(&job, &super::deaths::Alive),
        elsewhere.pms.run(&job, &super::deaths::Alive),
    );
    one.and(other).unwrap();
    let run = house.crm.pms.status(job.run_id).await.unwrap();
    assert_eq!(run.status, SyncStatus::Completed);
    assert_eq!(run.counts.rows(), house.pms.truth().guests.rows as u64);
    house.end().await;
}
