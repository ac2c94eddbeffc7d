//! Replies kept ready.

use crate::samples::{Store, at, begin, commit, template};
use chrono::{DateTime, Utc};
use crm_database::Database;
use crm_kernel::{CannedReplyId, PageRequest, StoreError, TemplateId, Transaction, Transactions};
use crm_messages::{
    CannedContent, CannedRepliesTx, CannedReply, CannedReplyQueries, CannedReplyRecord,
    MessageContent, MessageType, Shortcut, Title,
};

mod repository {
    use super::*;

    crate::contract_on_every_store!(
        a_reply_is_read_back_changed_and_deleted,
        a_shortcut_belongs_to_one_reply,
        a_template_stays_while_a_reply_is_it,
    );
}

mod queries {
    use super::*;

    crate::contract!(replies_are_listed_by_title_and_found_by_any_part_of_title_or_shortcut);
}

pub trait ReplyStore: Store + Transactions<dyn CannedRepliesTx> {}
impl<S: Store + Transactions<dyn CannedRepliesTx>> ReplyStore for S {}

async fn open(store: &impl ReplyStore) -> Box<dyn CannedRepliesTx> {
    store.begin().await.unwrap()
}

fn reply(title: &str, shortcut: Option<&str>, content: CannedContent) -> CannedReplyRecord {
    CannedReplyRecord {
        title: Title::parse(title).unwrap(),
        shortcut: shortcut.map(|text| Shortcut::parse(text).unwrap()),
        content,
        created_at: at(0),
        updated_at: None,
    }
}

fn words(text: &str) -> CannedContent {
    CannedContent::Said(MessageContent::typed(MessageType::Text, text).unwrap())
}

async fn kept(store: &impl ReplyStore, record: &CannedReplyRecord) -> CannedReplyId {
    let mut tx = open(store).await;
    let id = tx.canned_replies().insert(record).await.unwrap();
    Transaction::commit(tx).await.unwrap();
    id
}

fn changed(record: &CannedReplyRecord, at: DateTime<Utc>) -> CannedReplyRecord {
    CannedReplyRecord {
        updated_at: Some(at),
        ..record.clone()
    }
}

async fn a_reply_is_read_back_changed_and_deleted(store: impl ReplyStore) {
    let template = template(&store).await;
    let picture = MessageContent::typed(MessageType::Image, "https://hotel.tw/a.jpg").unwrap();
    for record in [
        reply("早餐 <b>", Some("/早"), words("'; --\n😀𠮷 {{name}}")),
        reply("早餐", None, CannedContent::Said(picture)),
        reply("早餐", None, CannedContent::Template(template)),
    ] {
        let id = kept(&store, &record).await;
        let mut tx = open(&store).await;
        let found = tx.canned_replies().find(id).await.unwrap();
        assert_eq!(found, Some(CannedReply::from_stored(id, record.clone())));
        let other = changed(&reply("晚餐", Some("/晚"), words("六點")), at(1));
        let other = CannedReply::from_stored(id, other);
        tx.canned_replies().update(&other).await.unwrap();
        let found = tx.canned_replies().find(id).await.unwrap();
        assert_eq!(found, Some(other));
        assert!(tx.canned_replies().delete(id).await.unwrap());
        assert!(!tx.canned_replies().delete(id).await.unwrap());
        assert_eq!(tx.canned_replies().find(id).await.unwrap(), None);
    }
    let gone = CannedReply::from_stored(CannedReplyId::new(999_999), reply("a", None, words("b")));
    let mut tx = open(&store).await;
    let refused = tx.canned_replies().update(&gone).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
    let unknown = reply("a", None, CannedContent::Template(TemplateId::new(999_999)));
    let refused = tx.canned_replies().insert(&unknown).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
}

async fn a_shortcut_belongs_to_one_reply(store: impl ReplyStore) {
    let first = kept(&store, &reply("一", Some("/WiFi"), words("a"))).await;
    let second = reply("二", Some("/ｗｉｆｉ"), words("b"));
    let taken = |error: &StoreError| {
        let key = "canned_reply_shortcut";
        matches!(error, StoreError::Duplicate { key: broken } if *broken == key)
    };
    let mut tx = open(&store).await;
    assert!(
        tx.canned_replies()
            .shortcut_taken("/wifi", None)
            .await
            .unwrap()
    );
    let own = tx
        .canned_replies()
        .shortcut_taken("/wifi", Some(first))
        .await;
    assert!(!own.unwrap());
    let refused = tx.canned_replies().insert(&second).await;
    assert!(taken(&refused.unwrap_err()));
    drop(tx);
    let other = kept(&store, &reply("二", None, words("b"))).await;
    kept(&store, &reply("三", None, words("c"))).await;
    let mut tx = open(&store).await;
    let second = CannedReply::from_stored(other, second);
    let refused = tx.canned_replies().update(&second).await;
    assert!(taken(&refused.unwrap_err()));
}

async fn a_template_stays_while_a_reply_is_it(store: impl ReplyStore) {
    let template = template(&store).await;
    let id = kept(
        &store,
        &reply("一", None, CannedContent::Template(template)),
    )
    .await;
    let mut tx = begin(&store).await;
    let refused = tx.templates().delete(template).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
    drop(tx);
    let mut tx = open(&store).await;
    assert!(tx.canned_replies().delete(id).await.unwrap());
    Transaction::commit(tx).await.unwrap();
    let mut tx = begin(&store).await;
    assert!(tx.templates().delete(template).await.unwrap());
    commit(tx).await;
}

async fn replies_are_listed_by_title_and_found_by_any_part_of_title_or_shortcut(db: Database) {
    let template = template(&db).await;
    let b = kept(&db, &reply("Ｂreakfast 100%", Some("/BF"), words("七點"))).await;
    let a = kept(&db, &reply("airport", None, words("機場"))).await;
    let c = kept(
        &db,
        &reply("Checkout", Some("/out"), CannedContent::Template(template)),
    )
    .await;
    for (search, wanted) in [
        (None, vec![a, b, c]),
        (Some("b"), vec![b]),
        (Some("out"), vec![c]),
        (Some("/"), vec![b, c]),
        (Some("%"), vec![b]),
        (Some("_"), vec![]),
        (Some("七點"), vec![]),
    ] {
        let mut seen = Vec::new();
        for number in 1..=2 {
            let page = PageRequest::new(number, 2).unwrap();
            let list = CannedReplyQueries::list(&db, search, page).await.unwrap();
            assert_eq!(list.total, wanted.len() as u64, "{search:?}");
            seen.extend(list.items.iter().map(CannedReply::id));
        }
        assert_eq!(seen, wanted, "{search:?}");
    }
    assert_eq!(db.titles_using(template).await.unwrap(), ["Checkout"]);
    let found = CannedReplyQueries::find(&db, a).await.unwrap().unwrap();
    assert_eq!(found.record().title.as_str(), "airport");
}
