//! A message by hand, over a storage small enough to read here and a LINE that answers as told.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
use crm_campaigns::LineFigures;
use crm_kernel::*;
use crm_members::*;
use crm_messages::*;
use crm_templates::*;
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
    told: Vec<LiveEvent>,
    kept: Vec<String>,
    stop: Option<Stop>,
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
    async fn note_friend(
        &mut self,
        _: MemberId,
        _: crm_members::FriendChange,
    ) -> Result<(), StoreError> {
        unreachable!("talking wins nobody")
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
    async fn unsend(
        &mut self,
        _: &str,
        _: &str,
    ) -> Result<Option<(MessageId, MemberId)>, StoreError> {
        Ok(None)
    }

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
    async fn begin_try(&mut self, id: MessageId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let row = self.1.messages.iter_mut().find(|row| row.0 == id);
        let Some(row) = row.filter(|row| row.1.status == MessageStatus::Pending) else {
            return Ok(false);
        };
        row.1.first_tried_at.get_or_insert(at);
        row.1.in_doubt = true;
        Ok(true)
    }
    async fn was_not_carried_out(&mut self, id: MessageId) -> Result<(), StoreError> {
        let row = self.1.messages.iter_mut().find(|row| row.0 == id);
        if let Some(row) = row.filter(|row| row.1.status == MessageStatus::Pending) {
            row.1.in_doubt = false;
        }
        Ok(())
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
    async fn clicked(&mut self, _: MessageId, _: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(false)
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

/// The only uploads there are, are those called `ours.webp`.
#[async_trait]
impl PictureUse for Tx {
    async fn keep(&mut self, address: &str, _: DateTime<Utc>) -> Result<bool, StoreError> {
        self.1.kept.push(address.to_owned());
        Ok(address.ends_with("/ours.webp"))
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

/// Templates that are changed under the sender's hands.
#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<Vec<Template>>>);

impl Shelf {
    fn put(&self, draft: TemplateDraft) -> TemplateId {
        let mut all = self.0.lock().unwrap();
        let id = TemplateId::new(all.len() as i64 + 1);
        all.push(made(id, draft));
        id
    }

    fn rewrite(&self, id: TemplateId, words: &str) {
        self.0.lock().unwrap()[0] = made(id, plain(words));
    }
}

fn made(id: TemplateId, draft: TemplateDraft) -> Template {
    let (name, content) = NewTemplate::check(draft).unwrap().into_parts();
    Template::from_stored(id, name, content, DateTime::UNIX_EPOCH, None)
}

fn plain(words: &str) -> TemplateDraft {
    TemplateDraft {
        name: Some("歡迎".into()),
        content: Some(words.into()),
        ..TemplateDraft::new(TemplateKind::Text)
    }
}

#[async_trait]
impl TemplateQueries for Shelf {
    async fn list(
        &self,
        _: &TemplateFilter,
        _: PageRequest,
    ) -> Result<Page<TemplateRow>, StoreError> {
        Err(StoreError::internal("not asked"))
    }
    async fn find(&self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        let all = self.0.lock().unwrap();
        Ok(all.iter().find(|template| template.id() == id).cloned())
    }
}

/// Tokens that anybody can read.
struct PlainTokens;

impl LinkTokens for PlainTokens {
    fn sign(&self, link: LinkToken) -> String {
        let sent_in = match link.sent_in {
            SentIn::Message(id) => format!("message-{id}"),
            SentIn::Campaign(id) => format!("campaign-{id}"),
        };
        format!("{sent_in}-to-{}-{}", link.member, link.item)
    }
    fn open(&self, _: &str) -> Option<LinkToken> {
        None
    }
}

#[async_trait]
impl Transactions<dyn TalkingTx> for Store {
    async fn begin(&self) -> Result<Box<dyn TalkingTx>, StoreError> {
        let tables = self.0.lock().unwrap().clone();
        Ok(Box::new(Tx(self.clone(), tables)))
    }
}

#[async_trait]
impl BrakeRepository for Tx {
    async fn find(&mut self) -> Result<Option<Stop>, StoreError> {
        Ok(self.1.stop.clone())
    }
    async fn set(&mut self, stop: Option<&Stop>) -> Result<(), StoreError> {
        self.1.stop = stop.cloned();
        Ok(())
    }
}

impl BrakeTx for Tx {
    fn brake(&mut self) -> &mut dyn BrakeRepository {
        self
    }
}

#[async_trait]
impl Transactions<dyn BrakeTx> for Store {
    async fn begin(&self) -> Result<Box<dyn BrakeTx>, StoreError> {
        let tables = self.0.lock().unwrap().clone();
        Ok(Box::new(Tx(self.clone(), tables)))
    }
}

#[async_trait]
impl BrakeQueries for Store {
    async fn stop(&self) -> Result<Option<StopView>, StoreError> {
        let stop = self.0.lock().unwrap().stop.clone();
        Ok(stop.map(|stop| StopView {
            since: stop.since,
            by: None,
            reason: stop.reason,
        }))
    }
}

/// Lets everybody go and notes what it is told.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Pace for Noted {
    async fn turn(&self, _: SendKind, _: &dyn Hold) -> bool {
        unreachable!("one message never waits for a turn")
    }
    async fn ahead(&self, kind: SendKind) {
        self.0.lock().unwrap().push(format!("{kind:?}"));
    }
    async fn slow_down(&self, _: SendKind, retry_after: Option<Duration>) {
        self.0
            .lock()
            .unwrap()
            .push(format!("slower {retry_after:?}"));
    }
    async fn rate(&self, _: SendKind) -> Result<Option<Rate>, StoreError> {
        Ok(None)
    }
}

/// Refuses as often as it was told to, then takes everything.
#[derive(Clone, Default)]
struct Line {
    refusals: Arc<Mutex<VecDeque<GatewayError>>>,
    pushes: Arc<Mutex<Vec<(String, WireMessages, Uuid)>>>,
    /// What is committed, and whether it says of each push that it is being tried.
    store: Store,
    marked: Arc<Mutex<Vec<bool>>>,
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
        _: Option<&str>,
    ) -> Result<Accepted, GatewayError> {
        Err(GatewayError::NotFound)
    }
    async fn push(
        &self,
        to: &str,
        m: &WireMessages,
        key: Uuid,
        _: Option<&str>,
    ) -> Result<Accepted, GatewayError> {
        self.pushes
            .lock()
            .unwrap()
            .push((to.into(), m.clone(), key));
        let row = self.store.0.lock().unwrap().messages[0].1.clone();
        let is_marked = row.first_tried_at.is_some() && row.in_doubt;
        self.marked.lock().unwrap().push(is_marked);
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
    async fn unit_figures(
        &self,
        _: &str,
        _: NaiveDate,
        _: NaiveDate,
    ) -> Result<LineFigures, GatewayError> {
        Ok(LineFigures::default())
    }

    async fn quota(&self) -> Result<Quota, GatewayError> {
        Err(GatewayError::NotFound)
    }
    async fn preparation(&self, _: &str) -> Result<Preparation, GatewayError> {
        unreachable!("talking fetches nothing")
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
    brake: Brake,
    shelf: Shelf,
    pace: Noted,
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
        edits: FieldEdits::default(),
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
    let line = Line {
        store: store.clone(),
        ..Line::default()
    };
    line.refusals.lock().unwrap().extend(refusals);
    let start = Utc.with_ymd_and_hms(2026, 9, 1, 2, 0, 0).unwrap();
    let now = Now(Arc::new(Mutex::new(start)));
    let pace = Noted::default();
    let shared = Arc::new(store.clone());
    let brake = Brake::new(shared.clone(), shared, Arc::new(now.clone()));
    let shelf = Shelf::default();
    let composing = Composing::new(
        Arc::new(shelf.clone()),
        Arc::new(PlainTokens),
        "https://h.tw",
    );
    let talking = Talking::new(
        Arc::new(store.clone()),
        Arc::new(line.clone()),
        Arc::new(now.clone()),
        Arc::new(Keys),
        Arc::new(Ours),
        (Arc::new(pace.clone()), brake.clone()),
        (composing, "https://h.tw/"),
    );
    Desk {
        talking,
        brake,
        shelf,
        pace,
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

    async fn deliver(&self) -> Result<Delivery, TalkingError> {
        let message_id = MessageId::new(1);
        let job = DeliverMessage { message_id };
        self.talking.deliver(&job, &Ours).await
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
        template_id: None,
        scheduled_at: None,
    }
}

fn planned(desk: &Desk, hours: i64) -> SendMessage {
    SendMessage {
        scheduled_at: Some(desk.now.now() + TimeDelta::hours(hours)),
        ..to(FRIEND)
    }
}

fn of_template(id: TemplateId) -> SendMessage {
    SendMessage {
        content: String::new(),
        message_type: MessageType::Template,
        template_id: Some(id),
        ..to(FRIEND)
    }
}

fn picture(address: &str) -> SendMessage {
    SendMessage {
        content: address.to_owned(),
        message_type: MessageType::Image,
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
    assert_eq!(tables.audit[0].action, "message.requested");
    assert!(!format!("{:?}", tables.audit).contains("Hello"));
    assert_eq!(desk.deliver().await.unwrap(), Delivery::Done);
    assert_eq!(desk.pushed(), 1);
}

#[tokio::test]
async fn how_a_message_ends_is_told_once_and_without_its_words() {
    let sent = desk(vec![]);
    sent.talking.send(&ME, to(FRIEND)).await.unwrap();
    sent.deliver().await.unwrap();
    let refused = desk(vec![GatewayError::QuotaExhausted]);
    refused.talking.send(&ME, to(FRIEND)).await.unwrap_err();
    let later = desk(vec![]);
    let soon = planned(&later, 1);
    later.talking.send(&ME, soon).await.unwrap();
    later.later(TimeDelta::hours(30));
    later.deliver().await.unwrap();
    for (desk, kinds) in [
        (sent, vec!["message.sent"]),
        (refused, vec!["message.failed"]),
        (later, vec!["conversation.updated", "message.failed"]),
    ] {
        let told = desk.store.0.lock().unwrap().told.clone();
        let heard: Vec<&str> = told.iter().map(|event| event.kind).collect();
        assert_eq!(heard, kinds);
        for event in &told {
            assert_eq!(event.member, Some(FRIEND.into()));
            assert_eq!(event.audience, "messages:read");
            assert!(!format!("{event:?}").contains("Hello"));
        }
        let last = &told.last().unwrap().facts;
        assert_eq!(last["message_id"], 1);
        let reason = desk.row().2.map(FailReason::as_str);
        assert_eq!(last.get("reason").and_then(|r| r.as_str()), reason);
    }
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
    assert!(matches!(desk.deliver().await.unwrap(), Delivery::Again(_)));
    assert_eq!(desk.row().1.status, MessageStatus::Pending);
    desk.deliver().await.unwrap();
    desk.deliver().await.unwrap();
    assert_eq!(desk.row().1.status, MessageStatus::Sent);
    assert_eq!(desk.pushed(), 2);
    assert_eq!(*desk.line.marked.lock().unwrap(), [true, true]);
}

#[tokio::test]
async fn a_message_sent_at_once_is_marked_as_tried_before_line_is_asked() {
    let desk = desk(vec![]);
    desk.talking.send(&ME, to(FRIEND)).await.unwrap();
    assert_eq!(*desk.line.marked.lock().unwrap(), [true]);
}

/// Delivers a planned message again and again; answers how long that went on.
async fn deliver_to_the_end(desk: &Desk) -> TimeDelta {
    desk.talking.send(&ME, planned(desk, 1)).await.unwrap();
    desk.later(TimeDelta::hours(1));
    let start = desk.now.now();
    loop {
        match desk.deliver().await.unwrap() {
            Delivery::Again(wait) => desk.later(TimeDelta::from_std(wait).unwrap()),
            end => {
                assert_eq!(end, Delivery::Done);
                break;
            }
        }
    }
    desk.now.now() - start
}

const fn slow_down() -> GatewayError {
    let retry_after = Some(Duration::from_secs(60));
    GatewayError::RateLimited { retry_after }
}

#[tokio::test]
async fn what_may_pass_is_waited_for_an_hour_and_then_told_as_it_was() {
    for (error, reason) in [
        (
            unavailable as fn() -> GatewayError,
            FailReason::LineUnavailable,
        ),
        (slow_down, FailReason::RateLimited),
        (|| GatewayError::Unauthorized, FailReason::Token),
    ] {
        let desk = desk((0..1000).map(|_| error()).collect());
        let tried_for = deliver_to_the_end(&desk).await;
        assert!(tried_for >= TimeDelta::hours(1), "{tried_for}");
        assert!(tried_for < TimeDelta::minutes(65), "{tried_for}");
        assert_eq!(desk.row().2, Some(reason));
    }
}

#[tokio::test]
async fn a_bad_half_hour_at_line_costs_no_message() {
    let desk = desk((0..30).map(|_| slow_down()).collect());
    deliver_to_the_end(&desk).await;
    assert_eq!(desk.row().1.status, MessageStatus::Sent);
}

#[tokio::test]
async fn after_one_unclear_try_nobody_claims_to_know_that_it_did_not_arrive() {
    let refused = || GatewayError::Rejected {
        message: "bad".into(),
        properties: vec![],
    };
    for last in [GatewayError::QuotaExhausted, refused()] {
        let desk = desk(vec![slow_down(), unavailable(), slow_down(), last]);
        deliver_to_the_end(&desk).await;
        assert_eq!(desk.row().2, Some(FailReason::LineUnavailable));
    }
    let clear = desk(vec![slow_down(), GatewayError::QuotaExhausted]);
    deliver_to_the_end(&clear).await;
    assert_eq!(clear.row().2, Some(FailReason::Quota));
    let at_once = desk(vec![unavailable(), slow_down(), slow_down()]);
    let error = at_once.talking.send(&ME, to(FRIEND)).await.unwrap_err();
    assert_eq!(error.code(), "line_unavailable");
    assert_eq!(at_once.row().2, Some(FailReason::LineUnavailable));
}

#[tokio::test]
async fn a_guest_who_left_after_an_unclear_try_may_have_got_it() {
    let desk = desk(vec![unavailable()]);
    desk.talking.send(&ME, planned(&desk, 1)).await.unwrap();
    desk.later(TimeDelta::hours(1));
    desk.deliver().await.unwrap();
    desk.store.0.lock().unwrap().members[0] = member(FRIEND, None);
    desk.deliver().await.unwrap();
    assert_eq!(desk.row().2, Some(FailReason::LineUnavailable));
}

#[tokio::test]
async fn a_key_that_line_has_forgotten_is_not_used_again() {
    let desk = desk(vec![unavailable()]);
    desk.talking.send(&ME, planned(&desk, 1)).await.unwrap();
    desk.later(TimeDelta::hours(3));
    desk.deliver().await.unwrap();
    desk.later(TimeDelta::hours(23));
    desk.deliver().await.unwrap();
    assert_eq!(desk.row().2, Some(FailReason::LineUnavailable));
    assert_eq!(desk.pushed(), 1);
}

#[tokio::test]
async fn a_planned_message_fails_when_its_guest_left_or_its_time_is_long_gone() {
    let left = desk(vec![]);
    left.talking.send(&ME, planned(&left, 1)).await.unwrap();
    left.store.0.lock().unwrap().members[0] = member(FRIEND, None);
    left.deliver().await.unwrap();
    assert_eq!(left.row().2, Some(FailReason::NoLine));
    let late = desk(vec![]);
    late.talking.send(&ME, planned(&late, 1)).await.unwrap();
    late.later(TimeDelta::hours(24));
    late.deliver().await.unwrap();
    assert_eq!(late.row().2, Some(FailReason::TooLate));
    assert_eq!(left.pushed() + late.pushed(), 0);
}

#[tokio::test]
async fn our_own_pictures_go_out_as_absolute_jpg_addresses() {
    let path = "/static/uploads/images/temp/ours.webp";
    for content in [path.to_owned(), format!("https://h.tw{path}")] {
        let desk = desk(vec![]);
        desk.talking.send(&ME, picture(&content)).await.unwrap();
        let url = "https://h.tw/static/uploads/images/temp/ours.jpg";
        let sent = desk.line.pushes.lock().unwrap()[0].1.0[0].clone();
        assert_eq!(
            sent,
            json!({"type": "image", "url": url, "preview_url": url})
        );
        assert_eq!(desk.store.0.lock().unwrap().kept, [path]);
    }
    let desk = desk(vec![]);
    let elsewhere = "https://other.tw/static/uploads/a.webp";
    desk.talking.send(&ME, picture(elsewhere)).await.unwrap();
    let sent = desk.line.pushes.lock().unwrap()[0].1.0[0].clone();
    assert_eq!(sent["url"], elsewhere);
}

#[tokio::test]
async fn a_picture_of_ours_that_is_not_there_is_refused() {
    let desk = desk(vec![]);
    let missing = picture("/static/uploads/images/temp/gone.webp");
    let error = desk.talking.send(&ME, missing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.fields()[0].field, "content");
    assert!(desk.store.0.lock().unwrap().messages.is_empty());
    let words = SendMessage {
        content: "/static/uploads/images/temp/gone.webp".into(),
        ..to(FRIEND)
    };
    assert!(desk.talking.send(&ME, words).await.is_ok());
}

#[tokio::test]
async fn a_message_goes_ahead_of_campaigns_and_a_rate_limit_is_passed_on() {
    let retry_after = Some(Duration::from_secs(1));
    let desk = desk(vec![GatewayError::RateLimited { retry_after }]);
    desk.talking.send(&ME, to(FRIEND)).await.unwrap();
    let noted = desk.pace.0.lock().unwrap().clone();
    assert_eq!(noted, ["Push", "slower Some(1s)", "Push"]);
}

#[tokio::test]
async fn while_all_sending_is_stopped_nothing_is_stored_and_what_was_planned_waits() {
    let desk = desk(vec![]);
    let plan = planned(&desk, 1);
    desk.talking.send(&ME, plan).await.unwrap();
    desk.brake.pull(&ME, Some("wrong words")).await.unwrap();
    let refused = desk.talking.send(&ME, to(FRIEND)).await.unwrap_err();
    assert_eq!(refused.code(), "sending_stopped");
    assert_eq!(desk.store.0.lock().unwrap().messages.len(), 1);
    desk.later(TimeDelta::hours(2));
    let waits = desk.deliver().await.unwrap();
    assert_eq!((waits, desk.pushed()), (Delivery::Again(LOOK_AGAIN), 0));
    desk.brake.release(&ME).await.unwrap();
    let sent = desk.deliver().await.unwrap();
    assert_eq!((sent, desk.pushed()), (Delivery::Done, 1));
}

#[tokio::test]
async fn a_stop_that_another_process_made_is_seen_within_a_second() {
    let desk = desk(vec![]);
    assert!(!desk.brake.is_on().await.unwrap());
    desk.store.0.lock().unwrap().stop = Some(Stop {
        since: desk.now.now(),
        by: None,
        reason: None,
    });
    assert!(!desk.brake.is_on().await.unwrap(), "not asked at each send");
    desk.later(TimeDelta::seconds(1));
    assert!(desk.brake.is_on().await.unwrap());
}

impl Desk {
    /// What LINE was told to say, as one text.
    fn said(&self) -> Vec<String> {
        let pushes = self.line.pushes.lock().unwrap();
        let all = pushes.iter().map(|(_, messages, _)| json!(messages.0));
        all.map(|messages| messages.to_string()).collect()
    }

    /// The guest calls themself this on LINE from now on.
    fn named(&self, name: &str) {
        let link = LineLink {
            display_name: Some(name.into()),
            ..LineLink::following(LineUid::from_stored("U1".into()), DateTime::UNIX_EPOCH)
        };
        self.store.0.lock().unwrap().members[0] = member(FRIEND, Some(link));
    }
}

#[tokio::test]
async fn a_template_is_filled_in_and_its_links_lead_back_to_the_message() {
    let desk = desk(vec![]);
    desk.named("小明");
    let button = Button {
        label: "訂房".into(),
        interaction_result: Some(InteractionResult::OpenUrl("https://hotel.tw/moon".into())),
        interaction_tag_id: None,
    };
    let draft = TemplateDraft {
        content: Some("{{display_name}}您好".into()),
        notification_text: Some("中秋".into()),
        buttons: vec![button],
        kind: TemplateKind::TextButton,
        ..plain("x")
    };
    let id = desk.shelf.put(draft);
    desk.talking.send(&ME, of_template(id)).await.unwrap();
    let said = desk.said().remove(0);
    assert!(said.contains("小明您好"), "{said}");
    assert!(said.contains("https://h.tw/t/message-1-to-1-"), "{said}");
    let (_, row, _) = desk.row();
    assert_eq!(row.content.kind(), MessageType::Template);
    assert_eq!(
        (row.content.body(), row.template_id),
        ("小明您好", Some(id))
    );
    assert_eq!(row.status, MessageStatus::Sent);
}

#[tokio::test]
async fn a_planned_template_says_what_it_said_when_it_was_planned() {
    let desk = desk(vec![unavailable()]);
    let id = desk.shelf.put(plain("中秋快樂"));
    let plan = SendMessage {
        scheduled_at: planned(&desk, 1).scheduled_at,
        ..of_template(id)
    };
    desk.talking.send(&ME, plan).await.unwrap();
    desk.shelf.rewrite(id, "新年快樂");
    desk.later(TimeDelta::hours(1));
    assert!(matches!(desk.deliver().await.unwrap(), Delivery::Again(_)));
    assert_eq!(desk.deliver().await.unwrap(), Delivery::Done);
    let said = desk.said();
    assert_eq!(said.len(), 2);
    assert_eq!(said[0], said[1]);
    assert!(said[0].contains("中秋快樂"), "{said:?}");
}

#[tokio::test]
async fn a_template_that_says_nothing_to_this_guest_is_refused_and_nothing_is_stored() {
    let desk = desk(vec![]);
    let id = desk.shelf.put(plain("{{display_name}}"));
    let refused = desk.talking.send(&ME, of_template(id)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    assert_eq!(refused.code(), "template_not_renderable");
    assert!(desk.store.0.lock().unwrap().messages.is_empty());

    desk.named("小明");
    let plan = SendMessage {
        scheduled_at: planned(&desk, 1).scheduled_at,
        ..of_template(id)
    };
    desk.talking.send(&ME, plan).await.unwrap();
    desk.named(" ");
    desk.later(TimeDelta::hours(1));
    assert_eq!(desk.deliver().await.unwrap(), Delivery::Done);
    let (_, row, reason) = desk.row();
    assert_eq!(
        (row.status, reason),
        (MessageStatus::Failed, Some(FailReason::RenderError))
    );
    assert_eq!(desk.pushed(), 0);
}

#[tokio::test]
async fn what_is_no_message_of_a_template_is_told_by_its_field() {
    let desk = desk(vec![]);
    let id = desk.shelf.put(plain("中秋快樂"));
    let with_words = SendMessage {
        content: "您好".into(),
        ..of_template(id)
    };
    let without = SendMessage {
        template_id: None,
        ..of_template(id)
    };
    let of_text = SendMessage {
        template_id: Some(id),
        ..to(FRIEND)
    };
    for (command, field) in [
        (with_words, "content"),
        (without, "template_id"),
        (of_text, "template_id"),
        (of_template(TemplateId::new(9)), "template_id"),
    ] {
        let refused = desk.talking.send(&ME, command).await.unwrap_err();
        let fields: Vec<String> = refused.fields().into_iter().map(|f| f.field).collect();
        assert_eq!(
            (refused.kind(), fields),
            (ErrorKind::Invalid, vec![field.to_owned()])
        );
    }
    assert!(desk.store.0.lock().unwrap().messages.is_empty());
}
