//! A server that answers every request as it is told and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How one request is treated.
#[derive(Clone)]
pub enum Treatment {
    /// Status line, headers, body.
    Answer(
        &'static str,
        Vec<(&'static str, &'static str)>,
        &'static str,
    ),
    /// Headers that promise more than comes.
    BreakOff(&'static str),
    /// No answer for a long time.
    Silence,
    /// The connection ends at once.
    HangUp,
}

/// What was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name)?;
        Some(&found.1)
    }
}

pub struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Answers by the path asked for.
    pub async fn start(answers: impl Fn(&str) -> Treatment + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (memory, answers) = (asked.clone(), Arc::new(answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, memory.clone(), answers.clone()));
            }
        });
        Self { url, asked }
    }

    /// The same for every request.
    pub async fn always(treatment: Treatment) -> Self {
        Self::start(move |_| treatment.clone()).await
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    memory: Arc<Mutex<Vec<Asked>>>,
    answers: Arc<impl Fn(&str) -> Treatment>,
) {
    let Some(asked) = read(&mut stream).await else {
        return;
    };
    let path = asked.line.split(' ').nth(1).unwrap_or_default().to_owned();
    memory.lock().unwrap().push(asked);
    let answer = match answers(&path) {
        Treatment::Answer(status, headers, body) => {
            let headers: String = headers
                .iter()
                .map(|(n, v)| format!("{n}: {v}\r\n"))
                .collect();
            let length = body.len();
            format!(
                "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
        }
        Treatment::BreakOff(status) => {
            format!("HTTP/1.1 {status}\r\ncontent-length: 1000\r\n\r\n{{\"mess")
        }
        Treatment::Silence => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            return;
        }
        Treatment::HangUp => return,
    };
    let _ = stream.write_all(answer.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.lines();
    let line = lines.next()?.to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Asked {
        line,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
