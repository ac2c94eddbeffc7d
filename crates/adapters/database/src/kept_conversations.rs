//! The kept figures of conversations: moved together with each message row, and counted anew
//! where rows change hands.

use crate::DatabaseTx;
use crate::dialect::for_update;
use crate::merge_moves::Hands;
use crate::sql::sql;
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, MessageId, StoreError, UserId};
use crm_messages::{Direction, MessageRecord};
use sea_orm::FromQueryResult;

/// Which rows of `messages` were said ([`MessageRecord::said_at`]).
pub(crate) const WAS_SAID: &str =
    "status IN ('received', 'sent') AND (sender_type IS NULL OR sender_type <> 'campaign')";

#[derive(FromQueryResult)]
struct Counted {
    unread: i64,
    last_incoming_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Last {
    id: i64,
    direction: String,
    at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Assigned {
    assigned_to: Option<i64>,
}

impl DatabaseTx {
    /// The conversation is there from now on.
    pub(crate) async fn open_conversation(&mut self, member: MemberId) -> Result<(), StoreError> {
        let unless = if self.is_mysql() {
            "ON DUPLICATE KEY UPDATE member_id = member_id"
        } else {
            "ON CONFLICT (member_id) DO NOTHING"
        };
        sql(format!(
            "INSERT INTO conversations (member_id, unread_count) VALUES (?, 0) {unless}"
        ))
        .bind(member.get())
        .run(&self.tx)
        .await?;
        Ok(())
    }

    /// Moves the figures for a new row. Also of one that is only planned: the conversation is
    /// there before LINE is asked, so that settling the message touches no other table's row.
    pub(crate) async fn keep_new_message(
        &mut self,
        id: MessageId,
        record: &MessageRecord,
    ) -> Result<(), StoreError> {
        let member = record.member_id;
        let Some(at) = record.said_at() else {
            return self.open_conversation(member).await;
        };
        let unread = i64::from(record.is_unread());
        if !self
            .keep_said(member, (id, at, record.direction), unread)
            .await?
        {
            self.open_conversation(member).await?;
            self.keep_said(member, (id, at, record.direction), unread)
                .await?;
        }
        Ok(())
    }

    /// Moves the figures for a message that was said, if the conversation is there.
    async fn keep_said(
        &mut self,
        member: MemberId,
        (id, at, direction): (MessageId, DateTime<Utc>, Direction),
        unread: i64,
    ) -> Result<bool, StoreError> {
        // MySQL writes from left to right and sees what it wrote: `last_at` comes last.
        const IS_LATER: &str =
            "last_at IS NULL OR last_at < ? OR (last_at = ? AND last_message_id < ?)";
        let incoming = (direction == Direction::Incoming).then_some(at);
        let kept = sql(format!(
            "UPDATE conversations SET unread_count = unread_count + ?, \
             last_incoming_at = CASE WHEN last_incoming_at IS NULL OR last_incoming_at < ? \
             THEN COALESCE(?, last_incoming_at) ELSE last_incoming_at END, \
             last_direction = CASE WHEN {IS_LATER} THEN ? ELSE last_direction END, \
             last_message_id = CASE WHEN {IS_LATER} THEN ? ELSE last_message_id END, \
             last_at = CASE WHEN last_at IS NULL OR last_at < ? THEN ? ELSE last_at END \
             WHERE member_id = ?"
        ))
        .bind(unread)
        .bind(at)
        .bind(incoming)
        .bind(at)
        .bind(at)
        .bind(id.get())
        .bind(direction.as_str())
        .bind(at)
        .bind(at)
        .bind(id.get())
        .bind(id.get())
        .bind(at)
        .bind(at)
        .bind(member.get())
        .run(&self.tx)
        .await?;
        Ok(kept > 0)
    }

    /// Moves the figures for a message that LINE took just now.
    pub(crate) async fn keep_sent(&mut self, id: MessageId) -> Result<(), StoreError> {
        if let Some(message) = crm_messages::MessageRepository::find(self, id).await? {
            self.keep_new_message(id, message.record()).await?;
        }
        Ok(())
    }

    /// Moves the figures after so many messages were read.
    pub(crate) async fn keep_read(&mut self, member: MemberId, n: u64) -> Result<(), StoreError> {
        let n = n as i64;
        sql(
            "UPDATE conversations SET unread_count = CASE WHEN unread_count > ? \
             THEN unread_count - ? ELSE 0 END WHERE member_id = ?",
        )
        .bind(n)
        .bind(n)
        .bind(member.get())
        .run(&self.tx)
        .await?;
        Ok(())
    }

    /// Counts the figures anew, if the conversation is there.
    pub(crate) async fn recount_conversation(
        &mut self,
        member: MemberId,
    ) -> Result<(), StoreError> {
        // Whoever moves them has to wait: what they add comes on top of what is counted here.
        if self.assigned(member).await?.is_none() {
            return Ok(());
        }
        let counted: Option<Counted> = sql(format!(
            "SELECT COUNT(CASE WHEN direction = 'incoming' AND read_at IS NULL THEN 1 END) \
             AS unread, MAX(CASE WHEN direction = 'incoming' THEN created_at END) \
             AS last_incoming_at FROM messages WHERE member_id = ? AND {WAS_SAID}"
        ))
        .bind(member.get())
        .one(&self.tx)
        .await?;
        let last: Option<Last> = sql(format!(
            "SELECT id, direction, COALESCE(sent_at, created_at) AS at FROM messages \
             WHERE member_id = ? AND {WAS_SAID} ORDER BY at DESC, id DESC LIMIT 1"
        ))
        .bind(member.get())
        .one(&self.tx)
        .await?;
        sql(
            "UPDATE conversations SET unread_count = ?, last_incoming_at = ?, \
             last_message_id = ?, last_direction = ?, last_at = ? WHERE member_id = ?",
        )
        .bind(counted.as_ref().map_or(0, |figures| figures.unread))
        .bind(counted.and_then(|figures| figures.last_incoming_at))
        .bind(last.as_ref().map(|message| message.id))
        .bind(last.as_ref().map(|message| message.direction.as_str()))
        .bind(last.as_ref().map(|message| message.at))
        .bind(member.get())
        .run(&self.tx)
        .await?;
        Ok(())
    }

    /// Who looks after a conversation, its row locked; `None` while there is none.
    async fn assigned(&mut self, member: MemberId) -> Result<Option<Option<UserId>>, StoreError> {
        let row: Option<Assigned> =
            sql("SELECT assigned_to FROM conversations WHERE member_id = ?")
                .bind(member.get())
                .then(for_update(self.backend()))
                .one(&self.tx)
                .await?;
        Ok(row.map(|row| row.assigned_to.map(UserId::new)))
    }

    /// Both conversations are `kept`'s, the messages of `from` being theirs already. Whoever
    /// looked after `kept` goes on to, else whoever looked after `from`.
    pub(crate) async fn absorb_conversation(&mut self, hands: Hands) -> Result<(), StoreError> {
        let Some(from) = self.assigned(hands.from).await? else {
            return Ok(());
        };
        self.open_conversation(hands.kept).await?;
        self.take_over(hands.kept, from).await?;
        self.recount_conversation(hands.kept).await
    }

    /// Each has a conversation again, after their messages went back; whoever looked after the
    /// one looks after both.
    pub(crate) async fn part_conversation(&mut self, hands: Hands) -> Result<(), StoreError> {
        let Some(kept) = self.assigned(hands.kept).await? else {
            return Ok(());
        };
        self.open_conversation(hands.from).await?;
        self.take_over(hands.from, kept).await?;
        self.recount_conversation(hands.from).await?;
        self.recount_conversation(hands.kept).await
    }

    async fn take_over(&mut self, member: MemberId, by: Option<UserId>) -> Result<(), StoreError> {
        sql("UPDATE conversations SET assigned_to = COALESCE(assigned_to, ?) WHERE member_id = ?")
            .bind(by.map(UserId::get))
            .bind(member.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }
}
