use crate::{MadePicture, NewUpload, OrphanAge, PictureError, PictureOrder, Upload};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{StoreError, Transaction, UploadId};
use std::collections::HashSet;

/// A unit of work that can change uploads.
pub trait UploadsTx: Transaction {
    /// The uploads as this unit of work sees them.
    fn uploads(&mut self) -> &mut dyn UploadRepository;
}

/// Uploads, for decisions. An upload is *used* from the moment on when something that names one
/// of its addresses was saved ([`crm_kernel::PictureUse::keep`]), and stays so for good, whatever
/// becomes of what named it: a guest's phone or a campaign's copy may still show it.
///
/// One rule is unique and answers `StoreError::Duplicate`: `upload_path`.
/// To add a method, write its promise in `tests/ports` first, then memory and database.
#[async_trait]
pub trait UploadRepository: Send {
    /// Stores an upload and answers the id it got.
    ///
    /// # Errors
    /// `Duplicate` of `upload_path`, `Reference` when the user does not exist, else the
    /// storage's.
    async fn insert(&mut self, new: &NewUpload) -> Result<UploadId, StoreError>;

    /// Deletes an upload unless it is used (as said above), in one statement; answers whether it
    /// did. An id that is not there (any more) answers `false`.
    ///
    /// # Errors
    /// The storage's.
    async fn delete_if_unused(&mut self, id: UploadId) -> Result<bool, StoreError>;
}

/// Questions about uploads that need no lock.
#[async_trait]
pub trait UploadQueries: Send + Sync {
    /// Up to `limit` uploads that are old enough by `age` and not used as
    /// [`UploadRepository`] means it, in the order of their ids, those after `after` only. None
    /// of the category `members` is among them.
    ///
    /// # Errors
    /// The storage's.
    async fn orphans(
        &self,
        age: &OrphanAge,
        after: Option<UploadId>,
        limit: u32,
    ) -> Result<Vec<Upload>, StoreError>;

    /// Which of these paths a row names: as its path, JPEG path or thumbnail path. Asked with
    /// at most [`crate::Uploads::PATHS_AT_ONCE`] of them.
    ///
    /// # Errors
    /// The storage's.
    async fn known_paths(&self, paths: &[String]) -> Result<HashSet<String>, StoreError>;
}

/// Checks pictures and makes them anew, in the sizes and qualities that this crate names.
#[async_trait]
pub trait PictureMaker: Send + Sync {
    /// The files to keep: upright, cropped if so ordered, scaled, and free of everything that
    /// is not the picture. Pixels are counted before anything is decoded.
    ///
    /// # Errors
    /// [`PictureError`], which says it of each.
    async fn make(&self, order: PictureOrder) -> Result<MadePicture, PictureError>;
}

/// Where files lie. Paths use `/` and are those below `/static/uploads/`.
#[async_trait]
pub trait PictureStore: Send + Sync {
    /// Writes a file, whole or not at all; one that is there already is replaced.
    ///
    /// # Errors
    /// `Unavailable` or `Internal`.
    async fn put(&self, path: &str, bytes: Vec<u8>) -> Result<(), StoreError>;

    /// The file, if it is there.
    ///
    /// # Errors
    /// `Unavailable` or `Internal`.
    async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Removes a file; one that is not there is no error.
    ///
    /// # Errors
    /// `Unavailable` or `Internal`.
    async fn remove(&self, path: &str) -> Result<(), StoreError>;

    /// The paths of all files below the folder `prefix` last written before `before`, in no
    /// order. A folder that is not there has none.
    ///
    /// # Errors
    /// `Unavailable` or `Internal`.
    async fn list(&self, prefix: &str, before: DateTime<Utc>) -> Result<Vec<String>, StoreError>;
}
