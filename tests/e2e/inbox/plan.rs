//! What guests do, in the order in which they do it, and the order in which LINE tells of it.

use super::Options;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Connections of the sender; all of a guest's events come by the same one.
pub const LANES: usize = 8;
/// What is tapped: the buttons of the campaign, and somebody else's data.
pub const BUTTONS: usize = 3;
/// Words that guests write.
pub const PHRASES: [&str; 8] = [
    "早餐幾點開始？",
    "請問ＷｉＦｉ密碼",
    "有停車場嗎",
    "早餐供應時間與 WIFI",
    "謝謝😀",
    "我想改日期",
    "お元気ですか",
    "你好",
];

const LATE: f64 = 0.02;
const AGAIN: f64 = 0.05;
/// How long all of it takes by LINE's clock; it ends when the run begins.
const SPAN_MS: i64 = 240_000;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Follow,
    Unfollow,
    /// Which of [`PHRASES`].
    Text(usize),
    Sticker,
    /// Which button; one more than there are = none of ours.
    Tap(usize),
    /// Which event brought the message.
    Unsend(usize),
    Unknown,
}

/// An event; its place in the plan is its number.
#[derive(Clone, Debug)]
pub struct Event {
    pub guest: usize,
    /// UNIX time in milliseconds.
    pub at: i64,
    pub what: What,
    /// It is delivered only after the guest's next one.
    pub is_late: bool,
    /// It is delivered only when all the others were handled, its successor among them.
    pub is_straggler: bool,
    /// It is delivered again.
    pub is_repeated: bool,
}

/// Everything that will happen.
pub struct Plan {
    pub guests: usize,
    pub events: Vec<Event>,
}

/// A guest while the plan is made.
#[derive(Clone, Default)]
struct Guest {
    follows: bool,
    /// Messages that were not taken back.
    said: Vec<usize>,
    latest: Option<usize>,
}

impl Plan {
    pub fn new(options: Options, now_ms: i64) -> Self {
        let mut chance = StdRng::seed_from_u64(options.seed);
        let count = options.guests();
        let mut guests = vec![Guest::default(); count];
        for guest in guests.iter_mut().take(count / 2) {
            guest.follows = true;
        }
        let mut events: Vec<Event> = Vec::with_capacity(options.events);
        let stragglers = (count / 20).max(10);
        for number in 0..options.events - 2 * stragglers {
            let guest = chance.random_range(0..count);
            let what = guests[guest].act(number, &mut chance);
            let before = guests[guest].latest.replace(number);
            // What is taken back at once comes late more often: it is the hard case.
            let often = match before {
                Some(before) if what == What::Unsend(before) => 0.25,
                _ => LATE,
            };
            if let Some(before) = before.map(|before| &mut events[before])
                && !before.is_late
                && chance.random_bool(often)
            {
                before.is_late = true;
            }
            events.push(Event {
                guest,
                at: 0,
                what,
                is_late: false,
                is_straggler: false,
                is_repeated: chance.random_bool(AGAIN),
            });
        }
        for (guest, state) in guests.iter().enumerate().take(stragglers) {
            events.extend(last_words(guest, events.len(), state));
        }
        let mut plan = Self {
            guests: count,
            events,
        };
        plan.tell_times(now_ms - SPAN_MS);
        plan.keep_to_pairs();
        plan
    }

    /// Evenly, but no two events of a guest at the same moment.
    fn tell_times(&mut self, since_ms: i64) {
        let mut latest = vec![0; self.guests];
        let count = i64::try_from(self.events.len()).unwrap();
        for (at, event) in (since_ms..).zip(&mut self.events) {
            let part = (at - since_ms) * SPAN_MS / count;
            event.at = (since_ms + part).max(latest[event.guest] + 1);
            latest[event.guest] = event.at;
        }
    }

    /// Of two events in a row only the first is late, so that late ones come right after the one
    /// that overtook them.
    fn keep_to_pairs(&mut self) {
        let mut was_late = vec![false; self.guests];
        for event in &mut self.events {
            event.is_late &= !was_late[event.guest];
            was_late[event.guest] = event.is_late;
        }
    }

    /// The events of one connection in the order in which they are delivered.
    pub fn lane(&self, lane: usize) -> Vec<usize> {
        let mut held = vec![None; self.guests];
        let mut order = Vec::new();
        for (number, event) in self.events.iter().enumerate() {
            if event.guest % LANES != lane || event.is_straggler {
                continue;
            }
            if event.is_late {
                held[event.guest] = Some(number);
                continue;
            }
            order.push(number);
            order.extend(held[event.guest].take());
        }
        order
    }

    /// What is delivered when all the others were handled.
    pub fn stragglers(&self) -> Vec<usize> {
        let numbers = 0..self.events.len();
        numbers
            .filter(|number| self.events[*number].is_straggler)
            .collect()
    }

    /// The guest's next event after this one.
    pub fn next_of_guest(&self, number: usize) -> Option<&Event> {
        let guest = self.events[number].guest;
        self.events[number + 1..]
            .iter()
            .find(|event| event.guest == guest)
    }
}

/// Something, and what undoes it, which will be handled first.
fn last_words(guest: usize, number: usize, state: &Guest) -> [Event; 2] {
    let whats = if state.follows && guest.is_multiple_of(2) {
        [What::Text(0), What::Unsend(number)]
    } else {
        [What::Follow, What::Unfollow]
    };
    let mut events = whats.map(|what| Event {
        guest,
        at: 0,
        what,
        is_late: false,
        is_straggler: false,
        is_repeated: false,
    });
    events[0].is_straggler = true;
    events
}

impl Guest {
    /// Whoever has blocked the account writes nothing before they follow again.
    fn act(&mut self, number: usize, chance: &mut StdRng) -> What {
        if !self.follows {
            if self.latest.is_some() && chance.random_bool(0.3) {
                return What::Unknown;
            }
            self.follows = true;
            // Friends of old whom nobody has told us about begin with a message.
            if self.latest.is_some() || chance.random_bool(0.8) {
                return What::Follow;
            }
        }
        match chance.random_range(0..100) {
            0..8 => {
                self.said.push(number);
                What::Sticker
            }
            8..22 => What::Tap(chance.random_range(0..=BUTTONS)),
            22..30 if !self.said.is_empty() => {
                let latest = self.said.len() - 1;
                let which = if chance.random_bool(0.5) {
                    latest
                } else {
                    chance.random_range(0..=latest)
                };
                What::Unsend(self.said.swap_remove(which))
            }
            30..36 => {
                self.follows = false;
                What::Unfollow
            }
            36..38 => What::Follow,
            38..43 => What::Unknown,
            _ => {
                self.said.push(number);
                What::Text(chance.random_range(0..PHRASES.len()))
            }
        }
    }
}
