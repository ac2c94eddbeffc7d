//! What campaigns brought: marked in the unit of work that changes stays, counted exactly once.

mod hands;
mod histories;
mod plans;
mod promises;
mod rows;

use crm_analytics::{Conversions, ConversionsTx};
use crm_database::Database;
use crm_kernel::Transactions;
use crm_tests::MovedClock;
use sea_orm::ConnectionTrait;
use std::sync::Arc;

/// Counting on this database, with bookings until so many days after.
fn count(db: &Database, window_days: u32) -> Conversions {
    let store = Arc::new(db.clone());
    let clock = Arc::new(MovedClock::default());
    Conversions::new(store.clone(), store, clock, window_days)
}

async fn conversions_on(db: &Database) -> Box<dyn ConversionsTx> {
    Transactions::<dyn ConversionsTx>::begin(db).await.unwrap()
}

/// As if nobody had ever been there.
async fn empty(db: &Database) {
    for statement in [
        "DELETE FROM conversion_marks",
        "DELETE FROM conversion_stays",
        "DELETE FROM conversions",
        "DELETE FROM daily_figures",
        "DELETE FROM campaigns",
        "DELETE FROM member_merge_moves",
        "DELETE FROM member_merges",
        "DELETE FROM members",
    ] {
        db.pool().execute_unprepared(statement).await.unwrap();
    }
}
