use crate::harness::TestApi;
use actix_web::http::{Method, header};
use actix_web::test::TestRequest;

#[actix_web::test]
async fn a_request_keeps_its_own_id_or_gets_one() {
    let api = TestApi::start().await;
    let request = |id: &str| {
        TestRequest::get()
            .uri("/nowhere")
            .insert_header(("x-request-id", id.to_owned()))
    };
    let reply = api.send(request("abc-1")).await;
    assert_eq!(reply.header("x-request-id").as_deref(), Some("abc-1"));
    assert_eq!(reply.json()["request_id"], "abc-1");
    let reply = api.send(request("a b")).await;
    let made = reply.header("x-request-id").unwrap();
    assert_eq!(made.len(), 32);
    assert_eq!(reply.json()["request_id"], made);
}

#[actix_web::test]
async fn every_answer_carries_the_headers_that_keep_browsers_careful() {
    let api = TestApi::start().await;
    for path in ["/health", "/nowhere", "/api/v1/members", "/api/v1/docs/"] {
        let reply = api.get(path, "").await;
        for name in [
            "x-content-type-options",
            "x-frame-options",
            "referrer-policy",
            "content-security-policy",
            "x-request-id",
        ] {
            assert!(reply.header(name).is_some(), "{path}: {name}");
        }
    }
}

#[actix_web::test]
async fn only_listed_origins_may_read_answers() {
    let api = TestApi::start().await;
    for (origin, allowed) in [("https://crm.hotel.tw", true), ("https://evil.tw", false)] {
        let from = TestRequest::get()
            .uri("/health")
            .insert_header((header::ORIGIN, origin));
        let reply = api.send(from).await;
        let header = reply.header("access-control-allow-origin");
        assert_eq!(header.is_some(), allowed, "{origin}");
        let preflight = TestRequest::default()
            .method(Method::OPTIONS)
            .uri("/api/v1/members")
            .insert_header((header::ORIGIN, origin))
            .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "PUT"));
        let reply = api.send(preflight).await;
        let header = reply.header("access-control-allow-origin");
        assert_eq!(header.is_some(), allowed, "{origin}: {}", reply.text);
    }
}
