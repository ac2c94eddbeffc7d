use crate::samples::{Store, at, begin, campaign, commit, friends};
use crm_campaigns::{
    Audience, Batch, BatchMode, BatchState, CampaignQueries, FailReason, NewBatch, PlanRequest,
    RecipientFilter, RecipientStatus, Selection,
};
use crm_database::Database;
use crm_kernel::{BatchId, CampaignId, MemberId, PageRequest};
use crm_workflows::CrmTx;
use uuid::Uuid;

crate::contract_on_every_store!(
    a_later_claim_takes_the_pen_from_an_earlier_one,
    a_settled_batch_is_not_claimed_again,
    halves_of_a_split_batch_hold_everybody_and_have_fresh_keys,
    a_reopened_batch_is_untried_again_under_another_key,
    cancelling_takes_only_batches_never_tried,
    a_tap_counts_once_and_only_for_whoever_was_tried,
);

async fn a_tap_counts_once_and_only_for_whoever_was_tried(db: impl Store) {
    let (id, batches, members) = planned(&db).await;
    let mut tx = begin(&db).await;
    assert!(!tx.batches().holds(&batches[0]).await.unwrap());
    tx.batches()
        .store_body(&batches[0], "{}", at(1))
        .await
        .unwrap();
    assert!(tx.batches().holds(&batches[0]).await.unwrap());
    for (member, is_recipient, first_click) in [
        (members[0], true, true),
        (members[0], true, false),
        // Their batch was never tried: somebody forwarded the message.
        (members[15], false, false),
        (MemberId::new(77_777), false, false),
    ] {
        let tapped = tx.recipients().tapped(id, member, at(2)).await.unwrap();
        assert_eq!(
            (tapped.is_recipient, tapped.first_click),
            (is_recipient, first_click)
        );
    }
    commit(tx).await;
}

async fn whoever_failed_by_their_batch_stays_failed_when_they_tap(db: Database) {
    let (id, batches, members) = planned(&db).await;
    assert!(settle(&db, &batches[0], BatchState::Unknown).await);
    let mut tx = begin(&db).await;
    let tapped = tx.recipients().tapped(id, members[0], at(2)).await.unwrap();
    assert!(tapped.is_recipient && tapped.first_click);
    commit(tx).await;
    assert_eq!(with_status(&db, id, RecipientStatus::Failed).await, 10);
    assert_eq!(with_status(&db, id, RecipientStatus::Clicked).await, 0);
}

mod with_screens {
    use super::*;

    crate::contract!(
        recipients_follow_the_state_of_their_batch,
        cancelled_recipients_are_shown_as_skipped,
        whoever_failed_by_their_batch_stays_failed_when_they_tap,
    );
}

/// Stores a batch of that number and claims it.
pub async fn stored(tx: &mut dyn CrmTx, campaign: CampaignId, number: i64) -> Batch {
    let new = NewBatch {
        number,
        size: 10,
        retry_key: Uuid::from_u128(u128::from(number.unsigned_abs()) + 1),
    };
    let ids = tx
        .batches()
        .insert(campaign, BatchMode::Bulk, &[new])
        .await
        .unwrap();
    tx.batches().claim(ids[0]).await.unwrap().unwrap()
}

/// A planned campaign of 20 friends in two batches of 10, claimed.
async fn planned(db: &impl Store) -> (CampaignId, Vec<Batch>, Vec<MemberId>) {
    let members = friends(db, 20).await;
    let campaign = campaign(db, Audience::All).await.id();
    let mut tx = begin(db).await;
    let request = PlanRequest {
        campaign_id: campaign,
        selection: &Selection::everybody(),
        batch_size: 10,
    };
    tx.recipients().plan(&request).await.unwrap();
    let batches = vec![
        stored(&mut *tx, campaign, 0).await,
        stored(&mut *tx, campaign, 1).await,
    ];
    commit(tx).await;
    (campaign, batches, members)
}

