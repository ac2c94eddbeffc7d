use super::{FOLDER, Media, MediaError};
use crate::Preparation;
use chrono::{Datelike, TimeDelta};
use crm_kernel::{GatewayError, MessageId};
use crm_messages::{
    ConversationChange, FetchMedia, MediaEnd, MediaFailure, MediaState, MessageMedia, WriteError,
    Written, conversation_updated,
};
use std::time::Duration;

/// How often LINE is asked whether it is ready: at first, and later.
const LOOK_SOON: TimeDelta = TimeDelta::seconds(1);
const LOOK_LATER: TimeDelta = TimeDelta::minutes(1);
/// Content that LINE has not prepared after a day never will be.
const PATIENCE: TimeDelta = TimeDelta::days(1);
/// When LINE asks to slow down without saying how much.
const SLOW_DOWN: Duration = Duration::from_secs(10);

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// Nothing is left to do.
    Done,
    /// LINE is not ready: look again after so long. No failure.
    LookAgain(TimeDelta),
}

impl Media {
    /// Fetches the content of a message, once: content that is no longer pending needs nothing.
    /// With the last try it is given up, so that nobody waits for it any more.
    ///
    /// # Errors
    /// `Line` or `Store` when a later try may do better; content stays pending.
    pub async fn fetch(&self, job: &FetchMedia, is_last_try: bool) -> Result<Fetched, MediaError> {
        let Some((media, path)) = self.begin(job.message_id).await? else {
            return Ok(Fetched::Done);
        };
        let end = match self.end_of(&media, &path).await {
            Ok(Step::End(end)) => end,
            Ok(Step::Wait(time)) => return Ok(Fetched::LookAgain(time)),
            Err(error) if is_last_try => {
                tracing::error!(%error, message.id = %job.message_id, "content is given up");
                MediaEnd::Failed(match error {
                    MediaError::Store(_) => MediaFailure::NotStored,
                    _ => MediaFailure::LineUnavailable,
                })
            }
            Err(error) => return Err(error),
        };
        self.settle(job.message_id, &path, &end).await?;
        Ok(Fetched::Done)
    }

    /// The content, if it is still wanted, and the file for it.
    async fn begin(
        &self,
        message: MessageId,
    ) -> Result<Option<(MessageMedia, String)>, MediaError> {
        let mut tx = self.store.begin().await?;
        let media = tx.media().find(message).await?;
        let Some(media) = media.filter(|media| media.state == MediaState::Pending) else {
            return Ok(None);
        };
        if let Some(path) = media.path.clone() {
            return Ok(Some((media, path)));
        }
        let (now, name) = (self.clock.now(), self.ids.uuid());
        let path = format!("{FOLDER}/{}/{:02}/{name}", now.year(), now.month());
        tx.media().begin(message, &path, now).await?;
        tx.commit().await?;
        Ok(Some((media, path)))
    }

    async fn end_of(&self, media: &MessageMedia, path: &str) -> Result<Step, MediaError> {
        if media.announced_bytes.is_some_and(|n| n > self.max_bytes) {
            return Ok(Step::failed(MediaFailure::TooLarge));
        }
        let id = &media.line_message_id;
        if media.kind.is_prepared() {
            match self.line.preparation(id).await {
                Ok(Preparation::Ready) => {}
                Ok(Preparation::Going) => return Ok(self.wait_for(media)),
                Ok(Preparation::Failed) => return Ok(Step::failed(MediaFailure::NotPrepared)),
                Err(error) => return Step::after(error),
            }
        }
        let content = match self.line.content(id).await {
            Ok(Some(content)) => content,
            Ok(None) => return Ok(self.wait_for(media)),
            Err(error) => return Step::after(error),
        };
        if content.announced_bytes.is_some_and(|n| n > self.max_bytes) {
            return Ok(Step::failed(MediaFailure::TooLarge));
        }
        let written = self.files.write(path, content.bytes, self.max_bytes).await;
        match written {
            Ok(Written { bytes, head }) => Ok(Step::End(MediaEnd::Stored {
                content_type: media.kind.type_of(&head),
                bytes,
            })),
            Err(WriteError::TooLarge) => Ok(Step::failed(MediaFailure::TooLarge)),
            Err(WriteError::Source(error)) => Step::after(error),
            Err(WriteError::Store(error)) => Err(error.into()),
        }
    }

    /// Looks are far apart when it takes long.
    fn wait_for(&self, media: &MessageMedia) -> Step {
        let now = self.clock.now();
        let age = now - media.begun_at.unwrap_or(now);
        if age > PATIENCE {
            return Step::failed(MediaFailure::NotPrepared);
        }
        Step::Wait((age / 4).clamp(LOOK_SOON, LOOK_LATER))
    }

    /// Writes what became of it. When nobody wants it any more, its file goes as well: the one
    /// who forgot it may have looked for the file before it was there.
    async fn settle(
        &self,
        message: MessageId,
        path: &str,
        end: &MediaEnd,
    ) -> Result<(), MediaError> {
        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let settled = tx.media().settle(message, end, now).await?;
        let media = tx.media().find(message).await?;
        let state = match &media {
            Some(media) if settled || media.path.as_deref() == Some(path) => Some(media.state),
            _ => None,
        };
        if let Some(media) = settled.then_some(media).flatten() {
            let change = ConversationChange::Content;
            tx.live()
                .announce(conversation_updated(media.member_id, change, now));
        }
        tx.commit().await?;
        if state != Some(MediaState::Stored) {
            self.files.take_away(path).await?;
        }
        Ok(())
    }
}

enum Step {
    End(MediaEnd),
    Wait(TimeDelta),
}

impl Step {
    const fn failed(why: MediaFailure) -> Self {
        Self::End(MediaEnd::Failed(why))
    }

    /// What follows from LINE's refusal.
    fn after(error: GatewayError) -> Result<Self, MediaError> {
        match error {
            GatewayError::NotFound => Ok(Self::End(MediaEnd::Gone)),
            GatewayError::Rejected { .. } => Ok(Self::failed(MediaFailure::LineRejected)),
            GatewayError::RateLimited { retry_after } => {
                let wait = TimeDelta::from_std(retry_after.unwrap_or(SLOW_DOWN));
                Ok(Self::Wait(wait.unwrap_or(LOOK_LATER)))
            }
            // Credentials are put right by somebody, some time; LINE keeps the content for days.
            GatewayError::QuotaExhausted | GatewayError::Unauthorized => Ok(Self::Wait(LOOK_LATER)),
            GatewayError::Unavailable { .. } => Err(error.into()),
        }
    }
}
