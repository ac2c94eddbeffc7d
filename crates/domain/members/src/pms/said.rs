use super::PmsGuest;
use crate::{EditedField, Email, MemberRecord, Phone, SealedIdNumber};

/// The record with what the hotel's own system says (`docs/pms.md`, "Which value wins"): nothing
/// never replaces something, a field that staff changed since (or emptied) stays, and consent
/// can only be withdrawn. An id number that is there stays, as does a phone or an e-mail address
/// that is only written otherwise. Rows that are not newer than the one taken over last are not
/// to be brought here.
#[must_use]
pub fn said_by_pms(
    guest: &PmsGuest,
    sealed: Option<SealedIdNumber>,
    old: MemberRecord,
) -> MemberRecord {
    let is_newer = |field| old.edits.of(field).is_none_or(|at| at < guest.updated_at);
    let phone = guest.phone.clone().filter(|said| {
        let known = old.phone.as_ref().map(Phone::normalised);
        known != Some(said.normalised())
    });
    let email = guest.email.clone().filter(|said| {
        let known = old.email.as_ref().map(Email::compare_key);
        known != Some(said.compare_key())
    });
    let said = guest.clone();
    let last_name = said.last_name.filter(|_| is_newer(EditedField::LastName));
    let first_name = said.first_name.filter(|_| is_newer(EditedField::FirstName));
    let gender = said.gender.filter(|_| is_newer(EditedField::Gender));
    let birthday = said.birthday.filter(|_| is_newer(EditedField::Birthday));
    let email = email.filter(|_| is_newer(EditedField::Email));
    let phone = phone.filter(|_| is_newer(EditedField::Phone));
    let id_number = sealed.filter(|_| is_newer(EditedField::IdNumber));
    MemberRecord {
        last_name: last_name.or(old.last_name),
        first_name: first_name.or(old.first_name),
        gender: gender.or(old.gender),
        birthday: birthday.or(old.birthday),
        email: email.or(old.email),
        phone: phone.or(old.phone),
        id_number: old.id_number.or(id_number),
        accept_marketing: old.accept_marketing && said.accepts_marketing.unwrap_or(true),
        ..old
    }
}
