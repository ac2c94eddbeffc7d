//! Active campaigns: they go to whoever comes to fulfil their condition, once each.

use crate::samples::{STRANGER, look, plain_template};
use crate::steps::Steps;
use chrono::TimeDelta;
use crm_campaigns::{
    Audience, CampaignStatus, CreateCampaign, RunRound, StatusReason, TriggerCondition,
};
use crm_kernel::{Actor, CampaignId};
use crm_simulator_line::{Fault, FaultEndpoint, FaultKind};
use crm_tests::{Installation, run_jobs_of};
use std::collections::BTreeSet;

crate::stories!(
    whoever_enters_the_window_is_sent_once_however_many_rounds_there_are,
    an_active_campaign_pauses_resumes_and_ends,
    a_round_without_enough_quota_waits_for_somebody_and_then_sends_everybody_once,
    a_round_that_dies_half_way_goes_on_and_sends_nobody_twice,
    a_retry_in_the_middle_of_a_round_sends_everybody_once,
    a_refused_guest_found_in_the_middle_of_a_round_costs_nobody_their_message,
);

/// An active campaign for friends of a week.
async fn after_a_week(hotel: &Installation) -> CampaignId {
    let new = CreateCampaign {
        title: "一週".into(),
        template_id: plain_template(hotel).await,
        audience: Audience::All,
        trigger: Some(TriggerCondition::FriendDays { days_range: [7, 8] }),
        scheduled_at: None,
    };
    let campaign = hotel.crm.campaigns.create(&Actor::System, new).await;
    let id = campaign.unwrap().id();
    let active = hotel.crm.sending.activate(&Actor::System, id).await;
    assert_eq!(active.unwrap().status(), CampaignStatus::Active);
    id
}

async fn round(hotel: &Installation) {
    hotel.crm.sending.begin_rounds().await.unwrap();
    hotel.run_jobs().await;
}

/// How often each of these guests got something.
fn got(hotel: &Installation, uids: &[String]) -> BTreeSet<u32> {
    uids.iter()
        .map(|uid| hotel.line.deliveries_of(uid))
        .collect()
}

async fn whoever_enters_the_window_is_sent_once_however_many_rounds_there_are(
    hotel: &Installation,
) {
    let week = hotel.friends_since(5, TimeDelta::days(7)).await;
    let younger = hotel.friends_since(4, TimeDelta::days(5)).await;
    let older = hotel.friends_since(3, TimeDelta::days(20)).await;
    let id = after_a_week(hotel).await;
    hotel.run_jobs().await;
    assert_eq!(got(hotel, &week), BTreeSet::from([1]));
    assert_eq!(got(hotel, &younger), BTreeSet::from([0]));
    for _ in 0..5 {
        hotel.clock.advance(TimeDelta::hours(12));
        round(hotel).await;
        round(hotel).await;
        look(hotel, id).await;
    }
    assert_eq!(got(hotel, &week), BTreeSet::from([1]));
    assert_eq!(got(hotel, &younger), BTreeSet::from([1]));
    assert_eq!(got(hotel, &older), BTreeSet::from([0]));
    let active = look(hotel, id).await;
    assert_eq!(active.status(), CampaignStatus::Active);
    assert_eq!((active.counts().recipients, active.counts().sent), (9, 9));
}

async fn an_active_campaign_pauses_resumes_and_ends(hotel: &Installation) {
    let first = hotel.friends_since(3, TimeDelta::days(7)).await;
    let id = after_a_week(hotel).await;
    hotel.run_jobs().await;
    let campaigns = &hotel.crm.campaigns;
    campaigns.pause(&Actor::System, id).await.unwrap();
    let second = hotel.friends_since(3, TimeDelta::days(7)).await;
    round(hotel).await;
    assert_eq!(got(hotel, &second), BTreeSet::from([0]));
    campaigns.resume(&Actor::System, id).await.unwrap();
    round(hotel).await;
    assert_eq!(got(hotel, &second), BTreeSet::from([1]));
    campaigns.cancel(&Actor::System, id).await.unwrap();
    let third = hotel.friends_since(3, TimeDelta::days(7)).await;
    round(hotel).await;
    assert_eq!(got(hotel, &third), BTreeSet::from([0]));
    assert_eq!(got(hotel, &first), BTreeSet::from([1]));
    let ended = look(hotel, id).await;
    assert_eq!(ended.status(), CampaignStatus::Cancelled);
    assert_eq!((ended.counts().sent, ended.counts().pending()), (6, 0));
}

