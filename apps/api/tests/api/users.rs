use crate::harness::TestApi;
use crm_accounts::Role;
use serde_json::{Value, json};

const USERS: &str = "/api/v1/users";
const ME: &str = "/api/v1/auth/me";
const PASSWORD: &str = "a lighthouse 9";

fn mei() -> Value {
    json!({
        "username": "Mei.Lin", "email": "Mei@Hotel.tw", "password": PASSWORD,
        "full_name": "林美", "role": "marketing"
    })
}

/// The id of whoever has this token.
async fn own_id(api: &TestApi, token: &str) -> i64 {
    api.get(ME, token).await.data()["id"].as_i64().unwrap()
}

async fn sign_in(api: &TestApi, password: &str) -> (u16, String) {
    let body = json!({"username": "mei.lin", "password": password});
    let reply = api.post("/api/v1/auth/login", "", body).await;
    let token = reply.data()["access_token"].as_str().map(str::to_owned);
    (reply.status, token.unwrap_or_default())
}

#[actix_web::test]
async fn a_user_is_created_found_and_signs_in() {
    let (api, token) = TestApi::with_admin().await;
    let id = api.create(USERS, &token, mei()).await;
    let seen = api.get(&format!("{USERS}/{id}"), &token).await.data();
    assert_eq!(seen["username"], "mei.lin");
    assert_eq!(seen["email"], "mei@hotel.tw");
    assert_eq!(seen["full_name"], "林美");
    assert_eq!(
        (&seen["role"], &seen["is_active"]),
        (&json!("marketing"), &json!(true))
    );
    assert_eq!(seen["last_login_at"], json!(null));
    assert!(!seen.to_string().contains("password"), "{seen}");

    assert_eq!(sign_in(&api, PASSWORD).await.0, 200);
    for query in [
        "role=marketing",
        "search=%E6%9E%97",
        "search=MEI",
        "is_active=true&page=2&page_size=1",
    ] {
        let found = api.get(&format!("{USERS}?{query}"), &token).await;
        assert_eq!(
            found.data()["items"][0]["id"],
            id,
            "{query}: {}",
            found.text
        );
    }
    let nobody = api.get(&format!("{USERS}?is_active=false"), &token).await;
    assert_eq!(nobody.data()["total"], 0);
    let unclear = api.get(&format!("{USERS}?is_active=maybe"), &token).await;
    assert_eq!(unclear.refusal().2, ["is_active"]);
}

#[actix_web::test]
async fn names_and_addresses_belong_to_one_user_and_passwords_are_good_enough() {
    let (api, token) = TestApi::with_admin().await;
    let id = api.create(USERS, &token, mei()).await;
    for (field, other) in [("username", "email"), ("email", "username")] {
        let mut body = mei();
        body[other] = json!(if other == "email" {
            "lin@hotel.tw"
        } else {
            "lin"
        });
        let reply = api.post(USERS, &token, body).await;
        assert_eq!(
            reply.refusal(),
            (409, "user_duplicate".into(), vec![field.into()])
        );
    }
    let mut weak = mei();
    weak["password"] = json!("short");
    let reply = api.post(USERS, &token, weak).await;
    assert_eq!(
        reply.refusal(),
        (400, "weak_password".into(), vec!["password".into()])
    );
    let user = format!("{USERS}/{id}");
    for (body, field) in [
        (json!({"username": "lin"}), "username"),
        (json!({"role": null}), "role"),
        (json!({"role": "chef"}), "role"),
        (json!({"email": "nowhere"}), "email"),
        (json!({"is_active": "no"}), "is_active"),
    ] {
        let reply = api.put(&user, &token, body).await;
        assert_eq!(
            (reply.status, reply.refusal().2),
            (400, vec![field.to_owned()])
        );
    }
}

