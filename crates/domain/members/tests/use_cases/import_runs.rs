//! How a run through a file begins, goes on and ends.

use crate::desk::{Desk, NoScreens, STAFF, text};
use crate::files::{Content, OneFile, row};
use async_trait::async_trait;
use crm_kernel::{DomainError, ErrorKind, ImportId, Job, StoreError, Transactions, UserId};
use crm_members::{ImportCounts, ImportMembers, ImportStatus, Members, MembersTx, RegisterMember};
use crm_memory::{MemoryStore, PlainVault};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn guests(number: usize) -> OneFile {
    let rows = (0..number).map(|n| row(&format!("Guest {n}|g{n}@a.tw")));
    OneFile::table(&["name", "email"], rows)
}

#[tokio::test]
async fn an_import_is_a_row_a_job_and_a_line_of_the_audit_log() {
    let desk = Desk::new();
    let id = desk.start_import(true).await;
    let import = desk.store.import(id).unwrap();
    assert_eq!(import.status, ImportStatus::Pending);
    assert_eq!(
        (import.dry_run, import.created_by),
        (true, Some(UserId::new(1)))
    );
    let [job] = &desk.store.jobs()[..] else {
        panic!("not one job")
    };
    assert_eq!(job.name, ImportMembers::NAME);
    assert_eq!(job.payload, json!({"import_id": id.get()}));
    let entry = desk.store.audit().pop().unwrap();
    assert_eq!((entry.action, &entry.actor), ("members.imported", &STAFF));
    assert_eq!(entry.subject_id, Some(id.get()));
}

#[tokio::test]
async fn a_run_that_died_in_the_middle_goes_on_where_it_stood() {
    let desk = Desk::new();
    let file = guests(1_200);
    let id = desk.start_import(false).await;
    // One to look, one for the first 500 rows.
    let died = desk.with_file(&file, 2).run_import(id).await;
    assert_eq!(died.unwrap_err().kind(), ErrorKind::Unavailable);
    let import = desk.store.import(id).unwrap();
    assert_eq!(
        (import.status, import.processed_rows),
        (ImportStatus::Running, 500)
    );
    assert_eq!(desk.store.members().len(), 500);
    assert!(!file.is_removed());

    let members = desk.with_file(&file, usize::MAX);
    members.run_import(id).await.unwrap();
    let import = desk.store.import(id).unwrap();
    assert_eq!(
        (import.status, import.processed_rows),
        (ImportStatus::Completed, 1_200)
    );
    assert_eq!(import.counts.created, 1_200);
    assert_eq!(import.finished_at, Some(desk.at(0)));
    assert_eq!(desk.store.members().len(), 1_200);
    assert!(file.is_removed());

    // The job is delivered once more.
    members.run_import(id).await.unwrap();
    assert!(desk.store.import(id).unwrap() == import);
}

#[tokio::test]
async fn two_runners_at_once_read_every_row_once() {
    let desk = Desk::new();
    let file = guests(1_200);
    let id = desk.start_import(false).await;
    let runners = [(); 2].map(|()| desk.with_file(&file, usize::MAX));
    let (one, other) = tokio::join!(runners[0].run_import(id), runners[1].run_import(id));
    assert!(one.is_ok() && other.is_ok());
    let import = desk.store.import(id).unwrap();
    assert_eq!(import.status, ImportStatus::Completed);
    assert_eq!(import.counts.created, 1_200);
    assert_eq!(import.counts.unchanged, 0);
    assert_eq!(desk.store.members().len(), 1_200);
}

#[tokio::test]
async fn a_rehearsal_counts_the_same_and_changes_no_member() {
    let desk = Desk::new();
    let known = RegisterMember {
        first_name: text("Guest"),
        email: text("g0@a.tw"),
        ..RegisterMember::default()
    };
    desk.register(known).await.unwrap();
    let rows = (0..1_200).map(|n| row(&format!("Guest|g{}@a.tw|high floor", n % 900)));
    let rows: Vec<_> = rows.collect();
    let file = || OneFile::table(&["first_name", "email", "notes"], rows.clone());
    let before = desk.store.members();
    let rehearsed = desk.import(&file(), true).await;
    assert!(desk.store.members() == before);
    let real = desk.import(&file(), false).await;
    let expected = ImportCounts {
        created: 899,
        updated: 1,
        unchanged: 300,
        ..ImportCounts::default()
    };
    assert_eq!((rehearsed.counts, real.counts), (expected, expected));
    assert_eq!(rehearsed.status, ImportStatus::Completed);
}