async fn a_round_without_enough_quota_waits_for_somebody_and_then_sends_everybody_once(
    hotel: &Installation,
) {
    let guests = hotel.friends_since(8, TimeDelta::days(7)).await;
    hotel.line.set_quota(Some(5));
    let id = after_a_week(hotel).await;
    hotel.run_jobs().await;
    let paused = look(hotel, id).await;
    assert_eq!(paused.status(), CampaignStatus::Paused);
    assert_eq!(
        paused.record().status_reason,
        Some(StatusReason::QuotaInsufficient)
    );
    assert_eq!(paused.counts().pending(), 8);
    round(hotel).await;
    assert_eq!(got(hotel, &guests), BTreeSet::from([0]));
    hotel.line.set_quota(Some(8));
    let resumed = hotel.crm.campaigns.resume(&Actor::System, id).await;
    assert_eq!(resumed.unwrap().status(), CampaignStatus::Active);
    round(hotel).await;
    assert_eq!(got(hotel, &guests), BTreeSet::from([1]));
    assert_eq!(look(hotel, id).await.counts().sent, 8);
}

async fn a_round_that_dies_half_way_goes_on_and_sends_nobody_twice(hotel: &Installation) {
    let first = hotel.friends_since(20, TimeDelta::days(7)).await;
    let id = after_a_week(hotel).await;
    hotel.run_jobs().await;
    let later = hotel.friends_since(20, TimeDelta::days(7)).await;
    let crm = hotel.with_rules(|rules| rules.members_at_once = 6);
    let (mortal, steps) = Steps::of(&crm, 5);
    let job = RunRound { campaign_id: id };
    tokio::select! {
        _ = mortal.sending.run_round(&job) => panic!("it was to die before its end"),
        () = steps.until_held() => {}
    }
    hotel.run_jobs_for_of(TimeDelta::seconds(40), &crm).await;
    round(hotel).await;
    assert_eq!(got(hotel, &first), BTreeSet::from([1]));
    assert_eq!(got(hotel, &later), BTreeSet::from([1]));
    let active = look(hotel, id).await;
    assert_eq!((active.counts().recipients, active.counts().sent), (40, 40));
}

async fn a_retry_in_the_middle_of_a_round_sends_everybody_once(hotel: &Installation) {
    let first = hotel.friends_since(10, TimeDelta::days(7)).await;
    hotel.stranger_since(STRANGER, TimeDelta::days(7)).await;
    let unknown = Fault::always(FaultEndpoint::Multicast, FaultKind::RejectUnknown);
    hotel.line.inject_fault(unknown);
    let id = after_a_week(hotel).await;
    hotel.run_jobs().await;
    assert_eq!(look(hotel, id).await.counts().failed, 1);
    hotel.line.seed_friends([STRANGER]).unwrap();
    let later = hotel.friends_since(20, TimeDelta::days(7)).await;
    let crm = hotel.with_rules(|rules| rules.members_at_once = 6);
    let (slow, steps) = Steps::of(&crm, 4);
    let retry = async {
        steps.until_held().await;
        let retried = crm.sending.retry_failed(&Actor::System, id, false).await;
        retried.unwrap();
        steps.go_on();
    };
    let job = RunRound { campaign_id: id };
    let (round, ()) = tokio::join!(slow.sending.run_round(&job), retry);
    round.unwrap();
    run_jobs_of(&crm).await;
    for guests in [&first, &later, &vec![STRANGER.to_owned()]] {
        assert_eq!(got(hotel, guests), BTreeSet::from([1]));
    }
    let active = look(hotel, id).await;
    assert_eq!((active.counts().sent, active.counts().failed), (31, 0));
}

async fn a_refused_guest_found_in_the_middle_of_a_round_costs_nobody_their_message(
    hotel: &Installation,
) {
    let first = hotel.friends_since(10, TimeDelta::days(7)).await;
    hotel.stranger_since(STRANGER, TimeDelta::days(7)).await;
    let id = after_a_week(hotel).await;
    let unavailable = Fault::times(FaultEndpoint::Multicast, FaultKind::ServerError, 1);
    hotel.line.inject_fault(unavailable);
    hotel.run_jobs().await;
    let later = hotel.friends_since(20, TimeDelta::days(7)).await;
    let unknown = Fault::always(FaultEndpoint::Multicast, FaultKind::RejectUnknown);
    hotel.line.inject_fault(unknown);
    let crm = hotel.with_rules(|rules| rules.members_at_once = 6);
    let (slow, steps) = Steps::of(&crm, 4);
    let send = async {
        steps.until_held().await;
        // The first round's batch is divided while the second round is planned.
        hotel.clock.advance(TimeDelta::seconds(10));
        run_jobs_of(&crm).await;
        steps.go_on();
    };
    let job = RunRound { campaign_id: id };
    let (round, ()) = tokio::join!(slow.sending.run_round(&job), send);
    round.unwrap();
    hotel.run_jobs_for_of(TimeDelta::minutes(1), &crm).await;
    for guests in [&first, &later] {
        assert_eq!(got(hotel, guests), BTreeSet::from([1]));
    }
    let active = look(hotel, id).await;
    assert_eq!((active.counts().sent, active.counts().failed), (30, 1));
}
