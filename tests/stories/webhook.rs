use crm_kernel::PageRequest;
use crm_members::{LineState, MemberFilter, MemberRow, MemberSort};
use crm_simulator_line::{Fault, FaultEndpoint, FaultKind, SimulatorConfig, sign};
use crm_tests::Installation;
use crm_workflows::WebhookError;
use serde_json::{Value, json};

crate::stories!(
    a_follow_becomes_a_member_with_the_line_profile,
    an_event_delivered_again_changes_nothing,
    leaving_and_returning_are_judged_by_the_events_own_time,
    a_wrong_signature_stores_nothing,
    a_profile_that_cannot_be_fetched_does_not_lose_the_follow,
    unknown_events_are_kept_and_do_no_harm,
);

/// An event of that kind at that millisecond.
fn event(id: &str, uid: &str, at: i64, mut more: Value) -> Value {
    let base = json!({
        "mode": "active",
        "timestamp": at,
        "source": {"type": "user", "userId": uid},
        "webhookEventId": id,
        "deliveryContext": {"isRedelivery": false},
        "replyToken": "token",
    });
    if let (Some(more), Some(base)) = (more.as_object_mut(), base.as_object()) {
        more.extend(base.clone());
    }
    more
}

async fn receive(hotel: &Installation, events: Vec<Value>) -> usize {
    let body = json!({"destination": hotel.line.bot_user_id(), "events": events}).to_string();
    let signature = sign(&SimulatorConfig::default().channel_secret, body.as_bytes());
    let inbound = &hotel.crm.inbound;
    let new = inbound
        .receive(body.as_bytes(), Some(&signature))
        .await
        .unwrap();
    hotel.run_jobs().await;
    new
}

/// A guest taps something that carries data.
pub async fn deliver_postback(hotel: &Installation, uid: &str, data: &str) {
    let at = hotel.now().timestamp_millis();
    let postback = json!({"type": "postback", "postback": {"data": data}});
    receive(
        hotel,
        vec![event(&format!("pb-{uid}-{data}"), uid, at, postback)],
    )
    .await;
}

async fn all(hotel: &Installation) -> Vec<MemberRow> {
    let page = PageRequest::new(1, 100).unwrap();
    let members = &hotel.crm.members;
    let list = members
        .list(&MemberFilter::default(), MemberSort::default(), page)
        .await;
    list.unwrap().items
}

fn follow() -> Value {
    json!({"type": "follow", "follow": {"isUnblocked": false}})
}

async fn a_follow_becomes_a_member_with_the_line_profile(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    let at = hotel.now().timestamp_millis();
    assert_eq!(
        receive(hotel, vec![event("01A", &uid, at, follow())]).await,
        1
    );
    let members = all(hotel).await;
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].line_uid.as_deref(), Some(uid.as_str()));
    assert!(members[0].line_display_name.is_some());
    assert_eq!(members[0].line_state, Some(LineState::Following));
    assert_eq!(members[0].source.as_str(), "line");
    let detail = hotel.crm.members.get(members[0].id).await.unwrap();
    assert_eq!(detail.followed_at, Some(hotel.now()));
}

async fn an_event_delivered_again_changes_nothing(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    let at = hotel.now().timestamp_millis();
    assert_eq!(
        receive(hotel, vec![event("01A", &uid, at, follow())]).await,
        1
    );
    let before = all(hotel).await;
    let mut again = event("01A", &uid, at, follow());
    again["deliveryContext"]["isRedelivery"] = json!(true);
    assert_eq!(receive(hotel, vec![again.clone(), again]).await, 0);
    assert_eq!(all(hotel).await, before);
}

async fn leaving_and_returning_are_judged_by_the_events_own_time(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    let at = hotel.now().timestamp_millis();
    let unfollow = json!({"type": "unfollow"});
    receive(hotel, vec![event("02", &uid, at + 2_000, unfollow)]).await;
    receive(hotel, vec![event("01", &uid, at + 1_000, follow())]).await;
    assert_eq!(all(hotel).await[0].line_state, Some(LineState::Blocked));
    receive(hotel, vec![event("03", &uid, at + 3_000, follow())]).await;
    assert_eq!(all(hotel).await[0].line_state, Some(LineState::Following));
}

async fn a_wrong_signature_stores_nothing(hotel: &Installation) {
    let at = hotel.now().timestamp_millis();
    let body = json!({"events": [event("01", "U1", at, follow())]}).to_string();
    let right = sign(&SimulatorConfig::default().channel_secret, body.as_bytes());
    for signature in [None, Some(""), Some("AAAA"), Some(&right[1..])] {
        let refused = hotel.crm.inbound.receive(body.as_bytes(), signature).await;
        assert!(matches!(refused, Err(WebhookError::BadSignature)));
    }
    let secret = SimulatorConfig::default().channel_secret;
    let signed = sign(&secret, b"not json");
    let refused = hotel.crm.inbound.receive(b"not json", Some(&signed)).await;
    assert!(matches!(refused, Err(WebhookError::NotAWebhook(_))));
    assert_eq!(hotel.run_jobs().await, 0);
    assert!(all(hotel).await.is_empty());
}

async fn a_profile_that_cannot_be_fetched_does_not_lose_the_follow(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    let at = hotel.now().timestamp_millis();
    hotel.line.inject_fault(Fault::times(
        FaultEndpoint::Profile,
        FaultKind::ServerError,
        1,
    ));
    receive(hotel, vec![event("01", &uid, at, follow())]).await;
    assert_eq!(all(hotel).await[0].line_display_name, None);
    let text = json!({"type": "message", "message": {"type": "text", "id": "1", "text": "你好"}});
    receive(hotel, vec![event("02", &uid, at + 5, text)]).await;
    assert!(all(hotel).await[0].line_display_name.is_some());
}

async fn unknown_events_are_kept_and_do_no_harm(hotel: &Installation) {
    let at = hotel.now().timestamp_millis();
    let strange = vec![
        event(
            "01",
            "U1",
            at,
            json!({"type": "teleport", "teleport": {"to": "moon"}}),
        ),
        json!({"type": "accountLink", "timestamp": at}),
        json!({}),
    ];
    assert_eq!(receive(hotel, strange).await, 3);
    assert!(all(hotel).await.is_empty());
    assert_eq!(receive(hotel, vec![]).await, 0);
    assert_eq!(
        hotel
            .crm
            .database
            .job_figures(hotel.now())
            .await
            .unwrap()
            .dead,
        0
    );
}
