//! Runs that take over what the hotel's own system says, and where each kind stands.

use crate::messages::staff;
use crate::samples::{Store, at, begin, commit};
use chrono::NaiveDate;
use crm_database::Database;
use crm_kernel::{PageRequest, StoreError, SyncRunId, UserId};
use crm_members::{
    NewSyncRun, PmsKind, PmsQueries, SyncCounts, SyncFault, SyncFile, SyncMark, SyncMode, SyncRun,
    SyncStatus,
};
use crm_workflows::CrmTx;
use std::time::Duration;

mod on_databases {
    use super::*;

    crate::contract!(
        a_run_is_asked_for_by_somebody_who_is_there,
        runs_are_listed_by_kind_and_status_the_newest_first,
        faults_are_listed_in_the_order_of_the_rows,
        both_marks_are_shown,
    );
}

crate::contract_on_every_store!(
    a_run_is_read_back_as_it_was_written,
    what_a_run_was_asked_with_does_not_change,
    a_mark_is_there_before_anything_was_taken_over,
    a_mark_names_only_a_run_that_is_there,
    whoever_asks_for_the_same_mark_waits_and_sees_what_was_written,
    faults_are_kept_up_to_a_number,
    faults_of_runs_that_ended_long_ago_are_forgotten,
);

pub const ONE: PageRequest = match PageRequest::new(1, 100) {
    Some(page) => page,
    None => panic!("a page"),
};

pub fn asked(kind: PmsKind) -> NewSyncRun {
    NewSyncRun {
        kind,
        mode: SyncMode::Incremental,
        file: None,
        requested_by: None,
        created_at: at(0),
    }
}

pub async fn run_of(store: &impl Store, kind: PmsKind) -> SyncRunId {
    let mut tx = begin(store).await;
    let id = tx.pms().insert_run(&asked(kind)).await.unwrap();
    commit(tx).await;
    id
}

fn pending(id: SyncRunId, new: NewSyncRun) -> SyncRun {
    SyncRun {
        id,
        new,
        status: SyncStatus::Pending,
        reason: None,
        message: None,
        since: None,
        until: None,
        business_date: None,
        cursor: None,
        pages: 0,
        restarts: 0,
        counts: SyncCounts::default(),
        started_at: None,
        finished_at: None,
    }
}

fn file() -> SyncFile {
    SyncFile {
        path: "aside/1".into(),
        name: "旅客 😀.csv".into(),
        headings: vec![
            ("客人代號".into(), "code".into()),
            ("姓".into(), "last_name".into()),
        ],
        dry_run: true,
        total_rows: 0,
    }
}

fn empty(kind: PmsKind) -> SyncMark {
    SyncMark {
        kind,
        until: None,
        open_run: None,
        failed_in_row: 0,
        completed_at: None,
    }
}

async fn a_run_is_read_back_as_it_was_written(store: impl Store) {
    let new = NewSyncRun {
        mode: SyncMode::File,
        file: Some(file()),
        ..asked(PmsKind::Members)
    };
    let mut tx = begin(&store).await;
    let id = tx.pms().insert_run(&new).await.unwrap();
    commit(tx).await;
    let mut tx = begin(&store).await;
    let mut run = tx.pms().run(id).await.unwrap().unwrap();
    assert_eq!(run, pending(id, new));
    run.status = SyncStatus::Failed;
    run.reason = Some("refused".into());
    run.message = Some("1001: 參數錯誤".repeat(60));
    run.since = Some(at(-15));
    run.until = Some(at(5));
    run.business_date = NaiveDate::from_ymd_opt(2026, 9, 24);
    run.cursor = Some("eyJ1Ijoi".repeat(200));
    (run.pages, run.restarts) = (3, 1);
    run.counts = SyncCounts {
        created: 1,
        updated: 2,
        unchanged: 3,
        review: 4,
        failed: 5,
        ignored: 6,
    };
    run.started_at = Some(at(1));
    run.finished_at = Some(at(9));
    if let Some(file) = &mut run.new.file {
        file.total_rows = 21;
    }
    tx.pms().update_run(&run).await.unwrap();
    commit(tx).await;
    let mut tx = begin(&store).await;
    assert_eq!(tx.pms().run(id).await.unwrap(), Some(run.clone()));
    let nobody = SyncRun {
        id: 999_999.into(),
        ..run
    };
    assert_eq!(tx.pms().run(nobody.id).await.unwrap(), None);
    let refused = tx.pms().update_run(&nobody).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
}

