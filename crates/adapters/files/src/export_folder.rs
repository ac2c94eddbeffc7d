//! The folder of files that staff take away.

use crate::export_sheet::{HalfFile, WritingSheet};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_exports::{
    ExportFiles, MakerError, OpenFile, OpenSheet, Paper, ReportMaker, Sheet, SheetFormat,
};
use crm_kernel::StoreError;
use futures::StreamExt;
use futures::stream::try_unfold;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::io::AsyncReadExt;

/// Bytes read at a time.
const PIECE: usize = 64 * 1024;

/// Files below one folder, made by a maker on threads of their own. What is being written is
/// called otherwise than the file it becomes, and is moved there when it is whole.
#[derive(Clone)]
pub struct ExportFolder {
    folder: PathBuf,
    maker: Arc<dyn ReportMaker>,
}

impl ExportFolder {
    /// Files in `folder`, which is made when the first one is.
    #[must_use]
    pub fn new(folder: &Path, maker: Arc<dyn ReportMaker>) -> Self {
        Self {
            folder: folder.to_owned(),
            maker,
        }
    }

    /// Where the file of this name lies; `None` for a name that is none of ours.
    fn path(&self, name: &str) -> Option<PathBuf> {
        let is_ours = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let is_name = !name.is_empty() && !name.starts_with('.') && name.chars().all(is_ours);
        is_name.then(|| self.folder.join(name))
    }

    fn new_path(&self, name: &str) -> Result<PathBuf, MakerError> {
        let wrong = || MakerError::Failed("the name of the file is not ours".to_owned());
        self.path(name).ok_or_else(wrong)
    }
}

/// Does work that waits for the disk where that holds up nobody.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MakerError> + Send + 'static,
) -> Result<T, MakerError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(MakerError::Failed("making it ended early".to_owned())),
    }
}

#[async_trait]
impl ExportFiles for ExportFolder {
    async fn begin(
        &self,
        name: &str,
        format: SheetFormat,
        sheet: &Sheet,
    ) -> Result<Box<dyn OpenSheet>, MakerError> {
        let (path, maker) = (self.new_path(name)?, Arc::clone(&self.maker));
        let sheet = sheet.clone();
        let writing = aside(move || {
            let half = HalfFile::of(path)?;
            let writer = maker.begin(format, &sheet, half.path())?;
            Ok(WritingSheet::new(writer, half))
        })
        .await?;
        Ok(Box::new(writing))
    }

    async fn write(&self, name: &str, paper: Paper) -> Result<u64, MakerError> {
        let (path, maker) = (self.new_path(name)?, Arc::clone(&self.maker));
        aside(move || {
            let bytes = maker.pdf(&paper)?;
            let half = HalfFile::of(path)?;
            let mut file = std::fs::File::create(half.path()).map_err(MakerError::Disk)?;
            file.write_all(&bytes).map_err(MakerError::Disk)?;
            file.sync_all().map_err(MakerError::Disk)?;
            half.keep()
        })
        .await
    }

    async fn open(&self, name: &str) -> Result<Option<OpenFile>, StoreError> {
        let Some(path) = self.path(name) else {
            return Ok(None);
        };
        let file = match tokio::fs::File::open(&path).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let length = file.metadata().await.map_err(failed)?.len();
        let bytes = try_unfold(file.take(length), |mut file| async move {
            let mut piece = vec![0; PIECE];
            let n = file.read(&mut piece).await.map_err(failed)?;
            piece.truncate(n);
            Ok((n > 0).then_some((piece, file)))
        });
        Ok(Some(OpenFile {
            length,
            bytes: bytes.boxed(),
        }))
    }

    async fn remove(&self, name: &str) -> Result<(), StoreError> {
        let Some(path) = self.path(name) else {
            return Ok(());
        };
        match tokio::fs::remove_file(path).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }

    async fn written_before(&self, before: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        let folder = self.folder.clone();
        let listed = tokio::task::spawn_blocking(move || list(&folder, before.into())).await;
        let listed = listed.map_err(|error| StoreError::Internal(error.into()))?;
        listed.map_err(failed)
    }
}

/// Whether a file is named as exports are, `<number>-<uuid>.<form>`, whole or half written: the
/// folder may hold what is none of our business.
fn is_export(name: &str) -> bool {
    let name = name.strip_suffix(".part").unwrap_or(name);
    let Some((stem, form)) = name.rsplit_once('.') else {
        return false;
    };
    let Some((number, unique)) = stem.split_once('-') else {
        return false;
    };
    ["xlsx", "csv", "pdf"].contains(&form)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && unique.len() == 36
        && unique
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn list(folder: &Path, before: SystemTime) -> std::io::Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        // Whoever looks at the same time may have taken it away.
        let Ok(about) = entry.metadata() else {
            continue;
        };
        let is_old = about.modified().is_ok_and(|written| written < before);
        if about.is_file()
            && is_old
            && let Ok(name) = entry.file_name().into_string()
            && is_export(&name)
        {
            names.push(name);
        }
    }
    Ok(names)
}

