use crate::samples::{campaign, interaction_tag, look, personal_template, plain_template};
use chrono::TimeDelta;
use crm_campaigns::{
    CampaignError, CampaignStatus, RecipientFilter, RecipientStatus, StatusReason,
};
use crm_kernel::{Actor, GatewayError, PageRequest};
use crm_simulator_line::{Endpoint, Fault, FaultEndpoint, FaultKind};
use crm_tests::Installation;
use crm_workflows::SendingError;
use sea_orm::ConnectionTrait;
use std::time::Duration;

crate::stories!(
    a_time_out_after_accepting_sends_nobody_twice,
    errors_drops_and_rate_limits_delay_a_bulk_send_and_repeat_nothing,
    pushes_with_a_third_of_unclear_answers_reach_everybody_once,
    one_unknown_guest_in_a_batch_is_found_and_the_others_get_it,
    quota_that_ends_in_the_middle_pauses_and_the_rest_follows_later,
    a_revoked_token_pauses_and_fails_nobody,
    too_small_a_quota_is_told_before_anything_is_sent,
    line_being_away_leaves_a_draft_and_a_schedule_waits_for_it,
    after_a_day_without_a_clear_answer_the_outcome_is_unknown_and_not_repeated,
    a_rate_limit_takes_nothing_so_a_quota_pause_for_weeks_fails_nobody,
    pushes_accepted_before_a_crash_are_not_forgotten_after_a_day,
    a_tap_before_the_answer_was_written_down_loses_nobody,
    a_quota_pause_that_is_cancelled_leaves_nobody_pending,
    a_lost_job_is_written_again,
);

fn accepted_but_silent(endpoint: FaultEndpoint, times: u32) -> Fault {
    Fault::times(endpoint, FaultKind::TimeoutAfterAccept, times).with_delay(Duration::from_secs(3))
}

async fn a_time_out_after_accepting_sends_nobody_twice(hotel: &Installation) {
    hotel.friends(600).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    hotel
        .line
        .inject_fault(accepted_but_silent(FaultEndpoint::Multicast, 1));
    hotel.run_jobs_for(TimeDelta::seconds(30)).await;
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (600, 1)
    );
    assert_eq!(counters.requests_with(Endpoint::Multicast, 409), 1);
    let done = look(hotel, id).await;
    assert_eq!(
        (done.status(), done.counts().sent),
        (CampaignStatus::Sent, 600)
    );
}

async fn errors_drops_and_rate_limits_delay_a_bulk_send_and_repeat_nothing(hotel: &Installation) {
    hotel.friends(600).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    for kind in [
        FaultKind::ServerError,
        FaultKind::RateLimited,
        FaultKind::Drop,
        FaultKind::ServerErrorAfterAccept,
    ] {
        hotel
            .line
            .inject_fault(Fault::times(FaultEndpoint::Multicast, kind, 2));
    }
    hotel.run_jobs().await;
    assert_eq!(look(hotel, id).await.status(), CampaignStatus::Sending);
    hotel.run_jobs_for(TimeDelta::minutes(5)).await;
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (600, 1)
    );
    let done = look(hotel, id).await;
    assert_eq!(
        (done.status(), done.counts().failed),
        (CampaignStatus::Sent, 0)
    );
}

async fn pushes_with_a_third_of_unclear_answers_reach_everybody_once(hotel: &Installation) {
    hotel.friends(150).await;
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    for kind in [
        FaultKind::ServerErrorAfterAccept,
        FaultKind::ServerError,
        FaultKind::Drop,
    ] {
        let fault = Fault::times(FaultEndpoint::Push, kind, 40).with_probability(0.15);
        hotel.line.inject_fault(fault);
    }
    hotel.run_jobs_for(TimeDelta::minutes(10)).await;
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (150, 1)
    );
    let done = look(hotel, id).await;
    assert_eq!(
        (done.status(), done.counts().sent),
        (CampaignStatus::Sent, 150)
    );
}

