use crate::harness::{Reply, TestApi};
use actix_web::http::header;
use actix_web::test::TestRequest;
use async_trait::async_trait;
use chrono::NaiveDate;
use crm_accounts::Role;
use crm_kernel::SyncRunId;
use crm_members::{PageAsk, PmsError, PmsGateway, PmsGuest, PmsHealth, PmsPage, PmsStay};
use crm_workflows::{Hold, RunSync};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const PMS: &str = "/api/v1/pms";
const KIND: &str = "multipart/form-data; boundary=b";

/// A system that knows nobody with our key.
struct Refusing;

#[async_trait]
impl PmsGateway for Refusing {
    async fn health(&self) -> Result<PmsHealth, PmsError> {
        Err(PmsError::KeyRefused)
    }

    async fn guests(&self, _: &PageAsk) -> Result<PmsPage<PmsGuest>, PmsError> {
        Err(PmsError::KeyRefused)
    }

    async fn stays(&self, _: &PageAsk, _: NaiveDate) -> Result<PmsPage<PmsStay>, PmsError> {
        Err(PmsError::KeyRefused)
    }
}

/// A lease that never ends.
struct Held;

#[async_trait]
impl Hold for Held {
    fn is_valid(&self) -> bool {
        true
    }

    async fn wait(&self, _: Duration) -> bool {
        true
    }
}

async fn refusing() -> (TestApi, String) {
    let api = TestApi::with_pms(0, 0, 0, Arc::new(Refusing)).await;
    let token = api.sign_in_as(Role::Admin).await;
    (api, token)
}

/// Works on a run as the job runner would; answers how it stands then.
async fn run(api: &TestApi, token: &str, task: &Reply) -> Value {
    assert_eq!(task.status, 202, "{}", task.text);
    let id = task.data()["task_id"].as_str().unwrap().to_owned();
    let job = RunSync {
        run_id: SyncRunId::new(id.parse().unwrap()),
        stays_next: false,
    };
    api.crm.pms.run(&job, &Held).await.unwrap();
    let status = api.get(&format!("{PMS}/sync-status/{id}"), token).await;
    status.data()
}

async fn file(
    api: &TestApi,
    token: &str,
    query: &str,
    table: &str,
    texts: &[(&str, &str)],
) -> Reply {
    let mut body = String::new();
    for (name, text) in texts {
        body +=
            &format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    }
    body += &format!(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{table}\r\n--b--\r\n"
    );
    let request = TestRequest::post()
        .uri(&format!("{PMS}/imports{query}"))
        .insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
        .insert_header((header::CONTENT_TYPE, KIND))
        .set_payload(body);
    api.send(request).await
}

#[actix_web::test]
async fn without_a_system_there_is_nothing_to_ask() {
    let (api, token) = TestApi::with_admin().await;
    let status = api.get(&format!("{PMS}/status"), &token).await.data();
    assert_eq!(status["configured"], false);
    assert_eq!(status["open_reviews"], 0);
    let body = json!({"sync_type": "members", "force": false});
    let asked = api.post(&format!("{PMS}/sync"), &token, body).await;
    let refused = (409, "pms_not_configured".to_owned(), vec![]);
    assert_eq!(asked.refusal(), refused);
}

