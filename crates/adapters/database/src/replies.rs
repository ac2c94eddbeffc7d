use crate::DatabaseTx;
use crate::dialect::for_update;
use crate::sql::{known, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{AutoResponseId, InboundEventId, KeywordId, MemberId, ReplyId, StoreError};
use crm_messages::FailReason;
use crm_workflows::{NewReply, Reply, ReplyEnd, ReplyRepository, ReplyWay};
use sea_orm::FromQueryResult;
use uuid::Uuid;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    event_id: i64,
    member_id: i64,
    auto_response_id: Option<i64>,
    keyword_id: Option<i64>,
    reply_token: Option<String>,
    token_until: Option<DateTime<Utc>>,
    allow_push: bool,
    retry_key: String,
    words: String,
    message_ids: String,
    in_doubt: bool,
    pushed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Reply {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let record = NewReply {
            event: InboundEventId::new(row.event_id),
            member: MemberId::new(row.member_id),
            rule: row.auto_response_id.map(AutoResponseId::new),
            keyword: row.keyword_id.map(KeywordId::new),
            token: row.reply_token,
            token_until: row.token_until,
            allow_push: row.allow_push,
            retry_key: known(Uuid::parse_str(&row.retry_key).ok(), "retry key")?,
            words: serde_json::from_str(&row.words).map_err(damaged)?,
            messages: serde_json::from_str(&row.message_ids).map_err(damaged)?,
            in_doubt: row.in_doubt,
            at: row.created_at,
        };
        Ok(Self {
            id: ReplyId::new(row.id),
            record,
            pushed_at: row.pushed_at,
        })
    }
}

fn damaged(error: serde_json::Error) -> StoreError {
    StoreError::Internal(Box::new(error))
}

impl DatabaseTx {
    /// Answers stay with whoever is left of two members; undoing a merge leaves them there.
    pub(crate) async fn hand_over_replies(
        &mut self,
        from: MemberId,
        to: MemberId,
    ) -> Result<(), StoreError> {
        sql("UPDATE replies SET member_id = ? WHERE member_id = ?")
            .bind(to.get())
            .bind(from.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl ReplyRepository for DatabaseTx {
    async fn insert(&mut self, new: &NewReply) -> Result<ReplyId, StoreError> {
        let id = sql(
            "INSERT INTO replies (event_id, member_id, auto_response_id, keyword_id, \
             reply_token, token_until, allow_push, retry_key, words, message_ids, status, \
             in_doubt, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?)",
        )
        .bind(new.event.get())
        .bind(new.member.get())
        .bind(new.rule.map(AutoResponseId::get))
        .bind(new.keyword.map(KeywordId::get))
        // LINE's are a quarter as long; one that does not fit is as good as none.
        .bind(new.token.as_deref().filter(|token| token.len() <= 255))
        .bind(new.token_until)
        .bind(new.allow_push)
        .bind(new.retry_key.to_string())
        .bind(serde_json::to_string(&new.words).map_err(damaged)?)
        .bind(serde_json::to_string(&new.messages).map_err(damaged)?)
        .bind(new.in_doubt)
        .bind(new.at)
        .insert(&self.tx)
        .await?;
        Ok(ReplyId::new(id))
    }

    async fn find_pending(&mut self, id: ReplyId) -> Result<Option<Reply>, StoreError> {
        let row: Option<Row> = sql("SELECT * FROM replies WHERE id = ? AND status = 'pending'")
            .bind(id.get())
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
        row.map(Reply::try_from).transpose()
    }

    async fn begin_try(&mut self, id: ReplyId) -> Result<(), StoreError> {
        sql("UPDATE replies SET in_doubt = TRUE WHERE id = ? AND status = 'pending'")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }

    async fn was_not_carried_out(&mut self, id: ReplyId) -> Result<(), StoreError> {
        sql("UPDATE replies SET in_doubt = FALSE WHERE id = ? AND status = 'pending'")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }

    async fn begin_push(&mut self, id: ReplyId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let begun = sql("UPDATE replies SET pushed_at = COALESCE(pushed_at, ?) \
             WHERE id = ? AND status = 'pending'")
        .bind(at)
        .bind(id.get())
        .run(&self.tx)
        .await?;
        Ok(begun > 0)
    }

    async fn settle(
        &mut self,
        id: ReplyId,
        end: ReplyEnd,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (status, reason, way) = match end {
            ReplyEnd::Sent(way) => ("sent", None, Some(ReplyWay::as_str(way))),
            ReplyEnd::Failed(reason) => ("failed", Some(FailReason::as_str(reason)), None),
        };
        // What was said stands in the conversation; the token is of no more use.
        let settled = sql(
            "UPDATE replies SET status = ?, reason = ?, way = ?, settled_at = ?, words = '[]', \
             reply_token = NULL WHERE id = ? AND status = 'pending'",
        )
        .bind(status)
        .bind(reason)
        .bind(way)
        .bind(at)
        .bind(id.get())
        .run(&self.tx)
        .await?;
        Ok(settled > 0)
    }
}
