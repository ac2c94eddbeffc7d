use crate::processes::{PASSWORD, Settings};
use crm_bootstrap::install_tls;
use crm_simulator_line::{Fault, FaultEndpoint, FaultKind, LineSimulator, SimulatorConfig, Tap};
use crm_tests::{Api, Kind, TestDatabase};
use serde_json::{Value, json};
use std::time::Duration;

const GUESTS: usize = 1_200;
const PATIENCE: Duration = Duration::from_secs(120);

/// Guests follow, a bulk and a personal campaign go out through two job runners of which one is
/// killed, LINE has its bad moments, and everybody gets each campaign exactly once.
async fn everybody_gets_each_campaign_exactly_once(kind: Kind) {
    let Some(database) = TestDatabase::empty(kind, 0).await else {
        return;
    };
    install_tls();
    let line = LineSimulator::start(SimulatorConfig::default())
        .await
        .unwrap();
    let settings = Settings::new(&database.url, &line.base_url());
    let mut crm_api = settings.start_api().await;
    let mut runners = [
        settings.start("crm-job-runner"),
        settings.start("crm-job-runner"),
    ];
    line.set_webhook_url(&format!("{}/api/v1/line/webhook", settings.base()));
    let api = Api::sign_in(&settings.base(), "admin", PASSWORD).await;

    let guests = line.add_friends(GUESTS, true);
    line.flush().await;
    let all_here = |list: &Value| list["total"] == GUESTS;
    api.wait_for("/members?page_size=1", PATIENCE, all_here)
        .await;
    let first = api.data("/members?page_size=1&sort_by=id&order=asc").await;
    assert!(first["items"][0]["line_display_name"].is_string());

    let tag = api
        .create("/tags", json!({"name": "中秋活動", "type": "interaction"}))
        .await;
    let bulk = template(
        &api,
        json!({"type": "text", "name": "問候", "content": "中秋快樂"}),
    )
    .await;
    let personal = template(
        &api,
        json!({
            "type": "text_button", "name": "優惠",
            "content": "{{display_name|貴賓}} 您好，中秋住房八折",
            "notification_text": "中秋特別優惠來了！", "preview_text": "點擊查看",
            "buttons": [{"label": "立即訂房", "interaction_tag_id": tag["id"],
                "interaction_result": {"type": "open_url", "value": "https://hotel.tw/moon"}}],
        }),
    )
    .await;

    for (kind, times) in [
        (FaultKind::ServerErrorAfterAccept, 1),
        (FaultKind::RateLimited, 1),
    ] {
        line.inject_fault(Fault::times(FaultEndpoint::Multicast, kind, times));
    }
    let bulk = send(&api, bulk).await;
    sent(&api, &bulk).await;
    assert_eq!(line.counters().deliveries, GUESTS as u64);

    let flaky = Fault::times(FaultEndpoint::Push, FaultKind::ServerErrorAfterAccept, 60);
    line.inject_fault(flaky.with_probability(0.1));
    let personal = send(&api, personal).await;
    runners[0].kill();
    sent(&api, &personal).await;
    for uid in &guests {
        assert_eq!(
            line.deliveries_of(uid),
            2,
            "each guest got each campaign once"
        );
    }

    let recipients = api
        .data(&format!("{personal}/recipients?status=sent&page_size=100"))
        .await;
    assert_eq!(recipients["total"], GUESTS);
    tap(&api, &line, &guests[5], &personal).await;

    assert!(
        crm_api.terminate(Duration::from_secs(15)),
        "the API ends in order"
    );
    assert!(
        runners[1].terminate(Duration::from_secs(15)),
        "the job runner ends in order"
    );
    line.stop().await;
    database.drop_it().await;
}

async fn template(api: &Api, body: Value) -> Value {
    api.create("/templates", body).await["id"].clone()
}

/// Creates a campaign for everybody and sends it; its path.
async fn send(api: &Api, template: Value) -> String {
    let body =
        json!({"title": "中秋送禮", "template_id": template, "target_audience": {"type": "all"}});
    let campaign = format!("/campaigns/{}", api.create("/campaigns", body).await["id"]);
    let (status, answer) = api.post(&format!("{campaign}/send"), json!({})).await;
    assert_eq!(status, 202, "{answer}");
    assert_eq!(answer["data"]["recipient_count"], GUESTS);
    let (again, answer) = api.post(&format!("{campaign}/send"), json!({})).await;
    assert_eq!(again, 409, "{answer}");
    campaign
}

/// Waits until it is through; the figures must add up at every look.
async fn sent(api: &Api, campaign: &str) {
    let detail = api
        .wait_for(campaign, PATIENCE, |detail| {
            let count = |name: &str| detail[name].as_i64().unwrap();
            assert_eq!(
                count("recipient_count"),
                count("pending_count")
                    + count("sent_count")
                    + count("failed_count")
                    + count("skipped_count"),
            );
            detail["status"] == "sent"
        })
        .await;
    assert_eq!(detail["sent_count"], GUESTS, "{detail}");
    assert_eq!(detail["failed_count"], 0, "{detail}");
}

/// A guest taps the tracked link in LINE's own browser.
async fn tap(api: &Api, line: &LineSimulator, guest: &str, campaign: &str) {
    let messages = line.messages_of(guest);
    let message = &messages.last().unwrap().message;
    let action = find_uri(message).expect("a button with a link");
    let tapped = line
        .tap(
            guest,
            &Tap {
                action,
                follow: true,
                ..Tap::default()
            },
        )
        .await
        .unwrap();
    assert_eq!(tapped.status, Some(302));
    assert_eq!(tapped.location.as_deref(), Some("https://hotel.tw/moon"));
    let clicked = api
        .wait_for(
            &format!("{campaign}/recipients?status=clicked"),
            Duration::from_secs(10),
            |list| list["total"] == 1,
        )
        .await;
    let row = &clicked["items"][0];
    assert!(row["clicked_at"].is_string());
    let member = api.data(&format!("/members/{}", row["member"]["id"])).await;
    assert_eq!(member["line_uid"], guest);
    assert_eq!(member["tags"][0]["name"], "中秋活動");
}

fn find_uri(value: &Value) -> Option<Value> {
    match value {
        Value::Object(map) if map.get("type").is_some_and(|t| t == "uri") => Some(value.clone()),
        Value::Object(map) => map.values().find_map(find_uri),
        Value::Array(list) => list.iter().find_map(find_uri),
        _ => None,
    }
}

#[tokio::test]
async fn everybody_gets_each_campaign_exactly_once_on_sqlite() {
    everybody_gets_each_campaign_exactly_once(Kind::Sqlite).await;
}

#[tokio::test]
async fn everybody_gets_each_campaign_exactly_once_on_mysql() {
    everybody_gets_each_campaign_exactly_once(Kind::MySql).await;
}
