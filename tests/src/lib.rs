#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "only tests use this crate"
)]
//! What the tests of more than one crate have in common: databases of their own, and the whole
//! product on one with LINE simulated.

mod api;
mod database;
mod installation;

pub use api::Api;
pub use crm_memory::{CountingIds, MovedClock};
pub use database::{Kind, TestDatabase};
pub use installation::{Installation, run_jobs_of};
