//! The REST API: what a browser, a script, LINE and a guest's phone may ask over HTTP.
//!
//! Every handler extracts, calls one use-case of [`Crm`](crm_bootstrap::Crm) and wraps the
//! answer. Who may call it stands in its signature (`Allowed<MembersRead>`), what may go wrong
//! in one table (`http/problem.rs`), what every answer has in common in one middleware
//! (`http/edge.rs`). [`create_app`] is the whole of it, for the program and for tests.

mod app;
mod clicks;
mod http;
mod openapi;
mod server;

pub use app::create_app;
pub use http::limits::RateLimits;
pub use http::progress::{ProgressStreams, StreamRules};
pub use openapi::openapi;
pub use server::{serve, serve_on};
