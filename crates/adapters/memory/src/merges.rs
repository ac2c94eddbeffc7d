use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_campaigns::{BatchState, RecipientStatus};
use crm_kernel::{CampaignId, MemberId, MergeId, StoreError, UserId};
use crm_members::{Absorbed, MemberRecord, Merge, MergeMove, MergeRepository, NewMerge, TaggedAt};
use std::collections::BTreeMap;

impl MemoryStore {
    /// A merge as it was committed.
    #[must_use]
    pub fn merge(&self, id: MergeId) -> Option<Merge> {
        self.read(|tables| tables.merges.get(&id).cloned())
    }

    /// The rows that a merge moved and that were not given back.
    #[must_use]
    pub fn merge_moves(&self, id: MergeId) -> Vec<(MergeMove, i64)> {
        self.read(|tables| tables.moves_of(id).into_iter().collect())
    }
}

#[async_trait]
impl MergeRepository for MemoryTx {
    async fn insert(&mut self, new: &NewMerge) -> Result<MergeId, StoreError> {
        let id = self.tables.next_id();
        let merge = Merge {
            id,
            new: new.clone(),
            record: None,
            undone_at: None,
        };
        self.tables.merges.insert(id, merge);
        Ok(id)
    }

    async fn find(&mut self, id: MergeId) -> Result<Option<Merge>, StoreError> {
        Ok(self.tables.merges.get(&id).cloned())
    }

    async fn campaign_under_way(
        &mut self,
        members: &[MemberId],
    ) -> Result<Option<CampaignId>, StoreError> {
        let tables = &self.tables;
        let begun = |campaign, number| {
            tables.batches.values().any(|batch| {
                (batch.campaign_id, Some(batch.number)) == (campaign, number)
                    && batch.state == BatchState::Sending
            })
        };
        let rows = tables.recipients.iter().filter(|row| {
            row.member.is_some_and(|member| members.contains(&member))
                && row.status == RecipientStatus::Pending
                && begun(row.campaign, row.batch_number)
        });
        Ok(rows.map(|row| row.campaign).min())
    }

    async fn became(&mut self, member: MemberId) -> Result<Option<MemberId>, StoreError> {
        let merges = self.tables.merges.values().rev();
        let mut open = merges.filter(|merge| merge.undone_at.is_none());
        Ok(open
            .find(|merge| merge.new.from == member)
            .map(|merge| merge.new.kept))
    }

    async fn last_into(&mut self, kept: MemberId) -> Result<Option<MergeId>, StoreError> {
        let merges = self.tables.merges.values().rev();
        let mut open = merges.filter(|merge| merge.undone_at.is_none());
        Ok(open
            .find(|merge| merge.new.kept == kept)
            .map(|merge| merge.id))
    }

    async fn keep_record(&mut self, id: MergeId, record: &str) -> Result<(), StoreError> {
        let merge = self.tables.merges.get_mut(&id);
        merge.ok_or(StoreError::Reference)?.record = Some(record.to_owned());
        Ok(())
    }

    async fn count_moves(&mut self, id: MergeId) -> Result<BTreeMap<MergeMove, u64>, StoreError> {
        let mut counts = BTreeMap::new();
        for (merge, what, _) in &self.tables.merge_moves {
            if *merge == id {
                *counts.entry(*what).or_default() += 1;
            }
        }
        Ok(counts)
    }

    async fn absorb(
        &mut self,
        merge: MergeId,
        kept: MemberId,
        from: MemberId,
    ) -> Result<Absorbed, StoreError> {
        let tables = &mut self.tables;
        let both = [kept, from].map(|id| tables.members.contains_key(&id));
        if !tables.merges.contains_key(&merge) || both != [true, true] {
            return Err(StoreError::Reference);
        }
        let absorbed = tables.absorb_tags(merge, kept, from);
        tables.absorb_stays(merge, kept, from);
        tables.absorb_messages(merge, kept, from);
        tables.absorb_notes(merge, kept, from);
        tables.absorb_recipients(merge, kept, from)?;
        tables.absorb_logs(merge, kept, from)?;
        tables.absorb_pms(merge, kept, from);
        for event in tables.told.iter_mut().filter(|e| e.member == Some(from)) {
            event.member = Some(kept);
        }
        for reply in tables.replies.values_mut() {
            if reply.record.member == from {
                reply.record.member = kept;
            }
        }
        tables.share_conversation(from, kept);
        tables.forget_conversation(from);
        tables.members.remove(&from);
        Ok(absorbed)
    }

    async fn restore(&mut self, id: MemberId, record: &MemberRecord) -> Result<(), StoreError> {
        self.tables.check_member_keys(record, Some(id))?;
        self.tables.members.insert(id, record.clone());
        Ok(())
    }

    async fn give_back(
        &mut self,
        merge: MergeId,
        kept: MemberId,
        from: MemberId,
        dropped_tags: &[TaggedAt],
    ) -> Result<(), StoreError> {
        let tables = &mut self.tables;
        let both = [kept, from].map(|id| tables.members.contains_key(&id));
        if both != [true, true] {
            return Err(StoreError::Reference);
        }
        for moved in tables.moves_of(merge) {
            tables.give_back_one(moved, kept, from, dropped_tags);
        }
        tables.part_followers([kept, from]);
        tables.share_conversation(kept, from);
        tables.forget_moves(merge);
        Ok(())
    }

    async fn mark_undone(
        &mut self,
        id: MergeId,
        _by: Option<UserId>,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let merge = self.tables.merges.get_mut(&id);
        let open = merge.filter(|merge| merge.undone_at.is_none());
        Ok(open
            .map(|merge| {
                merge.undone_at = Some(at);
                merge.record = None;
            })
            .is_some())
    }

    async fn forget_member(&mut self, member: MemberId) -> Result<Vec<MemberId>, StoreError> {
        let tables = &mut self.tables;
        let mut went = Vec::new();
        let mut concerned = Vec::new();
        for merge in tables.merges.values_mut() {
            if merge.new.kept != member && merge.new.from != member {
                continue;
            }
            merge.record = None;
            concerned.push(merge.id);
            if merge.new.kept == member && merge.undone_at.is_none() {
                went.push(merge.new.from);
            }
        }
        for merge in concerned {
            tables.forget_moves(merge);
        }
        Ok(went)
    }

    async fn forget_before(
        &mut self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let tables = &mut self.tables;
        let merges = tables.merges.values_mut();
        let mut old: Vec<&mut Merge> = merges
            .filter(|merge| merge.record.is_some() && merge.new.merged_at < before)
            .collect();
        old.sort_by_key(|merge| (merge.new.merged_at, merge.id));
        old.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let mut ids = Vec::new();
        for merge in old {
            merge.record = None;
            ids.push(merge.id);
        }
        for id in &ids {
            tables.forget_moves(*id);
        }
        Ok(ids.len() as u64)
    }
}
