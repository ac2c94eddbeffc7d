use crate::harness::{Reply, TestApi};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use crm_kernel::{CampaignId, MemberId};
use crm_templates::TapItem;
use crm_workflows::{LinkToken, SentIn};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::net::TcpListener;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari Line/15.0.0";

/// A campaign on its way, with one link.
async fn sent(api: &TestApi, token: &str) -> CampaignId {
    let template = json!({
        "type": "text_button", "name": "moon", "content": "中秋", "notification_text": "中秋",
        "buttons": [{"label": "訂房",
                     "interaction_result": {"type": "open_url", "value": "https://hotel.tw/moon"}}]
    });
    let template = api.create("/api/v1/templates", token, template).await;
    let draft =
        json!({"title": "中秋", "template_id": template, "target_audience": {"type": "all"}});
    let id = api.create("/api/v1/campaigns", token, draft).await;
    let content = api.crm.composing.content(template.into()).await.unwrap();
    let frozen = serde_json::to_string(&content.unwrap()).unwrap();
    let freeze = format!("UPDATE campaigns SET frozen_template = '{frozen}' WHERE id = {id}");
    let pool = api.crm.database.pool();
    pool.execute_unprepared(&freeze).await.unwrap();
    id.into()
}

fn link(api: &TestApi, campaign: CampaignId, member: i64) -> String {
    let token = api.crm.sending.links.sign(LinkToken {
        sent_in: SentIn::Campaign(campaign),
        member: MemberId::new(member),
        item: TapItem::new(1),
    });
    format!("/t/{token}")
}

async fn follow(api: &TestApi, method: Method, link: &str, agent: &str) -> Reply {
    let request = TestRequest::default().method(method).uri(link);
    api.send(request.insert_header(("user-agent", agent))).await
}

#[actix_web::test]
async fn a_link_that_is_known_is_followed_without_the_database() {
    let (api, token) = TestApi::with_admin().await;
    let campaign = sent(&api, &token).await;
    let taps = &api.crm.taps;
    for member in 1..=3 {
        let link = link(&api, campaign, member);
        for _ in 0..2 {
            let reply = follow(&api, Method::GET, &link, PHONE).await;
            assert_eq!(reply.status, 302, "{}", reply.text);
            let target = reply.header("location");
            assert_eq!(target.as_deref(), Some("https://hotel.tw/moon"));
            assert_eq!(reply.header("cache-control").as_deref(), Some("no-store"));
        }
        if member == 1 {
            api.crm.database.clone().close().await;
        }
    }
    assert_eq!(taps.clicks_waiting(), 3, "each link once");
    for (method, agent) in [
        (Method::HEAD, PHONE),
        (Method::GET, "curl/8.5.0"),
        (Method::GET, "facebookexternalhit/1.1;line-poker/1.0"),
    ] {
        let reply = follow(&api, method, &link(&api, campaign, 4), agent).await;
        assert_eq!(reply.status, 302, "{agent}");
    }
    assert_eq!(
        follow(&api, Method::GET, "/t/AAAA", PHONE).await.status,
        404
    );
    assert_eq!(taps.clicks_waiting(), 3);
    assert!(taps.write_down().await.is_err(), "the database is away");
    assert_eq!(taps.clicks_waiting(), 3, "they go on waiting");
}

#[tokio::test]
async fn clicks_are_written_down_while_the_server_runs_and_when_it_stops() {
    let (api, token) = TestApi::with_admin().await;
    let campaign = sent(&api, &token).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let (crm, settings) = (api.crm.clone(), api.settings.clone());
    let serving = tokio::spawn(crm_api::serve_on(listener, crm, settings, async {
        let _ = stopped.await;
    }));
    let mut connection = TcpStream::connect(address).await.unwrap();
    let mut click = async |member| {
        let link = link(&api, campaign, member);
        let request = format!("GET {link} HTTP/1.1\r\nhost: a\r\nuser-agent: {PHONE}\r\n\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut piece = [0; 4096];
        let read = connection.read(&mut piece).await.unwrap();
        assert!(piece[..read].starts_with(b"HTTP/1.1 302"));
    };
    click(1).await;
    for _ in 0..200 {
        if api.crm.taps.clicks_waiting() == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(api.crm.taps.clicks_waiting(), 0);
    for member in 2..=40 {
        click(member).await;
    }
    drop(connection);
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    let pool = api.crm.database.pool();
    let count = sea_orm::Statement::from_string(
        pool.get_database_backend(),
        "SELECT COUNT(*) FROM link_clicks",
    );
    let row = pool.query_one_raw(count).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 40);
}

#[actix_web::test]
async fn the_log_of_a_tag_tells_who_got_it() {
    let (api, token) = TestApi::with_admin().await;
    let guest = json!({"last_name": "王", "first_name": "小明"});
    let member = api.create("/api/v1/members", &token, guest).await;
    let new = json!({"name": "VIP", "type": "member"});
    let tag = api.create("/api/v1/tags", &token, new).await;
    let log = format!("/api/v1/tags/{tag}/triggers");
    let nothing = api.get(&log, &token).await.data();
    assert_eq!(
        (&nothing["total"], &nothing["items"]),
        (&json!(0), &json!([]))
    );
    let path = format!("/api/v1/members/{member}/tags");
    let put_on = api.post(&path, &token, json!({"tag_ids": [tag]})).await;
    assert_eq!(put_on.status, 200, "{}", put_on.text);
    let page = api.get(&log, &token).await.data();
    assert_eq!(page["total"], 1);
    let line = &page["items"][0];
    assert_eq!(line["member"], json!({"id": member, "name": "王小明"}));
    assert_eq!(line["source"], "manual");
    for empty in ["campaign", "message_id", "item", "label"] {
        assert_eq!(line[empty], Value::Null, "{empty}");
    }
    let unknown = api.get("/api/v1/tags/999/triggers", &token).await;
    assert_eq!(unknown.refusal().1, "tag_not_found");
    let wrong = api.get(&format!("{log}?page=0"), &token).await;
    assert_eq!(wrong.status, 400);
}
