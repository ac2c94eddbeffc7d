use crate::harness::TestApi;
use crm_accounts::Role;
use serde_json::json;

const MEMBERS: &str = "/api/v1/members";

#[actix_web::test]
async fn somebody_signs_in_looks_at_themself_and_signs_out() {
    let (api, token) = TestApi::with_admin().await;
    let me = api.get("/api/v1/auth/me", &token).await;
    assert_eq!(me.data()["role"], "admin");
    let another = api.post("/api/v1/auth/refresh", &token, json!({})).await;
    assert_eq!(another.data()["token_type"], "Bearer");
    let out = api.post("/api/v1/auth/logout", &token, json!({})).await;
    assert_eq!((out.status, out.data()), (200, json!(null)));
    let gone = api.get("/api/v1/auth/me", &token).await;
    assert_eq!(gone.refusal(), (401, "session_ended".into(), vec![]));
}

#[actix_web::test]
async fn changing_the_password_asks_for_the_present_one() {
    let (api, token) = TestApi::with_admin().await;
    let path = "/api/v1/auth/change-password";
    let body = json!({"current_password": "wrong", "new_password": "another horse 8"});
    let reply = api.post(path, &token, body).await;
    let fields = vec!["current_password".to_owned()];
    assert_eq!(
        reply.refusal(),
        (400, "wrong_current_password".into(), fields)
    );
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_name_are_one_answer() {
    let (api, _) = TestApi::with_admin().await;
    for name in ["admin", "nobody"] {
        let body = json!({"username": name, "password": "wrong"});
        let reply = api.post("/api/v1/auth/login", "", body).await;
        assert_eq!(reply.refusal(), (401, "invalid_credentials".into(), vec![]));
    }
}

#[actix_web::test]
async fn a_member_is_registered_changed_tagged_found_and_erased() {
    let (api, token) = TestApi::with_admin().await;
    let id = api
        .create(
            MEMBERS,
            &token,
            json!({"first_name": "小華", "last_name": "李", "phone": "0987-654-321", "birthday": "1990-02-03"}),
        )
        .await;
    let member = format!("{MEMBERS}/{id}");
    let changed = api
        .put(
            &member,
            &token,
            json!({"birthday": null, "email": "li@hotel.tw"}),
        )
        .await;
    assert_eq!(changed.data()["birthday"], json!(null));
    assert_eq!(changed.data()["phone"], "0987-654-321");
    assert_eq!(changed.data()["consumption_summary"]["total_amount"], 0);

    let tag = api
        .create(
            "/api/v1/tags",
            &token,
            json!({"name": "VIP", "type": "member"}),
        )
        .await;
    let worn = api
        .post(&format!("{member}/tags"), &token, json!({"tag_ids": [tag]}))
        .await;
    assert_eq!(worn.data()["tags"][0]["name"], "VIP");
    let found = api
        .get(
            &format!("{MEMBERS}?search=%E5%B0%8F%E8%8F%AF&tags={tag}&order=asc&sort_by=id"),
            &token,
        )
        .await;
    assert_eq!(found.data()["total"], 1, "{}", found.text);
    assert_eq!(found.data()["items"][0]["tags"][0]["type"], "member");

    let notes = api
        .put(
            &format!("{member}/notes"),
            &token,
            json!({"notes": "高樓層"}),
        )
        .await;
    assert_eq!(notes.data()["notes"], "高樓層");
    let off = api.delete(&format!("{member}/tags/{tag}"), &token).await;
    assert_eq!(off.status, 200);
    assert_eq!(api.delete(&member, &token).await.data(), json!(null));
    assert_eq!(
        api.get(&member, &token).await.refusal().1,
        "member_not_found"
    );
}

#[actix_web::test]
async fn an_id_number_is_masked_for_those_who_need_not_know_it() {
    let (api, token) = TestApi::with_admin().await;
    let id = api
        .create(MEMBERS, &token, json!({"id_number": "A123456789"}))
        .await;
    let member = format!("{MEMBERS}/{id}");
    for (role, shown) in [
        (Role::CustomerService, "A123456789"),
        (Role::Marketing, "A12****789"),
    ] {
        let token = api.sign_in_as(role).await;
        let seen = api.get(&member, &token).await.data();
        assert_eq!(seen["id_number"], shown, "{role}");
    }
    let again = api
        .post(MEMBERS, &token, json!({"id_number": "a123456789"}))
        .await;
    let fields = vec!["id_number".to_owned()];
    assert_eq!(again.refusal(), (409, "member_duplicate".into(), fields));
}

#[actix_web::test]
async fn tags_are_counted_and_protected() {
    let (api, token) = TestApi::with_admin().await;
    let tags = "/api/v1/tags";
    let id = api
        .create(tags, &token, json!({"name": "VIP", "type": "member"}))
        .await;
    let twice = api
        .post(tags, &token, json!({"name": "vip", "type": "member"}))
        .await;
    assert_eq!(
        twice.refusal(),
        (409, "tag_duplicate".into(), vec!["name".into()])
    );
    let totals = api.get("/api/v1/tags/statistics", &token).await.data();
    assert_eq!(totals["member_tags"], 1);
    let renamed = api
        .put(
            &format!("{tags}/{id}"),
            &token,
            json!({"name": "貴賓", "type": "member"}),
        )
        .await;
    assert_eq!(renamed.data()["name"], "貴賓");
    let other_kind = api
        .put(
            &format!("{tags}/{id}"),
            &token,
            json!({"type": "interaction"}),
        )
        .await;
    assert_eq!(other_kind.refusal().2, ["type"]);
    let deleted = api.delete(&format!("{tags}/{id}?force=true"), &token).await;
    assert_eq!(deleted.status, 200);
}
