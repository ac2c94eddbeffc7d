use crate::harness::TestApi;
use crm_accounts::Role;
use crm_kernel::{Clock, MemberId, Transaction, Transactions};
use crm_messages::{Incoming, MessagesTx, ReceivedMessage};
use serde_json::{Value, json};

const MEMBERS: &str = "/api/v1/members";
const CONVERSATIONS: &str = "/api/v1/messages/conversations";
const REPLIES: &str = "/api/v1/canned-replies";

/// A guest of this given name who wrote these words.
async fn guest(api: &TestApi, token: &str, name: &str, said: &[&str]) -> i64 {
    let body = json!({"first_name": name, "last_name": "王"});
    let id = api.create(MEMBERS, token, body).await;
    for words in said {
        writes(api, id, words).await;
    }
    id
}

/// Words of a guest, a second after the last.
async fn writes(api: &TestApi, member: i64, words: &str) {
    api.clock.advance(1);
    let mut tx = Transactions::<dyn MessagesTx>::begin(&api.crm.database)
        .await
        .unwrap();
    let message = ReceivedMessage {
        member_id: MemberId::new(member),
        line_message_id: format!("{member}:{words}"),
        at: api.clock.now(),
        incoming: Incoming::Text(words.to_owned()),
    };
    let messages = &api.crm.messages;
    messages.receive_in(&mut *tx, message).await.unwrap();
    Transaction::commit(tx).await.unwrap();
}

/// The guests on the list with this query.
async fn listed(api: &TestApi, token: &str, query: &str) -> Vec<i64> {
    let reply = api.get(&format!("{CONVERSATIONS}{query}"), token).await;
    assert_eq!(reply.status, 200, "{query} {}", reply.text);
    let items = reply.data()["items"].as_array().unwrap().clone();
    items
        .iter()
        .map(|item| item["member"]["id"].as_i64().unwrap())
        .collect()
}

fn thread(member: i64) -> String {
    format!("/api/v1/messages/conversation/{member}")
}

#[actix_web::test]
async fn the_list_tells_who_wrote_last_and_what_waits() {
    let (api, token) = TestApi::with_admin().await;
    let first = guest(&api, &token, "小明", &["您好", "請問\n有房嗎"]).await;
    let second = guest(&api, &token, "小華", &["早餐幾點"]).await;
    guest(&api, &token, "小美", &[]).await;
    let page = api.get(CONVERSATIONS, &token).await.data();
    assert_eq!(
        (page["total"].clone(), page["page"].clone()),
        (json!(2), json!(1))
    );
    let mut shown = page["items"][1].clone();
    let at = shown["last_message"]["at"].take();
    assert_eq!(shown["last_incoming_at"].take(), at);
    assert!(at.as_str().unwrap().ends_with('Z'));
    shown["last_message"]["id"].take();
    let expected = json!({
        "member": {"id": first, "name": "王小明", "picture_url": null, "line_state": null},
        "last_message": {
            "id": null, "preview": "請問 有房嗎", "direction": "incoming",
            "message_type": "text", "sender_type": null, "at": null
        },
        "last_incoming_at": null, "unread_count": 2, "needs_answer": true, "assigned_to": null
    });
    assert_eq!(shown, expected);

    writes(&api, first, "還在嗎").await;
    assert_eq!(listed(&api, &token, "").await, [first, second]);
    assert_eq!(listed(&api, &token, "?page_size=1&page=2").await, [second]);
    assert_eq!(
        listed(&api, &token, "?search=%E5%B0%8F%E8%8F%AF").await,
        [second]
    );
    assert_eq!(
        listed(&api, &token, "?search=%E5%A4%A7%E8%8F%AF").await,
        [0_i64; 0]
    );
    assert_eq!(
        listed(&api, &token, "?unread=true&needs_answer=true").await,
        [first, second]
    );
    assert_eq!(
        listed(&api, &token, "?needs_answer=false").await,
        [0_i64; 0]
    );
}

