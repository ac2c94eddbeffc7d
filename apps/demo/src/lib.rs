//! The whole product in one process, to be tried without a LINE account: the API, the job
//! runner, a simulated LINE and a simulated PMS on an SQLite file, with the guests of a made-up hotel.
//!
//! | Module | What lives there |
//! |---|---|
//! | `arguments` | what can be said on the command line |
//! | `home` | the folder that everything is kept in |
//! | `addresses` | who listens where |
//! | `settings` | the product's settings, made up for a demo |
//! | `program` | start, and end in order |
//! | `pictures` | the pictures of the sample templates |
//! | `pms` | the simulated PMS, many of whose guests are members |
//! | `guests` | tells the simulated LINE who the guests are |
//! | [`sample`] | the made-up hotel's data |

mod addresses;
mod arguments;
mod error;
mod guests;
mod home;
mod pictures;
mod pms;
mod program;
pub mod sample;
mod settings;

pub use arguments::{Arguments, HELP};
pub use error::DemoError;
pub use program::run;
