use crate::{AutoResponseError, AutoResponses, AutoResponsesTx};
use crm_kernel::{AutoResponseId, KeywordId};

impl AutoResponses {
    /// Counts that a rule fired, and which of its keywords won. One event counts once: call it
    /// in the unit of work that decides on the answer.
    ///
    /// # Errors
    /// The store's.
    pub async fn fired_in(
        &self,
        tx: &mut dyn AutoResponsesTx,
        id: AutoResponseId,
        keyword: Option<KeywordId>,
    ) -> Result<(), AutoResponseError> {
        Ok(tx.auto_responses().count_fired(id, keyword).await?)
    }

    /// Counts that LINE took a rule's answer.
    ///
    /// # Errors
    /// The store's.
    pub async fn succeeded_in(
        &self,
        tx: &mut dyn AutoResponsesTx,
        id: AutoResponseId,
    ) -> Result<(), AutoResponseError> {
        Ok(tx.auto_responses().count_success(id).await?)
    }
}
