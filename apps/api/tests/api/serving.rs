use crate::harness::TestApi;
use serde_json::json;
use std::net::{SocketAddr, TcpListener};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// Asks on a connection of its own.
async fn ask(address: SocketAddr, request: &str) -> String {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_given_listener_is_served_until_somebody_says_stop() {
    let api = TestApi::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let (crm, settings) = (api.crm.clone(), api.settings.clone());
    let serving = tokio::spawn(crm_api::serve_on(listener, crm, settings, async {
        let _ = stopped.await;
    }));

    let request = "GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answer = ask(address, request).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");

    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_limit_is_one_for_all_threads_of_a_server() {
    const LIMIT: u32 = 8;
    let api = TestApi::limited(0, LIMIT).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(crm_api::serve_on(
        listener,
        api.crm.clone(),
        api.settings.clone(),
        std::future::pending(),
    ));

    let request = "POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
                   content-length: 0\r\n\r\n";
    for left in (0..LIMIT).rev() {
        let answer = ask(address, request).await;
        let told = format!("x-ratelimit-remaining: {left}\r\n");
        assert!(answer.starts_with("HTTP/1.1 415"), "{answer}");
        assert!(answer.contains(&told), "{answer}");
    }
    let answer = ask(address, request).await;
    assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
    serving.abort();
}

#[tokio::test]
async fn an_open_stream_ends_with_the_server_and_does_not_hold_it_up() {
    let (api, token) = TestApi::with_admin().await;
    let template = json!({"type": "text", "name": "hello", "content": "歡迎"});
    let template = api.create("/api/v1/templates", &token, template).await;
    let draft =
        json!({"title": "中秋", "template_id": template, "target_audience": {"type": "all"}});
    let id = api.create("/api/v1/campaigns", &token, draft).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let (crm, settings) = (api.crm.clone(), api.settings.clone());
    let grace = settings.shutdown_grace;
    let serving = tokio::spawn(crm_api::serve_on(listener, crm, settings, async {
        let _ = stopped.await;
    }));

    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /api/v1/campaigns/{id}/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut seen = String::new();
    while !seen.contains("\"status\":\"draft\"") {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.unwrap();
        assert!(read > 0, "{seen}");
        seen.push_str(&String::from_utf8_lossy(&piece[..read]));
    }
    let asked = Instant::now();
    stop.send(()).unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    serving.await.unwrap().unwrap();
    assert!(rest.contains("0\r\n\r\n"), "it ended in order: {rest}");
    assert!(asked.elapsed() < grace / 2, "{:?}", asked.elapsed());
}
