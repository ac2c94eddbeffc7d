//! Keep-alive connections that ask as fast as they are answered. As little work as possible is
//! done here, since client and server share the machine: requests are ready-made bytes, and of an
//! answer only status and length are looked at.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What one side did in one turn.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// How long each answer took, in microseconds.
    pub latencies: Vec<u32>,
    /// Answers other than 200 and 302, and broken connections.
    pub errors: u64,
    /// From which request on each connection asked, and how many.
    pub asked: Vec<(usize, usize)>,
    pub elapsed: Duration,
}

impl Outcome {
    pub fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.errors += other.errors;
        self.asked.extend(other.asked);
        self.elapsed += other.elapsed;
    }

    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64().max(f64::EPSILON)
    }

    /// The time within which so many hundredths were answered, in milliseconds.
    pub fn percentile(&self, hundredths: usize) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * hundredths).div_ceil(100).saturating_sub(1);
        sorted
            .get(at)
            .map_or(f64::NAN, |us| f64::from(*us) / 1_000.0)
    }
}

/// A GET as it goes over the wire.
pub fn get(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n")
        .into()
}

/// Who asks, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    pub connections: usize,
    /// From one question of a connection to its next; without it, it asks when it is answered.
    pub pace: Option<Duration>,
    pub turn: Duration,
}

/// Asks from a thread of its own.
pub async fn ask(
    server: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    crowd: Crowd,
) -> io::Result<Outcome> {
    let thread = tokio::task::spawn_blocking(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(all(server, requests, crowd))
    });
    thread.await.map_err(io::Error::other)?
}

async fn all(server: SocketAddr, requests: Arc<Vec<Vec<u8>>>, crowd: Crowd) -> io::Result<Outcome> {
    let connections = crowd.connections;
    let mut streams = Vec::with_capacity(connections);
    for _ in 0..connections {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let began = Instant::now();
    let end = began + crowd.turn;
    let asking: Vec<_> = streams
        .into_iter()
        .enumerate()
        .map(|(number, stream)| {
            // Far apart, so that no two ask for the same at the same time.
            let from = number * requests.len() / connections;
            let clock = Clock {
                next: began
                    + crowd
                        .pace
                        .unwrap_or_default()
                        .mul_f64(number as f64 / connections as f64),
                pace: crowd.pace,
                end,
            };
            tokio::spawn(one(stream, Arc::clone(&requests), from, clock))
        })
        .collect();
    let mut whole = Outcome::default();
    for task in asking {
        whole.add(task.await.map_err(io::Error::other)?);
    }
    whole.elapsed = began.elapsed();
    Ok(whole)
}

/// When a connection asks.
struct Clock {
    next: Instant,
    pace: Option<Duration>,
    end: Instant,
}

impl Clock {
    /// The time from which an answer is waited for: also that of a question that had to wait
    /// itself, because the one before was answered late.
    async fn tick(&mut self) -> Option<Instant> {
        let asked = match self.pace {
            None => Instant::now(),
            Some(pace) => {
                let due = self.next;
                self.next += pace;
                tokio::time::sleep_until(due.into()).await;
                due
            }
        };
        (asked < self.end).then_some(asked)
    }
}

async fn one(
    mut stream: TcpStream,
    requests: Arc<Vec<Vec<u8>>>,
    from: usize,
    mut clock: Clock,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut buffer = Vec::with_capacity(64 * 1024);
    for request in requests.iter().cycle().skip(from) {
        let Some(asked) = clock.tick().await else {
            break;
        };
        match exchange(&mut stream, request, &mut buffer).await {
            Ok(true) => {
                let took = u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX);
                outcome.latencies.push(took);
            }
            Ok(false) => outcome.errors += 1,
            Err(_) => {
                outcome.errors += 1;
                break;
            }
        }
    }
    outcome.asked.push((from, outcome.latencies.len()));
    outcome
}

/// One request and its whole answer; whether it was a 200 or a 302.
async fn exchange(
    stream: &mut TcpStream,
    request: &[u8],
    buffer: &mut Vec<u8>,
) -> io::Result<bool> {
    stream.write_all(request).await?;
    buffer.clear();
    let head = loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(at) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let (good, length) = read_head(&buffer[..head])?;
    while buffer.len() < head + length {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(good)
}

fn read_head(head: &[u8]) -> io::Result<(bool, usize)> {
    let head = std::str::from_utf8(head).map_err(io::Error::other)?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let named = name.eq_ignore_ascii_case("content-length");
        named.then(|| value.trim().parse().ok())?
    });
    let length = length.ok_or_else(|| io::Error::other("an answer of unknown length"))?;
    let good = ["HTTP/1.1 200", "HTTP/1.1 302"];
    Ok((good.iter().any(|good| head.starts_with(good)), length))
}
