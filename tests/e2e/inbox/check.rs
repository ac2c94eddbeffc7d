//! Everything that was stored, compared with the model.

use super::model::{Message, Model};
use super::plan::What;
use super::rows::{MemberRow, MessageRow, Pair, Rows};
use super::sender::{Sender, event_id, message_id};
use super::summary::Stored;
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Who is who.
pub struct Members {
    /// Ids of rows, by the guest's number.
    pub ids: HashMap<usize, i64>,
    rows: HashMap<i64, MemberRow>,
}

impl Members {
    pub async fn read(rows: &Rows, sender: &Sender) -> Self {
        let numbers: HashMap<&str, usize> = sender
            .uids
            .iter()
            .enumerate()
            .map(|(number, uid)| (uid.as_str(), number))
            .collect();
        let mut members = Self {
            ids: HashMap::new(),
            rows: HashMap::new(),
        };
        for row in rows.members().await {
            let number = numbers[row.line_uid.as_str()];
            assert_eq!(
                members.ids.insert(number, row.id),
                None,
                "one row per guest"
            );
            members.rows.insert(row.id, row);
        }
        members
    }

    /// The last follow or unfollow by LINE's clock decides.
    pub fn check_states(&self, model: &Model) {
        assert_eq!(self.ids.len(), model.follows.len(), "guests known");
        for (guest, follows) in &model.follows {
            let row = &self.rows[&self.ids[guest]];
            let state = if *follows { "following" } else { "blocked" };
            assert_eq!(row.line_state, state, "guest {guest}");
        }
    }
}

/// Every event is stored once and was handled; what was taken back is nowhere.
pub async fn events(rows: &Rows, sender: &Sender, model: &Model) -> (Stored, HashMap<i64, usize>) {
    let numbers: HashMap<String, usize> = (0..sender.plan.events.len())
        .map(|number| (event_id(number), number))
        .collect();
    let mut by_row = HashMap::with_capacity(numbers.len());
    let mut stored = Stored::default();
    let mut after = 0;
    loop {
        let some = rows.events_after(after).await;
        let Some(last) = some.last() else {
            break;
        };
        after = last.id;
        for row in some {
            let number = numbers[&row.webhook_event_id];
            assert!(
                matches!(row.status.as_str(), "handled" | "forgotten"),
                "event {number} is {}",
                row.status
            );
            let message = model.messages.get(&number);
            if message.is_some_and(|message| message.is_unsent) {
                stored.unsent += 1;
                let kind = sender.plan.events[number].what;
                let late = sender.plan.events[number].is_late;
                assert_eq!(
                    row.payload, "{}",
                    "event {number} ({kind:?}, late: {late}, {}) still says what was taken back",
                    row.status
                );
            } else {
                assert_eq!(row.status, "handled", "event {number}");
            }
            stored.first = stored.first.min(row.received_at);
            if let Some(handled) = row.handled_at {
                stored.longest_wait = stored.longest_wait.max(handled - row.received_at);
                stored.last = stored.last.max(handled);
            } else {
                // It waited behind the event that takes it back, which left nothing to handle.
                let came_too_late = message.is_some_and(|message| message.came_too_late);
                assert!(came_too_late, "event {number} was forgotten unhandled");
            }
            assert_eq!(by_row.insert(row.id, number), None);
        }
    }
    stored.events = by_row.len();
    assert_eq!(by_row.len(), numbers.len(), "events stored");
    let distinct: BTreeSet<&usize> = by_row.values().collect();
    assert_eq!(distinct.len(), numbers.len(), "each of them once");
    (stored, by_row)
}

