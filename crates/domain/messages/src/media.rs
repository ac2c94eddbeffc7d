use crate::SentFile;
use crate::status::words;
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, MessageId};

words! {
    /// Content that LINE keeps apart from its message.
    ContentKind {
        /// A picture.
        Image = "image",
        /// A video; LINE prepares it first.
        Video = "video",
        /// A recording of sound; LINE prepares it first.
        Audio = "audio",
        /// A file.
        File = "file",
    }
}

impl ContentKind {
    /// Whether LINE prepares it before it can be fetched.
    #[must_use]
    pub const fn is_prepared(self) -> bool {
        matches!(self, Self::Video | Self::Audio)
    }
}

words! {
    /// What became of content.
    MediaState {
        /// It is being fetched.
        Pending = "pending",
        /// We have it.
        Stored = "stored",
        /// It cannot be had.
        Failed = "failed",
        /// It was unsent, or LINE has deleted it.
        Gone = "gone",
    }
}

words! {
    /// Why content cannot be had.
    MediaFailure {
        /// It is larger than we keep.
        TooLarge = "too_large",
        /// LINE could not prepare it.
        NotPrepared = "not_prepared",
        /// LINE gave no clear answer, again and again.
        LineUnavailable = "line_unavailable",
        /// LINE refuses to give it.
        LineRejected = "line_rejected",
        /// The folder it was to lie in could not be written, again and again.
        NotStored = "not_stored",
    }
}

/// Content of a message, for whoever fetches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageMedia {
    /// The message.
    pub message_id: MessageId,
    /// Who sent it.
    pub member_id: MemberId,
    /// LINE's id of the message.
    pub line_message_id: String,
    /// What it is.
    pub kind: ContentKind,
    /// What became of it.
    pub state: MediaState,
    /// The file it lies in, or will.
    pub path: Option<String>,
    /// The bytes that LINE announced.
    pub announced_bytes: Option<u64>,
    /// When fetching began.
    pub begun_at: Option<DateTime<Utc>>,
}

/// How fetching ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaEnd {
    /// It lies in its file.
    Stored {
        /// What it is, as found in it.
        content_type: &'static str,
        /// How large it is.
        bytes: u64,
    },
    /// It cannot be had.
    Failed(MediaFailure),
    /// LINE has it no more.
    Gone,
}

impl MediaEnd {
    /// The state that follows.
    #[must_use]
    pub const fn state(&self) -> MediaState {
        match self {
            Self::Stored { .. } => MediaState::Stored,
            Self::Failed(_) => MediaState::Failed,
            Self::Gone => MediaState::Gone,
        }
    }
}

/// Content of a message on a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaView {
    /// What became of it.
    pub state: MediaState,
    /// What it is; once stored.
    pub content_type: Option<String>,
    /// Bytes; once stored.
    pub bytes: Option<u64>,
    /// Why it cannot be had.
    pub failure: Option<MediaFailure>,
}

/// Stored content, for whoever shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaFile {
    /// What became of it.
    pub view: MediaView,
    /// What it was sent as.
    pub kind: ContentKind,
    /// The file it lies in.
    pub path: Option<String>,
    /// What a file was announced as.
    pub file: Option<SentFile>,
}