async fn one_unknown_guest_in_a_batch_is_found_and_the_others_get_it(hotel: &Installation) {
    hotel.friends(100).await;
    let stranger = hotel.stranger("Ufffffffffffffffffffffffffffffffff").await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    hotel.line.inject_fault(Fault::always(
        FaultEndpoint::Multicast,
        FaultKind::RejectUnknown,
    ));
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    hotel.run_jobs().await;
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (100, 1)
    );
    let done = look(hotel, id).await;
    assert_eq!((done.counts().sent, done.counts().failed), (100, 1));
    assert_eq!(done.status(), CampaignStatus::Sent);
    let filter = RecipientFilter {
        status: Some(RecipientStatus::Failed),
        reason: Some("line_rejected".into()),
    };
    let page = PageRequest::new(1, 10).unwrap();
    let failed = hotel
        .crm
        .campaigns
        .recipients(id, &filter, page)
        .await
        .unwrap();
    assert_eq!(failed.items[0].member.as_ref().unwrap().id, stranger);
}

async fn quota_that_ends_in_the_middle_pauses_and_the_rest_follows_later(hotel: &Installation) {
    hotel.friends(1_200).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    hotel.line.set_quota(Some(1_200));
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    // Somebody sends from LINE's own console meanwhile.
    hotel.line.set_quota(Some(700));
    hotel.run_jobs().await;
    let paused = look(hotel, id).await;
    assert_eq!(paused.status(), CampaignStatus::Paused);
    assert_eq!(
        paused.record().status_reason,
        Some(StatusReason::QuotaExhausted)
    );
    assert_eq!(paused.counts().failed, 0);
    assert!(paused.counts().pending() > 0);
    hotel.line.set_quota(Some(5_000));
    hotel.clock.advance(TimeDelta::days(3));
    hotel
        .crm
        .campaigns
        .resume(&Actor::System, id)
        .await
        .unwrap();
    hotel.run_jobs().await;
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (1_200, 1)
    );
    let done = look(hotel, id).await;
    assert_eq!(
        (done.status(), done.counts().sent),
        (CampaignStatus::Sent, 1_200)
    );
}

async fn a_revoked_token_pauses_and_fails_nobody(hotel: &Installation) {
    hotel.friends(120).await;
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    hotel.line.inject_fault(
        Fault::always(FaultEndpoint::Push, FaultKind::Unauthorized).with_probability(0.5),
    );
    hotel.run_jobs().await;
    let paused = look(hotel, id).await;
    assert_eq!(paused.status(), CampaignStatus::Paused);
    assert_eq!(
        paused.record().status_reason,
        Some(StatusReason::LineCredentials)
    );
    assert_eq!(paused.counts().failed, 0);
    hotel.line.clear_faults();
    hotel
        .crm
        .campaigns
        .resume(&Actor::System, id)
        .await
        .unwrap();
    hotel.run_jobs().await;
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (120, 1)
    );
    let done = look(hotel, id).await;
    assert_eq!(
        (done.status(), done.counts().sent),
        (CampaignStatus::Sent, 120)
    );
}

async fn too_small_a_quota_is_told_before_anything_is_sent(hotel: &Installation) {
    hotel.friends(10).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    hotel.line.set_quota(Some(9));
    let refused = hotel.crm.sending.send_now(&Actor::System, id).await;
    assert!(matches!(
        refused,
        Err(SendingError::Campaign(CampaignError::QuotaInsufficient {
            needed: 10,
            remaining: 9
        }))
    ));
    assert_eq!(look(hotel, id).await.status(), CampaignStatus::Draft);
    hotel.line.set_quota(Some(10));
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
}

