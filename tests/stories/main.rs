//! Whole stories through the real domains, the real LINE client and a simulated LINE, on both
//! databases, with time and jobs stepped by hand.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod again;
mod answering;
mod bad_days;
mod brake;
mod brought;
mod exports;
mod figures;
mod live;
mod media;
mod merging;
mod pace;
mod planning;
mod pms;
mod processes;
mod recurring;
mod rfm;
mod samples;
mod sending;
mod steps;
mod storms;
mod talking;
mod tap_figures;
mod taps;
mod templates;
mod watching;
mod webhook;

/// Runs each story on both databases.
macro_rules! stories {
    ($($story:ident),* $(,)?) => {$(
        mod $story {
            #[tokio::test]
            async fn on_sqlite() {
                crate::on(crm_tests::Kind::Sqlite, super::$story).await;
            }

            #[tokio::test]
            async fn on_mysql() {
                crate::on(crm_tests::Kind::MySql, super::$story).await;
            }
        }
    )*};
}
use stories;

use crm_tests::{Installation, Kind};

async fn on<F: AsyncFnOnce(&Installation)>(kind: Kind, story: F) {
    if let Some(hotel) = Installation::new(kind).await {
        story(&hotel).await;
        hotel.end().await;
    }
}
