//! Two members that are one person, as an admin sees it.

use crate::front::{Front, PASSWORD, fields};
use chrono::TimeDelta;
use crm_tests::Api;
use serde_json::{Value, json};

crate::on_both!(
    two_members_become_one_and_two_again,
    who_is_not_one_person_stays_two,
    bodies_and_paths_that_make_no_sense_are_told,
    only_an_admin_may,
    a_merge_is_undone_once_and_within_thirty_days,
);

async fn guest(front: &Front, body: Value) -> i64 {
    front.admin.create("/members", body).await["id"]
        .as_i64()
        .unwrap()
}

async fn merge(api: &Api, kept: i64, from: i64) -> (u16, Value) {
    let body = json!({"from_member_id": from});
    api.post(&format!("/members/{kept}/merge"), body).await
}

async fn undo(api: &Api, merge: &Value) -> (u16, Value) {
    api.post(&format!("/merges/{merge}/undo"), json!({})).await
}

async fn tag(front: &Front, name: &str, members: &[i64]) -> Value {
    let tag = json!({"name": name, "type": "member"});
    let id = front.admin.create("/tags", tag).await["id"].clone();
    for member in members {
        let path = format!("/members/{member}/tags");
        let (status, _) = front.admin.post(&path, json!({"tag_ids": [id]})).await;
        assert_eq!(status, 200);
    }
    id
}

async fn wearers(front: &Front, tags: [&Value; 2]) -> [Value; 2] {
    let mut counts = [Value::Null, Value::Null];
    for (count, tag) in counts.iter_mut().zip(tags) {
        *count = front.admin.data(&format!("/tags/{tag}")).await["member_count"].clone();
    }
    counts
}

async fn two_members_become_one_and_two_again(front: &Front) {
    let (friend, _) = front.hotel.friends(1).await.remove(0);
    let friend = friend.get();
    let typed = json!({
        "first_name": "𠮷明", "last_name": "王", "id_number": "A123456789",
        "notes": "'; DROP TABLE members; -- <b>", "phone": "0912-345-678",
    });
    let typed = guest(front, typed).await;
    let both = tag(front, "VIP", &[friend, typed]).await;
    let own = tag(front, "商務客", &[typed]).await;
    for (member, order) in [(friend, "OD1"), (typed, "OD2")] {
        let stay = json!({
            "order_number": order, "room_type": "雙人房", "amount": 1000,
            "check_in_date": "2026-09-01", "check_out_date": "2026-09-02",
        });
        let path = format!("/members/{member}/consumption-records");
        front.admin.create(&path, stay).await;
    }
    let pages = [format!("/members/{friend}"), format!("/members/{typed}")];
    let before = [
        front.admin.data(&pages[0]).await,
        front.admin.data(&pages[1]).await,
    ];

    let (status, merged) = merge(&front.admin, friend, typed).await;
    assert_eq!(status, 200, "{merged}");
    let (merge_id, member) = (&merged["data"]["merge_id"], &merged["data"]["member"]);
    assert_eq!(member["id"], friend);
    assert_eq!(member["id_number"], "A123456789");
    assert_eq!(member["notes"], "'; DROP TABLE members; -- <b>");
    assert_eq!(member["line_state"], "following");
    assert_eq!(member["tags"].as_array().unwrap().len(), 2);
    assert_eq!(member["consumption_summary"]["total_orders"], 2);
    assert_eq!(member, &front.admin.data(&pages[0]).await);
    assert_eq!(front.admin.get(&pages[1]).await.0, 404);
    assert_eq!(front.admin.data("/members").await["total"], 1);
    assert_eq!(front.admin.data("/members?search=𠮷明").await["total"], 1);
    assert_eq!(wearers(front, [&both, &own]).await, [json!(1), json!(1)]);
    let life = front
        .admin
        .data(&format!("/members/{friend}/timeline"))
        .await;
    let life = life["items"].as_array().unwrap();
    let merges = life.iter().filter(|entry| entry["kind"] == "merged");
    assert_eq!(merges.count(), 1);

    let (status, undone) = undo(&front.admin, merge_id).await;
    assert_eq!((status, &undone["data"]), (200, &Value::Null), "{undone}");
    let after = [
        front.admin.data(&pages[0]).await,
        front.admin.data(&pages[1]).await,
    ];
    assert_eq!(after, before, "everything as it was");
    assert_eq!(wearers(front, [&both, &own]).await, [json!(2), json!(1)]);
    assert_eq!(front.admin.data("/members").await["total"], 2);
}

