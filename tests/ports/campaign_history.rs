//! What happened to a campaign, and how fast it goes.

use crate::samples::{at, begin, campaign, commit, friends};
use chrono::TimeDelta;
use crm_accounts::{Email, NewUser, PasswordHash, Role, Username};
use crm_campaigns::{
    Audience, BatchMode, BatchState, CampaignEvent, CampaignQueries, EventKind, NewBatch,
    NewCampaignEvent, Pace, StatusReason,
};
use crm_database::Database;
use crm_kernel::{Actor, CampaignId, PageRequest, Transaction, Transactions, UserId};
use uuid::Uuid;

crate::contract!(
    what_happened_is_told_newest_first_with_who_did_it,
    what_is_not_committed_never_happened,
    pages_of_a_history_follow_each_other,
    a_deleted_draft_takes_its_history_along,
    the_pace_counts_what_line_took_in_the_last_seconds,
    where_few_batches_end_the_pace_is_that_of_a_minute,
    a_campaign_that_has_just_begun_is_not_slower_for_it,
);

async fn user(db: &Database) -> UserId {
    let mut tx = Transactions::<dyn crm_accounts::AccountsTx>::begin(db)
        .await
        .unwrap();
    let new = NewUser {
        username: Username::parse("mei.lin").unwrap(),
        email: Email::parse("mei@hotel.tw").unwrap(),
        full_name: None,
        role: Role::Marketing,
        password_hash: PasswordHash::new("x".into()),
    };
    let user = tx.users().insert(new, at(0)).await.unwrap();
    Transaction::commit(tx).await.unwrap();
    user.id()
}

fn page(number: u64, size: u64) -> PageRequest {
    PageRequest::new(number, size).unwrap()
}

async fn history(db: &Database, id: CampaignId) -> Vec<CampaignEvent> {
    let history = db.history(id, page(1, 100)).await.unwrap();
    assert_eq!(history.total, history.items.len() as u64);
    history.items
}

async fn what_happened_is_told_newest_first_with_who_did_it(db: Database) {
    let user = user(&db).await;
    let id = campaign(&db, Audience::All).await.id();
    let other = campaign(&db, Audience::All).await.id();
    let mut tx = begin(&db).await;
    let by_user = Actor::User { id: user };
    let started = NewCampaignEvent::new(EventKind::Started, id, &by_user, at(1));
    let started = started.with("planned", 1_000_000).with("skipped", 12);
    tx.campaigns().note(&started).await.unwrap();
    let paused = NewCampaignEvent::new(EventKind::Paused, id, &Actor::System, at(1));
    let paused = paused.because(StatusReason::QuotaExhausted);
    tx.campaigns().note(&paused).await.unwrap();
    let elsewhere = NewCampaignEvent::new(EventKind::Resumed, other, &by_user, at(2));
    tx.campaigns().note(&elsewhere).await.unwrap();
    commit(tx).await;
    let told = history(&db, id).await;
    assert_eq!(told.len(), 2);
    assert_eq!((told[0].kind, told[0].at), (EventKind::Paused, at(1)));
    assert_eq!(told[0].reason, Some(StatusReason::QuotaExhausted));
    assert!(told[0].user.is_none() && told[0].facts.is_empty());
    assert_eq!(told[1].user.as_ref().unwrap().username, "mei.lin");
    assert_eq!(told[1].facts["planned"], 1_000_000);
    assert_eq!(told[1].facts["skipped"], 12);
}

async fn what_is_not_committed_never_happened(db: Database) {
    let id = campaign(&db, Audience::All).await.id();
    let mut tx = begin(&db).await;
    let event = NewCampaignEvent::new(EventKind::Cancelled, id, &Actor::System, at(1));
    tx.campaigns().note(&event).await.unwrap();
    drop(tx);
    assert!(history(&db, id).await.is_empty());
}

async fn pages_of_a_history_follow_each_other(db: Database) {
    let id = campaign(&db, Audience::All).await.id();
    let mut tx = begin(&db).await;
    for minute in 0..5 {
        let event = NewCampaignEvent::new(EventKind::Edited, id, &Actor::System, at(minute));
        tx.campaigns().note(&event).await.unwrap();
    }
    commit(tx).await;
    let mut minutes = Vec::new();
    for number in 1..=3 {
        let page = db.history(id, page(number, 2)).await.unwrap();
        assert_eq!(page.total, 5);
        minutes.extend(page.items.into_iter().map(|event| event.at));
    }
    assert_eq!(minutes, [4, 3, 2, 1, 0].map(at));
}

async fn a_deleted_draft_takes_its_history_along(db: Database) {
    let id = campaign(&db, Audience::All).await.id();
    let mut tx = begin(&db).await;
    let event = NewCampaignEvent::new(EventKind::Created, id, &Actor::System, at(0));
    tx.campaigns().note(&event).await.unwrap();
    assert!(tx.campaigns().delete(id).await.unwrap());
    commit(tx).await;
    assert!(history(&db, id).await.is_empty());
}

/// Batches of 500 that ended so many seconds after ten, of a campaign begun at ten.
async fn sending(db: &Database, ended: &[i64]) -> CampaignId {
    friends(db, 1).await;
    let id = campaign(db, Audience::All).await.id();
    let mut tx = begin(db).await;
    let mut changed = tx.campaigns().get(id).await.unwrap();
    changed.freeze("{}".into(), 1_000_000, 0, at(0));
    tx.campaigns().update(&changed).await.unwrap();
    let batch = |number| NewBatch {
        number,
        size: 500,
        retry_key: Uuid::from_u128(u128::try_from(number).unwrap()),
    };
    let batches: Vec<NewBatch> = (0..).take(ended.len() + 1).map(batch).collect();
    let ids = tx.batches().insert(id, BatchMode::Bulk, &batches).await;
    for (batch, second) in ids.unwrap().into_iter().zip(ended) {
        let batch = tx.batches().claim(batch).await.unwrap().unwrap();
        let ended = at(0) + TimeDelta::seconds(*second);
        let state = BatchState::Accepted;
        let settled = tx.batches().settle(&batch, state, None, None, ended).await;
        assert!(settled.unwrap());
    }
    commit(tx).await;
    id
}

async fn pace(db: &Database, id: CampaignId, second: i64, pending: i64) -> Pace {
    let now = at(0) + TimeDelta::seconds(second);
    Pace::of(db.taken_lately(id, now).await.unwrap(), pending)
}

async fn the_pace_counts_what_line_took_in_the_last_seconds(db: Database) {
    let id = sending(&db, &[20, 101, 102, 103, 104]).await;
    let pace = pace(&db, id, 110, 10_000).await;
    assert_eq!(pace.per_second, Some(200.0));
    assert_eq!(pace.seconds_left, Some(50));
}

async fn where_few_batches_end_the_pace_is_that_of_a_minute(db: Database) {
    let id = sending(&db, &[20, 61, 80, 109]).await;
    assert_eq!(pace(&db, id, 110, 500).await.per_second, Some(25.0));
    let stuck = pace(&db, id, 500, 500).await;
    assert_eq!((stuck.per_second, stuck.seconds_left), (Some(0.0), None));
}

async fn a_campaign_that_has_just_begun_is_not_slower_for_it(db: Database) {
    let id = sending(&db, &[1, 2, 3]).await;
    assert_eq!(pace(&db, id, 5, 500).await.per_second, Some(300.0));
}
