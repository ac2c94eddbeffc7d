//! Who did what: an entry for every change, nothing that must stay secret, nobody who is gone.

use crate::forms::{KIND, form};
use crate::front::{Front, PASSWORD, fields};
use serde_json::{Value, json};

crate::on_both!(
    every_change_leaves_one_entry_and_nothing_else_does,
    every_filter_narrows_and_the_newest_comes_first,
    filters_that_make_no_sense_are_told,
    only_an_admin_reads_it,
    no_entry_holds_a_secret,
    whoever_is_erased_is_not_named_any_more,
);

/// Reads the log from where it was read last.
struct Log<'a> {
    front: &'a Front,
    seen: usize,
}

impl<'a> Log<'a> {
    async fn of(front: &'a Front) -> Self {
        let mut log = Self { front, seen: 0 };
        log.since().await;
        log
    }

    /// What was written since the last look, the oldest first.
    async fn since(&mut self) -> Vec<Value> {
        let page = self.front.admin.data("/audit-logs?page_size=100").await;
        let mut items = page["items"].as_array().unwrap().clone();
        assert_eq!(json!(items.len()), page["total"], "all on one page");
        items.reverse();
        let new = items.split_off(self.seen);
        self.seen += new.len();
        new
    }

    async fn actions(&mut self) -> Vec<String> {
        let action = |entry: Value| entry["action"].as_str().unwrap().to_owned();
        self.since().await.into_iter().map(action).collect()
    }
}

type Change = (&'static str, String, Value, Option<&'static str>);

/// Changes, and what is none: method, path, body, and the entry it leaves.
fn changes(one: &Value, other: &Value, vip: &Value, tag: &Value) -> Vec<Change> {
    let (member, worn) = (format!("/members/{one}"), format!("/members/{one}/tags"));
    let wear = json!({"tag_ids": [vip]});
    let bulk = json!({"member_ids": [one, other], "add": [vip]});
    let stay = json!({
        "order_number": "OD1", "room_type": "雙人房", "amount": 1000,
        "check_in_date": "2026-09-01", "check_out_date": "2026-09-02",
    });
    let user = json!({
        "username": "new", "email": "new@hotel.example", "password": PASSWORD,
        "role": "marketing",
    });
    vec![
        (
            "put",
            member.clone(),
            json!({"first_name": "小明"}),
            Some("member.updated"),
        ),
        ("put", member.clone(), json!({"first_name": "小明"}), None),
        (
            "put",
            format!("{member}/notes"),
            json!({"notes": "高樓層"}),
            Some("member.notes_updated"),
        ),
        (
            "put",
            format!("{member}/notes"),
            json!({"notes": "高樓層"}),
            None,
        ),
        ("put", member.clone(), json!({"email": "nobody"}), None),
        (
            "post",
            worn.clone(),
            wear.clone(),
            Some("member.tags_added"),
        ),
        ("post", worn.clone(), wear, None),
        (
            "delete",
            format!("{worn}/{vip}"),
            json!({}),
            Some("member.tag_removed"),
        ),
        (
            "post",
            "/members/bulk-tags".into(),
            bulk.clone(),
            Some("members.bulk_tagged"),
        ),
        ("post", "/members/bulk-tags".into(), bulk, None),
        (
            "post",
            format!("{member}/consumption-records"),
            stay.clone(),
            Some("stay.created"),
        ),
        ("post", format!("{member}/consumption-records"), stay, None),
        (
            "put",
            format!("/tags/{vip}"),
            json!({"description": "常客"}),
            Some("tag.updated"),
        ),
        (
            "put",
            format!("/tags/{vip}"),
            json!({"description": "常客"}),
            None,
        ),
        ("post", "/tags".into(), tag.clone(), None),
        (
            "post",
            format!("{member}/merge"),
            json!({"from_member_id": one}),
            None,
        ),
        (
            "post",
            format!("{member}/merge"),
            json!({"from_member_id": other}),
            Some("member.merged"),
        ),
        (
            "post",
            "/merges/1/undo".into(),
            json!({}),
            Some("member.merge_undone"),
        ),
        ("post", "/merges/1/undo".into(), json!({}), None),
        ("post", "/users".into(), user.clone(), Some("user.created")),
        ("post", "/users".into(), user, None),
        (
            "delete",
            format!("/tags/{vip}?force=true"),
            json!({}),
            Some("tag.deleted"),
        ),
        ("delete", member.clone(), json!({}), Some("member.deleted")),
        ("delete", member.clone(), json!({}), None),
    ]
}

