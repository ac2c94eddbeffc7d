//! The whole API over SQLite, with a LINE that only listens.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; helpers are no test functions to clippy"
)]

mod campaigns;
mod clicks;
mod conversations;
mod edge;
mod errors;
mod exports;
mod fakes;
mod harness;
mod limits;
mod live;
mod media;
mod people;
mod pms;
mod progress;
mod public;
mod rfm;
mod routes;
mod sending;
mod serving;
mod stays;
mod stream;
mod templates;
mod users;
