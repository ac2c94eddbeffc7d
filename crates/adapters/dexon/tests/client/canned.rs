//! A server that answers each request as the next treatment says, the last one for ever, and
//! remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How one request is treated.
#[derive(Clone)]
pub enum Treatment {
    /// Status line, headers, body.
    Answer(&'static str, Vec<(&'static str, String)>, Vec<u8>),
    /// Headers that promise more than comes.
    BreakOff,
    /// A body without a length that comes in pieces and has no end.
    Endless,
    /// A byte now and then, never enough.
    Drip,
    /// No answer for a long time.
    Silence,
    /// The connection ends at once.
    HangUp,
}

impl Treatment {
    pub fn json(status: &'static str, body: &str) -> Self {
        Self::Answer(status, Vec::new(), body.as_bytes().to_vec())
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Answer(_, headers, _) = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

/// What was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub at: Instant,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name)?;
        Some(&found.1)
    }

    pub fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }
}

pub struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub async fn start(treatments: impl IntoIterator<Item = Treatment>) -> Self {
        let treatments: Arc<Vec<Treatment>> = Arc::new(treatments.into_iter().collect());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let memory = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, memory.clone(), treatments.clone()));
            }
        });
        Self { url, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, memory: Arc<Mutex<Vec<Asked>>>, all: Arc<Vec<Treatment>>) {
    let Some(asked) = read(&mut stream).await else {
        return;
    };
    let place = {
        let mut memory = memory.lock().unwrap();
        memory.push(asked);
        memory.len().min(all.len()) - 1
    };
    match &all[place] {
        Treatment::Answer(status, headers, body) => {
            let headers: String = headers
                .iter()
                .map(|(n, v)| format!("{n}: {v}\r\n"))
                .collect();
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(body).await;
        }
        Treatment::BreakOff => {
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"resultCode\":";
            let _ = stream.write_all(head.as_bytes()).await;
        }
        Treatment::Endless => {
            let head =
                "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"resultCode\":\"0000\",\"x\":\"";
            let mut sent = stream.write_all(head.as_bytes()).await;
            while sent.is_ok() {
                sent = stream.write_all(&[b'x'; 65_536]).await;
            }
        }
        Treatment::Drip => {
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
            let mut sent = stream.write_all(head.as_bytes()).await;
            while sent.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
                sent = stream.write_all(b" ").await;
            }
        }
        Treatment::Silence => tokio::time::sleep(Duration::from_secs(60)).await,
        Treatment::HangUp => {}
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|w| w == b"\r\n\r\n") {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut lines = text.lines();
    Some(Asked {
        line: lines.next()?.to_owned(),
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
        at: Instant::now(),
    })
}
