//! Tags on many members at once.

use crate::samples::{at, friends, members, number, tag, tags};
use crm_accounts::{AuditFilter, AuditQueries};
use crm_database::Database;
use crm_kernel::{Actor, MemberId, PageRequest, Patch, StoreError, TagId};
use crm_members::{Gender, MemberFilter, MemberSearch, RegisterMember, TagsMode, UpdateMember};
use crm_tags::{TagError, TagKind, TagQueries};
use crm_tests::MovedClock;
use crm_workflows::{BulkTagged, BulkTagging, BulkTags, BulkWhom, MAX_BULK_MEMBERS, MAX_BULK_TAGS};
use std::sync::Arc;

crate::contract!(
    those_named_wear_it_and_only_those_who_did_not_are_counted,
    a_filter_means_whom_the_list_shows,
    tags_in_the_filter_are_asked_before_any_is_taken_off,
    what_is_unknown_or_too_much_is_told_and_nothing_is_done,
    a_change_leaves_one_line_in_the_audit_log_and_nothing_leaves_none,
    counters_equal_the_rows_however_many_tag_at_once,
    a_filter_whose_answer_changes_meanwhile_counts_right,
    tags_of_the_hotels_own_systems_are_neither_put_on_nor_taken_off,
);

fn bulk(db: &Database) -> BulkTagging {
    let clock = MovedClock::at(at(5));
    BulkTagging::new(Arc::new(db.clone()), Arc::new(clock))
}

async fn tagging(db: &Database, command: BulkTags) -> Result<BulkTagged, TagError> {
    loop {
        match bulk(db).tag(&Actor::System, &command).await {
            // Two writers met; the loser tries again, as the edges do.
            Err(TagError::Store(StoreError::Busy(_))) => {}
            other => return other,
        }
    }
}

fn named(members: &[MemberId], add: &[TagId], remove: &[TagId]) -> BulkTags {
    BulkTags {
        whom: BulkWhom::Members(members.to_vec()),
        add: add.to_vec(),
        remove: remove.to_vec(),
    }
}

fn matching(filter: MemberFilter, add: &[TagId], remove: &[TagId]) -> BulkTags {
    BulkTags {
        whom: BulkWhom::Matching(filter),
        ..named(&[], add, remove)
    }
}

fn tagged(members: u64, added: u64, removed: u64) -> BulkTagged {
    BulkTagged {
        members,
        added,
        removed,
    }
}

fn women() -> MemberFilter {
    MemberFilter {
        gender: Some(Gender::Female),
        ..MemberFilter::default()
    }
}

async fn worn(db: &Database, member: MemberId) -> Vec<TagId> {
    let worn = TagQueries::of_member(db, member).await.unwrap();
    worn.into_iter().map(|tag| tag.id).collect()
}

/// The counter, which must be the number of rows.
async fn wearers(db: &Database, tag: TagId) -> i64 {
    let rows = format!("SELECT COUNT(*) FROM member_tag_relations WHERE tag_id = {tag}");
    let rows = number(db, &rows).await;
    let row = TagQueries::detail(db, tag).await.unwrap().unwrap();
    assert_eq!(i64::try_from(row.member_count).unwrap(), rows);
    rows
}

fn faults(result: Result<BulkTagged, TagError>) -> Vec<String> {
    match result {
        Err(TagError::Invalid(fields)) => fields.into_iter().map(|f| f.field).collect(),
        other => panic!("{other:?}"),
    }
}

async fn those_named_wear_it_and_only_those_who_did_not_are_counted(db: Database) {
    let [vip, old] = [
        tag(&db, "VIP", TagKind::Member).await,
        tag(&db, "舊客", TagKind::Member).await,
    ];
    let ids = friends(&db, 5).await;
    tags(&db)
        .assign(&Actor::System, ids[0], &[vip, old])
        .await
        .unwrap();
    tags(&db)
        .assign(&Actor::System, ids[4], &[old])
        .await
        .unwrap();
    let twice = [ids[0], ids[1], ids[1], ids[2]];
    let done = tagging(&db, named(&twice, &[vip, vip], &[old]))
        .await
        .unwrap();
    assert_eq!(done, tagged(3, 2, 1));
    for (member, wears) in [(0, vec![vip]), (1, vec![vip]), (3, vec![]), (4, vec![old])] {
        assert_eq!(worn(&db, ids[member]).await, wears);
    }
    assert_eq!((wearers(&db, vip).await, wearers(&db, old).await), (3, 1));
    let lines = "SELECT COUNT(*) FROM tag_trigger_logs WHERE trigger_source = 'manual'";
    assert_eq!(
        number(&db, lines).await,
        5,
        "each putting on is written down once"
    );
    let again = tagging(&db, named(&twice, &[vip], &[old])).await.unwrap();
    assert_eq!(again, tagged(3, 0, 0));
    assert_eq!(number(&db, lines).await, 5);
    let row = TagQueries::detail(&db, vip).await.unwrap().unwrap();
    assert_eq!(row.trigger_count, 0, "staff never trigger");
}

