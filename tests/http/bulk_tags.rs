//! Tags on many members at once, as a client asks for them.

use crate::front::{Front, fields};
use serde_json::{Value, json};

crate::on_both!(
    those_named_and_those_matching_are_tagged,
    requests_that_make_no_sense_are_told_and_nothing_is_done,
    everybody_of_staff_may_and_no_stranger,
    counters_equal_the_rows_however_many_ask_at_once,
);

const PATH: &str = "/members/bulk-tags";

async fn tag(front: &Front, name: &str) -> Value {
    let tag = json!({"name": name, "type": "member"});
    front.admin.create("/tags", tag).await["id"].clone()
}

async fn guests(front: &Front, n: usize) -> Vec<Value> {
    let mut ids = Vec::new();
    for i in 0..n {
        let gender = ["female", "male"][i % 2];
        let body = json!({"first_name": format!("客{i}"), "last_name": "𠮷田", "gender": gender});
        ids.push(front.admin.create("/members", body).await["id"].clone());
    }
    ids
}

async fn wearers(front: &Front, tag: &Value) -> Value {
    let counter = front.admin.data(&format!("/tags/{tag}")).await["member_count"].clone();
    let list = front.admin.data(&format!("/members?tags={tag}")).await;
    assert_eq!(
        counter, list["total"],
        "the counter is the number of wearers"
    );
    counter
}

/// Bodies, and how many members, how often put on, how often taken off.
fn sensible(ids: &[Value], vip: &Value, old: &Value) -> Vec<(Value, [u64; 3])> {
    vec![
        (
            json!({"member_ids": [ids[0], ids[1], ids[1]], "add": [vip, old]}),
            [2, 4, 0],
        ),
        (
            json!({"member_ids": ids, "add": [vip], "remove": [old]}),
            [4, 2, 2],
        ),
        (
            json!({"filter": {"search": "𠮷田客0"}, "remove": [vip]}),
            [1, 0, 1],
        ),
        (
            json!({"filter": {"gender": "male"}, "add": [old]}),
            [2, 2, 0],
        ),
        (
            json!({"filter": {"tags": [vip, old], "tags_mode": "all"}, "remove": [vip, old]}),
            [2, 0, 4],
        ),
        (
            json!({"filter": {"source": ["line"]}, "add": [vip]}),
            [0, 0, 0],
        ),
        (
            json!({"filter": {"created_from": "2026-09-02"}, "add": [vip]}),
            [0, 0, 0],
        ),
        (
            json!({"filter": {"created_to": "2026-09-01", "line_state": "following"}, "add": [vip]}),
            [0, 0, 0],
        ),
        (
            json!({"filter": {"search": "'; DELETE FROM tags; --"}, "add": [vip]}),
            [0, 0, 0],
        ),
        (json!({"filter": {"search": "%"}, "add": [vip]}), [0, 0, 0]),
    ]
}

async fn those_named_and_those_matching_are_tagged(front: &Front) {
    let (vip, old) = (tag(front, "VIP").await, tag(front, "舊客").await);
    let ids = guests(front, 4).await;
    for (body, done) in sensible(&ids, &vip, &old) {
        let (status, answer) = front.admin.post(PATH, body.clone()).await;
        assert_eq!(status, 200, "{body}: {answer}");
        let [members, added, removed] = done;
        let told = json!({"members": members, "added": added, "removed": removed});
        assert_eq!(answer["data"], told, "{body}");
    }
    assert_eq!(wearers(front, &vip).await, 1);
    assert_eq!(wearers(front, &old).await, 0);
}