async fn line_being_away_leaves_a_draft_and_a_schedule_waits_for_it(hotel: &Installation) {
    hotel.friends(2).await;
    let template = plain_template(hotel).await;
    hotel
        .line
        .inject_fault(Fault::always(FaultEndpoint::Any, FaultKind::Drop));
    let draft = campaign(hotel, template, None).await;
    let refused = hotel.crm.sending.send_now(&Actor::System, draft).await;
    assert!(matches!(
        refused,
        Err(SendingError::Line(GatewayError::Unavailable { .. }))
    ));
    assert_eq!(look(hotel, draft).await.status(), CampaignStatus::Draft);
    let at = hotel.now() + TimeDelta::minutes(1);
    let scheduled = campaign(hotel, template, Some(at)).await;
    hotel.clock.advance(TimeDelta::minutes(2));
    hotel.run_jobs().await;
    assert_eq!(
        look(hotel, scheduled).await.status(),
        CampaignStatus::Scheduled
    );
    hotel.line.clear_faults();
    hotel.run_jobs_for(TimeDelta::minutes(10)).await;
    assert_eq!(look(hotel, scheduled).await.status(), CampaignStatus::Sent);
}

async fn after_a_day_without_a_clear_answer_the_outcome_is_unknown_and_not_repeated(
    hotel: &Installation,
) {
    hotel.friends(5).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    let fault = Fault::always(FaultEndpoint::Multicast, FaultKind::ServerErrorAfterAccept);
    hotel.line.inject_fault(fault);
    hotel.run_jobs().await;
    hotel.line.clear_faults();
    hotel.clock.advance(TimeDelta::hours(23));
    hotel.run_jobs().await;
    let unknown = look(hotel, id).await;
    assert_eq!((unknown.counts().sent, unknown.counts().failed), (0, 5));
    let counters = hotel.line.counters();
    assert_eq!(counters.max_deliveries_per_user, 1);
    assert_eq!(counters.requests_to(Endpoint::Multicast), 1);
    let filter = RecipientFilter {
        status: Some(RecipientStatus::Failed),
        reason: Some("outcome_unknown".into()),
    };
    let page = PageRequest::new(1, 10).unwrap();
    let list = hotel
        .crm
        .campaigns
        .recipients(id, &filter, page)
        .await
        .unwrap();
    assert_eq!(list.total, 5);
}

async fn a_rate_limit_takes_nothing_so_a_quota_pause_for_weeks_fails_nobody(hotel: &Installation) {
    hotel.friends(20).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    hotel.line.inject_fault(Fault::times(
        FaultEndpoint::Multicast,
        FaultKind::RateLimited,
        1,
    ));
    hotel.run_jobs().await;
    hotel.line.inject_fault(Fault::times(
        FaultEndpoint::Multicast,
        FaultKind::QuotaReached,
        1,
    ));
    hotel.clock.advance(TimeDelta::seconds(30));
    hotel.run_jobs().await;
    assert_eq!(look(hotel, id).await.status(), CampaignStatus::Paused);
    hotel.clock.advance(TimeDelta::days(20));
    hotel
        .crm
        .campaigns
        .resume(&Actor::System, id)
        .await
        .unwrap();
    hotel.run_jobs().await;
    let done = look(hotel, id).await;
    assert_eq!((done.counts().sent, done.counts().failed), (20, 0));
    assert_eq!(hotel.line.counters().max_deliveries_per_user, 1);
}

async fn pushes_accepted_before_a_crash_are_not_forgotten_after_a_day(hotel: &Installation) {
    let friends = hotel.friends(40).await;
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    // Some get no clear answer, however often they are tried within one run.
    let unclear = Fault::always(FaultEndpoint::Push, FaultKind::ServerError).with_probability(0.6);
    hotel.line.inject_fault(unclear);
    hotel.run_jobs().await;
    let sent = look(hotel, id).await.counts().sent;
    assert_eq!(
        sent,
        i64::try_from(hotel.line.counters().deliveries).unwrap()
    );
    assert!(sent > 0 && sent < 40, "{sent}");
    hotel.line.clear_faults();
    // Somebody who was not reached yet is deleted meanwhile.
    let waiting = friends
        .iter()
        .find(|(_, uid)| hotel.line.deliveries_of(uid) == 0)
        .unwrap();
    let actor = crm_kernel::Actor::System;
    hotel.crm.erasure.erase(&actor, waiting.0).await.unwrap();
    hotel.clock.advance(TimeDelta::hours(24));
    hotel.run_jobs().await;
    let done = look(hotel, id).await;
    assert_eq!((done.counts().sent, done.counts().skipped), (sent, 1));
    assert_eq!(done.counts().failed, 39 - sent);
    assert_eq!(done.status(), CampaignStatus::Sent);
    assert_eq!(hotel.line.counters().max_deliveries_per_user, 1);
}