async fn claim(db: &impl Store, id: BatchId) -> Option<Batch> {
    let mut tx = begin(db).await;
    let batch = tx.batches().claim(id).await.unwrap();
    commit(tx).await;
    batch
}

async fn settle(db: &impl Store, batch: &Batch, state: BatchState) -> bool {
    let failure = (state == BatchState::Failed).then_some((FailReason::LineRejected, "no"));
    let mut tx = begin(db).await;
    let ours = tx
        .batches()
        .settle(batch, state, Some("request"), failure, at(9))
        .await
        .unwrap();
    commit(tx).await;
    ours
}

async fn with_status(db: &Database, id: CampaignId, status: RecipientStatus) -> u64 {
    let filter = RecipientFilter {
        status: Some(status),
        reason: None,
    };
    let page = PageRequest::new(1, 100).unwrap();
    let list = db.recipients(id, &filter, page).await.unwrap();
    assert_eq!(list.items.len() as u64, list.total);
    list.total
}

async fn a_later_claim_takes_the_pen_from_an_earlier_one(db: impl Store) {
    let (_, batches, _) = planned(&db).await;
    let first = &batches[0];
    let second = claim(&db, first.id()).await.unwrap();
    assert!(second.claim() > first.claim());
    assert_eq!(second.retry_key(), first.retry_key());
    let mut tx = begin(&db).await;
    assert!(!tx.batches().store_body(first, "{}", at(1)).await.unwrap());
    assert!(tx.batches().store_body(&second, "{}", at(1)).await.unwrap());
    commit(tx).await;
    assert!(!settle(&db, first, BatchState::Accepted).await);
    assert!(settle(&db, &second, BatchState::Accepted).await);
}

async fn a_settled_batch_is_not_claimed_again(db: impl Store) {
    let (_, batches, _) = planned(&db).await;
    assert!(settle(&db, &batches[0], BatchState::Accepted).await);
    assert_eq!(claim(&db, batches[0].id()).await, None);
    assert_eq!(claim(&db, BatchId::new(999_999)).await, None);
}

async fn recipients_follow_the_state_of_their_batch(db: Database) {
    let (id, batches, members) = planned(&db).await;
    assert_eq!(with_status(&db, id, RecipientStatus::Pending).await, 20);
    let mut tx = begin(&db).await;
    let failed = [(
        members[0],
        FailReason::LineRejected,
        "unknown user".to_owned(),
    )];
    tx.recipients().fail(&batches[0], &failed).await.unwrap();
    commit(tx).await;
    settle(&db, &batches[0], BatchState::Accepted).await;
    settle(&db, &batches[1], BatchState::Failed).await;
    assert_eq!(with_status(&db, id, RecipientStatus::Sent).await, 9);
    assert_eq!(with_status(&db, id, RecipientStatus::Failed).await, 11);
    assert_eq!(with_status(&db, id, RecipientStatus::Pending).await, 0);
    let mut tx = begin(&db).await;
    for first_click in [true, false] {
        let tapped = tx
            .recipients()
            .tapped(id, members[1], at(20))
            .await
            .unwrap();
        assert!(tapped.is_recipient);
        assert_eq!(tapped.first_click, first_click);
    }
    let stranger = tx
        .recipients()
        .tapped(id, MemberId::new(77_777), at(20))
        .await
        .unwrap();
    assert!(!stranger.is_recipient);
    commit(tx).await;
    assert_eq!(with_status(&db, id, RecipientStatus::Clicked).await, 1);
    assert_eq!(with_status(&db, id, RecipientStatus::Sent).await, 9);
    let page = PageRequest::new(1, 100).unwrap();
    let rows = db
        .recipients(id, &RecipientFilter::default(), page)
        .await
        .unwrap()
        .items;
    let clicked = rows
        .iter()
        .find(|r| r.status == RecipientStatus::Clicked)
        .unwrap();
    assert_eq!(clicked.sent_at, Some(at(9)));
    assert_eq!(
        (clicked.opened_at, clicked.clicked_at),
        (Some(at(20)), Some(at(20)))
    );
    let counts = *db.detail(id).await.unwrap().unwrap().campaign.counts();
    assert_eq!((counts.opened, counts.clicked), (1, 1));
}

