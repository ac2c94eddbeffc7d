use crate::tables::Tables;
use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, MergeId, StoreError, TagId, UserId};
use crm_members::{Absorbed, MemberRecord, Merge, MergeMove, MergeRepository, NewMerge, TaggedAt};
use crm_tags::TriggerSource;
use std::collections::BTreeSet;

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

/// Where a row stands in a table that only grows, as an id.
fn row_id(place: usize) -> Result<i64, StoreError> {
    i64::try_from(place).map_err(|e| StoreError::Internal(Box::new(e)))
}

impl Tables {
    fn moves_of(&self, merge: MergeId) -> BTreeSet<(MergeMove, i64)> {
        let moves = self.merge_moves.iter().filter(|(m, ..)| *m == merge);
        moves.map(|(_, what, row)| (*what, *row)).collect()
    }

    fn forget_moves(&mut self, merge: MergeId) {
        self.merge_moves.retain(|(m, ..)| *m != merge);
    }

    fn note(&mut self, merge: MergeId, what: MergeMove, row: i64) {
        self.merge_moves.insert((merge, what, row));
    }

    fn absorb_tags(&mut self, merge: MergeId, kept: MemberId, from: MemberId) -> Absorbed {
        let worn = self.worn.clone().into_iter();
        let mut absorbed = Absorbed::default();
        for ((_, tag), at) in worn.filter(|((wearer, _), _)| *wearer == from) {
            self.worn.remove(&(from, tag));
            if self.worn.contains_key(&(kept, tag)) {
                self.count_wearers(tag, -1);
                self.note(merge, MergeMove::TagDropped, tag.get());
                absorbed.dropped_tags.push(TaggedAt { tag, at });
            } else {
                self.worn.insert((kept, tag), at);
                self.note(merge, MergeMove::Tag, tag.get());
            }
        }
        absorbed
    }

    fn absorb_stays(&mut self, merge: MergeId, kept: MemberId, from: MemberId) {
        let stays = self
            .stays
            .iter_mut()
            .filter(|(_, stay)| stay.member == from);
        for (id, stay) in stays {
            stay.member = kept;
            self.merge_moves.insert((merge, MergeMove::Stay, id.get()));
        }
    }

    fn absorb_recipients(
        &mut self,
        merge: MergeId,
        kept: MemberId,
        from: MemberId,
    ) -> Result<(), StoreError> {
        let kept_in: BTreeSet<_> = self
            .recipients
            .iter()
            .filter(|row| row.member == Some(kept))
            .map(|row| row.campaign)
            .collect();
        for (place, row) in self.recipients.iter_mut().enumerate() {
            if row.member != Some(from) {
                continue;
            }
            let (member, what) = if kept_in.contains(&row.campaign) {
                (None, MergeMove::RecipientLeft)
            } else {
                (Some(kept), MergeMove::Recipient)
            };
            row.member = member;
            self.merge_moves.insert((merge, what, row_id(place)?));
        }
        Ok(())
    }

    fn absorb_logs(
        &mut self,
        merge: MergeId,
        kept: MemberId,
        from: MemberId,
    ) -> Result<(), StoreError> {
        let logs = self.trigger_logs.iter();
        let counted: Vec<_> = logs
            .filter(|log| log.member == kept && log.source != TriggerSource::Manual)
            .map(|log| (log.tag, log.campaign))
            .collect();
        for (place, log) in self.trigger_logs.iter_mut().enumerate() {
            let is_known =
                log.source != TriggerSource::Manual && counted.contains(&(log.tag, log.campaign));
            if log.member == from && !is_known {
                log.member = kept;
                let moved = (merge, MergeMove::TriggerLog, row_id(place)?);
                self.merge_moves.insert(moved);
            }
        }
        Ok(())
    }

    fn count_wearers(&mut self, tag: TagId, delta: i64) {
        if let Some(tag) = self.tags.get_mut(&tag) {
            tag.member_count = tag.member_count.checked_add_signed(delta).unwrap_or(0);
        }
    }

    fn give_back_one(
        &mut self,
        (what, row): (MergeMove, i64),
        kept: MemberId,
        from: MemberId,
        dropped: &[TaggedAt],
    ) {
        let place = usize::try_from(row).unwrap_or(usize::MAX);
        match what {
            MergeMove::Tag => {
                if let Some(at) = self.worn.remove(&(kept, row.into())) {
                    self.worn.insert((from, row.into()), at);
                }
            }
            MergeMove::TagDropped => {
                let own = dropped.iter().find(|tagged| tagged.tag == row.into());
                if let Some(TaggedAt { tag, at }) = own
                    && self.worn.contains_key(&(kept, *tag))
                {
                    self.worn.insert((from, *tag), *at);
                    self.count_wearers(*tag, 1);
                }
            }
            MergeMove::Stay => {
                let stay = self.stays.get_mut(&row.into());
                if let Some(stay) = stay.filter(|stay| stay.member == kept) {
                    stay.member = from;
                }
            }
            MergeMove::Message => {}
            MergeMove::Recipient | MergeMove::RecipientLeft => {
                let held = (what == MergeMove::Recipient).then_some(kept);
                let recipient = self.recipients.get_mut(place);
                if let Some(recipient) = recipient.filter(|r| r.member == held) {
                    recipient.member = Some(from);
                }
            }
            MergeMove::TriggerLog => {
                let log = self.trigger_logs.get_mut(place);
                if let Some(log) = log.filter(|log| log.member == kept) {
                    log.member = from;
                }
            }
        }
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

    async fn keep_record(&mut self, id: MergeId, record: &str) -> Result<(), StoreError> {
        let merge = self.tables.merges.get_mut(&id);
        merge.ok_or(StoreError::Reference)?.record = Some(record.to_owned());
        Ok(())
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
        tables.absorb_recipients(merge, kept, from)?;
        tables.absorb_logs(merge, kept, from)?;
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
