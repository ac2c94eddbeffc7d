use crate::{MediaEnd, MediaFile, MessageMedia};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, MessageId, StoreError, Transaction};
use futures::stream::BoxStream;
use std::collections::HashSet;

/// A unit of work that can write what became of content.
pub trait MediaTx: Transaction {
    /// Content as this unit of work sees it.
    fn media(&mut self) -> &mut dyn MediaRepository;
}

/// Content of messages, for decisions. There is one for each message that
/// [`crate::MessageRepository::receive`] stored with such a thing, as long as the message is.
/// Every method fails with [`StoreError`] of the storage only.
///
/// To add a method, write its promise in `tests/ports` first, then memory and database.
#[async_trait]
pub trait MediaRepository: Send {
    /// The content of a message, locked until the unit of work ends.
    async fn find(&mut self, message: MessageId) -> Result<Option<MessageMedia>, StoreError>;

    /// Notes the file it will lie in and that fetching began, unless there is one; only while
    /// it is pending.
    async fn begin(
        &mut self,
        message: MessageId,
        path: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Ends content that is pending, by a guarded update (`… WHERE state = 'pending'`). Answers
    /// whether it was; else, or when it is gone, nothing changes.
    async fn settle(
        &mut self,
        message: MessageId,
        end: &MediaEnd,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Forgets what LINE told of a message and what its content is: it is gone from now on,
    /// whatever it was. Answers the file it lay in or would have.
    async fn forget(
        &mut self,
        message: MessageId,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, StoreError>;

    /// The files of everything a member sent; changes nothing.
    async fn paths_of(&mut self, member: MemberId) -> Result<Vec<String>, StoreError>;
}

/// Content of messages, for showing and tidying up; never while a unit of work is open.
#[async_trait]
pub trait MediaQueries: Send + Sync {
    /// The content of a message; `None` when it has none, or there is no such message.
    ///
    /// # Errors
    /// The storage's.
    async fn media_file(&self, message: MessageId) -> Result<Option<MediaFile>, StoreError>;

    /// Which of these files some message names; at most [`PATHS_AT_ONCE`] are asked about.
    ///
    /// # Errors
    /// The storage's.
    async fn known_media(&self, paths: &[String]) -> Result<HashSet<String>, StoreError>;
}

/// Most files that [`MediaQueries::known_media`] is asked about with one call.
pub const PATHS_AT_ONCE: usize = 300;

/// Bytes as they come, with the error of wherever they come from.
pub type Bytes<E> = BoxStream<'static, Result<Vec<u8>, E>>;

/// Why a file was not written.
#[derive(Debug)]
pub enum WriteError<E> {
    /// It has more bytes than allowed.
    TooLarge,
    /// What the bytes came from failed.
    Source(E),
    /// The folder failed.
    Store(StoreError),
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its bytes.
    pub bytes: u64,
    /// The first of them, enough to tell what it is.
    pub head: Vec<u8>,
}

/// The files that content lies in. No path leads out of their folder, and nobody ever reads
/// half a file.
#[async_trait]
pub trait MediaStore: Send + Sync {
    /// Writes a file, whole or not at all; one that is there is replaced. Half of one is taken
    /// away when writing ends early, but for the process dying: then [`sweep`](Self::sweep) does.
    ///
    /// # Errors
    /// [`WriteError`]; then there is no new file.
    async fn write(
        &self,
        path: &str,
        bytes: Bytes<crm_kernel::GatewayError>,
        at_most: u64,
    ) -> Result<Written, WriteError<crm_kernel::GatewayError>>;

    /// A file's bytes; `None` when there is none.
    ///
    /// # Errors
    /// The folder's.
    async fn open(&self, path: &str) -> Result<Option<Bytes<StoreError>>, StoreError>;

    /// Takes a file away; one that is not there is no error.
    ///
    /// # Errors
    /// The folder's.
    async fn take_away(&self, path: &str) -> Result<(), StoreError>;

    /// The files below a folder that were last written before that moment.
    ///
    /// # Errors
    /// The folder's.
    async fn written_before(
        &self,
        folder: &str,
        before: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError>;

    /// Takes away what was begun below a folder before that moment and never finished; answers
    /// how many.
    ///
    /// # Errors
    /// The folder's.
    async fn sweep(&self, folder: &str, before: DateTime<Utc>) -> Result<u64, StoreError>;
}
