#![expect(clippy::unwrap_used, reason = "only tests use this crate")]
//! What the tests of more than one crate have in common: databases of their own, and the whole
//! product on one with LINE simulated.

mod database;
mod installation;

pub use crm_memory::{CountingIds, MovedClock};
pub use database::{Kind, TestDatabase};
pub use installation::Installation;
