use crate::samples::{at, begin, campaign, commit, friend, friends, tag, tags};
use crm_campaigns::{Audience, IncludeMode};
use crm_database::Database;
use crm_kernel::{Actor, MemberId, MessageId, PageRequest, TagId};
use crm_tags::{
    CreateTag, TagError, TagFilter, TagKind, TagQueries, Touched, Trigger, TriggerSource,
};

crate::contract!(
    a_member_tag_name_is_unique_however_it_is_typed,
    counters_equal_the_rows_however_many_write_at_once,
    a_tap_counts_once_for_member_tag_and_campaign,
    one_unknown_tag_puts_none_on,
    what_still_names_a_tag_is_told,
    a_deleted_tag_is_taken_off_and_its_log_stays,
    the_log_of_a_tag_is_told_newest_first_along_its_index,
    many_tags_go_on_and_off_and_are_counted,
    tags_are_found_by_the_names_that_are_compared,
    two_who_feed_one_name_make_one_tag,
);

async fn count(db: &Database, id: TagId) -> u64 {
    db.detail(id).await.unwrap().unwrap().member_count
}

async fn wearers(db: &Database, members: &[MemberId], tag: TagId) -> u64 {
    let mut wearers = 0;
    for member in members {
        let worn = TagQueries::of_member(db, *member).await.unwrap();
        wearers += u64::from(worn.iter().any(|t| t.id == tag));
    }
    wearers
}

async fn a_member_tag_name_is_unique_however_it_is_typed(db: Database) {
    tag(&db, "VIP", TagKind::Member).await;
    let again = CreateTag {
        name: " ｖｉｐ ".into(),
        kind: TagKind::Member,
        source: None,
        description: None,
        campaign_id: None,
    };
    let refused = tags(&db).create(&Actor::System, again).await;
    assert!(matches!(refused, Err(TagError::Duplicate)));
    tag(&db, "VIP", TagKind::Interaction).await;
    let page = PageRequest::new(1, 10).unwrap();
    for typed in ["vi", " ＶＩ", "Ip"] {
        let filter = TagFilter {
            search: Some(typed.into()),
            ..TagFilter::default()
        };
        assert_eq!(TagQueries::list(&db, &filter, page).await.unwrap().total, 2);
    }
}