async fn halves_of_a_split_batch_hold_everybody_and_have_fresh_keys(db: impl Store) {
    let (_, batches, members) = planned(&db).await;
    let keys = [Uuid::from_u128(100), Uuid::from_u128(101)];
    let mut tx = begin(&db).await;
    let halves = tx
        .batches()
        .split(&batches[0], members[4], keys, at(1))
        .await
        .unwrap()
        .unwrap();
    commit(tx).await;
    assert_eq!(claim(&db, batches[0].id()).await, None);
    let mut everybody = Vec::new();
    for (half, (key, size)) in halves.into_iter().zip(keys.into_iter().zip([4, 6])) {
        let half = claim(&db, half).await.unwrap();
        assert_eq!((half.retry_key(), half.size()), (key, size));
        assert_eq!(half.state(), BatchState::Pending);
        let mut tx = begin(&db).await;
        let people = tx.recipients().people(&half).await.unwrap();
        everybody.extend(people.into_iter().map(|p| p.member_id));
    }
    assert_eq!(everybody, members[..10]);
    let mut tx = begin(&db).await;
    let again = tx
        .batches()
        .split(&batches[0], members[4], keys, at(2))
        .await
        .unwrap();
    assert_eq!(again, None);
}

async fn cancelling_takes_only_batches_never_tried(db: impl Store) {
    let (id, batches, _) = planned(&db).await;
    let mut tx = begin(&db).await;
    tx.batches()
        .store_body(&batches[0], "{}", at(1))
        .await
        .unwrap();
    assert_eq!(tx.batches().cancel_untried(id, at(2)).await.unwrap(), 10);
    assert_eq!(tx.batches().cancel_untried(id, at(2)).await.unwrap(), 0);
    assert_eq!(tx.batches().open(id).await.unwrap().untried, 0);
    commit(tx).await;
}

async fn cancelled_recipients_are_shown_as_skipped(db: Database) {
    let (id, batches, _) = planned(&db).await;
    let mut tx = begin(&db).await;
    tx.batches()
        .store_body(&batches[0], "{}", at(1))
        .await
        .unwrap();
    tx.batches().cancel_untried(id, at(2)).await.unwrap();
    commit(tx).await;
    assert_eq!(with_status(&db, id, RecipientStatus::Skipped).await, 10);
    assert_eq!(with_status(&db, id, RecipientStatus::Pending).await, 10);
    let filter = RecipientFilter {
        status: None,
        reason: Some("cancelled".into()),
    };
    let page = PageRequest::new(1, 10).unwrap();
    assert_eq!(db.recipients(id, &filter, page).await.unwrap().total, 10);
}

async fn a_reopened_batch_is_untried_again_under_another_key(db: impl Store) {
    let (_, batches, members) = planned(&db).await;
    let batch = &batches[0];
    let mut tx = begin(&db).await;
    assert!(tx.batches().store_body(batch, "{}", at(1)).await.unwrap());
    let key = Uuid::from_u128(500);
    assert!(tx.batches().reopen(batch, key).await.unwrap());
    tx.recipients()
        .sent(batch, &members[..3], at(1))
        .await
        .unwrap();
    commit(tx).await;
    let again = claim(&db, batch.id()).await.unwrap();
    assert_eq!(
        (again.state(), again.retry_key()),
        (BatchState::Pending, key)
    );
    assert_eq!((again.body(), again.first_tried_at()), (None, None));
    let mut tx = begin(&db).await;
    assert_eq!(tx.recipients().people(&again).await.unwrap().len(), 7);
}
