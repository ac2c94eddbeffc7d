use crate::{AutoResponseError, AutoResponses, AutoResponsesTx};
use chrono::{DateTime, Utc};
use crm_kernel::{AutoResponseId, Figure, KeywordId};

impl AutoResponses {
    /// Counts that a rule fired at `at`, and which of its keywords won. One event counts once: call it
    /// in the unit of work that decides on the answer.
    ///
    /// # Errors
    /// The store's.
    pub async fn fired_in(
        &self,
        tx: &mut dyn AutoResponsesTx,
        id: AutoResponseId,
        keyword: Option<KeywordId>,
        at: DateTime<Utc>,
    ) -> Result<(), AutoResponseError> {
        tx.figures().add(Figure::RuleFired, id.get(), at, 1);
        Ok(tx.auto_responses().count_fired(id, keyword).await?)
    }

    /// Counts that LINE took the answer of a rule that fired at `at`.
    ///
    /// # Errors
    /// The store's.
    pub async fn succeeded_in(
        &self,
        tx: &mut dyn AutoResponsesTx,
        id: AutoResponseId,
        at: DateTime<Utc>,
    ) -> Result<(), AutoResponseError> {
        tx.figures().add(Figure::RuleSucceeded, id.get(), at, 1);
        Ok(tx.auto_responses().count_success(id).await?)
    }
}
