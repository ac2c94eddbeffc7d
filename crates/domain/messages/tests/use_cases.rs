//! The use-cases over a storage small enough to read here; the real ones are held to the same
//! promises by the port contracts.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::*;
use crm_messages::*;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

#[derive(Clone, Default)]
struct Tables {
    rows: Vec<(MessageId, MessageRecord)>,
    audit: Vec<AuditEntry>,
    told: Vec<LiveEvent>,
    jobs: Vec<NewJob>,
    last: i64,
}

#[derive(Clone, Default)]
struct Store(Arc<Mutex<Tables>>);

struct Tx(Store, Tables);

#[async_trait]
impl MessageRepository for Tx {
    async fn unsend(
        &mut self,
        line_message_id: &str,
        left: &str,
    ) -> Result<Option<(MessageId, MemberId)>, StoreError> {
        let mut rows = self.1.rows.iter_mut();
        let row = rows.find(|(_, r)| r.line_message_id.as_deref() == Some(line_message_id));
        Ok(row.map(|(id, record)| {
            record.content = MessageContent::said(left);
            record.details = None;
            (*id, record.member_id)
        }))
    }

    async fn insert(&mut self, new: &NewMessage) -> Result<MessageId, StoreError> {
        self.1.last += 1;
        let id = MessageId::new(self.1.last);
        self.1.rows.push((id, new.record().clone()));
        Ok(id)
    }
    async fn receive(&mut self, new: &NewMessage) -> Result<Option<MessageId>, StoreError> {
        let line_id = &new.record().line_message_id;
        if self
            .1
            .rows
            .iter()
            .any(|(_, row)| row.line_message_id == *line_id)
        {
            return Ok(None);
        }
        self.insert(new).await.map(Some)
    }
    async fn member_of(&mut self, id: MessageId) -> Result<Option<MemberId>, StoreError> {
        Ok(self.find(id).await?.map(|m| m.record().member_id))
    }
    async fn find(&mut self, id: MessageId) -> Result<Option<Message>, StoreError> {
        let row = self.1.rows.iter().find(|row| row.0 == id);
        Ok(row.map(|row| Message::from_stored(id, row.1.clone())))
    }
    async fn begin_try(&mut self, id: MessageId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let row = self.1.rows.iter_mut().find(|row| row.0 == id);
        let Some(row) = row.filter(|row| row.1.status == MessageStatus::Pending) else {
            return Ok(false);
        };
        row.1.first_tried_at.get_or_insert(at);
        row.1.in_doubt = true;
        Ok(true)
    }
    async fn was_not_carried_out(&mut self, id: MessageId) -> Result<(), StoreError> {
        let row = self.1.rows.iter_mut().find(|row| row.0 == id);
        if let Some(row) = row.filter(|row| row.1.status == MessageStatus::Pending) {
            row.1.in_doubt = false;
        }
        Ok(())
    }
    async fn settle(&mut self, _: MessageId, _: &Settlement) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn clicked(&mut self, _: MessageId, _: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn delete(&mut self, id: MessageId) -> Result<bool, StoreError> {
        self.1.rows.retain(|row| row.0 != id);
        Ok(true)
    }
    async fn mark_read(&mut self, member: MemberId, at: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut count = 0;
        for (_, row) in &mut self.1.rows {
            let is_theirs = row.member_id == member && row.direction == Direction::Incoming;
            if is_theirs && row.read_at.is_none() {
                row.read_at = Some(at);
                count += 1;
            }
        }
        Ok(count)
    }
}

#[async_trait]
impl AuditTrail for Tx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.1.audit.push(entry);
        Ok(())
    }
    async fn forget(&mut self, _: &'static str, _: i64) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl Outbox for Tx {
    async fn put(&mut self, job: NewJob) -> Result<bool, StoreError> {
        self.1.jobs.push(job);
        Ok(true)
    }
}

/// Nothing is named here.
#[async_trait]
impl PictureUse for Tx {
    async fn keep(&mut self, address: &str, _: DateTime<Utc>) -> Result<bool, StoreError> {
        Err(StoreError::internal(address))
    }
}

impl LiveFeed for Tx {
    fn announce(&mut self, event: LiveEvent) {
        self.1.told.push(event);
    }
}

/// Nobody counts.
impl crm_kernel::Figures for Tx {
    fn add(&mut self, _: crm_kernel::Figure, _: i64, _: chrono::DateTime<chrono::Utc>, _: i64) {}
}

#[async_trait]
impl Transaction for Tx {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }
    fn audit(&mut self) -> &mut dyn AuditTrail {
        self
    }
    fn pictures(&mut self) -> &mut dyn PictureUse {
        self
    }
    fn live(&mut self) -> &mut dyn LiveFeed {
        self
    }

    fn figures(&mut self) -> &mut dyn crm_kernel::Figures {
        self
    }
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        *self.0.0.lock().unwrap() = self.1;
        Ok(())
    }
}

impl MessagesTx for Tx {
    fn messages(&mut self) -> &mut dyn MessageRepository {
        self
    }
}

