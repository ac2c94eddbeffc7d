use super::{CannedReply, CannedReplyRecord};
use async_trait::async_trait;
use crm_kernel::{CannedReplyId, Page, PageRequest, StoreError, TemplateId, Transaction};

/// A unit of work that can change replies kept ready.
pub trait CannedRepliesTx: Transaction {
    /// The replies as this unit of work sees them.
    fn canned_replies(&mut self) -> &mut dyn CannedReplyRepository;
}

/// What a text may say of the guest it is for.
pub trait Wording: Send + Sync {
    /// Whether every variable in the text can be filled in.
    ///
    /// # Errors
    /// What is wrong with it, safe to show.
    fn check(&self, text: &str) -> Result<(), String>;
}

/// Replies kept ready, for decisions: finds lock the row until the unit of work ends.
///
/// One rule is unique and answers `StoreError::Duplicate`: `canned_reply_shortcut` (the folded
/// shortcut; replies without one do not meet). A template cannot be deleted while a reply is it.
/// To add a method, write its promise in `tests/ports` first, then memory and database.
#[async_trait]
pub trait CannedReplyRepository: Send {
    /// Stores a reply and answers the id it got.
    ///
    /// # Errors
    /// `Duplicate` of `canned_reply_shortcut`, `Reference` when the template does not exist,
    /// else the storage's.
    async fn insert(&mut self, record: &CannedReplyRecord) -> Result<CannedReplyId, StoreError>;

    /// The reply with this id, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn find(&mut self, id: CannedReplyId) -> Result<Option<CannedReply>, StoreError>;

    /// Whether a reply other than `except` has this folded shortcut.
    ///
    /// # Errors
    /// The storage's.
    async fn shortcut_taken(
        &mut self,
        key: &str,
        except: Option<CannedReplyId>,
    ) -> Result<bool, StoreError>;

    /// Writes back everything of a reply that was found in this unit of work but when it was
    /// created.
    ///
    /// # Errors
    /// `Duplicate` of `canned_reply_shortcut`, `Reference` when the template or the row itself
    /// does not exist, else the storage's.
    async fn update(&mut self, reply: &CannedReply) -> Result<(), StoreError>;

    /// Deletes a reply. Answers whether there was one.
    ///
    /// # Errors
    /// The storage's.
    async fn delete(&mut self, id: CannedReplyId) -> Result<bool, StoreError>;
}

/// Replies kept ready, for screens; never while a unit of work is open.
///
/// To add a method, write its promise in `tests/ports` first, then the database; the memory
/// adapter has no queries.
#[async_trait]
pub trait CannedReplyQueries: Send + Sync {
    /// A page of the replies whose folded title or shortcut has `search` in it, by folded title
    /// and then id.
    ///
    /// # Errors
    /// The storage's.
    async fn list(
        &self,
        search: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<CannedReply>, StoreError>;

    /// One reply.
    ///
    /// # Errors
    /// The storage's.
    async fn find(&self, id: CannedReplyId) -> Result<Option<CannedReply>, StoreError>;

    /// Titles of the replies that are this template, by id.
    ///
    /// # Errors
    /// The storage's.
    async fn titles_using(&self, template: TemplateId) -> Result<Vec<String>, StoreError>;
}