async fn guest(db: &Database, name: &str, gender: Option<Gender>) -> MemberId {
    let new = RegisterMember {
        first_name: Some(name.into()),
        gender,
        ..RegisterMember::default()
    };
    let member = members(db).register(&Actor::System, new).await;
    member.unwrap().id()
}

async fn a_filter_means_whom_the_list_shows(db: Database) {
    let vip = tag(&db, "VIP", TagKind::Member).await;
    let mei = guest(&db, "美𠮷", Some(Gender::Female)).await;
    let ann = guest(&db, "Ann_50%", Some(Gender::Female)).await;
    let ming = guest(&db, "小明", Some(Gender::Male)).await;
    let searching = |text| MemberFilter {
        search: MemberSearch::new(text),
        ..MemberFilter::default()
    };
    for (filter, wearing) in [
        (searching("𠮷"), vec![mei]),
        (searching("n_5"), vec![ann]),
        (women(), vec![mei, ann]),
        (searching("'; DELETE FROM tags; --"), vec![]),
        (searching("明"), vec![ming]),
    ] {
        let n = wearing.len() as u64;
        let on = tagging(&db, matching(filter.clone(), &[vip], &[]))
            .await
            .unwrap();
        assert_eq!(on, tagged(n, n, 0));
        for member in [mei, ann, ming] {
            let wears = worn(&db, member).await == [vip];
            assert_eq!(wears, wearing.contains(&member));
        }
        let off = tagging(&db, matching(filter, &[], &[vip])).await.unwrap();
        assert_eq!(off, tagged(n, 0, n));
        assert_eq!(wearers(&db, vip).await, 0);
    }
}

async fn tags_in_the_filter_are_asked_before_any_is_taken_off(db: Database) {
    let [one, two] = [
        tag(&db, "一", TagKind::Member).await,
        tag(&db, "二", TagKind::Member).await,
    ];
    let ids = friends(&db, 3).await;
    tagging(&db, named(&ids[..2], &[one, two], &[]))
        .await
        .unwrap();
    tagging(&db, named(&ids[2..], &[one], &[])).await.unwrap();
    let both = MemberFilter {
        tags: vec![one, two],
        tags_mode: TagsMode::All,
        ..MemberFilter::default()
    };
    let done = tagging(&db, matching(both, &[], &[one, two]))
        .await
        .unwrap();
    assert_eq!(done, tagged(2, 0, 4));
    assert_eq!((wearers(&db, one).await, wearers(&db, two).await), (1, 0));
}

async fn what_is_unknown_or_too_much_is_told_and_nothing_is_done(db: Database) {
    let vip = tag(&db, "VIP", TagKind::Member).await;
    let ids = friends(&db, 2).await;
    let (nobody, nothing) = (MemberId::new(999_999), TagId::new(999_999));
    let negative = MemberId::new(-1);
    let many = vec![ids[0]; MAX_BULK_MEMBERS + 1];
    let lots = vec![vip; MAX_BULK_TAGS + 1];
    for (command, fields) in [
        (
            named(&[ids[0], nobody, ids[1], nobody], &[vip], &[]),
            vec!["member_ids[1]", "member_ids[3]"],
        ),
        (named(&[negative], &[vip], &[]), vec!["member_ids[0]"]),
        (named(&ids, &[vip, nothing], &[nothing]), vec!["remove[0]"]),
        (named(&ids, &[vip, nothing], &[]), vec!["add[1]"]),
        (named(&ids, &[], &[nothing]), vec!["remove[0]"]),
        (named(&ids, &[vip], &[vip]), vec!["remove[0]"]),
        (named(&ids, &[], &[]), vec!["add"]),
        (named(&[], &[vip], &[]), vec!["member_ids"]),
        (named(&many, &[vip], &[]), vec!["member_ids"]),
        (named(&ids, &lots, &[]), vec!["add"]),
        (named(&ids, &[], &lots), vec!["remove"]),
        (
            matching(MemberFilter::default(), &[vip], &[]),
            vec!["filter"],
        ),
    ] {
        assert_eq!(faults(tagging(&db, command).await), fields);
    }
    assert_eq!(wearers(&db, vip).await, 0);
    let most = vec![ids[0]; MAX_BULK_MEMBERS];
    let done = tagging(&db, named(&most, &[vip; MAX_BULK_TAGS], &[]))
        .await
        .unwrap();
    assert_eq!(done, tagged(1, 1, 0));
}