#[async_trait]
impl Transactions<dyn MessagesTx> for Store {
    async fn begin(&self) -> Result<Box<dyn MessagesTx>, StoreError> {
        let tables = self.0.lock().unwrap().clone();
        Ok(Box::new(Tx(self.clone(), tables)))
    }
}

/// Screens are not what is tested here.
#[async_trait]
impl MessageQueries for Store {
    async fn list(
        &self,
        _: &MessageFilter,
        request: PageRequest,
    ) -> Result<Page<MessageRow>, StoreError> {
        Ok(Page {
            items: vec![],
            total: 0,
            request,
        })
    }
    async fn conversation(
        &self,
        _: MemberId,
        request: PageRequest,
    ) -> Result<Page<MessageRow>, StoreError> {
        self.list(&MessageFilter::default(), request).await
    }
    async fn has_unread(&self, member: MemberId) -> Result<bool, StoreError> {
        let tables = self.0.lock().unwrap();
        Ok(tables.rows.iter().any(|(_, row)| {
            row.member_id == member && row.direction == Direction::Incoming && row.read_at.is_none()
        }))
    }
    async fn detail(&self, _: MessageId) -> Result<Option<MessageRow>, StoreError> {
        Ok(None)
    }
    async fn frozen_template(&self, _: MessageId) -> Result<Option<String>, StoreError> {
        Ok(None)
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> DateTime<Utc> {
        noon()
    }
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_788_228_000, 0).unwrap()
}

const GUEST: MemberId = MemberId::new(5);

fn desk() -> (Messages, Store) {
    let store = Store::default();
    let queries = Arc::new(store.clone());
    let desk = Messages::new(Arc::new(store.clone()), queries, Arc::new(Noon));
    (desk, store)
}

async fn receive(desk: &Messages, store: &Store, line_id: &str, what: Incoming) -> bool {
    let mut tx: Box<dyn MessagesTx> = store.begin().await.unwrap();
    let message = ReceivedMessage {
        member_id: GUEST,
        line_message_id: line_id.into(),
        at: noon(),
        incoming: what,
    };
    let stored = desk.receive_in(&mut *tx, message).await.unwrap();
    tx.commit().await.unwrap();
    stored.is_some()
}

fn file(name: &str) -> Incoming {
    let name = name.to_owned();
    SentKind::File(SentFile { name, size: None }).incoming(None)
}

fn sticker() -> Incoming {
    SentKind::Sticker(Sticker::default()).incoming(None)
}

fn picture(elsewhere: Option<Elsewhere>) -> Incoming {
    let image_set = None;
    SentKind::Image(Picture {
        elsewhere,
        image_set,
    })
    .incoming(None)
}