#[tokio::test]
async fn a_rehearsal_that_died_in_the_middle_tells_what_one_in_one_go_tells() {
    let desk = Desk::new();
    let rows = (0..1_200).map(|n| match n % 900 {
        7 => row("Guest|nowhere|x"),
        n => row(&format!("Guest|g{n}@a.tw|high floor")),
    });
    let rows: Vec<_> = rows.collect();
    let file = || OneFile::table(&["first_name", "email", "VIP"], rows.clone());
    let whole = desk.import(&file(), true).await;
    assert_eq!((whole.counts.created, whole.counts.unchanged), (899, 299));
    for units in 2..7 {
        let (id, file) = (desk.start_import(true).await, file());
        let died = desk.with_file(&file, units).run_import(id).await;
        assert_eq!(died.is_err(), units < 5, "{units}");
        desk.with_file(&file, usize::MAX)
            .run_import(id)
            .await
            .unwrap();
        let import = desk.store.import(id).unwrap();
        assert_eq!(import.counts, whole.counts, "{units}");
        assert_eq!(
            (import.status, import.processed_rows),
            (ImportStatus::Completed, 1_200)
        );
        let errors = |id| desk.store.import_errors(id);
        assert_eq!(errors(id), errors(whole.id), "{units}");
    }
    assert!(desk.store.members().is_empty());
}

/// A store at which another runner passes by before a chosen unit of work.
struct Meeting {
    store: MemoryStore,
    units: AtomicUsize,
    other: Members,
    import: ImportId,
}

#[async_trait]
impl Transactions<dyn MembersTx> for Meeting {
    async fn begin(&self) -> Result<Box<dyn MembersTx>, StoreError> {
        if self.units.fetch_sub(1, Ordering::SeqCst) == 1 {
            assert!(self.other.run_import(self.import).await.is_err());
        }
        self.store.begin().await
    }
}

#[tokio::test]
async fn who_was_overtaken_in_a_rehearsal_begins_anew_instead_of_counting_wrong() {
    let desk = Desk::new();
    let rows = (0..1_200).map(|n| row(&format!("Guest|g{}@a.tw", n % 600)));
    let file = OneFile::table(&["name", "email"], rows);
    let id = desk.start_import(true).await;
    // The other one begins anew after the first chunk, reads two and dies.
    let meeting = Meeting {
        store: desk.store.clone(),
        units: AtomicUsize::new(4),
        other: desk.with_file(&file, 4),
        import: id,
    };
    let members = Members::new(
        Arc::new(meeting),
        Arc::new(NoScreens),
        Arc::new(PlainVault::default()),
        Arc::new(desk.clock.clone()),
    )
    .with_import_files(Arc::new(file.clone()));
    let overtaken = members.run_import(id).await.unwrap_err();
    assert_eq!(overtaken.kind(), ErrorKind::Unavailable);
    desk.with_file(&file, usize::MAX)
        .run_import(id)
        .await
        .unwrap();
    let import = desk.store.import(id).unwrap();
    assert_eq!(import.status, ImportStatus::Completed);
    assert_eq!((import.counts.created, import.counts.unchanged), (600, 600));
}

#[tokio::test]
async fn a_thousand_errors_are_kept_and_all_are_counted() {
    let desk = Desk::new();
    let rows = (0..1_100).map(|_| row("Guest|nowhere|x"));
    let file = OneFile::table(&["name", "email", "VIP"], rows);
    let done = desk.import(&file, false).await;
    assert_eq!(
        (done.status, done.counts.failed),
        (ImportStatus::Completed, 1_100)
    );
    let errors = desk.store.import_errors(done.id);
    assert_eq!(errors.len(), 1_000);
    assert_eq!((errors[0].row, errors[0].field.as_str()), (1, "column 3"));
    assert_eq!((errors[1].row, errors[1].field.as_str()), (2, "email"));
}

#[tokio::test]
async fn a_file_that_gives_no_rows_fails_the_import_with_the_reason() {
    let desk = Desk::new();
    for (file, reason) in [
        (OneFile::of(Content::Broken), "file_unreadable"),
        (OneFile::table(&["a", "b"], []), "no_known_column"),
        (OneFile::table(&["姓名", "name"], []), "column_twice"),
    ] {
        let failed = desk.import(&file, false).await;
        assert_eq!(failed.status, ImportStatus::Failed);
        assert_eq!(failed.reason.as_deref(), Some(reason));
        assert!(failed.finished_at.is_some() && file.is_removed());
    }
}

#[tokio::test]
async fn a_disk_that_is_away_is_tried_again_later_until_somebody_gives_up() {
    let desk = Desk::new();
    let file = OneFile::of(Content::Away);
    let id = desk.start_import(false).await;
    let error = desk.with_file(&file, usize::MAX).run_import(id).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Unavailable);
    let import = desk.store.import(id).unwrap();
    assert_eq!(import.status, ImportStatus::Pending);
    let members = desk.with_file(&file, usize::MAX);
    members.give_up_import(id).await.unwrap();
    members.give_up_import(id).await.unwrap();
    let import = desk.store.import(id).unwrap();
    assert_eq!(import.status, ImportStatus::Failed);
    assert_eq!(import.reason.as_deref(), Some("rows_not_stored"));
    let unknown = desk.members.run_import(999.into()).await;
    assert_eq!(unknown.unwrap_err().code(), "import_not_found");
}
