//! Replies that are kept ready, so that everybody answers the same question in the same words.

mod draft;
mod error;
mod ports;
mod reply;
mod write;

pub use draft::{CannedReplyChanges, CannedReplyDraft};
pub use error::CannedReplyError;
pub use ports::{CannedRepliesTx, CannedReplyQueries, CannedReplyRepository, Wording};
pub use reply::{CannedContent, CannedReply, CannedReplyRecord, Shortcut, Title};

use crm_kernel::{CannedReplyId, Clock, Page, PageRequest, TemplateId, Transactions};
use std::sync::Arc;

/// Everything that can be done with replies kept ready but filling them in for a guest.
#[derive(Clone)]
pub struct CannedReplies {
    store: Arc<dyn Transactions<dyn CannedRepliesTx>>,
    queries: Arc<dyn CannedReplyQueries>,
    wording: Arc<dyn Wording>,
    clock: Arc<dyn Clock>,
}

impl CannedReplies {
    /// Replies kept in `store` and shown through `queries`; `wording` knows what a text may say
    /// of a guest.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn CannedRepliesTx>>,
        queries: Arc<dyn CannedReplyQueries>,
        wording: Arc<dyn Wording>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            queries,
            wording,
            clock,
        }
    }

    /// A page of the replies whose title or shortcut has this text in it, by title.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        search: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<CannedReply>, CannedReplyError> {
        let search = search.map(reply::folded).filter(|text| !text.is_empty());
        Ok(self.queries.list(search.as_deref(), page).await?)
    }

    /// One reply.
    ///
    /// # Errors
    /// `canned_reply_not_found`, else the store's.
    pub async fn get(&self, id: CannedReplyId) -> Result<CannedReply, CannedReplyError> {
        let found = self.queries.find(id).await?;
        found.ok_or(CannedReplyError::NotFound)
    }

    /// Titles of the replies that are this template.
    ///
    /// # Errors
    /// The store's.
    pub async fn titles_using(
        &self,
        template: TemplateId,
    ) -> Result<Vec<String>, CannedReplyError> {
        Ok(self.queries.titles_using(template).await?)
    }
}