async fn every_change_leaves_one_entry_and_nothing_else_does(front: &Front) {
    let api = &front.admin;
    let mut log = Log::of(front).await;
    let one = api.create("/members", json!({"last_name": "王"})).await["id"].clone();
    assert_eq!(log.actions().await, ["member.created"]);
    let other = api.create("/members", json!({"last_name": "李"})).await["id"].clone();
    let tag = json!({"name": "VIP", "type": "member"});
    let vip = api.create("/tags", tag.clone()).await["id"].clone();
    assert_eq!(log.actions().await, ["member.created", "tag.created"]);

    for (method, path, body, action) in changes(&one, &other, &vip, &tag) {
        let (status, answer) = match method {
            "put" => api.put(&path, body.clone()).await,
            "post" => api.post(&path, body.clone()).await,
            _ => api.delete(&path).await,
        };
        let expected: Vec<&str> = action.into_iter().collect();
        assert_eq!(
            log.actions().await,
            expected,
            "{method} {path} {body}: {status} {answer}"
        );
    }
    let table = form(&[("name=\"file\"; filename=\"a.csv\"", "姓名\n王\n".as_bytes())]);
    assert_eq!(api.post_raw("/members/import", KIND, table).await.0, 202);
    assert_eq!(log.actions().await, ["members.imported"]);
    for path in [
        "/members",
        "/tags",
        "/users",
        "/audit-logs",
        "/members/imports",
    ] {
        api.data(path).await;
    }
    assert_eq!(log.actions().await, [""; 0], "looking leaves no trace");
}

async fn user_id(front: &Front, name: &str) -> Value {
    let users = front.admin.data("/users").await;
    let mut users = users["items"].as_array().unwrap().iter();
    let user = users.find(|user| user["username"] == name);
    user.unwrap()["id"].clone()
}

async fn every_filter_narrows_and_the_newest_comes_first(front: &Front) {
    let tag = |name: &str| json!({"name": name, "type": "member"});
    let first = front.marketing.create("/tags", tag("一")).await["id"].clone();
    front.hotel.clock.advance(chrono::TimeDelta::minutes(30));
    let second = front.admin.create("/tags", tag("二")).await["id"].clone();
    let path = format!("/tags/{first}");
    let change = json!({"description": "說明"});
    assert_eq!(front.admin.put(&path, change).await.0, 200);
    let (mei, admin) = (user_id(front, "mei").await, user_id(front, "admin").await);
    let updated = ("tag.updated", first.clone());
    let (one, two) = (("tag.created", first.clone()), ("tag.created", second));
    for (query, wanted) in [
        ("subject=tag".to_owned(), vec![&updated, &two, &one]),
        ("action=tag.created".into(), vec![&two, &one]),
        (format!("user_id={mei}&subject=tag"), vec![&one]),
        (format!("user_id={admin}&subject=tag"), vec![&updated, &two]),
        (
            format!("subject=tag&subject_id={first}"),
            vec![&updated, &one],
        ),
        (
            "action=tag.created&start_date=2026-09-01&end_date=2026-09-01".into(),
            vec![&two, &one],
        ),
        ("subject=tag&start_date=2026-09-02".into(), vec![]),
        ("subject=tag&end_date=2026-08-31".into(), vec![]),
        ("action=nothing'; DROP TABLE audit_logs; --".into(), vec![]),
    ] {
        let page = front.admin.data(&format!("/audit-logs?{query}")).await;
        let items = page["items"].as_array().unwrap();
        let told: Vec<_> = items
            .iter()
            .map(|e| (e["action"].as_str().unwrap(), e["subject_id"].clone()))
            .collect();
        assert_eq!(told.iter().collect::<Vec<_>>(), wanted, "{query}");
        assert_eq!(page["total"], wanted.len(), "{query}");
    }
    let entry = &front.admin.data("/audit-logs?action=tag.updated").await["items"][0];
    assert_eq!(entry["actor"], "user");
    assert_eq!(entry["user"]["username"], "admin");
    assert_eq!(entry["before"], json!({"description": null}));
    assert_eq!(entry["after"], json!({"description": "說明"}));
    let far = front.admin.data("/audit-logs?page=999999999").await;
    assert_eq!(far["items"], json!([]));
}

async fn filters_that_make_no_sense_are_told(front: &Front) {
    for (query, field) in [
        ("user_id=x", "user_id"),
        ("user_id=99999999999999999999", "user_id"),
        ("subject_id=1.5", "subject_id"),
        ("start_date=2025-02-30", "start_date"),
        ("start_date=", "start_date"),
        ("end_date=yesterday", "end_date"),
        ("start_date=2026-09-02&end_date=2026-09-01", "end_date"),
        ("page=0", "page"),
        ("page_size=1000", "page_size"),
        ("subject_id=-5", "subject_id"),
    ] {
        let (status, answer) = front.admin.get(&format!("/audit-logs?{query}")).await;
        assert_eq!(
            (status, fields(&answer)),
            (400, vec![field]),
            "{query}: {answer}"
        );
    }
}

