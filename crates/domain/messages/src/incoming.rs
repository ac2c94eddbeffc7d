use crate::{
    FetchMedia, MessageContent, MessageError, Messages, MessagesTx, NewMessage, SentKind,
    message_received,
};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, MessageId};

/// What a guest sent.
#[derive(Clone, PartialEq, Eq)]
pub enum Incoming {
    /// Words and nothing else.
    Text(String),
    /// Anything, with what LINE tells of it.
    Sent {
        /// What.
        kind: SentKind,
        /// The words of a text.
        words: Option<String>,
    },
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
        let (kind, words) = match self {
            Self::Text(words) => return MessageContent::said(words),
            Self::Sent { kind, words } => (kind, words),
        };
        if let Some(words) = words {
            return MessageContent::said(words);
        }
        MessageContent::said(&match kind {
            SentKind::Sticker(_) => "[sticker]".into(),
            SentKind::Image(_) => "[image]".into(),
            SentKind::Video(_) => "[video]".into(),
            SentKind::Audio(_) => "[audio]".into(),
            SentKind::File(file) => format!("[file] {}", file.name),
            SentKind::Location(_) => "[location]".into(),
            SentKind::Text(_) | SentKind::Other => "[message]".into(),
        })
    }

    /// What LINE tells of it, where the words are not all.
    #[must_use]
    pub fn details(self) -> Option<SentKind> {
        match self {
            Self::Text(_)
            | Self::Sent {
                kind: SentKind::Other,
                ..
            } => None,
            Self::Sent { kind, .. } => Some(kind),
        }
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
    /// Stores what a guest sent, once per LINE message id, and sees to it that content which
    /// LINE keeps is fetched. Answers its id; `None` when it was stored before, whereupon nothing
    /// changes.
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
        let stored = tx.messages().receive(&new).await?;
        let Some(message_id) = stored else {
            return Ok(None);
        };
        let now = self.clock.now();
        tx.live()
            .announce(message_received(member, message_id, now));
        if new.record().content_to_fetch().is_some() {
            let job = FetchMedia { message_id };
            tx.outbox().enqueue(&job, now).await?;
        }
        Ok(stored)
    }
}
