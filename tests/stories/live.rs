//! Staff see it happen: a guest writes, somebody answers, and a stream that is open tells so.

use crm_accounts::{CreateUser, PlainPassword, Role};
use crm_api::serve_on;
use crm_kernel::Actor;
use crm_tests::{Api, Installation};
use futures::StreamExt;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::pin::Pin;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

crate::stories!(
    a_guest_writes_and_staff_answer_and_whoever_listens_sees_it,
    whoever_listens_at_another_process_is_told_the_same,
    five_hundred_who_listen_are_told_as_soon_as_one,
);

const PASSWORD: &str = "moon-festival-2026";
/// How late staff may see it.
const SOON: Duration = Duration::from_secs(2);

/// An API of this hotel, at an address of its own, until the test ends.
fn serve(hotel: &Installation) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (crm, settings) = (hotel.crm.clone(), hotel.settings.clone());
    tokio::spawn(serve_on(listener, crm, settings, std::future::pending()));
    base
}

async fn sign_in(hotel: &Installation, base: &str) -> Api {
    let user = CreateUser {
        username: "lin".to_owned(),
        email: "lin@hotel.example".to_owned(),
        password: PlainPassword::new(PASSWORD.to_owned()),
        full_name: None,
        role: Role::CustomerService,
    };
    let accounts = &hotel.crm.accounts;
    accounts.create_user(&Actor::System, user).await.unwrap();
    Api::sign_in(base, "lin", PASSWORD).await
}

/// Somebody who listens.
struct Screen {
    pieces: Pin<Box<dyn futures::Stream<Item = Vec<u8>> + Send>>,
    seen: String,
}

impl Screen {
    async fn open(base: &str, token: &str, since: &str) -> Self {
        let request = reqwest::Client::builder().build().unwrap();
        let request = request
            .get(format!("{base}/api/v1/events"))
            .bearer_auth(token)
            .header("last-event-id", since);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let pieces = futures::stream::unfold(answer, |mut answer| async move {
            let piece = answer.chunk().await.unwrap()?;
            Some((piece.to_vec(), answer))
        });
        let mut screen = Self {
            pieces: Box::pin(pieces),
            seen: String::new(),
        };
        screen.read().await;
        assert!(screen.seen.starts_with("retry: 3000\nid: "));
        screen
    }

    async fn read(&mut self) {
        let piece = tokio::time::timeout(SOON * 10, self.pieces.next()).await;
        let piece = piece.unwrap().unwrap();
        self.seen.push_str(&String::from_utf8(piece).unwrap());
    }

    /// The id and the data of the next event of that kind, past others.
    async fn sees(&mut self, kind: &str) -> (String, Value) {
        loop {
            while let Some((block, rest)) = self.seen.split_once("\n\n") {
                let line = |name: &str| {
                    let found = block.lines().find_map(|line| line.strip_prefix(name));
                    found.unwrap_or_default().to_owned()
                };
                let (id, event, data) = (line("id: "), line("event: "), line("data: "));
                self.seen = rest.to_owned();
                if event == kind {
                    return (id, serde_json::from_str(&data).unwrap());
                }
            }
            self.read().await;
        }
    }
}

/// A guest writes at LINE, which delivers it to that API.
async fn write(hotel: &Installation, base: &str, uid: &str, words: &str) {
    let webhook = format!("{base}/api/v1/line/webhook");
    hotel.line.set_webhook_url(&webhook);
    hotel.line.send_text(uid, words).unwrap();
    hotel.line.flush().await;
    assert_eq!(hotel.line.pending_webhooks(), 0);
    hotel.run_jobs().await;
}

