//! Answers kept for a request that is repeated with the same `Idempotency-Key` (contract §2).

use chrono::{DateTime, TimeDelta, Utc};
use crm_database::{Database, KeptSlot};
use crm_kernel::StoreError;
use crm_security::AnswerCipher;
use std::sync::Arc;

/// How long an answer is kept (contract §2).
const KEEP: TimeDelta = TimeDelta::hours(24);
/// How long a request may be under way; one that took longer has died. Longer than planning a
/// campaign for a million members takes on a busy server.
const UNDER_WAY: TimeDelta = TimeDelta::minutes(5);
/// Counts of requests older than this are of no use.
const KEEP_COUNTS: TimeDelta = TimeDelta::minutes(10);

/// Answers by the request they belong to, sealed at rest.
#[derive(Clone)]
pub struct KeptAnswers {
    database: Database,
    cipher: Arc<AnswerCipher>,
}

/// An answer as it went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A request as far as a repetition has to be the same.
#[derive(Clone, Debug)]
pub struct RepeatableRequest {
    slot: String,
    hash: String,
}

/// What is known of a request that comes with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repetition {
    /// It is the first: do it, then [`keep`](KeptAnswers::keep) or
    /// [`free`](KeptAnswers::free).
    First,
    /// It was done: this was the answer.
    Answered(KeptAnswer),
    /// The first is under way.
    UnderWay,
    /// The first never ended; nobody knows how far it came.
    Unknown,
    /// The key was used for another request.
    OtherRequest,
}

impl KeptAnswers {
    pub(crate) const fn new(database: Database, cipher: Arc<AnswerCipher>) -> Self {
        Self { database, cipher }
    }

    /// Names a request: `place` is who asks for what (user, method, path, key), `content` what
    /// they send.
    #[must_use]
    pub fn request(&self, place: &[&[u8]], content: &[&[u8]]) -> RepeatableRequest {
        RepeatableRequest {
            slot: AnswerCipher::name(place.iter().copied()),
            hash: self.cipher.fingerprint(content.iter().copied()),
        }
    }

    /// Claims the request's slot, or tells what became of the first.
    ///
    /// # Errors
    /// The storage's.
    pub async fn claim(
        &self,
        request: &RepeatableRequest,
        now: DateTime<Utc>,
    ) -> Result<Repetition, StoreError> {
        let expired = (now - KEEP).timestamp_millis();
        let slot = self
            .database
            .claim_slot(
                &request.slot,
                &request.hash,
                now.timestamp_millis(),
                expired,
            )
            .await?;
        Ok(match slot {
            KeptSlot::Ours => Repetition::First,
            KeptSlot::Taken { request_hash, .. } if request_hash != request.hash => {
                Repetition::OtherRequest
            }
            KeptSlot::Taken { claimed_at, .. } => {
                if now.timestamp_millis() - claimed_at < UNDER_WAY.num_milliseconds() {
                    Repetition::UnderWay
                } else {
                    Repetition::Unknown
                }
            }
            KeptSlot::Ended {
                status,
                location,
                body,
                request_hash,
            } => match self.cipher.open(&request.slot, &body) {
                Some(_) if request_hash != request.hash => Repetition::OtherRequest,
                Some(body) => Repetition::Answered(KeptAnswer {
                    status,
                    location,
                    body,
                }),
                // Kept under another SECRET_KEY.
                None => Repetition::Unknown,
            },
        })
    }

    /// Keeps the answer for a day.
    ///
    /// # Errors
    /// The storage's.
    pub async fn keep(
        &self,
        request: &RepeatableRequest,
        answer: &KeptAnswer,
    ) -> Result<(), StoreError> {
        let body = self
            .cipher
            .seal(&request.slot, &answer.body)
            .ok_or_else(|| StoreError::internal("an answer could not be sealed"))?;
        self.database
            .keep_answer(
                &request.slot,
                answer.status,
                answer.location.as_deref(),
                &body,
            )
            .await
    }

    /// Lets the next request with this key be the first: this one did nothing.
    ///
    /// # Errors
    /// The storage's.
    pub async fn free(&self, request: &RepeatableRequest) -> Result<(), StoreError> {
        self.database.free_slot(&request.slot).await
    }

    /// Forgets answers that are a day old, and old counts of requests.
    ///
    /// # Errors
    /// The storage's.
    pub async fn forget_old(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let answers = (now - KEEP).timestamp_millis();
        let counts = (now - KEEP_COUNTS).timestamp_millis();
        self.database.forget_requests(answers, counts).await
    }
}
