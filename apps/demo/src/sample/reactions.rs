//! What guests made of a campaign of the past.

use super::Workshop;
use super::dice::Dice;
use super::rows::run;
use crate::DemoError;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{CampaignId, MemberId};
use crm_tags::TriggerSource;
use crm_templates::Tap as Tappable;
use crm_workflows::{SentIn, Tap};
use sea_orm::{TransactionTrait, Value};

/// Who reacted, and when.
pub(super) type Reaction = (MemberId, DateTime<Utc>);

/// Most react within the hour, a few days later.
pub(super) fn soon_after(dice: &mut Dice, sent_at: DateTime<Utc>) -> DateTime<Utc> {
    let doublings = dice.number(0..=11);
    let most = 120 << doublings;
    sent_at + TimeDelta::seconds(dice.number(most / 2..=most))
}

/// Lets somebody have tapped any of what can be tapped.
pub(super) fn tap(
    dice: &mut Dice,
    taps: &[Tappable],
    campaign: CampaignId,
    member: MemberId,
    at: DateTime<Utc>,
) -> Tap {
    let places: Vec<usize> = (0..taps.len()).collect();
    let tapped = &taps[dice.pick(&places)];
    Tap {
        sent_in: SentIn::Campaign(campaign),
        member,
        item: tapped.item,
        source: if tapped.tracked_target().is_some() {
            TriggerSource::Click
        } else {
            TriggerSource::Interaction
        },
        at,
    }
}

/// Lets people have opened it without a tap, and the campaign be as old as it is.
pub(super) async fn open(
    workshop: &Workshop<'_>,
    campaign: CampaignId,
    opened: &[Reaction],
    sent_at: DateTime<Utc>,
) -> Result<(), DemoError> {
    let id: Value = campaign.get().into();
    let tx = workshop.crm.database.pool().begin().await?;
    for (member, at) in opened {
        run(
            &tx,
            "UPDATE campaign_recipients SET status = 'opened', opened_at = ? \
             WHERE campaign_id = ? AND member_id = ?",
            [(*at).into(), id.clone(), member.get().into()],
        )
        .await?;
    }
    run(
        &tx,
        "UPDATE campaigns SET created_at = ?, opened_count = (SELECT COUNT(*) \
         FROM campaign_recipients r WHERE r.campaign_id = campaigns.id AND opened_at IS NOT NULL) \
         WHERE id = ?",
        [(sent_at - TimeDelta::hours(20)).into(), id],
    )
    .await?;
    Ok(tx.commit().await?)
}
