//! What screens are told while it happens: events that were written with their changes
//! ([`crm_kernel::LiveFeed`]), read in such an order that none is passed over ([`Tail`]), and
//! places in it that a listener can come back to ([`Cursor`]).

mod cursor;
mod ports;
mod tail;

pub use cursor::Cursor;
pub use ports::{KeptEvent, LiveQueries, Standing};
pub use tail::Tail;
