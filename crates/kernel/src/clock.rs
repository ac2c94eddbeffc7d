use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The only source of the present moment, so that tests can move it.
pub trait Clock: Send + Sync {
    /// Now, in UTC, cut to microseconds (what both databases can store).
    fn now(&self) -> DateTime<Utc>;
}

/// The only source of unguessable ids, so that tests can predict them.
pub trait IdGenerator: Send + Sync {
    /// A fresh random UUID; never the same twice in one installation.
    fn uuid(&self) -> Uuid;
}
