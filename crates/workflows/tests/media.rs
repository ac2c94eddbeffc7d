//! Fetching content against a LINE that says what it is told to: what is a failure, what only
//! takes time, and what ends it.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use crm_campaigns::LineFigures;
use crm_kernel::{
    AuditTrail, Clock, GatewayError, IdGenerator, LiveEvent, LiveFeed, MemberId, MessageId, Outbox,
    PictureUse, StoreError, Transaction, Transactions,
};
use crm_messages::{
    Bytes, ContentKind, FetchMedia, MediaEnd, MediaFailure, MediaFile, MediaQueries,
    MediaRepository, MediaState, MediaStore, MediaTx, MessageMedia, WriteError, Written,
};
use crm_templates::OutgoingMessage;
use crm_workflows::*;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

const MESSAGE: MessageId = MessageId::new(7);
const JOB: FetchMedia = FetchMedia {
    message_id: MESSAGE,
};

/// What LINE says next.
enum Says {
    Preparing(Result<Preparation, GatewayError>),
    Content(Result<Option<&'static [u8]>, GatewayError>),
}
use Says::{Content, Preparing};

/// LINE, the one message, its file and the clock in one.
#[derive(Clone)]
struct World(Arc<Mutex<State>>);

struct State {
    media: Option<MessageMedia>,
    end: Option<MediaEnd>,
    file: Option<Vec<u8>>,
    says: VecDeque<Says>,
    now: DateTime<Utc>,
    folder_fails: bool,
}

fn away() -> GatewayError {
    GatewayError::Unavailable {
        reason: "status 500".into(),
    }
}

fn world(kind: ContentKind, says: Vec<Says>) -> World {
    World(Arc::new(Mutex::new(State {
        media: Some(MessageMedia {
            message_id: MESSAGE,
            member_id: MemberId::new(1),
            line_message_id: "325708".into(),
            kind,
            state: MediaState::Pending,
            path: None,
            announced_bytes: None,
            begun_at: None,
        }),
        end: None,
        file: None,
        says: says.into(),
        now: DateTime::from_timestamp(1_788_228_000, 0).unwrap(),
        folder_fails: false,
    })))
}

impl World {
    fn media(&self) -> Media {
        Media {
            store: Arc::new(self.clone()),
            queries: Arc::new(self.clone()),
            files: Arc::new(self.clone()),
            line: Arc::new(self.clone()),
            clock: Arc::new(self.clone()),
            ids: Arc::new(self.clone()),
            max_bytes: 10,
        }
    }

    async fn fetch(&self) -> Result<Fetched, MediaError> {
        self.media().fetch(&JOB, false).await
    }

    fn end(&self) -> Option<MediaEnd> {
        self.0.lock().unwrap().end.clone()
    }

    fn file(&self) -> Option<Vec<u8>> {
        self.0.lock().unwrap().file.clone()
    }

