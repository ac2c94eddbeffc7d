//! A message by hand, over a storage small enough to read here and a LINE that answers as told.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use crm_kernel::*;
use crm_members::*;
use crm_messages::*;
use crm_templates::OutgoingMessage;
use crm_workflows::*;
use serde_json::json;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

#[derive(Clone, Default)]
struct Tables {
    members: Vec<Member>,
    messages: Vec<(MessageId, MessageRecord, Option<FailReason>)>,
    jobs: Vec<NewJob>,
    audit: Vec<AuditEntry>,
}

#[derive(Clone, Default)]
struct Store(Arc<Mutex<Tables>>);

struct Tx(Store, Tables);

#[async_trait]
impl MemberRepository for Tx {
    async fn insert(&mut self, _: &NewMember) -> Result<MemberId, StoreError> {
        Err(StoreError::internal("not needed"))
    }
    async fn find(&mut self, id: MemberId) -> Result<Option<Member>, StoreError> {
        Ok(self.1.members.iter().find(|m| m.id() == id).cloned())
    }
    async fn find_by_line_uid(&mut self, _: &LineUid) -> Result<Option<Member>, StoreError> {
        Ok(None)
    }
    async fn id_number_taken(
        &mut self,
        _: &[String],
        _: Option<MemberId>,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn update(&mut self, _: &Member) -> Result<(), StoreError> {
        Ok(())
    }
    async fn delete(&mut self, _: MemberId) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn insert_stay(&mut self, _: &NewStay) -> Result<StayId, StoreError> {
        Err(StoreError::internal("not needed"))
    }
}

#[async_trait]
impl MessageRepository for Tx {
    async fn insert(&mut self, new: &NewMessage) -> Result<MessageId, StoreError> {
        let id = MessageId::new(self.1.messages.len() as i64 + 1);
        self.1.messages.push((id, new.record().clone(), None));
        Ok(id)
    }
    async fn receive(&mut self, _: &NewMessage) -> Result<Option<MessageId>, StoreError> {
        Ok(None)
    }
    async fn member_of(&mut self, id: MessageId) -> Result<Option<MemberId>, StoreError> {
        let found = MessageRepository::find(self, id).await?;
        Ok(found.map(|message| message.record().member_id))
    }
    async fn find(&mut self, id: MessageId) -> Result<Option<Message>, StoreError> {
        let row = self.1.messages.iter().find(|row| row.0 == id);
        Ok(row.map(|row| Message::from_stored(id, row.1.clone())))
    }
    async fn settle(&mut self, id: MessageId, how: &Settlement) -> Result<bool, StoreError> {
        let mut rows = self.1.messages.iter_mut();
        let pending = rows.find(|row| row.0 == id && row.1.status == MessageStatus::Pending);
        let Some(row) = pending else { return Ok(false) };
        match how {
            Settlement::Sent { at } => {
                row.1.status = MessageStatus::Sent;
                row.1.sent_at = Some(*at);
            }
            Settlement::Failed { reason, .. } => {
                row.1.status = MessageStatus::Failed;
                row.2 = Some(*reason);
            }
        }
        Ok(true)
    }
    async fn delete(&mut self, _: MessageId) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn mark_read(&mut self, _: MemberId, _: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(0)
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

#[async_trait]
impl Transaction for Tx {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }
    fn audit(&mut self) -> &mut dyn AuditTrail {
        self
    }
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        *self.0.0.lock().unwrap() = self.1;
        Ok(())
    }
}

impl MembersTx for Tx {
    fn members(&mut self) -> &mut dyn MemberRepository {
        self
    }

    fn merges(&mut self) -> &mut dyn MergeRepository {
        unreachable!("talking merges nobody")
    }

