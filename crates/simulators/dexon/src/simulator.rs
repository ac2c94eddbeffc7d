//! The handle a demo or a test holds.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use serde_json::Value;

use crate::config::SimulatorConfig;
use crate::counts::{Counts, Request};
use crate::faults::{Endpoint, Fault, FaultOrder};
use crate::hotel::{Hotel, NoSuchRow, Table, Truth, Verdict};
use crate::server;
use crate::shared::Shared;

/// A running PMS. Clones are handles on the same one; it stops with [`stop`](Self::stop) or when the
/// last handle goes.
#[derive(Clone)]
pub struct DexonSimulator {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    addr: SocketAddr,
    server: ServerHandle,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The order to stop goes out at once; only waiting for it would need a runtime.
        drop(self.server.stop(false));
    }
}

impl fmt::Debug for DexonSimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DexonSimulator")
            .field("addr", &self.inner.addr)
            .finish_non_exhaustive()
    }
}

/// Starting and stopping.
impl DexonSimulator {
    /// Starts a simulator on a thread of its own and waits until it answers.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(config: SimulatorConfig) -> io::Result<Self> {
        let addr = config.addr;
        let shared = Arc::new(Shared::new(config));
        let running = server::start(addr, Arc::clone(&shared)).await?;
        Ok(Self {
            inner: Arc::new(Inner {
                shared,
                addr: running.addr,
                server: running.handle,
            }),
        })
    }

    /// Where it listens, such as `http://127.0.0.1:41234`; the value of `PMS_API_URL`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.inner.addr)
    }

    /// The key it wants.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.inner.shared.api_key
    }

    /// Stops listening; requests under way end within a second.
    pub async fn stop(self) {
        self.inner.server.stop(false).await;
    }
}

/// What clerks do. Everything happens now, by the hotel's clock.
impl DexonSimulator {
    /// Adds a guest's row as it is; answers `gcust_cod`.
    #[must_use]
    pub fn add_guest(&self, row: Value) -> String {
        self.add(Table::Guests, row, Verdict::Good)
    }

    /// Adds a stay's row as it is; answers its key, such as `00708801-001`.
    #[must_use]
    pub fn add_stay(&self, row: Value) -> String {
        self.add(Table::Stays, row, Verdict::Good)
    }

    /// Adds a row as it is, and says what a reader is to make of it.
    #[must_use]
    pub fn add(&self, table: Table, row: Value, verdict: Verdict) -> String {
        let fields = crate::hotel::fields_of(row);
        self.with(|hotel, now| hotel.add(table, fields, verdict, now))
    }

    /// Changes fields of a row.
    ///
    /// # Errors
    /// [`NoSuchRow`].
    pub fn change(&self, table: Table, key: &str, fields: Value) -> Result<(), NoSuchRow> {
        let fields = crate::hotel::fields_of(fields);
        self.with(|hotel, now| hotel.change(table, key, fields, now))
    }

    /// Does anything else to the hotel; `work` is told the second at which it happens.
    pub fn with<T>(&self, work: impl FnOnce(&mut Hotel, i64) -> T) -> T {
        self.inner.shared.world().clerk(work)
    }

    /// Looks at the hotel; no time goes by.
    pub fn look<T>(&self, work: impl FnOnce(&Hotel) -> T) -> T {
        work(&self.inner.shared.world().hotel)
    }

    /// Does something as soon as so many more pages of a table were answered.
    pub fn after_pages(
        &self,
        table: Table,
        pages: u32,
        work: impl FnOnce(&mut Hotel, i64) + Send + 'static,
    ) {
        let work = Box::new(work);
        self.inner.shared.world().after_pages(table, pages, work);
    }

    /// Puts the hotel's clock ahead, or back.
    pub fn advance_clock(&self, seconds: i64) {
        self.inner.shared.world().ahead += seconds;
    }

    /// The second that the hotel's clock shows.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.inner.shared.world().now()
    }

    /// Forgets every cursor: those that clients hold are expired.
    pub fn expire_cursors(&self) {
        self.inner.shared.world().life += 1;
    }
}

/// Trouble, and what was seen.
impl DexonSimulator {
    /// Something goes wrong with the next so many requests.
    pub const fn next(&self, times: u32) -> Next<'_> {
        Next {
            simulator: self,
            times,
            after: 0,
            endpoint: None,
        }
    }

    /// Orders trouble.
    pub fn order(&self, order: FaultOrder) {
        self.inner.shared.world().faults.add(order);
    }

    /// Ends all trouble.
    pub fn clear_faults(&self) {
        self.inner.shared.world().faults.clear();
    }

    /// What was asked for so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.inner.shared.world().counter.counts.clone()
    }

    /// Begins to count anew.
    pub fn reset_counts(&self) {
        self.inner.shared.world().counter.reset();
    }

    /// The last requests, the latest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        let world = self.inner.shared.world();
        world.counter.last.iter().cloned().collect()
    }

    /// What is really in the hotel.
    #[must_use]
    pub fn truth(&self) -> Truth {
        // Long work on a copy: the copy is small, and requests go on.
        let hotel = self.inner.shared.world().hotel.clone();
        hotel.truth()
    }
}

/// Trouble that is being ordered: `simulator.next(2).answer(Fault::Unavailable)`.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Next<'a> {
    simulator: &'a DexonSimulator,
    times: u32,
    after: u32,
    endpoint: Option<Endpoint>,
}

impl Next<'_> {
    /// Only requests to this endpoint.
    pub const fn to(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// So many requests are let pass before.
    pub const fn after(mut self, requests: u32) -> Self {
        self.after = requests;
        self
    }

    /// What they are answered.
    pub fn answer(self, fault: Fault) {
        self.simulator.order(FaultOrder {
            fault,
            endpoint: self.endpoint,
            after: self.after,
            times: self.times,
        });
    }
}
