//! The cursor: the window, and where the page before ended. Opaque to clients.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::hotel::{Table, Window};

/// Where to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The simulator's life in which it was given.
    pub life: u32,
    table: Table,
    since: Option<i64>,
    until: i64,
    arrivals: Option<(NaiveDate, NaiveDate)>,
    /// Moment and key of the last row.
    pub last: (i64, String),
}

impl Cursor {
    pub(super) const fn new(life: u32, window: &Window, last: (i64, String)) -> Self {
        Self {
            life,
            table: window.table,
            since: window.since,
            until: window.until,
            arrivals: window.arrivals,
            last,
        }
    }

    pub(super) const fn window(&self) -> Window {
        Window {
            table: self.table,
            since: self.since,
            until: self.until,
            arrivals: self.arrivals,
        }
    }

    pub(super) fn written(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(text)
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let text = URL_SAFE_NO_PAD.decode(text).ok()?;
        serde_json::from_slice(&text).ok()
    }
}
