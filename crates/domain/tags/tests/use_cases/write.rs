use crate::desk::{Desk, STAFF, fields, named};
use chrono::TimeDelta;
use crm_campaigns::{Audience, IncludeMode};
use crm_kernel::{CampaignId, DomainError, ErrorKind, Patch, StoreError, TagId};
use crm_tags::{CreateTag, Tag, TagError, TagKind, TagSource, UpdateTag};

async fn update(desk: &Desk, id: TagId, change: UpdateTag) -> Result<Tag, TagError> {
    desk.clock.advance(TimeDelta::minutes(1));
    desk.tags.update(&STAFF, id, change).await
}

fn rename(name: &str) -> UpdateTag {
    UpdateTag {
        name: Patch::Set(name.to_owned()),
        ..UpdateTag::default()
    }
}

fn of_campaign(name: &str, campaign: CampaignId) -> CreateTag {
    CreateTag {
        campaign_id: Some(campaign),
        ..named(name, TagKind::Interaction)
    }
}

#[tokio::test]
async fn a_new_tag_is_the_staffs_and_worn_by_nobody() {
    let desk = Desk::new();
    let command = CreateTag {
        description: Some(" 住宿三次以上 ".to_owned()),
        ..named(" VIP會員 ", TagKind::Member)
    };
    let tag = desk.create(command).await.unwrap();
    assert_eq!(desk.store.tag(tag.id()), Some(tag.clone()));
    let record = tag.record();
    assert_eq!(record.name.as_str(), "VIP會員");
    assert_eq!(record.source, TagSource::Manual);
    assert_eq!(
        record.description.as_ref().unwrap().as_str(),
        "住宿三次以上"
    );
    assert_eq!(desk.counts(tag.id()), (0, 0));
}

