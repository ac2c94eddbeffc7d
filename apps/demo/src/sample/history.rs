//! Campaigns that were sent long ago. They are planned, portioned and settled by the same rules
//! as any other; only LINE was never asked.

use super::Workshop;
use super::dice::Dice;
use super::reactions::{open, soon_after, tap};
use super::rows::run;
use super::tags::Tags;
use super::templates::Templates;
use crate::DemoError;
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use crm_campaigns::{
    Audience, BatchMode, BatchState, Campaign, CreateCampaign, FailReason, IncludeMode, NewBatch,
    PlanRequest, Span,
};
use crm_kernel::{BatchId, MemberId, Transaction};
use crm_templates::TemplateContent;
use crm_workflows::CrmTx;

/// A campaign of the past.
struct Past {
    campaign: CreateCampaign,
    days_ago: u64,
    /// Share of those who were sent it that tapped something.
    tapped: f64,
    /// Share of the others that are known to have opened it.
    opened: f64,
    /// How many LINE refused.
    refused: usize,
}

/// Stores three of them.
pub(super) async fn store(
    workshop: &mut Workshop<'_>,
    tags: &Tags,
    templates: &Templates,
) -> Result<(), DemoError> {
    let wearing = |include_tags, exclude_tags| Audience::Tags {
        include_tags,
        exclude_tags,
        include_mode: IncludeMode::Any,
    };
    let campaign = |title: &str, template_id, audience| CreateCampaign {
        title: title.to_owned(),
        template_id,
        audience,
        trigger: None,
        scheduled_at: None,
    };
    let families = vec![tags.id("家庭客")?, tags.id("情侶出遊")?];
    let past = [
        Past {
            campaign: campaign("中秋賞月活動", templates.gallery, Audience::All),
            days_ago: 62,
            tapped: 0.08,
            opened: 0.12,
            refused: 0,
        },
        Past {
            campaign: campaign(
                "早鳥住房 85 折",
                templates.rooms,
                wearing(vec![tags.id("台北")?], vec![tags.id("企業合約")?]),
            ),
            days_ago: 33,
            tapped: 0.13,
            opened: 0.11,
            refused: 3,
        },
        Past {
            campaign: campaign(
                "溫泉住宿二日",
                templates.spring,
                wearing(families, Vec::new()),
            ),
            days_ago: 9,
            tapped: 0.16,
            opened: 0.09,
            refused: 5,
        },
    ];
    for past in past {
        send(workshop, past).await?;
    }
    let pool = workshop.crm.database.pool();
    run(
        pool,
        "UPDATE members SET last_interaction_at = latest.at FROM (SELECT member_id, \
         MAX(COALESCE(clicked_at, opened_at)) AS at FROM campaign_recipients GROUP BY member_id) \
         AS latest WHERE latest.member_id = members.id AND latest.at > members.last_interaction_at",
        [],
    )
    .await?;
    Ok(())
}

async fn send(workshop: &mut Workshop<'_>, past: Past) -> Result<(), DemoError> {
    let crm = workshop.crm;
    let sent_at = ten_o_clock(workshop, past.days_ago);
    let template = crm.templates.get(past.campaign.template_id).await?;
    let content = template.content();
    let written = crm
        .campaigns
        .create(&workshop.admin, past.campaign.clone())
        .await?;

    let mut tx = crm.sending.store.begin().await?;
    let mut campaign = tx.campaigns().get(written.id()).await?;
    let batches = plan(workshop, &mut *tx, &mut campaign, content, sent_at).await?;
    let dice = &mut workshop.dice;
    let reached = settle(
        dice,
        &mut *tx,
        &mut campaign,
        &batches,
        past.refused,
        sent_at,
    )
    .await?;
    tx.campaigns().update(&campaign).await?;
    let latest = workshop.now - TimeDelta::minutes(10);
    let (mut tapped, mut opened) = (Vec::new(), Vec::new());
    for member in reached {
        if dice.chance(past.tapped) {
            tapped.push((member, soon_after(dice, sent_at).min(latest)));
        } else if dice.chance(past.opened) {
            opened.push((member, soon_after(dice, sent_at).min(latest)));
        }
    }
    let taps = content.taps();
    for (member, at) in tapped {
        let tap = tap(dice, &taps, campaign.id(), member, at);
        crm.taps.record_in(&mut *tx, &tap).await?;
    }
    Transaction::commit(tx).await?;
    open(workshop, campaign.id(), &opened, sent_at).await
}