async fn what_a_run_was_asked_with_does_not_change(store: impl Store) {
    let id = run_of(&store, PmsKind::Members).await;
    let mut tx = begin(&store).await;
    let found = tx.pms().run(id).await.unwrap().unwrap();
    let other = SyncRun {
        new: NewSyncRun {
            mode: SyncMode::Full,
            ..asked(PmsKind::ConsumptionRecords)
        },
        ..found.clone()
    };
    tx.pms().update_run(&other).await.unwrap();
    assert_eq!(tx.pms().run(id).await.unwrap(), Some(found));
}

async fn a_run_is_asked_for_by_somebody_who_is_there(db: Database) {
    let mei = staff(&db, "mei", None).await;
    let by = |user| NewSyncRun {
        requested_by: Some(user),
        ..asked(PmsKind::Members)
    };
    let mut tx = begin(&db).await;
    let id = tx.pms().insert_run(&by(mei)).await.unwrap();
    let run = tx.pms().run(id).await.unwrap().unwrap();
    assert_eq!(run.new.requested_by, Some(mei));
    let refused = tx.pms().insert_run(&by(UserId::new(999_999))).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
}

async fn a_mark_is_there_before_anything_was_taken_over(store: impl Store) {
    let mut tx = begin(&store).await;
    for kind in PmsKind::ALL {
        assert_eq!(tx.pms().mark(kind).await.unwrap(), empty(kind));
    }
    let mark = SyncMark {
        until: Some(at(3)),
        failed_in_row: 2,
        completed_at: Some(at(4)),
        ..empty(PmsKind::Members)
    };
    tx.pms().update_mark(&mark).await.unwrap();
    commit(tx).await;
    let mut tx = begin(&store).await;
    assert_eq!(tx.pms().mark(PmsKind::Members).await.unwrap(), mark);
    let other = PmsKind::ConsumptionRecords;
    assert_eq!(tx.pms().mark(other).await.unwrap(), empty(other));
}

async fn a_mark_names_only_a_run_that_is_there(store: impl Store) {
    let mut tx = begin(&store).await;
    let mark = SyncMark {
        open_run: Some(999_999.into()),
        ..empty(PmsKind::Members)
    };
    let refused = tx.pms().update_mark(&mark).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
}

async fn whoever_asks_for_the_same_mark_waits_and_sees_what_was_written(
    store: impl Store + Clone + 'static,
) {
    let kind = PmsKind::ConsumptionRecords;
    let mut first: Box<dyn CrmTx> = begin(&store).await;
    let mut mark = first.pms().mark(kind).await.unwrap();
    let other = store.clone();
    let second = tokio::spawn(async move {
        let mut tx = begin(&other).await;
        tx.pms().mark(kind).await.unwrap()
    });
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(!second.is_finished(), "the second did not wait");
    let run = first.pms().insert_run(&asked(kind)).await.unwrap();
    mark.open_run = Some(run);
    first.pms().update_mark(&mark).await.unwrap();
    commit(first).await;
    assert_eq!(second.await.unwrap().open_run, Some(run));
}

fn fault(row: u64) -> SyncFault {
    SyncFault {
        row,
        key: format!("HFD{row}"),
        field: "birth_dat".into(),
        reason: "is not a date".into(),
        is_warning: row.is_multiple_of(2),
    }
}

async fn faults_are_kept_up_to_a_number(store: impl Store) {
    let id = run_of(&store, PmsKind::Members).await;
    let many: Vec<SyncFault> = (1..=6_000).map(fault).collect();
    let mut tx = begin(&store).await;
    tx.pms()
        .insert_faults(id, &many[..10], 6_005)
        .await
        .unwrap();
    tx.pms().insert_faults(id, &many, 6_005).await.unwrap();
    tx.pms().insert_faults(id, &many, 6_005).await.unwrap();
    tx.pms().insert_faults(id, &[], 0).await.unwrap();
    let nobody = tx.pms().insert_faults(999_999.into(), &many[..1], 9).await;
    assert!(matches!(nobody, Err(StoreError::Reference)));
    tx.pms().forget_faults(id).await.unwrap();
    tx.pms().insert_faults(id, &many[..2], 2).await.unwrap();
    commit(tx).await;
}

