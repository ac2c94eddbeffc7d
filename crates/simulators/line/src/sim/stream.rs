//! News for open pages, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use futures::stream;
use tokio::sync::broadcast::error::RecvError;

use crate::shared::Shared;

/// A sign of life, so that a page whose tab was closed is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) async fn events(shared: Data<Shared>) -> HttpResponse {
    let news = stream::unfold(shared.subscribe(), |mut news| async move {
        let line = match tokio::time::timeout(KEEP_ALIVE, news.recv()).await {
            Ok(Ok(event)) => format!("data: {event}\n\n"),
            // Too much happened to tell it all: let the page look at everything again.
            Ok(Err(RecvError::Lagged(_))) => {
                "data: {\"type\":\"chat\",\"detail\":{\"uids\":[],\"many\":true}}\n\n".to_owned()
            }
            Ok(Err(RecvError::Closed)) => return None,
            Err(_) => ": still here\n\n".to_owned(),
        };
        Some((Ok::<_, Infallible>(Bytes::from(line)), news))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("cache-control", "no-store"))
        .streaming(news)
}
