//! Webhooks: the events a guest causes, signed and sent to the receiver.

mod event;
mod outbox;
mod send;
mod signature;

pub(crate) use event::Event;
pub(crate) use outbox::{Outbox, Outgoing};
pub(crate) use send::run;
pub use signature::sign;
