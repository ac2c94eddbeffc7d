//! Tracked links: how many are followed a second beside a bare redirect, and whether every click
//! stands in the tables afterwards.

use crate::arguments::Arguments;
use crate::bare::Bare;
use crate::load::Outcome;
use crate::measure::take_turns;
use crate::product::Product;
use crate::report;
use crm_bootstrap::Crm;
use crm_campaigns::{Audience, CreateCampaign, PlanRequest, Selection};
use crm_kernel::{Actor, CampaignId, MemberId, TagId, Transaction, Transactions};
use crm_tags::{CreateTag, TagKind};
use crm_templates::{Button, InteractionResult, TapItem, TemplateDraft, TemplateKind};
use crm_workflows::{Composing, CrmTx, LinkToken, SentIn};
use sea_orm::{ConnectionTrait, Statement};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where all of the links lead, on both sides.
pub const TARGET: &str = "https://hotel.example/moon";
/// As a guest's phone says it; whatever says nothing is not counted.
const AGENT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari Line/15.0.0";
/// How often the server of the product writes clicks down.
const PAUSE: Duration = Duration::from_millis(50);

pub async fn all(
    product: &Product,
    bare: &Bare,
    arguments: &Arguments,
) -> Result<(), Box<dyn Error>> {
    let crm = &product.crm;
    let (campaign, tag) = sent(crm).await?;
    let requests: Vec<Vec<u8>> = (1..=arguments.members)
        .map(|member| request(crm, campaign, member))
        .collect::<Result<_, _>>()?;
    let links = requests.len();
    let writing = {
        let taps = crm.taps.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(PAUSE).await;
                if let Err(error) = taps.write_down().await {
                    tracing::error!(%error, "clicks could not be written down");
                }
            }
        })
    };
    let addresses = (product.server.address, bare.server.address);
    let (turns, warm_up) = take_turns(addresses, Arc::new(requests), arguments).await?;
    report::comparison("tracked link", &turns);
    tokio::time::sleep(PAUSE * 4).await;
    writing.abort();
    crm.taps.write_down().await?;

    let ours = turns.iter().map(|(ours, _)| ours).chain([&warm_up]);
    let followed = followed(ours, links);
    let written = number(crm, "SELECT COUNT(DISTINCT member_id) FROM link_clicks").await?;
    let began = Instant::now();
    let groups = groups(crm).await?;
    for group in &groups {
        crm.taps.record_group(*group).await?;
    }
    let took = began.elapsed();
    let recorded = number(
        crm,
        &format!(
            "SELECT COUNT(*) FROM campaign_recipients WHERE campaign_id = {campaign} \
             AND clicked_at IS NOT NULL"
        ),
    )
    .await?;
    let counted = crm.campaigns.get(campaign).await?.campaign.counts().clicked;
    let triggered = crm.tags.get(tag).await?.trigger_count;
    println!(
        "\nLinks followed at least once: {followed}; written down: {written}, in {} groups; \
         recipients who clicked: {recorded}; counted on the campaign: {counted}, on the tag: \
         {triggered}. Recorded by one job after the other: {:.0} clicks a second.\n",
        groups.len(),
        f64::from(u32::try_from(written).unwrap_or(u32::MAX)) / took.as_secs_f64(),
    );
    let expected = i64::try_from(followed)?;
    let triggered = i64::try_from(triggered)?;
    if [written, recorded, counted, triggered] != [expected; 4] {
        return Err("clicks are missing".into());
    }
    Ok(())
}

/// A campaign that everybody got, with one link that tags.
async fn sent(crm: &Crm) -> Result<(CampaignId, TagId), Box<dyn Error>> {
    let system = Actor::System;
    let tag = CreateTag {
        name: "moon".to_owned(),
        kind: TagKind::Interaction,
        source: None,
        description: None,
        campaign_id: None,
    };
    let tag = crm.tags.create(&system, tag).await?.id();
    let template = TemplateDraft {
        name: Some("moon".to_owned()),
        content: Some("中秋住房八折".to_owned()),
        notification_text: Some("中秋特別優惠".to_owned()),
        buttons: vec![Button {
            label: "立即訂房".to_owned(),
            interaction_result: Some(InteractionResult::OpenUrl(TARGET.to_owned())),
            interaction_tag_id: Some(tag),
        }],
        ..TemplateDraft::new(TemplateKind::TextButton)
    };
    let template = crm.templates.create(&system, template).await?;
    let new = CreateCampaign {
        title: "moon".to_owned(),
        template_id: template.id(),
        audience: Audience::All,
        trigger: None,
        scheduled_at: None,
    };
    let id = crm.campaigns.create(&system, new).await?.id();
    let mut tx = Transactions::<dyn CrmTx>::begin(&crm.database).await?;
    let request = PlanRequest {
        campaign_id: id,
        selection: &Selection::everybody(),
        batch_size: 500,
    };
    let planned = tx.recipients().plan(&request).await?.planned;
    let mut campaign = tx.campaigns().get(id).await?;
    let frozen = Composing::frozen(template.content())?;
    campaign.freeze(frozen, planned, 0, crm.clock.now());
    tx.campaigns().update(&campaign).await?;
    Transaction::commit(tx).await?;
    let sent = "UPDATE campaign_recipients SET status = 'sent'";
    crm.database.pool().execute_unprepared(sent).await?;
    Ok((id, tag))
}

fn request(crm: &Crm, campaign: CampaignId, member: u64) -> Result<Vec<u8>, Box<dyn Error>> {
    let token = crm.sending.links.sign(LinkToken {
        sent_in: SentIn::Campaign(campaign),
        member: MemberId::new(i64::try_from(member)?),
        item: TapItem::new(1),
    });
    let request =
        format!("GET /t/{token} HTTP/1.1\r\nhost: localhost\r\nuser-agent: {AGENT}\r\n\r\n");
    Ok(request.into())
}

/// How many different links these turns followed.
fn followed<'a>(turns: impl Iterator<Item = &'a Outcome>, links: usize) -> usize {
    let mut seen = vec![false; links];
    for (from, n) in turns.flat_map(|turn| &turn.asked) {
        for place in *from..from + (*n).min(links) {
            seen[place % links] = true;
        }
    }
    seen.into_iter().filter(|seen| *seen).count()
}

async fn number(crm: &Crm, text: &str) -> Result<i64, Box<dyn Error>> {
    let pool = crm.database.pool();
    let statement = Statement::from_string(pool.get_database_backend(), text);
    let row = pool.query_one_raw(statement).await?;
    Ok(row.ok_or("no number")?.try_get_by_index(0)?)
}

async fn groups(crm: &Crm) -> Result<Vec<i64>, Box<dyn Error>> {
    let pool = crm.database.pool();
    let text = "SELECT click_group FROM link_clicks GROUP BY click_group ORDER BY MIN(id)";
    let statement = Statement::from_string(pool.get_database_backend(), text);
    let rows = pool.query_all_raw(statement).await?;
    let groups = rows.iter().map(|row| row.try_get_by_index(0));
    Ok(groups.collect::<Result<_, _>>()?)
}
