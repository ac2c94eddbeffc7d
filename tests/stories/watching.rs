//! What staff see of a campaign: its history, and what LINE counted.

use crate::samples::{campaign, look, plain_template};
use chrono::TimeDelta;
use crm_campaigns::{CampaignStatus, EventKind, LineStats, StatusReason};
use crm_kernel::{Actor, CampaignId, PageRequest};
use crm_simulator_line::{Fault, FaultEndpoint, FaultKind};
use crm_tests::Installation;
use std::time::Duration;

crate::stories!(
    a_history_tells_what_happened_from_the_first_word_to_the_end,
    a_schedule_that_does_not_fire_is_in_the_history_with_its_reason,
    what_line_counted_is_fetched_later_and_stays_apart_from_our_own_figures,
);

async fn history(hotel: &Installation, id: CampaignId) -> Vec<(EventKind, Option<StatusReason>)> {
    let page = PageRequest::new(1, 100).unwrap();
    let page = hotel.crm.campaigns.history(id, page).await.unwrap();
    let mut events: Vec<_> = page.items.into_iter().map(|e| (e.kind, e.reason)).collect();
    events.reverse();
    events
}

async fn a_history_tells_what_happened_from_the_first_word_to_the_end(hotel: &Installation) {
    hotel.friends(20).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    let refused = Fault::times(FaultEndpoint::Multicast, FaultKind::QuotaReached, 1);
    hotel.line.inject_fault(refused);
    let sending = &hotel.crm.sending;
    sending.send_now(&Actor::System, id).await.unwrap();
    hotel.run_jobs().await;
    assert_eq!(look(hotel, id).await.status(), CampaignStatus::Paused);
    let campaigns = &hotel.crm.campaigns;
    campaigns.resume(&Actor::System, id).await.unwrap();
    hotel.run_jobs_for(TimeDelta::minutes(2)).await;
    assert_eq!(look(hotel, id).await.status(), CampaignStatus::Sent);
    assert_eq!(
        history(hotel, id).await,
        [
            (EventKind::Created, None),
            (EventKind::Started, None),
            (EventKind::Paused, Some(StatusReason::QuotaExhausted)),
            (EventKind::Resumed, None),
            (EventKind::Finished, None),
        ]
    );
}

async fn a_schedule_that_does_not_fire_is_in_the_history_with_its_reason(hotel: &Installation) {
    hotel.friends(3).await;
    let template = plain_template(hotel).await;
    let at = hotel.now() + TimeDelta::minutes(10);
    let id = campaign(hotel, template, Some(at)).await;
    hotel.clock.advance(TimeDelta::hours(3));
    hotel.run_jobs().await;
    assert_eq!(
        history(hotel, id).await,
        [
            (EventKind::Created, None),
            (EventKind::Scheduled, None),
            (EventKind::Failed, Some(StatusReason::MissedWindow)),
        ]
    );
}

async fn stats(hotel: &Installation, id: CampaignId) -> Option<LineStats> {
    hotel.crm.campaigns.get(id).await.unwrap().line_stats
}

async fn what_line_counted_is_fetched_later_and_stays_apart_from_our_own_figures(
    hotel: &Installation,
) {
    let friends = hotel.friends(25).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    let sending = &hotel.crm.sending;
    sending.send_now(&Actor::System, id).await.unwrap();
    hotel.run_jobs().await;
    assert!(look(hotel, id).await.record().line_unit.is_some());
    for (_, uid) in &friends[..22] {
        hotel.line.look(uid).unwrap();
    }
    assert!(!sending.fetch_line_stats().await.unwrap(), "too soon");
    hotel.clock.advance(TimeDelta::minutes(61));
    hotel.line.advance_clock(Duration::from_secs(61 * 60));
    hotel
        .line
        .inject_fault(Fault::times(FaultEndpoint::Any, FaultKind::ServerError, 1));
    assert!(sending.fetch_line_stats().await.unwrap());
    assert_eq!(stats(hotel, id).await, None, "LINE could not tell");
    assert!(!sending.fetch_line_stats().await.unwrap());
    hotel.clock.advance(TimeDelta::minutes(61));
    assert!(sending.fetch_line_stats().await.unwrap());
    let told = stats(hotel, id).await.unwrap();
    assert_eq!(told.figures.unique_impressions, Some(22));
    assert_eq!(told.figures.unique_clicks, None);
    assert_eq!(look(hotel, id).await.counts().opened, 0);
}
