use super::PmsGuest;
use crate::{MemberRecord, SealedIdNumber};

/// The record with what the hotel's own system says (`docs/pms.md`, "Which value wins"): nothing never replaces something, and
/// consent can only be withdrawn. An id number that is there stays. Rows that are not newer than
/// the one taken over last are not to be brought here.
#[must_use]
pub fn said_by_pms(
    guest: &PmsGuest,
    sealed: Option<SealedIdNumber>,
    old: MemberRecord,
) -> MemberRecord {
    let said = guest.clone();
    MemberRecord {
        first_name: said.first_name.or(old.first_name),
        last_name: said.last_name.or(old.last_name),
        gender: said.gender.or(old.gender),
        birthday: said.birthday.or(old.birthday),
        email: said.email.or(old.email),
        phone: said.phone.or(old.phone),
        id_number: old.id_number.or(sealed),
        accept_marketing: old.accept_marketing && said.accepts_marketing.unwrap_or(true),
        ..old
    }
}