#[actix_web::test]
async fn whoever_is_deactivated_is_out_at_once_and_may_come_back() {
    let (api, token) = TestApi::with_admin().await;
    let id = api.create(USERS, &token, mei()).await;
    let user = format!("{USERS}/{id}");
    let (_, theirs) = sign_in(&api, PASSWORD).await;
    assert_eq!(api.get(ME, &theirs).await.status, 200);

    let changed = api.put(&user, &token, json!({"is_active": false})).await;
    assert_eq!(
        (changed.status, &changed.data()["is_active"]),
        (200, &json!(false))
    );
    let out = api.get(ME, &theirs).await;
    assert_eq!(out.refusal(), (401, "session_ended".into(), vec![]));
    assert_eq!(sign_in(&api, PASSWORD).await.0, 401);

    let changed = api.put(&user, &token, json!({"is_active": true})).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(sign_in(&api, PASSWORD).await.0, 200);
}

#[actix_web::test]
async fn another_role_and_another_password_sign_somebody_out() {
    let (api, token) = TestApi::with_admin().await;
    let id = api.create(USERS, &token, mei()).await;
    let user = format!("{USERS}/{id}");
    for body in [
        json!({"role": "customer_service", "full_name": null}),
        json!({"password": "another lighthouse 9"}),
    ] {
        let (_, theirs) = sign_in(&api, PASSWORD).await;
        let changed = api.put(&user, &token, body.clone()).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert_eq!(changed.data()["full_name"], json!(null));
        assert_eq!(api.get(ME, &theirs).await.status, 401, "{body}");
    }
    assert_eq!(sign_in(&api, PASSWORD).await.0, 401);
    assert_eq!(sign_in(&api, "another lighthouse 9").await.0, 200);
}

#[actix_web::test]
async fn nobody_locks_themself_out() {
    let (api, token) = TestApi::with_admin().await;
    let own = format!("{USERS}/{}", own_id(&api, &token).await);
    for body in [json!({"is_active": false}), json!({"role": "marketing"})] {
        let reply = api.put(&own, &token, body).await;
        assert_eq!(reply.refusal(), (409, "own_account".into(), vec![]));
    }
    let renamed = api
        .put(&own, &token, json!({"full_name": "系統管理員"}))
        .await;
    assert_eq!(renamed.data()["full_name"], "系統管理員");
    assert_eq!(api.get(ME, &token).await.status, 200);
}

#[actix_web::test]
async fn one_active_admin_remains_whatever_two_admins_do_to_each_other() {
    let (api, token) = TestApi::with_admin().await;
    let first = own_id(&api, &token).await;
    let mut body = mei();
    body["role"] = json!("admin");
    let second = api.create(USERS, &token, body).await;
    let (_, theirs) = sign_in(&api, PASSWORD).await;
    // Who they were a moment before they were demoted themselves.
    let late = api.crm.accounts.authenticate(&theirs).await.unwrap();
    let demoted = api
        .put(
            &format!("{USERS}/{second}"),
            &token,
            json!({"role": "marketing"}),
        )
        .await;
    assert_eq!(demoted.status, 200, "{}", demoted.text);
    let change = crm_accounts::UpdateUser {
        is_active: Some(false),
        ..Default::default()
    };
    let refused = api
        .crm
        .accounts
        .update_user(&late, first.into(), change)
        .await;
    assert!(matches!(
        refused,
        Err(crm_accounts::AccountError::LastAdmin)
    ));
}

#[actix_web::test]
async fn users_are_managed_by_admins_and_never_deleted() {
    let (api, token) = TestApi::with_admin().await;
    let staff = api.sign_in_as(Role::Marketing).await;
    assert_eq!(api.get(USERS, &staff).await.status, 403);
    let user = format!("{USERS}/{}", own_id(&api, &staff).await);
    let reply = api.delete(&user, &token).await;
    assert_eq!(reply.refusal(), (405, "method_not_allowed".into(), vec![]));
    assert_eq!(reply.header("allow").as_deref(), Some("GET, PUT"));
    let nobody = api.get(&format!("{USERS}/999999"), &token).await;
    assert_eq!(nobody.refusal(), (404, "user_not_found".into(), vec![]));
}
