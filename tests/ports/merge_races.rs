//! What screens show of two members that became one, and merges that meet other writers.

use crate::merges::{Pair, guest, pair, stored};
use crate::messages::{insert, said};
use crate::samples::{
    at, begin, campaign, commit, friend, friends, members, members_on, number, tag, tags,
};
use chrono::NaiveDate;
use crm_campaigns::{Audience, CampaignQueries, PlanRequest, RecipientFilter, Selection};
use crm_database::Database;
use crm_kernel::{
    Actor, CampaignId, HotelTime, MemberId, PageRequest, StoreError, TagId, Transactions,
};
use crm_members::{
    MemberError, MemberFilter, MemberQueries, MemberSearch, MemberSort, MembersTx, NewStay,
    StaySource, TimelineKind,
};
use crm_messages::MessageQueries;
use crm_tags::{TagError, TagKind, TagQueries};
use crm_tests::MovedClock;
use crm_workflows::{BulkTagging, BulkTags, BulkWhom, CrmTx};
use sea_orm::ConnectionTrait;
use std::sync::Arc;

crate::contract!(
    screens_show_one_member_and_then_two_again,
    a_campaign_that_has_both_keeps_both_rows,
    of_many_who_part_them_at_once_one_does,
    of_two_who_merge_them_either_way_one_does,
    counters_equal_the_rows_while_others_tag,
    whoever_is_erased_meanwhile_leaves_nothing_half_done,
);

const ONE: PageRequest = match PageRequest::new(1, 100) {
    Some(page) => page,
    None => panic!("a page"),
};

async fn found(db: &Database, text: &str) -> Vec<MemberId> {
    let filter = MemberFilter {
        search: MemberSearch::new(text),
        ..MemberFilter::default()
    };
    let list = MemberQueries::list(db, &filter, MemberSort::default(), ONE);
    let list = list.await.unwrap();
    assert_eq!(list.total, list.items.len() as u64, "{text}");
    list.items.into_iter().map(|row| row.id).collect()
}

async fn total(db: &Database) -> u64 {
    let all = MemberFilter::default();
    let list = MemberQueries::list(db, &all, MemberSort::default(), ONE);
    let list = list.await.unwrap();
    let rows = number(db, "SELECT COUNT(*) FROM members").await;
    assert_eq!(list.total, rows.unsigned_abs(), "the kept total is right");
    assert_eq!(list.total, list.items.len() as u64);
    list.total
}

async fn arrive(db: &Database, member: MemberId, order_number: &str, day: u32) {
    let mut tx = begin(db).await;
    let stay = NewStay {
        member,
        order_number: order_number.into(),
        room_type: None,
        amount_minor: 100_000,
        check_in_date: NaiveDate::from_ymd_opt(2026, 9, day),
        check_out_date: None,
        nights: Some(1),
        source: StaySource::Manual,
        pms_status: None,
        booked_at: None,
        created_at: at(0),
    };
    tx.members().insert_stay(&stay).await.unwrap();
    commit(tx).await;
}

async fn kinds(db: &Database, member: MemberId) -> Vec<TimelineKind> {
    let asked = (at(0), HotelTime::new(chrono_tz::UTC));
    let page = MemberQueries::timeline(db, member, asked, ONE)
        .await
        .unwrap();
    assert_eq!(page.total, page.items.len() as u64);
    page.items.into_iter().map(|entry| entry.kind).collect()
}

