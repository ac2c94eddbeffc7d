//! What happened with one guest, out of every table that knows.

use crate::messages::{insert, said};
use crate::samples::{at, begin, campaign, commit, friend, members, number, tag, tags};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use crm_campaigns::{Audience, BatchState, FailReason, PlanRequest, Selection, SkipReason};
use crm_database::Database;
use crm_kernel::{Actor, CampaignId, HotelTime, MemberId, PageRequest};
use crm_members::{
    LineUid, MemberError, MemberQueries, NewStay, RegisterMember, StaySource, TimelineEntry,
    TimelineKind as Kind,
};
use crm_messages::{Incoming, NewMessage, ReceivedMessage};
use crm_tags::{TagKind, Trigger, TriggerSource};
use sea_orm::ConnectionTrait;

crate::contract!(
    every_table_that_knows_tells_its_part,
    a_campaign_is_sent_opened_and_clicked_each_at_its_own_time,
    what_did_not_reach_them_is_left_out,
    pages_follow_each_other_and_nothing_is_told_twice,
    whoever_was_settled_alone_is_told_once_and_only_if_it_reached_them,
    a_life_is_gathered_by_the_member_whatever_was_sent_to_others,
    nobody_has_no_timeline,
);

/// When and where it is asked: long after all that happens here.
fn asked() -> (DateTime<Utc>, HotelTime) {
    (at(60 * 24 * 365), HotelTime::new(chrono_tz::UTC))
}

async fn entries(db: &Database, member: MemberId) -> Vec<TimelineEntry> {
    let page = PageRequest::new(1, 100).unwrap();
    let page = MemberQueries::timeline(db, member, asked(), page)
        .await
        .unwrap();
    assert_eq!(page.total, page.items.len() as u64);
    page.items
}

fn told(entries: &[TimelineEntry]) -> Vec<(Kind, &str)> {
    let told = entries.iter();
    told.map(|entry| (entry.kind, entry.title.as_str()))
        .collect()
}

fn stay(member: MemberId, order_number: &str, room: Option<&str>, day: Option<u32>) -> NewStay {
    NewStay {
        member,
        order_number: order_number.into(),
        room_type: room.map(str::to_owned),
        amount_minor: 100,
        check_in_date: day.and_then(|day| NaiveDate::from_ymd_opt(2026, 10, day)),
        check_out_date: None,
        nights: None,
        source: StaySource::Manual,
        pms_status: None,
        booked_at: None,
        created_at: at(0),
    }
}

