use crate::{
    ConversationChange, Incoming, MessageError, Messages, MessagesTx, NewMessage, ReceivedMessage,
    conversation_updated,
};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, MessageId};

/// What staff see of a message that was taken back.
pub const UNSENT: &str = "[unsent]";

impl Messages {
    /// A guest took back what they had sent, by LINE's id of it: its words go. One that is not
    /// stored yet leaves its place behind, so that it is not let in when it comes late. Answers
    /// the message. Whose it is by now does not matter: LINE's ids are the channel's, and two
    /// members may have become one meanwhile, or two again.
    ///
    /// # Errors
    /// The store's.
    pub async fn unsend_in(
        &self,
        tx: &mut dyn MessagesTx,
        member: MemberId,
        line_message_id: &str,
        at: DateTime<Utc>,
    ) -> Result<Option<MessageId>, MessageError> {
        let now = self.clock.now();
        let known = tx.messages().unsend(line_message_id, UNSENT).await?;
        let (id, owner) = match known {
            Some((id, owner)) => (Some(id), owner),
            None => {
                let place = NewMessage::received(ReceivedMessage {
                    member_id: member,
                    line_message_id: line_message_id.to_owned(),
                    at,
                    incoming: Incoming::Text(UNSENT.to_owned()),
                });
                (tx.messages().receive(&place).await?, member)
            }
        };
        let change = ConversationChange::Unsent;
        tx.live().announce(conversation_updated(owner, change, now));
        Ok(id)
    }
}
