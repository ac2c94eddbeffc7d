//! The HTTP server, on a thread and runtime of its own.
//!
//! A test's runtime may be single-threaded and busy; LINE must answer all the same.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::{io, thread};

use actix_web::dev::ServerHandle;
use actix_web::web::{Data, JsonConfig, PayloadConfig};
use actix_web::{App, HttpServer, rt};
use tokio::sync::oneshot;

use crate::shared::Shared;
use crate::{line, page, sim, webhook};

/// Bodies beyond this are not read at all; LINE's own limit is checked per call.
const READ_AT_MOST: usize = 8 * 1024 * 1024;
/// Seeding a hundred thousand users takes one long body.
const CONTROL_BODY: usize = 256 * 1024 * 1024;

/// A server that runs.
pub(crate) struct Running {
    pub addr: SocketAddr,
    pub handle: ServerHandle,
}

pub(crate) async fn start(shared: Arc<Shared>) -> io::Result<Running> {
    // Whoever installed a provider before has made the same choice.
    let _already_there = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind(shared.config.addr)?;
    let addr = listener.local_addr()?;
    let (started, wait) = oneshot::channel();
    thread::Builder::new()
        .name("line-simulator".to_owned())
        .spawn(move || {
            rt::System::new().block_on(async move {
                match serve(&shared, listener) {
                    Ok(server) => {
                        let _caller_left = started.send(Ok(server.handle()));
                        if let Err(error) = server.await {
                            tracing::error!(%error, "the simulator stopped");
                        }
                    }
                    Err(error) => {
                        let _caller_left = started.send(Err(error));
                    }
                }
            });
        })?;
    let handle = wait.await.map_err(io::Error::other)??;
    Ok(Running { addr, handle })
}

fn serve(shared: &Arc<Shared>, listener: TcpListener) -> io::Result<actix_web::dev::Server> {
    webhook::run(shared).map_err(io::Error::other)?;
    let data = Data::from(Arc::clone(shared));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(PayloadConfig::new(READ_AT_MOST))
            .app_data(JsonConfig::default().limit(CONTROL_BODY))
            .configure(line::routes)
            .configure(sim::routes)
            .configure(page::routes)
    })
    .workers(2)
    .disable_signals()
    .on_connect(line::remember_connection)
    .listen(listener)?;
    Ok(server.run())
}
