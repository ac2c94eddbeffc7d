//! LINE, small and faithful: the vendor's side of the Messaging API for the demo and for tests.
//!
//! [`LineSimulator`] answers the endpoints the CRM calls with LINE's own limits, errors, quota and
//! retry keys, keeps every guest's chat, and sends signed webhooks when a guest does something.
//! Trouble comes on demand ([`Fault`]). What a test does through the handle, a person or a script does
//! through the control API under `/sim/`, and a guest's phone is the page at `/`.
//!
//! | Module | What lives there |
//! |---|---|
//! | `line` | the Messaging API endpoints |
//! | `rules` | what LINE accepts in a message |
//! | `webhook` | events out: signing, queue, redelivery |
//! | `guest`, `sending`, `tap` | what a guest does on the phone |
//! | `state` | everything remembered |
//! | `sim`, `page` | control API and phone page |

mod clock;
mod config;
mod guest;
mod line;
mod page;
mod rules;
mod sending;
mod server;
mod shared;
mod sim;
mod simulator;
mod state;
mod tap;
mod webhook;

pub use config::SimulatorConfig;
pub use guest::Refused;
pub use sending::{Media, Place};
pub use simulator::LineSimulator;
pub use state::{
    ChatMessage, CountersReport, Endpoint, Fault, FaultEndpoint, FaultKind, RequestCount, SeedUser,
    Speaker, WebhookRecord,
};
pub use tap::{Tap, Tapped};
pub use webhook::sign;
