//! The real programs, as an operator starts them, against a simulated LINE, on each database.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod away;
mod fencing;
mod inbox;
mod main_job;
mod pms;
mod processes;
mod proxy;
mod soak;
mod tour;
