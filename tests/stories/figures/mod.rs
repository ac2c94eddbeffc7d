//! Whatever happens, and at whatever hour: every figure of every report is what a plain count of
//! the rows comes to, day by day of the hotel's own calendar.
//!
//! `FIGURE_SEEDS` and `FIGURE_STEPS` change how many histories are told and how long they are,
//! `FIGURE_SEED` where they begin.

mod demo;
mod facts;
mod life;
mod reports;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use crm_analytics::FigureRows;
use crm_tests::{Installation, Kind};
use facts::Facts;
use life::Life;
use sea_orm::ConnectionTrait;
use std::time::Instant;

/// Where the hotel stands, and when its history begins: in Taipei as always, in New York two
/// days before the clocks are put back.
const HOTELS: [(Tz, &str); 2] = [
    (Tz::Asia__Taipei, "2026-09-28T15:00:00Z"),
    (Tz::America__New_York, "2026-10-30T20:00:00Z"),
];

#[expect(clippy::disallowed_methods, reason = "how a long run is asked for")]
fn told(name: &str, otherwise: u64) -> u64 {
    let told = std::env::var(name).ok();
    told.map_or(otherwise, |text| text.parse().unwrap())
}

async fn histories_on(kind: Kind) {
    let (seeds, steps) = (told("FIGURE_SEEDS", 1), told("FIGURE_STEPS", 40));
    let first = told("FIGURE_SEED", 1);
    let began = Instant::now();
    for seed in first..first + seeds {
        for (zone, start) in HOTELS {
            let Some(mut hotel) = Installation::new(kind).await else {
                return;
            };
            let start: DateTime<Utc> = start.parse().unwrap();
            hotel.clock.set(start);
            hotel.settings.hotel_time_zone = zone;
            hotel.crm = hotel.beside(hotel.clock.clone());
            println!("seed {seed} in {zone} on {kind:?}");
            let mut life = Life::begin(&hotel, seed).await;
            for _ in 0..steps {
                life.go_on().await;
            }
            life.settle().await;
            let facts = Facts::read(&hotel, zone, &life).await;
            facts.check_dice();
            reports::compare(&hotel, &facts, start).await;
            let differences = hotel.crm.figures.check().await.unwrap();
            assert_eq!(differences, [], "kept figures and rows");
            spoil(&hotel).await;
            count_anew(&hotel).await;
            drop(life);
            hotel.end().await;
        }
    }
    let histories = seeds * HOTELS.len() as u64;
    println!(
        "{histories} histories of {steps} steps in {:?}",
        began.elapsed()
    );
}

/// As after rows were written by hand, by days and by months.
async fn spoil(hotel: &Installation) {
    for statement in [
        "UPDATE daily_figures SET n = n + 3 WHERE part >= 0 AND subject % 2 = 0",
        "DELETE FROM daily_figures WHERE part >= 0 AND subject % 3 = 1",
        "UPDATE monthly_figures SET n = n - 1 WHERE subject % 2 = 1",
    ] {
        let pool = hotel.crm.database.pool();
        pool.execute_unprepared(statement).await.unwrap();
    }
}

/// Two who saw the same mend it once.
async fn count_anew(hotel: &Installation) {
    let (database, now) = (&hotel.crm.database, hotel.now());
    let seen = database.compare().await.unwrap();
    assert!(seen.differences.iter().any(|one| one.is_month));
    assert!(seen.differences.iter().any(|one| !one.is_month));
    let zone = hotel.crm.hotel.name();
    assert!(database.mend(&seen, zone, now).await.unwrap());
    assert!(!database.mend(&seen, zone, now).await.unwrap());
    let left = hotel.crm.figures.rebuild().await.unwrap();
    assert_eq!(left, [], "after counting anew");
}

#[tokio::test]
async fn every_figure_is_what_happened_on_sqlite() {
    histories_on(Kind::Sqlite).await;
}

#[tokio::test]
async fn every_figure_is_what_happened_on_mysql() {
    histories_on(Kind::MySql).await;
}
