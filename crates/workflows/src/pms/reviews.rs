use super::pages::is_race;
use super::{PmsSync, PmsSyncError, tag_by_facts};
use crm_kernel::{Actor, ReviewId};
use crm_members::{ReviewDecision, ReviewRow};
use tracing::instrument;

/// Tries of a decision that met a page about the same guest.
const TRIES: u32 = 5;

impl PmsSync {
    /// Takes note of who a guest is; their row and the stays that waited are the member's in the
    /// same unit of work. It is not asked again.
    ///
    /// # Errors
    /// `review_not_found`, `review_not_open`, `review_invalid` for a member who does not exist, or
    /// the store's.
    #[instrument(name = "pms.decide", skip_all, fields(?actor, review = %id))]
    pub async fn decide(
        &self,
        actor: &Actor,
        id: ReviewId,
        decision: ReviewDecision,
    ) -> Result<ReviewRow, PmsSyncError> {
        let mut tries = 1;
        loop {
            match self.try_decision(actor, id, decision).await {
                Err(error) if tries < TRIES && is_race(&error) => tries += 1,
                Err(error) => return Err(error),
                Ok(()) => return self.review(id).await,
            }
        }
    }

    async fn try_decision(
        &self,
        actor: &Actor,
        id: ReviewId,
        decision: ReviewDecision,
    ) -> Result<(), PmsSyncError> {
        let now = self.ports.clock.now();
        let mut tx = self.ports.store.begin().await?;
        let decided = self
            .members
            .decide_review_in(&mut *tx, actor, id, decision, now)
            .await?;
        if let (Some(member), Some(facts)) = (decided.member, decided.facts) {
            tag_by_facts(&mut *tx, &[(member, facts)], now).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
