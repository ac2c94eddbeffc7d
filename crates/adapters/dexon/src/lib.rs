//! The hotel system of 德安 (Dexon): its HTTP interface as we assume it, and its notation.
//!
//! [`DexonClient`] fetches guests and stays ([`crm_members::PmsGateway`]), [`DexonFormat`] reads
//! rows that somebody exported ([`crm_members::PmsFormat`]); both read a row by the same rules.
//! What the vendor calls things, and what is not to be believed, stands in `data/dexon.json`;
//! at a hotel whose system speaks otherwise, that file and this crate change and nothing else.
//!
//! TLS needs a process-wide rustls provider, which the caller installs before
//! [`DexonClient::new`].

mod answer;
mod asking;
mod client;
mod config;
mod dates;
mod emails;
mod envelope;
mod field;
mod format;
mod gateway;
mod guest;
mod known;
mod mapper;
mod names;
mod numbers;
mod phones;
mod reading;
mod retry_after;
mod row;
mod status;
mod stay;
mod text;
mod turns;

pub use client::DexonClient;
pub use config::{DexonConfig, DexonError};
pub use format::DexonFormat;
