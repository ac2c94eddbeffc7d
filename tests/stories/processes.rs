//! Several processes on one database.

use crate::samples::{all_once, bulk, campaign, look, personal, plain_template};
use crate::steps::{Steps, stumbling};
use chrono::TimeDelta;
use crm_campaigns::{Audience, CampaignStatus, CreateCampaign, StartCampaign};
use crm_kernel::{Actor, CampaignId, Clock};
use crm_simulator_line::{Fault, FaultEndpoint, FaultKind};
use crm_tests::{Installation, MovedClock, run_jobs_of};
use crm_workflows::Started;
use sea_orm::ConnectionTrait;
use std::sync::Arc;
use std::time::Duration;

crate::stories!(
    two_processes_of_which_one_is_two_minutes_ahead_send_everybody_once,
    a_planner_two_minutes_behind_and_one_who_takes_over_plan_everybody_once,
    a_schedule_started_by_two_processes_is_started_once,
    a_sender_that_survived_many_crashes_does_not_pause_for_minutes_when_writers_meet,
    a_small_campaign_is_through_long_before_a_large_one_that_began_earlier,
);

/// Clocks that differ by so much from the hotel's.
const OFF: [TimeDelta; 2] = [TimeDelta::minutes(2), TimeDelta::minutes(-2)];

fn clock_off(hotel: &Installation, by: TimeDelta) -> Arc<MovedClock> {
    Arc::new(MovedClock::at(hotel.clock.now() + by))
}

async fn two_processes_of_which_one_is_two_minutes_ahead_send_everybody_once(hotel: &Installation) {
    hotel.friends(200).await;
    let clock = clock_off(hotel, OFF[0]);
    let mut ahead = hotel.beside(clock.clone());
    ahead.sending.rules.bulk_batch = 20;
    let here = hotel.with_rules(|rules| rules.bulk_batch = 20);
    let campaigns = [bulk(hotel).await, personal(hotel).await];
    for (crm, id) in [(&here, campaigns[0]), (&ahead, campaigns[1])] {
        crm.sending.send_now(&Actor::System, id).await.unwrap();
    }
    for endpoint in [FaultEndpoint::Multicast, FaultEndpoint::Push] {
        let unclear = Fault::always(endpoint, FaultKind::ServerErrorAfterAccept);
        hotel.line.inject_fault(unclear.with_probability(0.3));
    }
    for round in 0..20 {
        tokio::join!(run_jobs_of(&here), run_jobs_of(&ahead));
        for id in campaigns {
            look(hotel, id).await;
        }
        if round == 1 {
            hotel.line.clear_faults();
        }
        for clock in [&hotel.clock, &clock] {
            clock.advance(TimeDelta::seconds(5));
        }
    }
    for id in campaigns {
        let done = look(hotel, id).await;
        assert_eq!(
            (done.status(), done.counts().sent),
            (CampaignStatus::Sent, 200)
        );
    }
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (400, 2)
    );
}

async fn a_planner_two_minutes_behind_and_one_who_takes_over_plan_everybody_once(
    hotel: &Installation,
) {
    hotel.friends(60).await;
    let mut sent = 0;
    for by in OFF {
        let here = hotel.with_rules(|rules| rules.members_at_once = 7);
        let mut other = hotel.beside(clock_off(hotel, by));
        other.sending.rules.members_at_once = 7;
        let id = bulk(hotel).await;
        let (slow, steps) = Steps::of(&here, 3);
        let take_over = async {
            steps.until_held().await;
            let job = crm_campaigns::PlanCampaign { campaign_id: id };
            other.sending.take_over(&job).await.unwrap();
            steps.go_on();
        };
        let (answer, ()) = tokio::join!(slow.sending.send_now(&Actor::System, id), take_over);
        answer.unwrap();
        hotel.run_jobs().await;
        run_jobs_of(&other).await;
        sent += 60;
        let done = look(hotel, id).await;
        assert_eq!(
            (done.status(), done.counts().recipients, done.counts().sent),
            (CampaignStatus::Sent, 60, 60)
        );
        assert_eq!(hotel.line.counters().deliveries, sent);
    }
    assert_eq!(hotel.line.counters().max_deliveries_per_user, 2);
}

