//! Texts that mean something elsewhere, and two who do the same at one moment.

use crate::front::{Front, PASSWORD};
use crm_tests::Api;
use serde_json::{Value, json};

crate::on_both!(
    every_text_is_stored_and_returned_as_it_was_typed,
    of_many_who_register_one_guest_at_once_one_does,
    a_token_of_somebody_deactivated_is_worth_nothing,
);

const TEXT: &str = "'; DROP TABLE tags; -- <b>\"%_\\ 𠮷😀";

/// Where texts go, and which of the fields are such texts.
fn texts() -> Vec<(&'static str, Value, &'static [&'static str])> {
    let card = json!({
        "image_url": "https://hotel.tw/a.jpg", "title": TEXT, "description": TEXT,
        "action_url": "https://hotel.tw/",
    });
    vec![
        (
            "/members",
            json!({"first_name": TEXT, "last_name": TEXT, "notes": TEXT, "id_number": "A1"}),
            &["/first_name", "/last_name", "/notes"],
        ),
        (
            "/tags",
            json!({"name": TEXT, "type": "member", "description": TEXT}),
            &["/name", "/description"],
        ),
        (
            "/templates",
            json!({"type": "text", "name": TEXT, "content": TEXT}),
            &["/name", "/content"],
        ),
        (
            "/templates",
            json!({
                "type": "image_card", "name": TEXT, "notification_text": TEXT,
                "preview_text": TEXT, "carousel_items": [card],
            }),
            &[
                "/notification_text",
                "/preview_text",
                "/carousel_items/0/title",
                "/carousel_items/0/description",
            ],
        ),
        (
            "/users",
            json!({
                "username": "odd", "email": "odd@hotel.example", "password": PASSWORD,
                "full_name": TEXT, "role": "marketing",
            }),
            &["/full_name"],
        ),
    ]
}

async fn every_text_is_stored_and_returned_as_it_was_typed(front: &Front) {
    for (path, body, fields) in texts() {
        let made = front.admin.create(path, body).await;
        let read = front.admin.data(&format!("{path}/{}", made["id"])).await;
        for field in fields {
            assert_eq!(read.pointer(field), Some(&json!(TEXT)), "{path} {field}");
        }
    }
    let templates = front.admin.data("/templates").await;
    let campaign = json!({
        "title": TEXT, "template_id": templates["items"][0]["id"],
        "target_audience": {"type": "all"},
    });
    let made = front.admin.create("/campaigns", campaign).await;
    let read = front
        .admin
        .data(&format!("/campaigns/{}", made["id"]))
        .await;
    assert_eq!(read["title"], TEXT);
    assert_eq!(front.admin.data("/tags").await["total"], 1);
}

async fn of_many_who_register_one_guest_at_once_one_does(front: &Front) {
    let guest = json!({"last_name": "王", "id_number": "A123456789"});
    let racers = (0..12).map(|_| front.service.post("/members", guest.clone()));
    let answers = futures::future::join_all(racers).await;
    let made = answers.iter().filter(|(status, _)| *status == 201);
    assert_eq!(made.count(), 1);
    for (status, answer) in answers.iter().filter(|(status, _)| *status != 201) {
        let code = &answer["error_code"];
        assert_eq!(
            (*status, code),
            (409, &json!("member_duplicate")),
            "{answer}"
        );
    }
    assert_eq!(front.admin.data("/members").await["total"], 1);
}

async fn a_token_of_somebody_deactivated_is_worth_nothing(front: &Front) {
    let user = json!({
        "username": "new", "email": "new@hotel.example", "password": PASSWORD,
        "role": "marketing",
    });
    let id = front.admin.create("/users", user).await["id"].clone();
    let new = Api::sign_in(&front.base, "new", PASSWORD).await;
    assert_eq!(new.get("/members").await.0, 200);
    let off = json!({"is_active": false});
    assert_eq!(front.admin.put(&format!("/users/{id}"), off).await.0, 200);
    for path in ["/members", "/auth/me"] {
        let (status, answer) = new.get(path).await;
        assert_eq!((status, &answer["code"]), (401, &json!(401)), "{path}");
    }
    assert_eq!(
        new.post("/tags", json!({"name": "x", "type": "member"}))
            .await
            .0,
        401
    );
}
