//! What every part of the running simulator holds on to.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::DateTime;

use crate::clock::Clock;
use crate::config::SimulatorConfig;
use crate::counts::Counter;
use crate::faults::Faults;
use crate::hotel::{Hotel, Table};
use crate::time::{at_hour, taipei};

/// Something that clerks do between two pages.
pub(crate) type Deed = Box<dyn FnOnce(&mut Hotel, i64) + Send>;

pub(crate) struct Shared {
    pub api_key: String,
    pub hotel_code: Option<String>,
    pub athena_id: Option<String>,
    world: Mutex<World>,
}

/// Everything that changes.
pub(crate) struct World {
    pub hotel: Hotel,
    pub faults: Faults,
    pub counter: Counter,
    /// Cursors of another life are expired.
    pub life: u32,
    clock: Clock,
    /// Seconds that the clock was put ahead.
    pub ahead: i64,
    deeds: Vec<(Table, u32, Deed)>,
}

impl Shared {
    pub(crate) fn new(config: SimulatorConfig) -> Self {
        let ten = at_hour(config.hotel.today(), 10);
        let still = || Clock::still(DateTime::from_timestamp(ten, 0).unwrap_or_default());
        Self {
            api_key: config.api_key,
            hotel_code: config.hotel_code,
            athena_id: config.athena_id,
            world: Mutex::new(World {
                hotel: config.hotel,
                faults: Faults::default(),
                counter: Counter::default(),
                life: 1,
                clock: config.clock.unwrap_or_else(still),
                ahead: 0,
                deeds: Vec::new(),
            }),
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // A poisoned lock means a bug in one request; the rows are still the best there are.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl World {
    /// What the hotel's clock shows.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now() + self.ahead
    }

    pub(crate) fn written_now(&self) -> String {
        taipei(self.now()).format("%H:%M:%S").to_string()
    }

    /// Lets a clerk do something now.
    pub(crate) fn clerk<T>(&mut self, work: impl FnOnce(&mut Hotel, i64) -> T) -> T {
        let now = self.now();
        let done = work(&mut self.hotel, now);
        self.clock.tick();
        done
    }

    /// Has something done once so many pages of a table were answered.
    pub(crate) fn after_pages(&mut self, table: Table, pages: u32, deed: Deed) {
        self.deeds.push((table, pages, deed));
    }

    /// A page was answered.
    pub(crate) fn page_answered(&mut self, table: Table) {
        let mut waiting = Vec::new();
        for (of, pages, deed) in std::mem::take(&mut self.deeds) {
            match (of == table, pages) {
                (true, 0 | 1) => self.clerk(deed),
                (true, _) => waiting.push((of, pages - 1, deed)),
                (false, _) => waiting.push((of, pages, deed)),
            }
        }
        self.deeds = waiting;
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}
