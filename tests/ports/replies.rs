use crate::samples::{Store, at, begin, commit, members_in};
use crm_kernel::{InboundEventId, MemberId, ReplyId, StoreError};
use crm_members::{LineFollow, LineUid};
use crm_messages::FailReason;
use crm_workflows::{NewReply, ReplyEnd, ReplyWay, WireMessages};
use serde_json::json;
use uuid::Uuid;

crate::contract_on_every_store!(
    an_answer_is_read_back_until_it_is_settled,
    one_event_has_one_answer,
    an_answer_ends_once,
    what_is_known_of_a_try_is_kept,
);

async fn guest(db: &impl Store, uid: &str) -> MemberId {
    let mut tx = begin(db).await;
    let follow = LineFollow {
        uid: LineUid::parse(uid).unwrap(),
        at: at(0),
        profile: None,
    };
    let contact = members_in().follow_in(&mut *tx, follow).await.unwrap();
    commit(tx).await;
    contact.member.id()
}

fn answer(member: MemberId, event: i64) -> NewReply {
    NewReply {
        event: InboundEventId::new(event),
        member,
        rule: None,
        keyword: None,
        token: Some("nHuyWiB7yP5Zw52FIkcQobQuGDXCTA".into()),
        token_until: Some(at(1)),
        allow_push: true,
        retry_key: Uuid::from_u128(7),
        words: WireMessages(vec![json!({"type": "text", "text": "您好 😀"})]),
        messages: vec![1.into(), 2.into()],
        in_doubt: true,
        at: at(0),
    }
}

async fn store(db: &impl Store, new: &NewReply) -> Result<ReplyId, StoreError> {
    let mut tx = begin(db).await;
    let id = tx.replies().insert(new).await?;
    commit(tx).await;
    Ok(id)
}

async fn an_answer_is_read_back_until_it_is_settled(db: impl Store) {
    let member = guest(&db, "U1").await;
    let new = answer(member, 1);
    let id = store(&db, &new).await.unwrap();
    let mut tx = begin(&db).await;
    let found = tx.replies().find_pending(id).await.unwrap().unwrap();
    assert_eq!((found.record, found.pushed_at), (new, None));
    let end = ReplyEnd::Sent(ReplyWay::Reply);
    assert!(tx.replies().settle(id, end, at(1)).await.unwrap());
    assert_eq!(tx.replies().find_pending(id).await.unwrap(), None);
    commit(tx).await;
}

async fn one_event_has_one_answer(db: impl Store) {
    let member = guest(&db, "U1").await;
    store(&db, &answer(member, 5)).await.unwrap();
    let again = store(&db, &answer(member, 5)).await.unwrap_err();
    assert!(matches!(
        again,
        StoreError::Duplicate { key: "reply_event" }
    ));
}

async fn an_answer_ends_once(db: impl Store) {
    let member = guest(&db, "U1").await;
    let id = store(&db, &answer(member, 1)).await.unwrap();
    for (end, counts) in [
        (ReplyEnd::Failed(FailReason::ReplyTokenExpired), true),
        (ReplyEnd::Sent(ReplyWay::Push), false),
    ] {
        let mut tx = begin(&db).await;
        assert_eq!(tx.replies().settle(id, end, at(2)).await.unwrap(), counts);
        commit(tx).await;
    }
    let mut tx = begin(&db).await;
    assert!(!tx.replies().begin_push(id, at(3)).await.unwrap());
}

async fn what_is_known_of_a_try_is_kept(db: impl Store) {
    let member = guest(&db, "U1").await;
    let id = store(&db, &answer(member, 1)).await.unwrap();
    let mut tx = begin(&db).await;
    tx.replies().was_not_carried_out(id).await.unwrap();
    assert!(tx.replies().begin_push(id, at(3)).await.unwrap());
    assert!(tx.replies().begin_push(id, at(4)).await.unwrap());
    commit(tx).await;
    let mut tx = begin(&db).await;
    let found = tx.replies().find_pending(id).await.unwrap().unwrap();
    assert!(!found.record.in_doubt);
    assert_eq!(found.pushed_at, Some(at(3)));
}
