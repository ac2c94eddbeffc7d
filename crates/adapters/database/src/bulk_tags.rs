//! Tags on many members by a few statements.

use crate::DatabaseTx;
use crate::dialect::marks;
use crate::member_list::selected;
use crate::sql::{Sql, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, StoreError, TagId};
use crm_tags::{Tag, TriggerSource};
use crm_workflows::{BulkTagRepository, BulkWhom};
use std::collections::BTreeSet;

impl DatabaseTx {
    /// `SELECT m.id …` of those it is about.
    fn whom(&self, whom: &BulkWhom) -> Sql {
        match whom {
            BulkWhom::Members(ids) => sql(format!(
                "SELECT m.id FROM members m WHERE m.id IN ({})",
                marks(ids.len())
            ))
            .bind_all(ids.iter().map(|id| id.get())),
            BulkWhom::Matching(filter) => selected(filter, self.is_mysql()),
        }
    }
}

#[async_trait]
impl BulkTagRepository for DatabaseTx {
    async fn missing_members(&mut self, members: &[MemberId]) -> Result<Vec<MemberId>, StoreError> {
        let whom = self.whom(&BulkWhom::Members(members.to_vec()));
        let known: Vec<MemberId> = whom.ids(&self.tx).await?;
        let known: BTreeSet<MemberId> = known.into_iter().collect();
        let wanted: BTreeSet<MemberId> = members.iter().copied().collect();
        Ok(wanted.difference(&known).copied().collect())
    }

    async fn count(&mut self, whom: &BulkWhom) -> Result<u64, StoreError> {
        let count = sql("SELECT COUNT(*) FROM (")
            .join(self.whom(whom))
            .then(") whom")
            .number(&self.tx)
            .await?;
        Ok(count.unsigned_abs())
    }

    async fn put_on(
        &mut self,
        whom: &BulkWhom,
        tag: &Tag,
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        const BARE: &str = ") whom WHERE NOT EXISTS (SELECT 1 FROM member_tag_relations r \
                            WHERE r.member_id = whom.id AND r.tag_id = ?)";
        let id = tag.id().get();
        // Whoever is erased or merged away at this moment is passed over.
        let insert = if self.is_mysql() {
            "INSERT IGNORE INTO"
        } else {
            "INSERT INTO"
        };
        let put_on = sql(format!(
            "{insert} member_tag_relations (member_id, tag_id, tagged_at) \
             SELECT whom.id, ?, ? FROM ("
        ))
        .bind(id)
        .bind(at)
        .join(self.whom(whom))
        .then(BARE)
        .bind(id)
        .run(&self.tx)
        .await?;
        if put_on == 0 {
            return Ok(0);
        }
        // A line for everybody who wears it since now, which is not asked by the filter again:
        // others may match it by now.
        sql(
            "INSERT INTO tag_trigger_logs (member_id, tag_id, tag_name, trigger_source, \
             triggered_at) SELECT r.member_id, r.tag_id, ?, ?, r.tagged_at \
             FROM member_tag_relations r WHERE r.tag_id = ? AND r.tagged_at = ? \
             AND NOT EXISTS (SELECT 1 FROM tag_trigger_logs l WHERE l.member_id = r.member_id \
             AND l.tag_id = r.tag_id AND l.triggered_at = r.tagged_at)",
        )
        .bind(tag.name().as_str())
        .bind(TriggerSource::Manual.as_str())
        .bind(id)
        .bind(at)
        .run(&self.tx)
        .await?;
        sql("UPDATE tags SET member_count = member_count + ? WHERE id = ?")
            .bind(i64::try_from(put_on).unwrap_or(i64::MAX))
            .bind(id)
            .run(&self.tx)
            .await?;
        Ok(put_on)
    }

    async fn take_off(&mut self, whom: &BulkWhom, tags: &[TagId]) -> Result<u64, StoreError> {
        let ids: BTreeSet<i64> = tags.iter().map(|tag| tag.get()).collect();
        let marks = marks(ids.len());
        // Whom it is about stands in a table of its own: MySQL does not read what it deletes from.
        let taken = sql(format!(
            "DELETE FROM member_tag_relations WHERE tag_id IN ({marks}) \
             AND member_id IN (SELECT id FROM ("
        ))
        .bind_all(ids.iter().copied())
        .join(self.whom(whom))
        .then(") whom)")
        .run(&self.tx)
        .await?;
        if taken == 0 {
            return Ok(0);
        }
        // Counted anew: a filter may match others than it did a statement ago.
        for id in ids {
            sql("UPDATE tags SET member_count = \
                 (SELECT COUNT(*) FROM member_tag_relations WHERE tag_id = ?) WHERE id = ?")
            .bind(id)
            .bind(id)
            .run(&self.tx)
            .await?;
        }
        Ok(taken)
    }
}
