use crate::harness::TestApi;
use actix_web::http::header;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

const WEBHOOK: &str = "/api/v1/line/webhook";

impl TestApi {
    /// Delivers follow events and handles them.
    pub async fn follow(&self, body: &Value) {
        let request = TestRequest::post()
            .uri(WEBHOOK)
            .insert_header(("x-line-signature", "good"))
            .set_payload(body.to_string());
        let reply = self.send(request).await;
        assert_eq!(
            (reply.status, reply.data()),
            (200, json!(null)),
            "{}",
            reply.text
        );
        for id in 1..=body["events"].as_array().map_or(0, Vec::len) {
            let job = crm_workflows::HandleInboundEvent {
                event_id: i64::try_from(id).unwrap().into(),
            };
            self.crm.inbound.handle(&job).await.unwrap();
        }
    }
}

#[actix_web::test]
async fn a_webhook_is_taken_when_it_is_signed_small_and_one() {
    let api = TestApi::start().await;
    let request = |signature: &str, body: String| {
        TestRequest::post()
            .uri(WEBHOOK)
            .insert_header(("x-line-signature", signature.to_owned()))
            .set_payload(body)
    };
    let event = json!({"events": [{"webhookEventId": "e", "user": "U1"}]}).to_string();
    assert_eq!(api.send(request("good", event.clone())).await.status, 200);
    let reply = api.send(request("bad", event)).await;
    assert_eq!(reply.refusal(), (401, "bad_signature".into(), vec![]));
    let reply = api.send(request("good", "x".into())).await;
    assert_eq!(reply.refusal(), (400, "not_a_webhook".into(), vec![]));
    let reply = api.send(request("good", "x".repeat(1_048_577))).await;
    assert_eq!(reply.refusal().0, 413);
}

#[actix_web::test]
async fn a_link_that_is_not_ours_leads_to_a_friendly_page() {
    let api = TestApi::start().await;
    let reply = api.get("/t/nonsense", "").await;
    assert_eq!(reply.status, 404);
    assert!(reply.text.contains("找不到"), "{}", reply.text);
    assert_eq!(reply.header("cache-control").as_deref(), Some("no-store"));
    let kind = reply.header(header::CONTENT_TYPE.as_str());
    assert_eq!(kind.as_deref(), Some("text/html; charset=utf-8"));
}

#[actix_web::test]
async fn the_process_tells_how_it_is() {
    let api = TestApi::start().await;
    assert_eq!(api.get("/health", "").await.data(), json!({"status": "ok"}));
    assert_eq!(
        api.get("/ready", "").await.data(),
        json!({"database": "ok", "job_runners": 0, "queue_lag_ms": 0, "dead_jobs": 0})
    );
    api.crm.database.clone().close().await;
    let reply = api.get("/ready", "").await;
    assert_eq!(reply.refusal(), (503, "not_ready".into(), vec![]));
    assert_eq!(reply.header("retry-after").as_deref(), Some("1"));
}

#[actix_web::test]
async fn the_documentation_needs_nothing_from_outside() {
    let api = TestApi::start().await;
    let reply = api.get("/api/v1/docs", "").await;
    assert_eq!(reply.header("location").as_deref(), Some("/api/v1/docs/"));
    let page = api.get("/api/v1/docs/", "").await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("https://"), "{}", page.text);
    assert_eq!(api.get("/api/v1/docs/swagger-ui.css", "").await.status, 200);
    let document = api.get("/api/v1/openapi.json", "").await.json();
    assert_eq!(document["info"]["title"], "LineOA CRM");
}

#[actix_web::test]
async fn dead_jobs_are_the_admins_business() {
    let (api, token) = TestApi::with_admin().await;
    let list = api.get("/api/v1/jobs?status=dead", &token).await;
    assert_eq!(list.data()["total"], 0);
    let other = api.get("/api/v1/jobs?status=done", &token).await;
    assert_eq!(other.refusal().2, ["status"]);
    let retry = api.post("/api/v1/jobs/1/retry", &token, json!({})).await;
    assert_eq!(retry.refusal().1, "job_not_found");
}

#[actix_web::test]
async fn metrics_are_for_whoever_has_their_token() {
    let api = TestApi::start().await;
    for wrong in ["", "a token for metrics!", "a token"] {
        let refusal = api.get("/metrics", wrong).await.refusal();
        assert_eq!((refusal.0, refusal.1), (401, "unauthorized".into()));
    }
    let page = api.get("/metrics", "a token for metrics").await;
    assert_eq!(page.status, 200);
    let text = page.text;
    for line in [
        "crm_jobs_dead 0",
        "crm_job_runners 0",
        "crm_pms_failed_runs_in_row{kind=\"members\"} 0",
        "crm_pms_failed_runs_in_row{kind=\"consumption_records\"} 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
}
