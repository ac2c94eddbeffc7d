//! What may be set.

use crm_kernel::Lane;
use std::time::Duration;

/// How many jobs of each lane one process does at a time; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// Of [`Lane::Interactive`].
    pub interactive: usize,
    /// Of [`Lane::Sending`].
    pub sending: usize,
    /// Of [`Lane::Content`].
    pub content: usize,
    /// Of [`Lane::Background`].
    pub background: usize,
}

impl Concurrency {
    pub(crate) fn of(self, lane: Lane) -> usize {
        match lane {
            Lane::Interactive => self.interactive,
            Lane::Sending => self.sending,
            Lane::Content => self.content,
            Lane::Background => self.background,
        }
    }
}

impl Default for Concurrency {
    fn default() -> Self {
        Self {
            interactive: 16,
            sending: 8,
            content: 4,
            background: 4,
        }
    }
}

/// How a [`JobRunner`](crate::JobRunner) behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunnerConfig {
    /// How long jobs stay ours without a renewal; how long those of a dead process wait.
    pub lease: Duration,
    /// How often an idle lane looks for work.
    pub poll_interval: Duration,
    /// How long everything may take after the signal to stop.
    pub shutdown_grace: Duration,
    /// Jobs at a time.
    pub concurrency: Concurrency,
}

impl Default for RunnerConfig {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            poll_interval: Duration::from_millis(500),
            shutdown_grace: Duration::from_secs(10),
            concurrency: Concurrency::default(),
        }
    }
}
