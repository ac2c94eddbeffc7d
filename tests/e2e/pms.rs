//! Guests and stays are taken over by the real programs while job runners are killed.

use crate::processes::{PASSWORD, Settings};
use crm_bootstrap::install_tls;
use crm_simulator_dexon::{Clock, DexonSimulator, Hotel, SimulatorConfig as PmsConfig};
use crm_simulator_line::{LineSimulator, SimulatorConfig};
use crm_tests::{Api, Kind, TestDatabase};
use serde_json::{Value, json};
use std::time::Duration;

/// Milliseconds that a job runner lives before it is killed: in the middle of a page, between two,
/// before the first and after the last.
const LIVES: [u64; 8] = [130, 400, 290, 740, 520, 1_110, 350, 900];

#[tokio::test]
async fn job_runners_killed_in_the_middle_double_and_lose_nothing_on_sqlite() {
    killed(Kind::Sqlite).await;
}

#[tokio::test]
async fn job_runners_killed_in_the_middle_double_and_lose_nothing_on_mysql() {
    killed(Kind::MySql).await;
}

async fn killed(kind: Kind) {
    let Some(database) = TestDatabase::empty(kind, 0).await else {
        return;
    };
    install_tls();
    let line = LineSimulator::start(SimulatorConfig::default())
        .await
        .unwrap();
    let clock = Clock::of_this_machine();
    let config = PmsConfig {
        hotel: Hotel::seeded(11, 1_000, 2_000).on(clock.today()),
        clock: Some(clock),
        ..PmsConfig::default()
    };
    let pms = DexonSimulator::start(config).await.unwrap();
    let mut settings = Settings::new(&database.url, &line.base_url());
    settings.more = vec![
        ("PMS_API_URL", pms.base_url()),
        ("PMS_API_KEY", pms.api_key().to_owned()),
        ("PMS_PAGE_SIZE", "100".to_owned()),
        // Only what is asked for: how many rows a run meets shall not depend on the hour.
        ("PMS_SYNC_INTERVAL", "0".to_owned()),
        // A page that a killed process had in hand is to be taken up soon.
        ("JOB_LEASE", "1".to_owned()),
    ];
    let _api = settings.start_api().await;
    let api = Api::sign_in(&settings.base(), "admin", PASSWORD).await;

    let truth = pms.truth();
    for (name, table) in [
        ("members", &truth.guests),
        ("consumption_records", &truth.stays),
    ] {
        let task = ask(&api, name, false).await;
        for life in LIVES {
            let mut runner = settings.start("crm-job-runner");
            tokio::time::sleep(Duration::from_millis(life)).await;
            runner.kill();
        }
        let _runner = settings.start("crm-job-runner");
        let done = end_of(&api, &task).await;
        assert_eq!(done["status"], "completed", "{done}");
        let count = |name: &str| done[name].as_u64().unwrap();
        assert_eq!(count("failed_count"), table.bad as u64);
        assert_eq!(
            count("synced_count") + count("review_count"),
            table.good as u64
        );
    }
    let _runner = settings.start("crm-job-runner");
    for name in ["members", "consumption_records"] {
        let task = ask(&api, name, true).await;
        let again = end_of(&api, &task).await;
        assert_eq!(again["status"], "completed", "{again}");
        assert_eq!(again["created_count"], 0, "{again}");
        assert_eq!(again["updated_count"], 0, "{again}");
    }
    pms.stop().await;
    line.stop().await;
}

async fn ask(api: &Api, name: &str, force: bool) -> String {
    let (code, body) = api
        .post("/pms/sync", json!({ "sync_type": name, "force": force }))
        .await;
    assert_eq!(code, 202, "{body}");
    body["data"]["task_id"].as_str().unwrap().to_owned()
}

async fn end_of(api: &Api, task: &str) -> Value {
    let path = format!("/pms/sync-status/{task}");
    let ended = |run: &Value| run["status"] == "completed" || run["status"] == "failed";
    api.wait_for(&path, Duration::from_secs(120), ended).await;
    api.data(&path).await
}