    fn advance(&self, by: TimeDelta) {
        self.0.lock().unwrap().now += by;
    }
}

#[tokio::test]
async fn a_picture_is_fetched_once() {
    let world = world(ContentKind::Image, vec![Content(Ok(Some(b"GIF89a")))]);
    for _ in 0..2 {
        assert_eq!(world.fetch().await.unwrap(), Fetched::Done);
    }
    let end = MediaEnd::Stored {
        content_type: "image/gif",
        bytes: 6,
    };
    assert_eq!(world.end(), Some(end));
    assert_eq!(world.file().unwrap(), b"GIF89a");
}

#[tokio::test]
async fn waiting_for_line_is_no_failure_and_looks_grow_rarer() {
    let going = || Preparing(Ok(Preparation::Going));
    let ready = || Preparing(Ok(Preparation::Ready));
    let says = vec![
        going(),
        going(),
        going(),
        ready(),
        Content(Ok(None)),
        ready(),
        Content(Ok(Some(b"OggS"))),
    ];
    let world = world(ContentKind::Audio, says);
    for (seconds, wait) in [(0, 1), (20, 5), (600, 60), (1, 60)] {
        world.advance(TimeDelta::seconds(seconds));
        let later = Fetched::LookAgain(TimeDelta::seconds(wait));
        assert_eq!(world.fetch().await.unwrap(), later);
    }
    assert_eq!(world.fetch().await.unwrap(), Fetched::Done);
    assert!(matches!(world.end(), Some(MediaEnd::Stored { .. })));
}

#[tokio::test]
async fn slowing_down_is_no_failure() {
    let retry_after = Some(Duration::from_secs(7));
    let says = vec![
        Content(Err(GatewayError::RateLimited { retry_after })),
        Content(Err(GatewayError::RateLimited { retry_after: None })),
    ];
    let world = world(ContentKind::File, says);
    for wait in [7, 10] {
        let later = Fetched::LookAgain(TimeDelta::seconds(wait));
        assert_eq!(world.fetch().await.unwrap(), later);
    }
    assert_eq!(world.end(), None);
}

#[tokio::test]
async fn what_another_try_may_mend_is_tried_again_and_given_up_with_the_last() {
    let twice = vec![Content(Err(away())), Content(Err(away()))];
    let world = world(ContentKind::Image, twice);
    assert!(matches!(world.fetch().await, Err(MediaError::Line(_))));
    assert_eq!(world.end(), None);
    assert!(world.media().fetch(&JOB, true).await.is_ok());
    let end = MediaEnd::Failed(MediaFailure::LineUnavailable);
    assert_eq!(world.end(), Some(end));
}

#[tokio::test]
async fn credentials_that_somebody_must_put_right_are_waited_for_even_at_the_last_try() {
    let refused = || Content(Err(GatewayError::Unauthorized));
    let world = world(ContentKind::Image, vec![refused()]);
    let later = world.media().fetch(&JOB, true).await.unwrap();
    assert!(matches!(later, Fetched::LookAgain(_)));
    assert_eq!(world.end(), None);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_tried_again_and_given_up_with_the_last() {
    let content = || Content(Ok(Some(b"GIF89a")));
    let world = world(ContentKind::Image, vec![content(), content()]);
    world.0.lock().unwrap().folder_fails = true;
    assert!(matches!(world.fetch().await, Err(MediaError::Store(_))));
    assert!(world.media().fetch(&JOB, true).await.is_ok());
    let end = MediaEnd::Failed(MediaFailure::NotStored);
    assert_eq!(world.end(), Some(end));
}

#[tokio::test]
async fn what_no_try_can_mend_ends_at_once() {
    let rejected = || GatewayError::Rejected {
        message: "no".into(),
        properties: Vec::new(),
    };
    let failed = |why| MediaEnd::Failed(why);
    for (says, end) in [
        (Content(Err(GatewayError::NotFound)), MediaEnd::Gone),
        (Preparing(Err(GatewayError::NotFound)), MediaEnd::Gone),
        (Content(Err(rejected())), failed(MediaFailure::LineRejected)),
        (
            Preparing(Ok(Preparation::Failed)),
            failed(MediaFailure::NotPrepared),
        ),
        (
            Content(Ok(Some(b"eleven byte"))),
            failed(MediaFailure::TooLarge),
        ),
    ] {
        let kind = match says {
            Preparing(_) => ContentKind::Video,
            Content(_) => ContentKind::Image,
        };
        let world = world(kind, vec![says]);
        assert_eq!(world.fetch().await.unwrap(), Fetched::Done);
        assert_eq!(world.end(), Some(end));
        assert_eq!(world.file(), None);
    }
}

#[tokio::test]
async fn a_file_announced_as_too_large_is_not_even_asked_for() {
    let world = world(ContentKind::File, Vec::new());
    world
        .0
        .lock()
        .unwrap()
        .media
        .as_mut()
        .unwrap()
        .announced_bytes = Some(11);
    assert_eq!(world.fetch().await.unwrap(), Fetched::Done);
    let end = MediaEnd::Failed(MediaFailure::TooLarge);
    assert_eq!(world.end(), Some(end));
}

#[tokio::test]
async fn a_message_that_is_gone_needs_nothing() {
    let world = world(ContentKind::Image, Vec::new());
    world.0.lock().unwrap().media = None;
    assert_eq!(world.fetch().await.unwrap(), Fetched::Done);
}

#[async_trait]
impl MediaRepository for World {
    async fn find(&mut self, _: MessageId) -> Result<Option<MessageMedia>, StoreError> {
        Ok(self.0.lock().unwrap().media.clone())
    }
    async fn begin(
        &mut self,
        _: MessageId,
        path: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut state = self.0.lock().unwrap();
        let media = state.media.as_mut().unwrap();
        media.path = Some(path.to_owned());
        media.begun_at = Some(now);
        Ok(())
    }
    async fn settle(
        &mut self,
        _: MessageId,
        end: &MediaEnd,
        _: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut state = self.0.lock().unwrap();
        state.media.as_mut().unwrap().state = end.state();
        state.end = Some(end.clone());
        Ok(true)
    }
    async fn forget(
        &mut self,
        _: MessageId,
        _: DateTime<Utc>,
    ) -> Result<Option<String>, StoreError> {
        unreachable!("nothing is forgotten here")
    }
    async fn paths_of(&mut self, _: MemberId) -> Result<Vec<String>, StoreError> {
        unreachable!("nobody is deleted here")
    }
}

#[async_trait]
impl Transaction for World {
    fn outbox(&mut self) -> &mut dyn Outbox {
        unreachable!("fetching leaves no work")
    }
    fn audit(&mut self) -> &mut dyn AuditTrail {
        unreachable!("fetching is nobody's deed")
    }
    fn pictures(&mut self) -> &mut dyn PictureUse {
        unreachable!("no uploads are named")
    }
    fn live(&mut self) -> &mut dyn LiveFeed {
        self
    }

    fn figures(&mut self) -> &mut dyn crm_kernel::Figures {
        self
    }
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}

impl LiveFeed for World {
    fn announce(&mut self, _: LiveEvent) {}
}

/// Nobody counts.
impl crm_kernel::Figures for World {
    fn add(&mut self, _: crm_kernel::Figure, _: i64, _: chrono::DateTime<chrono::Utc>, _: i64) {}
}

impl MediaTx for World {
    fn media(&mut self) -> &mut dyn MediaRepository {
        self
    }
}

#[async_trait]
impl Transactions<dyn MediaTx> for World {
    async fn begin(&self) -> Result<Box<dyn MediaTx>, StoreError> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl MediaQueries for World {
    async fn media_file(&self, _: MessageId) -> Result<Option<MediaFile>, StoreError> {
        unreachable!("nothing is shown here")
    }
    async fn known_media(&self, _: &[String]) -> Result<HashSet<String>, StoreError> {
        unreachable!("nothing is swept here")
    }
}

#[async_trait]
impl MediaStore for World {
    async fn write(
        &self,
        _: &str,
        bytes: Bytes<GatewayError>,
        at_most: u64,
    ) -> Result<Written, WriteError<GatewayError>> {
        let parts: Vec<Vec<u8>> = bytes.try_collect().await.map_err(WriteError::Source)?;
        let whole = parts.concat();
        let mut state = self.0.lock().unwrap();
        if state.folder_fails {
            return Err(WriteError::Store(StoreError::internal("the disk is full")));
        }
        if whole.len() as u64 > at_most {
            return Err(WriteError::TooLarge);
        }
        state.file = Some(whole.clone());
        Ok(Written {
            bytes: whole.len() as u64,
            head: whole,
        })
    }
    async fn open(&self, _: &str) -> Result<Option<Bytes<StoreError>>, StoreError> {
        unreachable!("nothing is shown here")
    }
    async fn take_away(&self, _: &str) -> Result<(), StoreError> {
        self.0.lock().unwrap().file = None;
        Ok(())
    }
    async fn written_before(&self, _: &str, _: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        unreachable!("nothing is swept here")
    }
    async fn sweep(&self, _: &str, _: DateTime<Utc>) -> Result<u64, StoreError> {
        unreachable!("nothing is swept here")
    }
}

impl Clock for World {
    fn now(&self) -> DateTime<Utc> {
        self.0.lock().unwrap().now
    }
}

impl IdGenerator for World {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(5)
    }
}

#[async_trait]
impl LineGateway for World {
    fn encode(&self, _: &[OutgoingMessage]) -> Result<WireMessages, EncodeError> {
        unreachable!("nothing is sent here")
    }
    async fn validate(&self, _: SendKind, _: &WireMessages) -> Result<(), GatewayError> {
        unreachable!("nothing is sent here")
    }
    async fn multicast(
        &self,
        _: &[String],
        _: &WireMessages,
        _: Uuid,
        _: Option<&str>,
    ) -> Result<Accepted, GatewayError> {
        unreachable!("nothing is sent here")
    }
    async fn push(
        &self,
        _: &str,
        _: &WireMessages,
        _: Uuid,
        _: Option<&str>,
    ) -> Result<Accepted, GatewayError> {
        unreachable!("nothing is sent here")
    }
    async fn reply(&self, _: &str, _: &WireMessages) -> Result<Accepted, GatewayError> {
        unreachable!("nothing is sent here")
    }
    async fn profile(&self, _: &str) -> Result<Option<LineProfile>, GatewayError> {
        unreachable!("nobody is asked for here")
    }
    async fn unit_figures(
        &self,
        _: &str,
        _: NaiveDate,
        _: NaiveDate,
    ) -> Result<LineFigures, GatewayError> {
        unreachable!("nothing is counted here")
    }
    async fn quota(&self) -> Result<Quota, GatewayError> {
        unreachable!("nothing is counted here")
    }
    async fn preparation(&self, id: &str) -> Result<Preparation, GatewayError> {
        assert_eq!(id, "325708");
        match self.0.lock().unwrap().says.pop_front() {
            Some(Preparing(says)) => says,
            _ => unreachable!("LINE is not asked whether it is ready"),
        }
    }
    async fn content(&self, id: &str) -> Result<Option<MediaContent>, GatewayError> {
        assert_eq!(id, "325708");
        match self.0.lock().unwrap().says.pop_front() {
            Some(Content(says)) => Ok(says?.map(|bytes| MediaContent {
                announced_bytes: None,
                bytes: stream::iter([Ok(bytes.to_vec())]).boxed(),
            })),
            _ => unreachable!("LINE is not asked for the content"),
        }
    }
}
