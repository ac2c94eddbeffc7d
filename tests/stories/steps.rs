//! A process that is stopped in the middle of what it does.

use async_trait::async_trait;
use crm_bootstrap::Crm;
use crm_kernel::{StoreError, Transactions};
use crm_workflows::CrmTx;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Lets so many transactions of a send begin, then holds it until told to go on. Dropping what
/// is held is like killing the process.
#[derive(Clone)]
pub struct Steps {
    allowed: Arc<Semaphore>,
    held: Arc<AtomicBool>,
}

struct Stepwise {
    inner: Arc<dyn Transactions<dyn CrmTx>>,
    steps: Steps,
}

#[async_trait]
impl Transactions<dyn CrmTx> for Stepwise {
    async fn begin(&self) -> Result<Box<dyn CrmTx>, StoreError> {
        let is_held = self.steps.allowed.available_permits() == 0;
        self.steps.held.store(is_held, Ordering::SeqCst);
        self.steps.allowed.acquire().await.unwrap().forget();
        self.inner.begin().await
    }
}

struct Stumbling {
    inner: Arc<dyn Transactions<dyn CrmTx>>,
    stumbles: AtomicU32,
}

#[async_trait]
impl Transactions<dyn CrmTx> for Stumbling {
    async fn begin(&self) -> Result<Box<dyn CrmTx>, StoreError> {
        let stumbles = &self.stumbles;
        let left = stumbles.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if left.is_ok() {
            return Err(StoreError::Busy("two writers met".into()));
        }
        self.inner.begin().await
    }
}

/// A process of which so many transactions of sends meet another writer and lose.
pub fn stumbling(crm: &Crm, times: u32) -> Crm {
    let mut crm = crm.clone();
    crm.sending.store = Arc::new(Stumbling {
        inner: Arc::clone(&crm.sending.store),
        stumbles: AtomicU32::new(times),
    });
    crm
}

impl Steps {
    /// A process of which the sends stop after so many transactions.
    pub fn of(crm: &Crm, transactions: usize) -> (Crm, Self) {
        let steps = Self {
            allowed: Arc::new(Semaphore::new(transactions)),
            held: Arc::new(AtomicBool::new(false)),
        };
        let mut crm = crm.clone();
        crm.sending.store = Arc::new(Stepwise {
            inner: Arc::clone(&crm.sending.store),
            steps: steps.clone(),
        });
        (crm, steps)
    }

    /// Waits until it is stopped.
    pub async fn until_held(&self) {
        for _ in 0..1_000 {
            if self.held.load(Ordering::SeqCst) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("it does not come to that point");
    }

    /// Lets it go on to its end.
    pub fn go_on(&self) {
        self.go_on_for(Semaphore::MAX_PERMITS / 2);
    }

    /// Lets it go on for so many transactions.
    pub fn go_on_for(&self, transactions: usize) {
        self.held.store(false, Ordering::SeqCst);
        self.allowed.add_permits(transactions);
    }
}
