use crate::tables::Tables;
use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use crm_kernel::{MemberId, StayId, StoreError};
use crm_members::{
    FriendChange, LineUid, Member, MemberRecord, MemberRepository, NewMember, NewStay, StayRow,
};

impl MemoryStore {
    /// Every member that was committed, by id.
    #[must_use]
    pub fn members(&self) -> Vec<Member> {
        self.read(|tables| {
            let members = tables.members.iter();
            members
                .map(|(id, record)| Member::from_stored(*id, record.clone()))
                .collect()
        })
    }

    /// A member as it was committed.
    #[must_use]
    pub fn member(&self, id: MemberId) -> Option<Member> {
        self.members().into_iter().find(|member| member.id() == id)
    }

    /// The stays of a member that were committed, by id.
    #[must_use]
    pub fn stays(&self, member: MemberId) -> Vec<StayRow> {
        self.read(|tables| {
            let stays = tables.stays.iter().filter(|(_, s)| s.member == member);
            stays.map(|(id, s)| s.clone().stored_as(*id)).collect()
        })
    }
}

impl Tables {
    pub(crate) fn check_member_keys(
        &self,
        record: &MemberRecord,
        except: Option<MemberId>,
    ) -> Result<(), StoreError> {
        for (id, other) in &self.members {
            if Some(*id) == except {
                continue;
            }
            let uid = |record: &MemberRecord| record.line.as_ref().map(|line| line.uid.clone());
            if record.line.is_some() && uid(record) == uid(other) {
                return Err(StoreError::Duplicate {
                    key: "member_line_uid",
                });
            }
            let index = |record: &MemberRecord| record.id_number.clone().map(|n| n.blind_index);
            if record.id_number.is_some() && index(record) == index(other) {
                return Err(StoreError::Duplicate {
                    key: "member_id_number",
                });
            }
        }
        Ok(())
    }
}

#[async_trait]
impl MemberRepository for MemoryTx {
    async fn insert(&mut self, new: &NewMember) -> Result<MemberId, StoreError> {
        self.tables.check_member_keys(new.record(), None)?;
        let id = self.tables.next_id();
        self.tables.members.insert(id, new.record().clone());
        Ok(id)
    }

    async fn find(&mut self, id: MemberId) -> Result<Option<Member>, StoreError> {
        let record = self.tables.members.get(&id).cloned();
        Ok(record.map(|record| Member::from_stored(id, record)))
    }

    async fn find_by_line_uid(&mut self, uid: &LineUid) -> Result<Option<Member>, StoreError> {
        let goes_by = |record: &MemberRecord| record.line.as_ref().is_some_and(|l| l.uid == *uid);
        let found = self.tables.members.iter().find(|(_, m)| goes_by(m));
        Ok(found.map(|(id, record)| Member::from_stored(*id, record.clone())))
    }

    async fn id_number_taken(
        &mut self,
        blind_indexes: &[String],
        except: Option<MemberId>,
    ) -> Result<bool, StoreError> {
        let others = self.tables.members.iter();
        Ok(others
            .filter(|(id, _)| Some(**id) != except)
            .filter_map(|(_, record)| record.id_number.as_ref())
            .any(|sealed| blind_indexes.contains(&sealed.blind_index)))
    }

    async fn update(&mut self, member: &Member) -> Result<(), StoreError> {
        let id = member.id();
        self.tables.check_member_keys(member.record(), Some(id))?;
        let row = self.tables.members.get_mut(&id);
        *row.ok_or(StoreError::Reference)? = member.record().clone();
        Ok(())
    }

    async fn note_friend(&mut self, id: MemberId, _: FriendChange) -> Result<(), StoreError> {
        let known = self.tables.members.contains_key(&id);
        known.then_some(()).ok_or(StoreError::Reference)
    }

    async fn delete(&mut self, id: MemberId) -> Result<bool, StoreError> {
        self.tables.worn.retain(|(member, _), _| *member != id);
        let brought = &mut self.tables.pms.brought;
        self.tables.stays.retain(|_, stay| {
            if stay.member == id {
                brought.remove(&stay.order_number);
            }
            stay.member != id
        });
        self.tables.delete_from_pms(id);
        self.tables.delete_messages_of(id);
        self.tables.told.retain(|event| event.member != Some(id));
        let replies = &mut self.tables.replies;
        replies.retain(|_, reply| reply.record.member != id);
        for recipient in &mut self.tables.recipients {
            recipient.member = recipient.member.filter(|member| *member != id);
        }
        Ok(self.tables.members.remove(&id).is_some())
    }

    async fn insert_stay(&mut self, new: &NewStay) -> Result<StayId, StoreError> {
        if !self.tables.members.contains_key(&new.member) {
            return Err(StoreError::Reference);
        }
        let mut others = self.tables.stays.values();
        if others.any(|other| other.order_number == new.order_number) {
            return Err(StoreError::Duplicate {
                key: "stay_order_number",
            });
        }
        let id = self.tables.next_id();
        self.tables.stays.insert(id, new.clone());
        Ok(id)
    }
}