async fn every_table_that_knows_tells_its_part(db: Database) {
    let member = friend(&db, "U1", at(0)).await;
    let other = friend(&db, "U2", at(0)).await;
    let vip = tag(&db, "VIP", TagKind::Member).await;
    let mut tx = begin(&db).await;
    for new in [
        stay(member, "OD1", Some("雙人房 <b>"), Some(3)),
        stay(member, "OD2", None, Some(4)),
        stay(member, "OD3", None, None),
        stay(other, "OD4", None, Some(5)),
    ] {
        tx.members().insert_stay(&new).await.unwrap();
    }
    let trigger = Trigger {
        member,
        tag: vip,
        campaign: None,
        message: None,
        touched: None,
        source: TriggerSource::Click,
        at: at(3),
    };
    tags(&db).trigger_in(&mut *tx, trigger).await.unwrap();
    let long = "𠮷".repeat(100);
    let written = NewMessage::received(ReceivedMessage {
        member_id: member,
        line_message_id: "L1".into(),
        at: at(4),
        incoming: Incoming::Text(long),
    });
    tx.messages().receive(&written).await.unwrap();
    let (members, uid) = (members(&db), LineUid::parse("U1").unwrap());
    members.unfollow_in(&mut *tx, uid, at(6)).await.unwrap();
    commit(tx).await;
    insert(&db, &said(other, "別人", 5)).await;

    let entries = entries(&db, member).await;
    let start = "𠮷".repeat(60);
    assert_eq!(
        told(&entries),
        [
            (Kind::Stay, "OD2"),
            (Kind::Stay, "OD1 · 雙人房 <b>"),
            (Kind::Unfollowed, ""),
            (Kind::MessageIncoming, start.as_str()),
            (Kind::Tag, "VIP · click"),
            (Kind::Followed, ""),
            (Kind::Created, "line"),
        ]
    );
    let midnight = NaiveDate::from_ymd_opt(2026, 10, 3).unwrap();
    let midnight = midnight.and_time(NaiveTime::MIN).and_utc();
    assert_eq!(entries[1].at, midnight);
    assert_eq!(entries[2].at, at(6));
    assert_eq!(
        (entries[4].at, entries[4].subject_id),
        (at(3), Some(vip.get()))
    );
    assert!(entries[1].subject_id.is_some() && entries[3].subject_id.is_some());
    assert_eq!((entries[5].at, entries[5].subject_id), (at(0), None));
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

async fn batch_ends(db: &Database, id: CampaignId, state: BatchState, minute: i64) {
    let mut tx = begin(db).await;
    let batch = crate::batches::stored(&mut *tx, id, 0).await;
    let settled = tx.batches();
    let settled = settled.settle(&batch, state, None, None, at(minute));
    assert!(settled.await.unwrap());
    commit(tx).await;
}

async fn a_campaign_is_sent_opened_and_clicked_each_at_its_own_time(db: Database) {
    let member = friend(&db, "U1", at(-60)).await;
    let whole = planned(&db).await;
    batch_ends(&db, whole, BatchState::Accepted, 5).await;
    let subjects = |entries: Vec<TimelineEntry>| -> Vec<_> {
        let entries = entries
            .into_iter()
            .filter(|entry| entry.subject_id.is_some());
        entries
            .map(|e| (e.kind, e.at, e.title, e.subject_id))
            .collect()
    };
    let entry = |kind, minute| {
        let title = "中秋送禮".to_owned();
        (kind, at(minute), title, Some(whole.get()))
    };
    let sent = subjects(entries(&db, member).await);
    assert_eq!(sent, [entry(Kind::CampaignSent, 5)]);
    let mut tx = begin(&db).await;
    tx.recipients().tapped(whole, member, at(9)).await.unwrap();
    commit(tx).await;
    let all = subjects(entries(&db, member).await);
    assert_eq!(
        all,
        [
            entry(Kind::CampaignClicked, 9),
            entry(Kind::CampaignOpened, 9),
            entry(Kind::CampaignSent, 5),
        ]
    );
}

async fn what_did_not_reach_them_is_left_out(db: Database) {
    let member = friend(&db, "U1", at(-60)).await;
    let born = entries(&db, member).await.len();
    planned(&db).await;
    for state in [BatchState::Failed, BatchState::Unknown] {
        let id = planned(&db).await;
        let mut tx = begin(&db).await;
        let batch = crate::batches::stored(&mut *tx, id, 0).await;
        let why = Some((crm_campaigns::FailReason::LineRejected, "no"));
        let settled = tx.batches().settle(&batch, state, None, why, at(5));
        assert!(settled.await.unwrap());
        commit(tx).await;
    }
    let pending = NewMessage::by_hand(
        member,
        crm_messages::MessageContent::typed(crm_messages::MessageType::Text, "稍後").unwrap(),
        None,
        uuid::Uuid::from_u128(1),
        Some(at(90)),
        at(1),
    );
    insert(&db, &pending).await;
    assert_eq!(entries(&db, member).await.len(), born);
}

async fn whoever_was_settled_alone_is_told_once_and_only_if_it_reached_them(db: Database) {
    let mut members = Vec::new();
    for uid in ["U1", "U2", "U3", "U4"] {
        members.push(friend(&db, uid, at(-60)).await);
    }
    let id = planned(&db).await;
    let mut tx = begin(&db).await;
    let batch = crate::batches::stored(&mut *tx, id, 0).await;
    let recipients = tx.recipients();
    let skipped = [(members[0], SkipReason::OptedOut)];
    recipients.skip(&batch, &skipped).await.unwrap();
    let failed = [(members[1], FailReason::RenderError, "too long".to_owned())];
    recipients.fail(&batch, &failed).await.unwrap();
    recipients
        .sent(&batch, &members[2..3], at(4))
        .await
        .unwrap();
    commit(tx).await;
    let sent = async |member| {
        let entries = entries(&db, member).await.into_iter();
        let sent = entries.filter(|entry| entry.kind == Kind::CampaignSent);
        sent.map(|entry| entry.at).collect::<Vec<_>>()
    };
    assert!(
        sent(members[3]).await.is_empty(),
        "their batch is not through"
    );
    let mut tx = begin(&db).await;
    let state = BatchState::Accepted;
    let settled = tx.batches().settle(&batch, state, None, None, at(5)).await;
    assert!(settled.unwrap());
    commit(tx).await;
    assert!(sent(members[0]).await.is_empty());
    assert!(sent(members[1]).await.is_empty());
    assert_eq!(sent(members[2]).await, [at(4)]);
    assert_eq!(sent(members[3]).await, [at(5)]);
}

async fn a_life_is_gathered_by_the_member_whatever_was_sent_to_others(db: Database) {
    let member = friend(&db, "U1", at(-60)).await;
    planned(&db).await;
    let steps = db.explain_timeline(member, asked()).await.unwrap();
    let recipients = |step: &&String| step.starts_with("r ") || step.contains(" r ");
    let recipients: Vec<&String> = steps.iter().filter(recipients).collect();
    assert_eq!(recipients.len(), 4, "{steps:?}");
    for step in recipients {
        assert!(step.contains("ix_campaign_recipients_member"), "{steps:?}");
    }
}

async fn pages_follow_each_other_and_nothing_is_told_twice(db: Database) {
    let member = friend(&db, "U1", at(0)).await;
    let vip = tag(&db, "VIP", TagKind::Member).await;
    for i in 0..6 {
        // Three of one moment each, so that ties must be broken.
        insert(&db, &said(member, "a", i / 3)).await;
        let mut tx = begin(&db).await;
        let trigger = Trigger {
            member,
            tag: vip,
            campaign: None,
            message: None,
            touched: None,
            source: TriggerSource::Manual,
            at: at(i / 3),
        };
        tags(&db).trigger_in(&mut *tx, trigger).await.unwrap();
        commit(tx).await;
    }
    let all = entries(&db, member).await;
    assert!(all.is_sorted_by(|a, b| a.at >= b.at));
    for size in [1, 4, 5] {
        let mut seen = Vec::new();
        for number in 1..=(all.len() as u64) {
            let page = PageRequest::new(number, size).unwrap();
            let page = MemberQueries::timeline(&db, member, asked(), page)
                .await
                .unwrap();
            assert_eq!(page.total, all.len() as u64);
            seen.extend(page.items);
        }
        assert!(seen == all, "pages of {size}");
    }
}

async fn nobody_has_no_timeline(db: Database) {
    let page = PageRequest::new(1, 10).unwrap();
    let nobody = MemberId::new(999_999);
    let none = MemberQueries::timeline(&db, nobody, asked(), page)
        .await
        .unwrap();
    assert_eq!((none.total, none.items.len()), (0, 0));
    let refused = members(&db).timeline(nobody, page).await;
    assert!(matches!(refused, Err(MemberError::NotFound)));
    let new = RegisterMember {
        first_name: Some("小明".into()),
        ..RegisterMember::default()
    };
    let member = members(&db).register(&Actor::System, new).await.unwrap();
    let far = PageRequest::new(1_000_000_000, 100).unwrap();
    let far = members(&db).timeline(member.id(), far).await.unwrap();
    assert_eq!((far.total, far.items.len()), (1, 0));
    assert_eq!(
        told(&entries(&db, member.id()).await),
        [(Kind::Created, "system")]
    );
    db.pool()
        .execute_unprepared("DELETE FROM members")
        .await
        .unwrap();
    assert_eq!(number(&db, "SELECT COUNT(*) FROM members").await, 0);
}
