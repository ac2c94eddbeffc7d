//! Whose a row of the hotel's own system is, as a table that people can read. `docs/pms.md` shows the same.

use chrono::{DateTime, Utc};
use crm_kernel::MemberId;
use crm_members::{
    FieldEdits, GuestCode, GuestKeys, GuestLink, IdNumber, IdNumberVault, LinkState, Match, Member,
    MemberRecord, MemberSource, PersonName, Phone, PmsFacts, PmsGuest, match_guest,
};
use crm_memory::PlainVault;

const CASES: &str = "
| the row says                        | link      | members known                                      | whose it is                          | because |
|-------------------------------------|-----------|----------------------------------------------------|--------------------------------------|---------|
| code, id A1                         | -         | 1: id A1                                           | member 1                             | the id number is equal |
| code, id a1                         | -         | 1: id Ａ１                                         | member 1                             | width and capitals do not count |
| id A1, name 李/大同                 | -         | 1: id A1, name 王/小明                             | member 1                             | the id number says more than names |
| id A1, phone 0911111111             | -         | 1: id A1; 2: phone 0911111111                      | member 1                             | the id number says more than the phone |
| id A1                               | -         | 1: id A2                                           | new                                  | somebody else |
| phone 0912345678, name 王/小明      | -         | 1: phone 0912-345-678, name 王/小明                | member 1                             | phone and name are equal |
| phone 8860912345678, name 王/小明   | -         | 1: phone 0912-345-678, name 小明/王                | member 1                             | the order of names does not count |
| phone 886886912345678, name 王小明/- | -        | 1: phone +886912345678, name 王/小明               | member 1                             | nor where the first begins |
| phone 912345678, name WANG/MING     | -         | 1: phone ０９１２３４５６７８, name Ｗang/Ming     | member 1                             | nor width and capitals |
| phone 0912345678                    | -         | 1: phone +886912345678, name 王/小明               | member 1                             | a row without a name contradicts nothing |
| phone 0912345678, name 王/小明      | -         | 1: phone 8860912345678                             | member 1                             | nor does a member without one |
| id A1, phone 0912345678             | -         | 1: phone 0912345678                                | member 1                             | an id number that only one has contradicts nothing |
| phone 0912345678                    | -         | 1: id A1, phone 0912345678                         | member 1                             | whoever has it |
| id A1, phone 0912345678             | -         | 1: id A2, phone 0912345678                         | review other_id_number: 1            | one phone, two people |
| phone 0912345678, name 王/小明      | -         | 1: phone 0912345678, name 王/大明                  | review other_name: 1                 | a family |
| phone 0912345678, name 王/小明      | -         | 1: phone 0912345678, name 王/-                     | review other_name: 1                 | half a name may be a father's |
| phone 0912345678, name Wang/Ming    | -         | 1: phone 0912345678, name 王/明                    | review other_name: 1                 | no program knows that they are one name |
| phone 0912345678, name 王/小明      | -         | 1: phone 0912345678, name 王/小明; 2: phone 886912345678 | review several_members: 1 2    | never a guess |
| id A1, phone 0912345678             | -         | 2: phone 0912345678; 1: phone 0912345678, id A2    | review several_members: 1 2          | never a guess |
| phone 8862035640799                 | -         | 1: phone 03-564-0799                               | member 1                             | an area code before the zero |
| phone +81 912345678                 | -         | 1: phone 0912345678                                | new                                  | a foreign number |
| phone +81 90-1234-5678              | -         | 1: phone 0901-234-567                              | new                                  | a foreign number |
| phone 0000000000, code, name 王/小明 | -        | 1: phone 0000000000                                | new                                  | zeros are no number |
| code, name 王/小明                  | -         | 1: name 王/小明                                    | new                                  | a name alone is no key |
| phone 0912345678                    | -         |                                                    | new                                  | a phone is enough to begin with |
| id A1                               | -         |                                                    | new                                  | as is an id number |
| code                                | -         |                                                    | nobody                               | a key without a name tells nobody |
| code, name ---/-                    | -         |                                                    | nobody                               | and signs are no name |
| name 王/小明                        | -         | 1: name 王/小明                                    | nobody                               | nor does a name without a key |
| code, id A1                         | linked 1  | 1: id A1                                           | member 1                             | known |
| code, id A1, phone 0911111111       | linked 1  | 1: phone 0912345678; 2: phone 0911111111           | member 1                             | a link says more than a phone |
| code, id A1, name 李/大同           | linked 1  | 1: name 王/小明                                    | member 1                             | and more than names |
| code                                | linked 1  | 1: id A1                                           | member 1                             | nothing contradicts |
| code, id A1                         | linked 1  | 1: id A2                                           | review id_number_differs: 1          | another number by now |
| code, id A1                         | linked 1  | 1: ; 2: id A1                                      | review id_number_of_another_member: 1 2 | the number of another |
| code, id A1                         | linked 2  | 2: id A2; 1: id A1                                 | review id_number_of_another_member: 1 2 | the number of another |
| code, id A1                         | decided 1 | 1: id A2                                           | member 1                             | a person has said so |
| code, id A1                         | decided 1 | 1: ; 2: id A1                                      | member 1                             | a person has said so |
| code, id A1                         | review    | 1: id A1                                           | member 1                             | it has become clear by itself |
| code, phone 0912345678              | review    | 1: phone 0912345678; 2: phone 0912345678           | review several_members: 1 2          | it is as unclear as before |
| code, id A1                         | ignored   | 1: id A1                                           | passed over                          | a person has said so |
| code, id A1, name 王/小明           | erased    |                                                    | passed over                          | who was erased does not come back by a run |
| code, id A1, name 王/小明           | erased    | 1: id A1                                           | passed over                          | nor under another row |
| code, id A1, name 王/小明           | linked 1  | 1: id A1, name 王/小明                             | member 1                             | the same guest twice in one page: the first row made the link |
| id A1, phone 0912345678             | -         | 1: id A1, phone 0912345678, name 王/小明           | member 1                             | the same guest under two keys in one page: the first row made the member |
";