async fn plan(store: &Store, scheduled_at: Option<DateTime<Utc>>) -> MessageId {
    let content = MessageContent::typed(MessageType::Text, "hi").unwrap();
    let key = Uuid::nil();
    let new = NewMessage::by_hand(GUEST, content, None, key, scheduled_at, noon());
    let mut tx: Box<dyn MessagesTx> = store.begin().await.unwrap();
    let id = tx.messages().insert(&new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn what_a_guest_sent_is_stored_once() {
    let (desk, store) = desk();
    assert!(receive(&desk, &store, "m1", Incoming::Text("hi".into())).await);
    assert!(!receive(&desk, &store, "m1", Incoming::Text("hi".into())).await);
    assert!(receive(&desk, &store, "m2", file("a.pdf")).await);
    let rows = store.0.lock().unwrap().rows.clone();
    let said: Vec<_> = rows.iter().map(|(_, row)| row.content.body()).collect();
    assert_eq!(said, ["hi", "[file] a.pdf"]);
    assert_eq!(rows[0].1.status, MessageStatus::Received);
    assert_eq!(rows[0].1.sender_type, None);
}

#[tokio::test]
async fn whoever_listens_is_told_of_each_change_once_and_of_no_words() {
    let (desk, store) = desk();
    for _ in 0..2 {
        receive(&desk, &store, "m1", Incoming::Text("你好".into())).await;
        desk.mark_read(&Actor::System, GUEST, noon()).await.unwrap();
    }
    let later = plan(&store, Some(noon() + TimeDelta::hours(1))).await;
    desk.cancel(&Actor::System, later).await.unwrap();
    let told = store.0.lock().unwrap().told.clone();
    let expected = [
        message_received(GUEST, MessageId::new(1), noon()),
        conversation_updated(GUEST, ConversationChange::Read, noon()),
        conversation_updated(GUEST, ConversationChange::Withdrawn, noon()),
    ];
    assert_eq!(told, expected);
    assert!(!format!("{told:?}").contains("你好"));
}

#[tokio::test]
async fn only_content_that_line_keeps_is_fetched_and_only_once() {
    let (desk, store) = desk();
    receive(&desk, &store, "m1", picture(None)).await;
    receive(&desk, &store, "m1", picture(None)).await;
    receive(&desk, &store, "m2", file("a.pdf")).await;
    receive(&desk, &store, "m3", sticker()).await;
    receive(&desk, &store, "m4", Incoming::Text("hi".into())).await;
    receive(&desk, &store, "m5", picture(Some(Elsewhere::default()))).await;
    let jobs = store.0.lock().unwrap().jobs.clone();
    let wanted: Vec<_> = jobs
        .iter()
        .map(|job| job.payload["message_id"].as_i64())
        .collect();
    assert_eq!(wanted, [Some(1), Some(2)]);
    assert!(jobs.iter().all(|job| job.name == FetchMedia::NAME));
}

#[tokio::test]
async fn opening_a_conversation_reads_it_and_is_audited_only_when_there_was_news() {
    let (desk, store) = desk();
    receive(&desk, &store, "m1", sticker()).await;
    receive(&desk, &store, "m2", picture(None)).await;
    let me = Actor::System;
    assert_eq!(desk.mark_read(&me, GUEST, noon()).await.unwrap(), 2);
    assert_eq!(desk.mark_read(&me, GUEST, noon()).await.unwrap(), 0);
    assert_eq!(store.0.lock().unwrap().audit.len(), 1);
}

#[tokio::test]
async fn only_a_planned_message_whose_time_has_not_come_is_cancelled() {
    let (desk, store) = desk();
    let later = plan(&store, Some(noon() + TimeDelta::seconds(1))).await;
    let due = plan(&store, Some(noon())).await;
    let at_once = plan(&store, None).await;
    desk.cancel(&Actor::System, later).await.unwrap();
    for id in [due, at_once] {
        let error = desk.cancel(&Actor::System, id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }
    let error = desk.cancel(&Actor::System, later).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let tables = store.0.lock().unwrap().clone();
    assert_eq!(tables.rows.len(), 2);
    assert_eq!(tables.audit[0].action, "message.cancelled");
    assert_eq!(tables.audit.len(), 1);
}

#[tokio::test]
async fn a_message_that_a_job_has_taken_in_hand_is_not_cancelled() {
    let (desk, store) = desk();
    let later = plan(&store, Some(noon() + TimeDelta::hours(1))).await;
    let mut tx: Box<dyn MessagesTx> = store.begin().await.unwrap();
    assert!(tx.messages().begin_try(later, noon()).await.unwrap());
    tx.commit().await.unwrap();
    let error = desk.cancel(&Actor::System, later).await.unwrap_err();
    assert_eq!(error.code(), "message_not_scheduled");
    assert_eq!(store.0.lock().unwrap().rows.len(), 1);
}

/// A storage that is waited for: a minute passes with every unit of work.
#[derive(Clone)]
struct Slow(Store, Arc<Mutex<DateTime<Utc>>>);

#[async_trait]
impl Transactions<dyn MessagesTx> for Slow {
    async fn begin(&self) -> Result<Box<dyn MessagesTx>, StoreError> {
        *self.1.lock().unwrap() += TimeDelta::minutes(1);
        self.0.begin().await
    }
}

impl Clock for Slow {
    fn now(&self) -> DateTime<Utc> {
        *self.1.lock().unwrap()
    }
}

#[tokio::test]
async fn a_message_that_came_due_while_the_storage_was_waited_for_is_not_cancelled() {
    let store = Store::default();
    let later = plan(&store, Some(noon() + TimeDelta::seconds(30))).await;
    let slow = Arc::new(Slow(store.clone(), Arc::new(Mutex::new(noon()))));
    let desk = Messages::new(slow.clone(), Arc::new(store), slow);
    let error = desk.cancel(&Actor::System, later).await.unwrap_err();
    assert_eq!(error.code(), "message_not_scheduled");
}

struct Locked;

#[async_trait]
impl Transactions<dyn MessagesTx> for Locked {
    async fn begin(&self) -> Result<Box<dyn MessagesTx>, StoreError> {
        Err(StoreError::Busy("somebody writes".into()))
    }
}

#[tokio::test]
async fn opening_a_conversation_without_news_waits_for_no_writer() {
    let (desk, store) = desk();
    let locked = Messages::new(Arc::new(Locked), Arc::new(store.clone()), Arc::new(Noon));
    let me = Actor::System;
    assert_eq!(locked.mark_read(&me, GUEST, noon()).await.unwrap(), 0);
    receive(&desk, &store, "m1", sticker()).await;
    assert!(locked.mark_read(&me, GUEST, noon()).await.is_err());
}

async fn unsend(desk: &Messages, store: &Store, line_id: &str) {
    let mut tx: Box<dyn MessagesTx> = store.begin().await.unwrap();
    desk.unsend_in(&mut *tx, GUEST, line_id, noon())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn of_a_message_taken_back_only_its_place_is_left() {
    let (desk, store) = desk();
    receive(&desk, &store, "m1", Incoming::Text("秘密".into())).await;
    unsend(&desk, &store, "m1").await;
    let rows = store.0.lock().unwrap().rows.clone();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].1.content.body(), UNSENT);
}

#[tokio::test]
async fn a_message_that_was_taken_back_before_it_came_is_not_let_in() {
    let (desk, store) = desk();
    unsend(&desk, &store, "m1").await;
    receive(&desk, &store, "m1", Incoming::Text("秘密".into())).await;
    let rows = store.0.lock().unwrap().rows.clone();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].1.content.body(), UNSENT);
}
