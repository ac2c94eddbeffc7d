//! Stories that need several domains at once: a follow becomes a member, a campaign becomes
//! messages, a tap becomes a tag. Each domain keeps its own rules; here they meet in one
//! transaction ([`CrmTx`]) and with the one outside service they share ([`LineGateway`]).

mod line_gateway;

pub use line_gateway::{
    Accepted, EncodeError, LineGateway, LineProfile, MediaContent, Quota, SendKind, WireMessages,
};