fn record() -> MemberRecord {
    MemberRecord {
        line: None,
        first_name: None,
        last_name: None,
        gender: None,
        birthday: None,
        email: None,
        phone: None,
        id_number: None,
        source: MemberSource::Crm,
        accept_marketing: true,
        notes: None,
        created_at: DateTime::<Utc>::UNIX_EPOCH,
        last_interaction_at: None,
        updated_at: None,
        edits: FieldEdits::default(),
    }
}

/// What a cell says of a person.
fn guest(cell: &str) -> PmsGuest {
    let mut guest = PmsGuest::nobody(DateTime::UNIX_EPOCH);
    for part in cell.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        match part.split_once(' ') {
            None if part == "code" => guest.code = Some(GuestCode::parse("HFD1").unwrap()),
            Some(("id", number)) => guest.id_number = Some(IdNumber::parse(number).unwrap()),
            Some(("phone", phone)) => guest.phone = Some(Phone::parse(phone).unwrap()),
            Some(("name", name)) => {
                let (last, first) = name.split_once('/').unwrap();
                let name = |text: &str| (text != "-").then(|| PersonName::parse(text).unwrap());
                (guest.last_name, guest.first_name) = (name(last), name(first));
            }
            _ => panic!("{part}"),
        }
    }
    guest
}

fn members(cell: &str, vault: &PlainVault) -> Vec<Member> {
    let members = cell.split(';').map(str::trim).filter(|m| !m.is_empty());
    members
        .map(|text| {
            let (id, said) = text.split_once(':').unwrap();
            let said = guest(said);
            let record = MemberRecord {
                last_name: said.last_name,
                first_name: said.first_name,
                phone: said.phone,
                id_number: said.id_number.map(|n| vault.seal(&n).unwrap()),
                ..record()
            };
            Member::from_stored(MemberId::new(id.parse().unwrap()), record)
        })
        .collect()
}

fn link(cell: &str) -> Option<GuestLink> {
    let (state, is_decided) = match cell.split(' ').next().unwrap() {
        "-" => return None,
        "linked" => (LinkState::Linked, false),
        "decided" => (LinkState::Linked, true),
        "review" => (LinkState::Review, false),
        "ignored" => (LinkState::Ignored, true),
        "erased" => (LinkState::Erased, false),
        other => panic!("{other}"),
    };
    let member = cell.split_once(' ').map(|(_, id)| id.parse().unwrap());
    Some(GuestLink {
        code: GuestCode::parse("HFD1").unwrap(),
        state,
        member: member.map(MemberId::new),
        is_decided,
        updated_at: None,
        facts: PmsFacts::default(),
        merged_into: None,
    })
}

fn said(found: &Match) -> String {
    match found {
        Match::Member(id) => format!("member {id}"),
        Match::New => "new".to_owned(),
        Match::Nobody => "nobody".to_owned(),
        Match::PassedOver => "passed over".to_owned(),
        Match::Review(reason, candidates) => {
            let ids: Vec<String> = candidates.iter().map(ToString::to_string).collect();
            format!("review {}: {}", reason.as_str(), ids.join(" "))
        }
    }
}

#[test]
fn whose_a_row_is_stands_in_the_table() {
    let vault = PlainVault::default();
    let rows: Vec<Vec<&str>> = CASES
        .lines()
        .skip(3)
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), 45);
    for row in rows {
        let [_, says, linked, known, expected, because, _] = row[..] else {
            panic!("{row:?}");
        };
        let keys = GuestKeys::of(&guest(says), &vault);
        let known = members(known, &vault);
        let known: Vec<&Member> = known.iter().collect();
        let found = match_guest(&keys, link(linked).as_ref(), &known);
        assert_eq!(said(&found), expected, "{because}: {row:?}");
    }
}

#[test]
fn the_order_in_which_members_are_known_does_not_matter() {
    let vault = PlainVault::default();
    let keys = GuestKeys::of(&guest("id A1, phone 0912345678"), &vault);
    let known = members("1: phone 0912345678; 2: id A1; 3: phone 0912345678", &vault);
    let forth: Vec<&Member> = known.iter().collect();
    let back: Vec<&Member> = known.iter().rev().collect();
    assert_eq!(
        match_guest(&keys, None, &forth),
        Match::Member(MemberId::new(2))
    );
    assert_eq!(
        match_guest(&keys, None, &back),
        Match::Member(MemberId::new(2))
    );
}
