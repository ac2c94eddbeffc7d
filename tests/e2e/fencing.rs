use crate::processes::{PASSWORD, Settings};
use crate::proxy::Wire;
use crm_bootstrap::{SystemClock, install_tls};
use crm_kernel::Clock;
use crm_simulator_line::{Endpoint, LineSimulator, SimulatorConfig};
use crm_tests::{Api, Kind, TestDatabase};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(90);
/// `JOB_LEASE` of the programs.
const LEASE: Duration = Duration::from_secs(3);

async fn line() -> LineSimulator {
    install_tls();
    LineSimulator::start(SimulatorConfig::default())
        .await
        .unwrap()
}

/// Guests of both sides, and a personal template that makes every message a push.
async fn guests(database: &TestDatabase, line: &LineSimulator, count: usize) -> Vec<String> {
    let uids = line.add_friends(count, false);
    crate::soak::store_guests(database.database.pool(), &uids).await;
    uids
}

/// A campaign for everybody, as a draft or scheduled; its path.
async fn write(api: &Api, scheduled_at: Option<String>) -> String {
    let words = json!({"type": "text", "name": "中秋", "content": "{{display_name|貴賓}} 您好"});
    let template = api.create("/templates", words).await["id"].clone();
    let mut campaign = json!({"title": "中秋", "template_id": template,
        "target_audience": {"type": "all"}});
    if let Some(at) = scheduled_at {
        campaign["scheduled_at"] = at.into();
    }
    let campaign = api.create("/campaigns", campaign).await;
    format!("/campaigns/{}", campaign["id"])
}

async fn press_send(api: &Api, campaign: &str) {
    let (status, answer) = api.post(&format!("{campaign}/send"), json!({})).await;
    assert_eq!(status, 202, "{answer}");
}

async fn until_delivered(line: &LineSimulator, count: u64) {
    let start = Instant::now();
    while line.counters().deliveries < count {
        assert!(start.elapsed() < PATIENCE, "LINE got nothing");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn each_once(line: &LineSimulator, uids: &[String]) {
    for uid in uids {
        assert_eq!(line.deliveries_of(uid), 1);
    }
}

/// A machine that was suspended in the middle of a send wakes up after others went on.
async fn a_job_runner_that_wakes_past_its_lease_sends_nothing_more(kind: Kind) {
    let Some(database) = TestDatabase::with_connections(kind, 2).await else {
        return;
    };
    let line = line().await;
    let uids = guests(&database, &line, 300).await;
    let mut settings = Settings::new(&database.url, &line.base_url());
    settings.more = vec![("LINE_PUSH_PER_SECOND", "80".into())];
    let _api = settings.start_api().await;
    let api = Api::sign_in(&settings.base(), "admin", PASSWORD).await;
    let sleeper = settings.start("crm-job-runner");
    let campaign = write(&api, None).await;
    press_send(&api, &campaign).await;
    until_delivered(&line, 20).await;
    sleeper.signal("STOP");
    let waker = settings.start("crm-job-runner");
    let done = |detail: &Value| detail["status"] == "sent";
    let detail = api.wait_for(&campaign, PATIENCE, done).await;
    assert_eq!(detail["sent_count"], 300);
    tokio::time::sleep(LEASE).await;
    drop(waker);
    let before = line.counters();
    sleeper.signal("CONT");
    tokio::time::sleep(LEASE + Duration::from_secs(1)).await;
    let after = line.counters();
    assert_eq!(
        before.requests_to(Endpoint::Push),
        after.requests_to(Endpoint::Push),
        "the one who woke up calls LINE no more"
    );
    each_once(&line, &uids);
    let detail = api.data(&campaign).await;
    assert_eq!(
        (&detail["status"], &detail["sent_count"]),
        (&json!("sent"), &json!(300))
    );
    line.stop().await;
}

/// Two job runners wait for the time that somebody set.
async fn a_schedule_starts_within_five_seconds_and_once(kind: Kind) {
    let Some(database) = TestDatabase::with_connections(kind, 2).await else {
        return;
    };
    let line = line().await;
    let uids = guests(&database, &line, 10).await;
    let settings = Settings::new(&database.url, &line.base_url());
    let _api = settings.start_api().await;
    let api = Api::sign_in(&settings.base(), "admin", PASSWORD).await;
    let _runners = [(); 2].map(|()| settings.start("crm-job-runner"));
    let at = SystemClock.now() + chrono::TimeDelta::seconds(4);
    let campaign = write(&api, Some(at.to_rfc3339())).await;
    assert_eq!(line.counters().deliveries, 0);
    until_delivered(&line, 1).await;
    let late = SystemClock.now() - at;
    assert!(
        (0..5_000).contains(&late.num_milliseconds()),
        "it starts after {late}"
    );
    api.wait_for(&campaign, PATIENCE, |detail| detail["status"] == "sent")
        .await;
    each_once(&line, &uids);
    line.stop().await;
}

#[tokio::test]
async fn a_job_runner_that_wakes_past_its_lease_sends_nothing_more_on_sqlite() {
    a_job_runner_that_wakes_past_its_lease_sends_nothing_more(Kind::Sqlite).await;
}

#[tokio::test]
async fn a_job_runner_that_wakes_past_its_lease_sends_nothing_more_on_mysql() {
    a_job_runner_that_wakes_past_its_lease_sends_nothing_more(Kind::MySql).await;
}

#[tokio::test]
async fn a_schedule_starts_within_five_seconds_and_once_on_sqlite() {
    a_schedule_starts_within_five_seconds_and_once(Kind::Sqlite).await;
}

#[tokio::test]
async fn a_schedule_starts_within_five_seconds_and_once_on_mysql() {
    a_schedule_starts_within_five_seconds_and_once(Kind::MySql).await;
}

/// SQLite is a file: it does not go away. A server does, and here in the middle of a send.
#[tokio::test]
async fn a_database_that_is_restarted_in_the_middle_of_a_send_costs_nobody_and_repeats_nothing() {
    let Some(database) = TestDatabase::with_connections(Kind::MySql, 2).await else {
        return;
    };
    let line = line().await;
    let uids = guests(&database, &line, 300).await;
    let (credentials, rest) = database.url.split_once('@').unwrap();
    let (server, name) = rest.split_once('/').unwrap();
    let wire = Wire::to(server).await;
    let url = format!("{credentials}@127.0.0.1:{}/{name}", wire.port);
    let mut settings = Settings::new(&url, &line.base_url());
    settings.more = vec![
        ("LINE_PUSH_PER_SECOND", "80".into()),
        ("RUST_LOG", "off".into()),
    ];
    let _api = settings.start_api().await;
    let api = Api::sign_in(&settings.base(), "admin", PASSWORD).await;
    let _runners = [(); 2].map(|()| settings.start("crm-job-runner"));
    let campaign = write(&api, None).await;
    press_send(&api, &campaign).await;
    for (delivered, away) in [(20, 500), (60, 4_000), (120, 1_000)] {
        until_delivered(&line, delivered).await;
        wire.cut();
        tokio::time::sleep(Duration::from_millis(away)).await;
        wire.mend();
    }
    let start = Instant::now();
    loop {
        let (status, body) = api.get(&campaign).await;
        if status == 200 && body["data"]["status"] == "sent" {
            assert_eq!(body["data"]["sent_count"], 300);
            break;
        }
        assert!(start.elapsed() < PATIENCE, "{status}: {body}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    each_once(&line, &uids);
    line.stop().await;
}
