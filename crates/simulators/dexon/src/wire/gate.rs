//! What every request passes: counting, faults, and the key.

use std::convert::Infallible;
use std::io;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures::stream;
use tokio::time::sleep;

use super::answer::Answer;
use super::{connection, rows};
use crate::counts::Request;
use crate::faults::{Endpoint, Fault};
use crate::shared::{Shared, World};

/// Filler is sent in pieces of this many bytes.
const PIECE: usize = 64 * 1024;
const SHOWN_CURSOR: usize = 12;

/// Counts a request as being answered until it goes.
struct Present<'a>(&'a Shared);

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.world().counter.leave();
    }
}

pub(super) async fn pass(
    shared: &Data<Shared>,
    request: &HttpRequest,
    endpoint: Endpoint,
) -> HttpResponse {
    let query = request.query_string();
    let has_cursor = query.contains("cursor=");
    let fault = {
        let mut world = shared.world();
        world.counter.arrive(endpoint, Instant::now());
        world.faults.draw(endpoint, has_cursor)
    };
    let _present = Present(shared);
    if let Some(Fault::Slow { ms }) = fault {
        sleep(Duration::from_millis(ms)).await;
    }
    if fault == Some(Fault::Cut) {
        note(
            &mut shared.world(),
            endpoint,
            query,
            &Answer::empty(0),
            fault.as_ref(),
        );
        connection::cut(request);
        return HttpResponse::InternalServerError().finish();
    }
    let answer = {
        let mut world = shared.world();
        let answer = answer(shared, &mut world, request, endpoint, fault.as_ref());
        note(&mut world, endpoint, query, &answer, fault.as_ref());
        answer
    };
    send(answer, fault.as_ref())
}

fn answer(
    shared: &Shared,
    world: &mut World,
    request: &HttpRequest,
    endpoint: Endpoint,
    fault: Option<&Fault>,
) -> Answer {
    if let Some(instead) = fault.and_then(Answer::instead) {
        return instead;
    }
    let header = |name: &str| {
        let value = request.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    if header("X-API-Key") != shared.api_key {
        return Answer::wrong_key();
    }
    for (name, wanted) in [
        ("X-Hotel-Code", &shared.hotel_code),
        ("X-Athena-Id", &shared.athena_id),
    ] {
        if wanted.as_ref().is_some_and(|wanted| header(name) != wanted) {
            return Answer::wrong_hotel();
        }
    }
    let off = match fault {
        Some(Fault::ClockOff { seconds }) => *seconds,
        _ => 0,
    };
    let answer = match endpoint.table() {
        Some(table) => rows::page(world, table, request.query_string(), off),
        None => rows::health(world, off),
    };
    match fault {
        Some(fault) => answer.spoilt(fault),
        None => answer,
    }
}

fn note(
    world: &mut World,
    endpoint: Endpoint,
    query: &str,
    answer: &Answer,
    fault: Option<&Fault>,
) {
    let request = Request {
        number: 0,
        at: world.written_now(),
        path: endpoint.path(),
        query: shortened(query),
        status: answer.status,
        rows: answer.rows,
        bytes: answer.body.len(),
        fault: fault.map(|fault| format!("{fault:?}")),
    };
    world.counter.answered(endpoint, request);
}

/// The query without the length of a cursor.
fn shortened(query: &str) -> String {
    query
        .split('&')
        .map(|part| match part.strip_prefix("cursor=") {
            Some(cursor) if cursor.len() > SHOWN_CURSOR => {
                let start = cursor.get(..SHOWN_CURSOR).unwrap_or_default();
                format!("cursor={start}…")
            }
            _ => part.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("&")
}

fn send(answer: Answer, fault: Option<&Fault>) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.content_type(answer.content_type);
    if let Some(seconds) = answer.retry_after {
        response.insert_header(("retry-after", seconds.to_string()));
    }
    match fault {
        Some(Fault::Huge { bytes }) => huge(response, *bytes, answer.body),
        Some(Fault::CutBody) => halves(response, answer.body, None),
        Some(Fault::Drip { ms }) => halves(response, answer.body, Some(*ms)),
        _ if answer.body.is_empty() => response.finish(),
        _ => response.body(answer.body),
    }
}

/// Blanks before the answer: JSON all the same, for who reads that far.
fn huge(mut response: HttpResponseBuilder, bytes: usize, body: Vec<u8>) -> HttpResponse {
    let blanks = Bytes::from(vec![b' '; PIECE]);
    let pieces = std::iter::repeat_n(blanks, bytes.div_ceil(PIECE))
        .chain(std::iter::once(Bytes::from(body)))
        .map(Ok::<_, Infallible>);
    response.streaming(stream::iter(pieces))
}

/// One half, and then the other after a while, or never.
fn halves(mut response: HttpResponseBuilder, body: Vec<u8>, ms: Option<u64>) -> HttpResponse {
    let mut first = Bytes::from(body);
    let second = first.split_off(first.len() / 2);
    let pieces = stream::unfold(
        (0, first, second),
        move |(turn, first, second)| async move {
            match (turn, ms) {
                (0, _) => Some((Ok(first.clone()), (1, first, second))),
                (1, Some(ms)) => {
                    sleep(Duration::from_millis(ms)).await;
                    Some((Ok(second.clone()), (2, first, second)))
                }
                (1, None) => {
                    // The first half shall leave before the connection does.
                    sleep(Duration::from_millis(50)).await;
                    let broken = io::Error::from(io::ErrorKind::ConnectionReset);
                    Some((Err(broken), (2, first, second)))
                }
                _ => None,
            }
        },
    );
    response.streaming(Box::pin(pieces))
}
