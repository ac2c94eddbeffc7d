use crate::desk::{Desk, STAFF, fields};
use crm_kernel::{DomainError, TagId};
use crm_tags::{MAX_TAGS_AT_ONCE, TriggerSource};

#[tokio::test]
async fn counts_equal_rows_after_putting_on_and_taking_off() {
    let desk = Desk::new();
    let (vip, autumn) = (
        desk.member_tag("VIP").await,
        desk.interaction_tag("中秋").await,
    );
    let (wang, li) = (desk.store.some_member(), desk.store.some_member());
    desk.assign(wang, &[vip, autumn]).await.unwrap();
    desk.assign(li, &[vip]).await.unwrap();
    assert_eq!((desk.counts(vip), desk.counts(autumn)), ((2, 0), (1, 0)));

    assert!(desk.tags.remove(&STAFF, wang, vip).await.unwrap());
    assert_eq!(desk.counts(vip), (1, 0));
    assert!(!desk.tags.remove(&STAFF, wang, vip).await.unwrap());
    assert_eq!(desk.counts(vip), (1, 0));
    assert_eq!(desk.store.wearers(vip), [li]);
}

#[tokio::test]
async fn a_tag_named_twice_or_worn_already_changes_nothing() {
    let desk = Desk::new();
    let vip = desk.member_tag("VIP").await;
    let wang = desk.store.some_member();
    desk.assign(wang, &[vip, vip]).await.unwrap();
    desk.assign(wang, &[vip]).await.unwrap();
    assert_eq!(desk.counts(vip), (1, 0));
    assert_eq!(desk.store.trigger_logs().len(), 1);
}

#[tokio::test]
async fn one_unknown_tag_is_named_by_its_place_and_nothing_is_put_on() {
    let desk = Desk::new();
    let vip = desk.member_tag("VIP").await;
    let wang = desk.store.some_member();
    let tags = [vip, TagId::new(998), vip, TagId::new(999)];
    let error = desk.assign(wang, &tags).await.unwrap_err();
    assert_eq!(error.code(), "tag_invalid");
    assert_eq!(fields(&error), ["tag_ids[1]", "tag_ids[3]"]);
    assert_eq!(desk.counts(vip), (0, 0));
    assert!(desk.store.trigger_logs().is_empty());
}

#[tokio::test]
async fn no_tags_and_too_many_are_refused() {
    let desk = Desk::new();
    let wang = desk.store.some_member();
    let many = vec![TagId::new(1); MAX_TAGS_AT_ONCE + 1];
    for tags in [&[][..], &many] {
        let error = desk.assign(wang, tags).await.unwrap_err();
        assert_eq!(fields(&error), ["tag_ids"]);
    }
}

#[tokio::test]
async fn an_unknown_member_and_an_unknown_tag_are_told_apart() {
    let desk = Desk::new();
    let vip = desk.member_tag("VIP").await;
    let wang = desk.store.some_member();
    let error = desk.assign(999.into(), &[vip]).await.unwrap_err();
    assert_eq!(error.code(), "member_not_found");
    let error = desk.tags.remove(&STAFF, 999.into(), vip).await.unwrap_err();
    assert_eq!(error.code(), "member_not_found");
    let error = desk.tags.remove(&STAFF, wang, 999.into()).await;
    assert_eq!(error.unwrap_err().code(), "tag_not_found");
}

#[tokio::test]
async fn what_staff_put_on_is_logged_and_never_counts_as_triggered() {
    let desk = Desk::new();
    let autumn = desk.interaction_tag("中秋").await;
    let wang = desk.store.some_member();
    desk.assign(wang, &[autumn]).await.unwrap();
    let logs = desk.store.trigger_logs();
    assert_eq!(logs[0].source, TriggerSource::Manual);
    assert_eq!((logs[0].member, logs[0].tag), (wang, autumn));
    assert_eq!(desk.counts(autumn), (1, 0));
    // The same member's own tap still counts.
    assert!(desk.trigger(wang, autumn, None).await.unwrap());
    assert_eq!(desk.counts(autumn), (1, 1));
}

#[tokio::test]
async fn a_member_who_is_forgotten_wears_nothing_and_the_counts_know() {
    let desk = Desk::new();
    let (vip, autumn) = (
        desk.member_tag("VIP").await,
        desk.interaction_tag("中秋").await,
    );
    let (wang, li) = (desk.store.some_member(), desk.store.some_member());
    desk.assign(wang, &[vip, autumn]).await.unwrap();
    desk.assign(li, &[vip]).await.unwrap();
    let mut tx = desk.begin().await;
    desk.tags.forget_member_in(&mut *tx, wang).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((desk.counts(vip), desk.counts(autumn)), ((1, 0), (0, 0)));

    let mut tx = desk.begin().await;
    let error = desk.tags.forget_member_in(&mut *tx, 999.into()).await;
    assert_eq!(error.unwrap_err().code(), "member_not_found");
}
