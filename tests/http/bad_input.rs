use crate::front::{Front, fields};
use serde_json::{Value, json};

crate::on_both!(
    what_cannot_be_read_is_a_400_that_names_the_field,
    rules_of_members_are_told_all_at_once,
    rules_of_templates_are_told_with_their_place,
    rules_of_campaigns_are_told_and_nothing_is_written,
    paths_and_parameters_that_make_no_sense_are_told,
    too_large_and_too_strange_bodies_are_refused,
);

async fn refused(front: &Front, path: &str, body: Value, field: &str) {
    let (status, answer) = front.admin.post(path, body.clone()).await;
    assert_eq!(status, 400, "{path} {body}: {answer}");
    assert!(fields(&answer).contains(&field), "{path} {body}: {answer}");
    assert!(answer["request_id"].is_string() && answer["timestamp"].is_string());
}

async fn what_cannot_be_read_is_a_400_that_names_the_field(front: &Front) {
    refused(
        front,
        "/members",
        json!({"last_name": "王", "nickname": "x"}),
        "nickname",
    )
    .await;
    refused(front, "/members", json!({"last_name": 5}), "last_name").await;
    refused(
        front,
        "/members",
        json!({"last_name": "王", "gender": "robot"}),
        "gender",
    )
    .await;
    refused(
        front,
        "/members",
        json!({"last_name": "王", "gender": ""}),
        "gender",
    )
    .await;
    refused(
        front,
        "/members",
        json!({"last_name": "王", "birthday": "2025-02-30"}),
        "birthday",
    )
    .await;
    refused(
        front,
        "/members",
        json!({"last_name": "王", "birthday": ""}),
        "birthday",
    )
    .await;
    refused(
        front,
        "/members",
        json!({"last_name": "王\u{0}"}),
        "last_name",
    )
    .await;
    refused(
        front,
        "/tags",
        json!({"name": "x", "type": "other"}),
        "type",
    )
    .await;
    refused(front, "/tags", json!({"type": "member"}), "name").await;
    for raw in ["", "{", "[]", "null", "{\"last_name\":\"王\"", "\u{feff}{}"] {
        let bytes = raw.as_bytes().to_vec();
        let (status, answer) = front
            .admin
            .post_raw("/members", "application/json", bytes)
            .await;
        assert_eq!(status, 400, "{raw}: {answer}");
    }
    assert_eq!(front.admin.data("/members").await["total"], 0);
}

async fn rules_of_members_are_told_all_at_once(front: &Front) {
    let body = json!({
        "first_name": "x".repeat(51), "email": "not an address", "phone": "call me",
        "birthday": "2999-01-01",
    });
    let (status, answer) = front.admin.post("/members", body).await;
    assert_eq!(
        (status, &answer["error_code"]),
        (400, &json!("member_invalid"))
    );
    for field in ["first_name", "email", "phone", "birthday"] {
        assert!(fields(&answer).contains(&field), "{field}: {answer}");
    }
    let (status, _) = front.admin.post("/members", json!({"notes": "who?"})).await;
    assert_eq!(status, 400);
}

async fn rules_of_templates_are_told_with_their_place(front: &Front) {
    let card = json!({"image_url": "https://hotel.tw/a.jpg", "title": "房"});
    let cards = |n: usize| vec![card.clone(); n];
    let image_card = |cards: Vec<Value>| {
        json!({
            "type": "image_card", "name": "卡", "notification_text": "優惠", "preview_text": "看",
            "carousel_items": cards,
        })
    };
    refused(front, "/templates", image_card(cards(13)), "carousel_items").await;
    refused(front, "/templates", image_card(vec![]), "carousel_items").await;
    let mut untitled = cards(2);
    untitled[1] = json!({"image_url": "https://hotel.tw/a.jpg"});
    refused(
        front,
        "/templates",
        image_card(untitled),
        "carousel_items[1].title",
    )
    .await;
    let mut plain = cards(1);
    plain[0]["image_url"] = json!("http://hotel.tw/a.jpg");
    refused(
        front,
        "/templates",
        image_card(plain),
        "carousel_items[0].image_url",
    )
    .await;
    let text = |content: &str| json!({"type": "text", "name": "文", "content": content});
    refused(front, "/templates", text(""), "content").await;
    refused(front, "/templates", text(&"好".repeat(5_001)), "content").await;
    refused(front, "/templates", text("{{password}}"), "content").await;
    refused(
        front,
        "/templates",
        json!({"type": "text_button", "name": "鈕", "content": "好"}),
        "buttons",
    )
    .await;
    let mut tagged = cards(1);
    tagged[0]["interaction_tag_id"] = json!(4_711);
    refused(
        front,
        "/templates",
        image_card(tagged),
        "carousel_items[0].interaction_tag_id",
    )
    .await;
    assert_eq!(front.admin.data("/templates").await["total"], 0);
    front
        .admin
        .create("/templates", image_card(cards(12)))
        .await;
}