    fn imports(&mut self) -> &mut dyn ImportRepository {
        unreachable!("talking reads no files")
    }
}

impl MessagesTx for Tx {
    fn messages(&mut self) -> &mut dyn MessageRepository {
        self
    }
}

#[async_trait]
impl Transactions<dyn TalkingTx> for Store {
    async fn begin(&self) -> Result<Box<dyn TalkingTx>, StoreError> {
        let tables = self.0.lock().unwrap().clone();
        Ok(Box::new(Tx(self.clone(), tables)))
    }
}

/// Refuses as often as it was told to, then takes everything.
#[derive(Clone, Default)]
struct Line {
    refusals: Arc<Mutex<VecDeque<GatewayError>>>,
    pushes: Arc<Mutex<Vec<(String, WireMessages, Uuid)>>>,
}

#[async_trait]
impl LineGateway for Line {
    fn encode(&self, messages: &[OutgoingMessage]) -> Result<WireMessages, EncodeError> {
        let objects = messages.iter().map(|m| serde_json::to_value(m).unwrap());
        Ok(WireMessages(objects.collect()))
    }
    async fn validate(&self, _: SendKind, _: &WireMessages) -> Result<(), GatewayError> {
        Ok(())
    }
    async fn multicast(
        &self,
        _: &[String],
        _: &WireMessages,
        _: Uuid,
    ) -> Result<Accepted, GatewayError> {
        Err(GatewayError::NotFound)
    }
    async fn push(&self, to: &str, m: &WireMessages, key: Uuid) -> Result<Accepted, GatewayError> {
        self.pushes
            .lock()
            .unwrap()
            .push((to.into(), m.clone(), key));
        match self.refusals.lock().unwrap().pop_front() {
            Some(error) => Err(error),
            None => Ok(Accepted {
                request_id: None,
                repeated: false,
            }),
        }
    }
    async fn reply(&self, _: &str, _: &WireMessages) -> Result<Accepted, GatewayError> {
        Err(GatewayError::NotFound)
    }
    async fn profile(&self, _: &str) -> Result<Option<crm_workflows::LineProfile>, GatewayError> {
        Ok(None)
    }
    async fn quota(&self) -> Result<Quota, GatewayError> {
        Err(GatewayError::NotFound)
    }
    async fn content(&self, _: &str) -> Result<Option<MediaContent>, GatewayError> {
        Ok(None)
    }
}

#[derive(Clone)]
struct Now(Arc<Mutex<DateTime<Utc>>>);

impl Clock for Now {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

struct Keys;

impl IdGenerator for Keys {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(42)
    }
}

struct Ours;

#[async_trait]
impl Pause for Ours {
    async fn pause(&self, _: Duration) {}
}

#[async_trait]
impl Hold for Ours {
    fn is_valid(&self) -> bool {
        true
    }
    async fn wait(&self, _: Duration) -> bool {
        true
    }
}

const ME: Actor = Actor::User { id: UserId::new(7) };
const FRIEND: i64 = 1;
const BLOCKED: i64 = 2;
const NO_LINE: i64 = 3;

struct Desk {
    talking: Talking,
    store: Store,
    line: Line,
    now: Now,
}

fn member(id: i64, line: Option<LineLink>) -> Member {
    let record = MemberRecord {
        line,
        first_name: None,
        last_name: None,
        gender: None,
        birthday: None,
        email: None,
        phone: None,
        id_number: None,
        source: MemberSource::System,
        // One-to-one messages go to those who decline marketing, too.
        accept_marketing: false,
        notes: None,
        created_at: DateTime::UNIX_EPOCH,
        last_interaction_at: None,
        updated_at: None,
    };
    Member::from_stored(id.into(), record)
}

fn desk(refusals: Vec<GatewayError>) -> Desk {
    let uid = |text: &str| LineUid::from_stored(text.to_owned());
    let store = Store::default();
    store.0.lock().unwrap().members = vec![
        member(
            FRIEND,
            Some(LineLink::following(uid("U1"), DateTime::UNIX_EPOCH)),
        ),
        member(
            BLOCKED,
            Some(LineLink::blocked(uid("U2"), DateTime::UNIX_EPOCH)),
        ),
        member(NO_LINE, None),
    ];
    let line = Line::default();
    line.refusals.lock().unwrap().extend(refusals);
    let start = Utc.with_ymd_and_hms(2026, 9, 1, 2, 0, 0).unwrap();
    let now = Now(Arc::new(Mutex::new(start)));
    let talking = Talking::new(
        Arc::new(store.clone()),
        Arc::new(line.clone()),
        Arc::new(now.clone()),
        Arc::new(Keys),
        Arc::new(Ours),
        "https://h.tw/",
    );
    Desk {
        talking,
        store,
        line,
        now,
    }
}

impl Desk {
    fn row(&self) -> (MessageId, MessageRecord, Option<FailReason>) {
        self.store.0.lock().unwrap().messages[0].clone()
    }

    fn pushed(&self) -> usize {
        self.line.pushes.lock().unwrap().len()
    }

    async fn deliver(&self, attempt: u32) -> Result<Delivery, TalkingError> {
        let message_id = MessageId::new(1);
        let job = DeliverMessage { message_id };
        self.talking.deliver(&job, attempt, &Ours).await
    }

