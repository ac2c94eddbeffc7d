//! The hotel's own system (PMS), small and faithful: the vendor's side of the wire for the demo and
//! for tests.
//!
//! [`Hotel`] is made from a seed: its rows, with all the dirt of a real one, are made when they are
//! asked for and take no memory. [`DexonSimulator`] serves them page by page, and plays the clerks who
//! change them. Trouble comes on demand ([`Fault`]), requests are counted ([`Counts`]), and
//! [`Hotel::truth`] says what a reader should have found. What a test does through the handle, a
//! script does through the control API under `/_sim/`, and a person on the page at `/`.
//!
//! | Module | What lives there |
//! |---|---|
//! | `hotel` | rows, pages of them, what clerks do, and the truth |
//! | `people`, `dirt`, `dice`, `time` | what rows are made of |
//! | `wire` | the endpoints, cursors, and faults |
//! | `counts` | who asked for what, and how fast |
//! | `control`, `page` | control API and page |

mod clock;
mod config;
mod control;
mod counts;
mod dice;
mod dirt;
mod faults;
mod hotel;
mod page;
mod people;
mod server;
mod shared;
mod simulator;
mod time;
mod wire;

pub use clock::Clock;
pub use config::SimulatorConfig;
pub use counts::{Counts, PathCounts, Request};
pub use faults::{Endpoint, Fault, FaultOrder};
pub use hotel::{
    Fields, GUEST_PERIOD, Hotel, Meaning, NoSuchRow, Page, Row, STAY_PERIOD, Table, TableTruth,
    Truth, Verdict, Window,
};
pub use simulator::{DexonSimulator, Next};
