use crate::MemoryTx;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, MessageId, StoreError};
use crm_messages::{ContentKind, MediaEnd, MediaRepository, MediaState, MessageMedia, SentKind};

/// Content as it is stored; what it turned out to be is shown by queries only.
#[derive(Clone, Debug)]
pub(crate) struct StoredMedia {
    kind: ContentKind,
    state: MediaState,
    path: Option<String>,
    begun_at: Option<DateTime<Utc>>,
}

impl StoredMedia {
    pub(crate) const fn of(kind: ContentKind) -> Self {
        Self {
            kind,
            state: MediaState::Pending,
            path: None,
            begun_at: None,
        }
    }
}

#[async_trait]
impl MediaRepository for MemoryTx {
    async fn find(&mut self, message: MessageId) -> Result<Option<MessageMedia>, StoreError> {
        let media = self.tables.media.get(&message);
        let stored = self.tables.messages.get(&message);
        Ok(media.zip(stored).map(|(media, stored)| {
            let record = &stored.record;
            let file = record.details.as_ref().and_then(SentKind::file);
            MessageMedia {
                message_id: message,
                member_id: record.member_id,
                line_message_id: record.line_message_id.clone().unwrap_or_default(),
                kind: media.kind,
                state: media.state,
                path: media.path.clone(),
                announced_bytes: file.and_then(|file| file.size),
                begun_at: media.begun_at,
            }
        }))
    }

    async fn begin(
        &mut self,
        message: MessageId,
        path: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if let Some(media) = self.tables.media.get_mut(&message)
            && media.state == MediaState::Pending
        {
            media.path.get_or_insert_with(|| path.to_owned());
            media.begun_at.get_or_insert(now);
        }
        Ok(())
    }

    async fn settle(
        &mut self,
        message: MessageId,
        end: &MediaEnd,
        _: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let media = self.tables.media.get_mut(&message);
        let Some(media) = media.filter(|media| media.state == MediaState::Pending) else {
            return Ok(false);
        };
        media.state = end.state();
        Ok(true)
    }

    async fn forget(
        &mut self,
        message: MessageId,
        _: DateTime<Utc>,
    ) -> Result<Option<String>, StoreError> {
        if let Some(stored) = self.tables.messages.get_mut(&message) {
            stored.record.details = None;
        }
        let Some(media) = self.tables.media.get_mut(&message) else {
            return Ok(None);
        };
        media.state = MediaState::Gone;
        Ok(media.path.take())
    }

    async fn paths_of(&mut self, member: MemberId) -> Result<Vec<String>, StoreError> {
        let tables = &self.tables;
        let theirs = tables.media.iter().filter(|(id, _)| {
            let stored = tables.messages.get(id);
            stored.is_some_and(|stored| stored.record.member_id == member)
        });
        Ok(theirs.filter_map(|(_, media)| media.path.clone()).collect())
    }
}
