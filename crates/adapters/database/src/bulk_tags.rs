//! Tags on many members by a few statements.

use crate::DatabaseTx;
use crate::dialect::{for_update, marks};
use crate::member_list_statements::selected;
use crate::sql::{Sql, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, StoreError, TagId};
use crm_members::MemberFilter;
use crm_tags::{Tag, TriggerSource};
use crm_workflows::{BulkPart, BulkTagRepository};
use sea_orm::FromQueryResult;

/// Members named in one statement.
const NAMED: usize = 1_000;

/// The ids after the last part.
#[derive(FromQueryResult)]
struct Ids {
    first: Option<i64>,
    last: Option<i64>,
}

/// `text (…members) AND NOT EXISTS (they wear the tag)`.
fn bare(text: Sql, members: &[MemberId], tag: i64) -> Sql {
    named(text, members)
        .then(
            " AND NOT EXISTS (SELECT 1 FROM member_tag_relations r \
             WHERE r.member_id = m.id AND r.tag_id = ?)",
        )
        .bind(tag)
}

/// `text (…members)`.
fn named(text: Sql, members: &[MemberId]) -> Sql {
    text.then(&format!(" ({})", marks(members.len())))
        .bind_all(members.iter().map(|id| id.get()))
}

impl DatabaseTx {
    /// Moves the kept number of a tag's wearers.
    pub(crate) async fn count_wearers(
        &mut self,
        tag: i64,
        change: &str,
        n: u64,
    ) -> Result<(), StoreError> {
        if n > 0 {
            sql(format!(
                "UPDATE tags SET member_count = member_count {change} ? WHERE id = ?"
            ))
            .bind(i64::try_from(n).unwrap_or(i64::MAX))
            .bind(tag)
            .run(&self.tx)
            .await?;
        }
        Ok(())
    }
}

#[async_trait]
impl BulkTagRepository for DatabaseTx {
    async fn lock_members(&mut self, members: &[MemberId]) -> Result<Vec<MemberId>, StoreError> {
        let mut wanted = members.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let mut locked = Vec::with_capacity(wanted.len());
        for some in wanted.chunks(NAMED) {
            let some: Vec<MemberId> = named(sql("SELECT m.id FROM members m WHERE m.id IN"), some)
                .then(" ORDER BY m.id")
                .then(for_update(self.backend()))
                .ids(&self.tx)
                .await?;
            locked.extend(some);
        }
        Ok(locked)
    }

    async fn next_part(
        &mut self,
        filter: &MemberFilter,
        after: MemberId,
        ids: u32,
    ) -> Result<BulkPart, StoreError> {
        let rest: Option<Ids> = sql(
            "SELECT (SELECT MIN(id) FROM members WHERE id > ?) AS first, \
             (SELECT MAX(id) FROM members) AS last",
        )
        .bind(after.get())
        .one(&self.tx)
        .await?;
        let Some((first, last)) = rest.and_then(|rest| rest.first.zip(rest.last)) else {
            return Ok(BulkPart::default());
        };
        let until = first.saturating_add(i64::from(ids) - 1);
        let members = selected(filter, self.is_mysql())
            .then(" AND m.id BETWEEN ? AND ? ORDER BY m.id")
            .bind(first)
            .bind(until)
            .ids(&self.tx)
            .await?;
        Ok(BulkPart {
            members,
            until: (until < last).then(|| MemberId::new(until)),
        })
    }

    async fn put_on(
        &mut self,
        members: &[MemberId],
        tag: &Tag,
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let id = tag.id().get();
        let mut put_on = 0;
        for some in members.chunks(NAMED) {
            // The log first: afterwards everybody wears it.
            let log = sql(
                "INSERT INTO tag_trigger_logs (member_id, tag_id, tag_name, trigger_source, \
                 triggered_at) SELECT m.id, ?, ?, ?, ? FROM members m WHERE m.id IN",
            )
            .bind(id)
            .bind(tag.name().as_str())
            .bind(TriggerSource::Manual.as_str())
            .bind(at);
            if bare(log, some, id).run(&self.tx).await? == 0 {
                continue;
            }
            let wear = sql(
                "INSERT INTO member_tag_relations (member_id, tag_id, tagged_at) \
                 SELECT m.id, ?, ? FROM members m WHERE m.id IN",
            )
            .bind(id)
            .bind(at);
            put_on += bare(wear, some, id).run(&self.tx).await?;
        }
        self.count_wearers(id, "+", put_on).await?;
        Ok(put_on)
    }

    async fn take_off(&mut self, members: &[MemberId], tag: TagId) -> Result<u64, StoreError> {
        let mut taken = 0;
        for some in members.chunks(NAMED) {
            let take_off =
                sql("DELETE FROM member_tag_relations WHERE tag_id = ? AND member_id IN")
                    .bind(tag.get());
            taken += named(take_off, some).run(&self.tx).await?;
        }
        self.count_wearers(tag.get(), "-", taken).await?;
        Ok(taken)
    }
}
