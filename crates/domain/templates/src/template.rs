use crate::{TemplateContent, TemplateDraft, TemplateKind, rules};
use chrono::{DateTime, Utc};
use crm_kernel::{FieldError, TemplateId};

/// A template that keeps every rule and is not yet stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTemplate {
    name: String,
    content: TemplateContent,
}

impl NewTemplate {
    /// Checks everything that can be checked without asking anybody; whether tags exist is
    /// asked by [`Templates`](crate::Templates).
    ///
    /// # Errors
    /// Every broken rule, named as the client wrote it (`carousel_items[2].title`).
    pub fn check(draft: TemplateDraft) -> Result<Self, Vec<FieldError>> {
        let (name, content) = rules::check(draft)?;
        Ok(Self { name, content })
    }

    /// What the back office calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says.
    #[must_use]
    pub const fn content(&self) -> &TemplateContent {
        &self.content
    }

    /// Gives up both parts, for storing.
    #[must_use]
    pub fn into_parts(self) -> (String, TemplateContent) {
        (self.name, self.content)
    }
}

/// A stored message template (document 000 §3.2.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    id: TemplateId,
    name: String,
    content: TemplateContent,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl Template {
    /// Puts a stored template together again. For storage adapters; checks nothing.
    #[must_use]
    pub const fn from_stored(
        id: TemplateId,
        name: String,
        content: TemplateContent,
        created_at: DateTime<Utc>,
        updated_at: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            id,
            name,
            content,
            created_at,
            updated_at,
        }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> TemplateId {
        self.id
    }

    /// What the back office calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its form.
    #[must_use]
    pub const fn kind(&self) -> TemplateKind {
        self.content.kind
    }

    /// What it says.
    #[must_use]
    pub const fn content(&self) -> &TemplateContent {
        &self.content
    }

    /// When it was first stored.
    #[must_use]
    pub const fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    /// When it was last changed; `None` = never.
    #[must_use]
    pub const fn updated_at(&self) -> Option<DateTime<Utc>> {
        self.updated_at
    }

    /// Takes over a checked new wording. With `keep_cards` the cards are the same ones as
    /// before and stay the same rows.
    pub(crate) fn rewrite(&mut self, new: NewTemplate, keep_cards: bool, now: DateTime<Utc>) {
        let (name, mut content) = new.into_parts();
        if keep_cards {
            for (card, before) in content.cards.iter_mut().zip(&self.content.cards) {
                card.id = before.id;
            }
        }
        self.name = name;
        self.content = content;
        self.updated_at = Some(now);
    }
}
