use crate::name::kind_at;
use crate::{UploadError, Uploads};

/// A file as a browser or LINE gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPicture {
    /// Its media type.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Uploads {
    /// The file at a path below `/static/uploads/`, as clients ask for it. A path that no
    /// upload could have finds nothing, wherever it points.
    ///
    /// # Errors
    /// The store's.
    pub async fn find_file(&self, path: &str) -> Result<Option<StoredPicture>, UploadError> {
        let Some(kind) = kind_at(path) else {
            return Ok(None);
        };
        let bytes = self.files.read(path).await?;
        Ok(bytes.map(|bytes| StoredPicture {
            media_type: kind.media_type(),
            bytes,
        }))
    }
}
