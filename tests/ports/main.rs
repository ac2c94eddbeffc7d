//! What the storage ports promise, each promise once, on SQLite and on MySQL.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod accounts;
mod arrivals;
mod audience;
mod audience_rules;
mod audit;
mod auto_responses;
mod batches;
mod brake;
mod bulk_parts;
mod bulk_tags;
mod campaign_history;
mod canned_replies;
mod clicks;
mod conversations;
mod conversions;
mod exports;
mod imports;
mod inbound;
mod inbox;
mod jobs;
mod line_stats;
mod live;
mod media;
mod member_lists;
mod members;
mod members_at_once;
mod merge_races;
mod merges;
mod messages;
mod migrations;
mod pace;
mod plan_parts;
mod plans;
mod pms_links;
mod pms_merges;
mod pms_plans;
mod pms_profiles;
mod pms_reviews;
mod pms_runs;
mod pms_stays;
mod recipient_lists;
mod recipients;
mod replies;
mod report_plans;
mod requests;
mod rfm;
mod samples;
mod senders;
mod stays;
mod tags;
mod templates;
mod timeline;
mod transactions;
mod uploads;

/// Runs each promise of a repository on memory and on both databases:
/// `contract_on_every_store!(fn_a, fn_b)` in a module of promises.
macro_rules! contract_on_every_store {
    ($($promise:ident),* $(,)?) => {
        crate::contract!($($promise),*);

        mod in_memory {$(
            #[tokio::test]
            async fn $promise() {
                super::$promise(crm_memory::MemoryStore::default()).await;
            }
        )*}
    };
}
use contract_on_every_store;

/// Runs each promise on both databases: `contract!(fn_a, fn_b)` in a module of promises.
macro_rules! contract {
    ($($promise:ident),* $(,)?) => {$(
        mod $promise {
            #[tokio::test]
            async fn on_sqlite() {
                crate::on(crm_tests::Kind::Sqlite, super::$promise).await;
            }

            #[tokio::test]
            async fn on_mysql() {
                crate::on(crm_tests::Kind::MySql, super::$promise).await;
            }
        }
    )*};
}
use contract;

use crm_database::Database;
use crm_tests::{Kind, TestDatabase};

async fn on<F: AsyncFnOnce(Database)>(kind: Kind, promise: F) {
    if let Some(fresh) = TestDatabase::new(kind).await {
        promise(fresh.database.clone()).await;
        fresh.drop_it().await;
    }
}
