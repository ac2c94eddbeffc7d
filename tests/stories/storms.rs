//! LINE in bad weather: many unclear answers, refusals, an end of quota or token in the middle.

use crate::samples::{STRANGER, all_once, bulk, look, personal, recipients};
use chrono::TimeDelta;
use crm_bootstrap::Crm;
use crm_campaigns::{CampaignStatus, StatusReason};
use crm_kernel::{Actor, CampaignId};
use crm_simulator_line::{Endpoint, Fault, FaultEndpoint, FaultKind};
use crm_tests::{Installation, run_jobs_of};
use std::time::Duration;

crate::stories!(
    a_third_of_multicasts_without_a_clear_answer_reach_everybody_once,
    a_third_of_pushes_that_time_out_after_being_accepted_reach_everybody_once,
    a_batch_that_has_to_wait_long_makes_room_for_others,
    a_storm_of_rate_limits_delays_and_loses_nobody,
    quota_that_ends_among_pushes_pauses_and_the_rest_follows_later,
    a_token_revoked_between_multicasts_pauses_and_fails_nobody,
    one_guest_whom_line_refuses_does_not_keep_others_from_their_push,
    a_cancellation_in_the_middle_ends_with_the_batch_in_hand,
);

/// A process with twenty guests to a multicast.
fn small_batches(hotel: &Installation) -> Crm {
    hotel.with_rules(|rules| rules.bulk_batch = 20)
}

fn silent(endpoint: FaultEndpoint) -> Fault {
    Fault::always(endpoint, FaultKind::TimeoutAfterAccept).with_delay(Duration::from_millis(1_200))
}

async fn start(crm: &Crm, id: CampaignId) {
    crm.sending.send_now(&Actor::System, id).await.unwrap();
}

async fn a_third_of_multicasts_without_a_clear_answer_reach_everybody_once(hotel: &Installation) {
    hotel.friends(400).await;
    let crm = small_batches(hotel);
    let id = bulk(hotel).await;
    start(&crm, id).await;
    let after_accept = FaultKind::ServerErrorAfterAccept;
    let (line, endpoint) = (&hotel.line, FaultEndpoint::Multicast);
    line.inject_fault(Fault::times(endpoint, after_accept, 1));
    line.inject_fault(Fault::always(endpoint, after_accept).with_probability(0.15));
    line.inject_fault(silent(endpoint).with_probability(0.15));
    for _ in 0..6 {
        run_jobs_of(&crm).await;
        look(hotel, id).await;
        hotel.clock.advance(TimeDelta::seconds(5));
    }
    line.clear_faults();
    hotel.run_jobs_for_of(TimeDelta::minutes(1), &crm).await;
    all_once(hotel, id, 400).await;
    assert!(line.counters().requests_with(Endpoint::Multicast, 409) > 0);
}

async fn a_third_of_pushes_that_time_out_after_being_accepted_reach_everybody_once(
    hotel: &Installation,
) {
    hotel.friends(120).await;
    let id = personal(hotel).await;
    start(&hotel.crm, id).await;
    let endpoint = FaultEndpoint::Push;
    let once = Fault::times(endpoint, FaultKind::ServerErrorAfterAccept, 1);
    hotel.line.inject_fault(once);
    hotel
        .line
        .inject_fault(silent(endpoint).with_probability(0.3));
    for _ in 0..2 {
        hotel.run_jobs().await;
        look(hotel, id).await;
        hotel.clock.advance(TimeDelta::seconds(1));
    }
    hotel.line.clear_faults();
    hotel.run_jobs_for(TimeDelta::seconds(30)).await;
    all_once(hotel, id, 120).await;
    assert!(hotel.line.counters().requests_with(Endpoint::Push, 409) > 0);
}

async fn a_batch_that_has_to_wait_long_makes_room_for_others(hotel: &Installation) {
    hotel.friends(3).await;
    let id = personal(hotel).await;
    start(&hotel.crm, id).await;
    let unclear = Fault::always(FaultEndpoint::Push, FaultKind::ServerErrorAfterAccept);
    hotel.line.inject_fault(unclear);
    hotel.run_jobs().await;
    // A minute after the first try, the next pause is half a minute.
    hotel.clock.advance(TimeDelta::minutes(1));
    let put_back = tokio::time::timeout(Duration::from_secs(20), hotel.run_jobs()).await;
    assert!(put_back.is_ok(), "its sender sits and waits");
    hotel.line.clear_faults();
    hotel.run_jobs_for(TimeDelta::minutes(1)).await;
    all_once(hotel, id, 3).await;
}

