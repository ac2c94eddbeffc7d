use crate::harness::TestApi;
use serde_json::json;

const TEMPLATES: &str = "/api/v1/templates";

#[actix_web::test]
async fn cards_keep_their_price_to_the_cent_and_can_be_sent_back_as_they_came() {
    let (api, token) = TestApi::with_admin().await;
    let id = api
        .create(
            TEMPLATES,
            &token,
            json!({
                "type": "image_card", "name": "中秋", "notification_text": "中秋優惠",
                "carousel_items": [{
                    "image_url": "https://cdn.hotel.com/1.jpg", "title": "商務", "price": 3200.55,
                    "action_url": "https://hotel.com/a", "sort_order": 1
                }]
            }),
        )
        .await;
    let template = format!("{TEMPLATES}/{id}");
    let detail = api.get(&template, &token).await.data();
    assert_eq!(detail["carousel_items"][0]["price"], json!(3200.55));
    assert_eq!(
        detail["carousel_items"][0]["action_url"],
        "https://hotel.com/a"
    );

    let again = json!({
        "carousel_items": detail["carousel_items"], "buttons": detail["buttons"],
        "content": detail["content"], "type": detail["type"]
    });
    let kept = api.put(&template, &token, again).await;
    assert_eq!(kept.status, 200, "{}", kept.text);
    assert_eq!(kept.data()["carousel_items"][0]["price"], json!(3200.55));

    let preview = api.get(&format!("{template}/preview"), &token).await;
    assert_eq!(preview.data()["messages"].as_array().map(Vec::len), Some(1));
    let listed = api
        .get(&format!("{TEMPLATES}?type=image_card"), &token)
        .await;
    assert_eq!(listed.data()["items"][0]["name"], "中秋");
    assert_eq!(api.delete(&template, &token).await.status, 200);
}

#[actix_web::test]
async fn every_field_at_fault_is_named_as_it_was_written() {
    let (api, token) = TestApi::with_admin().await;
    let card = |more: serde_json::Value| {
        json!({"type": "image_card", "name": "n", "notification_text": "t",
               "carousel_items": [{"image_url": "https://a.tw/1.jpg", "title": "t"}, more]})
    };
    for (body, field) in [
        (
            card(json!({"image_url": "https://a.tw", "title": "t", "price": 1.005})),
            "carousel_items[1].price",
        ),
        (
            card(json!({"image_url": "https://a.tw", "title": "t", "price": "1"})),
            "carousel_items[1].price",
        ),
        (card(json!({"title": "t"})), "carousel_items[1].image_url"),
        (
            card(json!({"image_url": "https://a.tw", "title": "t", "colour": "red"})),
            "carousel_items[1].colour",
        ),
        (json!({"type": "poem", "name": "n"}), "type"),
        (json!({"name": "n"}), "type"),
        (json!({"type": "text", "name": "n"}), "content"),
    ] {
        let reply = api.post(TEMPLATES, &token, body).await;
        assert_eq!(reply.status, 400, "{}", reply.text);
        assert_eq!(reply.refusal().2, [field], "{}", reply.text);
    }
}
