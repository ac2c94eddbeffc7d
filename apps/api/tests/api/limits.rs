use crate::harness::{Reply, TestApi};
use actix_web::test::TestRequest;
use crm_accounts::Role;
use crm_kernel::Clock;
use serde_json::json;

const ME: &str = "/api/v1/auth/me";
const LOGIN: &str = "/api/v1/auth/login";

fn number(reply: &Reply, header: &str) -> i64 {
    let value = reply.header(header);
    value
        .unwrap_or_else(|| unreachable!("{header}: {}", reply.text))
        .parse()
        .unwrap()
}

/// Remaining requests as told.
fn left(reply: &Reply) -> i64 {
    number(reply, "x-ratelimit-remaining")
}

async fn try_login(api: &TestApi, address: &str, name: &str) -> Reply {
    let request = TestRequest::post()
        .uri(LOGIN)
        .peer_addr(format!("{address}:40000").parse().unwrap())
        .set_json(json!({"username": name, "password": "wrong"}));
    api.send(request).await
}

#[actix_web::test]
async fn a_user_is_told_what_is_left_and_refused_when_it_is_nothing() {
    let api = TestApi::limited(3, 0).await;
    let token = api.sign_in_as(Role::CustomerService).await;
    // What is refused for other reasons counts as well.
    for (path, status, remaining) in [
        (ME, 200, 2),
        ("/api/v1/jobs", 403, 1),
        ("/api/v1/members/0", 404, 0),
    ] {
        let reply = api.get(path, &token).await;
        assert_eq!((reply.status, left(&reply)), (status, remaining), "{path}");
        assert_eq!(number(&reply, "x-ratelimit-limit"), 3);
        assert_eq!(reply.header("retry-after"), None);
    }
    let refused = api.get(ME, &token).await;
    assert_eq!(refused.refusal(), (429, "rate_limited".into(), vec![]));
    assert_eq!(left(&refused), 0);
    let (wait, reset) = (
        number(&refused, "retry-after"),
        number(&refused, "x-ratelimit-reset"),
    );
    assert!((1..=60).contains(&wait), "{wait}");
    let told = api.clock.now().timestamp() + wait;
    assert!((told - 1..=told + 1).contains(&reset), "{reset} {told}");

    api.clock.advance(wait);
    let again = api.get(ME, &token).await;
    assert_eq!((again.status, left(&again)), (200, 2));
}

#[actix_web::test]
async fn a_user_who_asks_too_much_is_in_nobody_elses_way() {
    let api = TestApi::limited(1, 0).await;
    let busy = api.sign_in_as(Role::Marketing).await;
    let other = api.sign_in_as(Role::Admin).await;
    assert_eq!(api.get(ME, &busy).await.status, 200);
    let refresh = api.post("/api/v1/auth/refresh", &busy, json!({})).await;
    assert_eq!(refresh.status, 429);
    assert_eq!(api.get(ME, &other).await.status, 200);
}

#[actix_web::test]
async fn whoever_is_refused_is_told_nothing_else() {
    let api = TestApi::limited(1, 0).await;
    let token = api.sign_in_as(Role::Admin).await;
    api.get(ME, &token).await;
    let reply = api
        .post("/api/v1/tags", &token, json!({"nonsense": 1}))
        .await;
    assert_eq!(reply.refusal(), (429, "rate_limited".into(), vec![]));
}

#[actix_web::test]
async fn signing_in_is_limited_by_address() {
    let api = TestApi::limited(0, 2).await;
    for (name, remaining) in [("anna", 1), ("berta", 0)] {
        let reply = try_login(&api, "203.0.113.9", name).await;
        assert_eq!((reply.status, left(&reply)), (401, remaining), "{name}");
    }
    let refused = try_login(&api, "203.0.113.9", "clara").await;
    assert_eq!(refused.refusal(), (429, "rate_limited".into(), vec![]));
    assert!(number(&refused, "retry-after") > 0);
    let elsewhere = try_login(&api, "203.0.113.10", "clara").await;
    assert_eq!((elsewhere.status, left(&elsewhere)), (401, 1));
    api.clock.advance(60);
    let later = try_login(&api, "203.0.113.9", "clara").await;
    assert_eq!(later.status, 401);
}

#[actix_web::test]
async fn signing_in_is_limited_by_name_wherever_it_comes_from() {
    let api = TestApi::limited(0, 2).await;
    for (address, name, remaining) in [("203.0.113.1", "admin", 1), ("203.0.113.2", " ADMIN ", 0)] {
        let reply = try_login(&api, address, name).await;
        assert_eq!((reply.status, left(&reply)), (401, remaining), "{name}");
    }
    let refused = try_login(&api, "203.0.113.3", "Admin").await;
    assert_eq!((refused.status, left(&refused)), (429, 0));
    let other = try_login(&api, "203.0.113.3", "berta").await;
    assert_eq!(other.status, 401);
}

#[actix_web::test]
async fn messages_to_guests_have_a_limit_of_their_own() {
    let api = TestApi::with_limits(5, 0, 2).await;
    let token = api.sign_in_as(Role::CustomerService).await;
    let other = api.sign_in_as(Role::Admin).await;
    let message = || json!({"member_id": 4711, "content": "您好"});
    for remaining in [1, 0] {
        let reply = api.post("/api/v1/messages", &token, message()).await;
        assert_eq!((reply.status, left(&reply)), (400, remaining));
        assert_eq!(number(&reply, "x-ratelimit-limit"), 2);
    }
    let refused = api.post("/api/v1/messages", &token, message()).await;
    assert_eq!(refused.refusal(), (429, "rate_limited".into(), vec![]));
    let wait = number(&refused, "retry-after");
    // Reading is not writing, and others are not this user.
    let read = api.get("/api/v1/messages", &token).await;
    assert_eq!((read.status, left(&read)), (200, 1));
    let theirs = api.post("/api/v1/messages", &other, message()).await;
    assert_eq!(theirs.status, 400);

    api.clock.advance(wait);
    let again = api.post("/api/v1/messages", &token, message()).await;
    assert_eq!((again.status, left(&again)), (400, 1));
}

#[actix_web::test]
async fn machines_and_guests_are_not_counted() {
    let api = TestApi::limited(1, 1).await;
    for path in [
        "/health",
        "/ready",
        "/t/nowhere",
        "/static/uploads/images/temp/nothing.png",
        "/api/v1/openapi.json",
        "/api/v1/docs/",
    ] {
        for _ in 0..3 {
            let reply = api.get(path, "").await;
            assert_ne!(reply.status, 429, "{path}");
            assert_eq!(reply.header("x-ratelimit-limit"), None, "{path}");
        }
    }
    for _ in 0..3 {
        let reply = api.post("/api/v1/line/webhook", "", json!({})).await;
        assert_eq!(reply.status, 401);
    }
}

#[actix_web::test]
async fn pages_of_other_hosts_may_read_how_the_limit_stands() {
    let api = TestApi::limited(0, 5).await;
    let from = TestRequest::post()
        .uri(LOGIN)
        .insert_header(("origin", "https://crm.hotel.tw"));
    let reply = api.send(from).await;
    let exposed = reply.header("access-control-expose-headers").unwrap();
    for name in ["x-ratelimit-remaining", "retry-after"] {
        assert!(exposed.contains(name), "{exposed}");
    }
}

#[actix_web::test]
async fn no_limit_is_told_where_there_is_none() {
    let (api, token) = TestApi::with_admin().await;
    let reply = api.get(ME, &token).await;
    assert_eq!(reply.header("x-ratelimit-limit"), None);
}
