//! What those who listen are told: with its change or not at all, in no order, and nothing is
//! passed over.

use crate::merges::{Pair, pair};
use crate::samples::{Store, at, begin, commit, friends};
use chrono::{DateTime, Utc};
use crm_database::Database;
use crm_kernel::{Actor, LiveEvent, MemberId};
use crm_tests::{Kind, TestDatabase};
use crm_workflows::{Cursor, KeptEvent, LiveQueries, Tail};
use sea_orm::{
    ConnectionTrait, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

crate::contract!(
    an_event_is_told_with_its_change_or_not_at_all,
    an_event_is_read_back_as_it_was_told,
    a_deleted_member_takes_what_was_told_of_them_along,
    whoever_begins_to_listen_looks_back_as_far_as_something_may_still_come,
    what_is_kept_is_counted_up_to_a_limit,
    the_oldest_events_are_pruned_but_never_the_newest,
    a_look_reads_one_stretch_of_the_primary_key,
);

fn told(kind: &'static str, minute: i64) -> LiveEvent {
    LiveEvent::new(kind, "messages:read", at(minute))
}

async fn tell(db: &impl Store, event: LiveEvent) {
    let mut tx = begin(db).await;
    tx.live().announce(event);
    commit(tx).await;
}

async fn all(db: &Database) -> Vec<KeptEvent> {
    db.look(0, &[], 1_000).await.unwrap()
}

async fn an_event_is_told_with_its_change_or_not_at_all(db: Database) {
    let mut tx = begin(&db).await;
    tx.live().announce(told("one", 0));
    drop(tx);
    assert_eq!(all(&db).await, []);
    let mut tx = begin(&db).await;
    tx.live().announce(told("two", 0));
    tx.live().announce(told("three", 0));
    commit(tx).await;
    let kinds: Vec<String> = all(&db).await.into_iter().map(|e| e.kind).collect();
    assert_eq!(kinds, ["two", "three"]);
}

async fn an_event_is_read_back_as_it_was_told(db: Database) {
    let member = friends(&db, 1).await[0];
    let event = told("message.failed", 3).about(member);
    let event = event.with("message_id", 9).with("reason", "quota");
    tell(&db, event.clone()).await;
    tell(&db, told("campaign.updated", 4)).await;
    let kept = all(&db).await;
    assert_eq!(kept[0].kind, event.kind);
    assert_eq!(kept[0].audience, event.audience);
    assert_eq!(kept[0].member, Some(member));
    assert_eq!(kept[0].facts, event.facts);
    assert_eq!(kept[0].at, at(3));
    assert_eq!((kept[1].member, kept[1].facts.len()), (None, 0));
    let after = db.look(kept[0].id, &[], 10).await.unwrap();
    assert_eq!(after, kept[1..]);
    let missing = db.look(kept[1].id, &[kept[0].id, 999], 10).await.unwrap();
    assert_eq!(missing, kept[..1]);
    assert_eq!(db.look(0, &[], 1).await.unwrap(), kept[..1]);
}

async fn a_deleted_member_takes_what_was_told_of_them_along(db: Database) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&db).await;
    let erased = friends(&db, 1).await[0];
    for member in [erased, friend, typed] {
        tell(&db, told("message.received", 0).about(member)).await;
    }
    let mut tx = begin(&db).await;
    assert!(tx.members().delete(erased).await.unwrap());
    commit(tx).await;
    let merged = members.merge(&Actor::System, typed, friend).await;
    merged.unwrap();
    let about: Vec<Option<MemberId>> = all(&db).await.iter().map(|e| e.member).collect();
    assert_eq!(about, [Some(typed), Some(typed)]);
}

async fn whoever_begins_to_listen_looks_back_as_far_as_something_may_still_come(db: Database) {
    assert_eq!(db.newest(at(0), 10).await.unwrap(), [0; 0]);
    for minute in 0..6 {
        tell(&db, told("message.received", minute)).await;
    }
    let ids: Vec<i64> = all(&db).await.iter().map(|e| e.id).collect();
    assert_eq!(db.newest(at(3), 10).await.unwrap(), ids[2..]);
    assert_eq!(db.newest(at(9), 10).await.unwrap(), ids[5..]);
    assert_eq!(db.newest(at(-9), 4).await.unwrap(), ids[2..]);
}