async fn rules_of_campaigns_are_told_and_nothing_is_written(front: &Front) {
    let text = json!({"type": "text", "name": "文", "content": "好"});
    let template = front.admin.create("/templates", text).await["id"].clone();
    let campaign = |change: Value| {
        let mut body =
            json!({"title": "中秋", "template_id": template, "target_audience": {"type": "all"}});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let audience = |audience: Value| campaign(json!({ "target_audience": audience }));
    refused(
        front,
        "/campaigns",
        campaign(json!({"title": " "})),
        "title",
    )
    .await;
    refused(
        front,
        "/campaigns",
        campaign(json!({"template_id": 4_711})),
        "template_id",
    )
    .await;
    refused(
        front,
        "/campaigns",
        campaign(json!({"scheduled_at": "2020-01-01T00:00:00Z"})),
        "scheduled_at",
    )
    .await;
    refused(
        front,
        "/campaigns",
        campaign(json!({"scheduled_at": ""})),
        "scheduled_at",
    )
    .await;
    let unknown = json!({"type": "tags", "include_tags": [4_711]});
    refused(
        front,
        "/campaigns",
        audience(unknown),
        "target_audience.include_tags[0]",
    )
    .await;
    let nobody = json!({"type": "tags"});
    refused(
        front,
        "/campaigns",
        audience(nobody),
        "target_audience.include_tags",
    )
    .await;
    let (status, _) = front
        .admin
        .post("/campaigns", audience(json!({"type": "everybody"})))
        .await;
    assert_eq!(status, 400);
    let friends = json!({"type": "friend_days", "days_range": [29, 7]});
    refused(
        front,
        "/campaigns",
        campaign(json!({"trigger_condition": friends})),
        "trigger_condition.days_range",
    )
    .await;
    assert_eq!(front.admin.data("/campaigns").await["total"], 0);

    let draft = front.admin.create("/campaigns", campaign(json!({}))).await;
    let send = format!("/campaigns/{}/send", draft["id"]);
    let (status, answer) = front.admin.post(&send, json!({})).await;
    assert_eq!(
        (status, &answer["error_code"]),
        (409, &json!("audience_empty"))
    );
    let detail = front
        .admin
        .data(&format!("/campaigns/{}", draft["id"]))
        .await;
    assert_eq!(detail["status"], "draft");
}

async fn paths_and_parameters_that_make_no_sense_are_told(front: &Front) {
    let api = &front.admin;
    for path in [
        "/members/x",
        "/members/-1",
        "/members/99999999999999999999",
        "/members/4711",
        "/campaigns/4711",
        "/templates/4711",
        "/tags/4711",
        "/nothing",
        "/campaigns/4711/recipients",
    ] {
        let (status, answer) = api.get(path).await;
        assert_eq!(status, 404, "{path}: {answer}");
    }
    for (query, field) in [
        ("page_size=1000", "page_size"),
        ("page_size=0", "page_size"),
        ("page=0", "page"),
        ("page=x", "page"),
        ("sort_by=password_hash", "sort_by"),
        ("order=up", "order"),
        ("source=moon", "source"),
        ("tags=1,x", "tags"),
        ("created_from=2025-02-30", "created_from"),
    ] {
        let (status, answer) = api.get(&format!("/members?{query}")).await;
        assert_eq!(
            (status, fields(&answer)),
            (400, vec![field]),
            "{query}: {answer}"
        );
    }
    assert_eq!(api.get("/campaigns?status=lost").await.0, 400);
    assert_eq!(
        api.data("/members?page=999999999").await["items"],
        json!([])
    );
    assert_eq!(api.put("/members", json!({})).await.0, 405);
    let (status, answer) = api.post("/campaigns/4711/send", json!({})).await;
    assert_eq!(
        (status, &answer["error_code"]),
        (404, &json!("campaign_not_found"))
    );
}

async fn too_large_and_too_strange_bodies_are_refused(front: &Front) {
    let large = format!("{{\"notes\":\"{}\"}}", "x".repeat(10 << 20)).into_bytes();
    let (status, _) = front
        .admin
        .post_raw("/members", "application/json", large.clone())
        .await;
    assert_eq!(status, 413);
    let (status, _) = front
        .admin
        .post_raw("/line/webhook", "application/json", large)
        .await;
    assert_eq!(status, 413);
    let deep = format!("{{\"notes\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes();
    let (status, _) = front
        .admin
        .post_raw("/members", "application/json", deep)
        .await;
    assert_eq!(status, 400);
    let (status, _) = front
        .admin
        .post_raw("/members", "text/plain", b"{}".to_vec())
        .await;
    assert_eq!(status, 415);
    let broken = vec![b'{', b'"', 0xff, 0xfe, b'"', b':', b'1', b'}'];
    let (status, _) = front
        .admin
        .post_raw("/members", "application/json", broken)
        .await;
    assert_eq!(status, 400);
}
