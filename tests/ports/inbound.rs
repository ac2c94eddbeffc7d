use crate::samples::{Store, at, begin, commit};
use crm_messages::{Picture, Place, Recording, SentFile, Sticker, TextParts};
use crm_workflows::{InboundEvent, SentKind, What};
use serde_json::json;

crate::contract_on_every_store!(
    an_event_is_stored_once_and_handled_once,
    what_was_sent_is_read_back_as_it_was_written,
    what_a_guest_sent_can_be_forgotten,
);

async fn an_event_is_stored_once_and_handled_once(db: impl Store) {
    let event = InboundEvent {
        id: "01FZ74A0TDDPYRVKNK77XKC3ZR".into(),
        line_uid: Some("U1".into()),
        at: at(0),
        reply_token: Some("token".into()),
        redelivered: true,
        what: What::Message {
            id: Some("468789577898262530".into()),
            sent: SentKind::default(),
            text: Some("你好 😀".into()),
        },
        raw: json!({"type": "message"}),
    };
    let mut tx = begin(&db).await;
    let id = tx.inbound().insert(&event, at(1)).await.unwrap().unwrap();
    assert_eq!(tx.inbound().insert(&event, at(1)).await.unwrap(), None);
    commit(tx).await;
    let mut tx = begin(&db).await;
    assert_eq!(tx.inbound().insert(&event, at(2)).await.unwrap(), None);
    assert!(tx.inbound().find_waiting(id).await.unwrap().unwrap() == event);
    tx.inbound().handled(id, at(3)).await.unwrap();
    assert!(tx.inbound().find_waiting(id).await.unwrap().is_none());
    commit(tx).await;
}

async fn what_was_sent_is_read_back_as_it_was_written(db: impl Store) {
    let sent = |kind, text: Option<&str>| What::Message {
        id: Some("468789577898262530".into()),
        sent: kind,
        text: text.map(str::to_owned),
    };
    let name = "𠮷野家 發票.pdf".to_owned();
    for (i, what) in [
        sent(
            SentKind::Text(TextParts::default()),
            Some("𠮷野 👨‍👩‍👧 \"'\\\n"),
        ),
        sent(SentKind::Sticker(Sticker::default()), None),
        sent(SentKind::Image(Picture::default()), None),
        sent(SentKind::Video(Recording::default()), None),
        sent(SentKind::Audio(Recording::default()), None),
        sent(SentKind::File(SentFile { name, size: None }), None),
        sent(SentKind::Location(Place::default()), None),
        sent(SentKind::Other, None),
    ]
    .into_iter()
    .enumerate()
    {
        let event = InboundEvent {
            id: format!("01C{i}"),
            line_uid: Some("U3".into()),
            at: at(0),
            reply_token: None,
            redelivered: false,
            what,
            raw: json!({}),
        };
        let mut tx = begin(&db).await;
        let id = tx.inbound().insert(&event, at(1)).await.unwrap().unwrap();
        commit(tx).await;
        let mut tx = begin(&db).await;
        assert!(tx.inbound().find_waiting(id).await.unwrap().unwrap() == event);
        drop(tx);
    }
}

async fn what_a_guest_sent_can_be_forgotten(db: impl Store) {
    let event = InboundEvent {
        id: "01B".into(),
        line_uid: Some("U2".into()),
        at: at(0),
        reply_token: None,
        redelivered: false,
        what: What::Message {
            id: None,
            sent: SentKind::default(),
            text: Some("我要退房".into()),
        },
        raw: json!({"text": "我要退房"}),
    };
    let mut tx = begin(&db).await;
    let id = tx.inbound().insert(&event, at(1)).await.unwrap().unwrap();
    tx.inbound().forget("U2").await.unwrap();
    assert!(tx.inbound().find_waiting(id).await.unwrap().is_none());
    commit(tx).await;
}