async fn what_is_kept_is_counted_up_to_a_limit(db: Database) {
    let standing = db.standing(0, 3).await.unwrap();
    assert_eq!((standing.oldest, standing.newest), (None, None));
    for minute in 0..5 {
        tell(&db, told("message.received", minute)).await;
    }
    let ids: Vec<i64> = all(&db).await.iter().map(|e| e.id).collect();
    let standing = db.standing(ids[2], 9).await.unwrap();
    assert_eq!(standing.oldest, Some(ids[0]));
    assert_eq!(standing.newest, Some(ids[4]));
    assert_eq!(standing.beyond, 2);
    assert_eq!(db.standing(0, 3).await.unwrap().beyond, 3);
}

async fn the_oldest_events_are_pruned_but_never_the_newest(db: Database) {
    for minute in 0..6 {
        tell(&db, told("message.received", minute)).await;
    }
    let ids: Vec<i64> = all(&db).await.iter().map(|e| e.id).collect();
    assert_eq!(db.prune(at(4), 3).await.unwrap(), 3);
    assert_eq!(db.prune(at(4), 3).await.unwrap(), 1);
    assert_eq!(db.prune(at(4), 3).await.unwrap(), 0);
    assert_eq!(db.prune(at(99), 100).await.unwrap(), 1);
    assert_eq!(db.prune(at(99), 100).await.unwrap(), 0);
    assert_eq!(db.standing(0, 9).await.unwrap().oldest, Some(ids[5]));
}

async fn a_look_reads_one_stretch_of_the_primary_key(db: Database) {
    let mut tx = begin(&db).await;
    for _ in 0..300 {
        tx.live().announce(told("message.received", 0));
    }
    commit(tx).await;
    for missing in [vec![], vec![288, 294]] {
        let steps = db.explain_live(295, &missing).await.unwrap();
        assert_eq!(steps.len(), 1, "{steps:?}");
        let is_range = steps[0].contains("range PRIMARY") || steps[0].contains("PRIMARY KEY");
        assert!(is_range && !steps[0].contains("filesort"), "{steps:?}");
        let found = db.look(295, &missing, 500).await.unwrap();
        assert_eq!(found.len(), 5 + missing.len());
    }
}

/// A process that writes one event in a transaction of that length, and may change its mind.
async fn write(db: &Database, number: u64, length: Duration, commits: bool) {
    let pool = db.pool();
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = pool.begin_with_options(options).await.unwrap();
    let now: DateTime<Utc> = at(0);
    let values = [format!("{{\"number\":{number}}}").into(), now.into()];
    let text = "INSERT INTO live_events (kind, audience, facts, created_at) \
                VALUES ('test', 'messages:read', ?, ?)";
    let statement = Statement::from_sql_and_values(pool.get_database_backend(), text, values);
    tx.execute_raw(statement).await.unwrap();
    tokio::time::sleep(length).await;
    if commits {
        tx.commit().await.unwrap();
    } else {
        tx.rollback().await.unwrap();
    }
}

/// Somebody who listens, in whatever process.
struct Listener {
    tail: Tail,
    /// How far they have heard.
    at: Cursor,
    /// Told when they came back, and still to be found.
    repeated: BTreeSet<i64>,
    /// Ids heard on this connection.
    here: BTreeSet<i64>,
    /// Numbers heard on any, and how often.
    heard: BTreeMap<u64, u32>,
}

impl Listener {
    async fn begin(db: &Database) -> Self {
        let newest = db.newest(at(-1), 1_000).await.unwrap();
        let tail = Tail::behind(&newest, Instant::now());
        Self {
            at: Cursor::at(tail.floor()),
            tail,
            repeated: BTreeSet::new(),
            here: BTreeSet::new(),
            heard: BTreeMap::new(),
        }
    }

    /// Goes on at another process, with nothing but the place where they were.
    async fn come_back(self, db: &Database) -> Self {
        let place = Cursor::parse(&self.at.to_string()).unwrap();
        let mut back = Self::begin(db).await;
        back.heard = self.heard;
        let floor = back.tail.floor();
        for event in db.look(place.floor, &[], 1_000).await.unwrap() {
            back.hear(&event);
            if event.id > floor {
                back.repeated.insert(event.id);
            }
            back.at = Cursor {
                number: event.id,
                floor: event.id.min(floor),
            };
        }
        back
    }

    fn hear(&mut self, event: &KeptEvent) {
        assert!(self.here.insert(event.id), "{} came twice", event.id);
        let number = event.facts["number"].as_u64().unwrap();
        *self.heard.entry(number).or_default() += 1;
    }

