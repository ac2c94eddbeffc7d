use crate::harness::TestApi;
use crm_accounts::Role;
use serde_json::{Value, json};

const MEMBERS: &str = "/api/v1/members";

fn stay(order_number: &str) -> Value {
    json!({
        "order_number": order_number, "room_type": "商務雙人房", "amount": 18000.5,
        "check_in_date": "2025-09-15", "check_out_date": "2025-09-18",
        "booked_at": "2025-09-01T10:00:00+08:00"
    })
}

/// The address of a new member's stays.
async fn stays_of_a_guest(api: &TestApi, token: &str) -> String {
    let id = api
        .create(MEMBERS, token, json!({"first_name": "小明"}))
        .await;
    format!("{MEMBERS}/{id}/consumption-records")
}

#[actix_web::test]
async fn a_stay_is_written_down_listed_and_summed() {
    let (api, token) = TestApi::with_admin().await;
    let stays = stays_of_a_guest(&api, &token).await;
    let written = api.post(&stays, &token, stay("#2025091501")).await;
    assert_eq!(written.status, 201, "{}", written.text);
    assert_eq!(written.header("location"), Some(stays.clone()));
    let seen = written.data();
    assert_eq!(seen["amount"], 18000.5);
    assert_eq!(seen["nights"], 3);
    assert_eq!(seen["source"], "manual");
    assert_eq!(seen["pms_status"], json!(null));
    assert!(
        seen["created_at"].as_str().unwrap().ends_with('Z'),
        "{seen}"
    );

    let mut later = stay("#2025100101");
    later["check_in_date"] = json!("2025-10-01");
    later["check_out_date"] = json!("2025-10-01");
    later["amount"] = json!(1999);
    assert_eq!(api.post(&stays, &token, later).await.status, 201);
    let list = api.get(&stays, &token).await.data();
    assert_eq!(list["total"], 2);
    assert_eq!(list["items"][0]["order_number"], "#2025100101");
    assert_eq!(list["items"][0]["nights"], 0);
    assert_eq!(list["items"][0]["amount"].to_string(), "1999");
    assert_eq!(list["items"][1], seen);
    let past_the_end = api
        .get(&format!("{stays}?page=3&page_size=1"), &token)
        .await
        .data();
    assert_eq!(
        (&past_the_end["items"], &past_the_end["total"]),
        (&json!([]), &json!(2))
    );

    let member = stays.trim_end_matches("/consumption-records");
    let spent = api.get(member, &token).await.data()["consumption_summary"].clone();
    assert_eq!(spent["total_amount"], 19999.5);
    assert_eq!(spent["total_orders"], 2);
}

#[actix_web::test]
async fn an_order_number_belongs_to_one_stay_of_one_guest() {
    let (api, token) = TestApi::with_admin().await;
    for _ in 0..2 {
        let stays = stays_of_a_guest(&api, &token).await;
        api.post(&stays, &token, stay("A-1")).await;
        let again = api.post(&stays, &token, stay(" A-1 ")).await;
        let fields = vec!["order_number".to_owned()];
        assert_eq!(again.refusal(), (409, "stay_duplicate".into(), fields));
    }
}

#[actix_web::test]
async fn what_cannot_be_a_stay_is_told_by_its_field() {
    let (api, token) = TestApi::with_admin().await;
    let stays = stays_of_a_guest(&api, &token).await;
    for (field, value) in [
        ("order_number", json!("")),
        ("order_number", json!("x".repeat(51))),
        ("room_type", json!("x".repeat(101))),
        ("amount", json!(-1)),
        ("amount", json!(0.001)),
        ("amount", json!("18000")),
        ("amount", json!(100_000_000)),
        ("check_in_date", json!("2025-9-15")),
        ("check_in_date", json!("")),
        ("check_out_date", json!("2025-09-14")),
        ("booked_at", json!("yesterday")),
        ("nights", json!(3)),
    ] {
        let mut body = stay("A-1");
        body[field] = value.clone();
        let reply = api.post(&stays, &token, body).await;
        assert_eq!(
            (reply.status, reply.refusal().2),
            (400, vec![field.to_owned()]),
            "{value}"
        );
    }
    let mut without = stay("A-1");
    without.as_object_mut().unwrap().remove("amount");
    let reply = api.post(&stays, &token, without).await;
    assert_eq!(reply.refusal().2, ["amount"]);
    assert_eq!(api.get(&stays, &token).await.data()["total"], 0);
}

#[actix_web::test]
async fn nobody_stays_who_is_not_there_and_not_everybody_may_write_it_down() {
    let (api, token) = TestApi::with_admin().await;
    let nowhere = format!("{MEMBERS}/999999/consumption-records");
    let missing = (404, "member_not_found".to_owned(), vec![]);
    assert_eq!(api.get(&nowhere, &token).await.refusal(), missing);
    assert_eq!(
        api.post(&nowhere, &token, stay("A-1")).await.refusal(),
        missing
    );
    let stays = stays_of_a_guest(&api, &token).await;
    for role in [Role::Marketing, Role::CustomerService] {
        let staff = api.sign_in_as(role).await;
        assert_eq!(api.get(&stays, &staff).await.status, 200, "{role}");
        let written = api.post(&stays, &staff, stay(role.as_str())).await;
        let may = role.allows(crm_accounts::Permission::MembersWrite);
        assert_eq!(written.status, if may { 201 } else { 403 }, "{role}");
    }
}
