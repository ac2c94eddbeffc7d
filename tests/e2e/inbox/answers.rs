//! What was answered, compared with what the rules say, and with what LINE took.

use super::check::Members;
use super::hotel::Hotel;
use super::model::{Cause, Model};
use super::rows::{ReplyRow, Rows};
use super::sender::Sender;
use sea_orm::FromQueryResult;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What came of the answers.
#[derive(Debug, Default)]
pub struct Answers {
    pub certain: usize,
    pub perhaps: usize,
    pub written: usize,
    pub sent: usize,
    pub pushed: usize,
    /// Why the others were not, and how many.
    pub failed: BTreeMap<String, usize>,
    /// What LINE says it took.
    pub taken_by_line: i64,
}

#[derive(Debug, FromQueryResult)]
struct Counts {
    id: i64,
    fired: i64,
    succeeded: i64,
}

/// Answers were written to exactly the events that the rules answer, by the rule that wins.
pub async fn written(
    rows: &Rows,
    model: &Model,
    hotel: &Hotel,
    members: &Members,
    sender: &Sender,
    by_row: &HashMap<i64, usize>,
) -> (Answers, Vec<ReplyRow>) {
    let replies = rows.replies().await;
    let mut answered = HashSet::new();
    let mut answers = Answers::default();
    for reply in &replies {
        let number = by_row[&reply.event_id];
        assert!(answered.insert(number), "event {number} is answered twice");
        let Some(expected) = model.answers.get(&number) else {
            panic!("event {number} is answered by {reply:?}");
        };
        let cause = (reply.auto_response_id, reply.keyword_id);
        assert_eq!(cause, hotel.cause(&expected.cause), "event {number}");
        let guest = sender.plan.events[number].guest;
        assert_eq!(reply.member_id, members.ids[&guest], "event {number}");
        answers.count(reply, &expected.cause);
    }
    for (number, answer) in &model.answers {
        let count = if answer.is_certain {
            assert!(answered.contains(number), "event {number} has no answer");
            &mut answers.certain
        } else {
            &mut answers.perhaps
        };
        *count += 1;
    }
    answers.written = replies.len();
    (answers, replies)
}

impl Answers {
    fn count(&mut self, reply: &ReplyRow, cause: &Cause) {
        match (reply.status.as_str(), reply.way.as_deref()) {
            ("sent", way) => {
                self.sent += 1;
                self.pushed += usize::from(way == Some("push"));
            }
            ("failed", _) => {
                let reason = reply.reason.clone().unwrap_or_default();
                // Each of these is the doing of the kills; nothing else may go wrong.
                assert!(
                    matches!(
                        reason.as_str(),
                        "reply_token_expired" | "line_unavailable" | "blocked"
                    ),
                    "{cause:?}: {reply:?}"
                );
                *self.failed.entry(reason).or_default() += 1;
            }
            _ => panic!("{reply:?}"),
        }
    }
}

/// The rules' own counts are those of the rows.
pub async fn counted(rows: &Rows, replies: &[ReplyRow], hotel: &Hotel) {
    let rules: Vec<Counts> = rows
        .all("SELECT id, trigger_count AS fired, success_count AS succeeded FROM auto_responses")
        .await;
    assert_eq!(rules.len(), hotel.rules().len());
    for rule in rules {
        let of_rule = replies
            .iter()
            .filter(|r| r.auto_response_id == Some(rule.id));
        let fired = of_rule.clone().count();
        let sent = of_rule.filter(|r| r.status == "sent").count();
        assert_eq!(rule.fired, i64::try_from(fired).unwrap(), "{rule:?}");
        assert_eq!(rule.succeeded, i64::try_from(sent).unwrap(), "{rule:?}");
    }
    let keywords: Vec<Counts> = rows
        .all("SELECT id, match_count AS fired, 0 AS succeeded FROM auto_response_keywords")
        .await;
    for keyword in keywords {
        let fired = replies.iter().filter(|r| r.keyword_id == Some(keyword.id));
        let fired = i64::try_from(fired.count()).unwrap();
        assert_eq!(keyword.fired, fired, "{keyword:?}");
    }
}

/// Every guest got what we believe they got: one delivery for each answer that is sent. Of those
/// of which nobody knows, LINE may have taken some. Answers how many it took of all.
pub async fn taken(
    sender: &Sender,
    replies: &[ReplyRow],
    members: &Members,
    before: &BTreeMap<String, i64>,
) -> i64 {
    let mut sent: HashMap<i64, (i64, i64)> = HashMap::new();
    for reply in replies {
        let (sure, perhaps) = sent.entry(reply.member_id).or_default();
        *sure += i64::from(reply.status == "sent");
        *perhaps += i64::from(reply.reason.as_deref() == Some("line_unavailable"));
    }
    let now = sender.line.deliveries().await;
    let mut taken = 0;
    for (guest, uid) in sender.uids.iter().enumerate() {
        let count = |all: &BTreeMap<String, i64>| all.get(uid).copied().unwrap_or_default();
        let got = count(&now) - count(before);
        let member = members.ids.get(&guest);
        let (sure, perhaps) = member
            .and_then(|member| sent.get(member).copied())
            .unwrap_or_default();
        assert!(
            (sure..=sure + perhaps).contains(&got),
            "guest {guest} got {got} answers; {sure} were sent, of {perhaps} nobody knows"
        );
        taken += got;
    }
    taken
}
