use crate::samples::{Store, at, begin, commit};
use crm_workflows::{InboundEvent, What};
use serde_json::json;

crate::contract_on_every_store!(
    an_event_is_stored_once_and_handled_once,
    what_a_guest_sent_can_be_forgotten,
);

async fn an_event_is_stored_once_and_handled_once(db: impl Store) {
    let event = InboundEvent {
        id: "01FZ74A0TDDPYRVKNK77XKC3ZR".into(),
        line_uid: Some("U1".into()),
        at: at(0),
        reply_token: Some("token".into()),
        what: What::Message {
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

async fn what_a_guest_sent_can_be_forgotten(db: impl Store) {
    let event = InboundEvent {
        id: "01B".into(),
        line_uid: Some("U2".into()),
        at: at(0),
        reply_token: None,
        what: What::Message {
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
