use chrono::Datelike;
use crm_kernel::{CannedReplyId, DomainError, ErrorKind, MemberId, StoreError, TemplateId};
use crm_members::{MemberDetail, MemberQueries};
use crm_messages::{CannedReplies, CannedReplyError, MessageType, Wording};
use crm_templates::{Person, TemplateQueries, VariableText};
use std::sync::Arc;
use thiserror::Error;

/// Replies kept ready may mention what templates may: [`crm_templates::Variable`].
#[derive(Clone, Copy, Debug, Default)]
pub struct GuestWording;

impl Wording for GuestWording {
    fn check(&self, text: &str) -> Result<(), String> {
        let parsed = VariableText::parse(text);
        parsed.map(|_| ()).map_err(|wrong| wrong.to_string())
    }
}

/// A reply with the guest's name in it, ready to be looked at, changed and sent.
#[derive(Clone, PartialEq, Eq)]
pub struct FilledReply {
    /// Its form.
    pub message_type: MessageType,
    /// The words, or a picture's address; of a template the words it shows.
    pub content: String,
    /// The template.
    pub template_id: Option<TemplateId>,
}

/// Words to guests do not belong in logs.
impl std::fmt::Debug for FilledReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FilledReply({}, …)", self.message_type.as_str())
    }
}

/// What can go wrong with filling in a reply.
#[derive(Debug, Error)]
pub enum FillError {
    /// No member has this id.
    #[error("member not found")]
    MemberNotFound,
    /// As with any reply.
    #[error(transparent)]
    Reply(#[from] CannedReplyError),
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DomainError for FillError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::MemberNotFound => ErrorKind::NotFound,
            Self::Reply(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::MemberNotFound => "member_not_found",
            Self::Reply(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// Filling in replies kept ready.
#[derive(Clone)]
pub struct CannedWords {
    replies: CannedReplies,
    members: Arc<dyn MemberQueries>,
    templates: Arc<dyn TemplateQueries>,
}

impl CannedWords {
    /// Plugs the story into its ports.
    #[must_use]
    pub fn new(
        replies: CannedReplies,
        members: Arc<dyn MemberQueries>,
        templates: Arc<dyn TemplateQueries>,
    ) -> Self {
        Self {
            replies,
            members,
            templates,
        }
    }

    /// The reply as this guest would read it; with nobody in mind, as it was written. What is
    /// not known of the guest becomes the fallback, or nothing.
    ///
    /// # Errors
    /// `canned_reply_not_found`, `member_not_found`, else the store's.
    pub async fn fill(
        &self,
        id: CannedReplyId,
        member: Option<MemberId>,
    ) -> Result<FilledReply, FillError> {
        let reply = self.replies.get(id).await?;
        let person = match member {
            None => None,
            Some(id) => {
                let detail = self.members.detail(id).await?;
                Some(person_of(detail.ok_or(FillError::MemberNotFound)?))
            }
        };
        let content = &reply.record().content;
        let template_id = content.template_id();
        let written = match (content.body(), template_id) {
            (Some(body), _) => body.to_owned(),
            (None, Some(id)) => self.words_of(id).await?,
            (None, None) => String::new(),
        };
        let has_words = content.kind() != MessageType::Image;
        let filled = person
            .filter(|_| has_words)
            .and_then(|person| Some(VariableText::parse(&written).ok()?.fill(&person)));
        Ok(FilledReply {
            message_type: content.kind(),
            content: filled.unwrap_or(written),
            template_id,
        })
    }

    /// The text of a template, or what announces it.
    async fn words_of(&self, id: TemplateId) -> Result<String, StoreError> {
        let template = self.templates.find(id).await?;
        let content = template.map(|template| template.content().clone());
        let words = content.and_then(|content| content.content.or(content.notification_text));
        Ok(words.unwrap_or_default())
    }
}

fn person_of(member: MemberDetail) -> Person {
    Person {
        display_name: member.row.line_display_name,
        first_name: member.row.first_name,
        last_name: member.row.last_name,
        birthday_month: member
            .birthday
            .and_then(|day| u8::try_from(day.month()).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_may_mention_what_a_template_may() {
        assert!(GuestWording.check("{{last_name|貴賓}} 您好").is_ok());
        assert!(GuestWording.check("單 { 括號 } 沒關係").is_ok());
        for wrong in ["{{password}}", "{{last_name", "{{}}"] {
            assert!(GuestWording.check(wrong).is_err(), "{wrong}");
        }
    }
}
