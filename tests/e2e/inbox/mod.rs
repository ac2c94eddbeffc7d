//! A seeded mixture of webhook events is delivered by a sender of its own, some out of order and
//! one in twenty again, while a job runner and the API are killed. Afterwards everything stored
//! and everything that LINE took is compared with a model that knows only what was sent: nothing
//! is lost, nothing is handled or answered twice.
//!
//! `INBOX_EVENTS` and `SOAK_SEED` change how long and how it goes; `cargo xtask soak --events`
//! sets them for a long run.

mod answers;
mod check;
mod hotel;
mod line;
mod model;
mod plan;
mod rows;
mod run;
mod sender;
mod summary;

use crate::soak::{ONE_AT_A_TIME, told};
use crm_tests::Kind;
use rand::RngExt;

/// How long and how it goes.
#[derive(Clone, Copy, Debug)]
struct Options {
    events: usize,
    seed: u64,
}

impl Options {
    fn read() -> Self {
        Self {
            events: told("INBOX_EVENTS").unwrap_or(3_000),
            seed: told("SOAK_SEED").unwrap_or_else(|| rand::rng().random()),
        }
    }

    /// One guest has about fifty events, but a short run has some hundred guests.
    fn guests(self) -> usize {
        (self.events / 50).max(200)
    }

    /// A long run also has a stretch without any job runner.
    const fn is_long(self) -> bool {
        self.events >= 20_000
    }
}

#[tokio::test]
async fn no_event_is_lost_or_handled_again_on_sqlite() {
    let _alone = ONE_AT_A_TIME.lock().await;
    run::run(Kind::Sqlite, Options::read()).await;
}

#[tokio::test]
async fn no_event_is_lost_or_handled_again_on_mysql() {
    let _alone = ONE_AT_A_TIME.lock().await;
    run::run(Kind::MySql, Options::read()).await;
}
