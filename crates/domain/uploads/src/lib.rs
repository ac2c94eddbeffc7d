//! Uploaded pictures: what may be kept, in which sizes, under which name, and for how long.
//!
//! A picture is never stored as it came. It is decoded, turned upright, scaled and written anew,
//! so that nothing but the picture itself survives: no place where a photo was taken, no script
//! behind the last pixel. Names are made here; those of the client's files are not even read.
//!
//! Files are written before the row that names them and removed after it, so that a row never
//! points at nothing. What a crash leaves behind is found by [`Uploads::sweep`].

mod category;
mod error;
mod jobs;
mod kind;
mod name;
mod picture;
mod ports;
mod receive;
mod rules;
mod show;
mod sweep;
mod upload;

pub use category::Category;
pub use error::UploadError;
pub use jobs::SweepUploads;
pub use kind::PictureKind;
pub use picture::{EncodedPicture, MadePicture, PictureError, PictureOrder};
pub use picture::{MAX_PIXELS, MAX_SIDE, MAX_WIDTH, QUALITY, THUMBNAIL_WIDTH};
pub use ports::{PictureMaker, PictureStore, UploadQueries, UploadRepository, UploadsTx};
pub use receive::UploadPicture;
pub use rules::{AllowedTypes, UploadRules};
pub use show::StoredPicture;
pub use sweep::{OrphanAge, SweptUploads};
pub use upload::{NewUpload, Upload, UploadRecord};

use crm_kernel::{Clock, IdGenerator, Transactions};
use std::sync::Arc;

/// Everything that can be done with uploads.
#[derive(Clone)]
pub struct Uploads {
    store: Arc<dyn Transactions<dyn UploadsTx>>,
    queries: Arc<dyn UploadQueries>,
    maker: Arc<dyn PictureMaker>,
    files: Arc<dyn PictureStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    rules: UploadRules,
}

impl Uploads {
    /// Uploads whose rows lie in `store` and whose files lie in `files`.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn UploadsTx>>,
        queries: Arc<dyn UploadQueries>,
        maker: Arc<dyn PictureMaker>,
        files: Arc<dyn PictureStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        rules: UploadRules,
    ) -> Self {
        Self {
            store,
            queries,
            maker,
            files,
            clock,
            ids,
            rules,
        }
    }

    /// What is accepted, for whoever reads the bytes in.
    #[must_use]
    pub const fn rules(&self) -> &UploadRules {
        &self.rules
    }
}
