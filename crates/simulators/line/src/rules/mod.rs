//! What LINE accepts: the limits and required fields of message objects, and of recipients.
//!
//! Each rule follows the Messaging API reference ("Message objects", "Action objects",
//! "Character counting in a text"). A request collects *all* of its violations, as LINE does.

mod action;
mod flex;
mod message;
mod node;
mod recipients;
mod template;

pub(crate) use message::check_messages;
pub(crate) use node::Violation;
pub(crate) use recipients::{MAX_RECIPIENTS, is_user_id};
