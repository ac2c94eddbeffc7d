//! Many tags on many members, by a few statements.

use crate::DatabaseTx;
use crate::dialect::{marks, rounded};
use crate::sql::sql;
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, StoreError, TagId};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

/// Members named in one statement.
const NAMED: usize = 1_000;

#[derive(FromQueryResult)]
struct Pair {
    member_id: i64,
    tag_id: i64,
}

/// The members of each tag, in the order of both.
fn by_tag(pairs: &[(MemberId, TagId)]) -> BTreeMap<TagId, Vec<i64>> {
    let mut by_tag: BTreeMap<TagId, Vec<i64>> = BTreeMap::new();
    for (member, tag) in pairs {
        by_tag.entry(*tag).or_default().push(member.get());
    }
    for members in by_tag.values_mut() {
        members.sort_unstable();
    }
    by_tag
}

impl DatabaseTx {
    pub(crate) async fn pairs_worn(
        &mut self,
        members: &[MemberId],
        tags: &[TagId],
    ) -> Result<Vec<(MemberId, TagId)>, StoreError> {
        let mut worn = Vec::new();
        if tags.is_empty() {
            return Ok(worn);
        }
        for some in members.chunks(NAMED) {
            let (some, tags) = (rounded(some), rounded(tags));
            let rows: Vec<Pair> = sql(format!(
                "SELECT member_id, tag_id FROM member_tag_relations \
                 WHERE member_id IN ({}) AND tag_id IN ({})",
                marks(some.len()),
                marks(tags.len())
            ))
            .bind_all(some.iter().map(|id| id.get()))
            .bind_all(tags.iter().map(|id| id.get()))
            .all(&self.tx)
            .await?;
            let rows = rows.into_iter();
            worn.extend(rows.map(|row| (MemberId::new(row.member_id), TagId::new(row.tag_id))));
        }
        worn.sort_unstable();
        Ok(worn)
    }

    pub(crate) async fn wear_pairs(
        &mut self,
        pairs: &[(MemberId, TagId)],
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let mut all = 0;
        for (tag, members) in by_tag(pairs) {
            let mut put_on = 0;
            for some in members.chunks(NAMED).map(rounded) {
                put_on += sql(format!(
                    "INSERT INTO member_tag_relations (member_id, tag_id, tagged_at) \
                     SELECT m.id, ?, ? FROM members m WHERE m.id IN ({}) AND NOT EXISTS \
                     (SELECT 1 FROM member_tag_relations r WHERE r.member_id = m.id AND r.tag_id = ?)",
                    marks(some.len())
                ))
                .bind(tag.get())
                .bind(at)
                .bind_all(some.iter().copied())
                .bind(tag.get())
                .run(&self.tx)
                .await?;
            }
            self.count_wearers(tag.get(), "+", put_on).await?;
            all += put_on;
        }
        Ok(all)
    }

    pub(crate) async fn take_off_pairs(
        &mut self,
        pairs: &[(MemberId, TagId)],
    ) -> Result<u64, StoreError> {
        let mut all = 0;
        for (tag, members) in by_tag(pairs) {
            let mut taken = 0;
            for some in members.chunks(NAMED).map(rounded) {
                taken += sql(format!(
                    "DELETE FROM member_tag_relations WHERE tag_id = ? AND member_id IN ({})",
                    marks(some.len())
                ))
                .bind(tag.get())
                .bind_all(some.iter().copied())
                .run(&self.tx)
                .await?;
            }
            self.count_wearers(tag.get(), "-", taken).await?;
            all += taken;
        }
        Ok(all)
    }
}
