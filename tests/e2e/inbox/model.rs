//! What must have become of every event, worked out the slow and simple way.

use super::plan::{BUTTONS, Event, PHRASES, Plan, What};
use std::collections::{BTreeMap, BTreeSet};

/// Hotel time is eight hours ahead.
const AHEAD_MS: i64 = 8 * 3_600_000;
const MINUTE_MS: i64 = 60_000;
const DAY_MINUTES: i64 = 24 * 60;

/// Keywords of the two rules that listen for some. No two of the same length stand in one text.
pub const BREAKFAST: [&str; 2] = ["早餐", "早餐供應時間"];
pub const SERVICE: [&str; 2] = ["wifi", "停車場"];

/// What answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    Welcome,
    Keyword(&'static str),
    Hours,
    Tap,
}

/// An answer that must be there, or may be: an event that came after the one that undoes it is
/// answered only if both were still waiting.
#[derive(Clone, Debug)]
pub struct Answer {
    pub cause: Cause,
    pub is_certain: bool,
}

/// A message as it must stand in the conversation.
#[derive(Debug)]
pub struct Message {
    pub guest: usize,
    pub content: String,
    pub is_unsent: bool,
    /// It came after the event that takes it back.
    pub came_too_late: bool,
}

/// The hours of the time rule, first and last minute of the hotel's day.
#[derive(Clone, Copy, Debug)]
pub struct Hours {
    first: i64,
    length: i64,
}

impl Hours {
    /// Those that begin with this moment's minute.
    pub fn from(at_ms: i64, length: i64) -> Self {
        Self {
            first: minute(at_ms),
            length,
        }
    }

    fn are_at(self, at_ms: i64) -> bool {
        (minute(at_ms) - self.first).rem_euclid(DAY_MINUTES) <= self.length
    }

    /// As staff write them.
    pub fn written(self) -> (String, String) {
        let words = |minute: i64| {
            let minute = minute.rem_euclid(DAY_MINUTES);
            format!("{:02}:{:02}", minute / 60, minute % 60)
        };
        (words(self.first), words(self.first + self.length))
    }
}

fn minute(at_ms: i64) -> i64 {
    ((at_ms + AHEAD_MS) / MINUTE_MS).rem_euclid(DAY_MINUTES)
}

/// What must have become of a plan.
pub struct Model {
    /// By the event's number.
    pub answers: BTreeMap<usize, Answer>,
    /// By the event's number.
    pub messages: BTreeMap<usize, Message>,
    /// Whether the guest follows; those missing are unknown.
    pub follows: BTreeMap<usize, bool>,
    /// Guests who tapped, and the button; of our campaign, and sent to them.
    pub taps: BTreeSet<(usize, usize)>,
}

/// The words of a text event: no two alike.
pub fn words(number: usize, phrase: usize) -> String {
    format!("{} #{number}#", PHRASES[phrase])
}

impl Model {
    pub fn of(plan: &Plan, hours: Hours) -> Self {
        let mut model = Self {
            answers: BTreeMap::new(),
            messages: BTreeMap::new(),
            follows: (0..plan.guests / 2).map(|guest| (guest, true)).collect(),
            taps: BTreeSet::new(),
        };
        for (number, event) in plan.events.iter().enumerate() {
            model.follow(event);
            model.say(number, event);
            // What was undone before it came is not answered.
            if !event.is_straggler
                && let Some(cause) = cause(number, event, hours)
            {
                let is_certain = !is_undone_before(plan, number);
                model.answers.insert(number, Answer { cause, is_certain });
            }
        }
        for (number, event) in plan.events.iter().enumerate() {
            let What::Unsend(of) = event.what else {
                continue;
            };
            let came_too_late = is_undone_before(plan, of);
            let message = model.messages.get_mut(&of).unwrap();
            assert!(of < number && !message.is_unsent);
            message.content = "[unsent]".to_owned();
            message.is_unsent = true;
            message.came_too_late = came_too_late;
        }
        model
    }

    /// The last word counts; whoever writes or taps follows.
    fn follow(&mut self, event: &Event) {
        match event.what {
            What::Unknown => {}
            What::Unfollow => {
                self.follows.insert(event.guest, false);
            }
            _ => {
                self.follows.insert(event.guest, true);
            }
        }
    }

    fn say(&mut self, number: usize, event: &Event) {
        let content = match event.what {
            What::Text(phrase) => words(number, phrase),
            What::Sticker => "[sticker]".to_owned(),
            What::Tap(button) if button < BUTTONS => {
                self.taps.insert((event.guest, button));
                return;
            }
            _ => return,
        };
        self.messages.insert(
            number,
            Message {
                guest: event.guest,
                content,
                is_unsent: false,
                came_too_late: false,
            },
        );
    }
}

/// Delivered after the event that undoes it: a message after it was taken back, a follow after
/// the guest has left.
fn is_undone_before(plan: &Plan, number: usize) -> bool {
    let event = &plan.events[number];
    let next = if event.is_late || event.is_straggler {
        plan.next_of_guest(number).map(|next| next.what)
    } else {
        None
    };
    next == Some(What::Unsend(number))
        || (event.what == What::Follow && next == Some(What::Unfollow))
}

fn cause(number: usize, event: &Event, hours: Hours) -> Option<Cause> {
    let by_hours = || hours.are_at(event.at).then_some(Cause::Hours);
    match event.what {
        What::Follow => Some(Cause::Welcome),
        What::Text(phrase) => keyword(&words(number, phrase))
            .map(Cause::Keyword)
            .or_else(by_hours),
        What::Sticker => by_hours(),
        // The first button answers with words; the second has a tag, the third has both.
        What::Tap(0 | 2) => Some(Cause::Tap),
        What::Tap(_) | What::Unfollow | What::Unsend(_) | What::Unknown => None,
    }
}

/// The longest keyword that the words contain, width and capitals aside.
fn keyword(words: &str) -> Option<&'static str> {
    let narrow = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap(),
        other => other,
    };
    let folded: String = words.chars().map(narrow).collect::<String>().to_lowercase();
    let all = BREAKFAST.into_iter().chain(SERVICE);
    all.filter(|keyword| folded.contains(keyword))
        .max_by_key(|keyword| keyword.chars().count())
}
