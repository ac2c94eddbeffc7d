use crate::samples::{Store, at, begin, commit};
use chrono::{DateTime, Utc};
use crm_kernel::InboundEventId;
use crm_messages::{Picture, Place, Recording, SentFile, Sticker, TextParts};
use crm_workflows::{EventClaim, InboundEvent, SentKind, What};
use serde_json::json;
use uuid::Uuid;

crate::contract_on_every_store!(
    an_event_is_stored_once_and_handled_once,
    what_was_sent_is_read_back_as_it_was_written,
    what_a_guest_sent_can_be_forgotten,
    a_guests_events_wait_in_the_order_in_which_they_happened,
    a_claim_holds_until_the_event_is_handled_put_off_or_given_up,
    only_a_dead_event_can_be_revived,
    what_is_nobodys_or_of_an_unknown_kind_does_not_wait,
    a_message_that_was_taken_back_can_be_forgotten,
);

fn event(id: &str, uid: &str, at: DateTime<Utc>, what: What) -> InboundEvent {
    InboundEvent {
        id: id.into(),
        line_uid: Some(uid.into()),
        at,
        reply_token: Some("token".into()),
        redelivered: true,
        what,
        raw: json!({"type": "message"}),
    }
}

fn words(text: &str) -> What {
    What::Message {
        id: Some(format!("m-{text}")),
        sent: SentKind::default(),
        text: Some(text.into()),
    }
}

async fn store(db: &impl Store, event: &InboundEvent) -> InboundEventId {
    let mut tx = begin(db).await;
    let id = tx.inbound().insert(event, at(1)).await.unwrap().unwrap();
    commit(tx).await;
    id
}

fn claim(number: u128) -> EventClaim {
    EventClaim {
        token: Uuid::from_u128(number),
        until: at(10),
    }
}

async fn an_event_is_stored_once_and_handled_once(db: impl Store) {
    let event = event("01FZ74A0TDDPYRVKNK77XKC3ZR", "U1", at(0), words("你好 😀"));
    let mut tx = begin(&db).await;
    let id = tx.inbound().insert(&event, at(1)).await.unwrap().unwrap();
    assert_eq!(tx.inbound().insert(&event, at(1)).await.unwrap(), None);
    commit(tx).await;
    let mut tx = begin(&db).await;
    assert_eq!(tx.inbound().insert(&event, at(2)).await.unwrap(), None);
    let waiting = tx.inbound().first_waiting("U1").await.unwrap().unwrap();
    assert!(waiting.event.unwrap() == event);
    assert_eq!((waiting.id, waiting.received_at), (id, at(1)));
    assert_eq!(tx.inbound().guest_of(id).await.unwrap().unwrap(), "U1");
    tx.inbound().handled(id, at(3)).await.unwrap();
    assert!(tx.inbound().first_waiting("U1").await.unwrap().is_none());
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
        let guest = format!("U{i}");
        let event = event(&format!("01C{i}"), &guest, at(0), what);
        store(&db, &event).await;
        let mut tx = begin(&db).await;
        let waiting = tx.inbound().first_waiting(&guest).await.unwrap().unwrap();
        assert!(waiting.event.unwrap() == event);
    }
}

async fn what_a_guest_sent_can_be_forgotten(db: impl Store) {
    let id = store(&db, &event("01B", "U2", at(0), words("我要退房"))).await;
    let mut tx = begin(&db).await;
    tx.inbound().forget("U2").await.unwrap();
    assert!(tx.inbound().first_waiting("U2").await.unwrap().is_none());
    assert_eq!(tx.inbound().guest_of(id).await.unwrap(), None);
    assert!(tx.inbound().exists(id).await.unwrap());
    commit(tx).await;
}

