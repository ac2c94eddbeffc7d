use crate::{CampaignsTx, SendBatches};
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, StoreError};

/// Senders of one campaign at a time: enough to keep two processes busy, few enough that the
/// senders of many campaigns take turns quickly.
const SENDERS: i64 = 16;

/// Gives the campaign senders for its untried batches: one each, at most sixteen.
///
/// # Errors
/// Those of the store.
pub async fn hire_senders(
    tx: &mut dyn CampaignsTx,
    campaign_id: CampaignId,
    untried: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let wanted = untried.min(SENDERS);
    if wanted <= 0 {
        return Ok(());
    }
    let first = tx.campaigns().hire(campaign_id, wanted).await?;
    for sender in first..first + wanted {
        let job = SendBatches {
            campaign_id,
            sender,
        };
        tx.outbox().enqueue(&job, now).await?;
    }
    Ok(())
}

/// Calls back the senders whose batch has no clear outcome, each to its own batch, and hires
/// others for what was never tried.
///
/// # Errors
/// Those of the store.
pub(crate) async fn call_senders(
    tx: &mut dyn CampaignsTx,
    campaign_id: CampaignId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let open = tx.batches().open(campaign_id).await?;
    for sender in open.senders {
        let job = SendBatches {
            campaign_id,
            sender,
        };
        tx.outbox().enqueue(&job, now).await?;
    }
    hire_senders(tx, campaign_id, open.untried, now).await
}
