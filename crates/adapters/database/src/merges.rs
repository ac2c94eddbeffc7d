//! Two members that are one person: the merge itself, and the rows that change hands with it.

use crate::DatabaseTx;
use crate::dialect::{for_update, marks};
use crate::merge_moves::{Hands, marked};
use crate::sql::{known, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, MemberId, MergeId, StoreError, UserId};
use crm_members::{
    Absorbed, MemberRecord, MemberRepository, Merge, MergeMove, MergeRepository, NewMerge, TaggedAt,
};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    kept_member_id: i64,
    from_member_id: i64,
    record: Option<String>,
    merged_by: Option<i64>,
    merged_at: DateTime<Utc>,
    undone_at: Option<DateTime<Utc>>,
}

impl From<Row> for Merge {
    fn from(row: Row) -> Self {
        Self {
            id: MergeId::new(row.id),
            new: NewMerge {
                kept: MemberId::new(row.kept_member_id),
                from: MemberId::new(row.from_member_id),
                merged_by: row.merged_by.map(UserId::new),
                merged_at: row.merged_at,
            },
            record: row.record,
            undone_at: row.undone_at,
        }
    }
}

#[derive(FromQueryResult)]
struct WentRow {
    id: i64,
    kept_member_id: i64,
    from_member_id: i64,
    undone_at: Option<DateTime<Utc>>,
}

