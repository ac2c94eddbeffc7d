//! Files that staff take away, the calendar of reports, and rows for sheets.

use crate::messages::{insert, said, staff};
use crate::samples::{at, begin, campaign, commit, friends, tag};
use chrono::TimeDelta;
use crm_accounts::{AccountsTx, Role, User};
use crm_campaigns::Audience;
use crm_database::Database;
use crm_exports::{
    About, ExportFormat, ExportQueries, ExportRows, ExportStatus, ExportsTx, Failure, Frequency,
    NewExport, NewSchedule, Place, ReportType, Rhythm, Rights,
};
use crm_kernel::{
    ExportId, HotelTime, PageRequest, ReportScheduleId, StoreError, Transaction, Transactions,
    UserId,
};
use crm_tags::TagKind;
use std::collections::BTreeSet;

mod on_databases {
    use super::*;

    crate::contract!(
        an_export_is_asked_for_by_somebody_who_is_there,
        exports_are_listed_by_owner_the_newest_first,
        what_is_over_silent_or_named_is_found,
        schedules_are_due_when_their_time_has_come,
        members_come_page_after_page_and_each_once,
        messages_come_in_the_order_they_were_written,
        rows_go_along_an_index,
    );
}

crate::contract_on_every_store!(
    an_export_is_read_back_as_it_was_written,
    progress_is_that_of_whoever_began_last,
    only_what_has_no_file_is_forgotten,
    a_schedule_is_read_back_as_it_was_written,
    rights_are_those_of_the_role_and_of_nobody_who_is_let_go,
);

trait Store: Transactions<dyn ExportsTx> {}
impl<S: Transactions<dyn ExportsTx>> Store for S {}

trait StaffedStore: Store + Transactions<dyn AccountsTx> {}
impl<S: Store + Transactions<dyn AccountsTx>> StaffedStore for S {}

async fn open(store: &impl Store) -> Box<dyn ExportsTx> {
    store.begin().await.unwrap()
}

async fn close(tx: Box<dyn ExportsTx>) {
    Transaction::commit(tx).await.unwrap();
}

fn new(owner: Option<UserId>) -> NewExport {
    NewExport {
        report: ReportType::Messages,
        format: ExportFormat::Excel,
        about: About {
            days: Some(("2026-09-01".parse().unwrap(), "2026-09-30".parse().unwrap())),
            campaign: None,
        },
        shows_id_numbers: false,
        requested_by: owner,
        is_scheduled: false,
        created_at: at(0),
    }
}

async fn asked(store: &impl Store, owner: Option<UserId>) -> ExportId {
    let mut tx = open(store).await;
    let id = tx.exports().insert(&new(owner)).await.unwrap();
    close(tx).await;
    id
}

async fn an_export_is_asked_for_by_somebody_who_is_there(db: Database) {
    let nobody = UserId::new(999_999);
    let mut tx = open(&db).await;
    let refused = tx.exports().insert(&new(Some(nobody))).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
}

async fn exports_are_listed_by_owner_the_newest_first(db: Database) {
    let (one, two) = (staff(&db, "one", None).await, staff(&db, "two", None).await);
    let first = asked(&db, Some(one)).await;
    let second = asked(&db, Some(two)).await;
    let third = asked(&db, Some(one)).await;
    let page = |n| PageRequest::new(n, 2).unwrap();
    let ids = async |owner, n| -> Vec<ExportId> {
        let page = db.list(owner, page(n)).await.unwrap();
        page.items.iter().map(|export| export.id).collect()
    };
    assert_eq!(ids(None, 1).await, [third, second]);
    assert_eq!(ids(None, 2).await, [first]);
    assert_eq!(ids(Some(one), 1).await, [third, first]);
    assert_eq!(db.list(Some(two), page(1)).await.unwrap().total, 1);
    assert_eq!(db.open_of(one).await.unwrap(), 2);
}

async fn what_is_over_silent_or_named_is_found(db: Database) {
    let (made, running) = (asked(&db, None).await, asked(&db, None).await);
    let mut tx = open(&db).await;
    let mut export = tx.exports().find(made).await.unwrap().unwrap();
    export.begin(at(0));
    let file = ("1-a.xlsx".to_owned(), 10, 3);
    export.complete(file, at(0), TimeDelta::minutes(60));
    tx.exports().update(&export).await.unwrap();
    let mut export = tx.exports().find(running).await.unwrap().unwrap();
    export.begin(at(10));
    tx.exports().update(&export).await.unwrap();
    close(tx).await;
    assert_eq!(db.over(at(59), 10).await.unwrap(), []);
    assert_eq!(db.over(at(60), 10).await.unwrap(), [made]);
    assert_eq!(db.silent_since(at(10)).await.unwrap(), []);
    assert_eq!(db.silent_since(at(11)).await.unwrap(), [running]);
    let names = ["1-a.xlsx", "2-b.csv"].map(str::to_owned);
    let known = db.known_files(&names).await.unwrap();
    assert_eq!(known.into_iter().collect::<Vec<_>>(), ["1-a.xlsx"]);
    assert!(db.known_files(&[]).await.unwrap().is_empty());
}

