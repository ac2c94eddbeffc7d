use crate::Category;
use chrono::{DateTime, Utc};
use crm_kernel::{Facts, UploadId, UserId};

/// What is known of a picture that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRecord {
    /// What it is for.
    pub category: Category,
    /// Where the main file lies, below `/static/uploads/`.
    pub path: String,
    /// Where the same picture lies as JPEG, when the main file is WebP.
    pub jpeg_path: Option<String>,
    /// Where the smaller one lies.
    pub thumbnail_path: String,
    /// Size of the main file.
    pub bytes: u64,
    /// Pixels across, of the main file.
    pub width: u32,
    /// Pixels down, of the main file.
    pub height: u32,
    /// The user who sent it, as long as that user exists.
    pub uploaded_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl UploadRecord {
    /// Every path the upload has files at.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        [
            Some(&self.path),
            self.jpeg_path.as_ref(),
            Some(&self.thumbnail_path),
        ]
        .into_iter()
        .flatten()
        .map(String::as_str)
    }

    pub(crate) fn facts(&self) -> Facts {
        Facts::from_iter([
            ("path".to_owned(), self.path.as_str().into()),
            ("bytes".to_owned(), self.bytes.into()),
            ("width".to_owned(), self.width.into()),
            ("height".to_owned(), self.height.into()),
        ])
    }
}

/// An upload whose files are written and whose row is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUpload(UploadRecord);

impl NewUpload {
    /// An upload to be stored.
    #[must_use]
    pub const fn new(record: UploadRecord) -> Self {
        Self(record)
    }

    /// What to store.
    #[must_use]
    pub const fn record(&self) -> &UploadRecord {
        &self.0
    }

    /// The upload, now that it has an id.
    #[must_use]
    pub fn stored_as(self, id: UploadId) -> Upload {
        Upload::from_store(id, self.0)
    }
}

/// A picture that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    id: UploadId,
    record: UploadRecord,
}

impl Upload {
    /// An upload as it lies in the store.
    #[must_use]
    pub const fn from_store(id: UploadId, record: UploadRecord) -> Self {
        Self { id, record }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> UploadId {
        self.id
    }

    /// What is known of it.
    #[must_use]
    pub const fn record(&self) -> &UploadRecord {
        &self.record
    }

    /// Where a browser finds the main file.
    #[must_use]
    pub fn url(&self) -> String {
        url(&self.record.path)
    }

    /// Where LINE finds the picture: the JPEG of a WebP, else the main file.
    #[must_use]
    pub fn line_url(&self) -> String {
        url(self.record.jpeg_path.as_ref().unwrap_or(&self.record.path))
    }

    /// Where a browser finds the smaller one.
    #[must_use]
    pub fn thumbnail_url(&self) -> String {
        url(&self.record.thumbnail_path)
    }

    /// The main file's own name, without folders.
    #[must_use]
    pub fn file_name(&self) -> &str {
        let path = &self.record.path;
        path.rsplit_once('/').map_or(path, |(_, name)| name)
    }
}

fn url(path: &str) -> String {
    format!("/static/uploads/{path}")
}