impl DatabaseTx {
    async fn forget_merges(&mut self, ids: &[i64]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        for text in [
            "UPDATE member_merges SET record = NULL WHERE id",
            "DELETE FROM member_merge_moves WHERE merge_id",
        ] {
            marked(text, ids).run(&self.tx).await?;
        }
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct MovesRow {
    what: String,
    n: i64,
}

#[async_trait]
impl MergeRepository for DatabaseTx {
    async fn insert(&mut self, new: &NewMerge) -> Result<MergeId, StoreError> {
        let id = sql(
            "INSERT INTO member_merges (kept_member_id, from_member_id, merged_by, merged_at) \
             VALUES (?, ?, ?, ?)",
        )
        .bind(new.kept.get())
        .bind(new.from.get())
        .bind(new.merged_by.map(UserId::get))
        .bind(new.merged_at)
        .insert(&self.tx)
        .await?;
        Ok(MergeId::new(id))
    }

    async fn find(&mut self, id: MergeId) -> Result<Option<Merge>, StoreError> {
        let row: Option<Row> = sql(
            "SELECT id, kept_member_id, from_member_id, record, merged_by, merged_at, undone_at \
             FROM member_merges WHERE id = ?",
        )
        .bind(id.get())
        .then(for_update(self.backend()))
        .one(&self.tx)
        .await?;
        Ok(row.map(Merge::from))
    }

    async fn campaign_under_way(
        &mut self,
        members: &[MemberId],
    ) -> Result<Option<CampaignId>, StoreError> {
        let places = marks(members.len());
        let ids = || members.iter().map(|id| id.get());
        let lock = for_update(self.backend());
        if !lock.is_empty() {
            // A statement of its own: the next one sees what whoever held the rows committed.
            sql(format!(
                "SELECT id FROM campaign_recipients WHERE member_id IN ({places}) ORDER BY id{lock}"
            ))
            .bind_all(ids())
            .ids::<i64>(&self.tx)
            .await?;
        }
        let campaigns: Vec<CampaignId> = sql(format!(
            "SELECT b.campaign_id FROM campaign_recipients r JOIN campaign_batches b \
             ON b.campaign_id = r.campaign_id AND b.number = r.batch_number \
             WHERE r.member_id IN ({places}) AND r.status = 'pending' AND b.state = 'sending' \
             ORDER BY b.campaign_id LIMIT 1"
        ))
        .bind_all(ids())
        .ids(&self.tx)
        .await?;
        Ok(campaigns.into_iter().next())
    }

    async fn became(&mut self, member: MemberId) -> Result<Option<MemberId>, StoreError> {
        let kept: Vec<MemberId> = sql("SELECT kept_member_id FROM member_merges \
             WHERE from_member_id = ? AND undone_at IS NULL ORDER BY id DESC LIMIT 1")
        .bind(member.get())
        .ids(&self.tx)
        .await?;
        Ok(kept.into_iter().next())
    }

    async fn last_into(&mut self, kept: MemberId) -> Result<Option<MergeId>, StoreError> {
        let last: Vec<MergeId> = sql("SELECT id FROM member_merges \
             WHERE kept_member_id = ? AND undone_at IS NULL ORDER BY id DESC LIMIT 1")
        .bind(kept.get())
        .ids(&self.tx)
        .await?;
        Ok(last.into_iter().next())
    }

    async fn keep_record(&mut self, id: MergeId, record: &str) -> Result<(), StoreError> {
        let kept = sql("UPDATE member_merges SET record = ? WHERE id = ?")
            .bind(record)
            .bind(id.get())
            .run(&self.tx)
            .await?;
        if kept == 0 {
            return Err(StoreError::Reference);
        }
        Ok(())
    }

    async fn count_moves(&mut self, id: MergeId) -> Result<BTreeMap<MergeMove, u64>, StoreError> {
        let rows: Vec<MovesRow> = sql(
            "SELECT what, COUNT(*) AS n FROM member_merge_moves WHERE merge_id = ? GROUP BY what",
        )
        .bind(id.get())
        .all(&self.tx)
        .await?;
        let named = |row: MovesRow| {
            let mut kinds = MergeMove::ALL.into_iter();
            let what = kinds.find(|what| what.as_str() == row.what);
            Ok((known(what, "move of a merge")?, row.n.unsigned_abs()))
        };
        rows.into_iter().map(named).collect()
    }

    async fn absorb(
        &mut self,
        merge: MergeId,
        kept: MemberId,
        from: MemberId,
    ) -> Result<Absorbed, StoreError> {
        for member in [kept, from] {
            if !self.is_member(member).await? {
                return Err(StoreError::Reference);
            }
        }
        let hands = Hands { merge, kept, from };
        let dropped_tags = self.absorb_tags(hands).await?;
        self.absorb_rows(hands).await?;
        self.absorb_conversation(hands).await?;
        self.absorb_recipients(hands).await?;
        self.absorb_conversions(from, kept).await?;
        self.absorb_logs(hands).await?;
        self.absorb_pms(hands).await?;
        self.hand_over_told(from, kept).await?;
        self.hand_over_replies(from, kept).await?;
        MemberRepository::delete(self, from).await?;
        Ok(Absorbed { dropped_tags })
    }

    async fn restore(&mut self, id: MemberId, record: &MemberRecord) -> Result<(), StoreError> {
        self.insert_member_as(Some(id), record).await?;
        Ok(())
    }

    async fn give_back(
        &mut self,
        merge: MergeId,
        kept: MemberId,
        from: MemberId,
        dropped_tags: &[TaggedAt],
    ) -> Result<(), StoreError> {
        for member in [kept, from] {
            if !self.is_member(member).await? {
                return Err(StoreError::Reference);
            }
        }
        let hands = Hands { merge, kept, from };
        self.return_tags(hands, dropped_tags).await?;
        self.return_rows(hands).await?;
        self.part_conversation(hands).await?;
        self.return_logs(hands).await?;
        self.return_pms(hands).await?;
        self.return_conversions(from, kept).await?;
        sql("DELETE FROM member_merge_moves WHERE merge_id = ?")
            .bind(merge.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }

    async fn mark_undone(
        &mut self,
        id: MergeId,
        by: Option<UserId>,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let marked = sql(
            "UPDATE member_merges SET undone_by = ?, undone_at = ?, record = NULL \
             WHERE id = ? AND undone_at IS NULL",
        )
        .bind(by.map(UserId::get))
        .bind(at)
        .bind(id.get())
        .run(&self.tx)
        .await?;
        Ok(marked > 0)
    }

    async fn forget_member(&mut self, member: MemberId) -> Result<Vec<MemberId>, StoreError> {
        // Two looks: one condition with OR would use neither index.
        let columns = "SELECT id, kept_member_id, from_member_id, undone_at FROM member_merges";
        let rows: Vec<WentRow> = sql(format!(
            "{columns} WHERE kept_member_id = ? UNION {columns} WHERE from_member_id = ?"
        ))
        .bind(member.get())
        .bind(member.get())
        .all(&self.tx)
        .await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        self.forget_merges(&ids).await?;
        Ok(rows
            .into_iter()
            .filter(|row| row.kept_member_id == member.get() && row.undone_at.is_none())
            .map(|row| MemberId::new(row.from_member_id))
            .collect())
    }

    async fn forget_before(
        &mut self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let ids: Vec<i64> = sql(
            "SELECT id FROM member_merges WHERE merged_at < ? AND record IS NOT NULL \
             ORDER BY merged_at, id LIMIT ?",
        )
        .bind(before)
        .bind(limit)
        .ids(&self.tx)
        .await?;
        self.forget_merges(&ids).await?;
        Ok(ids.len() as u64)
    }
}