async fn a_storm_of_rate_limits_delays_and_loses_nobody(hotel: &Installation) {
    hotel.friends(100).await;
    let crm = small_batches(hotel);
    let (bulk, personal) = (bulk(hotel).await, personal(hotel).await);
    for (id, endpoint, times) in [
        (bulk, FaultEndpoint::Multicast, 25),
        (personal, FaultEndpoint::Push, 350),
    ] {
        start(&crm, id).await;
        let limited = Fault::times(endpoint, FaultKind::RateLimited, times);
        hotel.line.inject_fault(limited);
    }
    run_jobs_of(&crm).await;
    for id in [bulk, personal] {
        let waiting = look(hotel, id).await;
        assert_eq!(waiting.status(), CampaignStatus::Sending);
        assert_eq!(waiting.counts().failed, 0);
    }
    hotel.run_jobs_for_of(TimeDelta::minutes(10), &crm).await;
    for id in [bulk, personal] {
        let done = look(hotel, id).await;
        assert_eq!(
            (done.status(), done.counts().sent),
            (CampaignStatus::Sent, 100)
        );
    }
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (200, 2)
    );
    assert_eq!(counters.requests_with(Endpoint::Multicast, 200), 5);
    assert_eq!(counters.requests_with(Endpoint::Push, 200), 100);
}

async fn quota_that_ends_among_pushes_pauses_and_the_rest_follows_later(hotel: &Installation) {
    hotel.friends(150).await;
    let id = personal(hotel).await;
    hotel.line.set_quota(Some(150));
    start(&hotel.crm, id).await;
    // Somebody sends from LINE's own console meanwhile.
    hotel.line.set_quota(Some(130));
    hotel.run_jobs().await;
    let paused = look(hotel, id).await;
    assert_eq!(paused.status(), CampaignStatus::Paused);
    assert_eq!(
        paused.record().status_reason,
        Some(StatusReason::QuotaExhausted)
    );
    assert_eq!((paused.counts().sent, paused.counts().failed), (130, 0));
    hotel.line.set_quota(Some(5_000));
    hotel.clock.advance(TimeDelta::days(20));
    hotel
        .crm
        .campaigns
        .resume(&Actor::System, id)
        .await
        .unwrap();
    hotel.run_jobs().await;
    all_once(hotel, id, 150).await;
}

async fn a_token_revoked_between_multicasts_pauses_and_fails_nobody(hotel: &Installation) {
    hotel.friends(100).await;
    let crm = small_batches(hotel);
    let id = bulk(hotel).await;
    start(&crm, id).await;
    hotel.line.inject_fault(
        Fault::always(FaultEndpoint::Multicast, FaultKind::Unauthorized).with_probability(0.5),
    );
    run_jobs_of(&crm).await;
    // All five may have been lucky; then there is nothing to see.
    hotel.line.clear_faults();
    let paused = look(hotel, id).await;
    if paused.status() == CampaignStatus::Paused {
        assert_eq!(
            paused.record().status_reason,
            Some(StatusReason::LineCredentials)
        );
        assert_eq!(paused.counts().failed, 0);
        let resumed = crm.campaigns.resume(&Actor::System, id).await;
        resumed.unwrap();
        run_jobs_of(&crm).await;
    }
    all_once(hotel, id, 100).await;
}

async fn one_guest_whom_line_refuses_does_not_keep_others_from_their_push(hotel: &Installation) {
    hotel.friends(60).await;
    hotel.stranger(STRANGER).await;
    let id = personal(hotel).await;
    start(&hotel.crm, id).await;
    hotel.run_jobs().await;
    let done = look(hotel, id).await;
    assert_eq!(done.status(), CampaignStatus::Sent);
    assert_eq!((done.counts().sent, done.counts().failed), (60, 1));
    assert_eq!(hotel.line.counters().max_deliveries_per_user, 1);
}

async fn a_cancellation_in_the_middle_ends_with_the_batch_in_hand(hotel: &Installation) {
    hotel.friends(300).await;
    let crm = small_batches(hotel);
    let id = bulk(hotel).await;
    start(&crm, id).await;
    let slow = Fault::always(FaultEndpoint::Multicast, FaultKind::Slow);
    let slow = slow.with_delay(Duration::from_millis(50));
    hotel.line.inject_fault(slow);
    let cancel = async {
        while hotel.line.counters().deliveries < 60 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        crm.campaigns.cancel(&Actor::System, id).await.unwrap();
        hotel.line.counters().deliveries
    };
    let (_, by_then) = tokio::join!(run_jobs_of(&crm), cancel);
    run_jobs_of(&crm).await;
    let counters = hotel.line.counters();
    assert!(counters.deliveries <= by_then + 20, "only what was in hand");
    assert!(counters.deliveries < 300);
    assert_eq!(counters.max_deliveries_per_user, 1);
    let done = look(hotel, id).await;
    let sent = i64::try_from(counters.deliveries).unwrap();
    assert_eq!(done.status(), CampaignStatus::Cancelled);
    assert_eq!((done.counts().sent, done.counts().pending()), (sent, 0));
    assert_eq!(done.counts().skipped, 300 - sent);
    let cancelled = recipients(hotel, id, None, Some("cancelled")).await;
    assert_eq!(cancelled, 300 - sent);
}
