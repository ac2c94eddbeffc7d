use crate::harness::{Reply, TestApi};
use async_trait::async_trait;
use chrono::{DateTime, Datelike, Timelike, Utc, Weekday};
use crm_accounts::Role;
use crm_exports::MakeExport;
use crm_kernel::ExportId;
use crm_workflows::Hold;
use serde_json::{Value, json};
use std::time::Duration;

const EXPORT: &str = "/api/v1/analytics/export";
const SCHEDULES: &str = "/api/v1/report-schedules";

/// A job that nobody takes away.
struct Ours;

#[async_trait]
impl Hold for Ours {
    fn is_valid(&self) -> bool {
        true
    }

    async fn wait(&self, _: Duration) -> bool {
        true
    }
}

/// Does what the job runner would.
async fn make(api: &TestApi, id: i64) {
    let job = MakeExport {
        export_id: ExportId::new(id),
    };
    api.crm.reports.make(&job, &Ours).await.unwrap();
}

fn tags() -> Value {
    json!({"report_type": "tags", "format": "csv"})
}

/// Path and query of a link.
fn path(url: &str) -> &str {
    url.strip_prefix("http://127.0.0.1:8000").unwrap()
}

async fn made(api: &TestApi, token: &str, wish: Value) -> Value {
    let reply = api.post(EXPORT, token, wish).await;
    assert_eq!(reply.status, 202, "{}", reply.text);
    let location = reply.header("location").unwrap();
    make(api, reply.data()["id"].as_i64().unwrap()).await;
    api.get(&location, token).await.data()
}

#[actix_web::test]
async fn a_file_is_asked_for_made_and_downloaded_without_signing_in() {
    let (api, token) = TestApi::with_admin().await;
    let tag = json!({"name": "=VIP", "type": "member"});
    api.create("/api/v1/tags", &token, tag).await;
    let reply = api.post(EXPORT, &token, tags()).await;
    assert_eq!(reply.status, 202, "{}", reply.text);
    let task = reply.data();
    let id = task["id"].as_i64().unwrap();
    assert_eq!(
        reply.header("location"),
        Some(format!("/api/v1/exports/{id}"))
    );
    assert_eq!(task["export_id"], id);
    assert_eq!(task["status"], "pending");
    assert_eq!(task["progress"], 0);
    assert_eq!(task["download_url"], Value::Null);
    assert_eq!(task["expires_at"], Value::Null);
    make(&api, id).await;
    let task = api
        .get(&format!("/api/v1/exports/{id}"), &token)
        .await
        .data();
    assert_eq!(task["status"], "completed");
    assert_eq!(
        (&task["progress"], &task["rows_done"]),
        (&json!(100), &json!(1))
    );
    let url = task["download_url"].as_str().unwrap();
    let file = api.get(path(url), "").await;
    assert_eq!(file.status, 200, "{}", file.text);
    assert!(file.text.starts_with('\u{feff}') && file.text.contains("VIP"));
    assert_eq!(
        file.header("content-type").unwrap(),
        "text/csv; charset=utf-8"
    );
    assert_eq!(file.header("cache-control").unwrap(), "private, no-store");
    assert_eq!(file.header("x-content-type-options").unwrap(), "nosniff");
    assert_eq!(
        file.header("content-disposition").unwrap(),
        format!("attachment; filename=\"tags-{id}.csv\"")
    );
    let list = api.get("/api/v1/exports", &token).await.data();
    assert_eq!((&list["total"], &list["items"][0]), (&json!(1), &task));
}