/// Bodies, and the field at fault.
fn senseless(id: &Value, vip: &Value) -> Vec<(Value, &'static str)> {
    let many = vec![id.clone(); 1_001];
    let lots = vec![vip.clone(); 21];
    let text = "x".repeat(201);
    let overflow: Value = serde_json::from_str("99999999999999999999").unwrap();
    vec![
        (json!({"add": [vip]}), "member_ids"),
        (
            json!({"member_ids": [id], "filter": {"search": "x"}, "add": [vip]}),
            "member_ids",
        ),
        (json!({"member_ids": [], "add": [vip]}), "member_ids"),
        (json!({"member_ids": many, "add": [vip]}), "member_ids"),
        (
            json!({"member_ids": [id, 4_711], "add": [vip]}),
            "member_ids[1]",
        ),
        (json!({"member_ids": [-1], "add": [vip]}), "member_ids[0]"),
        (
            json!({"member_ids": [overflow], "add": [vip]}),
            "member_ids[0]",
        ),
        (json!({"member_ids": ["1"], "add": [vip]}), "member_ids[0]"),
        (json!({"member_ids": id, "add": [vip]}), "member_ids"),
        (json!({"member_ids": [id]}), "add"),
        (json!({"member_ids": [id], "add": [], "remove": []}), "add"),
        (json!({"member_ids": [id], "add": lots}), "add"),
        (json!({"member_ids": [id], "remove": lots}), "remove"),
        (json!({"member_ids": [id], "add": [vip, 4_711]}), "add[1]"),
        (json!({"member_ids": [id], "remove": [4_711]}), "remove[0]"),
        (
            json!({"member_ids": [id], "add": [vip], "remove": [vip]}),
            "remove[0]",
        ),
        (
            json!({"member_ids": [id], "add": [vip], "tags": [vip]}),
            "tags",
        ),
        (json!({"filter": {}, "add": [vip]}), "filter"),
        (json!({"filter": {"search": "  "}, "add": [vip]}), "filter"),
        (
            json!({"filter": {"search": text}, "add": [vip]}),
            "filter.search",
        ),
        (
            json!({"filter": {"search": "a\u{0}"}, "add": [vip]}),
            "filter.search",
        ),
        (
            json!({"filter": {"tags": vec![1; 51]}, "add": [vip]}),
            "filter.tags",
        ),
        (
            json!({"filter": {"gender": "robot"}, "add": [vip]}),
            "filter.gender",
        ),
        (
            json!({"filter": {"source": ["moon"]}, "add": [vip]}),
            "filter.source[0]",
        ),
        (
            json!({"filter": {"created_from": "2025-02-30"}, "add": [vip]}),
            "filter.created_from",
        ),
        (
            json!({"filter": {"password_hash": "x"}, "add": [vip]}),
            "filter.password_hash",
        ),
    ]
}

async fn requests_that_make_no_sense_are_told_and_nothing_is_done(front: &Front) {
    let vip = tag(front, "VIP").await;
    let id = guests(front, 1).await.remove(0);
    for (body, field) in senseless(&id, &vip) {
        let (status, answer) = front.admin.post(PATH, body.clone()).await;
        assert_eq!(status, 400, "{body}: {answer}");
        assert_eq!(fields(&answer), [field], "{body}: {answer}");
    }
    assert_eq!(wearers(front, &vip).await, 0);
    let log = front
        .admin
        .data("/audit-logs?action=members.bulk_tagged")
        .await;
    assert_eq!(log["total"], 0);
    assert_eq!(front.admin.get(PATH).await.0, 404, "no member has this id");
}

async fn everybody_of_staff_may_and_no_stranger(front: &Front) {
    let vip = tag(front, "VIP").await;
    let id = guests(front, 1).await.remove(0);
    let body = json!({"member_ids": [id], "add": [vip]});
    assert_eq!(front.stranger.post(PATH, body.clone()).await.0, 401);
    assert_eq!(wearers(front, &vip).await, 0);
    for api in [&front.service, &front.marketing, &front.admin] {
        let (status, answer) = api.post(PATH, body.clone()).await;
        assert_eq!(status, 200, "{answer}");
    }
    assert_eq!(wearers(front, &vip).await, 1);
}

async fn counters_equal_the_rows_however_many_ask_at_once(front: &Front) {
    let vip = tag(front, "VIP").await;
    let ids = guests(front, 6).await;
    let racers = (0..32).map(|i| {
        let (ids, vip) = (&ids, &vip);
        async move {
            let some = &ids[i % 3..i % 3 + 3];
            let path = format!("/members/{}/tags", ids[i % 6]);
            match i % 4 {
                0 => {
                    front
                        .admin
                        .post(PATH, json!({"member_ids": some, "add": [vip]}))
                        .await
                }
                1 => {
                    let filter = json!({"search": "𠮷田"});
                    let body = json!({"filter": filter, "remove": [vip]});
                    front.admin.post(PATH, body).await
                }
                2 => front.service.post(&path, json!({"tag_ids": [vip]})).await,
                _ => front.marketing.delete(&format!("{path}/{vip}")).await,
            }
        }
    });
    for (status, answer) in futures::future::join_all(racers).await {
        // Whoever loses against others is told to come again, and did nothing.
        assert!([200, 404, 503].contains(&status), "{answer}");
    }
    wearers(front, &vip).await;
}
