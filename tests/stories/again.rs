//! Sending once more to those who failed, and a test before anything is sent.

use crate::samples::{STRANGER, bulk, look, personal, recipients};
use chrono::TimeDelta;
use crm_campaigns::{CampaignError, CampaignStatus};
use crm_kernel::{Actor, CampaignId, Transaction, Transactions};
use crm_members::LineUid;
use crm_simulator_line::{Endpoint, Fault, FaultEndpoint, FaultKind};
use crm_tests::Installation;
use crm_workflows::{CrmTx, SendingError, TestOutcome};

crate::stories!(
    those_whom_line_refused_are_tried_again_and_the_others_left_alone,
    an_unknown_outcome_is_repeated_only_when_that_is_asked_for,
    a_test_counts_nothing_and_leaves_out_whoever_blocked,
);

async fn retry(
    hotel: &Installation,
    id: CampaignId,
    unknown_too: bool,
) -> Result<(), SendingError> {
    let sending = &hotel.crm.sending;
    sending
        .retry_failed(&Actor::System, id, unknown_too)
        .await
        .map(|_| ())
}

fn nothing_to_retry(result: &Result<(), SendingError>) -> bool {
    matches!(
        result,
        Err(SendingError::Campaign(CampaignError::NothingToRetry))
    )
}

async fn those_whom_line_refused_are_tried_again_and_the_others_left_alone(hotel: &Installation) {
    hotel.friends(20).await;
    hotel.stranger(STRANGER).await;
    let id = bulk(hotel).await;
    let unknown = Fault::always(FaultEndpoint::Multicast, FaultKind::RejectUnknown);
    hotel.line.inject_fault(unknown);
    let sending = &hotel.crm.sending;
    sending.send_now(&Actor::System, id).await.unwrap();
    hotel.run_jobs().await;
    let done = look(hotel, id).await;
    assert_eq!((done.counts().sent, done.counts().failed), (20, 1));
    hotel.line.seed_friends([STRANGER]).unwrap();
    retry(hotel, id, false).await.unwrap();
    let again = look(hotel, id).await;
    assert_eq!(again.status(), CampaignStatus::Sending);
    assert_eq!((again.counts().pending(), again.counts().failed), (1, 0));
    hotel.run_jobs().await;
    let done = look(hotel, id).await;
    assert_eq!(done.status(), CampaignStatus::Sent);
    assert_eq!((done.counts().sent, done.counts().failed), (21, 0));
    assert!(nothing_to_retry(&retry(hotel, id, true).await));
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (21, 1)
    );
}

async fn an_unknown_outcome_is_repeated_only_when_that_is_asked_for(hotel: &Installation) {
    hotel.friends(5).await;
    let id = bulk(hotel).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    let silent = Fault::always(FaultEndpoint::Multicast, FaultKind::ServerErrorAfterAccept);
    hotel.line.inject_fault(silent);
    hotel.run_jobs().await;
    hotel.line.clear_faults();
    hotel.clock.advance(TimeDelta::hours(24));
    hotel.run_jobs().await;
    assert_eq!(look(hotel, id).await.counts().failed, 5);
    assert!(nothing_to_retry(&retry(hotel, id, false).await));
    hotel.run_jobs().await;
    assert_eq!(hotel.line.counters().deliveries, 5);
    let unknown = recipients(hotel, id, None, Some("outcome_unknown")).await;
    assert_eq!(unknown, 5);
    retry(hotel, id, true).await.unwrap();
    hotel.run_jobs().await;
    let done = look(hotel, id).await;
    assert_eq!(done.status(), CampaignStatus::Sent);
    assert_eq!((done.counts().sent, done.counts().failed), (5, 0));
    assert_eq!(hotel.line.counters().deliveries, 10);
}

async fn a_test_counts_nothing_and_leaves_out_whoever_blocked(hotel: &Installation) {
    let friends = hotel.friends(4).await;
    let blocked = &friends[1];
    hotel.line.unfollow(&blocked.1).unwrap();
    let mut tx = Transactions::<dyn CrmTx>::begin(&hotel.crm.database)
        .await
        .unwrap();
    let uid = LineUid::parse(&blocked.1).unwrap();
    let members = &hotel.crm.members;
    members
        .unfollow_in(&mut *tx, uid, hotel.now())
        .await
        .unwrap();
    Transaction::commit(tx).await.unwrap();
    let id = personal(hotel).await;
    let testers: Vec<_> = friends.iter().take(3).map(|friend| friend.0).collect();
    let sending = &hotel.crm.sending;
    let results = sending.test_send(&Actor::System, id, &testers).await;
    let outcomes: Vec<_> = results.unwrap().into_iter().map(|r| r.outcome).collect();
    assert_eq!(
        outcomes,
        [TestOutcome::Sent, TestOutcome::Blocked, TestOutcome::Sent]
    );
    hotel.run_jobs().await;
    let counters = hotel.line.counters();
    assert_eq!(counters.requests_with(Endpoint::Push, 200), 2);
    assert_eq!(hotel.line.deliveries_of(&friends[3].1), 0);
    let draft = look(hotel, id).await;
    assert_eq!(draft.status(), CampaignStatus::Draft);
    assert_eq!(draft.counts().recipients, 0);
    assert_eq!(recipients(hotel, id, None, None).await, 0);
    // The campaign itself goes to the testers as well.
    sending.send_now(&Actor::System, id).await.unwrap();
    hotel.run_jobs().await;
    assert_eq!(look(hotel, id).await.counts().sent, 3);
    assert_eq!(hotel.line.deliveries_of(&friends[0].1), 2);
    assert_eq!(hotel.line.deliveries_of(&friends[3].1), 1);
}