fn ten_o_clock(workshop: &Workshop<'_>, days_ago: u64) -> DateTime<Utc> {
    let day = workshop.hotel.day_of(workshop.now) - Days::new(days_ago);
    workshop
        .hotel
        .utc_of(day.and_time(NaiveTime::MIN) + TimeDelta::hours(10))
}

/// Freezes who gets it: those of the audience who followed by then, as the gate says.
async fn plan(
    workshop: &Workshop<'_>,
    tx: &mut dyn CrmTx,
    campaign: &mut Campaign,
    content: &TemplateContent,
    sent_at: DateTime<Utc>,
) -> Result<Vec<BatchId>, DemoError> {
    let (mode, size) = if content.is_personal() {
        (BatchMode::Personal, 100)
    } else {
        (BatchMode::Bulk, crm_campaigns::MAX_BATCH)
    };
    let audience = &campaign.record().audience;
    let selection = audience
        .selection(None, sent_at, workshop.hotel)
        .who_followed(Span {
            from: None,
            until: Some(sent_at),
        });
    let counts = tx
        .recipients()
        .plan(&PlanRequest {
            campaign_id: campaign.id(),
            selection: &selection,
            batch_size: size,
        })
        .await?;
    for (reason, skipped) in &counts.skipped {
        tx.campaigns()
            .count_skips(campaign.id(), *reason, *skipped)
            .await?;
    }
    let eligible = u32::try_from(counts.eligible()).unwrap_or(0);
    let batches: Vec<NewBatch> = (0..eligible.div_ceil(size))
        .map(|number| NewBatch {
            number: i64::from(number),
            size: (eligible - number * size).min(size),
            retry_key: workshop.crm.ids.uuid(),
        })
        .collect();
    let ids = tx.batches().insert(campaign.id(), mode, &batches).await?;
    let frozen = serde_json::to_string(content)
        .map_err(|_| DemoError::Sample("a template cannot be frozen"))?;
    campaign.freeze(frozen, counts.planned, counts.skipped_total(), sent_at);
    Ok(ids)
}

/// Lets LINE have accepted every batch but a few of its people; answers who was reached.
async fn settle(
    dice: &mut Dice,
    tx: &mut dyn CrmTx,
    campaign: &mut Campaign,
    batches: &[BatchId],
    refused: usize,
    sent_at: DateTime<Utc>,
) -> Result<Vec<MemberId>, DemoError> {
    let mut reached = Vec::new();
    for (place, id) in batches.iter().enumerate() {
        let at = sent_at + TimeDelta::seconds(2 + place as i64);
        let batch = tx.batches().claim(*id).await?;
        let batch = batch.ok_or(DemoError::Sample("a batch is settled already"))?;
        tx.batches().store_body(&batch, "{}", at).await?;
        let mut people: Vec<MemberId> = tx
            .recipients()
            .people(&batch)
            .await?
            .iter()
            .map(|person| person.member_id)
            .collect();
        let failed: Vec<_> = people
            .pop()
            .filter(|_| place < refused)
            .map(|member| {
                let words = "The property, 'to', in the request body is invalid".to_owned();
                (member, FailReason::LineRejected, words)
            })
            .into_iter()
            .collect();
        tx.recipients().fail(&batch, &failed).await?;
        let request = dice.hex(32);
        tx.batches()
            .settle(&batch, BatchState::Accepted, Some(&request), None, at)
            .await?;
        let lost = failed.len() as i64;
        campaign.settle(i64::from(batch.size()) - lost, lost, 0, at);
        reached.extend(people);
    }
    Ok(reached)
}