async fn who_is_not_one_person_stays_two(front: &Front) {
    let friends = front.hotel.friends(2).await;
    let (status, answer) = merge(&front.admin, friends[0].0.get(), friends[1].0.get()).await;
    assert_eq!(
        (status, &answer["error_code"]),
        (409, &json!("both_have_line"))
    );
    let mut ids = Vec::new();
    for number in ["A123456789", "B123456789"] {
        let body = json!({"last_name": "王", "id_number": number});
        ids.push(guest(front, body).await);
    }
    let (status, answer) = merge(&front.admin, ids[0], ids[1]).await;
    let code = &answer["error_code"];
    assert_eq!((status, code), (409, &json!("different_id_numbers")));
    assert!(!answer.to_string().contains("123456789"), "{answer}");
    assert_eq!(front.admin.data("/members").await["total"], 4);
    let log = front.admin.data("/audit-logs?action=member.merged").await;
    assert_eq!(log["total"], 0, "a refusal is no change");
}

/// Bodies, and the field at fault.
fn senseless(id: i64) -> Vec<(Value, &'static str)> {
    vec![
        (json!({"from_member_id": id}), "from_member_id"),
        (json!({"from_member_id": 4_711}), "from_member_id"),
        (json!({"from_member_id": -1}), "from_member_id"),
        (json!({"from_member_id": 0}), "from_member_id"),
        (json!({"from_member_id": "1"}), "from_member_id"),
        (json!({"from_member_id": 1.5}), "from_member_id"),
        (json!({"from_member_id": null}), "from_member_id"),
        (
            json!({"from_member_id": 99_999_999_999_999_999_999_f64}),
            "from_member_id",
        ),
        (json!({}), "from_member_id"),
        (json!({"from_member_id": 4_711, "force": true}), "force"),
    ]
}

async fn bodies_and_paths_that_make_no_sense_are_told(front: &Front) {
    let id = guest(front, json!({"last_name": "王"})).await;
    let path = format!("/members/{id}/merge");
    for (body, field) in senseless(id) {
        let (status, answer) = front.admin.post(&path, body.clone()).await;
        assert_eq!(
            (status, fields(&answer)),
            (400, vec![field]),
            "{body}: {answer}"
        );
    }
    let body = json!({"from_member_id": id});
    for path in [
        "/members/4711/merge",
        "/members/-1/merge",
        "/members/x/merge",
        "/members/99999999999999999999/merge",
        "/merges/4711/undo",
        "/merges/-1/undo",
        "/merges/99999999999999999999/undo",
    ] {
        let (status, answer) = front.admin.post(path, body.clone()).await;
        assert_eq!(status, 404, "{path}: {answer}");
    }
    assert_eq!(front.admin.get(&path).await.0, 405);
}

async fn only_an_admin_may(front: &Front) {
    let kept = guest(front, json!({"last_name": "王"})).await;
    let from = guest(front, json!({"last_name": "李"})).await;
    for api in [&front.marketing, &front.service] {
        let (status, answer) = merge(api, kept, from).await;
        assert_eq!((status, &answer["error_code"]), (403, &json!("forbidden")));
    }
    assert_eq!(merge(&front.stranger, kept, from).await.0, 401);
    let (status, merged) = merge(&front.admin, kept, from).await;
    assert_eq!(status, 200, "{merged}");
    let id = &merged["data"]["merge_id"];
    for api in [&front.marketing, &front.service] {
        assert_eq!(undo(api, id).await.0, 403);
    }
    assert_eq!(undo(&front.stranger, id).await.0, 401);
    assert_eq!(undo(&front.admin, id).await.0, 200);
}

async fn a_merge_is_undone_once_and_within_thirty_days(front: &Front) {
    let kept = guest(front, json!({"last_name": "王"})).await;
    let from = guest(front, json!({"last_name": "李"})).await;
    let (_, first) = merge(&front.admin, kept, from).await;
    let racers = (0..8).map(|_| undo(&front.admin, &first["data"]["merge_id"]));
    let answers = futures::future::join_all(racers).await;
    let done = answers.iter().filter(|(status, _)| *status == 200);
    assert_eq!(done.count(), 1);
    for (status, answer) in answers.iter().filter(|(status, _)| *status != 200) {
        let code = &answer["error_code"];
        assert_eq!((*status, code), (409, &json!("merge_undone")), "{answer}");
    }
    let (_, second) = merge(&front.admin, kept, from).await;
    front
        .hotel
        .clock
        .advance(TimeDelta::days(30) + TimeDelta::seconds(1));
    let admin = Api::sign_in(&front.base, "admin", PASSWORD).await;
    let (status, answer) = undo(&admin, &second["data"]["merge_id"]).await;
    assert_eq!(
        (status, &answer["error_code"]),
        (409, &json!("merge_too_old"))
    );
    assert_eq!(admin.data("/members").await["total"], 1);
}