    fn later(&self, by: TimeDelta) {
        *self.now.0.lock().unwrap() += by;
    }
}

fn to(member: i64) -> SendMessage {
    SendMessage {
        member_id: member.into(),
        content: "Hello".into(),
        message_type: MessageType::Text,
        scheduled_at: None,
    }
}

fn planned(desk: &Desk, hours: i64) -> SendMessage {
    SendMessage {
        scheduled_at: Some(desk.now.now() + TimeDelta::hours(hours)),
        ..to(FRIEND)
    }
}

fn unavailable() -> GatewayError {
    GatewayError::Unavailable {
        reason: "time-out".into(),
    }
}

#[tokio::test]
async fn a_message_is_stored_sent_and_settled() {
    let desk = desk(vec![]);
    let talked = desk.talking.send(&ME, to(FRIEND)).await.unwrap();
    assert_eq!(talked, Talked::Sent(MessageId::new(1)));
    let (_, row, _) = desk.row();
    assert_eq!(row.status, MessageStatus::Sent);
    assert_eq!(row.sender_id, Some(UserId::new(7)));
    let tables = desk.store.0.lock().unwrap().clone();
    assert_eq!(tables.jobs[0].name, "messages.deliver");
    assert_eq!(
        tables.jobs[0].run_at,
        desk.now.now() + TimeDelta::minutes(2)
    );
    assert_eq!(tables.audit[0].action, "message.sent");
    assert!(!format!("{:?}", tables.audit).contains("Hello"));
    assert_eq!(desk.deliver(1).await.unwrap(), Delivery::Done);
    assert_eq!(desk.pushed(), 1);
}

#[tokio::test]
async fn who_cannot_be_reached_is_refused_and_nothing_is_stored() {
    let desk = desk(vec![]);
    for (member, code, kind) in [
        (BLOCKED, "member_blocked", ErrorKind::Conflict),
        (NO_LINE, "member_has_no_line", ErrorKind::Conflict),
        (99, "message_invalid", ErrorKind::Invalid),
    ] {
        let error = desk.talking.send(&ME, to(member)).await.unwrap_err();
        assert_eq!((error.code(), error.kind()), (code, kind));
    }
    assert!(desk.store.0.lock().unwrap().messages.is_empty());
    assert_eq!(desk.pushed(), 0);
}

#[tokio::test]
async fn a_transient_refusal_is_tried_again_under_the_same_key() {
    let desk = desk(vec![unavailable(), unavailable()]);
    desk.talking.send(&ME, to(FRIEND)).await.unwrap();
    let pushes = desk.line.pushes.lock().unwrap().clone();
    assert_eq!(pushes.len(), 3);
    assert!(pushes.iter().all(|push| *push == pushes[0]));
}

#[tokio::test]
async fn line_failing_is_an_error_and_a_failed_row() {
    let rejected = GatewayError::Rejected {
        message: "bad".into(),
        properties: vec![],
    };
    for (refusals, reason, kind) in [
        (
            vec![unavailable(), unavailable(), unavailable()],
            FailReason::LineUnavailable,
            ErrorKind::Unavailable,
        ),
        (
            vec![rejected],
            FailReason::LineRejected,
            ErrorKind::Conflict,
        ),
        (
            vec![GatewayError::QuotaExhausted],
            FailReason::Quota,
            ErrorKind::Unavailable,
        ),
    ] {
        let desk = desk(refusals);
        let error = desk.talking.send(&ME, to(FRIEND)).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        let (_, row, why) = desk.row();
        assert_eq!((row.status, why), (MessageStatus::Failed, Some(reason)));
    }
}

#[tokio::test]
async fn a_planned_message_goes_out_at_its_time_and_only_once() {
    let desk = desk(vec![unavailable()]);
    let talked = desk.talking.send(&ME, planned(&desk, 1)).await.unwrap();
    assert_eq!(talked, Talked::Scheduled(MessageId::new(1)));
    assert_eq!(desk.pushed(), 0);
    desk.later(TimeDelta::hours(1));
    let error = desk.deliver(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(desk.row().1.status, MessageStatus::Pending);
    desk.deliver(2).await.unwrap();
    desk.deliver(3).await.unwrap();
    assert_eq!(desk.row().1.status, MessageStatus::Sent);
    assert_eq!(desk.pushed(), 2);
}

#[tokio::test]
async fn the_last_try_has_the_last_word() {
    let desk = desk(vec![unavailable()]);
    desk.talking.send(&ME, planned(&desk, 1)).await.unwrap();
    desk.later(TimeDelta::hours(1));
    desk.deliver(DeliverMessage::TRIES).await.unwrap();
    assert_eq!(desk.row().2, Some(FailReason::LineUnavailable));
}

#[tokio::test]
async fn a_planned_message_fails_when_its_guest_left_or_its_time_is_long_gone() {
    let left = desk(vec![]);
    left.talking.send(&ME, planned(&left, 1)).await.unwrap();
    left.store.0.lock().unwrap().members[0] = member(FRIEND, None);
    left.deliver(1).await.unwrap();
    assert_eq!(left.row().2, Some(FailReason::NoLine));
    let late = desk(vec![]);
    late.talking.send(&ME, planned(&late, 1)).await.unwrap();
    late.later(TimeDelta::hours(24));
    late.deliver(1).await.unwrap();
    assert_eq!(late.row().2, Some(FailReason::TooLate));
    assert_eq!(left.pushed() + late.pushed(), 0);
}

#[tokio::test]
async fn our_own_pictures_go_out_as_absolute_jpg_addresses() {
    let desk = desk(vec![]);
    let picture = SendMessage {
        content: "/static/uploads/a.webp".into(),
        message_type: MessageType::Image,
        ..to(FRIEND)
    };
    desk.talking.send(&ME, picture).await.unwrap();
    let url = "https://h.tw/static/uploads/a.jpg";
    let sent = desk.line.pushes.lock().unwrap()[0].1.0[0].clone();
    assert_eq!(
        sent,
        json!({"type": "image", "url": url, "preview_url": url})
    );
}
