use crate::harness::TestApi;
use actix_web::http::header;
use actix_web::test::TestRequest;
use serde_json::json;

const MEMBERS: &str = "/api/v1/members";

#[actix_web::test]
async fn what_is_not_there_and_what_is_not_possible_are_told_apart() {
    let (api, token) = TestApi::with_admin().await;
    for path in [
        "/nowhere",
        "/api/v1/nowhere",
        "/api/v1/members/abc",
        "/api/v1/members/1/tags",
        "/api/v1/members/99999999999999999999",
    ] {
        let reply = api.get(path, &token).await;
        let expected = if path.ends_with("tags") { 405 } else { 404 };
        assert_eq!(reply.status, expected, "{path}: {}", reply.text);
        assert_eq!(reply.json()["code"], expected);
        assert!(reply.json()["request_id"].is_string(), "{}", reply.text);
    }
    let reply = api.delete(MEMBERS, &token).await;
    assert_eq!(reply.refusal(), (405, "method_not_allowed".into(), vec![]));
    assert_eq!(reply.header("allow").as_deref(), Some("GET, POST"));
}

#[actix_web::test]
async fn bodies_are_json_of_a_sensible_size() {
    let (api, token) = TestApi::with_admin().await;
    let request = |kind: &str, body: String| {
        TestRequest::post()
            .uri(MEMBERS)
            .insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
            .insert_header((header::CONTENT_TYPE, kind.to_owned()))
            .set_payload(body)
    };
    let json = "application/json; charset=utf-8";
    let reply = api.send(request(json, "{".into())).await;
    assert_eq!(
        reply.refusal(),
        (400, "invalid_request".into(), vec!["body".into()])
    );
    let reply = api.send(request("text/plain", "{}".into())).await;
    assert_eq!(reply.refusal().0, 415);
    let large = format!(r#"{{"notes": "{}"}}"#, "x".repeat(300_000));
    assert_eq!(api.send(request(json, large)).await.refusal().0, 413);
    let nul = r#"{"first_name": "a\u0000"}"#.to_owned();
    let reply = api.send(request(json, nul)).await;
    assert_eq!(reply.refusal().2, ["first_name"]);
}

#[actix_web::test]
async fn whoever_may_not_come_in_is_not_told_what_else_is_wrong() {
    let (api, _) = TestApi::with_admin().await;
    let reply = api.post(MEMBERS, "", json!({"nonsense": 1})).await;
    assert_eq!(reply.refusal(), (401, "invalid_token".into(), vec![]));
    assert_eq!(reply.header("www-authenticate").as_deref(), Some("Bearer"));
    let staff = api.sign_in_as(crm_accounts::Role::CustomerService).await;
    let reply = api
        .post("/api/v1/tags", &staff, json!({"nonsense": 1}))
        .await;
    assert_eq!(reply.refusal(), (403, "forbidden".into(), vec![]));
    assert_eq!(reply.json()["details"]["permission"], "tags:write");
    let reply = api.delete("/api/v1/members/abc", &staff).await;
    assert_eq!(reply.status, 403);
}

#[actix_web::test]
async fn filters_that_mean_nothing_are_refused_and_unknown_ones_let_pass() {
    let (api, token) = TestApi::with_admin().await;
    for (query, field) in [
        ("page=0", "page"),
        ("page_size=101", "page_size"),
        ("sort_by=shoe_size", "sort_by"),
        ("order=up", "order"),
        ("source=moon", "source"),
        ("gender=", "gender"),
        ("tags=1,x", "tags"),
        ("created_from=2026-1-1", "created_from"),
    ] {
        let reply = api.get(&format!("{MEMBERS}?{query}"), &token).await;
        assert_eq!(
            (reply.status, reply.refusal().2),
            (400, vec![field.to_owned()]),
            "{query}"
        );
    }
    for query in [
        "utm=1",
        "page=1000000000",
        "tags=&search=",
        "created_to=2999-12-31",
    ] {
        let reply = api.get(&format!("{MEMBERS}?{query}"), &token).await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.text);
    }
}

#[actix_web::test]
async fn changes_tell_absent_from_null() {
    let (api, token) = TestApi::with_admin().await;
    let id = api
        .create(MEMBERS, &token, json!({"first_name": "a"}))
        .await;
    let path = format!("{MEMBERS}/{id}");
    for (body, field) in [
        (json!({"accept_marketing": null}), "accept_marketing"),
        (json!({"gender": "robot"}), "gender"),
        (json!({"birthday": ""}), "birthday"),
        (json!({"line_uid": "U1"}), "line_uid"),
    ] {
        let reply = api.put(&path, &token, body).await;
        assert_eq!(
            (reply.status, reply.refusal().2),
            (400, vec![field.to_owned()])
        );
    }
    let notes = api.put(&format!("{path}/notes"), &token, json!({})).await;
    assert_eq!(notes.refusal().2, ["notes"]);
    assert_eq!(api.put(&path, &token, json!({})).await.status, 200);
}
