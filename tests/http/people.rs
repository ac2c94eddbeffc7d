use crate::front::{Front, PASSWORD, fields};
use crm_tests::Api;
use serde_json::json;

crate::on_both!(
    who_signs_in_gets_a_token_and_loses_it_on_logout,
    a_wrong_name_and_a_wrong_password_cannot_be_told_apart,
    tokens_that_are_not_ours_are_refused,
    each_role_may_do_what_is_its_own,
    id_numbers_are_shown_in_full_to_those_who_need_them,
    a_member_is_created_changed_and_deleted,
);

async fn who_signs_in_gets_a_token_and_loses_it_on_logout(front: &Front) {
    let login = json!({"username": "mei@hotel.example", "password": PASSWORD});
    let (status, body) = front.stranger.post("/auth/login", login).await;
    assert_eq!(status, 200);
    assert_eq!(body["data"]["token_type"], "Bearer");
    assert_eq!(body["data"]["expires_in"], 3600);
    assert_eq!(body["data"]["user"]["role"], "marketing");
    let mei = front
        .stranger
        .with_token(body["data"]["access_token"].as_str().unwrap());
    assert_eq!(mei.data("/auth/me").await["username"], "mei");
    let (status, refreshed) = mei.post("/auth/refresh", json!({})).await;
    assert_eq!(status, 200);
    let again = front
        .stranger
        .with_token(refreshed["data"]["access_token"].as_str().unwrap());
    assert_eq!(mei.post("/auth/logout", json!({})).await.0, 200);
    assert_eq!(mei.get("/auth/me").await.0, 401);
    assert_eq!(
        again.get("/auth/me").await.0,
        401,
        "one session, all its tokens"
    );
}

async fn a_wrong_name_and_a_wrong_password_cannot_be_told_apart(front: &Front) {
    let mut answers = Vec::new();
    for (name, password) in [("mei", "wrong-password"), ("nobody", PASSWORD)] {
        let login = json!({"username": name, "password": password});
        let (status, body) = front.stranger.post("/auth/login", login).await;
        answers.push((status, body["error_code"].clone(), body["message"].clone()));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, 401);
}

async fn tokens_that_are_not_ours_are_refused(front: &Front) {
    let token = front.admin.token();
    let (head, signature) = token.rsplit_once('.').unwrap();
    let payload = head.split_once('.').unwrap().1;
    // {"alg":"none"}
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    let other = format!("{head}.{}", signature.chars().rev().collect::<String>());
    for wrong in ["x", &unsigned, &other, head] {
        let (status, body) = front.stranger.with_token(wrong).get("/members").await;
        assert_eq!((status, &body["code"]), (401, &json!(401)), "{wrong}");
    }
    assert_eq!(front.stranger.get("/members").await.0, 401);
    front.hotel.clock.advance(chrono::TimeDelta::minutes(61));
    assert_eq!(front.admin.get("/members").await.0, 401, "expired");
}

async fn each_role_may_do_what_is_its_own(front: &Front) {
    let tag = |name: &str| json!({"name": name, "type": "member"});
    let id = front.marketing.create("/tags", tag("VIP")).await["id"].clone();
    let (status, body) = front.service.post("/tags", tag("商務客")).await;
    assert_eq!((status, &body["error_code"]), (403, &json!("forbidden")));
    let guest = json!({"last_name": "王"});
    let member = front.service.create("/members", guest).await["id"].clone();
    let tags = format!("/members/{member}/tags");
    let (status, body) = front.service.post(&tags, json!({"tag_ids": [id]})).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["data"]["tags"][0]["name"], "VIP");
    let path = format!("/members/{member}");
    assert_eq!(front.marketing.delete(&path).await.0, 403);
    assert_eq!(front.admin.delete(&path).await.0, 200);
    let tag = front.admin.data(&format!("/tags/{id}")).await;
    assert_eq!(tag["member_count"], 0, "counters follow a deleted member");
    assert_eq!(front.marketing.get("/jobs?status=dead").await.0, 403);
    assert_eq!(front.admin.get("/jobs?status=dead").await.0, 200);
}

async fn id_numbers_are_shown_in_full_to_those_who_need_them(front: &Front) {
    let guest = json!({"last_name": "王", "id_number": "a123456789"});
    let created = front.admin.create("/members", guest.clone()).await;
    let path = format!("/members/{}", created["id"]);
    let shown = async |api: &Api| api.data(&path).await["id_number"].clone();
    assert_eq!(shown(&front.admin).await, "A123456789");
    assert_eq!(shown(&front.service).await, "A123456789");
    assert_eq!(shown(&front.marketing).await, "A12****789");
    let list = front.admin.data("/members").await;
    assert!(list["items"][0].get("id_number").is_none());
    let (status, body) = front.admin.post("/members", guest).await;
    assert_eq!((status, fields(&body)), (409, vec!["id_number"]));
}

async fn a_member_is_created_changed_and_deleted(front: &Front) {
    let guest = json!({
        "email": "new.member@email.com", "phone": "0987-654-321", "first_name": "小華",
        "last_name": "李", "gender": "female", "birthday": "1990-02-28",
        "notes": "'; DROP TABLE members; -- <b>😀𠮷</b>",
    });
    let created = front.admin.create("/members", guest.clone()).await;
    let path = format!("/members/{}", created["id"]);
    for (name, value) in guest.as_object().unwrap() {
        assert_eq!(&created[name], value, "{name}");
    }
    assert_eq!(created["source"], "system");
    assert_eq!(created["accept_marketing"], true);
    assert_eq!(created["consumption_summary"]["total_orders"], 0);
    let change = json!({"birthday": null, "first_name": "小花"});
    let (status, changed) = front.admin.put(&path, change).await;
    assert_eq!(status, 200);
    assert_eq!(changed["data"]["birthday"], json!(null));
    assert_eq!(changed["data"]["first_name"], "小花");
    assert_eq!(changed["data"]["phone"], "0987-654-321", "absent is kept");
    for search in ["李小花", "0987654321", "NEW.MEMBER"] {
        let list = front.admin.data(&format!("/members?search={search}")).await;
        assert_eq!(list["total"], 1, "{search}");
    }
    let (status, gone) = front.admin.delete(&path).await;
    assert_eq!((status, &gone["data"]), (200, &json!(null)));
    assert_eq!(front.admin.get(&path).await.0, 404);
    assert_eq!(front.admin.delete(&path).await.0, 404);
}