/// Every message once, under its guest, in the order of LINE's clock.
pub async fn messages(rows: &Rows, sender: &Sender, model: &Model, members: &Members) -> usize {
    let numbers: HashMap<String, usize> = model
        .messages
        .keys()
        .map(|number| (message_id(*number), *number))
        .collect();
    let incoming = rows.incoming().await;
    assert_eq!(incoming.len(), numbers.len(), "messages stored");
    let mut unread: BTreeMap<i64, i64> = BTreeMap::new();
    let mut latest: HashMap<i64, (usize, i64)> = HashMap::new();
    let mut latest_row: HashMap<i64, i64> = HashMap::new();
    for row in &incoming {
        let number = numbers[row.line_message_id.as_deref().unwrap()];
        let message = &model.messages[&number];
        assert_eq!(row.content, message.content, "message of event {number}");
        assert_eq!(row.member_id, members.ids[&message.guest], "event {number}");
        *unread.entry(row.member_id).or_default() += 1;
        check_order(row, number, message, sender, &mut latest, &mut latest_row);
    }
    for (id, row) in &members.rows {
        let expected = unread.get(id).copied().unwrap_or_default();
        assert_eq!(
            row.unread_count.unwrap_or_default(),
            expected,
            "unread messages of member {id}"
        );
    }
    incoming.len()
}

/// What came in time was also written in time: ids follow the clock.
fn check_order(
    row: &MessageRow,
    number: usize,
    message: &Message,
    sender: &Sender,
    latest: &mut HashMap<i64, (usize, i64)>,
    latest_row: &mut HashMap<i64, i64>,
) {
    // Of a message that was taken back before it came, only the place is there.
    if message.came_too_late {
        return;
    }
    let event = &sender.plan.events[number];
    assert_eq!(
        row.created_at.timestamp_millis(),
        event.at,
        "time of the message of event {number}"
    );
    let before = latest.insert(row.member_id, (number, event.at));
    assert!(
        before.is_none_or(|(before, at)| before < number && at < event.at),
        "event {number} stands before {before:?}"
    );
    if !event.is_late {
        let before = latest_row.insert(row.member_id, row.id);
        assert!(
            before.is_none_or(|before| before < row.id),
            "event {number} was handled before an earlier one"
        );
    }
}

/// Tags, their log and the campaign's figures know of each tap, and of each once.
pub async fn taps(rows: &Rows, sender: &Sender, model: &Model, members: &Members, tags: [i64; 2]) {
    let recipients = sender.plan.guests / 2;
    let mut expected = BTreeSet::new();
    let mut clicked = BTreeSet::new();
    for (guest, button) in model.taps.iter().filter(|(guest, _)| *guest < recipients) {
        let a = members.ids[guest];
        clicked.insert(a);
        if *button > 0 {
            let b = tags[button - 1];
            expected.insert(Pair { a, b });
        }
    }
    for table in ["tag_trigger_logs", "member_tag_relations"] {
        let found: Vec<Pair> = rows
            .all(&format!("SELECT member_id AS a, tag_id AS b FROM {table}"))
            .await;
        assert_eq!(found.len(), expected.len(), "{table}: each once");
        assert_eq!(
            found.into_iter().collect::<BTreeSet<_>>(),
            expected,
            "{table}"
        );
    }
    let counted = rows
        .number("SELECT COUNT(*) AS n FROM campaign_recipients WHERE clicked_at IS NOT NULL")
        .await;
    assert_eq!(
        counted,
        i64::try_from(clicked.len()).unwrap(),
        "guests who tapped"
    );
}

/// No job was given up, and no message is on its way still.
pub async fn nothing_else_waits(rows: &Rows) {
    let dead = rows.dead_jobs().await;
    assert!(dead.is_empty(), "jobs were given up: {dead:#?}");
    let pending = "SELECT COUNT(*) AS n FROM messages WHERE status = 'pending'";
    assert_eq!(rows.number(pending).await, 0, "every message has its end");
}

impl Stored {
    pub fn seconds(&self) -> f64 {
        let took: TimeDelta = self.last - self.first;
        took.as_seconds_f64()
    }
}

/// How many events take something back.
pub fn unsends(sender: &Sender) -> usize {
    let events = sender.plan.events.iter();
    events
        .filter(|event| matches!(event.what, What::Unsend(_)))
        .count()
}
