//! The real API over real HTTP, in front of each database, with jobs stepped by hand.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod audit;
mod auto_responses;
mod bad_input;
mod bulk_tags;
mod forms;
mod front;
mod hostile;
mod imports;
mod main_job;
mod merges;
mod messages;
mod people;
mod repeat;
mod rounds;
mod settings;
mod uploads;

/// Runs each test on both databases.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {$(
        mod $test {
            #[tokio::test]
            async fn on_sqlite() {
                crate::front::on(crm_tests::Kind::Sqlite, super::$test).await;
            }

            #[tokio::test]
            async fn on_mysql() {
                crate::front::on(crm_tests::Kind::MySql, super::$test).await;
            }
        }
    )*};
}
use on_both;
