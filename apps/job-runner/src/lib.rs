//! Takes due jobs from the [`JobQueue`](crm_kernel::JobQueue) and calls the handler of each.
//!
//! apalis is the worker runtime, our own table is the queue: [`JobRunner`] starts one apalis
//! worker per [`Lane`](crm_kernel::Lane) over a backend of ours, which claims only what it has
//! a free slot for. Any number of processes may run side by side. What they rely on:
//!
//! - A claim is a lease. It is renewed while a job runs, and a process that could not renew in
//!   time knows so by itself ([`LeaseGuard`]): the job is cut off before its next step.
//! - Every report is fenced by (token, job, attempt), so only the present holder is heard.
//! - Delivery is at least once. Handlers must be safe to repeat.

mod acks;
mod backend;
mod backoff;
mod claims;
mod config;
mod handlers;
mod keeper;
mod lane;
mod lease;
mod runner;
mod schedules;
mod verdict;
mod work;

pub use config::{Concurrency, RunnerConfig};
pub use handlers::{JobContext, JobFailure, JobHandlers};
pub use lease::LeaseGuard;
pub use runner::JobRunner;
pub use schedules::{Schedule, Tick};
pub use work::{ForgetRequests, Prune, TidyMembers, handlers, run, runner, schedules};
