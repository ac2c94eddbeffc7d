use super::{PmsGuest, PmsRow, PmsStay};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;

/// Stays that arrive on these days, the last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrivals {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// Which rows are wanted. Nothing set = everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PmsWindow {
    /// Changed at this moment or later.
    pub since: Option<DateTime<Utc>>,
    /// Of stays: arriving on these days, whenever they changed.
    pub arrivals: Option<Arrivals>,
}

/// One page of a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageAsk {
    /// The window; the source fixes it with the first page.
    pub window: PmsWindow,
    /// Where the page before ended; none for the first page.
    pub cursor: Option<String>,
}

/// A page of rows, in the order in which they changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PmsPage<T> {
    /// The rows, each read.
    pub rows: Vec<PmsRow<T>>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
    /// Up to which moment (exclusive) the window holds every change, by the source's clock;
    /// given with the first page at least. The next window begins there, less an overlap.
    pub as_of: Option<DateTime<Utc>>,
}

/// How the hotel's own system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PmsHealth {
    /// Its present day, which ends with the night audit and not at midnight.
    pub business_date: NaiveDate,
    /// Its clock.
    pub server_time: Option<DateTime<Utc>>,
}

/// Why the hotel's own system did not give what was asked for. Nothing of a guest, no key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PmsError {
    /// No system is configured.
    #[error("no PMS is configured")]
    NotConfigured,
    /// The key or the tenant is refused (401, 403); asking again will not help.
    #[error("the PMS refuses the key or the hotel")]
    KeyRefused,
    /// The place in the window is known no more; the window is to be begun anew.
    #[error("the PMS knows the cursor no more")]
    CursorExpired,
    /// It refuses the request for a reason of its own; asking again will not help.
    #[error("the PMS answered {code}: {message}")]
    Refused {
        /// Its code.
        code: String,
        /// Its words, cut to 200 characters.
        message: String,
    },
    /// It does not answer, or not in time, or too much, or it is overwhelmed; asked as often as is
    /// polite. Another run may find it well.
    #[error("the PMS does not answer: {0}")]
    Unavailable(String),
    /// What it answers is not what was agreed.
    #[error("the PMS answers what cannot be read: {0}")]
    Unreadable(String),
}

/// The hotel's own system. The implementation keeps to its limits (requests per second, one at a
/// time), waits and asks again where that may help, and reads its notation; nothing of that is
/// seen here. `docs/pms.md` says how another system is added.
#[async_trait]
pub trait PmsGateway: Send + Sync {
    /// Its present day and its clock.
    ///
    /// # Errors
    /// [`PmsError`].
    async fn health(&self) -> Result<PmsHealth, PmsError>;

    /// A page of guests. Rows that change between two pages show up in a later window; none is
    /// left out.
    ///
    /// # Errors
    /// [`PmsError`].
    async fn guests(&self, ask: &PageAsk) -> Result<PmsPage<PmsGuest>, PmsError>;

    /// A page of stays, of every status, one row per order and room. `business_date` is the
    /// present day there.
    ///
    /// # Errors
    /// [`PmsError`].
    async fn stays(
        &self,
        ask: &PageAsk,
        business_date: NaiveDate,
    ) -> Result<PmsPage<PmsStay>, PmsError>;

    /// Whether there is a system to ask at all.
    fn is_configured(&self) -> bool {
        true
    }
}

/// A hotel without a system that could be asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPms;

#[async_trait]
impl PmsGateway for NoPms {
    async fn health(&self) -> Result<PmsHealth, PmsError> {
        Err(PmsError::NotConfigured)
    }

    async fn guests(&self, _: &PageAsk) -> Result<PmsPage<PmsGuest>, PmsError> {
        Err(PmsError::NotConfigured)
    }

    async fn stays(&self, _: &PageAsk, _: NaiveDate) -> Result<PmsPage<PmsStay>, PmsError> {
        Err(PmsError::NotConfigured)
    }

    fn is_configured(&self) -> bool {
        false
    }
}