async fn a_schedule_started_by_two_processes_is_started_once(hotel: &Installation) {
    hotel.friends(40).await;
    let template = plain_template(hotel).await;
    let scheduled_at = hotel.now() + TimeDelta::minutes(10);
    let id = campaign(hotel, template, Some(scheduled_at)).await;
    hotel.clock.advance(TimeDelta::minutes(10));
    let other = hotel.beside(Arc::clone(&hotel.clock));
    let job = StartCampaign {
        campaign_id: id,
        scheduled_at,
    };
    // Both have the job: one whose lease ran out is no longer alone with it.
    let (one, two) = tokio::join!(
        hotel.crm.sending.start_due(&job),
        other.sending.start_due(&job)
    );
    let started = [one, two]
        .into_iter()
        .filter(|start| matches!(start, Ok(Started::Frozen(_))))
        .count();
    assert_eq!(started, 1);
    tokio::join!(hotel.run_jobs(), run_jobs_of(&other));
    hotel.run_jobs_for(TimeDelta::seconds(30)).await;
    all_once(hotel, id, 40).await;
}

async fn a_sender_that_survived_many_crashes_does_not_pause_for_minutes_when_writers_meet(
    hotel: &Installation,
) {
    hotel.friends(3).await;
    let id = bulk(hotel).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    let pool = hotel.crm.database.pool();
    pool.execute_unprepared("UPDATE jobs SET attempts = 12")
        .await
        .unwrap();
    run_jobs_of(&stumbling(&hotel.crm, 1)).await;
    assert_eq!(look(hotel, id).await.counts().pending(), 3);
    hotel.run_jobs_for(TimeDelta::seconds(10)).await;
    all_once(hotel, id, 3).await;
}

/// A campaign to a few of the hotel's guests.
async fn small(hotel: &Installation) -> CampaignId {
    let new = CreateCampaign {
        title: "小型".into(),
        template_id: plain_template(hotel).await,
        audience: Audience::All,
        trigger: Some(crm_campaigns::TriggerCondition::FriendDays { days_range: [0, 1] }),
        scheduled_at: None,
    };
    let campaign = hotel.crm.campaigns.create(&Actor::System, new).await;
    campaign.unwrap().id()
}

async fn a_small_campaign_is_through_long_before_a_large_one_that_began_earlier(
    hotel: &Installation,
) {
    hotel.friends(1_000).await;
    let crm = hotel.with_rules(|rules| rules.bulk_batch = 10);
    let large = bulk(hotel).await;
    crm.sending.send_now(&Actor::System, large).await.unwrap();
    hotel.friends_since(5, TimeDelta::zero()).await;
    let small = small(hotel).await;
    let slow = Fault::always(FaultEndpoint::Multicast, FaultKind::Slow);
    let slow = slow.with_delay(Duration::from_millis(10));
    hotel.line.inject_fault(slow);
    let meanwhile = async {
        while hotel.line.counters().deliveries < 50 {
            hotel.pass(TimeDelta::milliseconds(500)).await;
        }
        crm.sending.send_now(&Actor::System, small).await.unwrap();
        while look(hotel, small).await.status() != CampaignStatus::Sent {
            hotel.pass(TimeDelta::milliseconds(500)).await;
        }
        look(hotel, large).await.counts().sent
    };
    let (_, of_the_large_one) = tokio::join!(run_jobs_of(&crm), meanwhile);
    assert!(of_the_large_one < 700, "{of_the_large_one} of 1000");
    run_jobs_of(&crm).await;
    assert_eq!(look(hotel, large).await.counts().sent, 1_000);
}
