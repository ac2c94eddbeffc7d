//! Trouble on demand, and counting.

use std::time::{Duration, Instant};

use crm_simulator_dexon::{Endpoint, Fault};
use serde_json::{Value, json};

use crate::support::{Stage, escaped};

#[actix_web::test]
async fn an_answer_may_be_any_of_those_that_were_seen() {
    let stage = Stage::new().await;
    let business = Fault::Business {
        code: "1002".into(),
        message: "no data".into(),
    };
    let result = Fault::ResultCode {
        code: "9999".into(),
        message: "system busy".into(),
    };
    for (fault, status, words) in [
        (business, 417, "\"1002\""),
        (result, 200, "\"9999\""),
        (Fault::Unavailable, 503, "unavailable"),
        (Fault::Status { status: 500 }, 500, ""),
        (Fault::HtmlBadGateway, 502, "<html>"),
        (Fault::HtmlOk, 200, "<form>"),
        (Fault::NoContent, 204, ""),
        (Fault::WrongKey, 401, "api key"),
        (Fault::WrongHotel, 403, "hotel"),
        (Fault::Capitals, 200, "\"GCUST_COD\""),
        (Fault::Nested, 200, "{\"data\":{"),
    ] {
        stage.pms.next(1).answer(fault.clone());
        let response = stage.ask("/v1/guests").await.unwrap();
        assert_eq!(response.status(), status, "{fault:?}");
        let body = response.text().await.unwrap();
        assert!(body.contains(words), "{fault:?}: {body:.200}");
    }
    assert_eq!(stage.status("/v1/guests").await, 200, "and fine again");
    assert_eq!(stage.pms.counts().faults, 11);
}

#[actix_web::test]
async fn twice_unavailable_and_then_fine_in_the_middle_of_a_window() {
    let stage = Stage::new().await;
    let order = stage.pms.next(2).to(Endpoint::Stays).after(1);
    order.answer(Fault::Unavailable);
    let mut seen = Vec::new();
    for path in [
        "/v1/stays",
        "/v1/guests",
        "/v1/stays",
        "/v1/stays",
        "/v1/stays",
    ] {
        seen.push(stage.status(path).await);
    }
    assert_eq!(seen, [200, 200, 503, 503, 200]);
}

#[actix_web::test]
async fn too_fast_says_how_long_to_wait() {
    let stage = Stage::new().await;
    stage.pms.next(1).answer(Fault::TooFast {
        retry_after: Some(2),
    });
    let response = stage.ask("/v1/health").await.unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["retry-after"]
        ),
        (429, &"2".parse().unwrap())
    );
}

#[actix_web::test]
async fn a_connection_may_end_before_or_half_way_through_the_answer() {
    let stage = Stage::new().await;
    stage.pms.next(1).answer(Fault::Cut);
    assert!(stage.ask("/v1/guests").await.is_err());
    stage.pms.next(1).answer(Fault::CutBody);
    let response = stage.ask("/v1/guests").await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
    stage.pms.next(1).answer(Fault::HalfJson);
    let half = stage
        .ask("/v1/guests")
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert!(serde_json::from_slice::<Value>(&half).is_err());
    let statuses = stage.pms.counts().of(Endpoint::Guests).statuses;
    assert_eq!(statuses, [(0, 1), (200, 2)].into());
}

#[actix_web::test]
async fn an_answer_may_be_late_or_far_too_long() {
    let stage = Stage::new().await;
    for fault in [Fault::Slow { ms: 200 }, Fault::Drip { ms: 200 }] {
        stage.pms.next(1).answer(fault);
        let start = Instant::now();
        let body = stage.ask("/v1/health").await.unwrap().text().await.unwrap();
        assert!(start.elapsed() >= Duration::from_millis(200));
        assert!(body.contains("business_date"));
    }
    stage.pms.next(1).answer(Fault::huge());
    let response = stage.ask("/v1/guests").await.unwrap();
    assert_eq!(response.content_length(), None);
    let body = response.bytes().await.unwrap();
    assert!(body.len() > 20 * 1024 * 1024);
    assert_eq!(
        serde_json::from_slice::<Value>(&body).unwrap()["resultCode"],
        "0000"
    );
}

