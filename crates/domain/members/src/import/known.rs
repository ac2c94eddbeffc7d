use super::row::ImportRow;
use crate::{Member, MemberRecord, PersonName};
use crm_kernel::MemberId;
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

/// Members whom rows may be about, found by what rows say.
#[derive(Default)]
pub(super) struct Known {
    members: Vec<Member>,
    by_id: HashMap<MemberId, usize>,
    by_id_index: HashMap<String, usize>,
    by_contact: HashMap<String, Vec<usize>>,
    /// Rows from which this comes.
    pub(super) rows: u64,
}

/// Whom a row is about.
pub(super) enum Match {
    /// This member, who is at this place.
    One(usize),
    /// Nobody known.
    Nobody,
    /// Several could be meant.
    Ambiguous,
}

impl Known {
    /// Adds a member, or what changed of one who is known.
    pub(super) fn put(&mut self, member: Member) {
        let next = self.members.len();
        let place = *self.by_id.entry(member.id()).or_insert(next);
        let record = member.record();
        if let Some(sealed) = &record.id_number {
            self.by_id_index.insert(sealed.blind_index.clone(), place);
        }
        for key in contacts_of(record) {
            let places = self.by_contact.entry(key).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        }
        match self.members.get_mut(place) {
            Some(old) => *old = member,
            None => self.members.push(member),
        }
    }

    /// Adds a member as stored, unless a row of a rehearsal has changed them already.
    pub(super) fn put_stored(&mut self, member: Member) {
        if !self.by_id.contains_key(&member.id()) {
            self.put(member);
        }
    }

    pub(super) fn at(&self, place: usize) -> Option<&Member> {
        self.members.get(place)
    }

    /// The member with the row's id number; else the only one with its phone or e-mail and its
    /// very name. Whoever has another id number is somebody else.
    pub(super) fn find(&self, row: &ImportRow, id_indexes: &[String]) -> Match {
        let by_number = id_indexes.iter().find_map(|i| self.by_id_index.get(i));
        let by_number = by_number.filter(|place| {
            let sealed = self.members.get(**place).map(|m| &m.record().id_number);
            matches!(sealed, Some(Some(sealed)) if id_indexes.contains(&sealed.blind_index))
        });
        if let Some(place) = by_number {
            return Match::One(*place);
        }
        let contacts = contact_keys(row);
        let mut found: Vec<usize> = contacts
            .iter()
            .filter_map(|key| self.by_contact.get(key))
            .flatten()
            .copied()
            .filter(|place| {
                self.members
                    .get(*place)
                    .is_some_and(|member| is_same(row, &contacts, member.record()))
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        match found[..] {
            [] => Match::Nobody,
            [one] => Match::One(one),
            _ => Match::Ambiguous,
        }
    }
}

fn is_same(row: &ImportRow, contacts: &[String], record: &MemberRecord) -> bool {
    (row.id_number.is_none() || record.id_number.is_none())
        && contacts_of(record).iter().any(|key| contacts.contains(key))
        && name_key(row.last_name.as_ref(), row.first_name.as_ref())
            == name_key(record.last_name.as_ref(), record.first_name.as_ref())
}

fn contact_keys(row: &ImportRow) -> Vec<String> {
    let phone = row.phone.as_ref().map(|p| phone_key(&p.normalised()));
    let email = row.email.as_ref().map(|e| email_key(&e.compare_key()));
    phone.into_iter().chain(email).collect()
}

fn contacts_of(record: &MemberRecord) -> Vec<String> {
    let phone = record.phone.as_ref().map(|p| phone_key(&p.normalised()));
    let email = record.email.as_ref().map(|e| email_key(&e.compare_key()));
    phone.into_iter().chain(email).collect()
}

fn phone_key(normalised: &str) -> String {
    format!("phone {normalised}")
}

fn email_key(compared: &str) -> String {
    format!("email {compared}")
}

/// Both names in one: where the first ends and the last begins is often guessed.
fn name_key(last: Option<&PersonName>, first: Option<&PersonName>) -> String {
    let both = [last, first].into_iter().flatten();
    both.flat_map(|name| name.as_str().nfkc())
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace())
        .collect()
}