#[actix_web::test]
async fn a_run_is_asked_for_once_and_told_until_it_has_ended() {
    let (api, token) = refusing().await;
    let sync = format!("{PMS}/sync");
    let body = json!({"sync_type": "members"});
    let task = api.post(&sync, &token, body.clone()).await;
    assert_eq!(task.status, 202, "{}", task.text);
    let begun = task.data();
    assert!(begun["task_id"].is_string());
    assert_eq!(
        (&begun["status"], &begun["mode"]),
        (&json!("pending"), &json!("incremental"))
    );

    let again = api.post(&sync, &token, body).await;
    assert_eq!(again.refusal().1, "sync_running");
    assert_eq!(again.json()["details"]["task_id"], begun["task_id"]);
    let other = json!({"sync_type": "consumption_records", "force": true});
    let other = api.post(&sync, &token, other).await;
    assert_eq!(other.data()["mode"], "full");

    let ended = run(&api, &token, &task).await;
    assert_eq!(ended["status"], "failed");
    assert_eq!(ended["reason"], "key_refused");
    assert_eq!(
        (&ended["synced_count"], &ended["failed_count"]),
        (&json!(0), &json!(0))
    );
    assert!(ended["completed_at"].is_string());

    for (filter, total) in [
        ("", 2),
        ("?sync_type=members", 1),
        ("?status=pending", 1),
        ("?sync_type=members&status=pending", 0),
    ] {
        let list = api
            .get(&format!("{PMS}/syncs{filter}"), &token)
            .await
            .data();
        assert_eq!(list["total"], total, "{filter}");
    }
    let errors = format!("{PMS}/syncs/{}/errors", ended["task_id"].as_str().unwrap());
    assert_eq!(api.get(&errors, &token).await.data()["items"], json!([]));
}

#[actix_web::test]
async fn three_failed_runs_in_a_row_are_told() {
    let (api, token) = refusing().await;
    for failed in 1..=3 {
        let body = json!({"sync_type": "members"});
        let task = api.post(&format!("{PMS}/sync"), &token, body).await;
        run(&api, &token, &task).await;
        let status = api.get(&format!("{PMS}/status"), &token).await.data();
        let standing = &status["sync_types"][0];
        assert_eq!(standing["sync_type"], "members");
        assert_eq!(standing["failed_in_row"], failed);
        assert_eq!(standing["alert"], failed == 3);
        assert_eq!(standing["alert_message"].is_string(), failed == 3);
        assert_eq!(standing["running_task_id"], json!(null));
    }
}

#[actix_web::test]
async fn requests_that_make_no_sense_are_told_by_their_field() {
    let (api, token) = refusing().await;
    for (body, field) in [
        (json!({}), "sync_type"),
        (json!({"sync_type": "everything"}), "sync_type"),
        (json!({"sync_type": "members", "force": "yes"}), "force"),
        (json!({"sync_type": "members", "since": null}), "since"),
    ] {
        let refused = api.post(&format!("{PMS}/sync"), &token, body).await;
        assert_eq!(
            (refused.status, refused.refusal().2),
            (400, vec![field.to_owned()])
        );
    }
    for path in ["sync-status/999", "syncs/999/errors"] {
        let missing = api.get(&format!("{PMS}/{path}"), &token).await;
        assert_eq!(
            (missing.status, missing.refusal().1.as_str()),
            (404, "sync_not_found")
        );
    }
    let missing = api.get(&format!("{PMS}/sync-status/abc"), &token).await;
    assert_eq!(missing.status, 404);
    for query in [
        "syncs?sync_type=all",
        "syncs?status=done",
        "reviews?status=new",
        "import-fields",
    ] {
        assert_eq!(
            api.get(&format!("{PMS}/{query}"), &token).await.status,
            400,
            "{query}"
        );
    }
    let missing = api.get(&format!("{PMS}/reviews/999"), &token).await;
    assert_eq!(missing.refusal().1, "review_not_found");
}

const GUESTS: &str = "客編,姓,名,手機,身分證字號\n\
    G1,王,小明,0912345678,A123456789\n\
    G2,李,小華,0987654321,\n\
    ,,,,\n";
const OWN: &str = "{\"客編\": \"guest_code\"}";

