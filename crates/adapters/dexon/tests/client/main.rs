//! The client against a server with canned answers: every row of the contract's table of answers,
//! and everything between answers and silence.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod answers;
mod asking;
mod bodies;
mod canned;

use canned::{Server, Treatment};
use chrono::{DateTime, NaiveDate, Utc};
use crm_dexon::{DexonClient, DexonConfig};
use crm_kernel::Clock;
use crm_members::{PageAsk, PmsError, PmsGateway, PmsGuest, PmsPage, PmsWindow};
use std::sync::Arc;
use std::time::Duration;

const KEY: &str = "k-secret-1";
const EMPTY: &str = r#"{"resultCode":"0000","resultMessage":"OK","data":{"items":[],"next_cursor":null,"has_more":false,"as_of":"2025-10-08T10:00:00+08:00"}}"#;

/// A clock that stands.
pub struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> DateTime<Utc> {
        at("2025-10-08T02:00:00Z")
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn config(server: &Server) -> DexonConfig {
    DexonConfig {
        timeout: Duration::from_millis(500),
        pauses: vec![Duration::from_millis(1); 3],
        ..DexonConfig::new(
            url::Url::parse(&server.url).unwrap(),
            KEY.into(),
            chrono_tz::Asia::Taipei,
        )
    }
}

fn client_of(config: DexonConfig) -> DexonClient {
    // the second caller of a process finds it installed
    let _ = rustls::crypto::ring::default_provider().install_default();
    DexonClient::new(config, Arc::new(Stopped)).unwrap()
}

fn client(server: &Server) -> DexonClient {
    client_of(config(server))
}

fn ok() -> Treatment {
    Treatment::json("200 OK", EMPTY)
}

fn first() -> PageAsk {
    PageAsk::default()
}

fn later(cursor: &str) -> PageAsk {
    PageAsk {
        window: PmsWindow::default(),
        cursor: Some(cursor.to_owned()),
    }
}

/// The first page of guests, with how often it was asked for.
async fn asked(
    treatments: impl IntoIterator<Item = Treatment>,
) -> (Result<PmsPage<PmsGuest>, PmsError>, usize) {
    let server = Server::start(treatments).await;
    let page = client(&server).guests(&first()).await;
    (page, server.asked().len())
}

fn refused(code: &str, message: &str) -> PmsError {
    PmsError::Refused {
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

fn unavailable(why: &str) -> PmsError {
    PmsError::Unavailable(why.to_owned())
}
