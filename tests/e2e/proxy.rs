//! A wire to the database that can be cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// Passes connections on to a server while it is whole.
pub struct Wire {
    /// Where it listens.
    pub port: u16,
    whole: Arc<AtomicBool>,
}

impl Wire {
    /// A wire to `server` (`host:port`).
    pub async fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let whole = Arc::new(AtomicBool::new(true));
        let (server, state) = (server.to_owned(), Arc::clone(&whole));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(pass(near, server.clone(), Arc::clone(&state)));
            }
        });
        Self { port, whole }
    }

    /// Breaks every connection and takes no new one.
    pub fn cut(&self) {
        self.whole.store(false, Ordering::SeqCst);
    }

    /// Takes connections again.
    pub fn mend(&self) {
        self.whole.store(true, Ordering::SeqCst);
    }
}

async fn pass(mut near: TcpStream, server: String, whole: Arc<AtomicBool>) {
    if !whole.load(Ordering::SeqCst) {
        return;
    }
    let Ok(mut far) = TcpStream::connect(server).await else {
        return;
    };
    let cut = async {
        while whole.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => {}
        () = cut => {}
    }
}