async fn an_export_is_read_back_as_it_was_written(store: impl Store) {
    let id = asked(&store, None).await;
    let mut tx = open(&store).await;
    let mut export = tx.exports().find(id).await.unwrap().unwrap();
    assert_eq!(export.new, new(None));
    assert_eq!(export.status, ExportStatus::Pending);
    assert!(export.begin(at(1)));
    tx.exports().update(&export).await.unwrap();
    assert_eq!(tx.exports().find(id).await.unwrap().unwrap(), export);
    let file = ("1-a.xlsx".to_owned(), 1 << 40, 1_000_000);
    export.complete(file, at(2), TimeDelta::minutes(60));
    tx.exports().update(&export).await.unwrap();
    close(tx).await;
    let mut tx = open(&store).await;
    assert_eq!(tx.exports().find(id).await.unwrap().unwrap(), export);
    assert!(tx.exports().delete(id).await.unwrap());
    assert!(!tx.exports().delete(id).await.unwrap());
    assert_eq!(tx.exports().find(id).await.unwrap(), None);
    let gone = tx.exports().update(&export).await;
    assert!(matches!(gone, Err(StoreError::Reference)));
}

async fn progress_is_that_of_whoever_began_last(store: impl Store) {
    let id = asked(&store, None).await;
    let mut tx = open(&store).await;
    let early = tx.exports().progress((id, 0), (5, 10), at(1)).await;
    assert!(!early.unwrap(), "nobody has begun");
    let mut export = tx.exports().find(id).await.unwrap().unwrap();
    for _ in 0..2 {
        export.begin(at(1));
        tx.exports().update(&export).await.unwrap();
    }
    let exports = tx.exports();
    assert!(!exports.progress((id, 1), (5, 10), at(2)).await.unwrap());
    assert!(exports.progress((id, 2), (7, 10), at(3)).await.unwrap());
    // The same once more is no other's.
    assert!(exports.progress((id, 2), (7, 10), at(3)).await.unwrap());
    let export = exports.find(id).await.unwrap().unwrap();
    assert_eq!((export.rows_done, export.rows_total), (7, 10));
    assert_eq!(export.touched_at, Some(at(3)));
}

async fn only_what_has_no_file_is_forgotten(store: impl Store) {
    let (failed, pending) = (asked(&store, None).await, asked(&store, None).await);
    let mut tx = open(&store).await;
    let mut export = tx.exports().find(failed).await.unwrap().unwrap();
    export.fail(
        Failure::new("not_made", "the file could not be made"),
        at(1),
    );
    tx.exports().update(&export).await.unwrap();
    let found = tx.exports().find(failed).await.unwrap().unwrap();
    assert_eq!(found, export);
    assert_eq!(tx.exports().forget_before(at(0)).await.unwrap(), 0);
    assert_eq!(tx.exports().forget_before(at(1)).await.unwrap(), 1);
    assert_eq!(tx.exports().find(failed).await.unwrap(), None);
    assert!(tx.exports().find(pending).await.unwrap().is_some());
}

fn mondays() -> NewSchedule {
    NewSchedule {
        report: ReportType::Overview,
        format: ExportFormat::Pdf,
        rhythm: Rhythm::new(Frequency::Weekly, 1, 8).unwrap(),
        is_active: true,
        created_by: None,
        created_at: at(0),
        next_at: Some(at(5)),
    }
}

async fn a_schedule_is_read_back_as_it_was_written(store: impl Store) {
    let mut tx = open(&store).await;
    let id = tx.exports().insert_schedule(&mondays()).await.unwrap();
    let mut schedule = tx.exports().find_schedule(id).await.unwrap().unwrap();
    assert_eq!(schedule.new, mondays());
    schedule.new.rhythm = Rhythm::new(Frequency::Monthly, 28, 23).unwrap();
    schedule.made(at(5), ExportId::new(7), HotelTime::default());
    schedule.updated_at = Some(at(6));
    tx.exports().update_schedule(&schedule).await.unwrap();
    let found = tx.exports().find_schedule(id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&schedule));
    assert!(tx.exports().delete_schedule(id).await.unwrap());
    assert!(!tx.exports().delete_schedule(id).await.unwrap());
    let gone = tx.exports().update_schedule(&schedule).await;
    assert!(matches!(gone, Err(StoreError::Reference)));
}

async fn rights_are_those_of_the_role_and_of_nobody_who_is_let_go(store: impl StaffedStore) {
    let mei = staff(&store, "mei", None).await;
    let nothing = Rights::default();
    assert_eq!(
        rights(&store, mei).await,
        Rights {
            exports: true,
            id_numbers: true
        }
    );
    change(&store, mei, |user| user.change_role(Role::Marketing, at(1))).await;
    assert_eq!(
        rights(&store, mei).await,
        Rights {
            exports: true,
            ..nothing
        }
    );
    change(&store, mei, |user| {
        user.change_role(Role::CustomerService, at(2));
    })
    .await;
    assert_eq!(
        rights(&store, mei).await,
        Rights {
            id_numbers: true,
            ..nothing
        }
    );
    change(&store, mei, |user| user.deactivate(at(3))).await;
    assert_eq!(rights(&store, mei).await, nothing);
    assert_eq!(rights(&store, UserId::new(999_999)).await, nothing);
}

