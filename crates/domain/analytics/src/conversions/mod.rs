//! What bookings campaigns led to.
//!
//! A recipient converts with the first stay they book after the campaign was sent to them and
//! within a window, each recipient once. A stay's money counts for the last campaign sent to the
//! guest before it was booked, and for no other, so that no amount is counted twice.
//!
//! Whoever changes stays marks the guests they belong to; what is kept of marked guests is
//! compared with the rules later, and only the differences are written.

mod attribution;
mod changes;
mod count;
mod jobs;
mod ports;
#[cfg(test)]
mod tests;

pub use attribution::{BookedStay, BroughtStay, Conversion, SentTo, conversions_of};
pub use changes::{Brought, Changes, changes_between};
pub use count::Conversions;
pub use jobs::{CountConversions, RecheckConversions};
pub use ports::{ConversionQueries, ConversionRepository, ConversionsTx, GuestHistory, Marked};
