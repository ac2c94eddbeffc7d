//! The HTTP server, on a thread and runtime of its own.
//!
//! A test's runtime may be single-threaded and busy; the PMS must answer all the same.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::{io, thread};

use actix_web::dev::ServerHandle;
use actix_web::web::{Data, JsonConfig};
use actix_web::{App, HttpServer, rt};
use tokio::sync::oneshot;

use crate::shared::Shared;
use crate::{control, page, wire};

/// A hotel's rows may come in one long body.
const CONTROL_BODY: usize = 64 * 1024 * 1024;

/// A server that runs.
pub(crate) struct Running {
    pub addr: SocketAddr,
    pub handle: ServerHandle,
}

pub(crate) async fn start(addr: SocketAddr, shared: Arc<Shared>) -> io::Result<Running> {
    let listener = TcpListener::bind(addr)?;
    let addr = listener.local_addr()?;
    let (started, wait) = oneshot::channel();
    thread::Builder::new()
        .name("dexon-simulator".to_owned())
        .spawn(move || {
            rt::System::new().block_on(async move {
                match serve(&shared, listener) {
                    Ok(server) => {
                        let _caller_left = started.send(Ok(server.handle()));
                        if let Err(error) = server.await {
                            tracing::error!(%error, "the PMS simulator stopped");
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
    let data = Data::from(Arc::clone(shared));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(JsonConfig::default().limit(CONTROL_BODY))
            .configure(wire::routes)
            .configure(control::routes)
            .configure(page::routes)
    })
    .workers(2)
    .shutdown_timeout(1)
    .disable_signals()
    .on_connect(wire::remember_connection)
    .listen(listener)?;
    Ok(server.run())
}
