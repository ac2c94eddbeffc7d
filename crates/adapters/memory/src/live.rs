use crate::{MemoryStore, MemoryTx};
use crm_kernel::{LiveEvent, LiveFeed};

impl LiveFeed for MemoryTx {
    fn announce(&mut self, event: LiveEvent) {
        self.tables.told.push(event);
    }
}

impl MemoryStore {
    /// Everything that was told to those who listen, oldest first.
    #[must_use]
    pub fn told(&self) -> Vec<LiveEvent> {
        self.read(|tables| tables.told.clone())
    }
}