async fn only_an_admin_reads_it(front: &Front) {
    for query in ["", "?page=0"] {
        let path = format!("/audit-logs{query}");
        assert_eq!(front.stranger.get(&path).await.0, 401);
        for api in [&front.marketing, &front.service] {
            let (status, answer) = api.get(&path).await;
            assert_eq!((status, &answer["error_code"]), (403, &json!("forbidden")));
        }
    }
    for (method, status) in [("put", 405), ("delete", 405)] {
        let got = match method {
            "put" => front.admin.put("/audit-logs", json!({})).await.0,
            _ => front.admin.delete("/audit-logs").await.0,
        };
        assert_eq!(got, status, "{method}");
    }
}

async fn no_entry_holds_a_secret(front: &Front) {
    let api = &front.admin;
    let user = json!({
        "username": "new", "email": "new@hotel.example", "password": "first-password-1",
        "role": "marketing",
    });
    let new = api.create("/users", user).await["id"].clone();
    let change = json!({"password": "second-password-2", "full_name": "新人"});
    assert_eq!(api.put(&format!("/users/{new}"), change).await.0, 200);
    let change = json!({"current_password": PASSWORD, "new_password": "third-password-3"});
    let (status, answer) = front.marketing.post("/auth/change-password", change).await;
    assert_eq!(status, 200, "{answer}");
    let guest = json!({"last_name": "王", "id_number": "A123456789"});
    let one = api.create("/members", guest).await["id"].clone();
    let other = api.create("/members", json!({"last_name": "王"})).await["id"].clone();
    let path = format!("/members/{one}");
    for number in [json!("B987654321"), json!("C192837465")] {
        let (status, _) = api.put(&path, json!({"id_number": number})).await;
        assert_eq!(status, 200);
    }
    let merge = json!({"from_member_id": one});
    let (status, _) = api.post(&format!("/members/{other}/merge"), merge).await;
    assert_eq!(status, 200);
    let table = "姓名,身分證字號\n陳,D129384756\n";
    let table = form(&[("name=\"file\"; filename=\"a.csv\"", table.as_bytes())]);
    let (_, import) = api.post_raw("/members/import", KIND, table).await;
    let id = import["data"]["task_id"].as_i64().unwrap();
    front.hotel.crm.members.run_import(id.into()).await.unwrap();

    let log = api.data("/audit-logs?page_size=100").await;
    assert!(log["total"].as_u64().unwrap() > 8);
    let text = log.to_string();
    for secret in [
        "first-password-1",
        "second-password-2",
        "third-password-3",
        PASSWORD,
        "argon2",
        "A123456789",
        "B987654321",
        "C192837465",
        "D129384756",
        api.token(),
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(
        text.contains("B98****321"),
        "that it changed is told: {text}"
    );
}

async fn whoever_is_erased_is_not_named_any_more(front: &Front) {
    let api = &front.admin;
    let guest = |name: &str| {
        json!({
            "first_name": name, "last_name": "王", "phone": "0912-345-678",
            "email": "secret@hotel.example", "notes": "秘密",
        })
    };
    let one = api.create("/members", guest("𠮷明")).await["id"].clone();
    let merged = api.create("/members", guest("𠮷美")).await["id"].clone();
    let stays = api.create("/members", json!({"last_name": "陳大文"})).await["id"].clone();
    let change = json!({"first_name": "𠮷華", "phone": "0987-654-321"});
    let path = format!("/members/{one}");
    assert_eq!(api.put(&path, change).await.0, 200);
    let merge = json!({"from_member_id": merged});
    assert_eq!(api.post(&format!("{path}/merge"), merge).await.0, 200);
    assert_eq!(api.delete(&path).await.0, 200);

    let log = api.data("/audit-logs?page_size=100").await;
    let items = log["items"].as_array().unwrap();
    let mut about = 0;
    for entry in items.iter().filter(|entry| entry["subject"] == "member") {
        if [&one, &merged].contains(&&entry["subject_id"]) {
            about += 1;
            let facts = (&entry["before"], &entry["after"]);
            assert_eq!(facts, (&json!({}), &json!({})), "{entry}");
            assert_eq!(entry["user"]["username"], "admin", "who did it stays");
        }
    }
    assert_eq!(about, 5, "created twice, updated, merged, deleted");
    let text = log.to_string();
    for said in ["𠮷", "0912", "0987", "secret@", "秘密"] {
        assert!(!text.contains(said), "{said}: {text}");
    }
    assert!(text.contains("陳大文"), "others are as they were");
    assert_eq!(api.get(&format!("/members/{stays}")).await.0, 200);
    // Nor does undoing bring anybody back.
    assert_eq!(api.post("/merges/1/undo", json!({})).await.0, 409);
    assert_eq!(api.get(&format!("/members/{merged}")).await.0, 404);
}
