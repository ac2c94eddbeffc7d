use super::canned::Server;
use super::canned::Treatment::{self, Answer, BreakOff, HangUp, Silence};
use super::{OK, client, client_with, hello};
use crm_kernel::GatewayError;
use crm_line::{LineClient, LineConfig};
use crm_workflows::{LineGateway, Preparation, Quota};
use futures::TryStreamExt;
use std::time::Duration;

#[tokio::test]
async fn nobody_there_is_unavailable_and_tells_no_address() {
    let mut server = Server::always(OK).await;
    server.url = "http://127.0.0.1:9".into();
    let error = client(&server).profile("U-secret").await.unwrap_err();
    assert!(matches!(error, GatewayError::Unavailable { .. }));
    assert!(!error.to_string().contains("U-secret"));
}

#[tokio::test]
async fn a_profile_is_read_and_a_stranger_has_none() {
    let body = r#"{"displayName":"sunny","userId":"U1","language":"zh-TW"}"#;
    let server = Server::always(Answer("200 OK", Vec::new(), body)).await;
    let profile = client(&server).profile("U/1").await.unwrap().unwrap();
    assert_eq!(
        (profile.display_name.as_str(), profile.picture_url),
        ("sunny", None)
    );
    assert_eq!(server.asked()[0].line, "GET /v2/bot/profile/U%2F1 HTTP/1.1");

    let server = Server::always(Answer("404 Not Found", Vec::new(), "{}")).await;
    assert_eq!(client(&server).profile("U1").await.unwrap(), None);
}

#[tokio::test]
async fn a_quota_is_never_guessed() {
    async fn quota(limit: &'static str) -> Result<Quota, GatewayError> {
        let server = Server::start(move |path| match path {
            "/v2/bot/message/quota" => Answer("200 OK", Vec::new(), limit),
            _ => Answer("200 OK", Vec::new(), r#"{"totalUsage":12}"#),
        })
        .await;
        client(&server).quota().await
    }
    let limited = quota(r#"{"type":"limited","value":500}"#).await.unwrap();
    assert_eq!(
        limited,
        Quota {
            limit: Some(500),
            used: 12
        }
    );
    assert_eq!(quota(r#"{"type":"none"}"#).await.unwrap().limit, None);
    for strange in [r#"{"type":"limited"}"#, "{}", "hello"] {
        assert!(matches!(
            quota(strange).await,
            Err(GatewayError::Unavailable { .. })
        ));
    }
}

#[tokio::test]
async fn content_comes_whole_later_or_never() {
    async fn content(treatment: Treatment) -> Result<Option<Vec<u8>>, GatewayError> {
        let server = Server::always(treatment).await;
        let found = client(&server).content("m1").await?;
        assert_eq!(
            server.asked()[0].line,
            "GET /v2/bot/message/m1/content HTTP/1.1"
        );
        let Some(content) = found else {
            return Ok(None);
        };
        let parts: Vec<Vec<u8>> = content.bytes.try_collect().await?;
        Ok(Some(parts.concat()))
    }
    let picture = Answer("200 OK", vec![("content-type", "image/jpeg")], "bytes");
    assert_eq!(content(picture).await.unwrap().unwrap(), b"bytes");
    let later = Answer("202 Accepted", Vec::new(), "");
    assert_eq!(content(later).await.unwrap(), None);
    let unsent = Answer("410 Gone", Vec::new(), "");
    assert!(matches!(content(unsent).await, Err(GatewayError::NotFound)));
    for away in [BreakOff("200 OK"), Silence, HangUp] {
        let half = content(away).await;
        assert!(matches!(half, Err(GatewayError::Unavailable { .. })));
    }
}

#[tokio::test]
async fn how_large_content_is_is_known_before_it_comes() {
    let server = Server::always(BreakOff("200 OK")).await;
    let content = client(&server).content("m1").await.unwrap().unwrap();
    assert_eq!(content.announced_bytes, Some(1000));
}

#[tokio::test]
async fn preparing_is_going_on_until_line_says_otherwise() {
    for (status, body, expected) in [
        (
            "200 OK",
            r#"{"status":"processing"}"#,
            Some(Preparation::Going),
        ),
        (
            "200 OK",
            r#"{"status":"polishing"}"#,
            Some(Preparation::Going),
        ),
        (
            "200 OK",
            r#"{"status":"succeeded"}"#,
            Some(Preparation::Ready),
        ),
        (
            "200 OK",
            r#"{"status":"failed"}"#,
            Some(Preparation::Failed),
        ),
        ("404 Not Found", "{}", None),
    ] {
        let server = Server::always(Answer(status, Vec::new(), body)).await;
        let found = client(&server).preparation("m1").await;
        assert_eq!(
            server.asked()[0].line,
            "GET /v2/bot/message/m1/content/transcoding HTTP/1.1"
        );
        match expected {
            Some(expected) => assert_eq!(found.unwrap(), expected),
            None => assert!(matches!(found, Err(GatewayError::NotFound))),
        }
    }
}

#[tokio::test]
async fn a_base_address_may_have_a_path() {
    let server = Server::always(OK).await;
    let client = client_with(&server, |config| {
        config.api_base_url = url::Url::parse(&format!("{}/line/", server.url)).unwrap();
    });
    client.reply("token", &hello()).await.unwrap();
    assert_eq!(
        server.asked()[0].line,
        "POST /line/v2/bot/message/reply HTTP/1.1"
    );
}

#[test]
fn settings_that_can_never_work_are_refused_at_once() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = LineConfig {
        api_base_url: url::Url::parse("mailto:line").unwrap(),
        data_api_base_url: url::Url::parse("https://api-data.line.me").unwrap(),
        channel_access_token: "token".into(),
        timeout: Duration::from_secs(10),
    };
    assert!(!format!("{config:?}").contains("\"token\""));
    assert!(LineClient::new(config.clone()).is_err());
    let broken_token = LineConfig {
        api_base_url: config.data_api_base_url.clone(),
        channel_access_token: "to\nken".into(),
        ..config
    };
    assert!(LineClient::new(broken_token).is_err());
}

#[tokio::test]
async fn what_line_hides_of_a_unit_is_not_taken_for_nothing() {
    let body = r#"{"overview":{"uniqueImpression":40,"uniqueClick":null,
        "uniqueMediaPlayed":0},"messages":[],"clicks":[]}"#;
    let server = Server::always(Answer("200 OK", Vec::new(), body)).await;
    let day = |day| chrono::NaiveDate::from_ymd_opt(2026, 9, day).unwrap();
    let client = client(&server);
    let told = client.unit_figures("c_1_abc", day(1), day(30));
    let figures = told.await.unwrap();
    assert_eq!(figures.unique_impressions, Some(40));
    assert_eq!(
        (figures.unique_clicks, figures.unique_media_played),
        (None, Some(0))
    );
    assert_eq!(figures.unique_media_completed, None);
    assert_eq!(
        server.asked()[0].line,
        "GET /v2/bot/insight/message/event/aggregation\
         ?customAggregationUnit=c_1_abc&from=20260901&to=20260930 HTTP/1.1"
    );
    let odd = Server::always(Answer("200 OK", Vec::new(), r#"{"messages":[]}"#)).await;
    let odd = super::client(&odd);
    let refused = odd.unit_figures("c_1_abc", day(1), day(1)).await;
    assert!(matches!(refused, Err(GatewayError::Unavailable { .. })));
}
