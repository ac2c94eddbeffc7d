use super::{Sending, SendingError};
use crate::CrmTx;
use chrono::{DateTime, Utc};
use crm_campaigns::{Campaign, MAX_UNITS, month_of_units};
use crm_kernel::{Job, Lane, StoreError};
use serde::{Deserialize, Serialize};

/// Ask LINE what it counted for the campaign that was asked about longest ago. LINE answers 60
/// such questions an hour; one is written each minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchLineStats {}

impl Job for FetchLineStats {
    const NAME: &'static str = "campaigns.fetch_line_stats";
    const LANE: Lane = Lane::Background;
    // The next minute has another one.
    const MAX_ATTEMPTS: u32 = 1;
}

impl Sending {
    /// Asks LINE about one campaign, if one is due and LINE may be asked. Answers whether it was.
    /// That LINE could not tell is no error: the campaign waits for its next turn.
    ///
    /// # Errors
    /// `Store`.
    pub async fn fetch_line_stats(&self) -> Result<bool, SendingError> {
        let now = self.clock.now();
        let Some(due) = self.campaigns.line_stats_due(now).await? else {
            return Ok(false);
        };
        let id = due.campaign;
        // Written down first, so that whoever comes at the same time asks about another one.
        let mut tx = self.store.begin().await?;
        let is_ours = tx.campaigns().ask_line(id, now).await?;
        tx.commit().await?;
        if !is_ours {
            return Ok(false);
        }
        let (from, until) = due.days(now);
        match self.line.unit_figures(&due.unit, from, until).await {
            Ok(figures) => {
                let mut tx = self.store.begin().await?;
                let told_at = self.clock.now();
                tx.campaigns()
                    .keep_line_figures(id, &figures, told_at)
                    .await?;
                tx.commit().await?;
            }
            Err(error) => {
                tracing::warn!(campaign.id = id.get(), %error, "LINE tells no figures of {id}");
            }
        }
        Ok(true)
    }

    /// Has LINE count for a campaign whose plan is frozen, unless the month's names are used up.
    pub(super) async fn count_at_line(
        &self,
        tx: &mut dyn CrmTx,
        campaign: &mut Campaign,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let used = tx.campaigns().line_units_since(month_of_units(now)).await?;
        if used >= MAX_UNITS {
            let id = campaign.id();
            tracing::warn!(
                campaign.id = id.get(),
                "no name is left for LINE to count {id} by"
            );
            return Ok(());
        }
        campaign.count_at_line(now);
        Ok(())
    }
}
