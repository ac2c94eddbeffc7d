use crate::samples::{Store, at, begin, campaign, commit, friends};
use crm_campaigns::{
    Audience, Batch, BatchMode, BatchState, FailReason, NewBatch, OpenBatches, PlanRequest,
    Selection, SkipReason,
};
use crm_kernel::CampaignId;
use uuid::Uuid;

const EVERYBODY: &Selection = &Selection::everybody();

crate::contract_on_every_store!(
    senders_take_different_batches_in_their_order,
    a_sender_comes_back_to_the_batch_it_began,
    a_cancelled_campaigns_sender_finds_only_its_own_batch,
    no_sender_number_is_given_out_twice,
    numbers_taken_for_a_plan_are_nobody_elses,
    those_who_failed_alone_or_with_their_batch_are_tried_again_in_new_batches,
);

/// A planned campaign of 20 friends in four batches of 5, none of them claimed.
async fn planned(db: &impl Store) -> CampaignId {
    friends(db, 20).await;
    let campaign = campaign(db, Audience::All).await.id();
    let mut tx = begin(db).await;
    let request = PlanRequest {
        campaign_id: campaign,
        selection: EVERYBODY,
        batch_size: 5,
    };
    tx.recipients().plan(&request).await.unwrap();
    let batches = NewBatch::portion(0, 20, 5, Uuid::nil);
    tx.batches()
        .insert(campaign, BatchMode::Bulk, &batches)
        .await
        .unwrap();
    commit(tx).await;
    campaign
}

/// Takes the next batch for a sender and begins it.
async fn take(db: &impl Store, campaign: CampaignId, sender: i64) -> Option<Batch> {
    let mut tx = begin(db).await;
    let batch = tx.batches().next(campaign, sender, true).await.unwrap()?;
    tx.batches().store_body(&batch, "{}", at(1)).await.unwrap();
    commit(tx).await;
    Some(batch)
}

async fn settle(db: &impl Store, batch: &Batch, state: BatchState) -> bool {
    let why = match state {
        BatchState::Failed => Some((FailReason::LineRejected, "no")),
        BatchState::Unknown => Some((FailReason::OutcomeUnknown, "silence")),
        _ => None,
    };
    let mut tx = begin(db).await;
    let ours = tx.batches().settle(batch, state, None, why, at(2));
    let ours = ours.await.unwrap();
    commit(tx).await;
    ours
}

async fn senders_take_different_batches_in_their_order(db: impl Store) {
    let campaign = planned(&db).await;
    for sender in 1..=4 {
        let batch = take(&db, campaign, sender).await.unwrap();
        assert_eq!(batch.number(), sender - 1);
    }
    assert_eq!(take(&db, campaign, 5).await, None);
    let mut tx = begin(&db).await;
    let open = tx.batches().open(campaign).await.unwrap();
    let all = OpenBatches {
        senders: vec![1, 2, 3, 4],
        untried: 0,
    };
    assert_eq!(open, all);
}

async fn a_sender_comes_back_to_the_batch_it_began(db: impl Store) {
    let campaign = planned(&db).await;
    let first = take(&db, campaign, 7).await.unwrap();
    let again = take(&db, campaign, 7).await.unwrap();
    assert_eq!(again.id(), first.id());
    assert!(again.claim() > first.claim());
    assert!(again.body().is_some(), "what the first try said is kept");
    assert!(!settle(&db, &first, BatchState::Accepted).await);
    assert!(settle(&db, &again, BatchState::Accepted).await);
    assert_eq!(take(&db, campaign, 7).await.unwrap().number(), 1);
}

async fn a_cancelled_campaigns_sender_finds_only_its_own_batch(db: impl Store) {
    let campaign = planned(&db).await;
    let begun = take(&db, campaign, 7).await.unwrap();
    let mut tx = begin(&db).await;
    let other = tx.batches().next(campaign, 8, false).await.unwrap();
    assert_eq!(other, None);
    let own = tx.batches().next(campaign, 7, false).await.unwrap();
    assert_eq!(own.unwrap().id(), begun.id());
}