    async fn look(&mut self, db: &Database, now: Instant) {
        let missing = self.tail.missing();
        let found = db.look(self.tail.last(), &missing, 500).await.unwrap();
        for event in found {
            if let Some(place) = self.tail.note(event.id, now) {
                self.at = place;
                if !self.repeated.remove(&event.id) {
                    self.hear(&event);
                }
            }
        }
        let doubtful = self.tail.doubtful(now);
        let never = db.never_coming(&doubtful).await.unwrap();
        self.tail.give_up(&never);
    }
}

const WRITERS: u64 = 8;

async fn every_event_is_heard(kind: Kind) {
    let Some(fresh) = TestDatabase::with_connections(kind, 12).await else {
        return;
    };
    let db = fresh.database.clone();
    // SQLite's writers wait for each other.
    let each = if kind == Kind::Sqlite { 6 } else { 25 };
    let mut listener = Listener::begin(&db).await;
    let writers = (0..WRITERS).map(|writer| {
        let db = db.clone();
        tokio::spawn(async move {
            for i in 0..each {
                let number = writer * each + i;
                // Spread like dice, the same each time.
                let length = Duration::from_millis(number * 7_919 % 23);
                write(&db, number, length, number % 5 != 3).await;
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let (start, mut looks, mut passed_by) = (Instant::now(), 0, 0);
    let committed = (0..WRITERS * each).filter(|number| number % 5 != 3);
    let committed: Vec<u64> = committed.collect();
    while listener.heard.len() < committed.len() && start.elapsed() < Duration::from_secs(60) {
        listener.look(&db, Instant::now()).await;
        passed_by = passed_by.max(listener.tail.missing().len());
        looks += 1;
        if looks % 15 == 0 {
            listener = listener.come_back(&db).await;
        }
        tokio::time::sleep(Duration::from_millis(8)).await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    listener.look(&db, Instant::now()).await;
    let heard: Vec<u64> = listener.heard.keys().copied().collect();
    assert_eq!(heard, committed);
    let repeats: u32 = listener.heard.values().map(|times| times - 1).sum();
    println!("{kind:?}: {looks} looks, {passed_by} passed by at once, {repeats} repeated");
    if kind == Kind::Sqlite {
        assert_eq!(
            (passed_by, repeats),
            (0, 0),
            "SQLite's numbers are in order"
        );
    }
    drop(db);
    fresh.drop_it().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_writers_every_event_is_heard_also_by_who_comes_back_on_sqlite() {
    every_event_is_heard(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_writers_every_event_is_heard_also_by_who_comes_back_on_mysql() {
    every_event_is_heard(Kind::MySql).await;
}

#[tokio::test]
async fn a_straggler_is_waited_for_however_long_and_who_gave_up_is_not_on_mysql() {
    let Some(fresh) = TestDatabase::with_connections(Kind::MySql, 4).await else {
        return;
    };
    let db = fresh.database.clone();
    write(&db, 0, Duration::ZERO, true).await;
    let mut listener = Listener::begin(&db).await;
    let (written, is_written) = tokio::sync::oneshot::channel::<()>();
    let (go_on, may_go_on) = tokio::sync::oneshot::channel::<()>();
    let straggler = tokio::spawn({
        let db = db.clone();
        async move {
            let tx = db.pool().begin().await.unwrap();
            tx.execute_unprepared(
                "INSERT INTO live_events (kind, audience, facts, created_at) \
                 VALUES ('test', 'messages:read', '{\"number\":1}', '2026-09-24 02:00:00')",
            )
            .await
            .unwrap();
            written.send(()).unwrap();
            may_go_on.await.unwrap();
            tx.commit().await.unwrap();
        }
    });
    is_written.await.unwrap();
    write(&db, 2, Duration::ZERO, false).await;
    write(&db, 3, Duration::ZERO, true).await;
    let now = Instant::now();
    listener.look(&db, now).await;
    assert_eq!(listener.tail.missing().len(), 2);
    let much_later = now + Duration::from_secs(3_600);
    listener.look(&db, much_later).await;
    assert_eq!(
        listener.tail.missing().len(),
        2,
        "somebody holds one of them"
    );
    go_on.send(()).unwrap();
    straggler.await.unwrap();
    listener.look(&db, much_later).await;
    let heard: Vec<u64> = listener.heard.keys().copied().collect();
    assert_eq!(heard, [1, 3]);
    assert_eq!(listener.tail.missing(), [0; 0], "the other never comes");
    assert_eq!(listener.tail.floor(), listener.tail.last());
    drop(db);
    fresh.drop_it().await;
}
