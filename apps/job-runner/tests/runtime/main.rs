//! What the job runner promises, with several runners on one queue in memory.

mod fakes;
mod jobs;
mod leases;
mod memory;
mod running;
mod schedules;
mod stepping;
mod stopping;