async fn no_sender_number_is_given_out_twice(db: impl Store) {
    let campaign = planned(&db).await;
    let mut tx = begin(&db).await;
    let first = tx.campaigns().hire(campaign, 3).await.unwrap();
    let next = tx.campaigns().hire(campaign, 2).await.unwrap();
    assert_eq!(next, first + 3);
    commit(tx).await;
    let mut tx = begin(&db).await;
    assert_eq!(tx.campaigns().hire(campaign, 1).await.unwrap(), next + 2);
}

async fn numbers_taken_for_a_plan_are_nobody_elses(db: impl Store) {
    let campaign = planned(&db).await;
    let mut tx = begin(&db).await;
    let plan = tx.campaigns().take_numbers(campaign, 100).await.unwrap();
    assert_eq!(plan, 4, "after those there are");
    commit(tx).await;
    let batch = take(&db, campaign, 1).await.unwrap();
    let people = begin(&db).await.recipients().people(&batch).await.unwrap();
    let mut tx = begin(&db).await;
    let keys = [Uuid::nil(); 2];
    let halves = tx.batches().split(&batch, people[2].member_id, keys, at(3));
    assert!(halves.await.unwrap().is_some());
    assert_eq!(tx.campaigns().take_numbers(campaign, 1).await.unwrap(), 106);
}

async fn those_who_failed_alone_or_with_their_batch_are_tried_again_in_new_batches(db: impl Store) {
    let campaign = planned(&db).await;
    let refused = take(&db, campaign, 1).await.unwrap();
    let lost = take(&db, campaign, 2).await.unwrap();
    let partly = take(&db, campaign, 3).await.unwrap();
    let mut tx = begin(&db).await;
    let people = tx.recipients().people(&partly).await.unwrap();
    let alone = [
        (people[0].member_id, FailReason::RenderError, "x".to_owned()),
        (
            people[1].member_id,
            FailReason::OutcomeUnknown,
            "x".to_owned(),
        ),
    ];
    tx.recipients().fail(&partly, &alone).await.unwrap();
    let skipped = [(people[2].member_id, SkipReason::Blocked)];
    tx.recipients().skip(&partly, &skipped).await.unwrap();
    commit(tx).await;
    assert!(settle(&db, &refused, BatchState::Failed).await);
    assert!(settle(&db, &lost, BatchState::Unknown).await);
    assert!(settle(&db, &partly, BatchState::Accepted).await);

    let clear = [FailReason::LineRejected, FailReason::RenderError];
    let mut tx = begin(&db).await;
    let first = tx.campaigns().take_numbers(campaign, 2).await.unwrap();
    assert_eq!(first, 4);
    assert_eq!(tx.recipients().failed(campaign, &clear).await.unwrap(), 6);
    let again = tx.recipients().try_again(campaign, &clear, first, 4).await;
    assert_eq!(again.unwrap(), 6);
    let batches = NewBatch::portion(first, 6, 4, Uuid::nil);
    tx.batches()
        .insert(campaign, BatchMode::Bulk, &batches)
        .await
        .unwrap();
    let unknown = [FailReason::OutcomeUnknown];
    let number = tx.campaigns().take_numbers(campaign, 1).await.unwrap();
    assert_eq!(number, 6);
    let again = tx.recipients().try_again(campaign, &unknown, number, 500);
    assert_eq!(again.await.unwrap(), 6);
    commit(tx).await;
    // The batch never tried comes first, then the new ones.
    let mut sizes = Vec::new();
    for sender in 11..=13 {
        let batch = take(&db, campaign, sender).await.unwrap();
        let mut tx = begin(&db).await;
        sizes.push(tx.recipients().people(&batch).await.unwrap().len());
    }
    assert_eq!(sizes, [5, 4, 2]);
}