#[actix_web::test]
async fn a_forged_link_leads_nowhere_and_an_old_one_is_gone() {
    let (api, token) = TestApi::with_admin().await;
    let task = made(&api, &token, tags()).await;
    let url = path(task["download_url"].as_str().unwrap()).to_owned();
    let refusal = |reply: Reply| {
        let (status, code, _) = reply.refusal();
        (status, code)
    };
    let forged = (404, "link_forged".to_owned());
    let (bare, query) = url.split_once('?').unwrap();
    let (numbers, signature) = query.rsplit_once("signature=").unwrap();
    for other in [
        bare.to_owned(),
        format!("{bare}?{numbers}signature="),
        format!("{bare}?{numbers}signature={}", "A".repeat(43)),
        format!("{bare}?{numbers}signature={}", "A".repeat(5_000)),
        format!("{bare}?{numbers}x=1&signature={}%00", &signature[..42]),
        url.replace("expires=", "expires=1"),
        url.replace("expires=", "expires=-"),
        url.replace("user=", "user=1"),
        format!("{bare}?expires=9999999999999999999999&user=x&signature={signature}"),
        url.replace("/exports/", "/exports/1"),
    ] {
        let reply = api.get(&other, "").await;
        let told = refusal(reply);
        assert!(told == forged || told.0 == 400, "{other}: {told:?}");
    }
    let reply = api.get("/api/v1/exports/x/download", "").await;
    assert_eq!(reply.status, 404);
    assert_eq!(api.get(&url, "").await.status, 200);
    api.clock.advance(3_600);
    let gone = (410, "link_expired".to_owned());
    assert_eq!(refusal(api.get(&url, "").await), gone);
}

#[actix_web::test]
async fn a_deleted_file_cannot_be_downloaded_any_more() {
    let (api, token) = TestApi::with_admin().await;
    let task = made(&api, &token, tags()).await;
    let url = path(task["download_url"].as_str().unwrap()).to_owned();
    let own = format!("/api/v1/exports/{}", task["id"]);
    let reply = api.delete(&own, &token).await;
    assert_eq!((reply.status, reply.data()), (200, Value::Null));
    assert_eq!(api.get(&url, "").await.refusal().1, "link_expired");
    assert_eq!(api.get(&own, &token).await.refusal().1, "export_not_found");
    assert_eq!(api.delete(&own, &token).await.status, 404);
}

#[actix_web::test]
async fn whatever_is_wrong_with_a_wish_is_told_by_its_field() {
    let (api, token) = TestApi::with_admin().await;
    for (body, field) in [
        (json!({}), "report_type"),
        (
            json!({"report_type": "guests", "format": "csv"}),
            "report_type",
        ),
        (json!({"report_type": "tags", "format": "docx"}), "format"),
        (json!({"report_type": "tags"}), "format"),
        (
            json!({"report_type": "overview", "format": "pdf", "start_date": "2026-1-1"}),
            "start_date",
        ),
        (
            json!({"report_type": "overview", "format": "pdf", "start_date": "2026-09-02",
                "end_date": "2026-09-01"}),
            "start_date",
        ),
        (
            json!({"report_type": "overview", "format": "pdf", "start_date": "2025-01-01",
                "end_date": "2026-09-01"}),
            "end_date",
        ),
        (
            json!({"report_type": "overview", "format": "pdf", "start_date": "0001-01-01",
                "end_date": "9999-12-31"}),
            "end_date",
        ),
        (
            json!({"report_type": "overview", "format": "pdf", "start_date": "1899-12-20",
                "end_date": "1900-01-02"}),
            "start_date",
        ),
        (
            json!({"report_type": "campaign_recipients", "format": "csv"}),
            "campaign_id",
        ),
        (
            json!({"report_type": "campaign_recipients", "format": "csv", "campaign_id": 9}),
            "campaign_id",
        ),
        (
            json!({"report_type": "members", "format": "csv", "campaign_id": 1}),
            "campaign_id",
        ),
        (
            json!({"report_type": "tags", "format": "csv", "file_name": "../x"}),
            "file_name",
        ),
    ] {
        let reply = api.post(EXPORT, &token, body.clone()).await;
        let (status, _, fields) = reply.refusal();
        assert_eq!((status, fields), (400, vec![field.to_owned()]), "{body}");
    }
}

