use crate::{NewTemplate, Template, TemplateKind};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{Page, PageRequest, StoreError, TagId, TemplateId, Transaction};

/// Templates inside a transaction. A new method belongs here when a decision needs it; what
/// only a screen needs goes to [`TemplateQueries`].
#[async_trait]
pub trait TemplateRepository: Send {
    /// Stores a template and its cards; the answer carries the ids they got.
    ///
    /// # Errors
    /// [`StoreError`] of the storage; `Reference` when a tag, or a template that a tap is
    /// answered with, has gone meanwhile.
    async fn insert(
        &mut self,
        new: NewTemplate,
        now: DateTime<Utc>,
    ) -> Result<Template, StoreError>;

    /// The template with its cards in their order, locked until the transaction ends.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn find(&mut self, id: TemplateId) -> Result<Option<Template>, StoreError>;

    /// Writes a changed template back. Cards with an id keep their row, cards without one are
    /// new, rows of cards no longer there are deleted; the answer carries all ids.
    ///
    /// # Errors
    /// [`StoreError`] of the storage; `Reference` when a tag, or a template that a tap is
    /// answered with, has gone meanwhile.
    async fn update(&mut self, template: &Template) -> Result<Template, StoreError>;

    /// Deletes a template with its cards; answers whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] of the storage; `Reference` when something still points to it.
    async fn delete(&mut self, id: TemplateId) -> Result<bool, StoreError>;

    /// Titles of the campaigns, in whatever state, that were written with the template.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn used_by(&mut self, id: TemplateId) -> Result<Vec<String>, StoreError>;

    /// Names of the other templates with taps that are answered with this one.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn answered_with(&mut self, id: TemplateId) -> Result<Vec<String>, StoreError>;

    /// Which of these templates exist.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn existing(&mut self, ids: &[TemplateId]) -> Result<Vec<TemplateId>, StoreError>;

    /// Which of these tags exist and are interaction tags.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn existing_interaction_tags(&mut self, ids: &[TagId]) -> Result<Vec<TagId>, StoreError>;
}

/// A unit of work that can write templates.
pub trait TemplatesTx: Transaction {
    /// The templates of this unit of work.
    fn templates(&mut self) -> &mut dyn TemplateRepository;
}

/// Which templates a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateFilter {
    /// Only this form.
    pub kind: Option<TemplateKind>,
}

/// A line of the list of templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateRow {
    /// Its id.
    pub id: TemplateId,
    /// What the back office calls it.
    pub name: String,
    /// Its form.
    pub kind: TemplateKind,
    /// When it was first stored.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// Templates for screens, outside any transaction.
#[async_trait]
pub trait TemplateQueries: Send + Sync {
    /// One page, newest first (by id where times are equal).
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn list(
        &self,
        filter: &TemplateFilter,
        page: PageRequest,
    ) -> Result<Page<TemplateRow>, StoreError>;

    /// The template with its cards in their order.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn find(&self, id: TemplateId) -> Result<Option<Template>, StoreError>;
}
