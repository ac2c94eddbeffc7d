use crate::desk::{Desk, STAFF, fields};
use crm_campaigns::Audience;
use crm_kernel::{CampaignId, DomainError};
use crm_tags::TriggerSource;

#[tokio::test]
async fn a_tag_is_triggered_once_per_member_and_campaign() {
    let desk = Desk::new();
    let tag = desk.interaction_tag("中秋").await;
    let (wang, li) = (desk.store.some_member(), desk.store.some_member());
    let autumn = Some(desk.store.some_campaign(Audience::All));
    let winter = Some(desk.store.some_campaign(Audience::All));

    assert!(desk.trigger(wang, tag, autumn).await.unwrap());
    assert!(!desk.trigger(wang, tag, autumn).await.unwrap());
    assert_eq!(desk.counts(tag), (1, 1));
    assert!(desk.trigger(wang, tag, winter).await.unwrap());
    assert_eq!(desk.counts(tag), (1, 2));
    assert!(desk.trigger(li, tag, autumn).await.unwrap());
    assert_eq!(desk.counts(tag), (2, 3));
    assert_eq!(desk.store.trigger_logs().len(), 3);
}

#[tokio::test]
async fn taps_outside_any_campaign_count_once_too() {
    let desk = Desk::new();
    let tag = desk.interaction_tag("菜單").await;
    let wang = desk.store.some_member();
    assert!(desk.trigger(wang, tag, None).await.unwrap());
    assert!(!desk.trigger(wang, tag, None).await.unwrap());
    assert_eq!(desk.counts(tag), (1, 1));
    let log = &desk.store.trigger_logs()[0];
    assert_eq!((log.source, log.campaign), (TriggerSource::Click, None));
    assert_eq!(log.tag_name, "菜單");
}

#[tokio::test]
async fn a_later_tap_puts_a_removed_tag_on_again_without_counting_again() {
    let desk = Desk::new();
    let tag = desk.interaction_tag("中秋").await;
    let wang = desk.store.some_member();
    let autumn = Some(desk.store.some_campaign(Audience::All));
    desk.trigger(wang, tag, autumn).await.unwrap();
    desk.tags.remove(&STAFF, wang, tag).await.unwrap();
    assert_eq!(desk.counts(tag), (0, 1));
    assert!(!desk.trigger(wang, tag, autumn).await.unwrap());
    assert_eq!(desk.counts(tag), (1, 1));
}

#[tokio::test]
async fn a_trigger_that_names_something_unknown_changes_nothing() {
    let desk = Desk::new();
    let tag = desk.interaction_tag("中秋").await;
    let wang = desk.store.some_member();
    let error = desk.trigger(999.into(), tag, None).await.unwrap_err();
    assert_eq!(error.code(), "member_not_found");
    let error = desk.trigger(wang, 999.into(), None).await.unwrap_err();
    assert_eq!(error.code(), "tag_not_found");
    let nowhere = Some(CampaignId::new(999));
    let error = desk.trigger(wang, tag, nowhere).await.unwrap_err();
    assert_eq!(fields(&error), ["campaign_id"]);
    assert_eq!(desk.counts(tag), (0, 0));
    assert!(desk.store.trigger_logs().is_empty());
}
