//! A simulator, a client that calls it as the CRM would, and a webhook receiver.

#![expect(dead_code, reason = "each test file uses its own part")]
#![expect(
    clippy::expect_used,
    reason = "a test without its surroundings has failed"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use crm_simulator_line::{LineSimulator, SimulatorConfig};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

pub const TOKEN: &str = "token";
pub const SECRET: &str = "secret";

pub async fn simulator() -> LineSimulator {
    start(SimulatorConfig::default()).await
}

pub async fn start(config: SimulatorConfig) -> LineSimulator {
    LineSimulator::start(SimulatorConfig {
        channel_access_token: TOKEN.to_owned(),
        channel_secret: SECRET.to_owned(),
        ..config
    })
    .await
    .expect("a free port")
}

pub fn client() -> Client {
    Client::builder()
        .no_proxy()
        .timeout(std::time::Duration::from_secs(10))
        .build()
        .expect("a client")
}

pub fn post(line: &LineSimulator, path: &str, body: &Value) -> RequestBuilder {
    client()
        .post(format!("{}{path}", line.base_url()))
        .bearer_auth(TOKEN)
        .json(body)
}

pub async fn get(line: &LineSimulator, path: &str) -> Response {
    client()
        .get(format!("{}{path}", line.base_url()))
        .bearer_auth(TOKEN)
        .send()
        .await
        .expect("an answer")
}

pub async fn push(line: &LineSimulator, uid: &str) -> Response {
    let body = json!({"to": uid, "messages": [text("hello")]});
    answer(post(line, "/v2/bot/message/push", &body)).await
}

pub fn multicast(line: &LineSimulator, to: &[String], retry_key: &str) -> RequestBuilder {
    let body = json!({"to": to, "messages": [text("hello")]});
    post(line, "/v2/bot/message/multicast", &body).header("x-line-retry-key", retry_key)
}

pub async fn answer(request: RequestBuilder) -> Response {
    request.send().await.expect("an answer")
}

pub fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// A webhook as it arrived.
pub struct Received {
    pub signature: String,
    pub body: Vec<u8>,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn event(&self) -> Value {
        self.json()["events"][0].clone()
    }
}

/// The CRM's webhook endpoint; answers with the given statuses in turn, then with 200.
pub struct Receiver {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    server: ServerHandle,
}

impl Receiver {
    pub fn start(statuses: &[u16]) -> Self {
        let received = Arc::new(Mutex::new(Vec::new()));
        let statuses = Arc::new(Mutex::new(
            statuses.iter().copied().collect::<VecDeque<_>>(),
        ));
        let sink = Arc::clone(&received);
        let server = HttpServer::new(move || {
            let (sink, statuses) = (Arc::clone(&sink), Arc::clone(&statuses));
            let hook = move |request: HttpRequest, body: Bytes| {
                let signature = request.headers().get("x-line-signature");
                sink.lock().expect("lock").push(Received {
                    signature: signature
                        .and_then(|s| s.to_str().ok())
                        .unwrap_or_default()
                        .to_owned(),
                    body: body.to_vec(),
                });
                let status = statuses.lock().expect("lock").pop_front().unwrap_or(200);
                async move { HttpResponse::build(status.try_into().expect("a status")).finish() }
            };
            App::new().route("/webhook", web::post().to(hook))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("a free port");
        let url = format!("http://{}/webhook", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self {
            url,
            received,
            server: handle,
        }
    }

    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.received.lock().expect("lock"))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}
