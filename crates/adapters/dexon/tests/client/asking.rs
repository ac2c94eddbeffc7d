use super::canned::{Server, Treatment};
use super::{EMPTY, KEY, at, client, client_of, config, day, first, later, ok};
use crm_members::{Arrivals, PageAsk, PmsGateway, PmsWindow};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_window_is_asked_for_with_the_first_page_and_then_by_its_cursor_alone() {
    let server = Server::start([ok()]).await;
    let mut config = config(&server);
    config.api_url = url::Url::parse(&format!("{}/api/?x=1#y", server.url)).unwrap();
    config.hotel_code = Some("H01".into());
    config.page_size = 5_000;
    let client = client_of(config);
    let window = PmsWindow {
        since: Some(at("2025-10-08T01:45:00.5Z")),
        arrivals: Some(Arrivals {
            from: day("2025-10-01"),
            to: day("2025-12-07"),
        }),
    };
    let today = day("2025-10-08");
    client.guests(&first()).await.unwrap();
    let ask = PageAsk {
        window,
        cursor: None,
    };
    client.stays(&ask, today).await.unwrap();
    let ask = PageAsk {
        window,
        cursor: Some("eyJ1 &=+/".into()),
    };
    client.stays(&ask, today).await.unwrap();
    let asked = server.asked();
    let paths: Vec<&str> = asked.iter().map(super::canned::Asked::path).collect();
    assert_eq!(
        paths,
        [
            "/api/v1/guests?limit=1000",
            "/api/v1/stays?limit=1000&updated_since=2025-10-08T01%3A45%3A00.500Z\
             &arrival_from=2025-10-01&arrival_to=2025-12-07",
            "/api/v1/stays?limit=1000&cursor=eyJ1+%26%3D%2B%2F",
        ]
    );
    assert_eq!(asked[0].header("x-api-key"), Some(KEY));
    assert_eq!(asked[0].header("x-hotel-code"), Some("H01"));
    assert_eq!(asked[0].header("x-athena-id"), None);
}

#[tokio::test]
async fn a_full_window_names_no_time() {
    let server = Server::start([ok()]).await;
    client(&server).guests(&first()).await.unwrap();
    assert_eq!(server.asked()[0].path(), "/v1/guests?limit=200");
}

#[tokio::test]
async fn a_server_that_asks_for_a_pause_gets_it_and_it_counts_as_a_try() {
    let slow = |wait: &str| Treatment::json("429 Too Many Requests", "").with("retry-after", wait);
    let server = Server::start([
        slow("1"),
        Treatment::json("503 Service Unavailable", "")
            // a second after the client's clock, which stands
            .with("retry-after", "Wed, 08 Oct 2025 02:00:01 GMT"),
        ok(),
    ])
    .await;
    client(&server).guests(&first()).await.unwrap();
    let asked = server.asked();
    assert!(asked[1].at - asked[0].at >= Duration::from_secs(1));
    assert!(asked[2].at - asked[1].at >= Duration::from_secs(1));

    let server = Server::start([slow("0")]).await;
    client(&server).guests(&first()).await.unwrap_err();
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn pauses_between_tries_grow_as_they_are_set() {
    let server = Server::start([Treatment::json("503 Service Unavailable", "")]).await;
    let mut config = config(&server);
    config.pauses = [300, 500].map(Duration::from_millis).to_vec();
    let start = Instant::now();
    client_of(config).guests(&first()).await.unwrap_err();
    let asked = server.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked[1].at - asked[0].at >= Duration::from_millis(300));
    assert!(asked[2].at - asked[1].at >= Duration::from_millis(500));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn no_second_sees_more_than_five_requests_however_many_ask() {
    let server = Server::start([ok()]).await;
    let client = client(&server);
    let ask = first();
    let calls = (0..12).map(|_| client.guests(&ask));
    for page in futures_all(calls).await {
        page.unwrap();
    }
    let times: Vec<Instant> = server.asked().iter().map(|asked| asked.at).collect();
    assert_eq!(times.len(), 12);
    for six in times.windows(6) {
        assert!(six[5] - six[0] >= Duration::from_millis(950));
    }
}

#[tokio::test]
async fn the_day_and_the_clock_there_are_read_from_its_health() {
    let body = r#"{"resultCode":"0000","data":{"version":"1","business_date":"2025/10/07","server_time":"2025-10-08T10:00:00+08:00"}}"#;
    let server = Server::start([
        Treatment::json("200 OK", body),
        Treatment::json("200 OK", r#"{"resultCode":"0000","data":{}}"#),
    ])
    .await;
    let client = client(&server);
    let health = client.health().await.unwrap();
    assert_eq!(health.business_date, day("2025-10-07"));
    assert_eq!(health.server_time, Some(at("2025-10-08T02:00:00Z")));
    assert_eq!(server.asked()[0].path(), "/v1/health");
    client.health().await.unwrap_err();
    assert_eq!(server.asked().len(), 5);
    assert!(client.is_configured());
}

#[tokio::test]
async fn where_a_window_goes_on_is_believed_only_when_it_does() {
    for (from, to, expected) in [
        ("", "", Some(None)),
        (r#""has_more":false"#, r#""has_more":true"#, None),
        (
            r#""next_cursor":null,"has_more":false"#,
            r#""next_cursor":"c2""#,
            Some(Some("c2")),
        ),
        (
            r#""next_cursor":null,"has_more":false"#,
            r#""next_cursor":"","has_more":"N""#,
            Some(None),
        ),
        (r#""next_cursor":null"#, r#""next_cursor":"c2""#, Some(None)),
        (
            r#""next_cursor":null,"has_more":false"#,
            r#""next_cursor":"c1","has_more":true"#,
            None,
        ),
    ] {
        let body = EMPTY.replace(from, to);
        let server = Server::start([Treatment::json("200 OK", &body)]).await;
        let page = client(&server).guests(&later("c1")).await;
        let next = page.ok().map(|page| page.next);
        let expected = expected.map(|next: Option<&str>| next.map(str::to_owned));
        assert_eq!(next, expected, "{to}");
    }
}

async fn futures_all<T>(calls: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut calls: Vec<_> = calls.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = calls.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (call, done) in calls.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(value) = call.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}
