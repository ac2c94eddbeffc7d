//! Files of members being read in, from bytes on a disk to rows of a database.

use crate::samples::{members, number};
use crm_database::Database;
use crm_files::FileStore;
use crm_kernel::{Actor, ImportId, MemberId, PageRequest};
use crm_members::{
    Import, MemberFilter, MemberQueries, MemberSearch, MemberSort, Members, RowError, StartImport,
};
use std::sync::Arc;
use tempfile::TempDir;

mod matching;
mod runs;

/// A front desk with a disk.
pub(super) struct Desk {
    pub(super) db: Database,
    pub(super) files: FileStore,
    _folder: TempDir,
}

impl Desk {
    pub(super) fn new(db: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            db,
            files: FileStore::local(folder.path()).unwrap(),
            _folder: folder,
        }
    }

    pub(super) fn members(&self) -> Members {
        members(&self.db).with_import_files(Arc::new(self.files.clone()))
    }

    pub(super) async fn start(&self, file: Vec<u8>, dry_run: bool) -> ImportId {
        let name = format!(
            "{:x}",
            number(&self.db, "SELECT COUNT(*) FROM member_imports").await
        );
        let aside = self.files.put_aside(&name, file).await.unwrap();
        let start = StartImport {
            file_name: "客人.csv".into(),
            dry_run,
            file_path: aside.path,
            total_rows: aside.rows,
        };
        self.members()
            .start_import(&Actor::System, start)
            .await
            .unwrap()
    }

    pub(super) async fn import(&self, file: Vec<u8>, dry_run: bool) -> Import {
        let id = self.start(file, dry_run).await;
        self.members().run_import(id).await.unwrap();
        self.members().import(id).await.unwrap()
    }

    pub(super) async fn errors(&self, id: ImportId) -> Vec<(u64, String, String)> {
        let page = PageRequest::new(1, 100).unwrap();
        let errors = self.members().import_errors(id, page).await.unwrap();
        let told = |e: RowError| (e.row, e.field, e.message);
        errors.items.into_iter().map(told).collect()
    }

    pub(super) async fn rows(&self) -> i64 {
        number(&self.db, "SELECT COUNT(*) FROM members").await
    }

    pub(super) async fn found(&self, text: &str) -> Vec<MemberId> {
        let filter = MemberFilter {
            search: MemberSearch::new(text),
            ..MemberFilter::default()
        };
        let page = PageRequest::new(1, 100).unwrap();
        let list = MemberQueries::list(&self.db, &filter, MemberSort::default(), page);
        let list = list.await.unwrap();
        assert_eq!(list.total, list.items.len() as u64, "{text}");
        list.items.into_iter().map(|row| row.id).collect()
    }
}
