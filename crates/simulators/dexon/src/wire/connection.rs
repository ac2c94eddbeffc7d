//! Cutting a connection without an answer.

use std::any::Any;
use std::net::{Shutdown, TcpStream};

use actix_web::HttpRequest;
use actix_web::dev::Extensions;

/// A second handle on the connection a request came in on.
struct Connection(TcpStream);

/// Called for every new connection; keeps a handle on it so that a fault can cut it.
#[cfg(unix)]
pub(crate) fn remember(io: &dyn Any, data: &mut Extensions) {
    use std::os::fd::AsFd;

    let handle = io
        .downcast_ref::<actix_web::rt::net::TcpStream>()
        .and_then(|stream| stream.as_fd().try_clone_to_owned().ok());
    if let Some(handle) = handle {
        data.insert(Connection(TcpStream::from(handle)));
    }
}

/// Without file descriptors a cut connection shows as a 500.
#[cfg(not(unix))]
pub(crate) fn remember(_io: &dyn Any, _data: &mut Extensions) {}

/// Closes the connection; the caller sees it end before any answer.
pub(super) fn cut(request: &HttpRequest) {
    if let Some(Connection(stream)) = request.conn_data::<Connection>() {
        // Already closed is as good.
        let _closed = stream.shutdown(Shutdown::Both);
    }
}
