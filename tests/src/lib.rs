#![expect(clippy::unwrap_used, reason = "only tests use this crate")]
//! What the tests of more than one crate have in common: databases of their own, a clock that
//! tests move, and ids that count.

mod database;
mod installation;
mod time;

pub use database::{Kind, TestDatabase};
pub use installation::Installation;
pub use time::{CountingIds, MovedClock};