async fn screens_show_one_member_and_then_two_again(db: Database) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&db).await;
    arrive(&db, typed, "OD1", 3).await;
    arrive(&db, friend, "OD2", 4).await;
    insert(&db, &said(friend, "您好", 5)).await;
    let talk = async |id| db.conversation(id, ONE).await.unwrap().total;
    let stays = async |id| MemberQueries::stays(&db, id, ONE).await.unwrap().total;
    let lives = [kinds(&db, typed).await, kinds(&db, friend).await];
    let spent = |id| {
        let db = db.clone();
        async move {
            let detail = MemberQueries::detail(&db, id).await.unwrap();
            detail.map(|detail| detail.consumption_summary)
        }
    };
    let alone = [spent(typed).await, spent(friend).await];
    assert_eq!(total(&db).await, 2);

    let merged = members.merge(&Actor::System, friend, typed).await.unwrap();
    assert_eq!(total(&db).await, 1);
    assert_eq!(found(&db, "王小明").await, [friend]);
    assert_eq!((stays(friend).await, stays(typed).await), (2, 0));
    assert_eq!(talk(friend).await, 1);
    assert_eq!(spent(typed).await, None);
    assert_ne!(spent(friend).await, alone[1]);
    let life = kinds(&db, friend).await;
    let times = |kind| life.iter().filter(|one| **one == kind).count();
    for (kind, n) in [
        (TimelineKind::Stay, 2),
        (TimelineKind::Created, 1),
        (TimelineKind::Followed, 1),
        (TimelineKind::Merged, 1),
    ] {
        assert_eq!(times(kind), n, "{}", kind.as_str());
    }
    assert_eq!(kinds(&db, typed).await, []);

    let undone = members.undo_merge(&Actor::System, merged.merge_id).await;
    undone.unwrap();
    assert_eq!(total(&db).await, 2);
    assert_eq!(found(&db, "王小明").await, [typed]);
    assert_eq!((stays(friend).await, stays(typed).await), (1, 1));
    assert_eq!([kinds(&db, typed).await, kinds(&db, friend).await], lives);
    assert_eq!([spent(typed).await, spent(friend).await], alone);
    let left = number(&db, "SELECT COUNT(*) FROM member_merge_moves").await;
    assert_eq!(left, 0);
}

async fn planned(db: &Database) -> CampaignId {
    let id = campaign(db, Audience::All).await.id();
    let mut tx = begin(db).await;
    let request = PlanRequest {
        campaign_id: id,
        selection: &Selection::everybody(),
        batch_size: 10,
    };
    tx.recipients().plan(&request).await.unwrap();
    commit(tx).await;
    id
}

async fn recipients(db: &Database, id: CampaignId) -> Vec<Option<MemberId>> {
    let all = RecipientFilter::default();
    let list = db.recipients(id, &all, ONE).await.unwrap();
    let mut members: Vec<_> = list
        .items
        .into_iter()
        .map(|row| row.member.map(|member| member.id))
        .collect();
    members.sort_unstable();
    members
}

async fn a_campaign_that_has_both_keeps_both_rows(db: Database) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&db).await;
    let (both, friends) = (planned(&db).await, planned(&db).await);
    let statement = format!(
        "INSERT INTO campaign_recipients (campaign_id, member_id, batch_number, status) \
         SELECT campaign_id, {typed}, batch_number, status FROM campaign_recipients \
         WHERE campaign_id = {both}"
    );
    db.pool().execute_unprepared(&statement).await.unwrap();
    for (kept, from) in [(typed, friend), (friend, typed)] {
        let merged = members.merge(&Actor::System, kept, from).await.unwrap();
        assert_eq!(recipients(&db, both).await, [None, Some(kept)]);
        assert_eq!(recipients(&db, friends).await, [Some(kept)]);
        let undone = members.undo_merge(&Actor::System, merged.merge_id).await;
        undone.unwrap();
        assert_eq!(recipients(&db, both).await, [Some(typed), Some(friend)]);
        assert_eq!(recipients(&db, friends).await, [Some(friend)]);
    }
}

/// Tries again while others are in the way, as the edges do.
async fn persist<T>(attempt: impl AsyncFn() -> Result<T, MemberError>) -> Result<T, MemberError> {
    loop {
        match attempt().await {
            Err(MemberError::Store(StoreError::Busy(_))) => {}
            other => return other,
        }
    }
}

async fn of_many_who_part_them_at_once_one_does(db: Database) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&db).await;
    let merged = members.merge(&Actor::System, typed, friend).await.unwrap();
    let racers =
        (0..8).map(|_| persist(async || members.undo_merge(&Actor::System, merged.merge_id).await));
    let results = futures::future::join_all(racers).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for result in results {
        assert!(matches!(result, Ok(()) | Err(MemberError::Merge(_))));
    }
    assert_eq!(total(&db).await, 2);
}

async fn of_two_who_merge_them_either_way_one_does(db: Database) {
    for turn in 0..8 {
        let clock = MovedClock::at(at(60));
        let desk = members_on(&db, &clock);
        let new = guest("小明", None);
        let typed = desk.register(&Actor::System, new).await.unwrap().id();
        let friend = friend(&db, &format!("U{turn}"), at(0)).await;
        let before = total(&db).await;
        let (one, other) = tokio::join!(
            persist(async || desk.merge(&Actor::System, typed, friend).await),
            persist(async || desk.merge(&Actor::System, friend, typed).await),
        );
        assert!(one.is_ok() != other.is_ok());
        assert_eq!(total(&db).await, before - 1);
        let left = [stored(&db, typed).await, stored(&db, friend).await];
        assert_eq!(left.iter().flatten().count(), 1);
    }
}