async fn a_change_leaves_one_line_in_the_audit_log_and_nothing_leaves_none(db: Database) {
    let vip = tag(&db, "VIP", TagKind::Member).await;
    guest(&db, "秘密", None).await;
    let secret = MemberFilter {
        search: MemberSearch::new("秘密"),
        ..MemberFilter::default()
    };
    for _ in 0..2 {
        tagging(&db, matching(secret.clone(), &[vip], &[]))
            .await
            .unwrap();
    }
    let filter = AuditFilter {
        action: Some("members.bulk_tagged".into()),
        ..AuditFilter::default()
    };
    let page = PageRequest::new(1, 10).unwrap();
    let log = AuditQueries::list(&db, &filter, page).await.unwrap();
    let [entry] = &log.items[..] else {
        panic!("{} entries", log.items.len())
    };
    assert_eq!(entry.after["members"], 1);
    let told = serde_json::Value::from(entry.after.clone()).to_string();
    assert!(!told.contains("秘密"), "{told}");
}

async fn counters_equal_the_rows_however_many_tag_at_once(db: Database) {
    let [vip, old] = [
        tag(&db, "VIP", TagKind::Member).await,
        tag(&db, "舊客", TagKind::Member).await,
    ];
    let ids = friends(&db, 8).await;
    let racers = (0..32).map(|i: usize| {
        let (db, some) = (db.clone(), &ids[i % 4..i % 4 + 4]);
        async move {
            let both = &[vip, old];
            let single = tags(&db);
            let done = match i % 5 {
                0 => tagging(&db, named(some, both, &[])).await.map(|_| ()),
                1 => tagging(&db, named(some, &[vip], &[old])).await.map(|_| ()),
                2 => tagging(&db, named(some, &[], both)).await.map(|_| ()),
                3 => single.assign(&Actor::System, some[0], both).await,
                _ => single
                    .remove(&Actor::System, some[1], vip)
                    .await
                    .map(|_| ()),
            };
            match done {
                Ok(()) | Err(TagError::Store(StoreError::Busy(_))) => {}
                Err(error) => panic!("{error}"),
            }
        }
    });
    futures::future::join_all(racers).await;
    wearers(&db, vip).await;
    wearers(&db, old).await;
}

/// Guests become women and men, come and go, while all women are tagged and untagged.
async fn a_filter_whose_answer_changes_meanwhile_counts_right(db: Database) {
    let vip = tag(&db, "VIP", TagKind::Member).await;
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(guest(&db, "客", Some(Gender::Female)).await);
    }
    for turn in 0..6 {
        let bulk = (0..8).map(|i| {
            let command = if i % 2 == 0 {
                matching(women(), &[vip], &[])
            } else {
                matching(women(), &[], &[vip])
            };
            tagging(&db, command)
        });
        let change = ids.iter().enumerate().map(|(i, id)| {
            let members = members(&db);
            let gender = if (i + turn) % 2 == 0 {
                Gender::Male
            } else {
                Gender::Female
            };
            async move {
                let change = UpdateMember {
                    gender: Patch::Set(gender),
                    ..UpdateMember::default()
                };
                // Whoever loses against another writer changes nothing.
                let _ = members.update(&Actor::System, *id, change).await;
            }
        });
        let arrive = (0..4).map(|_| guest(&db, "新", Some(Gender::Female)));
        let (done, _, _) = tokio::join!(
            futures::future::join_all(bulk),
            futures::future::join_all(change),
            futures::future::join_all(arrive),
        );
        for result in done {
            result.unwrap();
        }
        wearers(&db, vip).await;
    }
}

async fn tags_of_the_hotels_own_systems_are_neither_put_on_nor_taken_off(db: Database) {
    let members = friends(&db, 2).await;
    let own = tag(&db, "貴賓", TagKind::Member).await;
    let wanted = [crm_tags::FedTag {
        member: members[0],
        name: "VIP",
        is_worn: true,
    }];
    let mut tx = crate::samples::begin(&db).await;
    crm_tags::feed_tags(&mut *tx, &wanted, at(1)).await.unwrap();
    crate::samples::commit(tx).await;
    let vip = TagQueries::of_member(&db, members[0]).await.unwrap()[0].id;
    for (add, remove) in [(&[own, vip][..], &[][..]), (&[own], &[vip])] {
        let refused = tagging(&db, named(&members, add, remove)).await;
        assert!(matches!(refused, Err(TagError::ReadOnly(ids)) if ids == [vip]));
    }
    let worn = TagQueries::of_member(&db, members[0]).await.unwrap();
    assert_eq!(worn.iter().map(|tag| tag.id).collect::<Vec<_>>(), [vip]);
    let worn = TagQueries::of_member(&db, members[1]).await.unwrap();
    assert!(worn.is_empty());
}