async fn a_tap_before_the_answer_was_written_down_loses_nobody(hotel: &Installation) {
    let friends = hotel.friends(3).await;
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    // LINE delivers and never says so; the guest is faster than our next try.
    let fault = Fault::always(FaultEndpoint::Push, FaultKind::ServerErrorAfterAccept);
    hotel.line.inject_fault(fault);
    hotel.run_jobs().await;
    let data = format!("tap:{id}:2");
    crate::webhook::deliver_postback(hotel, &friends[1].1, &data).await;
    hotel.line.clear_faults();
    hotel.run_jobs_for(TimeDelta::minutes(2)).await;
    let done = look(hotel, id).await;
    assert_eq!(done.status(), CampaignStatus::Sent);
    assert_eq!((done.counts().sent, done.counts().clicked), (3, 1));
    assert_eq!(hotel.line.counters().max_deliveries_per_user, 1);
    let filter = RecipientFilter {
        status: Some(RecipientStatus::Sent),
        reason: None,
    };
    let page = PageRequest::new(1, 10).unwrap();
    let sent = hotel
        .crm
        .campaigns
        .recipients(id, &filter, page)
        .await
        .unwrap();
    assert_eq!(sent.total, 3);
}

async fn a_quota_pause_that_is_cancelled_leaves_nobody_pending(hotel: &Installation) {
    hotel.friends(4).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    let unclear = Fault::times(FaultEndpoint::Multicast, FaultKind::ServerError, 1);
    hotel.line.inject_fault(unclear);
    hotel.run_jobs().await;
    let quota = Fault::always(FaultEndpoint::Multicast, FaultKind::QuotaReached);
    hotel.line.inject_fault(quota);
    hotel.run_jobs_for(TimeDelta::seconds(30)).await;
    assert_eq!(look(hotel, id).await.status(), CampaignStatus::Paused);
    hotel
        .crm
        .campaigns
        .cancel(&Actor::System, id)
        .await
        .unwrap();
    hotel.run_jobs_for(TimeDelta::seconds(30)).await;
    let cancelled = look(hotel, id).await;
    assert_eq!(cancelled.status(), CampaignStatus::Cancelled);
    assert_eq!(
        (cancelled.counts().pending(), cancelled.counts().failed),
        (0, 4)
    );
}

async fn a_lost_job_is_written_again(hotel: &Installation) {
    hotel.friends(2).await;
    let template = plain_template(hotel).await;
    let sending = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, sending)
        .await
        .unwrap();
    let at = hotel.now() + TimeDelta::minutes(1);
    let scheduled = campaign(hotel, template, Some(at)).await;
    assert_eq!(
        hotel.crm.sending.rescue().await.unwrap(),
        0,
        "nothing is lost"
    );
    let pool = hotel.crm.database.pool();
    pool.execute_unprepared("DELETE FROM jobs").await.unwrap();
    hotel.clock.advance(TimeDelta::minutes(3));
    assert_eq!(hotel.run_jobs().await, 0);
    assert_eq!(hotel.crm.sending.rescue().await.unwrap(), 2);
    hotel.run_jobs().await;
    for id in [sending, scheduled] {
        assert_eq!(look(hotel, id).await.status(), CampaignStatus::Sent);
    }
    assert_eq!(hotel.crm.sending.rescue().await.unwrap(), 0);
}
