use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures::Stream;
use std::convert::Infallible;

/// When a client that lost its connection comes back, in milliseconds.
pub(crate) const RETRY: u32 = 3_000;

/// The answer that goes on as long as `pieces` does.
pub(crate) fn event_stream(
    pieces: impl Stream<Item = Result<Bytes, Infallible>> + 'static,
) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        // Neither compressed nor kept back on the way.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(pieces)
}
