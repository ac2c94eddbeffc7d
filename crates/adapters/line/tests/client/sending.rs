use super::canned::Server;
use super::canned::Treatment::{Answer, BreakOff, HangUp, Silence};
use super::{KEY, OK, body_of, client, hello};
use crm_kernel::GatewayError;
use crm_workflows::{Accepted, LineGateway, SendKind, WireMessages};
use serde_json::json;
use std::time::{Duration, Instant};

async fn push(server: &Server) -> Result<Accepted, GatewayError> {
    client(server).push("U1", &hello(), KEY, None).await
}

async fn push_answered(status: &'static str, body: &'static str) -> Result<Accepted, GatewayError> {
    push(&Server::always(Answer(status, Vec::new(), body)).await).await
}

#[tokio::test]
async fn a_push_carries_its_key_and_token_and_brings_back_the_request_id() {
    let headers = vec![("X-Line-Request-Id", "r-1")];
    let server = Server::always(Answer("200 OK", headers, r#"{"sentMessages":[]}"#)).await;
    assert_eq!(
        push(&server).await.unwrap(),
        Accepted {
            request_id: Some("r-1".into()),
            repeated: false
        }
    );
    let asked = server.asked().remove(0);
    assert_eq!(asked.line, "POST /v2/bot/message/push HTTP/1.1");
    assert_eq!(asked.header("authorization"), Some("Bearer token"));
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(
        asked.header("x-line-retry-key"),
        Some("123e4567-e89b-12d3-a456-426614174000")
    );
    assert_eq!(
        body_of(&asked),
        json!({"to": "U1", "messages": [{"type": "text", "text": "hello"}]})
    );
}

#[tokio::test]
async fn a_repeated_send_counts_as_taken_under_its_first_request_id() {
    let headers = vec![
        ("x-line-request-id", "r-2"),
        ("x-line-accepted-request-id", "r-1"),
    ];
    let body = r#"{"message":"The retry key is already accepted"}"#;
    let server = Server::always(Answer("409 Conflict", headers, body)).await;
    let expected = Accepted {
        request_id: Some("r-1".into()),
        repeated: true,
    };
    assert_eq!(push(&server).await.unwrap(), expected);
    let multicast = client(&server)
        .multicast(&["U1".into()], &hello(), KEY, None)
        .await;
    assert_eq!(multicast.unwrap(), expected);
}

#[tokio::test]
async fn a_send_whose_answer_breaks_off_after_the_status_was_taken() {
    let server = Server::always(BreakOff("200 OK")).await;
    assert!(push(&server).await.is_ok());
}

#[tokio::test]
async fn the_two_meanings_of_429_are_told_apart_by_lines_words() {
    let rate = r#"{"message":"The API rate limit has been exceeded. Try again later."}"#;
    assert!(matches!(
        push_answered("429 Too Many Requests", rate).await,
        Err(GatewayError::RateLimited { retry_after: None })
    ));
    let quota = r#"{"message":"You have reached your monthly limit."}"#;
    assert!(matches!(
        push_answered("429 Too Many Requests", quota).await,
        Err(GatewayError::QuotaExhausted)
    ));
    let headers = vec![("Retry-After", "7")];
    let server = Server::always(Answer("429 Too Many Requests", headers, rate)).await;
    assert!(matches!(
        push(&server).await,
        Err(GatewayError::RateLimited { retry_after: Some(wait) }) if wait.as_secs() == 7
    ));
}

#[tokio::test]
async fn an_unclear_429_asks_the_quota() {
    async fn with_use(total: &'static str) -> Result<Accepted, GatewayError> {
        let server = Server::start(move |path| match path {
            "/v2/bot/message/quota" => {
                Answer("200 OK", Vec::new(), r#"{"type":"limited","value":200}"#)
            }
            "/v2/bot/message/quota/consumption" => Answer("200 OK", Vec::new(), total),
            _ => Answer("429 Too Many Requests", Vec::new(), r#"{"message":"no"}"#),
        })
        .await;
        push(&server).await
    }
    assert!(matches!(
        with_use(r#"{"totalUsage":200}"#).await,
        Err(GatewayError::QuotaExhausted)
    ));
    assert!(matches!(
        with_use(r#"{"totalUsage":199}"#).await,
        Err(GatewayError::RateLimited { .. })
    ));
    assert!(matches!(
        push_answered("429 Too Many Requests", "").await,
        Err(GatewayError::RateLimited { .. })
    ));
}

#[tokio::test]
async fn refused_credentials_and_unknown_things_are_told_apart() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        assert!(matches!(
            push_answered(status, "").await,
            Err(GatewayError::Unauthorized)
        ));
    }
    for status in ["404 Not Found", "410 Gone"] {
        assert!(matches!(
            push_answered(status, "").await,
            Err(GatewayError::NotFound)
        ));
    }
}

#[tokio::test]
async fn a_refusal_names_the_properties_at_fault() {
    let body = r#"{"message":"The request body has 1 error(s)",
        "details":[{"message":"May not be empty","property":"messages[0].text"}]}"#;
    let Err(GatewayError::Rejected {
        message,
        properties,
    }) = push_answered("400 Bad Request", body).await
    else {
        panic!("a 400 is a refusal");
    };
    assert_eq!(message, "The request body has 1 error(s); May not be empty");
    assert_eq!(properties, ["messages[0].text"]);
    for body in ["", "<html>", r#"{"message":null}"#] {
        assert!(matches!(
            push_answered("413 Payload Too Large", body).await,
            Err(GatewayError::Rejected { .. })
        ));
    }
}

#[tokio::test]
async fn whatever_leaves_the_outcome_open_is_unavailable() {
    for treatment in [
        Answer("500 Internal Server Error", Vec::new(), "{}"),
        Answer("503 Service Unavailable", Vec::new(), ""),
        Answer("302 Found", vec![("location", "https://example.com/")], ""),
        HangUp,
        Silence,
    ] {
        let start = Instant::now();
        let answer = push(&Server::always(treatment).await).await;
        assert!(
            matches!(answer, Err(GatewayError::Unavailable { .. })),
            "{answer:?}"
        );
        assert!(start.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn what_lines_limits_forbid_is_not_sent() {
    let server = Server::always(OK).await;
    let client = client(&server);
    for count in [0, 501] {
        let to = vec!["U1".to_owned(); count];
        let answer = client.multicast(&to, &hello(), KEY, None).await;
        assert!(
            matches!(answer, Err(GatewayError::Rejected { .. })),
            "{count}"
        );
    }
    let huge = WireMessages(vec![json!({"type": "text", "text": "a".repeat(2_000_000)})]);
    assert!(matches!(
        client.push("U1", &huge, KEY, None).await,
        Err(GatewayError::Rejected { .. })
    ));
    assert!(server.asked().is_empty());
    let to = vec!["U1".to_owned(); 500];
    assert!(client.multicast(&to, &hello(), KEY, None).await.is_ok());
}

#[tokio::test]
async fn replies_and_validations_bring_no_retry_key() {
    let server = Server::always(OK).await;
    let client = client(&server);
    client.reply("token", &hello()).await.unwrap();
    client
        .validate(SendKind::Multicast, &hello())
        .await
        .unwrap();
    let asked = server.asked();
    assert_eq!(asked[0].line, "POST /v2/bot/message/reply HTTP/1.1");
    assert_eq!(body_of(&asked[0])["replyToken"], "token");
    assert_eq!(
        asked[1].line,
        "POST /v2/bot/message/validate/multicast HTTP/1.1"
    );
    assert!(
        asked
            .iter()
            .all(|asked| asked.header("x-line-retry-key").is_none())
    );
}

#[tokio::test]
async fn what_line_is_to_count_is_named_on_pushes_and_multicasts() {
    let server = Server::always(OK).await;
    let client = client(&server);
    let unit = Some("c_1_abc");
    client.push("U1", &hello(), KEY, unit).await.unwrap();
    let to = ["U1".to_owned()];
    client.multicast(&to, &hello(), KEY, unit).await.unwrap();
    for asked in server.asked() {
        assert_eq!(
            body_of(&asked)["customAggregationUnits"],
            json!(["c_1_abc"])
        );
    }
}
