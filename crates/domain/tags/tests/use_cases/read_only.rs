//! Tags that the hotel's own systems keep.

use crate::desk::{Desk, STAFF, named};
use crm_kernel::{DomainError, ErrorKind, MemberId, Patch, TagId};
use crm_tags::{CreateTag, FedTag, TagError, TagKind, TagSource, UpdateTag, feed_tags};
use serde_json::json;

async fn worn_tag(desk: &Desk) -> (MemberId, TagId) {
    let vip = CreateTag {
        source: Some(TagSource::Api),
        ..named("VIP", TagKind::Member)
    };
    let tag = desk.create(vip).await.unwrap().id();
    let member = desk.store.some_member();
    let wears = FedTag {
        member,
        name: "VIP",
        is_worn: true,
    };
    let mut tx = desk.begin().await;
    feed_tags(&mut *tx, &[wears], desk.at(0)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(desk.store.wearers(tag), [member]);
    (member, tag)
}

fn refused<T>(result: Result<T, TagError>, tag: TagId) {
    let Err(error) = result else {
        panic!("must be refused");
    };
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Conflict, "tag_read_only")
    );
    assert_eq!(error.details(), Some(json!({ "tag_ids": [tag] })));
}

#[tokio::test]
async fn staff_cannot_rename_delete_put_on_or_take_off() {
    let desk = Desk::new();
    let (member, tag) = worn_tag(&desk).await;
    let other = desk.store.some_member();
    let own = desk.member_tag("貴賓").await;
    let before = (
        desk.store.tag(tag),
        desk.store.worn_since(),
        desk.store.audit().len(),
    );
    let rename = UpdateTag {
        name: Patch::Set("貴客".to_owned()),
        ..UpdateTag::default()
    };
    refused(desk.tags.update(&STAFF, tag, rename).await, tag);
    for force in [false, true] {
        refused(desk.tags.delete(&STAFF, tag, force).await, tag);
    }
    refused(desk.assign(other, &[own, tag]).await, tag);
    refused(desk.tags.remove(&STAFF, member, tag).await, tag);
    let after = (
        desk.store.tag(tag),
        desk.store.worn_since(),
        desk.store.audit().len(),
    );
    assert_eq!(after, before);
}

#[tokio::test]
async fn staff_may_describe_it_and_repeat_what_it_is() {
    let desk = Desk::new();
    let (_, tag) = worn_tag(&desk).await;
    let describe = UpdateTag {
        name: Patch::Set("VIP".to_owned()),
        source: Some(TagSource::Api),
        description: Patch::Set("由 PMS 維護".to_owned()),
        ..UpdateTag::default()
    };
    let tag = desk.tags.update(&STAFF, tag, describe).await.unwrap();
    let description = tag.record().description.as_ref().unwrap();
    assert_eq!(description.as_str(), "由 PMS 維護");
}
