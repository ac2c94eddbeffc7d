//! Templates and campaigns to tell stories with.

use chrono::{DateTime, Utc};
use crm_campaigns::{
    Audience, Campaign, CampaignStatus, Counts, CreateCampaign, RecipientFilter, RecipientStatus,
};
use crm_kernel::{Actor, CampaignId, PageRequest, TagId, TemplateId};
use crm_tags::{CreateTag, TagKind};
use crm_templates::{Button, InteractionResult, TemplateDraft, TemplateKind};
use crm_tests::Installation;

/// The LINE id of somebody whom LINE does not know.
pub const STRANGER: &str = "Uffffffffffffffffffffffffffffffff";

/// Words that are the same for everybody.
pub async fn plain_template(hotel: &Installation) -> TemplateId {
    let draft = TemplateDraft {
        name: Some("中秋問候".into()),
        content: Some("中秋快樂，平安團圓".into()),
        ..TemplateDraft::new(TemplateKind::Text)
    };
    let template = hotel.crm.templates.create(&Actor::System, draft).await;
    template.unwrap().id()
}

/// Words with the guest's name, a tracked link and a button that is a postback; both tag.
pub async fn personal_template(hotel: &Installation, tag: TagId) -> TemplateId {
    let button = |label: &str, result| Button {
        label: label.to_owned(),
        interaction_result: Some(result),
        interaction_tag_id: Some(tag),
    };
    let draft = TemplateDraft {
        name: Some("中秋優惠".into()),
        content: Some("{{display_name|貴賓}} 您好，中秋住房八折".into()),
        notification_text: Some("中秋特別優惠來了！".into()),
        buttons: vec![
            button(
                "立即訂房",
                InteractionResult::OpenUrl("https://hotel.tw/moon".into()),
            ),
            button(
                "想了解",
                InteractionResult::TriggerMessage("謝謝您的興趣".into()),
            ),
        ],
        ..TemplateDraft::new(TemplateKind::TextButton)
    };
    let template = hotel.crm.templates.create(&Actor::System, draft).await;
    template.unwrap().id()
}

/// An interaction tag.
pub async fn interaction_tag(hotel: &Installation) -> TagId {
    let command = CreateTag {
        name: "中秋活動".into(),
        kind: TagKind::Interaction,
        source: None,
        description: None,
        campaign_id: None,
    };
    let tag = hotel.crm.tags.create(&Actor::System, command).await;
    tag.unwrap().id()
}

/// A campaign for everybody.
pub async fn campaign(
    hotel: &Installation,
    template_id: TemplateId,
    scheduled_at: Option<DateTime<Utc>>,
) -> CampaignId {
    let new = CreateCampaign {
        title: "中秋送禮".into(),
        template_id,
        audience: Audience::All,
        trigger: None,
        scheduled_at,
    };
    let campaign = hotel.crm.campaigns.create(&Actor::System, new).await;
    campaign.unwrap().id()
}

/// The campaign as it stands; its figures must add up at every look.
pub async fn look(hotel: &Installation, id: CampaignId) -> Campaign {
    let campaign = hotel.crm.campaigns.get(id).await.unwrap().campaign;
    let Counts {
        recipients,
        skipped,
        sent,
        failed,
        opened,
        clicked,
        converted,
    } = *campaign.counts();
    let pending = campaign.counts().pending();
    assert_eq!(recipients, pending + sent + failed + skipped);
    assert!(pending >= 0 && clicked <= opened && opened <= sent + pending + failed);
    assert!(converted >= 0 && converted <= sent);
    campaign
}

/// How many recipients have that status and reason.
pub async fn recipients(
    hotel: &Installation,
    id: CampaignId,
    status: Option<RecipientStatus>,
    reason: Option<&str>,
) -> i64 {
    let filter = RecipientFilter {
        status,
        reason: reason.map(str::to_owned),
    };
    let page = PageRequest::new(1, 10).unwrap();
    let found = hotel.crm.campaigns.recipients(id, &filter, page).await;
    i64::try_from(found.unwrap().total).unwrap()
}

/// Everybody got it once, and the campaign knows.
pub async fn all_once(hotel: &Installation, id: CampaignId, guests: u64) {
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (guests, 1)
    );
    let done = look(hotel, id).await;
    assert_eq!(done.status(), CampaignStatus::Sent);
    assert_eq!(done.counts().sent, i64::try_from(guests).unwrap());
}

/// A draft for everybody with words that are the same for all.
pub async fn bulk(hotel: &Installation) -> CampaignId {
    let template = plain_template(hotel).await;
    campaign(hotel, template, None).await
}

/// A draft for everybody with words of each guest's own.
pub async fn personal(hotel: &Installation) -> CampaignId {
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    campaign(hotel, template, None).await
}
