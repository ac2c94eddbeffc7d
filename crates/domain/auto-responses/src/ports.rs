use crate::{AutoResponse, AutoResponseFilter, NewAutoResponse};
use async_trait::async_trait;
use crm_kernel::{AutoResponseId, KeywordId, Page, PageRequest, StoreError, Transaction};

/// A unit of work that can change the rules that answer by themselves.
pub trait AutoResponsesTx: Transaction {
    /// The rules as this unit of work sees them.
    fn auto_responses(&mut self) -> &mut dyn AutoResponseRepository;
}

/// Rules with their keywords, for decisions: finds lock the rule's row until the unit of work
/// ends; its keywords are written only by whoever has locked the rule, and so need no lock.
///
/// Columns follow from the record: `content` is [`crate::Answer::content`], `messages` the JSON
/// array of [`crate::Answer::texts`] (possibly `[]`), hours as `HH:MM`, `keyword_key` is
/// [`crate::Keyword::key`]. Every answer lists keywords in the order of their ids.
///
/// A folded keyword is unique within a rule and answers `StoreError::Duplicate` of
/// `auto_response_keyword`; use-cases never let it come to that.
/// To add a method, write its promise in `tests/ports` first, then memory and database.
#[async_trait]
pub trait AutoResponseRepository: Send {
    /// Stores a rule and its keywords; the answer carries the ids they got and is otherwise what
    /// was given.
    ///
    /// # Errors
    /// `Reference` when the template does not exist, else the storage's.
    async fn insert(&mut self, new: &NewAutoResponse) -> Result<AutoResponse, StoreError>;

    /// How many rules there are, switched off or on.
    ///
    /// # Errors
    /// The storage's.
    async fn count(&mut self) -> Result<u64, StoreError>;

    /// The rule with this id and its keywords, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn find(&mut self, id: AutoResponseId) -> Result<Option<AutoResponse>, StoreError>;

    /// Writes back a rule that was found in this unit of work: name, answer, hours, days, switch
    /// and time of change; never the counts, the type or the time of creation. A keyword with an
    /// id keeps its row, its count and its time of creation and may get new words; one without
    /// is new, with count 0; a row no longer named is deleted, before anything else is written.
    /// The answer carries all ids.
    ///
    /// Keywords are shown in the order of their ids: an old word keeps its place and new words
    /// follow, whatever their order in the list.
    ///
    /// # Errors
    /// `Reference` when the template or the row itself does not exist, else the storage's.
    async fn update(&mut self, rule: &AutoResponse) -> Result<AutoResponse, StoreError>;

    /// Deletes a rule with its keywords. Answers whether there was one.
    ///
    /// # Errors
    /// The storage's.
    async fn delete(&mut self, id: AutoResponseId) -> Result<bool, StoreError>;

    /// Adds one to the rule's `trigger_count` and, where given, to the `match_count` of that
    /// keyword of this rule. Neither needs to exist any more; the time of change stays.
    ///
    /// # Errors
    /// The storage's.
    async fn count_fired(
        &mut self,
        id: AutoResponseId,
        keyword: Option<KeywordId>,
    ) -> Result<(), StoreError>;

    /// Adds one to the rule's `success_count`. It need not exist any more; the time of change
    /// stays.
    ///
    /// # Errors
    /// The storage's.
    async fn count_success(&mut self, id: AutoResponseId) -> Result<(), StoreError>;
}

/// Rules with their keywords, for screens and for matching; never while a unit of work is open.
///
/// To add a method, write its promise in `tests/ports` first, then the database; the memory
/// adapter has no queries.
#[async_trait]
pub trait AutoResponseQueries: Send + Sync {
    /// All rules that match every part of the filter with their keywords (by id), the rule with
    /// the highest id first. There are at most
    /// [`crate::MAX_RULES`], so this is one query for the rules and
    /// one for their keywords.
    ///
    /// # Errors
    /// The storage's.
    async fn list(&self, filter: &AutoResponseFilter) -> Result<Vec<AutoResponse>, StoreError>;

    /// A page of [`list`](Self::list), in the same order.
    ///
    /// # Errors
    /// The storage's.
    async fn list_page(
        &self,
        filter: &AutoResponseFilter,
        page: PageRequest,
    ) -> Result<Page<AutoResponse>, StoreError>;

    /// A number that every committed change of the rules (not of their counts) raises. A list
    /// read after it is at least as new.
    ///
    /// # Errors
    /// The storage's.
    async fn version(&self) -> Result<i64, StoreError>;

    /// The rule with this id and its keywords (by id).
    ///
    /// # Errors
    /// The storage's.
    async fn find(&self, id: AutoResponseId) -> Result<Option<AutoResponse>, StoreError>;
}
