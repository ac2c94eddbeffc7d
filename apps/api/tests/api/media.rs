use crate::harness::TestApi;
use crm_kernel::{Clock, GatewayError, MemberId, MessageId, Transaction, Transactions};
use crm_messages::{
    Bytes, ContentKind, MediaEnd, MediaFailure, MessagesTx, Picture, Place, ReceivedMessage,
    SentFile, SentKind, Sticker, media_type,
};
use crm_workflows::CrmTx;
use futures::{StreamExt, stream};
use serde_json::{Value, json};

/// A guest sends something.
async fn sent(api: &TestApi, member: i64, line_id: &str, kind: SentKind) -> MessageId {
    let mut tx: Box<dyn MessagesTx> = api.crm.database.begin().await.unwrap();
    let message = ReceivedMessage {
        member_id: MemberId::new(member),
        line_message_id: line_id.to_owned(),
        at: api.clock.now(),
        incoming: kind.incoming(None),
    };
    let id = api.crm.messages.receive_in(&mut *tx, message).await;
    Transaction::commit(tx).await.unwrap();
    id.unwrap().unwrap()
}

/// Its content is fetched.
async fn fetched(api: &TestApi, id: MessageId, kind: ContentKind, bytes: &'static [u8]) {
    let path = format!("media/{id}");
    let parts = stream::iter([Ok::<_, GatewayError>(bytes.to_vec())]);
    let parts: Bytes<GatewayError> = parts.boxed();
    let files = &api.crm.media.files;
    let written = files.write(&path, parts, 1_000).await;
    let written = written.unwrap_or_else(|_| unreachable!("the folder can be written"));
    let mut tx: Box<dyn CrmTx> = api.crm.database.begin().await.unwrap();
    tx.media().begin(id, &path, api.clock.now()).await.unwrap();
    let end = MediaEnd::Stored {
        content_type: kind.type_of(&written.head),
        bytes: written.bytes,
    };
    assert!(tx.media().settle(id, &end, api.clock.now()).await.unwrap());
    Transaction::commit(tx).await.unwrap();
}

async fn guest(api: &TestApi, token: &str) -> i64 {
    let name = json!({"first_name": "小明"});
    api.create("/api/v1/members", token, name).await
}

fn file(name: &str) -> SentKind {
    let name = name.to_owned();
    SentKind::File(SentFile { name, size: None })
}

#[actix_web::test]
async fn a_picture_is_shown_and_a_file_only_saved_and_neither_is_guessed_at() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and more";
    const PAGE: &[u8] = b"<html><script>alert(1)</script>";
    let (api, token) = TestApi::with_admin().await;
    let member = guest(&api, &token).await;
    let picture = || SentKind::Image(Picture::default());
    for (line_id, kind, content, bytes, expected) in [
        (
            "1",
            picture(),
            ContentKind::Image,
            PNG,
            ("image/png", "inline"),
        ),
        (
            "2",
            picture(),
            ContentKind::Image,
            PAGE,
            ("application/octet-stream", "attachment"),
        ),
        (
            "3",
            file("發票 \"1\".html"),
            ContentKind::File,
            PAGE,
            (
                "application/octet-stream",
                "attachment; filename*=UTF-8''%E7%99%BC%E7%A5%A8%20%221%22.html",
            ),
        ),
        (
            "4",
            file(""),
            ContentKind::File,
            PNG,
            ("image/png", "attachment"),
        ),
    ] {
        let id = sent(&api, member, line_id, kind).await;
        fetched(&api, id, content, bytes).await;
        let shown = api
            .get(&format!("/api/v1/messages/{id}"), &token)
            .await
            .data();
        assert_eq!(shown["media"]["state"], "stored");
        assert_eq!(shown["media"]["size"], bytes.len());
        let url = shown["media"]["url"].as_str().unwrap().to_owned();
        let reply = api.get(&url, &token).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert_eq!(reply.text, String::from_utf8_lossy(bytes));
        let public = format!("/static/uploads/media/{id}");
        assert_eq!(api.get(&public, &token).await.status, 404);
        let header = |name: &str| reply.header(name).unwrap_or_default();
        assert_eq!(header("content-type"), expected.0);
        assert_eq!(header("content-disposition"), expected.1);
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("cache-control"), "no-store");
        assert!(header("content-security-policy").starts_with("default-src 'none'"));
    }
}

#[actix_web::test]
async fn what_cannot_be_shown_is_told_apart() {
    let (api, token) = TestApi::with_admin().await;
    let member = guest(&api, &token).await;
    let picture = || SentKind::Image(Picture::default());
    let pending = sent(&api, member, "1", picture()).await;
    let failed = sent(&api, member, "2", picture()).await;
    let gone = sent(&api, member, "3", picture()).await;
    let sticker = sent(&api, member, "4", SentKind::Sticker(Sticker::default())).await;
    let lost = sent(&api, member, "5", picture()).await;
    fetched(&api, lost, ContentKind::Image, b"GIF89a").await;
    api.crm
        .media
        .files
        .take_away(&format!("media/{lost}"))
        .await
        .unwrap();
    let mut tx: Box<dyn CrmTx> = api.crm.database.begin().await.unwrap();
    let end = MediaEnd::Failed(MediaFailure::TooLarge);
    tx.media()
        .settle(failed, &end, api.clock.now())
        .await
        .unwrap();
    tx.media().forget(gone, api.clock.now()).await.unwrap();
    Transaction::commit(tx).await.unwrap();
    for (id, state, reason, refusal) in [
        (
            pending,
            json!("pending"),
            Value::Null,
            (409, "media_pending"),
        ),
        (
            failed,
            json!("failed"),
            json!("too_large"),
            (404, "media_failed"),
        ),
        (gone, json!("gone"), Value::Null, (404, "media_gone")),
        (sticker, Value::Null, Value::Null, (404, "media_not_found")),
        (lost, json!("stored"), Value::Null, (404, "media_gone")),
        (
            MessageId::new(999),
            Value::Null,
            Value::Null,
            (404, "media_not_found"),
        ),
    ] {
        let shown = api
            .get(&format!("/api/v1/messages/{id}"), &token)
            .await
            .data();
        assert_eq!(shown["media"]["state"], state);
        assert_eq!(shown["media"]["reason"], reason);
        let path = format!("/api/v1/messages/{id}/media");
        let (status, code, _) = api.get(&path, &token).await.refusal();
        assert_eq!((status, code.as_str()), refusal);
        assert_eq!(api.get(&path, "").await.status, 401);
    }
}

#[actix_web::test]
async fn details_are_told_by_kind() {
    let (api, token) = TestApi::with_admin().await;
    let member = guest(&api, &token).await;
    let place: Place = serde_json::from_value(json!({
        "title": "台北 101", "latitude": 25.033_964, "longitude": 121
    }))
    .unwrap();
    sent(&api, member, "1", SentKind::Location(place)).await;
    let path = format!("/api/v1/messages/conversation/{member}");
    let shown = api.get(&path, &token).await.data();
    let message = &shown["items"][0];
    assert_eq!(message["content"], "[location]");
    assert_eq!(message["media"], Value::Null);
    assert_eq!(
        message["details"],
        json!({"kind": "location", "title": "台北 101", "address": null,
            "latitude": 25.033_964, "longitude": 121})
    );
}

#[test]
fn no_type_that_a_browser_runs_is_ever_told() {
    for page in [
        &b"<!doctype html>"[..],
        b"<svg xmlns=",
        b"<?xml version",
        b"%!PS",
    ] {
        assert_eq!(media_type(page), "application/octet-stream");
    }
}