#[actix_web::test]
async fn a_cursor_expires_on_order_and_when_all_do() {
    let stage = Stage::new().await;
    let page = stage.data("/v1/guests?limit=10").await;
    let next = format!(
        "/v1/guests?cursor={}",
        page["next_cursor"].as_str().unwrap()
    );
    stage.pms.next(1).answer(Fault::ExpiredCursor);
    assert_eq!(stage.status("/v1/guests").await, 200);
    let expired = async || {
        let response = stage.ask(&next).await.unwrap();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        (status, body["code"].as_str().map(str::to_owned))
    };
    assert_eq!(expired().await, (417, Some("1003".to_owned())));
    assert_eq!(expired().await, (200, None));
    stage.pms.expire_cursors();
    assert_eq!(expired().await, (417, Some("1003".to_owned())));
}

#[actix_web::test]
async fn a_clock_may_be_an_hour_off_once_or_for_good() {
    let stage = Stage::new().await;
    stage.pms.next(1).answer(Fault::ClockOff { seconds: 3_600 });
    let page = stage.data("/v1/guests?limit=1").await;
    assert_eq!(page["as_of"], "2025-10-08T11:00:00+08:00");
    stage.pms.advance_clock(-3_600);
    let health = stage.data("/v1/health").await;
    assert_eq!(health["server_time"], "2025-10-08T09:00:00+08:00");
}

#[actix_web::test]
async fn requests_rows_and_full_loads_are_counted() {
    let stage = Stage::new().await;
    let (rows, as_of) = stage.all("/v1/guests", 100).await;
    let again = format!("/v1/guests?updated_since={}", escaped(&as_of));
    assert_eq!(stage.status(&again).await, 200);
    let counts = stage.pms.counts();
    let guests = counts.of(Endpoint::Guests);
    assert_eq!((guests.requests, guests.full_loads), (6, 1));
    assert_eq!(guests.rows, rows.len() as u64);
    assert!(guests.bytes > 100_000);
    assert!((1..=6).contains(&counts.max_per_second));
    assert_eq!(counts.max_at_once, 1);
    let last = stage.pms.requests().remove(0);
    assert_eq!((last.number, last.rows, last.status), (6, 0, 200));
    assert!(last.query.starts_with("updated_since="));
    let shown = serde_json::to_string(&stage.pms.requests()).unwrap();
    assert!(!shown.contains(stage.pms.api_key()));
    stage.pms.reset_counts();
    assert_eq!(stage.pms.counts().requests(), 0);
}

#[actix_web::test]
async fn many_at_once_are_noticed() {
    let stage = Stage::new().await;
    stage.pms.next(3).answer(Fault::Slow { ms: 100 });
    let ask = || stage.ask("/v1/health");
    let _answers = futures::future::join3(ask(), ask(), ask()).await;
    assert_eq!(stage.pms.counts().max_at_once, 3);
    assert_eq!(stage.pms.counts().max_per_second, 3);
}

#[actix_web::test]
async fn scripts_order_trouble_and_changes_between_pages() {
    let stage = Stage::new().await;
    let order = json!({"kind": "unavailable", "endpoint": "guests", "times": 2});
    let (_, open) = stage.control("POST", "/faults", &order).await;
    assert_eq!(open[0]["kind"], "unavailable");
    assert_eq!(stage.status("/v1/guests").await, 503);
    stage.control("DELETE", "/faults", &json!(null)).await;
    assert_eq!(stage.status("/v1/guests").await, 200);
    let code = stage.pms.truth().guests.keys["agency_name"][0].clone();
    let change = json!({"keys": [code], "fields": {"e_mail": "new@example.com"}, "after_pages": 1});
    let (done, _) = stage.control("POST", "/guests/change", &change).await;
    assert_eq!(done, 200);
    let (rows, _) = stage.all("/v1/guests", 10).await;
    assert_eq!(rows.len(), 499);
    let (_, state) = stage.control("GET", "/state", &json!(null)).await;
    assert_eq!(state["guests"], 500);
    assert_eq!(state["counts"]["paths"]["/v1/guests"]["statuses"]["503"], 1);
}
