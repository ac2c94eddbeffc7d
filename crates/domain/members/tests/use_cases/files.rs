//! Files to be read in, without a disk, and a store that gives up at a chosen moment.

use crate::desk::{Desk, NoScreens, STAFF};
use async_trait::async_trait;
use crm_kernel::{ImportId, StoreError, Transactions};
use crm_members::{ImportFileError, ImportFiles, Members, MembersTx, Sheet, StartImport};
use crm_memory::{MemoryStore, PlainVault};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

pub enum Content {
    Rows(Sheet),
    Broken,
    Away,
}

/// One file, which is removed at the end.
#[derive(Clone)]
pub struct OneFile(Arc<Mutex<Option<Content>>>);

impl OneFile {
    pub fn of(content: Content) -> Self {
        Self(Arc::new(Mutex::new(Some(content))))
    }

    /// A header and rows from 2 on.
    pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        let rows = (2..).zip(rows).collect();
        let header = header.iter().map(|name| (*name).to_owned()).collect();
        Self::of(Content::Rows(Sheet { header, rows }))
    }

    pub fn is_removed(&self) -> bool {
        self.0.lock().unwrap().is_none()
    }
}

#[async_trait]
impl ImportFiles for OneFile {
    async fn rows(&self, _path: &str) -> Result<Sheet, ImportFileError> {
        match &*self.0.lock().unwrap() {
            Some(Content::Rows(sheet)) => Ok(sheet.clone()),
            Some(Content::Broken) => Err(ImportFileError::Unreadable),
            Some(Content::Away) => Err(ImportFileError::Unavailable("no disk".into())),
            None => Err(ImportFileError::Missing),
        }
    }

    async fn remove(&self, _path: &str) -> Result<(), ImportFileError> {
        *self.0.lock().unwrap() = None;
        Ok(())
    }
}

/// Opens so many units of work, and then none.
pub struct Failing {
    store: MemoryStore,
    left: AtomicUsize,
}

#[async_trait]
impl Transactions<dyn MembersTx> for Failing {
    async fn begin(&self) -> Result<Box<dyn MembersTx>, StoreError> {
        let take = |left: usize| left.checked_sub(1);
        self.left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
            .map_err(|_| StoreError::Unavailable("the process ended".into()))?;
        self.store.begin().await
    }
}

impl Desk {
    /// Members with this file, over a store that opens so many units of work.
    pub fn with_file(&self, file: &OneFile, units: usize) -> Members {
        let store = Failing {
            store: self.store.clone(),
            left: AtomicUsize::new(units),
        };
        Members::new(
            Arc::new(store),
            Arc::new(NoScreens),
            Arc::new(PlainVault::default()),
            Arc::new(self.clock.clone()),
        )
        .with_import_files(Arc::new(file.clone()))
    }

    pub async fn start_import(&self, dry_run: bool) -> ImportId {
        let start = StartImport {
            file_name: "guests.csv".to_owned(),
            dry_run,
            file_path: "imports/1".to_owned(),
            total_rows: 0,
        };
        self.members.start_import(&STAFF, start).await.unwrap()
    }

    /// Starts and runs an import of this file.
    pub async fn import(&self, file: &OneFile, dry_run: bool) -> crm_members::Import {
        let id = self.start_import(dry_run).await;
        let members = self.with_file(file, usize::MAX);
        members.run_import(id).await.unwrap();
        self.store.import(id).unwrap()
    }
}

/// The cells of a row; `|` stands between them.
pub fn row(cells: &str) -> Vec<String> {
    cells.split('|').map(str::to_owned).collect()
}