#[tokio::test]
async fn member_tag_names_are_unique_however_they_are_typed() {
    let desk = Desk::new();
    desk.member_tag("VIP會員").await;
    for name in ["VIP會員", " vip會員", "ＶＩＰ會員"] {
        let error = desk.create(named(name, TagKind::Member)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert_eq!(error.code(), "tag_duplicate");
        assert_eq!(fields(&error), ["name"]);
    }
    desk.interaction_tag("VIP會員").await;
}

#[tokio::test]
async fn interaction_tag_names_are_unique_within_their_campaign() {
    let desk = Desk::new();
    let (autumn, winter) = (
        desk.store.some_campaign(Audience::All),
        desk.store.some_campaign(Audience::All),
    );
    desk.interaction_tag("中秋").await;
    desk.create(of_campaign("中秋", autumn)).await.unwrap();
    desk.create(of_campaign("中秋", winter)).await.unwrap();
    for again in [
        of_campaign("中秋", autumn),
        named("中秋", TagKind::Interaction),
    ] {
        assert_eq!(
            desk.create(again).await.unwrap_err().code(),
            "tag_duplicate"
        );
    }
}

#[tokio::test]
async fn every_mistake_is_named_at_once() {
    let desk = Desk::new();
    let wrong = CreateTag {
        description: Some("字".repeat(201)),
        campaign_id: Some(CampaignId::new(1)),
        ..named("甲,乙", TagKind::Member)
    };
    let error = desk.create(wrong).await.unwrap_err();
    assert_eq!(error.code(), "tag_invalid");
    assert_eq!(fields(&error), ["name", "description", "campaign_id"]);

    let unknown = of_campaign("中秋", CampaignId::new(999));
    let error = desk.create(unknown).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(fields(&error), ["campaign_id"]);
}

#[tokio::test]
async fn a_renamed_tag_keeps_its_members_and_its_counts() {
    let desk = Desk::new();
    let member = desk.store.some_member();
    let id = desk.member_tag("VIP").await;
    desk.assign(member, &[id]).await.unwrap();
    let tag = update(&desk, id, rename("貴賓")).await.unwrap();
    assert_eq!(tag.id(), id);
    assert_eq!(tag.record().updated_at, Some(desk.at(1)));
    assert_eq!(desk.store.tag(id), Some(tag));
    assert_eq!(desk.counts(id), (1, 0));
    assert_eq!(desk.store.trigger_logs()[0].tag_name, "VIP");
    // The old name is free again, and its own name is no obstacle to a tag.
    desk.member_tag("VIP").await;
    update(&desk, id, rename(" 貴賓 ")).await.unwrap();
    let error = update(&desk, id, rename("vip")).await.unwrap_err();
    assert_eq!(error.code(), "tag_duplicate");
}

#[tokio::test]
async fn kind_and_source_may_be_repeated_but_not_changed() {
    let desk = Desk::new();
    let id = desk.member_tag("VIP").await;
    let before = desk.store.tag(id);
    let same = UpdateTag {
        kind: Some(TagKind::Member),
        source: Some(TagSource::Manual),
        ..rename("VIP")
    };
    update(&desk, id, same).await.unwrap();
    assert_eq!(desk.store.tag(id), before);

    let other = UpdateTag {
        name: Patch::Clear,
        kind: Some(TagKind::Interaction),
        source: Some(TagSource::Api),
        ..UpdateTag::default()
    };
    let error = update(&desk, id, other).await.unwrap_err();
    assert_eq!(fields(&error), ["name", "type", "source"]);
}

#[tokio::test]
async fn the_campaign_of_an_interaction_tag_is_set_once() {
    let desk = Desk::new();
    let (autumn, winter) = (
        desk.store.some_campaign(Audience::All),
        desk.store.some_campaign(Audience::All),
    );
    let id = desk.interaction_tag("中秋").await;
    let of = |campaign_id| UpdateTag {
        campaign_id,
        ..UpdateTag::default()
    };
    update(&desk, id, of(Patch::Set(autumn))).await.unwrap();
    update(&desk, id, of(Patch::Set(autumn))).await.unwrap();
    for change in [Patch::Set(winter), Patch::Clear] {
        let error = update(&desk, id, of(change)).await.unwrap_err();
        assert_eq!(fields(&error), ["campaign_id"]);
    }
    let member_tag = desk.member_tag("VIP").await;
    let error = update(&desk, member_tag, of(Patch::Set(autumn))).await;
    assert_eq!(fields(&error.unwrap_err()), ["campaign_id"]);
}

#[tokio::test]
async fn an_unknown_tag_is_neither_changed_nor_deleted() {
    let desk = Desk::new();
    let error = update(&desk, 999.into(), rename("VIP")).await.unwrap_err();
    assert_eq!(error.code(), "tag_not_found");
    let error = desk.tags.delete(&STAFF, 999.into(), true).await;
    assert_eq!(error.unwrap_err().code(), "tag_not_found");
}

#[tokio::test]
async fn a_deleted_tag_leaves_its_members_and_its_name_in_the_log() {
    let desk = Desk::new();
    let member = desk.store.some_member();
    let id = desk.member_tag("VIP").await;
    desk.assign(member, &[id]).await.unwrap();
    desk.tags.delete(&STAFF, id, false).await.unwrap();
    assert_eq!(desk.store.tag(id), None);
    assert!(desk.store.wearers(id).is_empty());
    assert_eq!(desk.store.trigger_logs()[0].tag_name, "VIP");
}

#[tokio::test]
async fn a_tag_that_an_unsent_campaign_names_is_only_deleted_by_force() {
    let desk = Desk::new();
    let id = desk.member_tag("VIP").await;
    let campaign = desk.store.some_campaign(Audience::Tags {
        include_tags: Vec::new(),
        exclude_tags: vec![id],
        include_mode: IncludeMode::All,
    });
    let error = desk.tags.delete(&STAFF, id, false).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(error.code(), "tag_in_use");
    let details = error.details().unwrap();
    assert_eq!(details["campaign_ids"][0], campaign.get());
    assert_eq!(details["template_ids"].as_array().unwrap().len(), 0);
    assert!(desk.store.tag(id).is_some());

    desk.tags.delete(&STAFF, id, true).await.unwrap();
    assert_eq!(desk.store.tag(id), None);
}

#[test]
fn a_lost_race_is_told_like_the_friendly_check() {
    let error = TagError::from(StoreError::Duplicate { key: "tag_name" });
    assert_eq!(error.code(), "tag_duplicate");
    assert_eq!(fields(&error), ["name"]);
}
