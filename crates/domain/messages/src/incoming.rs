use crate::{MessageContent, MessageError, Messages, MessagesTx, NewMessage, message_received};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, MessageId};

/// What a guest sent.
#[derive(Clone, PartialEq, Eq)]
pub enum Incoming {
    /// Words.
    Text(String),
    /// A sticker.
    Sticker,
    /// A picture.
    Image,
    /// A video.
    Video,
    /// A recording.
    Audio,
    /// A file.
    File {
        /// Its name.
        name: String,
    },
    /// A place.
    Location,
    /// Something that LINE invented since.
    Other,
}

/// Words of guests do not belong in logs.
impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Incoming(…)")
    }
}

impl Incoming {
    /// Its words, or a placeholder that staff can read.
    #[must_use]
    pub fn content(&self) -> MessageContent {
        MessageContent::said(&match self {
            Self::Text(text) => text.clone(),
            Self::Sticker => "[sticker]".into(),
            Self::Image => "[image]".into(),
            Self::Video => "[video]".into(),
            Self::Audio => "[audio]".into(),
            Self::File { name } => format!("[file] {name}"),
            Self::Location => "[location]".into(),
            Self::Other => "[message]".into(),
        })
    }
}

/// A message that LINE delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// Who sent it.
    pub member_id: MemberId,
    /// LINE's id of it.
    pub line_message_id: String,
    /// When, by LINE's clock.
    pub at: DateTime<Utc>,
    /// What.
    pub incoming: Incoming,
}

impl Messages {
    /// Stores what a guest sent, once per LINE message id. Answers its id; `None` when it was
    /// stored before, whereupon nothing changes.
    ///
    /// # Errors
    /// The store's; its `Reference` when the member is gone.
    pub async fn receive_in(
        &self,
        tx: &mut dyn MessagesTx,
        message: ReceivedMessage,
    ) -> Result<Option<MessageId>, MessageError> {
        let member = message.member_id;
        let new = NewMessage::received(message);
        let id = tx.messages().receive(&new).await?;
        if let Some(id) = id {
            tx.live()
                .announce(message_received(member, id, self.clock.now()));
        }
        Ok(id)
    }
}
