use crate::samples::{campaign, interaction_tag, look, personal_template};
use crm_campaigns::{RecipientFilter, RecipientStatus};
use crm_kernel::{Actor, CampaignId, PageRequest, TagId};
use crm_tags::TagQueries;
use crm_tests::Installation;
use serde_json::Value;

crate::stories!(
    a_click_leads_to_the_target_and_is_counted_once_with_its_tag,
    a_postback_is_a_click_by_whoever_tapped,
    forged_links_and_previews_count_nothing,
);

/// The words of every action of that type in a message.
pub fn actions<'a>(message: &'a Value, kind: &str, found: &mut Vec<&'a Value>) {
    match message {
        Value::Object(map) => {
            if map.get("type").and_then(Value::as_str) == Some(kind) {
                found.push(message);
            }
            map.values().for_each(|v| actions(v, kind, found));
        }
        Value::Array(list) => list.iter().for_each(|v| actions(v, kind, found)),
        _ => {}
    }
}

pub fn token(message: &Value) -> String {
    let mut found = Vec::new();
    actions(message, "uri", &mut found);
    let uri = found[0]["uri"].as_str().unwrap();
    uri.strip_prefix("http://127.0.0.1:8000/t/")
        .unwrap()
        .to_owned()
}

pub async fn sent(
    hotel: &Installation,
    guests: usize,
) -> (CampaignId, TagId, Vec<(crm_kernel::MemberId, String)>) {
    let friends = hotel.friends(guests).await;
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    hotel.run_jobs().await;
    (id, tag, friends)
}

async fn clicked(hotel: &Installation, id: CampaignId) -> u64 {
    let filter = RecipientFilter {
        status: Some(RecipientStatus::Clicked),
        reason: None,
    };
    let page = PageRequest::new(1, 10).unwrap();
    let list = hotel
        .crm
        .campaigns
        .recipients(id, &filter, page)
        .await
        .unwrap();
    assert!(list.items.iter().all(|r| r.clicked_at.is_some()));
    list.total
}

async fn a_click_leads_to_the_target_and_is_counted_once_with_its_tag(hotel: &Installation) {
    let (id, tag, friends) = sent(hotel, 3).await;
    let message = &hotel.line.messages_of(&friends[1].1)[0].message;
    for _ in 0..3 {
        let target = hotel.crm.taps.follow(&token(message), true).await.unwrap();
        assert_eq!(target.as_deref(), Some("https://hotel.tw/moon"));
        hotel.run_jobs().await;
    }
    assert_eq!(clicked(hotel, id).await, 1);
    let campaign = look(hotel, id).await;
    assert_eq!(
        (campaign.counts().clicked, campaign.counts().opened),
        (1, 1)
    );
    assert_eq!(campaign.counts().sent, 3);
    let row = TagQueries::detail(&hotel.crm.database, tag)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.trigger_count, row.member_count), (1, 1));
    let member = hotel.crm.members.get(friends[1].0).await.unwrap();
    assert_eq!(member.row.tags[0].id, tag);
    assert_eq!(member.row.last_interaction_at, Some(hotel.now()));
}

async fn a_postback_is_a_click_by_whoever_tapped(hotel: &Installation) {
    let (id, tag, friends) = sent(hotel, 3).await;
    let message = &hotel.line.messages_of(&friends[2].1)[0].message;
    let mut found = Vec::new();
    actions(message, "postback", &mut found);
    let data = found[0]["data"].as_str().unwrap();
    crate::webhook::deliver_postback(hotel, &friends[2].1, data).await;
    assert_eq!(clicked(hotel, id).await, 1);
    let row = TagQueries::detail(&hotel.crm.database, tag)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.trigger_count, 1);
}

async fn forged_links_and_previews_count_nothing(hotel: &Installation) {
    let (id, _, friends) = sent(hotel, 2).await;
    let taps = &hotel.crm.taps;
    for forged in ["", "x", "AAAAAAAAAAAAAAAAAAAA", "../../etc/passwd"] {
        assert_eq!(taps.follow(forged, true).await.unwrap(), None);
    }
    let preview = hotel.crm.sending.preview(id, None).await.unwrap();
    let target = taps
        .follow(&token(&preview.messages.0[0]), true)
        .await
        .unwrap();
    assert_eq!(target.as_deref(), Some("https://hotel.tw/moon"));
    // A bot looks at a guest's link.
    let message = &hotel.line.messages_of(&friends[0].1)[0].message;
    taps.follow(&token(message), false).await.unwrap();
    assert_eq!(hotel.run_jobs().await, 0);
    // Staff try the link of a draft's preview: no doing of the guest's.
    let template = hotel.crm.campaigns.get(id).await.unwrap().template.id;
    let draft = crate::samples::campaign(hotel, template, None).await;
    let before = hotel.crm.members.get(friends[0].0).await.unwrap();
    let preview = hotel
        .crm
        .sending
        .preview(draft, Some(friends[0].0))
        .await
        .unwrap();
    taps.follow(&token(&preview.messages.0[0]), true)
        .await
        .unwrap();
    hotel.clock.advance(chrono::TimeDelta::minutes(1));
    hotel.run_jobs().await;
    assert_eq!(hotel.crm.members.get(friends[0].0).await.unwrap(), before);
    assert_eq!(clicked(hotel, id).await, 0);
}