async fn counters_equal_the_rows_however_many_write_at_once(db: Database) {
    let vip = tag(&db, "VIP", TagKind::Member).await;
    let members = friends(&db, 8).await;
    let writers = (0..32).map(|i| {
        let (tags, member) = (tags(&db), members[i % members.len()]);
        async move {
            loop {
                let done = if i % 3 == 2 {
                    tags.remove(&Actor::System, member, vip).await.map(|_| ())
                } else {
                    tags.assign(&Actor::System, member, &[vip]).await
                };
                match done {
                    Ok(()) => return,
                    // Two writers met; the loser tries again, as the edges do.
                    Err(TagError::Store(crm_kernel::StoreError::Busy(_))) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
    });
    futures::future::join_all(writers).await;
    assert_eq!(count(&db, vip).await, wearers(&db, &members, vip).await);
}

async fn a_tap_counts_once_for_member_tag_and_campaign(db: Database) {
    let tag_id = tag(&db, "中秋活動", TagKind::Interaction).await;
    let member = friend(&db, "U1", at(0)).await;
    let (first, second) = (
        campaign(&db, Audience::All).await.id(),
        campaign(&db, Audience::All).await.id(),
    );
    for (campaign, source, counts) in [
        (Some(first), TriggerSource::Click, true),
        (Some(first), TriggerSource::Click, false),
        (Some(second), TriggerSource::Interaction, true),
        (None, TriggerSource::Manual, false),
    ] {
        let mut tx = begin(&db).await;
        let trigger = Trigger {
            member,
            tag: tag_id,
            campaign,
            message: None,
            touched: None,
            source,
            at: at(1),
        };
        assert_eq!(
            tags(&db).trigger_in(&mut *tx, trigger).await.unwrap(),
            counts
        );
        commit(tx).await;
    }
    let row = db.detail(tag_id).await.unwrap().unwrap();
    assert_eq!((row.trigger_count, row.member_count), (2, 1));
}

async fn one_unknown_tag_puts_none_on(db: Database) {
    let vip = tag(&db, "VIP", TagKind::Member).await;
    let member = friend(&db, "U1", at(0)).await;
    let unknown = TagId::new(999);
    let refused = tags(&db)
        .assign(&Actor::System, member, &[vip, unknown])
        .await;
    assert!(matches!(refused, Err(TagError::Invalid(_))));
    assert_eq!(count(&db, vip).await, 0);
    assert_eq!(wearers(&db, &[member], vip).await, 0);
}

async fn what_still_names_a_tag_is_told(db: Database) {
    let vip = tag(&db, "VIP", TagKind::Member).await;
    let other = tag(&db, "商務客", TagKind::Member).await;
    let audience = Audience::Tags {
        include_tags: vec![vip],
        exclude_tags: vec![],
        include_mode: IncludeMode::All,
    };
    let campaign = campaign(&db, audience).await.id();
    let mut tx = begin(&db).await;
    assert_eq!(tx.tags().uses(vip).await.unwrap().campaigns, [campaign]);
    assert!(tx.tags().uses(other).await.unwrap().is_empty());
    drop(tx);
    let refused = tags(&db).delete(&Actor::System, vip, false).await;
    assert!(matches!(refused, Err(TagError::InUse(_))));
}

async fn a_deleted_tag_is_taken_off_and_its_log_stays(db: Database) {
    let vip = tag(&db, "VIP", TagKind::Member).await;
    let member = friend(&db, "U1", at(0)).await;
    tags(&db)
        .assign(&Actor::System, member, &[vip])
        .await
        .unwrap();
    tags(&db).delete(&Actor::System, vip, false).await.unwrap();
    assert!(TagQueries::of_member(&db, member).await.unwrap().is_empty());
    assert!(TagQueries::detail(&db, vip).await.unwrap().is_none());
}

async fn the_log_of_a_tag_is_told_newest_first_along_its_index(db: Database) {
    let id = tag(&db, "中秋活動", TagKind::Interaction).await;
    let (member, gone) = (
        friend(&db, "U1", at(0)).await,
        friend(&db, "U2", at(0)).await,
    );
    let campaign = campaign(&db, Audience::All).await.id();
    let touched = Touched {
        item: 2,
        label: Some("立即訂房".into()),
    };
    let message = MessageId::new(9);
    for (member, campaign, message, touched, minute) in [
        (member, Some(campaign), None, Some(touched.clone()), 1),
        (gone, Some(campaign), None, None, 2),
        (member, None, Some(message), Some(touched.clone()), 3),
        (member, None, Some(message), None, 4),
        (member, None, Some(MessageId::new(10)), None, 3),
    ] {
        let mut tx = begin(&db).await;
        let trigger = Trigger {
            member,
            tag: id,
            campaign,
            message,
            touched,
            source: TriggerSource::Interaction,
            at: at(minute),
        };
        tags(&db).trigger_in(&mut *tx, trigger).await.unwrap();
        commit(tx).await;
    }
    let mut tx = begin(&db).await;
    crate::samples::members(&db)
        .delete_in(&mut *tx, &Actor::System, gone)
        .await
        .unwrap();
    commit(tx).await;
    assert_eq!(db.detail(id).await.unwrap().unwrap().trigger_count, 4);
    let of = async |page| {
        let page = PageRequest::new(page, 2).unwrap();
        let page = db.triggers(id, page).await.unwrap();
        assert_eq!(page.total, 4);
        page.items
    };
    let (newest, oldest) = (of(1).await, of(2).await);
    let messages = newest.iter().map(|row| row.message_id);
    assert!(messages.eq([Some(MessageId::new(10)), Some(message)]));
    assert_eq!(
        (&newest[1].touched, newest[1].at),
        (&Some(touched.clone()), at(3))
    );
    assert!(oldest[0].member.is_none(), "deleted since");
    assert_eq!(oldest[1].member.as_ref().unwrap().id, member);
    assert_eq!(oldest[1].campaign.as_ref().unwrap().title, "中秋送禮");
    assert_eq!(oldest[1].touched, Some(touched));
    let page = PageRequest::new(1, 20).unwrap();
    let steps = db.explain_tag_triggers(id, page).await.unwrap();
    let found = steps.iter().any(|s| s.contains("ix_tag_trigger_logs_tag"));
    assert!(found, "{steps:?}");
}

async fn many_tags_go_on_and_off_and_are_counted(db: Database) {
    let (vip, often) = (
        tag(&db, "VIP", TagKind::Member).await,
        tag(&db, "常客", TagKind::Member).await,
    );
    let members = friends(&db, 3).await;
    let [one, two, three] = members[..] else {
        panic!("three friends");
    };
    tags(&db).assign(&Actor::System, one, &[vip]).await.unwrap();
    let nobody = MemberId::new(999_999);

    let mut tx = begin(&db).await;
    let pairs = [(two, often), (one, vip), (three, vip), (nobody, vip)];
    assert_eq!(tx.tags().wear(&pairs, at(9)).await.unwrap(), 2);
    let worn = tx.tags().worn_among(&members, &[vip, often]).await.unwrap();
    assert_eq!(worn, [(one, vip), (two, often), (three, vip)]);
    let worn = tx.tags().worn_among(&[two, nobody], &[vip]).await.unwrap();
    assert_eq!(worn, []);
    commit(tx).await;
    assert_eq!((count(&db, vip).await, count(&db, often).await), (2, 1));
    let since = TagQueries::of_member(&db, one).await.unwrap();
    assert_ne!(since[0].tagged_at, at(9), "worn before");

    let mut tx = begin(&db).await;
    let pairs = [(one, vip), (one, often), (two, often), (nobody, often)];
    assert_eq!(tx.tags().take_off(&pairs).await.unwrap(), 2);
    assert_eq!(tx.tags().wear(&[], at(9)).await.unwrap(), 0);
    assert_eq!(tx.tags().take_off(&[]).await.unwrap(), 0);
    commit(tx).await;
    assert_eq!((count(&db, vip).await, count(&db, often).await), (1, 0));
    assert_eq!(wearers(&db, &members, vip).await, 1);

    let mut tx = begin(&db).await;
    let gone = tx.tags().wear(&[(one, TagId::new(999_999))], at(9)).await;
    assert!(matches!(gone, Err(crm_kernel::StoreError::Reference)));
}

async fn tags_are_found_by_the_names_that_are_compared(db: Database) {
    let vip = tag(&db, "ＶＩＰ", TagKind::Member).await;
    let often = tag(&db, "常客", TagKind::Member).await;
    tag(&db, "VIP", TagKind::Interaction).await;
    let mut tx = begin(&db).await;
    let keys = ["常客", "vip", "nobody's"].map(str::to_owned);
    let scope = crm_tags::NameScope::Member;
    let found = tx.tags().find_named(scope, &keys).await.unwrap();
    let found: Vec<TagId> = found.iter().map(crm_tags::Tag::id).collect();
    assert_eq!(found, [vip, often]);
    assert!(tx.tags().find_named(scope, &[]).await.unwrap().is_empty());
}

async fn two_who_feed_one_name_make_one_tag(db: Database) {
    let members = friends(&db, 6).await;
    let feeders = members.iter().map(|member| {
        let db = &db;
        async move {
            let wanted = [crm_tags::FedTag {
                member: *member,
                name: "VIP",
                is_worn: true,
            }];
            loop {
                let mut tx = begin(db).await;
                match crm_tags::feed_tags(&mut *tx, &wanted, at(1)).await {
                    Ok(fed) => {
                        commit(tx).await;
                        return fed.put_on;
                    }
                    Err(TagError::Store(crm_kernel::StoreError::Busy(_))) => drop(tx),
                    Err(error) => panic!("{error:?}"),
                }
            }
        }
    });
    let put_on = futures::future::join_all(feeders).await;
    assert_eq!(put_on.iter().sum::<u64>(), 6);
    let page = PageRequest::new(1, 10).unwrap();
    let all = TagQueries::list(&db, &TagFilter::default(), page)
        .await
        .unwrap();
    assert_eq!((all.total, all.items[0].member_count), (1, 6));
}
