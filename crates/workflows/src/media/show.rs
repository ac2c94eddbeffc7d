use super::{Media, MediaError};
use crm_kernel::{MessageId, StoreError};
use crm_messages::{Bytes, MediaState, UNKNOWN_TYPE};

/// Content on its way to staff.
pub struct OpenMedia {
    /// What it is, as found in it.
    pub content_type: String,
    /// How large it is.
    pub length: u64,
    /// Whether a browser may show it; else it is offered to be saved.
    pub is_shown: bool,
    /// The name it was sent under; files only.
    pub name: Option<String>,
    /// The bytes.
    pub bytes: Bytes<StoreError>,
}

impl Media {
    /// The content of a message, as a stream.
    ///
    /// # Errors
    /// [`MediaError`], by what became of it.
    pub async fn open(&self, message: MessageId) -> Result<OpenMedia, MediaError> {
        let file = self.queries.media_file(message).await?;
        let file = file.ok_or(MediaError::NotFound)?;
        match file.view.state {
            MediaState::Stored => {}
            MediaState::Pending => return Err(MediaError::Pending),
            MediaState::Failed => return Err(MediaError::Failed),
            MediaState::Gone => return Err(MediaError::Gone),
        }
        let path = file.path.unwrap_or_default();
        let Some(bytes) = self.files.open(&path).await? else {
            tracing::error!(message.id = %message, "the file of a message is missing");
            return Err(MediaError::Gone);
        };
        let content_type = file.view.content_type;
        let content_type = content_type.unwrap_or_else(|| UNKNOWN_TYPE.to_owned());
        Ok(OpenMedia {
            is_shown: file.kind.is_shown(&content_type),
            content_type,
            length: file.view.bytes.unwrap_or_default(),
            name: file.file.map(|file| file.name),
            bytes,
        })
    }
}
