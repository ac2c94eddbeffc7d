//! The hotel's own system, with the real client and a simulated vendor.

mod deaths;
mod faults;
mod files;
pub mod house;
mod people;
mod runs;
mod scores;
