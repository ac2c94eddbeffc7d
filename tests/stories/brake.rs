use crate::samples::{campaign, interaction_tag, look, personal_template, plain_template};
use chrono::TimeDelta;
use crm_campaigns::{CampaignStatus, StatusReason};
use crm_kernel::{Actor, CampaignId, DomainError};
use crm_messages::{MessageStatus, MessageType};
use crm_simulator_line::{Endpoint, Fault, FaultEndpoint, FaultKind};
use crm_tests::Installation;
use crm_workflows::{SendMessage, Talked};
use std::time::Duration;

crate::stories!(
    a_personal_campaign_stops_in_the_middle_and_ends_exactly_after_the_resumption,
    a_bulk_campaign_stops_in_the_middle_and_ends_exactly_after_the_resumption,
    nothing_begins_while_everything_is_stopped,
    what_was_scheduled_waits_and_is_too_late_as_ever,
    a_planned_message_waits,
);

async fn started(hotel: &Installation, id: CampaignId) {
    let sending = &hotel.crm.sending;
    sending.send_now(&Actor::System, id).await.unwrap();
}

/// Sends until LINE has got so many requests; then another process stops everything, and what
/// is under way ends. Answers how many guests have got the message by then.
async fn stopped_after(hotel: &Installation, endpoint: Endpoint, requests: u64) -> u64 {
    let slow = match endpoint {
        Endpoint::Push => FaultEndpoint::Push,
        _ => FaultEndpoint::Multicast,
    };
    let slow = Fault::always(slow, FaultKind::Slow).with_delay(Duration::from_millis(100));
    hotel.line.inject_fault(slow);
    let another = hotel.another_process((*hotel.clock).clone(), 0, 0);
    let stops = async {
        while hotel.line.counters().requests_to(endpoint) < requests {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let reason = Some("wrong price");
        another.brake.pull(&Actor::System, reason).await.unwrap();
        hotel.clock.advance(TimeDelta::seconds(1));
    };
    tokio::join!(hotel.run_jobs(), stops);
    hotel.line.clear_faults();
    let delivered = hotel.line.counters().deliveries;
    hotel.run_jobs_for(TimeDelta::minutes(5)).await;
    assert_eq!(hotel.line.counters().deliveries, delivered);
    delivered
}

async fn resumed(hotel: &Installation) {
    hotel.crm.brake.release(&Actor::System).await.unwrap();
    hotel.run_jobs_for(TimeDelta::seconds(5)).await;
}

async fn a_personal_campaign_stops_in_the_middle_and_ends_exactly_after_the_resumption(
    hotel: &Installation,
) {
    hotel.friends(250).await;
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let id = campaign(hotel, template, None).await;
    started(hotel, id).await;
    let delivered = stopped_after(hotel, Endpoint::Push, 20).await;
    // At most those who were under way when the stop was seen: 32 at once.
    assert!((20..=100).contains(&delivered), "{delivered}");
    let stopped = look(hotel, id).await;
    assert_eq!(stopped.status(), CampaignStatus::Sending);
    assert_eq!(stopped.counts().sent.unsigned_abs(), delivered);
    resumed(hotel).await;
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (250, 1)
    );
    let done = look(hotel, id).await;
    assert_eq!(
        (done.status(), done.counts().sent),
        (CampaignStatus::Sent, 250)
    );
}

async fn a_bulk_campaign_stops_in_the_middle_and_ends_exactly_after_the_resumption(
    hotel: &Installation,
) {
    hotel.friends(1_200).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    started(hotel, id).await;
    let delivered = stopped_after(hotel, Endpoint::Multicast, 1).await;
    assert!((500..=1_000).contains(&delivered), "{delivered}");
    resumed(hotel).await;
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (1_200, 1)
    );
    assert_eq!(look(hotel, id).await.status(), CampaignStatus::Sent);
}

async fn nothing_begins_while_everything_is_stopped(hotel: &Installation) {
    let friends = hotel.friends(3).await;
    let template = plain_template(hotel).await;
    let [early, late] = [
        campaign(hotel, template, None).await,
        campaign(hotel, template, None).await,
    ];
    started(hotel, early).await;
    let brake = &hotel.crm.brake;
    brake.pull(&Actor::System, None).await.unwrap();
    let refused = hotel.crm.sending.send_now(&Actor::System, late).await;
    assert_eq!(refused.unwrap_err().code(), "sending_stopped");
    let message = SendMessage {
        member_id: friends[0].0,
        content: "您好".into(),
        message_type: MessageType::Text,
        template_id: None,
        scheduled_at: None,
    };
    let refused = hotel.crm.talking.send(&Actor::System, message).await;
    assert_eq!(refused.unwrap_err().code(), "sending_stopped");
    hotel.run_jobs_for(TimeDelta::minutes(1)).await;
    assert_eq!(hotel.line.counters().deliveries, 0);
    assert_eq!(look(hotel, late).await.status(), CampaignStatus::Draft);
    resumed(hotel).await;
    assert_eq!(hotel.line.counters().deliveries, 3);
    assert_eq!(look(hotel, early).await.status(), CampaignStatus::Sent);
}

async fn what_was_scheduled_waits_and_is_too_late_as_ever(hotel: &Installation) {
    hotel.friends(3).await;
    let template = plain_template(hotel).await;
    let soon = hotel.now() + TimeDelta::minutes(10);
    let waits = campaign(hotel, template, Some(soon)).await;
    let brake = &hotel.crm.brake;
    brake.pull(&Actor::System, None).await.unwrap();
    hotel.clock.advance(TimeDelta::minutes(10));
    hotel.run_jobs_for(TimeDelta::minutes(1)).await;
    assert_eq!(look(hotel, waits).await.status(), CampaignStatus::Scheduled);
    resumed(hotel).await;
    assert_eq!(look(hotel, waits).await.status(), CampaignStatus::Sent);

    let soon = hotel.now() + TimeDelta::minutes(10);
    let too_late = campaign(hotel, template, Some(soon)).await;
    brake.pull(&Actor::System, None).await.unwrap();
    hotel.clock.advance(TimeDelta::minutes(131));
    hotel.run_jobs().await;
    resumed(hotel).await;
    let failed = look(hotel, too_late).await;
    assert_eq!(
        failed.record().status_reason,
        Some(StatusReason::MissedWindow)
    );
    assert_eq!(hotel.line.counters().deliveries, 3);
}

async fn a_planned_message_waits(hotel: &Installation) {
    let friends = hotel.friends(1).await;
    let message = SendMessage {
        member_id: friends[0].0,
        content: "您好".into(),
        message_type: MessageType::Text,
        template_id: None,
        scheduled_at: Some(hotel.now() + TimeDelta::hours(1)),
    };
    let planned = hotel.crm.talking.send(&Actor::System, message).await;
    let Talked::Scheduled(id) = planned.unwrap() else {
        panic!("it was sent at once");
    };
    let brake = &hotel.crm.brake;
    brake.pull(&Actor::System, None).await.unwrap();
    hotel.clock.advance(TimeDelta::hours(3));
    hotel.run_jobs_for(TimeDelta::minutes(1)).await;
    assert_eq!(hotel.line.counters().deliveries, 0);
    resumed(hotel).await;
    assert_eq!(hotel.line.deliveries_of(&friends[0].1), 1);
    let sent = hotel.crm.messages.get(id).await.unwrap();
    assert_eq!(sent.status, MessageStatus::Sent);
}
