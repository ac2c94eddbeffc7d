use crate::processes::{PASSWORD, Settings, status};
use crate::proxy::Wire;
use crm_bootstrap::install_tls;
use crm_simulator_line::{LineSimulator, SimulatorConfig};
use crm_tests::{Api, Kind, TestDatabase};
use serde_json::json;
use std::time::Duration;

/// SQLite is a file: it does not go away. A server does.
#[tokio::test]
async fn a_database_that_is_gone_for_ten_seconds_is_a_503_and_then_all_goes_on() {
    let Some(database) = TestDatabase::empty(Kind::MySql, 0).await else {
        return;
    };
    install_tls();
    let line = LineSimulator::start(SimulatorConfig::default())
        .await
        .unwrap();
    let (credentials, rest) = database.url.split_once('@').unwrap();
    let (server, name) = rest.split_once('/').unwrap();
    let wire = Wire::to(server).await;
    let url = format!("{credentials}@127.0.0.1:{}/{name}", wire.port);
    let settings = Settings::new(&url, &line.base_url());
    let _api = settings.start_api().await;
    let _runner = settings.start("crm-job-runner");
    let api = Api::sign_in(&settings.base(), "admin", PASSWORD).await;
    line.set_webhook_url(&format!("{}/api/v1/line/webhook", settings.base()));
    api.create("/members", json!({"last_name": "王", "first_name": "小明"}))
        .await;

    wire.cut();
    let live = format!("{}/health", settings.base());
    let ready = format!("{}/ready", settings.base());
    assert_eq!(status(&live).await, Some(200), "alive all the same");
    assert_eq!(status(&ready).await, Some(503));
    let (code, body) = api.get("/members").await;
    assert_eq!(
        (code, &body["error_code"]),
        (503, &json!("storage_unavailable"))
    );
    let (code, _) = api
        .post("/tags", json!({"name": "VIP", "type": "member"}))
        .await;
    assert_eq!(code, 503);
    // A guest follows meanwhile; LINE delivers it again later.
    let _ = line.add_friend("小華");
    tokio::time::sleep(Duration::from_secs(10)).await;
    wire.mend();

    let mut waited = 0;
    while status(&ready).await != Some(200) {
        waited += 1;
        assert!(waited < 100, "it does not come back");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let members = "/members?page_size=10";
    api.wait_for(members, Duration::from_secs(60), |list| list["total"] == 2)
        .await;
    assert_eq!(api.data("/tags").await["total"], 0, "nothing half-written");
    line.stop().await;
}
