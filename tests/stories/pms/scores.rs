//! Stays that the hotel's own system tells change the scores within the hour.

use super::house::House;
use chrono::TimeDelta;
use crm_members::PmsKind;
use crm_tests::{Installation, run_jobs_of};

crate::stories!(stays_that_are_told_are_graded_once_an_hour);

const WAITING: &str = "name = 'analytics.grade_guests' AND status = 0";
const DONE: &str = "name = 'analytics.grade_guests' AND status = 2";

async fn stays_that_are_told_are_graded_once_an_hour(hotel: &Installation) {
    let house = House::with(hotel, 60, 120).await;
    house.sync(PmsKind::Members, false).await;
    assert_eq!(house.count("jobs", WAITING).await, 0, "guests are no stays");
    house.sync(PmsKind::ConsumptionRecords, false).await;
    house.sync(PmsKind::ConsumptionRecords, true).await;
    assert_eq!(house.count("jobs", WAITING).await, 1);
    assert_eq!(house.crm.rfm.grid(None).await.unwrap().sum.members, 0);

    hotel.clock.advance(TimeDelta::hours(1));
    run_jobs_of(&house.crm).await;
    assert_eq!(house.count("jobs", DONE).await, 1);
    let took_place = "pms_status IS NULL OR pms_status IN ('checked_out', 'in_house')";
    let sql =
        format!("SELECT COUNT(DISTINCT member_id) FROM consumption_records WHERE {took_place}");
    let guests: i64 = house.column(&sql).await[0].parse().unwrap();
    let grid = house.crm.rfm.grid(None).await.unwrap();
    assert!(guests > 10);
    assert_eq!(grid.sum.members, guests);
    let sql = format!(
        "SELECT CAST(SUM(amount_minor) AS SIGNED) FROM consumption_records WHERE {took_place}"
    );
    let amount: i64 = house.column(&sql).await[0].parse().unwrap();
    assert_eq!(grid.sum.amount_minor, amount);

    // Nothing new was told, so nothing is graded.
    house.sync(PmsKind::ConsumptionRecords, true).await;
    assert_eq!(house.count("jobs", WAITING).await, 0);
    house.end().await;
}
