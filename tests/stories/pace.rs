use crate::samples::{campaign, interaction_tag, look, personal_template};
use chrono::TimeDelta;
use crm_bootstrap::Crm;
use crm_campaigns::CampaignStatus;
use crm_kernel::{Actor, Clock};
use crm_line::{LineClient, LineConfig};
use crm_simulator_line::{
    Endpoint, Fault, FaultEndpoint, FaultKind, LineSimulator, SimulatorConfig,
};
use crm_tests::{Installation, MovedClock};
use crm_workflows::{Hold, LineGateway, SendKind, WireMessages};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use url::Url;
use uuid::Uuid;

crate::stories!(
    a_storm_of_refusals_costs_few_requests_and_everybody_is_sent_once,
    clocks_that_are_minutes_apart_share_the_rate_all_the_same,
    a_rate_above_lines_own_finds_it_with_few_refusals,
);

struct Ours;

#[async_trait::async_trait]
impl Hold for Ours {
    fn is_valid(&self) -> bool {
        true
    }
    async fn wait(&self, time: Duration) -> bool {
        tokio::time::sleep(time).await;
        true
    }
}

async fn a_storm_of_refusals_costs_few_requests_and_everybody_is_sent_once(hotel: &Installation) {
    hotel.friends(150).await;
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let id = campaign(hotel, template, None).await;
    let process = hotel.another_process((*hotel.clock).clone(), 0, 400);
    process.sending.send_now(&Actor::System, id).await.unwrap();
    let storm = Fault::always(FaultEndpoint::Push, FaultKind::RateLimited);
    hotel.line.inject_fault(storm);
    let passes = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        hotel.line.clear_faults();
    };
    let sends = async {
        while look(hotel, id).await.status() == CampaignStatus::Sending {
            hotel.run_jobs_of(&process).await;
            hotel.clock.advance(TimeDelta::seconds(1));
        }
    };
    tokio::join!(passes, sends);
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
    // Those who were under way when the storm began, and a few each second to see whether it
    // has passed.
    let refused = counters.requests_with(Endpoint::Push, 429);
    assert!((1..=60).contains(&refused), "{refused}");
}

/// Turns that a process takes until a moment, with eight hands.
async fn taken(process: &Crm, until: Instant) -> u32 {
    let taken = AtomicU32::new(0);
    let hands = (0..8).map(|_| async {
        while Instant::now() < until {
            process.pace.turn(SendKind::Push, &Ours).await;
            taken.fetch_add(1, Ordering::SeqCst);
        }
    });
    futures::future::join_all(hands).await;
    taken.into_inner()
}

async fn clocks_that_are_minutes_apart_share_the_rate_all_the_same(hotel: &Installation) {
    let late = MovedClock::at(hotel.clock.now() - TimeDelta::minutes(2));
    let early = MovedClock::at(hotel.clock.now() + TimeDelta::minutes(2));
    let [late, early] = [late, early].map(|clock| hotel.another_process(clock, 0, 100));
    let until = Instant::now() + Duration::from_millis(1_500);
    let (late, early) = tokio::join!(taken(&late, until), taken(&early, until));
    // A second and a half, a tenth at once, and the turn that each hand is still waiting for.
    assert!(late + early <= 150 + 10 + 16 + 4, "{late} + {early}");
    assert!(late > 30 && early > 30, "{late} + {early}");
}

async fn a_rate_above_lines_own_finds_it_with_few_refusals(hotel: &Installation) {
    const SENDS: u128 = 900;
    let config = SimulatorConfig {
        enforce_rate_limits: true,
        ..SimulatorConfig::default()
    };
    let token = config.channel_access_token.clone();
    let line = LineSimulator::start(config).await.unwrap();
    let base = Url::parse(&line.base_url()).unwrap();
    let client = LineClient::new(LineConfig {
        api_base_url: base.clone(),
        data_api_base_url: base,
        channel_access_token: token.into(),
        timeout: Duration::from_secs(5),
    })
    .unwrap();
    let client = Arc::new(client);
    let friend = vec![line.add_friend("王小明")];
    // LINE allows 200.
    let process = hotel.another_process((*hotel.clock).clone(), 300, 0);
    let next = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let hands = (0..32).map(|_| {
        let (client, pace) = (Arc::clone(&client), Arc::clone(&process.pace));
        let (next, friend) = (Arc::clone(&next), friend.clone());
        tokio::spawn(async move {
            let hello = WireMessages(vec![json!({"type": "text", "text": "hello"})]);
            loop {
                let key = u128::from(next.fetch_add(1, Ordering::SeqCst));
                if key >= SENDS {
                    return;
                }
                while pace.turn(SendKind::Multicast, &Ours).await {
                    let key = Uuid::from_u128(key + 1);
                    if client.multicast(&friend, &hello, key, None).await.is_ok() {
                        break;
                    }
                    pace.slow_down(SendKind::Multicast, None).await;
                }
            }
        })
    });
    futures::future::join_all(hands).await;
    let counters = line.counters();
    assert_eq!(u128::from(counters.deliveries), SENDS);
    let refused = counters.requests_with(Endpoint::Multicast, 429);
    assert!(refused <= 60, "{refused}");
    line.stop().await;
}
