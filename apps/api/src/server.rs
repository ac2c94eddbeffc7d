use crate::{ProgressStreams, RateLimits, clicks, create_app};
use actix_web::HttpServer;
use actix_web::dev::Server;
use crm_bootstrap::{Crm, Settings};
use crm_workflows::Taps;
use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

/// Serves the API on `HTTP_ADDR` until `stop`, then lets the requests in hand end within
/// `SHUTDOWN_GRACE`.
///
/// # Errors
/// When the address cannot be bound, or the server breaks.
pub async fn serve(crm: Crm, settings: Settings, stop: impl Future<Output = ()>) -> io::Result<()> {
    let (address, grace) = (settings.http_addr, settings.shutdown_grace);
    let limits = RateLimits::new(&settings);
    let streams = ProgressStreams::default();
    let watched = streams.clone();
    let taps = crm.taps.clone();
    let server = HttpServer::new(move || create_app(&crm, &settings, &limits, &watched))
        .disable_signals()
        .shutdown_timeout(whole_seconds(grace))
        .bind(address)?;
    tracing::info!("listening on http://{address}");
    run_until(server.run(), &streams, &taps, stop).await
}

/// [`serve`] on a listener that is bound already, to port 0 for example.
///
/// # Errors
/// When the server breaks.
pub async fn serve_on(
    listener: TcpListener,
    crm: Crm,
    settings: Settings,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let grace = settings.shutdown_grace;
    let limits = RateLimits::new(&settings);
    let streams = ProgressStreams::default();
    let watched = streams.clone();
    let taps = crm.taps.clone();
    let server = HttpServer::new(move || create_app(&crm, &settings, &limits, &watched))
        .disable_signals()
        .shutdown_timeout(whole_seconds(grace))
        .listen(listener)?;
    run_until(server.run(), &streams, &taps, stop).await
}

async fn run_until(
    server: Server,
    streams: &ProgressStreams,
    taps: &Taps,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let handle = server.handle();
    let ending = async {
        stop.await;
        tracing::info!("the API is stopping");
        // Nobody waits for those who only watch.
        streams.end();
        handle.stop(true).await;
        // Only the server's own end counts.
        std::future::pending::<()>().await;
    };
    let ended = tokio::select! {
        ended = server => ended,
        () = ending => Ok(()),
        () = clicks::keep_writing(taps) => Ok(()),
    };
    clicks::write_the_rest(taps).await;
    ended
}

/// The server counts in seconds; a fraction of one must not become none.
fn whole_seconds(grace: Duration) -> u64 {
    grace.as_secs() + u64::from(grace.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_of_a_second_is_still_some_grace() {
        assert_eq!(whole_seconds(Duration::ZERO), 0);
        assert_eq!(whole_seconds(Duration::from_millis(200)), 1);
        assert_eq!(whole_seconds(Duration::from_secs(10)), 10);
    }
}