async fn counter_and_rows(db: &Database, tag: TagId) -> (i64, i64) {
    let counter = TagQueries::detail(db, tag).await.unwrap().unwrap();
    let rows = format!("SELECT COUNT(*) FROM member_tag_relations WHERE tag_id = {tag}");
    let counter = i64::try_from(counter.member_count).unwrap();
    (counter, number(db, &rows).await)
}

async fn counters_equal_the_rows_while_others_tag(db: Database) {
    let vip = tag(&db, "VIP", TagKind::Member).await;
    let guests = friends(&db, 6).await;
    let mut doubles = Vec::new();
    for _ in &guests {
        let new = guest("小明", None);
        let member = members(&db).register(&Actor::System, new).await.unwrap();
        doubles.push(member.id());
    }
    let everybody: Vec<MemberId> = guests.iter().chain(&doubles).copied().collect();
    let clock = Arc::new(MovedClock::default());
    let bulk = BulkTagging::new(Arc::new(db.clone()), clock);
    for turn in 0..4 {
        let merges = guests.iter().zip(&doubles).map(|(guest, double)| async {
            let desk = members(&db);
            let merged = persist(async || desk.merge(&Actor::System, *guest, *double).await);
            let id = merged.await.unwrap().merge_id;
            persist(async || desk.undo_merge(&Actor::System, id).await)
                .await
                .unwrap();
        });
        let tagging = (0..8).map(|i| {
            let (bulk, everybody) = (bulk.clone(), &everybody);
            let tags = tags(&db);
            async move {
                let member = everybody[(i * 5 + turn) % everybody.len()];
                loop {
                    let (add, remove) = if (i + turn) % 2 == 0 {
                        (vec![vip], vec![])
                    } else {
                        (vec![], vec![vip])
                    };
                    let done = match i % 4 {
                        0 | 1 => {
                            let whom = MemberFilter {
                                search: MemberSearch::new("王"),
                                ..MemberFilter::default()
                            };
                            let whom = BulkWhom::Matching(whom);
                            let command = BulkTags { whom, add, remove };
                            bulk.tag(&Actor::System, &command).await.map(|_| ())
                        }
                        2 => tags.assign(&Actor::System, member, &[vip]).await,
                        _ => tags.remove(&Actor::System, member, vip).await.map(|_| ()),
                    };
                    match done {
                        Err(TagError::Store(StoreError::Busy(_))) => {}
                        // Some are merged away while others ask for them.
                        Ok(()) | Err(TagError::MemberNotFound) => return,
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        });
        tokio::join!(
            futures::future::join_all(merges),
            futures::future::join_all(tagging)
        );
        let (counter, rows) = counter_and_rows(&db, vip).await;
        assert_eq!(counter, rows, "turn {turn}");
    }
    assert_eq!(total(&db).await, 12);
}

async fn whoever_is_erased_meanwhile_leaves_nothing_half_done(db: Database) {
    for turn in 0..6 {
        let clock = MovedClock::at(at(60));
        let desk = members_on(&db, &clock);
        let new = guest("小明", None);
        let typed = desk.register(&Actor::System, new).await.unwrap().id();
        let friend = friend(&db, &format!("U{turn}"), at(0)).await;
        let erase = async || {
            let mut tx: Box<dyn CrmTx> = Transactions::<dyn CrmTx>::begin(&db).await?;
            let members: &mut dyn MembersTx = &mut *tx;
            desk.delete_in(members, &Actor::System, friend).await?;
            crm_kernel::Transaction::commit(tx).await?;
            Ok(())
        };
        let (merged, erased) = tokio::join!(
            persist(async || desk.merge(&Actor::System, typed, friend).await),
            persist(erase),
        );
        assert!(merged.is_ok() != erased.is_ok(), "one came first");
        assert!(stored(&db, friend).await.is_none());
        let typed = stored(&db, typed).await.unwrap();
        assert_eq!(typed.line().is_some(), merged.is_ok());
        total(&db).await;
    }
}