#[actix_web::test]
async fn a_look_marks_what_is_unread_only_when_it_is_meant_to() {
    let (api, token) = TestApi::with_admin().await;
    let member = guest(&api, &token, "小明", &["一", "二"]).await;
    let path = thread(member);
    let preview = api.get(&format!("{path}?mark_read=false"), &token).await;
    assert_eq!(preview.data()["total"], 2);
    assert_eq!(listed(&api, &token, "?unread=true").await, [member]);
    let read = api.post(&format!("{path}/read"), &token, json!({})).await;
    assert_eq!(read.data(), json!({"read": 2}));
    let again = api.post(&format!("{path}/read"), &token, json!({})).await;
    assert_eq!(again.data(), json!({"read": 0}));
    assert_eq!(listed(&api, &token, "?unread=true").await, [0_i64; 0]);
    assert_eq!(listed(&api, &token, "?unread=false").await, [member]);

    writes(&api, member, "三").await;
    assert_eq!(api.get(&path, &token).await.status, 200);
    assert_eq!(listed(&api, &token, "?unread=true").await, [0_i64; 0]);
    let unknown = api
        .post(&format!("{}/read", thread(999)), &token, json!({}))
        .await;
    assert_eq!(unknown.refusal().1, "member_not_found");
}

#[actix_web::test]
async fn words_are_found_within_one_thread_as_they_stand() {
    let (api, token) = TestApi::with_admin().await;
    let said = [
        "打折 50%_OFF 嗎",
        "500 元",
        "Dinner for two",
        "'; DROP TABLE messages; --",
    ];
    let member = guest(&api, &token, "小明", &said).await;
    guest(&api, &token, "小華", &["50%_off"]).await;
    let found = async |search: &str| {
        let path = format!("{}?search={search}", thread(member));
        let page = api.get(&path, &token).await.data();
        assert_eq!(page["total"], page["items"].as_array().unwrap().len());
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|item| item["content"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(found("50%25").await, [said[0]]);
    assert_eq!(found("%25_off").await, [said[0]]);
    assert_eq!(found("two+dinner").await, [said[2]], "in any order");
    assert_eq!(
        found("two+breakfast").await,
        [Value::Null; 0],
        "all of them"
    );
    assert_eq!(found("'%3B+DROP").await, [said[3]]);
    assert_eq!(found("_____").await, [Value::Null; 0]);
    assert_eq!(found("+").await.len(), 4);
}

#[actix_web::test]
async fn a_conversation_is_given_to_a_colleague_and_taken_back() {
    let (api, token) = TestApi::with_admin().await;
    let service = api.sign_in_as(Role::CustomerService).await;
    let me = api.get("/api/v1/auth/me", &service).await.data()["id"].clone();
    let member = guest(&api, &token, "小明", &["您好"]).await;
    let path = format!("{}/assignment", thread(member));
    let given = api.put(&path, &token, json!({"user_id": me})).await;
    let expected = json!({
        "member_id": member, "assigned_to": {"id": me, "name": "customer_service"}
    });
    assert_eq!(given.data(), expected);
    assert_eq!(listed(&api, &service, "?assigned_to=me").await, [member]);
    assert_eq!(listed(&api, &token, "?assigned_to=me").await, [0_i64; 0]);
    assert_eq!(
        listed(&api, &token, &format!("?assigned_to={me}")).await,
        [member]
    );
    assert_eq!(listed(&api, &token, "?assigned_to=none").await, [0_i64; 0]);
    let taken = api.put(&path, &service, json!({"user_id": null})).await;
    assert_eq!(taken.data()["assigned_to"], json!(null));
    assert_eq!(listed(&api, &token, "?assigned_to=none").await, [member]);

    // One who never wrote may be given too, and is not listed for it.
    let silent = guest(&api, &token, "小美", &[]).await;
    let path = format!("{}/assignment", thread(silent));
    assert_eq!(
        api.put(&path, &token, json!({"user_id": me})).await.status,
        200
    );
    assert_eq!(listed(&api, &token, "?assigned_to=me").await, [0_i64; 0]);
}

#[actix_web::test]
async fn only_an_active_user_gets_a_conversation() {
    let (api, token) = TestApi::with_admin().await;
    let marketing = api.sign_in_as(Role::Marketing).await;
    let gone = api.get("/api/v1/auth/me", &marketing).await.data()["id"].clone();
    let user = format!("/api/v1/users/{gone}");
    let out = api.put(&user, &token, json!({"is_active": false})).await;
    assert_eq!(out.status, 200, "{}", out.text);
    let member = guest(&api, &token, "小明", &["您好"]).await;
    let path = format!("{}/assignment", thread(member));
    for (body, field) in [
        (json!({"user_id": gone}), "user_id"),
        (json!({"user_id": 999}), "user_id"),
        (json!({"user_id": "me"}), "user_id"),
        (json!({}), "user_id"),
        (json!({"user_id": null, "note": "x"}), "note"),
    ] {
        let (status, _, fields) = api.put(&path, &token, body.clone()).await.refusal();
        assert_eq!((status, fields), (400, vec![field.to_owned()]), "{body}");
    }
    let path = format!("{}/assignment", thread(999));
    let nobody = api.put(&path, &token, json!({"user_id": null})).await;
    assert_eq!(nobody.refusal(), (404, "member_not_found".into(), vec![]));
}

#[actix_web::test]
async fn a_filter_that_means_nothing_is_told_by_its_name() {
    let (api, token) = TestApi::with_admin().await;
    for (query, field) in [
        ("?unread=maybe", "unread"),
        ("?needs_answer=", "needs_answer"),
        ("?assigned_to=", "assigned_to"),
        ("?assigned_to=0", "assigned_to"),
        ("?assigned_to=you", "assigned_to"),
        ("?search=%00", "search"),
        ("?page=0", "page"),
    ] {
        let reply = api.get(&format!("{CONVERSATIONS}{query}"), &token).await;
        let (status, _, fields) = reply.refusal();
        assert_eq!((status, fields), (400, vec![field.to_owned()]), "{query}");
    }
    let member = guest(&api, &token, "小明", &["您好"]).await;
    let reply = api
        .get(&format!("{}?mark_read=x", thread(member)), &token)
        .await;
    assert_eq!(reply.refusal().2, ["mark_read"]);
    for meaningless in ["?search=%CC%81", "?search=-"] {
        let reply = api
            .get(&format!("{CONVERSATIONS}{meaningless}"), &token)
            .await;
        assert_eq!(reply.data()["total"], 0, "{meaningless}");
    }
}

#[actix_web::test]
async fn notes_are_for_colleagues_and_changed_by_whoever_wrote_them() {
    let (api, admin) = TestApi::with_admin().await;
    let service = api.sign_in_as(Role::CustomerService).await;
    let marketing = api.sign_in_as(Role::Marketing).await;
    let member = guest(&api, &admin, "小明", &["您好"]).await;
    let other = guest(&api, &admin, "小華", &[]).await;
    let notes = format!("{}/notes", thread(member));
    let id = api
        .create(&notes, &service, json!({"content": " 想要安靜的房間 "}))
        .await;
    let path = format!("{notes}/{id}");
    let shown = api.get(&notes, &marketing).await.data();
    assert_eq!(shown["items"][0]["content"], "想要安靜的房間");
    assert_eq!(shown["items"][0]["author"]["name"], "customer_service");

    let refused = api.put(&path, &marketing, json!({"content": "x"})).await;
    assert_eq!(refused.refusal().1, "note_of_somebody_else");
    assert_eq!(api.delete(&path, &marketing).await.status, 403);
    let elsewhere = format!("{}/notes/{id}", thread(other));
    assert_eq!(
        api.delete(&elsewhere, &service).await.refusal().1,
        "note_not_found"
    );
    let changed = api
        .put(&path, &service, json!({"content": "高樓層\n安靜"}))
        .await;
    assert_eq!(changed.data()["content"], "高樓層\n安靜");
    assert!(changed.data()["updated_at"].is_string());
    let changed = api.put(&path, &admin, json!({"content": "高樓層"})).await;
    assert_eq!(changed.data()["author"]["name"], "customer_service");

    for body in [
        json!({"content": ""}),
        json!({"content": "字".repeat(2001)}),
        json!({"content": "a\u{1b}b"}),
        json!({"content": null}),
        json!({}),
        json!({"content": 7}),
    ] {
        let (status, _, fields) = api.post(&notes, &service, body.clone()).await.refusal();
        assert_eq!(
            (status, fields),
            (400, vec!["content".to_owned()]),
            "{body}"
        );
    }
    let nowhere = format!("{}/notes", thread(999));
    let refused = api.post(&nowhere, &service, json!({"content": "x"})).await;
    assert_eq!(refused.refusal().1, "member_not_found");
    assert_eq!(api.get(&nowhere, &service).await.status, 404);

    let log = api
        .get("/api/v1/audit-logs?page_size=100", &admin)
        .await
        .text;
    assert!(log.contains("conversation.note_edited") && !log.contains("高樓層"));
    assert_eq!(api.delete(&path, &admin).await.status, 200);
    assert_eq!(api.delete(&path, &admin).await.status, 404);
    assert_eq!(api.get(&notes, &admin).await.data()["total"], 0);
}

#[actix_web::test]
async fn a_reply_is_kept_found_filled_in_and_thrown_away() {
    let (api, token) = TestApi::with_admin().await;
    let member = guest(&api, &token, "小明", &[]).await;
    let body = json!({
        "title": "早餐時間", "shortcut": "/ＢＦ", "content": "{{last_name|貴賓}}您好{{birthday_month}}"
    });
    let id = api.create(REPLIES, &token, body).await;
    let path = format!("{REPLIES}/{id}");
    let other = json!({"title": "退房", "content": "十一點"});
    api.create(REPLIES, &token, other).await;
    for (search, total) in [("/bf", 1), ("%E6%97%A9%E9%A4%90", 1), ("%25", 0), ("", 2)] {
        let page = api.get(&format!("{REPLIES}?search={search}"), &token).await;
        assert_eq!(page.data()["total"], total, "{search}");
    }
    let text = async |query: &str| {
        let reply = api.get(&format!("{path}/text{query}"), &token).await;
        reply.data()["content"].as_str().map(str::to_owned)
    };
    assert_eq!(
        text(&format!("?member_id={member}")).await.unwrap(),
        "王您好"
    );
    let written = "{{last_name|貴賓}}您好{{birthday_month}}";
    assert_eq!(text("").await.unwrap(), written);
    assert_eq!(text("?member_id=999").await, None);

    let changes = json!({"shortcut": null, "title": "早餐"});
    let changed = api.put(&path, &token, changes).await.data();
    assert_eq!(
        (&changed["shortcut"], &changed["title"]),
        (&json!(null), &json!("早餐"))
    );
    assert_eq!(changed["content"], written);
    assert_eq!(api.delete(&path, &token).await.status, 200);
    assert_eq!(
        api.get(&path, &token).await.refusal().1,
        "canned_reply_not_found"
    );
}

#[actix_web::test]
async fn a_reply_may_be_a_template_which_then_stays() {
    let (api, token) = TestApi::with_admin().await;
    let member = guest(&api, &token, "小明", &[]).await;
    let template = json!({"name": "歡迎", "type": "text", "content": "{{name}}，歡迎"});
    let template = api.create("/api/v1/templates", &token, template).await;
    let body = json!({"title": "歡迎詞", "message_type": "template", "template_id": template});
    let id = api.create(REPLIES, &token, body).await;
    let path = format!("{REPLIES}/{id}");
    let filled = api
        .get(&format!("{path}/text?member_id={member}"), &token)
        .await;
    let expected = json!({
        "message_type": "template", "content": "王小明，歡迎", "template_id": template
    });
    assert_eq!(filled.data(), expected);
    let address = format!("/api/v1/templates/{template}");
    let refused = api.delete(&address, &token).await.json();
    assert_eq!(refused["error_code"], "template_in_use");
    assert_eq!(refused["details"]["canned_replies"], json!(["歡迎詞"]));
    let words = json!({"message_type": "text", "content": "歡迎"});
    let changed = api.put(&path, &token, words).await.data();
    assert_eq!(changed["template_id"], json!(null));
    assert_eq!(api.delete(&address, &token).await.status, 200);
}

#[actix_web::test]
async fn what_no_reply_can_be_is_told_by_the_name_of_its_field() {
    let (api, token) = TestApi::with_admin().await;
    let taken = json!({"title": "一", "shortcut": "/a", "content": "x"});
    let id = api.create(REPLIES, &token, taken).await;
    let fine = json!({"title": "二", "content": "x"});
    let with = |changes: &[(&str, Value)]| {
        let mut body = fine.clone();
        for (field, value) in changes {
            body[*field] = value.clone();
        }
        body
    };
    let template = ("message_type", json!("template"));
    for (changes, status, fields) in [
        (vec![("title", json!(" "))], 400, vec!["title"]),
        (vec![("title", json!("題".repeat(101)))], 400, vec!["title"]),
        (vec![("shortcut", json!("a b"))], 400, vec!["shortcut"]),
        (
            vec![("shortcut", json!("Ａ".repeat(31)))],
            400,
            vec!["shortcut"],
        ),
        (vec![("shortcut", json!("/Ａ"))], 409, vec!["shortcut"]),
        (vec![("content", json!(""))], 400, vec!["content"]),
        (
            vec![("content", json!("😀".repeat(2501)))],
            400,
            vec!["content"],
        ),
        (
            vec![("content", json!("{{password}}"))],
            400,
            vec!["content"],
        ),
        (vec![("content", json!("{{name"))], 400, vec!["content"]),
        (vec![("message_type", json!("image"))], 400, vec!["content"]),
        (
            vec![
                ("message_type", json!("image")),
                ("content", json!("/static/uploads/2026/none.jpg")),
            ],
            400,
            vec!["content"],
        ),
        (
            vec![("message_type", json!("video"))],
            400,
            vec!["message_type"],
        ),
        (vec![template.clone()], 400, vec!["content", "template_id"]),
        (
            vec![
                template,
                ("content", Value::Null),
                ("template_id", json!(999)),
            ],
            400,
            vec!["template_id"],
        ),
        (vec![("template_id", json!(1))], 400, vec!["template_id"]),
        (vec![("owner", json!(1))], 400, vec!["owner"]),
    ] {
        let body = with(&changes);
        let (known, _, names) = api.post(REPLIES, &token, body.clone()).await.refusal();
        assert_eq!(
            (known, names),
            (status, fields.into_iter().map(str::to_owned).collect()),
            "{body}"
        );
    }
    for text in [
        "'; DROP TABLE canned_replies; --",
        "<b>😀𠮷</b>\n\t第二行",
        "%_!",
    ] {
        let body = with(&[("content", json!(text))]);
        let id = api.create(REPLIES, &token, body).await;
        let shown = api.get(&format!("{REPLIES}/{id}"), &token).await.data();
        assert_eq!(shown["content"], text);
    }
    let empty = api
        .put(&format!("{REPLIES}/{id}"), &token, json!({"title": null}))
        .await;
    assert_eq!(empty.refusal().2, ["title"]);
    assert_eq!(api.get(&format!("{REPLIES}/x"), &token).await.status, 404);
}