async fn a_guests_events_wait_in_the_order_in_which_they_happened(db: impl Store) {
    let late = store(&db, &event("1", "U1", at(5), What::Unfollow)).await;
    let early = store(
        &db,
        &event("2", "U1", at(3), What::Follow { unblocked: false }),
    )
    .await;
    let same = store(&db, &event("3", "U1", at(3), words("hi"))).await;
    store(
        &db,
        &event("4", "U2", at(0), What::Follow { unblocked: false }),
    )
    .await;
    for expected in [early, same, late] {
        let mut tx = begin(&db).await;
        let waiting = tx.inbound().first_waiting("U1").await.unwrap().unwrap();
        assert_eq!(waiting.id, expected);
        tx.inbound().handled(waiting.id, at(6)).await.unwrap();
        commit(tx).await;
    }
}

async fn a_claim_holds_until_the_event_is_handled_put_off_or_given_up(db: impl Store) {
    let id = store(&db, &event("1", "U1", at(0), words("hi"))).await;
    let mut tx = begin(&db).await;
    tx.inbound().claim(id, claim(1)).await.unwrap();
    commit(tx).await;
    let mut tx = begin(&db).await;
    let inbound = tx.inbound();
    assert!(inbound.is_claimed(id, claim(1).token).await.unwrap());
    assert!(!inbound.is_claimed(id, claim(2).token).await.unwrap());
    let waiting = inbound.first_waiting("U1").await.unwrap().unwrap();
    assert_eq!((waiting.attempts, waiting.claimed_until), (1, Some(at(10))));
    // Whoever lost it changes nothing.
    let other = claim(2).token;
    inbound.put_off(id, other, at(20), true, "x").await.unwrap();
    assert!(inbound.is_claimed(id, claim(1).token).await.unwrap());
    let ours = claim(1).token;
    inbound
        .put_off(id, ours, at(20), false, "busy")
        .await
        .unwrap();
    let waiting = inbound.first_waiting("U1").await.unwrap().unwrap();
    assert_eq!((waiting.attempts, waiting.claimed_until), (0, None));
    assert_eq!(waiting.next_try_at, Some(at(20)));
    inbound.claim(id, claim(3)).await.unwrap();
    inbound.handled(id, at(21)).await.unwrap();
    assert!(!inbound.is_claimed(id, claim(3).token).await.unwrap());
}

async fn only_a_dead_event_can_be_revived(db: impl Store) {
    let id = store(&db, &event("1", "U1", at(0), words("hi"))).await;
    let mut tx = begin(&db).await;
    let inbound = tx.inbound();
    assert!(!inbound.revive(id).await.unwrap());
    inbound.claim(id, claim(1)).await.unwrap();
    inbound.give_up(id, "it cannot be read").await.unwrap();
    assert!(inbound.first_waiting("U1").await.unwrap().is_none());
    assert!(inbound.revive(id).await.unwrap());
    let waiting = inbound.first_waiting("U1").await.unwrap().unwrap();
    assert_eq!((waiting.attempts, waiting.next_try_at), (0, None));
    inbound.handled(id, at(2)).await.unwrap();
    assert!(!inbound.revive(id).await.unwrap());
    assert!(!inbound.exists(InboundEventId::new(9_999)).await.unwrap());
}

async fn what_is_nobodys_or_of_an_unknown_kind_does_not_wait(db: impl Store) {
    let unknown = What::Other {
        kind: "hologram".into(),
    };
    store(&db, &event("1", "U1", at(0), unknown)).await;
    let mut nobodys = event("2", "U1", at(0), What::Follow { unblocked: false });
    nobodys.line_uid = None;
    store(&db, &nobodys).await;
    let mut tx = begin(&db).await;
    assert!(tx.inbound().first_waiting("U1").await.unwrap().is_none());
}

async fn a_message_that_was_taken_back_can_be_forgotten(db: impl Store) {
    store(&db, &event("1", "U1", at(0), words("secret"))).await;
    store(&db, &event("2", "U2", at(0), words("secret"))).await;
    let kept = store(&db, &event("3", "U1", at(1), words("hi"))).await;
    let mut tx = begin(&db).await;
    let inbound = tx.inbound();
    inbound.forget_message("U1", "m-secret").await.unwrap();
    let next = inbound.first_waiting("U1").await.unwrap().unwrap();
    assert_eq!(next.id, kept);
    assert!(inbound.first_waiting("U2").await.unwrap().is_some());
}
