use crate::{DownloadLinks, ExportFiles, ExportQueries, ExportsTx};
use chrono::{NaiveDate, TimeDelta};
use crm_kernel::{Actor, Clock, HotelTime, Transactions, UserId};
use std::sync::Arc;

/// What files to take away are plugged into.
#[derive(Clone)]
pub struct ExportsPorts {
    /// Units of work over them.
    pub store: Arc<dyn Transactions<dyn ExportsTx>>,
    /// Screens.
    pub queries: Arc<dyn ExportQueries>,
    /// Their folder.
    pub files: Arc<dyn ExportFiles>,
    /// Links that need no signing in.
    pub links: Arc<dyn DownloadLinks>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Everything that can be done with files to take away, but for making them.
#[derive(Clone)]
pub struct Exports {
    /// What they are plugged into.
    pub ports: ExportsPorts,
    /// What a day is.
    pub hotel: HotelTime,
    /// How long a finished file can be downloaded.
    pub kept_for: TimeDelta,
}

/// Whose files somebody may see: everybody's, or their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Who looks.
    pub user: UserId,
    /// Whether everybody's are shown.
    pub sees_all: bool,
}

impl Viewer {
    /// The name under which changes are recorded.
    #[must_use]
    pub const fn actor(self) -> Actor {
        Actor::User { id: self.user }
    }

    pub(crate) fn sees(self, owner: Option<UserId>) -> bool {
        self.sees_all || owner == Some(self.user)
    }

    pub(crate) fn only(self) -> Option<UserId> {
        (!self.sees_all).then_some(self.user)
    }
}

impl Exports {
    /// Files plugged into these ports, kept for so long.
    #[must_use]
    pub const fn new(ports: ExportsPorts, hotel: HotelTime, kept_for: TimeDelta) -> Self {
        Self {
            ports,
            hotel,
            kept_for,
        }
    }

    pub(crate) fn today(&self) -> NaiveDate {
        self.hotel.day_of(self.ports.clock.now())
    }
}
