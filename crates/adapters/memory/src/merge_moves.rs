//! Rows that change hands when two members become one, and go back when they part.

use crate::tables::Tables;
use crm_kernel::{MemberId, MergeId, StoreError, TagId};
use crm_members::{Absorbed, MergeMove, TaggedAt};
use crm_tags::TriggerSource;
use std::collections::BTreeSet;

/// Where a row stands in a table that only grows, as an id.
fn row_id(place: usize) -> Result<i64, StoreError> {
    i64::try_from(place).map_err(|e| StoreError::Internal(Box::new(e)))
}

impl Tables {
    pub(crate) fn moves_of(&self, merge: MergeId) -> BTreeSet<(MergeMove, i64)> {
        let moves = self.merge_moves.iter().filter(|(m, ..)| *m == merge);
        moves.map(|(_, what, row)| (*what, *row)).collect()
    }

    pub(crate) fn forget_moves(&mut self, merge: MergeId) {
        self.merge_moves.retain(|(m, ..)| *m != merge);
    }

    fn note(&mut self, merge: MergeId, what: MergeMove, row: i64) {
        self.merge_moves.insert((merge, what, row));
    }

    pub(crate) fn absorb_tags(
        &mut self,
        merge: MergeId,
        kept: MemberId,
        from: MemberId,
    ) -> Absorbed {
        let worn = self.worn.clone().into_iter();
        let mut absorbed = Absorbed::default();
        for ((_, tag), at) in worn.filter(|((wearer, _), _)| *wearer == from) {
            self.worn.remove(&(from, tag));
            let is_worn = self.worn.contains_key(&(kept, tag));
            if is_worn {
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

    pub(crate) fn absorb_stays(&mut self, merge: MergeId, kept: MemberId, from: MemberId) {
        let stays = self
            .stays
            .iter_mut()
            .filter(|(_, stay)| stay.member == from);
        for (id, stay) in stays {
            stay.member = kept;
            self.merge_moves.insert((merge, MergeMove::Stay, id.get()));
        }
    }

    pub(crate) fn absorb_messages(&mut self, merge: MergeId, kept: MemberId, from: MemberId) {
        let messages = self.messages.iter_mut();
        for (id, message) in messages.filter(|(_, m)| m.record.member_id == from) {
            message.record.member_id = kept;
            let moved = (merge, MergeMove::Message, id.get());
            self.merge_moves.insert(moved);
        }
    }

    pub(crate) fn absorb_notes(&mut self, merge: MergeId, kept: MemberId, from: MemberId) {
        let notes = self.notes.iter_mut();
        for (id, note) in notes.filter(|(_, note)| note.new.member_id == from) {
            note.new.member_id = kept;
            self.merge_moves.insert((merge, MergeMove::Note, id.get()));
        }
    }

    pub(crate) fn absorb_recipients(
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

    pub(crate) fn absorb_logs(
        &mut self,
        merge: MergeId,
        kept: MemberId,
        from: MemberId,
    ) -> Result<(), StoreError> {
        let logs = self.trigger_logs.iter();
        let counted: Vec<_> = logs
            .filter(|log| log.member == kept && log.source != TriggerSource::Manual)
            .map(|log| (log.tag, log.campaign, log.message))
            .collect();
        for (place, log) in self.trigger_logs.iter_mut().enumerate() {
            let is_known = log.source != TriggerSource::Manual
                && counted.contains(&(log.tag, log.campaign, log.message));
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

    pub(crate) fn give_back_one(
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
            MergeMove::Message => {
                let message = self.messages.get_mut(&row.into());
                if let Some(message) = message.filter(|m| m.record.member_id == kept) {
                    message.record.member_id = from;
                }
            }
            MergeMove::Note => {
                let note = self.notes.get_mut(&row.into());
                if let Some(note) = note.filter(|note| note.new.member_id == kept) {
                    note.new.member_id = from;
                }
            }
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
            MergeMove::PmsGuest
            | MergeMove::PmsCandidate
            | MergeMove::PmsCandidateBoth
            | MergeMove::PmsDecision => self.give_back_pms((what, row), kept, from),
        }
    }
}
