use super::Talking;
use super::push::Addressee;
use crate::Composing;
use crm_kernel::{MemberId, MessageId, StoreError, TemplateId};
use crm_messages::{MessageContent, MessageRecord, MessageType};
use crm_templates::{OutgoingMessage, Person, RenderError, TemplateContent, VariableText};

/// What a message is to say.
pub(super) enum Said {
    /// Words or a picture.
    Typed(MessageContent),
    /// What a template says at this moment; later edits change nothing.
    Made {
        /// Which template.
        id: TemplateId,
        /// What it says.
        content: TemplateContent,
    },
}

impl Said {
    /// What the record of the conversation shows: the words, filled in as the guest reads them.
    pub(super) fn shown(&self, person: &Person) -> MessageContent {
        match self {
            Self::Typed(content) => content.clone(),
            Self::Made { content, .. } => {
                MessageContent::from_stored(MessageType::Template, words_of(content, person))
            }
        }
    }

    /// The template and the document to be stored with the message.
    pub(super) fn frozen(&self) -> Result<Option<(TemplateId, String)>, StoreError> {
        match self {
            Self::Typed(_) => Ok(None),
            Self::Made { id, content } => Ok(Some((*id, Composing::frozen(content)?))),
        }
    }
}

/// The text of a template, or what announces it.
fn words_of(content: &TemplateContent, person: &Person) -> String {
    let written = content
        .content
        .as_ref()
        .or(content.notification_text.as_ref());
    let written = written.map(String::as_str).unwrap_or_default();
    VariableText::parse(written).map_or_else(|_| written.to_owned(), |text| text.fill(person))
}

impl Talking {
    /// The messages that LINE gets; links lead back to this message.
    pub(super) fn outgoing(
        &self,
        said: &Said,
        to: &Addressee,
        (member, message): (MemberId, MessageId),
    ) -> Result<Vec<OutgoingMessage>, RenderError> {
        match said {
            Said::Typed(content) => Ok(vec![self.rendered(content)]),
            Said::Made { content, .. } => {
                self.composing.compose(content, &to.person, member, message)
            }
        }
    }

    /// What a stored message is to say.
    pub(super) fn stored(record: &MessageRecord) -> Result<Said, StoreError> {
        match record.template_id.zip(record.frozen_template.as_deref()) {
            Some((id, frozen)) => Ok(Said::Made {
                id,
                content: Composing::thawed(frozen)?,
            }),
            None => Ok(Said::Typed(record.content.clone())),
        }
    }
}