async fn rights(store: &impl Store, user: UserId) -> Rights {
    let mut tx = open(store).await;
    tx.exports().rights_of(user).await.unwrap()
}

async fn change(
    store: &impl Transactions<dyn AccountsTx>,
    user: UserId,
    change: impl FnOnce(&mut User) + Send,
) {
    let mut tx = store.begin().await.unwrap();
    let mut user = tx.users().find(user).await.unwrap().unwrap();
    change(&mut user);
    tx.users().update(&user).await.unwrap();
    Transaction::commit(tx).await.unwrap();
}

async fn schedules_are_due_when_their_time_has_come(db: Database) {
    let owner = staff(&db, "one", None).await;
    let mut tx = open(&db).await;
    let asleep = NewSchedule {
        next_at: None,
        is_active: false,
        ..mondays()
    };
    let mine = NewSchedule {
        created_by: Some(owner),
        ..mondays()
    };
    tx.exports().insert_schedule(&asleep).await.unwrap();
    let due: ReportScheduleId = tx.exports().insert_schedule(&mine).await.unwrap();
    close(tx).await;
    assert_eq!(db.due_schedules(at(4), 10).await.unwrap(), []);
    assert_eq!(db.due_schedules(at(5), 10).await.unwrap(), [due]);
    let page = PageRequest::new(1, 10).unwrap();
    let listed = db.schedules(None, page).await.unwrap();
    assert_eq!((listed.total, listed.items[0].id), (2, due));
    assert_eq!(db.schedules(Some(owner), page).await.unwrap().total, 1);
}

async fn members_come_page_after_page_and_each_once(db: Database) {
    let members = friends(&db, 7).await;
    let vip = tag(&db, "VIP", TagKind::Member).await;
    let worn = [(members[0], vip), (members[6], vip)];
    let mut tx = begin(&db).await;
    tx.tags().wear(&worn, at(1)).await.unwrap();
    commit(tx).await;
    let all_time = (at(-100_000), at(100_000));
    for joined in [None, Some(all_time)] {
        let (mut seen, mut tagged, mut after) = (BTreeSet::new(), 0, None);
        loop {
            let page = ExportRows::members(&db, joined, after, 3).await.unwrap();
            tagged += page.iter().filter(|line| line.tags == ["VIP"]).count();
            for line in &page {
                assert!(seen.insert(line.id), "{} came twice", line.id);
            }
            match page.last() {
                Some(last) if page.len() == 3 => {
                    after = Some(Place {
                        at: last.created_at,
                        id: last.id,
                    });
                }
                _ => break,
            }
        }
        assert_eq!((seen.len(), tagged), (7, 2));
        assert_eq!(db.count_members(joined).await.unwrap(), 7);
    }
    let long_ago = Some((at(-200_000), at(-100_000)));
    let none = ExportRows::members(&db, long_ago, None, 3).await.unwrap();
    assert_eq!(none, []);
}

async fn messages_come_in_the_order_they_were_written(db: Database) {
    let member = friends(&db, 1).await[0];
    let mut written = Vec::new();
    for minute in [5, 1, 1, 3] {
        let id = insert(&db, &said(member, "中秋快樂", minute)).await;
        written.push((at(minute), id.get()));
    }
    written.sort_unstable();
    let stretch = (at(0), at(5));
    let first = db.messages(stretch, None, 2).await.unwrap();
    let place = Place {
        at: first[1].created_at,
        id: first[1].id,
    };
    let rest = db.messages(stretch, Some(place), 2).await.unwrap();
    let lines = first.iter().chain(&rest);
    let read: Vec<_> = lines.map(|line| (line.created_at, line.id)).collect();
    assert_eq!(read, written[..3], "the last one is too late");
    assert_eq!(db.count_messages(stretch).await.unwrap(), 3);
}

async fn rows_go_along_an_index(db: Database) {
    let campaign = campaign(&db, Audience::All).await.id();
    let stretch = (at(0), at(60));
    let place = Place { at: at(1), id: 1 };
    let steps = db.explain_export_rows(stretch, place, campaign).await;
    let steps: Vec<String> = steps.unwrap().iter().map(|s| s.join(" | ")).collect();
    for (steps, index) in steps.iter().zip([
        ["PRIMARY", "INTEGER PRIMARY KEY"],
        ["ix_members_created", "ix_members_created"],
        ["campaign_recipients", "ix_campaign_recipients_page"],
        ["ix_messages_created", "ix_messages_created"],
    ]) {
        assert!(index.iter().any(|name| steps.contains(name)), "{steps}");
    }
}
