use super::Desk;
use crate::messages::staff;
use crate::samples::{NoQueries, PlainVault, begin, number};
use async_trait::async_trait;
use crm_database::Database;
use crm_kernel::{Actor, DomainError, PageRequest, StoreError, Transactions};
use crm_members::{ImportCounts, ImportStatus, MemberError, Members, MembersTx, StartImport};
use crm_tests::MovedClock;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

crate::contract!(
    an_import_is_read_back_as_it_was_written,
    a_run_is_done_once_however_often_it_is_delivered,
    two_runners_at_once_read_every_row_once,
    a_run_that_died_half_way_goes_on_where_it_stood,
    a_thousand_errors_are_kept_and_all_are_counted,
    a_file_that_is_gone_or_damaged_fails_the_import_and_nothing_is_written,
);

fn guests(number: usize) -> Vec<u8> {
    let rows = (0..number).map(|n| format!("Guest {n},g{n}@hotel.example\n"));
    format!("name,email\n{}", rows.collect::<String>()).into_bytes()
}

fn created(created: u64) -> ImportCounts {
    ImportCounts {
        created,
        ..ImportCounts::default()
    }
}

async fn an_import_is_read_back_as_it_was_written(db: Database) {
    let mei = staff(&db, "mei", None).await;
    let desk = Desk::new(db);
    let path = desk.files.put_aside("one", guests(3)).await.unwrap().path;
    let start = StartImport {
        file_name: format!("../../etc/\u{0}passwd\n{}", "𠮷".repeat(300)),
        dry_run: true,
        file_path: path.clone(),
        total_rows: 3,
    };
    let actor = Actor::User { id: mei };
    let id = desk.members().start_import(&actor, start).await.unwrap();
    let import = desk.members().import(id).await.unwrap();
    assert_eq!(import.status, ImportStatus::Pending);
    assert_eq!((import.total_rows, import.processed_rows), (3, 0));
    assert_eq!((import.created_by, import.dry_run), (Some(mei), true));
    assert_eq!(import.file_path, Some(path));
    let name = import.file_name.clone().unwrap();
    assert!(name.starts_with("../../etc/passwd𠮷"), "{name}");
    assert_eq!(name.chars().count(), 200);
    let page = PageRequest::new(1, 10).unwrap();
    let list = desk.members().list_imports(page).await.unwrap();
    assert_eq!((list.total, list.items), (1, vec![import.clone()]));
    let mut tx = begin(&desk.db).await;
    assert_eq!(tx.imports().find(id).await.unwrap(), Some(import));
    drop(tx);
    let unknown = desk.members().import_errors(999_999.into(), page).await;
    assert!(matches!(unknown, Err(MemberError::ImportNotFound)));
}

async fn a_run_is_done_once_however_often_it_is_delivered(db: Database) {
    let desk = Desk::new(db);
    let done = desk.import(guests(60), false).await;
    assert_eq!(done.status, ImportStatus::Completed);
    assert_eq!((done.processed_rows, done.counts), (60, created(60)));
    for _ in 0..2 {
        desk.members().run_import(done.id).await.unwrap();
        assert_eq!(desk.members().import(done.id).await.unwrap(), done);
    }
    assert_eq!(desk.rows().await, 60);
    // The same file once more changes nobody.
    let again = desk.import(guests(60), false).await;
    assert_eq!((again.counts.created, again.counts.unchanged), (0, 60));
    assert_eq!(desk.rows().await, 60);
    let jobs = "SELECT COUNT(*) FROM jobs";
    assert_eq!(number(&desk.db, jobs).await, 2, "one for each import");
}

async fn two_runners_at_once_read_every_row_once(db: Database) {
    let desk = Desk::new(db);
    let id = desk.start(guests(600), false).await;
    let members = desk.members();
    let run = async || {
        loop {
            match members.run_import(id).await {
                Err(MemberError::Store(StoreError::Busy(_))) => {}
                other => return other,
            }
        }
    };
    let (one, other, third) = tokio::join!(run(), run(), run());
    for result in [one, other, third] {
        result.unwrap();
    }
    let import = desk.members().import(id).await.unwrap();
    assert_eq!(import.status, ImportStatus::Completed);
    assert_eq!(import.counts, created(600));
    assert_eq!(desk.rows().await, 600);
}

