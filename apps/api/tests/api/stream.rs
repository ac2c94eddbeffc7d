//! A client of a stream of server-sent events.

use crate::harness::TestApi;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header;
use actix_web::test::TestRequest;
use serde_json::Value;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

pub const PATIENCE: Duration = Duration::from_secs(5);

/// An open stream.
pub struct Stream {
    body: Pin<Box<dyn MessageBody<Error = Box<dyn std::error::Error>>>>,
    unread: String,
}

/// An event on it.
#[derive(Debug)]
pub struct Told {
    pub id: String,
    pub kind: String,
    pub data: Value,
}

impl Stream {
    /// Opens one, as somebody who has heard up to `since`.
    pub async fn open(api: &TestApi, path: &str, token: &str, since: &str) -> Self {
        let request = TestRequest::get()
            .uri(path)
            .insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
            .insert_header((header::ACCEPT_ENCODING, "gzip"))
            .insert_header(("last-event-id", since));
        let response = api.open(request).await;
        assert_eq!(response.status(), 200);
        let headers = response.headers();
        assert_eq!(
            headers.get(header::CONTENT_TYPE).unwrap(),
            "text/event-stream"
        );
        assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), "no-store");
        let body = response.into_body().boxed();
        assert!(matches!(body.size(), BodySize::Stream));
        Self {
            body: Box::pin(body),
            unread: String::new(),
        }
    }

    /// The next piece; `None` at the end.
    pub async fn next(&mut self) -> Option<String> {
        let piece = poll_fn(|cx| self.body.as_mut().poll_next(cx));
        let piece = tokio::time::timeout(PATIENCE, piece).await.unwrap()?;
        let piece = String::from_utf8(piece.unwrap().to_vec()).unwrap();
        assert!(piece.ends_with("\n\n"), "{piece}");
        Some(piece)
    }

    /// The next event, past signs of life and what else has no data.
    pub async fn told(&mut self) -> Option<Told> {
        loop {
            while let Some((block, rest)) = self.unread.split_once("\n\n") {
                let line = |name: &str| {
                    let found = block.lines().find_map(|line| line.strip_prefix(name));
                    found.map(str::to_owned)
                };
                let told = line("data: ").map(|data| Told {
                    id: line("id: ").unwrap(),
                    kind: line("event: ").unwrap(),
                    data: serde_json::from_str(&data).unwrap(),
                });
                self.unread = rest.to_owned();
                if told.is_some() {
                    return told;
                }
            }
            self.unread = self.next().await?;
        }
    }

    /// The data of the next event, which is one of progress.
    pub async fn event(&mut self) -> Option<Value> {
        let told = self.told().await?;
        assert_eq!(told.kind, "campaign.progress");
        Some(told.data)
    }

    /// Reads on to the end, through signs of life alone.
    pub async fn is_over(&mut self) {
        while let Some(piece) = self.next().await {
            assert!(piece.starts_with(": still here\n"), "{piece}");
        }
    }
}