#[actix_web::test]
async fn customer_service_has_no_files_and_marketing_only_its_own() {
    let (api, admin) = TestApi::with_admin().await;
    let service = api.sign_in_as(Role::CustomerService).await;
    let marketing = api.sign_in_as(Role::Marketing).await;
    assert_eq!(api.post(EXPORT, &service, tags()).await.status, 403);
    assert_eq!(api.get("/api/v1/exports", &service).await.status, 403);
    let of_admin = made(&api, &admin, tags()).await;
    let hidden = format!("/api/v1/exports/{}", of_admin["id"]);
    assert_eq!(api.get(&hidden, &marketing).await.status, 404);
    assert_eq!(api.delete(&hidden, &marketing).await.status, 404);
    let guest = json!({"first_name": "小明", "id_number": "A123456789"});
    api.create("/api/v1/members", &admin, guest).await;
    let members = json!({"report_type": "members", "format": "csv"});
    for (token, number) in [(&admin, Some("A12****789")), (&marketing, None)] {
        let task = made(&api, token, members.clone()).await;
        let url = task["download_url"].as_str().unwrap();
        let file = api.get(path(url), "").await.text;
        assert!(file.contains("小明") && !file.contains("A123456789"));
        assert_eq!(file.contains("A12****789"), number.is_some());
        assert_eq!(file.contains("身分證"), number.is_some());
    }
    let list = api.get("/api/v1/exports", &marketing).await.data();
    assert_eq!(list["total"], 1);
    let list = api.get("/api/v1/exports", &admin).await.data();
    assert_eq!(list["total"], 3);
}

#[actix_web::test]
async fn the_same_wish_with_the_same_key_is_one_file() {
    use actix_web::http::{Method, header};
    use actix_web::test::TestRequest;
    let (api, token) = TestApi::with_admin().await;
    let ask = || {
        TestRequest::default()
            .method(Method::POST)
            .uri(EXPORT)
            .insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
            .insert_header(("idempotency-key", "k-1"))
            .set_json(tags())
    };
    let (first, again) = (api.send(ask()).await, api.send(ask()).await);
    assert_eq!((first.status, again.status), (202, 202));
    assert_eq!(first.data()["id"], again.data()["id"]);
    assert_eq!(first.header("location"), again.header("location"));
    let list = api.get("/api/v1/exports", &token).await.data();
    assert_eq!(list["total"], 1);
}

#[actix_web::test]
async fn a_report_by_the_calendar_is_set_up_changed_and_ended() {
    let (api, token) = TestApi::with_admin().await;
    let weekly = json!({
        "report_type": "overview", "format": "pdf", "frequency": "weekly", "weekday": 1, "hour": 8
    });
    let id = api.create(SCHEDULES, &token, weekly.clone()).await;
    let own = format!("{SCHEDULES}/{id}");
    let listed = api.get(SCHEDULES, &token).await.data();
    let schedule = &listed["items"][0];
    // Eight on Monday in Taipei is midnight in Greenwich.
    let next: DateTime<Utc> = schedule["next_run_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        (next.weekday(), next.num_seconds_from_midnight()),
        (Weekday::Mon, 0)
    );
    assert_eq!(
        (&schedule["weekday"], &schedule["day"]),
        (&json!(1), &Value::Null)
    );
    let monthly = json!({"frequency": "monthly", "day": 28, "hour": 0});
    let changed = api.put(&own, &token, monthly).await.data();
    let next = changed["next_run_at"].as_str().unwrap();
    assert!(next.contains("-27T16:00:00"), "{next}");
    assert_eq!(
        (&changed["weekday"], &changed["day"]),
        (&Value::Null, &json!(28))
    );
    let off = json!({"is_active": false});
    let changed = api.put(&own, &token, off).await.data();
    assert_eq!(changed["next_run_at"], Value::Null);
    for (body, fields) in [
        (json!({"frequency": "weekly"}), vec!["weekday"]),
        (json!({"day": 29}), vec!["day"]),
        (json!({"hour": 24}), vec!["hour"]),
        (json!({"hour": null}), vec!["hour"]),
        (json!({"hour": -1}), vec!["hour"]),
        (
            json!({"report_type": "campaign_recipients"}),
            vec!["report_type"],
        ),
    ] {
        let (status, _, told) = api.put(&own, &token, body.clone()).await.refusal();
        assert_eq!(
            (status, told),
            (400, fields.iter().map(ToString::to_string).collect()),
            "{body}"
        );
    }
    let mut without_day = weekly;
    without_day["weekday"] = Value::Null;
    let refused = api.post(SCHEDULES, &token, without_day).await.refusal();
    assert_eq!((refused.0, refused.2), (400, vec!["weekday".to_owned()]));
    assert_eq!(api.delete(&own, &token).await.status, 200);
    assert_eq!(api.delete(&own, &token).await.status, 404);
}
