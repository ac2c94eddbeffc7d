//! The LINE Messaging API: our messages in its notation, calls to it, and its webhook requests.
//!
//! [`LineClient`] is the one way out ([`crm_workflows::LineGateway`]), [`LineWebhook`] the one
//! way in ([`crm_workflows::WebhookReader`]); [`LinePace`] says when the next send may go
//! ([`crm_workflows::Pace`]). Rules and limits are those of the Messaging API
//! reference on LINE Developers; LINE may add fields, values and headers at any time, so what
//! is read is read tolerantly.
//!
//! TLS needs a process-wide rustls provider, which the caller installs before
//! [`LineClient::new`].

mod answer;
mod client;
mod content;
mod flex;
mod gateway;
mod limits;
mod messages;
mod pace;
mod sent;
mod signature;
mod webhook;

pub use client::{LineClient, LineClientError, LineConfig};
pub use messages::encode;
pub use pace::LinePace;
pub use signature::verify_signature;
pub use webhook::{LineWebhook, parse_webhook};