#[actix_web::test]
async fn a_table_is_rehearsed_then_read_in_and_what_is_unclear_is_decided() {
    let (api, token) = TestApi::with_admin().await;
    let known = json!({"first_name": "大明", "last_name": "王", "phone": "0912-345-678",
        "id_number": "A987654321"});
    let member = api.create("/api/v1/members", &token, known).await;
    let texts = [("kind", "members"), ("headings", OWN)];
    for (query, reviews) in [("?dry_run=true", 0), ("", 1)] {
        let task = file(&api, &token, query, GUESTS, &texts).await;
        assert_eq!(
            (&task.data()["mode"], &task.data()["file_name"]),
            (&json!("file"), &json!("a.csv"))
        );
        let ended = run(&api, &token, &task).await;
        assert_eq!(ended["status"], "completed", "{ended}");
        assert_eq!(ended["dry_run"], !query.is_empty());
        assert_eq!(
            (&ended["created_count"], &ended["review_count"]),
            (&json!(1), &json!(1))
        );
        let open = api.get(&format!("{PMS}/reviews"), &token).await.data();
        assert_eq!(open["total"], reviews, "{query}");
    }
    let open = api.get(&format!("{PMS}/reviews"), &token).await;
    assert!(!open.text.contains("A123456789") && !open.text.contains("A987654321"));
    let review = &open.data()["items"][0];
    assert_eq!(review["reason"], "other_id_number");
    assert_eq!(review["guest_code"], "G1");
    assert_eq!(review["record"]["id_number"], "A12****789");
    assert_eq!(review["candidates"][0]["member_id"], member);
    assert_eq!(review["candidates"][0]["id_number"], "A98****321");

    let path = format!("{PMS}/reviews/{}", review["id"]);
    assert_eq!(&api.get(&path, &token).await.data(), review);
    for (body, field) in [
        (json!({"decision": "member"}), "member_id"),
        (json!({"decision": "new", "member_id": member}), "member_id"),
        (json!({"decision": "perhaps"}), "decision"),
        (
            json!({"decision": "member", "member_id": 999_999}),
            "member_id",
        ),
    ] {
        let refused = api.post(&path, &token, body).await;
        assert_eq!(
            (refused.status, refused.refusal().2),
            (400, vec![field.to_owned()]),
            "{}",
            refused.text
        );
    }
    let body = json!({"decision": "member", "member_id": member});
    let decided = api.post(&path, &token, body.clone()).await;
    assert_eq!(decided.status, 200, "{}", decided.text);
    assert_eq!(decided.data()["status"], "decided");
    assert_eq!(decided.data()["decided_member_id"], member);
    assert_eq!(decided.data()["record"]["phone"], json!(null), "forgotten");
    let again = api.post(&path, &token, body).await;
    assert_eq!(
        (again.status, again.refusal().1.as_str()),
        (409, "review_not_open")
    );
    let list = api
        .get(&format!("{PMS}/reviews?status=decided"), &token)
        .await
        .data();
    assert_eq!(list["total"], 1);
    let status = api.get(&format!("{PMS}/status"), &token).await.data();
    assert_eq!(status["open_reviews"], 0);
}

#[actix_web::test]
async fn what_headings_mean_is_saved_and_used_again() {
    let (api, token) = TestApi::with_admin().await;
    let path = format!("{PMS}/import-profiles");
    let fields = api
        .get(&format!("{PMS}/import-fields?kind=members"), &token)
        .await
        .data();
    let names: Vec<&Value> = fields
        .as_array()
        .unwrap()
        .iter()
        .map(|f| &f["name"])
        .collect();
    assert!(names.contains(&&json!("guest_code")), "{names:?}");

    let profile = json!({"name": "櫃台", "kind": "members", "headings": {"客編": "guest_code"}});
    let saved = api.post(&path, &token, profile.clone()).await;
    assert_eq!(saved.status, 201, "{}", saved.text);
    let id = saved.data()["id"].as_i64().unwrap().to_string();
    assert_eq!(saved.data()["headings"], json!({"客編": "guest_code"}));
    let again = api.post(&path, &token, profile.clone()).await;
    assert_eq!(
        again.refusal(),
        (409, "import_profile_duplicate".into(), vec!["name".into()])
    );
    for (field, value, at) in [
        ("name", json!(" "), "name"),
        ("kind", json!("rooms"), "kind"),
        ("headings", json!({}), "headings"),
        ("headings", json!({"客編": "shoe_size"}), "headings.客編"),
        (
            "headings",
            json!({"A": "phone", "ａ": "email"}),
            "headings.ａ",
        ),
        (
            "headings",
            json!({"A": "phone", "B": "phone"}),
            "headings.B",
        ),
    ] {
        let mut body = profile.clone();
        body[field] = value.clone();
        let refused = api.post(&path, &token, body).await;
        assert_eq!(
            (refused.status, refused.refusal().2),
            (400, vec![at.to_owned()]),
            "{value}"
        );
    }

    let texts = [("kind", "members"), ("profile", id.as_str())];
    let task = file(&api, &token, "", GUESTS, &texts).await;
    // Nobody reads it before this one has ended.
    let second = file(&api, &token, "", GUESTS, &texts).await;
    assert_eq!(second.refusal().1, "sync_running");
    assert_eq!(second.json()["details"]["task_id"], task.data()["task_id"]);
    assert_eq!(run(&api, &token, &task).await["created_count"], 2);

    let one = format!("{path}/{id}");
    assert_eq!(api.delete(&one, &token).await.status, 200);
    assert_eq!(
        api.delete(&one, &token).await.refusal().1,
        "import_profile_not_found"
    );
    assert_eq!(api.get(&path, &token).await.data(), json!([]));
    let log = api.get("/api/v1/audit-logs", &token).await.text;
    for action in [
        "pms.profile_created",
        "pms.profile_deleted",
        "pms.sync_requested",
    ] {
        assert!(log.contains(action), "{action}");
    }
}

