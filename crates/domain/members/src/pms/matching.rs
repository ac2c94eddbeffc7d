use super::{GuestLink, LinkState, PmsGuest};
use crate::{IdNumberVault, Member, MemberRecord, PersonName, Phone};
use crm_kernel::MemberId;
use unicode_normalization::UnicodeNormalization;

/// Why a person must say whose a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReviewReason {
    /// The guest is linked to a member who has another id number.
    IdNumberDiffers,
    /// The guest is linked to one member and has the id number of another.
    IdNumberOfAnother,
    /// Several members have the phone.
    SeveralMembers,
    /// The one member with the phone has another id number.
    OtherIdNumber,
    /// The one member with the phone has another name.
    OtherName,
}

impl ReviewReason {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::IdNumberDiffers,
        Self::IdNumberOfAnother,
        Self::SeveralMembers,
        Self::OtherIdNumber,
        Self::OtherName,
    ];

    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdNumberDiffers => "id_number_differs",
            Self::IdNumberOfAnother => "id_number_of_another_member",
            Self::SeveralMembers => "several_members",
            Self::OtherIdNumber => "other_id_number",
            Self::OtherName => "other_name",
        }
    }
}

/// By what a guest may be known, in the forms that are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestKeys {
    /// Every index their id number may be stored under; empty without a number.
    pub id_indexes: Vec<String>,
    /// The phone, normalised.
    pub phone: Option<String>,
    /// Whether a name is known.
    pub has_name: bool,
    /// Whether the other system has a key for them.
    pub has_code: bool,
    name: [String; 2],
}

impl GuestKeys {
    /// The keys of a guest.
    #[must_use]
    pub fn of(guest: &PmsGuest, vault: &dyn IdNumberVault) -> Self {
        let number = guest.id_number.as_ref();
        let name = both_orders(guest.last_name.as_ref(), guest.first_name.as_ref());
        Self {
            id_indexes: number.map_or_else(Vec::new, |n| vault.blind_indexes(n)),
            phone: guest.phone.as_ref().and_then(phone_key),
            has_name: !name[0].is_empty(),
            has_code: guest.code.is_some(),
            name,
        }
    }
}

/// Whose a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// This member's.
    Member(MemberId),
    /// Somebody's who is no member yet.
    New,
    /// Nobody can tell by the row: no id number, no phone, and not both a key and a name.
    Nobody,
    /// Nobody's, and nobody is asked: passed over for good, or the member was erased.
    PassedOver,
    /// A person must say; these are who it may be.
    Review(ReviewReason, Vec<MemberId>),
}

/// Whose a guest's row is (`docs/pms.md`, "Whose a row is"). `link` is what became of the guest before;
/// `known` holds at least the linked member and all who have the id number or the phone, and
/// of them also those whom earlier rows of the same page made or changed.
///
/// Never a guess: e-mail and name alone are no keys, and what contradicts is asked.
#[must_use]
pub fn match_guest(keys: &GuestKeys, link: Option<&GuestLink>, known: &[&Member]) -> Match {
    if link.is_some_and(GuestLink::is_passed_over) {
        return Match::PassedOver;
    }
    let by_number = known.iter().find(|m| has_number(m.record(), keys));
    // A guest under review whose member was known is still to be measured by that member.
    let linked = link.filter(|link| matches!(link.state, LinkState::Linked | LinkState::Review));
    let member = linked.and_then(|link| known.iter().find(|m| Some(m.id()) == link.member));
    if let (Some(link), Some(member)) = (linked, member) {
        return match_linked(keys, link, member, by_number.copied());
    }
    if let Some(member) = by_number {
        return Match::Member(member.id());
    }
    let same_phone: Vec<&&Member> = known
        .iter()
        .filter(|m| keys.phone.is_some() && phone_of(m.record()) == keys.phone)
        .collect();
    match same_phone[..] {
        [] if !keys.id_indexes.is_empty() || keys.phone.is_some() => Match::New,
        [] if keys.has_code && keys.has_name => Match::New,
        [] => Match::Nobody,
        [one] if numbers_differ(one.record(), keys) => {
            Match::Review(ReviewReason::OtherIdNumber, vec![one.id()])
        }
        [one] if names_differ(one.record(), keys) => {
            Match::Review(ReviewReason::OtherName, vec![one.id()])
        }
        [one] => Match::Member(one.id()),
        ref several => Match::Review(
            ReviewReason::SeveralMembers,
            sorted(several.iter().map(|m| m.id())),
        ),
    }
}

/// Whose the row of a guest is whose member is known: theirs, unless the id numbers contradict
/// and no person has spoken.
fn match_linked(
    keys: &GuestKeys,
    link: &GuestLink,
    member: &Member,
    by_number: Option<&Member>,
) -> Match {
    let id = member.id();
    match by_number.filter(|other| other.id() != id) {
        _ if link.is_decided => Match::Member(id),
        Some(other) => Match::Review(ReviewReason::IdNumberOfAnother, sorted([id, other.id()])),
        None if numbers_differ(member.record(), keys) => {
            Match::Review(ReviewReason::IdNumberDiffers, vec![id])
        }
        None => Match::Member(id),
    }
}

fn sorted(ids: impl IntoIterator<Item = MemberId>) -> Vec<MemberId> {
    let mut ids: Vec<MemberId> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn phone_of(record: &MemberRecord) -> Option<String> {
    record.phone.as_ref().and_then(phone_key)
}

/// The form in which phones are compared. What stands in for a number (`0000000000`) is none.
fn phone_key(phone: &Phone) -> Option<String> {
    let key = phone.normalised();
    let digits = key.chars().filter(char::is_ascii_digit).count();
    (digits >= FEWEST_DIGITS).then_some(key)
}

/// Of a phone without its leading zeros.
const FEWEST_DIGITS: usize = 6;

fn has_number(record: &MemberRecord, keys: &GuestKeys) -> bool {
    let number = record.id_number.as_ref();
    number.is_some_and(|n| keys.id_indexes.contains(&n.blind_index))
}

fn numbers_differ(record: &MemberRecord, keys: &GuestKeys) -> bool {
    record.id_number.is_some() && !keys.id_indexes.is_empty() && !has_number(record, keys)
}

/// Names contradict when both are known and are not the same in either order.
fn names_differ(record: &MemberRecord, keys: &GuestKeys) -> bool {
    let theirs = both_orders(record.last_name.as_ref(), record.first_name.as_ref());
    keys.has_name && !theirs[0].is_empty() && !theirs.contains(&keys.name[0])
}

fn both_orders(last: Option<&PersonName>, first: Option<&PersonName>) -> [String; 2] {
    let folded = |name: Option<&PersonName>| -> String {
        let text = name.map_or("", PersonName::as_str);
        text.nfkc()
            .flat_map(char::to_lowercase)
            .filter(|c| c.is_alphanumeric())
            .collect()
    };
    let (last, first) = (folded(last), folded(first));
    [format!("{last}{first}"), format!("{first}{last}")]
}
