use super::super::{GuestKeys, Match, match_guest};
use super::super::{GuestLink, PmsGuest};
use crate::{CandidateKeys, IdNumberVault, Member, MemberRecord, NewMember, Phone};
use crm_kernel::MemberId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The members that rows of a page may be about, as they are after the rows so far. Those who are
/// new have provisional ids below zero until they are stored.
#[derive(Default)]
pub(super) struct Known {
    members: HashMap<MemberId, Member>,
    stored: HashMap<MemberId, MemberRecord>,
    by_index: HashMap<String, Vec<MemberId>>,
    by_phone: HashMap<String, Vec<MemberId>>,
    new: BTreeMap<usize, MemberId>,
}

impl Known {
    /// Takes in a member as it is stored.
    pub(super) fn stored(&mut self, member: Member) {
        if self.stored.contains_key(&member.id()) {
            return;
        }
        self.stored.insert(member.id(), member.record().clone());
        self.put(member);
    }

    /// Somebody new; answers the provisional id.
    pub(super) fn born(&mut self, record: MemberRecord) -> MemberId {
        let place = self.new.len();
        let id = MemberId::new(-1 - i64::try_from(place).unwrap_or(i64::MAX - 1));
        self.new.insert(place, id);
        self.put(NewMember::new(record).stored_as(id));
        id
    }

    /// The member as it is after the rows so far.
    pub(super) fn get(&self, id: MemberId) -> Option<&Member> {
        self.members.get(&id)
    }

    /// Takes in a change.
    pub(super) fn put(&mut self, member: Member) {
        let (id, record) = (member.id(), member.record());
        if let Some(number) = &record.id_number {
            add(&mut self.by_index, &number.blind_index, id);
        }
        if let Some(phone) = &record.phone {
            add(&mut self.by_phone, &phone.normalised(), id);
        }
        self.members.insert(id, member);
    }

    /// Whose a guest's row is.
    pub(super) fn find(&self, keys: &GuestKeys, link: Option<&GuestLink>) -> Match {
        let linked = link.and_then(|link| link.member);
        let by_index = keys.id_indexes.iter().filter_map(|i| self.by_index.get(i));
        let by_phone = keys.phone.iter().filter_map(|p| self.by_phone.get(p));
        let ids: BTreeSet<MemberId> = by_index
            .chain(by_phone)
            .flatten()
            .copied()
            .chain(linked)
            .collect();
        let members: Vec<&Member> = ids.iter().filter_map(|id| self.members.get(id)).collect();
        match_guest(keys, link, &members)
    }

    /// Whether somebody else has the guest's id number.
    pub(super) fn number_taken(&self, indexes: &[String], except: Option<MemberId>) -> bool {
        let holders = indexes
            .iter()
            .filter_map(|i| self.by_index.get(i))
            .flatten();
        holders.filter_map(|id| self.members.get(id)).any(|member| {
            let number = member.record().id_number.as_ref();
            Some(member.id()) != except && number.is_some_and(|n| indexes.contains(&n.blind_index))
        })
    }

    /// Those who are new, in the order in which they came.
    pub(super) fn newcomers(&self) -> Vec<NewMember> {
        let new = self.new.values().filter_map(|id| self.members.get(id));
        new.map(|member| NewMember::new(member.record().clone()))
            .collect()
    }

    /// Their provisional ids, in the same order.
    pub(super) fn newcomer_ids(&self) -> Vec<MemberId> {
        self.new.values().copied().collect()
    }

    /// Those who were stored and are changed, with what they were, in the order of their ids.
    pub(super) fn changed(&self) -> Vec<(MemberRecord, Member)> {
        let mut changed: Vec<(MemberRecord, Member)> = self
            .stored
            .iter()
            .filter_map(|(id, old)| Some((old, self.members.get(id)?)))
            .filter(|(old, member)| *old != member.record())
            .map(|(old, member)| (old.clone(), member.clone()))
            .collect();
        changed.sort_unstable_by_key(|(_, member)| member.id());
        changed
    }
}

fn add(map: &mut HashMap<String, Vec<MemberId>>, key: &str, id: MemberId) {
    let ids = map.entry(key.to_owned()).or_default();
    if !ids.contains(&id) {
        ids.push(id);
    }
}

/// By what the members of some guests can be known.
pub(super) fn keys_of(guests: &[&PmsGuest], vault: &dyn IdNumberVault) -> CandidateKeys {
    let mut keys = CandidateKeys::default();
    for guest in guests {
        let number = guest.id_number.as_ref();
        keys.id_indexes
            .extend(number.into_iter().flat_map(|n| vault.blind_indexes(n)));
        keys.phones
            .extend(guest.phone.as_ref().map(Phone::normalised));
    }
    keys.id_indexes.sort_unstable();
    keys.id_indexes.dedup();
    keys.phones.sort_unstable();
    keys.phones.dedup();
    keys
}