#[actix_web::test]
async fn forms_that_make_no_sense_are_told_by_their_field() {
    let (api, token) = TestApi::with_admin().await;
    let of_stays =
        json!({"name": "住房", "kind": "consumption_records", "headings": {"號": "order_number"}});
    let saved = api
        .post(&format!("{PMS}/import-profiles"), &token, of_stays)
        .await;
    let id = saved.data()["id"].as_i64().unwrap().to_string();
    let members = ("kind", "members");
    for (texts, field) in [
        (vec![], "kind"),
        (vec![("kind", "rooms")], "kind"),
        (vec![members, ("profile", "999")], "profile"),
        (vec![members, ("profile", "default")], "profile"),
        (vec![members, ("profile", id.as_str())], "profile"),
        (
            vec![members, ("profile", id.as_str()), ("headings", OWN)],
            "headings",
        ),
        (vec![members, ("headings", "[]")], "headings"),
        (
            vec![members, ("headings", "{\"A\": \"shoe_size\"}")],
            "headings.A",
        ),
        (vec![members, ("since", "2025")], "since"),
    ] {
        let refused = file(&api, &token, "", GUESTS, &texts).await;
        assert_eq!(
            (refused.status, refused.refusal().2),
            (400, vec![field.to_owned()]),
            "{texts:?}"
        );
    }
    let empty = file(&api, &token, "", "", &[members]).await;
    assert_eq!(empty.refusal().2, ["file"]);
    let picture = file(&api, &token, "", "\u{89}PNG\0\0", &[members]).await;
    assert_eq!(
        (picture.status, picture.refusal().2),
        (400, vec!["file".to_owned()])
    );
}

#[actix_web::test]
async fn tags_that_the_hotels_own_system_keeps_can_only_be_described() {
    let (api, token) = TestApi::with_admin().await;
    let tag = json!({"name": "VIP", "type": "member", "source": "api"});
    let tag = api.create("/api/v1/tags", &token, tag).await;
    let member = api
        .create("/api/v1/members", &token, json!({"last_name": "王"}))
        .await;
    let (one, worn) = (
        format!("/api/v1/tags/{tag}"),
        format!("/api/v1/members/{member}/tags"),
    );
    let described = json!({"name": "VIP", "description": "由 PMS 維護"});
    assert_eq!(api.put(&one, &token, described).await.status, 200);
    let bulk = json!({"member_ids": [member], "add": [tag]});
    for refused in [
        api.put(&one, &token, json!({"name": "貴賓"})).await,
        api.delete(&one, &token).await,
        api.delete(&format!("{one}?force=true"), &token).await,
        api.post(&worn, &token, json!({"tag_ids": [tag]})).await,
        api.delete(&format!("{worn}/{tag}"), &token).await,
        api.post("/api/v1/members/bulk-tags", &token, bulk).await,
    ] {
        assert_eq!(refused.refusal(), (409, "tag_read_only".to_owned(), vec![]));
        assert_eq!(refused.json()["details"]["tag_ids"], json!([tag]));
    }
}