/// A database that answers so many units of work, and then no more.
struct Dying {
    db: Database,
    left: AtomicUsize,
}

#[async_trait]
impl Transactions<dyn MembersTx> for Dying {
    async fn begin(&self) -> Result<Box<dyn MembersTx>, StoreError> {
        let left = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        left.map_err(|_| StoreError::Unavailable("the process ended".into()))?;
        self.db.begin().await
    }
}

async fn a_run_that_died_half_way_goes_on_where_it_stood(db: Database) {
    let desk = Desk::new(db);
    let id = desk.start(guests(700), false).await;
    let store = Dying {
        db: desk.db.clone(),
        // One to look, one for the first 500 rows.
        left: AtomicUsize::new(2),
    };
    let dying = Members::new(
        Arc::new(store),
        Arc::new(NoQueries),
        Arc::new(PlainVault),
        Arc::new(MovedClock::default()),
    )
    .with_import_files(Arc::new(desk.files.clone()));
    let died = dying.run_import(id).await.unwrap_err();
    assert_eq!(died.kind(), crm_kernel::ErrorKind::Unavailable);
    let import = desk.members().import(id).await.unwrap();
    assert_eq!(
        (import.status, import.processed_rows),
        (ImportStatus::Running, 500)
    );
    assert_eq!((import.counts, desk.rows().await), (created(500), 500));

    desk.members().run_import(id).await.unwrap();
    let import = desk.members().import(id).await.unwrap();
    assert_eq!(
        (import.status, import.processed_rows),
        (ImportStatus::Completed, 700)
    );
    assert_eq!((import.counts, desk.rows().await), (created(700), 700));
    let path = import.file_path.unwrap();
    let gone = crm_members::ImportFiles::rows(&desk.files, &path).await;
    assert!(matches!(gone, Err(crm_members::ImportFileError::Missing)));
}

async fn a_thousand_errors_are_kept_and_all_are_counted(db: Database) {
    let desk = Desk::new(db);
    let rows = "Guest,nowhere\n".repeat(1_100);
    let file = format!("name,email\n{rows}").into_bytes();
    let done = desk.import(file, false).await;
    assert_eq!(
        (done.status, done.counts.failed),
        (ImportStatus::Completed, 1_100)
    );
    let page = |n| PageRequest::new(n, 100).unwrap();
    let last = desk
        .members()
        .import_errors(done.id, page(10))
        .await
        .unwrap();
    assert_eq!((last.total, last.items.len()), (1_000, 100));
    assert_eq!(last.items[99].row, 1_001);
    let past = desk.members().import_errors(done.id, page(11)).await;
    assert_eq!(past.unwrap().items, []);
    assert_eq!(desk.rows().await, 0);
}

async fn a_file_that_is_gone_or_damaged_fails_the_import_and_nothing_is_written(db: Database) {
    let desk = Desk::new(db);
    for (file, reason) in [
        ("a,b\n1,2\n", "no_known_column"),
        ("姓名,name\n王,王\n", "column_twice"),
    ] {
        let failed = desk.import(file.into(), false).await;
        assert_eq!(failed.status, ImportStatus::Failed);
        assert_eq!(failed.reason.as_deref(), Some(reason));
        assert!(failed.finished_at.is_some());
    }
    let id = desk.start(guests(3), false).await;
    let path = desk.members().import(id).await.unwrap().file_path.unwrap();
    crm_members::ImportFiles::remove(&desk.files, &path)
        .await
        .unwrap();
    desk.members().run_import(id).await.unwrap();
    let failed = desk.members().import(id).await.unwrap();
    assert_eq!(failed.reason.as_deref(), Some("file_missing"));
    assert_eq!(desk.rows().await, 0);
}
