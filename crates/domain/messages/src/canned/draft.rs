use super::{CannedContent, CannedReplyRecord, Shortcut, Title, Wording};
use crate::{MessageContent, MessageType};
use chrono::{DateTime, Utc};
use crm_kernel::{FieldError, Patch, Problems, TemplateId};

/// A reply as staff type it in.
#[derive(Clone, Debug)]
pub struct CannedReplyDraft {
    /// What it is called.
    pub title: String,
    /// What brings it up; blank text is none.
    pub shortcut: Option<String>,
    /// Its form.
    pub message_type: MessageType,
    /// The words or a picture's address; none for a template.
    pub content: Option<String>,
    /// The template; none for anything else.
    pub template_id: Option<TemplateId>,
}

/// Changes to a reply: what is not mentioned stays, as far as the form allows.
#[derive(Clone, Debug, Default)]
pub struct CannedReplyChanges {
    /// What it is called; cannot be empty.
    pub title: Patch<String>,
    /// What brings it up.
    pub shortcut: Patch<String>,
    /// Its form.
    pub message_type: Option<MessageType>,
    /// The words or a picture's address.
    pub content: Patch<String>,
    /// The template.
    pub template_id: Patch<TemplateId>,
}

impl CannedReplyChanges {
    /// The reply as it would be. What only another form has goes with the form.
    pub(super) fn apply(self, old: &CannedReplyRecord) -> CannedReplyDraft {
        let kind = self.message_type.unwrap_or(old.content.kind());
        let stays = kind == old.content.kind();
        let body = old.content.body().filter(|_| stays).map(str::to_owned);
        let template = old.content.template_id().filter(|_| stays);
        let shortcut = old.shortcut.as_ref().map(|s| s.as_str().to_owned());
        CannedReplyDraft {
            title: match self.title {
                Patch::Keep => old.title.as_str().to_owned(),
                Patch::Clear => String::new(),
                Patch::Set(title) => title,
            },
            shortcut: self.shortcut.apply(shortcut),
            message_type: kind,
            content: self.content.apply(body),
            template_id: self.template_id.apply(template),
        }
    }
}

impl CannedReplyDraft {
    /// The reply, created at this moment, if it breaks no rule.
    pub(super) fn check(
        self,
        wording: &dyn Wording,
        created_at: DateTime<Utc>,
    ) -> Result<CannedReplyRecord, Vec<FieldError>> {
        let mut problems = Problems::default();
        let p = &mut problems;
        let title = p.keep("title", Title::parse(&self.title));
        let typed = self.shortcut.filter(|text| !text.trim().is_empty());
        let shortcut = typed.and_then(|text| p.keep("shortcut", Shortcut::parse(&text)));
        let content = match self.message_type {
            MessageType::Template => {
                p.check(self.content.is_none(), "content", "a template has its own");
                let id = self.template_id.ok_or("must say which template");
                p.keep("template_id", id).map(CannedContent::Template)
            }
            kind => {
                let is_alone = self.template_id.is_none();
                p.check(is_alone, "template_id", "is for replies of type template");
                let text = self.content.unwrap_or_default();
                let said = p.keep("content", MessageContent::typed(kind, &text));
                if kind == MessageType::Text {
                    p.keep("content", wording.check(&text));
                }
                said.map(CannedContent::Said)
            }
        };
        match (title, content, problems.into_result()) {
            (Some(title), Some(content), Ok(())) => Ok(CannedReplyRecord {
                title,
                shortcut,
                content,
                created_at,
                updated_at: None,
            }),
            (_, _, result) => Err(result.err().unwrap_or_default()),
        }
    }
}
