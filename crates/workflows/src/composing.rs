use crate::sending::{SentLinks, birthday_month};
use crate::{LinkTokens, SentIn};
use crm_kernel::{MemberId, MessageId, StoreError, TemplateId};
use crm_members::{Member, PersonName};
use crm_templates::{OutgoingMessage, Person, RenderError, TemplateContent, TemplateQueries};
use std::sync::Arc;

/// Making a message of a template for one guest, outside any campaign: links and buttons lead
/// back to the message, so that what is tapped on it is counted and tagged.
#[derive(Clone)]
pub struct Composing {
    templates: Arc<dyn TemplateQueries>,
    links: Arc<dyn LinkTokens>,
    public_base_url: Arc<str>,
}

impl Composing {
    /// Templates found by `templates`, links signed by `links` under `public_base_url`.
    #[must_use]
    pub fn new(
        templates: Arc<dyn TemplateQueries>,
        links: Arc<dyn LinkTokens>,
        public_base_url: &str,
    ) -> Self {
        Self {
            templates,
            links,
            public_base_url: public_base_url.trim_end_matches('/').into(),
        }
    }

    /// What a template says now; `None` when it is gone. Never while a unit of work is open.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn content(&self, id: TemplateId) -> Result<Option<TemplateContent>, StoreError> {
        let template = self.templates.find(id).await?;
        Ok(template.map(|template| template.content().clone()))
    }

    /// The content as the document to be stored with the message
    /// ([`made_of`](crm_messages::NewMessage::made_of)), without which its taps mean nothing.
    ///
    /// # Errors
    /// `Internal`, for a content that cannot be written down.
    pub fn frozen(content: &TemplateContent) -> Result<String, StoreError> {
        serde_json::to_string(content).map_err(|e| StoreError::Internal(Box::new(e)))
    }

    /// Reads a document that [`frozen`](Self::frozen) wrote.
    ///
    /// # Errors
    /// `Internal`, for a document that is damaged.
    pub fn thawed(frozen: &str) -> Result<TemplateContent, StoreError> {
        serde_json::from_str(frozen).map_err(|e| StoreError::Internal(Box::new(e)))
    }

    /// The messages for one guest. The same content, person and message give the same messages
    /// again, so that a repetition says the same.
    ///
    /// # Errors
    /// [`RenderError`] when a text breaks a limit with this guest's data.
    pub fn compose(
        &self,
        content: &TemplateContent,
        person: &Person,
        member: MemberId,
        message: MessageId,
    ) -> Result<Vec<OutgoingMessage>, RenderError> {
        let links = SentLinks {
            tokens: &*self.links,
            base_url: &self.public_base_url,
            sent_in: SentIn::Message(message),
            member,
        };
        content.render(person, &links)
    }

    /// What a template may say about a member.
    #[must_use]
    pub fn person_of(member: &Member) -> Person {
        let record = member.record();
        let name = |name: &Option<PersonName>| name.as_ref().map(|n| n.as_str().to_owned());
        Person {
            display_name: member.line().and_then(|line| line.display_name.clone()),
            first_name: name(&record.first_name),
            last_name: name(&record.last_name),
            birthday_month: birthday_month(record.birthday),
        }
    }
}
