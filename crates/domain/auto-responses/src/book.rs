//! The rule book that this process matches events against. Every process keeps its own, and
//! asks a few times a second whether the rules have changed since.

use crate::{AutoResponseError, AutoResponseFilter, AutoResponses, RuleBook};
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::StoreError;
use std::sync::{Arc, PoisonError, RwLock};

/// How long a book is believed without asking: a rule saved anywhere answers everywhere within a
/// second.
const BELIEVED: TimeDelta = TimeDelta::milliseconds(300);

/// The book of this process. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct KeptBook(Arc<RwLock<Option<Kept>>>);

#[derive(Clone)]
struct Kept {
    version: i64,
    asked_at: DateTime<Utc>,
    book: Arc<RuleBook>,
}

impl Kept {
    fn is_believed(&self, now: DateTime<Utc>) -> bool {
        // A clock that was put back believes nothing.
        let age = now - self.asked_at;
        age >= TimeDelta::zero() && age < BELIEVED
    }
}

impl KeptBook {
    fn get(&self) -> Option<Kept> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.clone()
    }

    fn put(&self, kept: Option<Kept>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = kept;
    }

    /// Has the next event ask: this process has just changed a rule.
    pub(crate) fn forget(&self) {
        self.put(None);
    }
}

impl AutoResponses {
    /// The active rules, to match events against: those of a moment ago at most.
    ///
    /// # Errors
    /// The store's.
    pub async fn rule_book(&self) -> Result<Arc<RuleBook>, AutoResponseError> {
        let asked_at = self.clock.now();
        let kept = self.book.get();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_believed(asked_at)) {
            return Ok(kept.book.clone());
        }
        // Asked first: rules read afterwards are not older than it.
        let version = self.queries.version().await?;
        let book = match kept.filter(|kept| kept.version == version) {
            Some(kept) => kept.book,
            None => Arc::new(self.read_book().await?),
        };
        self.book.put(Some(Kept {
            version,
            asked_at,
            book: book.clone(),
        }));
        Ok(book)
    }

    async fn read_book(&self) -> Result<RuleBook, AutoResponseError> {
        let filter = AutoResponseFilter {
            is_active: Some(true),
            ..AutoResponseFilter::default()
        };
        let rules = self.queries.list(&filter).await?;
        RuleBook::new(rules)
            .map_err(|error| StoreError::Internal(Box::new(error)))
            .map_err(Into::into)
    }
}
