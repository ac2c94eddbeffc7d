use super::canned::{Server, Treatment};
use super::{EMPTY, KEY, asked, at, client, config, first, later, ok, refused, unavailable};
use crm_dexon::DexonClient;
use crm_members::{PmsError, PmsGateway};

#[tokio::test]
async fn a_refusal_is_told_at_once_with_its_code_and_words() {
    let business = "417 Expectation Failed";
    for (status, body, expected) in [
        (
            business,
            r#"{"code":"1001","message":"bad limit"}"#,
            refused("1001", "bad limit"),
        ),
        (
            business,
            r#"{"Code":"1002","Message":"no data"}"#,
            refused("1002", "no data"),
        ),
        (business, r#"{"code":1002}"#, refused("1002", "")),
        (
            business,
            r#"{"code":"1003","message":"expired"}"#,
            PmsError::CursorExpired,
        ),
        (business, "<html>", refused("status 417", "")),
        (business, "", refused("status 417", "")),
        (
            "200 OK",
            r#"{"resultCode":"1002","resultMessage":"no"}"#,
            refused("1002", "no"),
        ),
        (
            "200 OK",
            r#"{"resultCode":"1003"}"#,
            PmsError::CursorExpired,
        ),
        (
            "200 OK",
            r#"{"Code":"9999","Message":" a\u0000\n "}"#,
            refused("9999", "a"),
        ),
        ("404 Not Found", "<html>", refused("status 404", "")),
        (
            "400 Bad Request",
            r#"{"message":"what?"}"#,
            refused("status 400", "what?"),
        ),
        ("401 Unauthorized", "", PmsError::KeyRefused),
        ("403 Forbidden", r#"{"code":"1003"}"#, PmsError::KeyRefused),
    ] {
        let (page, times) = asked([Treatment::json(status, body)]).await;
        assert_eq!(page.unwrap_err(), expected, "{status} {body}");
        assert_eq!(times, 1, "{status} {body}");
    }
}

#[tokio::test]
async fn what_may_pass_is_asked_again_and_then_read() {
    for treatment in [
        Treatment::json("503 Service Unavailable", "busy"),
        Treatment::json("500 Internal Server Error", r#"{"code":"1001"}"#),
        Treatment::json("502 Bad Gateway", "<html>502</html>"),
        Treatment::json("200 OK", "<!doctype html><p>maintenance"),
        Treatment::json("200 OK", ""),
        Treatment::json("200 OK", r#"{"resultCode":"0000"}"#),
        Treatment::json("200 OK", r#"{"resultCode":"0000","data":{"items":{}}}"#),
        Treatment::json("429 Too Many Requests", ""),
        Treatment::HangUp,
        Treatment::BreakOff,
    ] {
        let (page, times) = asked([treatment.clone(), treatment, ok()]).await;
        assert!(page.unwrap().rows.is_empty());
        assert_eq!(times, 3);
    }
}

#[tokio::test]
async fn what_does_not_pass_is_told_after_four_requests() {
    for (treatment, expected) in [
        (
            Treatment::json("503 Service Unavailable", ""),
            unavailable("status 503"),
        ),
        (
            Treatment::json("429 Too Many Requests", ""),
            unavailable("too many requests"),
        ),
        (Treatment::HangUp, unavailable("the connection broke")),
        (Treatment::BreakOff, unavailable("the answer broke off")),
        (
            Treatment::json("200 OK", "<html>"),
            PmsError::Unreadable("it is not JSON".into()),
        ),
    ] {
        let (page, times) = asked([treatment]).await;
        assert_eq!(page.unwrap_err(), expected);
        assert_eq!(times, 4, "{expected}");
    }
}

#[tokio::test]
async fn slow_answers_are_not_waited_for() {
    for treatment in [Treatment::Silence, Treatment::Drip] {
        let server = Server::start([treatment]).await;
        let mut config = config(&server);
        config.pauses.truncate(1);
        let error = super::client_of(config).guests(&first()).await.unwrap_err();
        assert_eq!(error, unavailable("timed out"));
        assert_eq!(server.asked().len(), 2);
    }
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    let mut server = Server::start([ok()]).await;
    server.url = "http://127.0.0.1:9".into();
    let error = client(&server).guests(&first()).await.unwrap_err();
    assert_eq!(error, unavailable("could not connect"));
}

#[tokio::test]
async fn nothing_changed_is_an_empty_last_page_up_to_the_earlier_of_both_clocks() {
    let nothing = || Treatment::Answer("204 No Content", Vec::new(), Vec::new());
    let (page, times) = asked([nothing()]).await;
    let page = page.unwrap();
    assert_eq!((page.rows.len(), page.next), (0, None));
    assert_eq!(page.as_of, Some(at("2025-10-08T02:00:00Z")));
    assert_eq!(times, 1);

    for (date, as_of) in [
        ("Wed, 08 Oct 2025 01:00:00 GMT", "2025-10-08T01:00:00Z"),
        ("Wed, 08 Oct 2025 03:00:00 GMT", "2025-10-08T02:00:00Z"),
    ] {
        let (page, _) = asked([nothing().with("date", date)]).await;
        assert_eq!(page.unwrap().as_of, Some(at(as_of)), "{date}");
    }

    let server = Server::start([nothing()]).await;
    let page = client(&server).guests(&later("c")).await.unwrap();
    assert_eq!((page.next, page.as_of), (None, None));
}

#[tokio::test]
async fn words_of_the_vendor_are_cut_and_never_hold_the_key() {
    let long = "長".repeat(500);
    let body = format!(r#"{{"code":"1001","message":"{long}"}}"#);
    let (page, _) = asked([Treatment::json("417 Expectation Failed", &body)]).await;
    assert_eq!(page.unwrap_err(), refused("1001", &"長".repeat(200)));

    let body = format!(r#"{{"code":"1002","message":"key {KEY} is not allowed"}}"#);
    let (page, _) = asked([Treatment::json("417 Expectation Failed", &body)]).await;
    let error = page.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(KEY));
}

#[tokio::test]
async fn a_redirect_takes_the_key_nowhere() {
    let elsewhere = Server::start([ok()]).await;
    let target = format!("{}/v1/guests", elsewhere.url);
    let moved = Treatment::json("302 Found", EMPTY).with("location", target);
    let (page, times) = asked([moved]).await;
    assert_eq!(page.unwrap_err(), refused("status 302", ""));
    assert_eq!(times, 1);
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn the_key_is_sent_over_https_only_except_on_this_machine() {
    let server = Server::start([ok()]).await;
    let made = |url: &str| {
        let mut config = config(&server);
        config.api_url = url::Url::parse(url).unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        DexonClient::new(config, std::sync::Arc::new(super::Stopped)).is_ok()
    };
    for url in [
        "https://pms.hotel.tw/api",
        "http://localhost:1",
        "http://[::1]/x",
    ] {
        assert!(made(url), "{url}");
    }
    for url in [
        "http://pms.hotel.tw",
        "http://10.0.0.1",
        "https://me:pw@pms.hotel.tw",
        "data:,x",
    ] {
        assert!(!made(url), "{url}");
    }
    let mut config = config(&server);
    assert!(!format!("{config:?}").contains(KEY));
    config.api_key = "line\nbreak".into();
    let error = DexonClient::new(config, std::sync::Arc::new(super::Stopped));
    assert!(!error.err().unwrap().to_string().contains("line"));
}
