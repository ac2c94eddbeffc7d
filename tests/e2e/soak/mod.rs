//! Campaigns go out while their processes are killed at random moments, LINE is cut off and
//! answers badly. Every guest gets every campaign exactly once, and the figures add up at every
//! look.
//!
//! `SOAK_KILLS`, `SOAK_GUESTS` and `SOAK_SEED` change how long and how it goes; `cargo xtask soak`
//! sets them for a long run.

mod campaigns;
mod fleet;
mod guests;
mod looks;
mod run;
mod summary;

pub use guests::store as store_guests;

use crm_tests::Kind;
use rand::RngExt;
use std::time::Duration;
use tokio::sync::Mutex;

/// One run after the other: two at once would measure each other.
pub static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// `JOB_LEASE` of the programs.
const LEASE: Duration = Duration::from_secs(3);

/// How long and how it goes.
#[derive(Clone, Copy, Debug)]
struct Options {
    kills: u32,
    guests: usize,
    seed: u64,
}

impl Options {
    fn read() -> Self {
        Self {
            kills: told("SOAK_KILLS").unwrap_or(20),
            guests: told("SOAK_GUESTS").unwrap_or(1_200),
            seed: told("SOAK_SEED").unwrap_or_else(|| rand::rng().random()),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how the test run tells how long it may take"
)]
pub fn told<T: std::str::FromStr>(name: &str) -> Option<T> {
    let value = std::env::var(name).ok()?;
    let value = value.parse().ok();
    assert!(value.is_some(), "{name} is not a number that fits");
    value
}

#[tokio::test]
async fn kills_at_random_moments_lose_nobody_and_send_nobody_twice_on_sqlite() {
    let _alone = ONE_AT_A_TIME.lock().await;
    run::run(Kind::Sqlite, Options::read()).await;
}

#[tokio::test]
async fn kills_at_random_moments_lose_nobody_and_send_nobody_twice_on_mysql() {
    let _alone = ONE_AT_A_TIME.lock().await;
    run::run(Kind::MySql, Options::read()).await;
}
