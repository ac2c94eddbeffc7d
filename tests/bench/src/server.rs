//! An actix-web server with two workers, for either side.

use actix_web::body::MessageBody;
use actix_web::dev::{ServerHandle, ServiceFactory};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::KeepAlive;
use actix_web::{App, Error, HttpServer};
use std::io;
use std::net::SocketAddr;

const WORKERS: usize = 2;

pub struct Server {
    pub address: SocketAddr,
    handle: ServerHandle,
}

impl Server {
    pub fn start<F, T, B>(app: F) -> io::Result<Self>
    where
        F: Fn() -> App<T> + Send + Clone + 'static,
        T: ServiceFactory<
                ServiceRequest,
                Config = (),
                Response = ServiceResponse<B>,
                Error = Error,
                InitError = (),
            > + 'static,
        B: MessageBody + 'static,
    {
        let server = HttpServer::new(app)
            .workers(WORKERS)
            .keep_alive(KeepAlive::Os)
            .disable_signals()
            .shutdown_timeout(1)
            .bind("127.0.0.1:0")?;
        let address = server
            .addrs()
            .first()
            .copied()
            .ok_or(io::ErrorKind::AddrNotAvailable)?;
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self { address, handle })
    }

    pub async fn stop(&self) {
        self.handle.stop(false).await;
    }
}