async fn faults_of_runs_that_ended_long_ago_are_forgotten(store: impl Store) {
    // One without faults, two that ended, one that ended later, one that goes on.
    for (has_faults, ended) in [
        (false, Some(1)),
        (true, Some(1)),
        (true, Some(2)),
        (true, Some(9)),
        (true, None),
    ] {
        let id = run_of(&store, PmsKind::Members).await;
        let mut tx = begin(&store).await;
        let mut run = tx.pms().run(id).await.unwrap().unwrap();
        run.finished_at = ended.map(at);
        tx.pms().update_run(&run).await.unwrap();
        if has_faults {
            let faults = [fault(1), fault(2)];
            tx.pms().insert_faults(id, &faults, 9).await.unwrap();
        }
        commit(tx).await;
    }
    for forgotten in [1, 1, 0] {
        let mut tx = begin(&store).await;
        let done = tx.pms().forget_faults_before(at(9), 1).await;
        assert_eq!(done.unwrap(), forgotten);
        commit(tx).await;
    }
}

async fn faults_are_listed_in_the_order_of_the_rows(db: Database) {
    let id = run_of(&db, PmsKind::Members).await;
    let long = SyncFault {
        key: "鍵".repeat(300),
        field: "f".repeat(300),
        reason: "r".repeat(900),
        ..fault(2)
    };
    let mut tx = begin(&db).await;
    let faults = [fault(7), fault(3), fault(3), long];
    tx.pms().insert_faults(id, &faults, 100).await.unwrap();
    commit(tx).await;
    let list = db.faults(id, ONE).await.unwrap();
    assert_eq!(list.total, 4);
    assert_eq!(list.items[1..], [fault(3), fault(3), fault(7)]);
    let cut = &list.items[0];
    let lengths = [&cut.key, &cut.field, &cut.reason].map(|text| text.chars().count());
    assert_eq!(lengths, [100, 60, 300]);
    let second = PageRequest::new(2, 3).unwrap();
    assert_eq!(db.faults(id, second).await.unwrap().items, [fault(7)]);
    let nobody = db.faults(999_999.into(), ONE).await.unwrap();
    assert_eq!((nobody.total, nobody.items.len()), (0, 0));
    // Ten stay, and then the rest until there is room no more.
    let mut tx = begin(&db).await;
    let many: Vec<SyncFault> = (1..=2_500).map(fault).collect();
    tx.pms().insert_faults(id, &many, 2_004).await.unwrap();
    commit(tx).await;
    assert_eq!(db.faults(id, ONE).await.unwrap().total, 2_004);
    let mut tx = begin(&db).await;
    tx.pms().forget_faults(id).await.unwrap();
    commit(tx).await;
    assert_eq!(db.faults(id, ONE).await.unwrap().total, 0);
}

async fn runs_are_listed_by_kind_and_status_the_newest_first(db: Database) {
    let mut ids = Vec::new();
    for kind in [
        PmsKind::Members,
        PmsKind::ConsumptionRecords,
        PmsKind::Members,
    ] {
        ids.push(run_of(&db, kind).await);
    }
    let mut tx = begin(&db).await;
    let mut done = tx.pms().run(ids[0]).await.unwrap().unwrap();
    done.status = SyncStatus::Completed;
    tx.pms().update_run(&done).await.unwrap();
    commit(tx).await;
    let listed = async |kind, status| {
        let list = db.runs(kind, status, ONE).await.unwrap();
        assert_eq!(list.total, list.items.len() as u64);
        let ids = list.items.into_iter().map(|run| run.id);
        ids.collect::<Vec<SyncRunId>>()
    };
    let members = Some(PmsKind::Members);
    let pending = Some(SyncStatus::Pending);
    assert_eq!(listed(None, None).await, [ids[2], ids[1], ids[0]]);
    assert_eq!(listed(members, None).await, [ids[2], ids[0]]);
    assert_eq!(listed(None, pending).await, [ids[2], ids[1]]);
    assert_eq!(listed(members, pending).await, [ids[2]]);
    let second = PageRequest::new(2, 2).unwrap();
    let list = db.runs(None, None, second).await.unwrap();
    assert_eq!((list.total, list.items), (3, vec![done.clone()]));
    let one = PmsQueries::run(&db, ids[0]).await.unwrap();
    assert_eq!(one, Some(done));
    assert_eq!(PmsQueries::run(&db, 999_999.into()).await.unwrap(), None);
}

async fn both_marks_are_shown(db: Database) {
    assert_eq!(db.marks().await.unwrap(), PmsKind::ALL.map(empty));
    let run = run_of(&db, PmsKind::ConsumptionRecords).await;
    let mark = SyncMark {
        open_run: Some(run),
        failed_in_row: 3,
        ..empty(PmsKind::ConsumptionRecords)
    };
    let mut tx = begin(&db).await;
    tx.pms().update_mark(&mark).await.unwrap();
    commit(tx).await;
    assert_eq!(db.marks().await.unwrap(), [empty(PmsKind::Members), mark]);
}