async fn a_guest_writes_and_staff_answer_and_whoever_listens_sees_it(hotel: &Installation) {
    let base = serve(hotel);
    let lin = sign_in(hotel, &base).await;
    let (member, uid) = hotel.friends(1).await.remove(0);
    let mut screen = Screen::open(&base, lin.token(), "").await;
    let start = Instant::now();
    write(hotel, &base, &uid, "請問幾點退房").await;
    let (received, told) = screen.sees("message.received").await;
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert_eq!(told["member_id"], member.get());
    // What it says is fetched by whoever may read it.
    let conversation = format!("/messages/conversation/{member}");
    let said = lin.data(&conversation).await;
    assert_eq!(said["items"][0]["id"], told["message_id"]);
    assert_eq!(said["items"][0]["content"], "請問幾點退房");
    assert_eq!(
        screen.sees("conversation.updated").await.1["change"],
        "read"
    );
    let answer = json!({"member_id": member, "content": "十一點"});
    let start = Instant::now();
    let answer = lin.create("/messages", answer).await;
    let (_, sent) = screen.sees("message.sent").await;
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert_eq!(sent["message_id"], answer["id"]);
    // A browser that lost its connection misses nothing.
    drop(screen);
    let mut back = Screen::open(&base, lin.token(), &received).await;
    assert_eq!(back.sees("message.sent").await.1, sent);
}

async fn whoever_listens_at_another_process_is_told_the_same(hotel: &Installation) {
    let (here, there) = (serve(hotel), serve(hotel));
    let lin = sign_in(hotel, &here).await;
    let (member, uid) = hotel.friends(1).await.remove(0);
    let mut screens = [
        Screen::open(&here, lin.token(), "").await,
        Screen::open(&there, lin.token(), "").await,
    ];
    write(hotel, &here, &uid, "早安").await;
    for screen in &mut screens {
        let (_, told) = screen.sees("message.received").await;
        assert_eq!(told["member_id"], member.get());
    }
    // What was heard from one is known to the other.
    let [here_screen, there_screen] = screens;
    drop(there_screen);
    write(hotel, &here, &uid, "請問有早餐嗎").await;
    let mut here_screen = here_screen;
    let (id, _) = here_screen.sees("message.received").await;
    drop(here_screen);
    write(hotel, &here, &uid, "謝謝").await;
    let mut back = Screen::open(&there, lin.token(), &id).await;
    back.sees("message.received").await;
}

/// Pages of memory that this process has, as kilobytes.
fn kilobytes() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident = pages.split(' ').nth(1).and_then(|n| n.parse().ok());
    resident.unwrap_or(0_usize) * 4
}

async fn read_until(stream: &mut TcpStream, words: &str) {
    let mut seen = String::new();
    while !seen.contains(words) {
        let mut piece = [0; 1024];
        let read = stream.read(&mut piece).await.unwrap();
        assert!(read > 0, "{seen}");
        seen.push_str(&String::from_utf8_lossy(&piece[..read]));
    }
}

async fn five_hundred_who_listen_are_told_as_soon_as_one(hotel: &Installation) {
    let base = serve(hotel);
    let lin = sign_in(hotel, &base).await;
    let (_, uid) = hotel.friends(1).await.remove(0);
    let request = format!(
        "GET /api/v1/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\n\r\n",
        lin.token()
    );
    let mut streams = Vec::new();
    let mut before = 0;
    for count in 0..500 {
        if count == 10 {
            before = kilobytes();
        }
        let address = base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        read_until(&mut stream, "retry: 3000").await;
        streams.push(stream);
    }
    let each = (kilobytes().saturating_sub(before)) / 490;
    let (status, refusal) = lin.get("/events").await;
    assert_eq!(
        (status, &refusal["error_code"]),
        (503, &json!("too_many_streams"))
    );
    write(hotel, &base, &uid, "早安").await;
    let start = Instant::now();
    for stream in &mut streams {
        let told = read_until(stream, "event: message.received");
        tokio::time::timeout(SOON, told).await.unwrap();
    }
    let all = start.elapsed();
    assert!(all < SOON, "{all:?}");
    println!("500 streams of {each} kB with both their ends; all were told after {all:?}");
    assert!(each < 100, "{each} kB for one stream");
}
