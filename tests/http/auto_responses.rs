//! Rules that answer guests by themselves, as a front end writes them.

use crate::front::{Front, fields};
use chrono::TimeDelta;
use reqwest::Client;
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

crate::on_both!(
    a_rule_is_written_changed_switched_and_deleted,
    the_list_is_an_array_until_a_page_is_asked_for,
    what_overshadows_a_rule_is_shown,
    a_text_can_be_tried_without_sending_anything,
    service_reads_rules_and_writes_none,
    what_breaks_a_rule_is_told_by_the_name_of_its_field,
    texts_are_kept_as_they_were_typed,
);

const RULES: &str = "/auto-responses";

fn keyword(name: &str, words: &[&str]) -> Value {
    json!({"name": name, "trigger_type": "keyword", "content": "您好", "keywords": words})
}

/// For what the usual client does not show.
fn client() -> Client {
    Client::builder().timeout(PATIENCE).build().unwrap()
}

async fn toggle(front: &Front, token: &str, id: &Value, body: Value) -> (u16, Value) {
    let answer = client()
        .patch(format!("{}/api/v1{RULES}/{id}/toggle", front.base))
        .bearer_auth(token)
        .json(&body)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn words(rule: &Value) -> Vec<&str> {
    let keywords = rule["keywords"].as_array().unwrap().iter();
    keywords.map(|k| k["keyword"].as_str().unwrap()).collect()
}

async fn a_rule_is_written_changed_switched_and_deleted(front: &Front) {
    let api = &front.marketing;
    let body = json!({
        "name": "優惠方案查詢", "trigger_type": "keyword", "content": "目前推出的優惠方案：...",
        "keywords": ["優惠", "折扣"], "is_active": true,
    });
    let rule = api.create(RULES, body).await;
    let path = format!("{RULES}/{}", rule["id"]);
    assert_eq!(words(&rule), ["優惠", "折扣"]);
    assert!(rule["keywords"][0]["id"].is_i64());
    assert_eq!(rule["keywords"][0]["match_count"], 0);
    assert_eq!(rule["messages"], json!(["目前推出的優惠方案：..."]));
    assert_eq!(
        (&rule["trigger_count"], &rule["success_rate"]),
        (&json!(0), &json!(0.0))
    );
    assert_eq!(rule["updated_at"], json!(null));
    assert_eq!(api.data(&path).await, rule);

    front.hotel.clock.advance(TimeDelta::seconds(5));
    let change = json!({"keywords": ["折扣", "特價"], "messages": ["一", "二"]});
    let (status, changed) = api.put(&path, change).await;
    assert_eq!(status, 200, "{changed}");
    let changed = &changed["data"];
    assert_eq!(words(changed), ["折扣", "特價"]);
    assert_eq!(changed["keywords"][0]["id"], rule["keywords"][1]["id"]);
    assert_eq!(changed["content"], "一");
    assert_eq!(changed["name"], "優惠方案查詢", "absent is kept");
    assert!(changed["updated_at"].is_string());

    let off = json!({"is_active": false});
    let (status, switched) = toggle(front, api.token(), &rule["id"], off).await;
    assert_eq!(
        (status, &switched["data"]["is_active"]),
        (200, &json!(false))
    );
    assert_eq!(api.data(&path).await["is_active"], false);
    let (status, answer) = toggle(front, api.token(), &rule["id"], json!({})).await;
    assert_eq!((status, fields(&answer)), (400, vec!["is_active"]));

    let (status, gone) = api.delete(&path).await;
    assert_eq!((status, &gone["data"]), (200, &json!(null)));
    for (status, answer) in [
        api.get(&path).await,
        api.put(&path, json!({"name": "x"})).await,
        api.delete(&path).await,
        toggle(front, api.token(), &rule["id"], json!({"is_active": true})).await,
    ] {
        let code = &answer["error_code"];
        assert_eq!((status, code), (404, &json!("auto_response_not_found")));
    }
    let log = front.admin.data("/audit-logs?subject=auto_response").await;
    let done = log["items"].as_array().unwrap().iter();
    let done: Vec<&str> = done.map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(
        done,
        [
            "auto_response.deleted",
            "auto_response.disabled",
            "auto_response.updated",
            "auto_response.created"
        ]
    );
}

async fn the_list_is_an_array_until_a_page_is_asked_for(front: &Front) {
    let api = &front.marketing;
    assert_eq!(api.data(RULES).await, json!([]));
    let welcome = json!({"name": "新好友歡迎訊息", "trigger_type": "welcome", "content": "歡迎"});
    api.create(RULES, welcome).await;
    for name in ["一", "二", "三"] {
        let rule = api.create(RULES, keyword(name, &[name])).await;
        if name == "二" {
            let off = json!({"is_active": false});
            toggle(front, api.token(), &rule["id"], off).await;
        }
    }
    let names = async |query: &str| {
        let data = api.data(&format!("{RULES}{query}")).await;
        let items = data.get("items").unwrap_or(&data).as_array().unwrap();
        let names = items.iter().map(|r| r["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>().join(",")
    };
    assert_eq!(names("").await, "三,二,一,新好友歡迎訊息");
    assert_eq!(names("?trigger_type=keyword").await, "三,二,一");
    assert_eq!(names("?trigger_type=keyword&is_active=true").await, "三,一");
    assert_eq!(names("?is_active=false").await, "二");
    assert_eq!(names("?page=2&page_size=3").await, "新好友歡迎訊息");
    assert_eq!(names("?page_size=1").await, "三");
    let page = api.data(&format!("{RULES}?page=1&page_size=3")).await;
    assert_eq!(
        (&page["total"], &page["total_pages"]),
        (&json!(4), &json!(2))
    );
    let past = api.data(&format!("{RULES}?page=9")).await;
    assert_eq!((&past["items"], &past["total"]), (&json!([]), &json!(4)));
    for (query, field) in [
        ("trigger_type=moon", "trigger_type"),
        ("is_active=maybe", "is_active"),
        ("page=0", "page"),
        ("page_size=101", "page_size"),
    ] {
        let (status, answer) = api.get(&format!("{RULES}?{query}")).await;
        assert_eq!((status, fields(&answer)), (400, vec![field]), "{query}");
    }
}

async fn what_overshadows_a_rule_is_shown(front: &Front) {
    let api = &front.marketing;
    let old = api.create(RULES, keyword("舊", &["優惠", "房價"])).await;
    front.hotel.clock.advance(TimeDelta::seconds(5));
    let new = api.create(RULES, keyword("新", &["優惠"])).await;
    assert_eq!(new["shadowed_by"], json!(null));
    let path = format!("{RULES}/{}", old["id"]);
    let partly = api.data(&path).await;
    assert_eq!(partly["shadowed_by"], json!(null));
    let shadow = json!([{"keyword": "優惠", "by": new["id"]}]);
    assert_eq!(partly["shadowed_keywords"], shadow);
    front.hotel.clock.advance(TimeDelta::seconds(5));
    api.create(RULES, keyword("更新", &["房價"])).await;
    let list = api.data(RULES).await;
    let wholly = list.as_array().unwrap().last().unwrap();
    assert_eq!(wholly["shadowed_by"], new["id"]);
    // Switched on again it is the newest, and throws the shadow itself.
    front.hotel.clock.advance(TimeDelta::seconds(5));
    for is_active in [false, true] {
        front.hotel.clock.advance(TimeDelta::seconds(5));
        toggle(
            front,
            api.token(),
            &old["id"],
            json!({"is_active": is_active}),
        )
        .await;
    }
    assert_eq!(api.data(&path).await["shadowed_keywords"], json!([]));
    let path = format!("{RULES}/{}", new["id"]);
    assert_eq!(api.data(&path).await["shadowed_by"], old["id"]);
}

async fn a_text_can_be_tried_without_sending_anything(front: &Front) {
    let api = &front.marketing;
    let night = json!({
        "name": "夜間", "trigger_type": "time", "content": "明早回覆您",
        "trigger_time_start": "22:00", "trigger_time_end": "06:59",
        "date_start": "2026-10-01", "date_end": "2026-10-31",
    });
    let night = api.create(RULES, night).await;
    assert_eq!(
        (&night["trigger_time_start"], &night["date_end"]),
        (&json!("22:00"), &json!("2026-10-31"))
    );
    let offer = api.create(RULES, keyword("優惠", &["優惠"])).await;
    let tried = async |text: &str, at: &str| {
        let body = json!({"text": text, "at": at});
        let (status, answer) = front.service.post("/auto-responses/try", body).await;
        assert_eq!(status, 200, "{answer}");
        answer["data"].clone()
    };
    let found = tried("請問有優惠嗎", "2026-10-10T23:30:00+08:00").await;
    assert_eq!(found["id"], offer["id"], "keywords go before hours");
    assert_eq!(found["keyword"]["keyword"], "優惠");
    assert_eq!(found["messages"], json!(["您好"]));
    let found = tried("您好", "2026-10-10T23:30:00").await;
    assert_eq!(
        (&found["id"], &found["keyword"]),
        (&night["id"], &json!(null))
    );
    assert_eq!(
        tried("您好", "2026-10-10T06:59:59+08:00").await["id"],
        night["id"]
    );
    assert_eq!(
        tried("您好", "2026-10-10T07:00:00+08:00").await,
        json!(null)
    );
    assert_eq!(
        tried("您好", "2026-11-02T23:30:00+08:00").await,
        json!(null)
    );
    let now = api
        .post("/auto-responses/try", json!({"text": "優惠"}))
        .await;
    assert_eq!(now.1["data"]["id"], offer["id"]);
    let (status, answer) = api
        .post("/auto-responses/try", json!({"text": "x", "at": ""}))
        .await;
    assert_eq!((status, fields(&answer)), (400, vec!["at"]));
    let path = format!("{RULES}/{}", offer["id"]);
    assert_eq!(api.data(&path).await["trigger_count"], 0);
    assert_eq!(front.hotel.line.counters().deliveries, 0);
}

async fn service_reads_rules_and_writes_none(front: &Front) {
    let rule = front.admin.create(RULES, keyword("一", &["一"])).await;
    let path = format!("{RULES}/{}", rule["id"]);
    let service = &front.service;
    assert_eq!(service.data(&path).await["name"], "一");
    let off = json!({"is_active": false});
    for (status, _) in [
        service.post(RULES, keyword("二", &["二"])).await,
        service.put(&path, json!({"name": "二"})).await,
        service.delete(&path).await,
        toggle(front, service.token(), &rule["id"], off).await,
    ] {
        assert_eq!(status, 403);
    }
    assert_eq!(front.stranger.get(RULES).await.0, 401);
    assert_eq!(front.admin.data(&path).await, rule);
}

async fn what_breaks_a_rule_is_told_by_the_name_of_its_field(front: &Front) {
    let api = &front.marketing;
    let with = |mut body: Value, name: &str, value: Value| {
        body[name] = value;
        body
    };
    let word = || keyword("一", &["一"]);
    let time = |start: &str, end: &str| {
        json!({"name": "夜", "trigger_type": "time", "content": "好",
               "trigger_time_start": start, "trigger_time_end": end})
    };
    for (body, field) in [
        (with(word(), "name", json!("  ")), "name"),
        (with(word(), "name", json!("名".repeat(101))), "name"),
        (with(word(), "trigger_type", json!("moon")), "trigger_type"),
        (with(word(), "trigger_type", json!("")), "trigger_type"),
        (with(word(), "content", json!("")), "content"),
        (
            with(word(), "content", json!("好".repeat(5_001))),
            "content",
        ),
        (with(word(), "content", json!("a\u{0}")), "content"),
        (with(word(), "messages", json!(vec!["您好"; 6])), "messages"),
        (with(word(), "messages", json!(["別的"])), "content"),
        (with(word(), "template_id", json!(4_711)), "template_id"),
        (with(word(), "keywords", json!([])), "keywords"),
        (with(word(), "keywords", json!("一")), "keywords"),
        (with(word(), "keywords", json!(["一", " "])), "keywords[1]"),
        (
            with(word(), "keywords", json!(["ＶＩＰ", "vip"])),
            "keywords[1]",
        ),
        (
            with(word(), "keywords", json!(["字".repeat(51)])),
            "keywords[0]",
        ),
        (with(word(), "date_start", json!("")), "date_start"),
        (
            with(word(), "date_start", json!("2026-10-01")),
            "date_start",
        ),
        (with(word(), "colour", json!("red")), "colour"),
        (time("25:00", "06:00"), "trigger_time_start"),
        (time("7:00", "08:00"), "trigger_time_start"),
        (time("22:00", ""), "trigger_time_end"),
        (
            with(time("22:00", "23:00"), "date_end", json!("2026-02-30")),
            "date_end",
        ),
        (
            with(time("22:00", "23:00"), "keywords", json!(["一"])),
            "keywords",
        ),
    ] {
        let (status, answer) = api.post(RULES, body.clone()).await;
        assert_eq!(status, 400, "{field}: {answer}");
        assert!(fields(&answer).contains(&field), "{field}: {answer}");
    }
    assert_eq!(api.data(RULES).await, json!([]), "nothing was written");

    let rule = api.create(RULES, word()).await;
    let path = format!("{RULES}/{}", rule["id"]);
    for (change, field) in [
        (json!({"trigger_type": "time"}), "trigger_type"),
        (json!({"trigger_type": null}), "trigger_type"),
        (json!({"is_active": null}), "is_active"),
        (json!({"name": null}), "name"),
        (json!({"content": null}), "content"),
        (json!({"keywords": null}), "keywords"),
        (json!({"date_end": ""}), "date_end"),
    ] {
        let (status, answer) = api.put(&path, change).await;
        assert_eq!((status, fields(&answer)), (400, vec![field]), "{answer}");
    }
    assert_eq!(api.data(&path).await, rule);
}

async fn texts_are_kept_as_they_were_typed(front: &Front) {
    let api = &front.marketing;
    let text = "'; DROP TABLE auto_responses; -- <script>alert(1)</script> 😀𠮷\n第二行";
    let body = json!({
        "name": "<b>😀𠮷</b>", "trigger_type": "keyword", "messages": [text, "  二  "],
        "keywords": ["' OR 1=1", "😀", "𠮷野家"],
    });
    let rule = api.create(RULES, body).await;
    let rule = api.data(&format!("{RULES}/{}", rule["id"])).await;
    assert_eq!(rule["name"], "<b>😀𠮷</b>");
    assert_eq!(rule["messages"], json!([text, "  二  "]));
    assert_eq!(words(&rule), ["' OR 1=1", "😀", "𠮷野家"]);
    for written in ["𠮷野家在哪", "謝謝😀", "x' or 1=1"] {
        let (_, answer) = api
            .post("/auto-responses/try", json!({"text": written}))
            .await;
        assert_eq!(answer["data"]["id"], rule["id"], "{written}");
    }
    let other = api.post("/auto-responses/try", json!({"text": "😁"})).await;
    assert_eq!(other.1["data"], json!(null), "one emoji is not another");
}