fn failed(error: std::io::Error) -> StoreError {
    StoreError::Internal(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm_exports::{Cell, Chart, SheetWriter};
    use futures::TryStreamExt;

    /// Writes a letter a row, and has no room for the third.
    struct Letters;

    struct Writing(std::fs::File, u8);

    impl ReportMaker for Letters {
        fn begin(
            &self,
            _: SheetFormat,
            _: &Sheet,
            file: &Path,
        ) -> Result<Box<dyn SheetWriter>, MakerError> {
            let file = std::fs::File::create(file).map_err(MakerError::Disk)?;
            Ok(Box::new(Writing(file, 0)))
        }

        fn pdf(&self, _: &Paper) -> Result<Vec<u8>, MakerError> {
            Ok(vec![b'p'; 3 * PIECE])
        }

        fn svg(&self, _: &Chart, _: u32, _: u32) -> Result<String, MakerError> {
            Err(MakerError::Failed("no charts".into()))
        }
    }

    impl SheetWriter for Writing {
        fn row(&mut self, _: &[Cell]) -> Result<(), MakerError> {
            self.1 += 1;
            if self.1 > 2 {
                return Err(MakerError::Disk(ErrorKind::StorageFull.into()));
            }
            self.0.write_all(b"x").map_err(MakerError::Disk)
        }

        fn finish(self: Box<Self>) -> Result<(), MakerError> {
            Ok(())
        }
    }

    fn sheet() -> Sheet {
        Sheet {
            name: "x".into(),
            columns: Vec::new(),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.unwrap().file_name().into_string().unwrap()
        };
        entries.map(name).collect()
    }

    #[test]
    fn only_what_is_named_as_exports_are_is_ever_swept() {
        let ours = "12-0198c0de-1234-7abc-8def-0123456789ab";
        for name in [".xlsx", ".csv.part", ".pdf"].map(|form| format!("{ours}{form}")) {
            assert!(is_export(&name), "{name}");
        }
        for name in ["crm.db", "1-a.csv", "x-y.pdf", "12-.csv", "報表.xlsx", ""] {
            assert!(!is_export(name), "{name}");
        }
        assert!(!is_export(&format!("{ours}.db")));
    }

    #[tokio::test]
    async fn a_file_has_its_name_when_it_is_whole_and_not_before() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("exports");
        let folder = ExportFolder::new(&place, Arc::new(Letters));
        let begun = folder.begin("1-a.csv", SheetFormat::Csv, &sheet()).await;
        let mut open = begun.unwrap();
        open.rows(vec![Vec::new(), Vec::new()]).await.unwrap();
        assert_eq!(names(&place), ["1-a.csv.part"]);
        assert!(folder.open("1-a.csv").await.unwrap().is_none());
        assert_eq!(open.finish().await.unwrap(), 2);
        assert_eq!(names(&place), ["1-a.csv"]);
        folder.remove("1-a.csv").await.unwrap();
        folder.remove("1-a.csv").await.unwrap();
        assert_eq!(names(&place), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_full_disk_and_whoever_lets_go_leave_nothing_behind() {
        let home = tempfile::tempdir().unwrap();
        let folder = ExportFolder::new(home.path(), Arc::new(Letters));
        let begun = folder.begin("1-a.csv", SheetFormat::Csv, &sheet()).await;
        let mut open = begun.unwrap();
        let full = open.rows(vec![Vec::new(); 3]).await;
        assert!(matches!(full, Err(MakerError::Disk(_))));
        assert_eq!(names(home.path()), Vec::<String>::new());
        assert!(open.finish().await.is_err());
        let begun = folder.begin("1-b.csv", SheetFormat::Csv, &sheet()).await;
        drop(begun.unwrap());
        assert_eq!(names(home.path()), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_large_file_comes_in_pieces() {
        let home = tempfile::tempdir().unwrap();
        let folder = ExportFolder::new(home.path(), Arc::new(Letters));
        let paper = Paper {
            title: String::new(),
            subtitle: String::new(),
            made_at: String::new(),
            tiles: Vec::new(),
            charts: Vec::new(),
            tables: Vec::new(),
            remarks: Vec::new(),
        };
        let bytes = folder.write("1-a.pdf", paper).await.unwrap();
        let file = folder.open("1-a.pdf").await.unwrap().unwrap();
        assert_eq!(file.length, bytes);
        let pieces: Vec<Vec<u8>> = file.bytes.try_collect().await.unwrap();
        assert!(pieces.iter().all(|piece| piece.len() <= PIECE));
        assert_eq!(pieces.concat().len() as u64, bytes);
    }

    #[tokio::test]
    async fn no_name_leads_out_of_the_folder() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("secret"), "x").unwrap();
        let folder = ExportFolder::new(&home.path().join("exports"), Arc::new(Letters));
        for name in [
            "",
            ".",
            "..",
            "../secret",
            "/etc/passwd",
            "a/b",
            "a\0b",
            "報表",
        ] {
            assert!(folder.open(name).await.unwrap().is_none(), "{name}");
            folder.remove(name).await.unwrap();
            let begun = folder.begin(name, SheetFormat::Csv, &sheet()).await;
            assert!(matches!(begun, Err(MakerError::Failed(_))), "{name}");
        }
        assert_eq!(names(home.path()), ["secret"]);
    }
}
