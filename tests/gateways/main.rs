//! What gateways to outside systems promise, each promise once, for every adapter.
//!
//! An adapter plugs in with one file: it says how a test plays the other side, and names the
//! contract.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod dexon;
mod dexon_truth;
mod pms;
