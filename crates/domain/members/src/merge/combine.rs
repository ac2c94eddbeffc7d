use crate::{FieldEdits, MemberRecord, Notes};
use chrono::{DateTime, Utc};

/// The one record of two that are one person.
///
/// Of two values the one of the row that was changed last wins, and nothing never wins over
/// something; `kept`'s when both were changed at one moment. Consent needs both. Notes are
/// joined, `kept`'s first. The source is that of the row born first. What comes from LINE
/// comes with the LINE account, which only one of them has.
pub(super) fn combine(
    kept: &MemberRecord,
    from: &MemberRecord,
    now: DateTime<Utc>,
) -> MemberRecord {
    let changed = |row: &MemberRecord| row.updated_at.unwrap_or(row.created_at);
    let (newer, older) = if changed(from) > changed(kept) {
        (from, kept)
    } else {
        (kept, from)
    };
    let first = if from.created_at < kept.created_at {
        from
    } else {
        kept
    };
    let edits = FieldEdits::of_winners(newer, older);
    let (newer, older) = (newer.clone(), older.clone());
    MemberRecord {
        line: kept.line.clone().or_else(|| from.line.clone()),
        first_name: newer.first_name.or(older.first_name),
        last_name: newer.last_name.or(older.last_name),
        gender: newer.gender.or(older.gender),
        birthday: newer.birthday.or(older.birthday),
        email: newer.email.or(older.email),
        phone: newer.phone.or(older.phone),
        id_number: newer.id_number.or(older.id_number),
        source: first.source,
        accept_marketing: kept.accept_marketing && from.accept_marketing,
        notes: joined(kept.notes.as_ref(), from.notes.as_ref()),
        created_at: first.created_at,
        last_interaction_at: kept.last_interaction_at.max(from.last_interaction_at),
        updated_at: Some(now),
        edits,
    }
}

fn joined(first: Option<&Notes>, second: Option<&Notes>) -> Option<Notes> {
    let (Some(one), Some(other)) = (first, second) else {
        return first.or(second).cloned();
    };
    if one == other {
        return Some(one.clone());
    }
    let both = format!("{}\n\n{}", one.as_str(), other.as_str());
    let cut: String = both.chars().take(Notes::MAX_CHARS).collect();
    Some(Notes::from_stored(cut.trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Email, Gender, LineLink, LineUid, MemberSource, PersonName, Phone, SealedIdNumber,
    };
    use chrono::NaiveDate;

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(day * 86_400, 0).unwrap()
    }

    /// A row of which every value tells whose it is.
    fn full(whose: &str, born: i64, changed: Option<i64>) -> MemberRecord {
        MemberRecord {
            first_name: Some(PersonName::from_stored(format!("first {whose}"))),
            last_name: Some(PersonName::from_stored(format!("last {whose}"))),
            gender: Some(Gender::Other),
            birthday: NaiveDate::from_num_days_from_ce_opt(700_000),
            email: Some(Email::from_stored(format!("{whose}@a.tw"))),
            phone: Some(Phone::from_stored(format!("phone {whose}"))),
            id_number: Some(SealedIdNumber {
                ciphertext: whose.to_owned(),
                blind_index: whose.to_owned(),
            }),
            updated_at: changed.map(at),
            ..MemberRecord::of_source(MemberSource::System, at(born))
        }
    }

    fn empty(born: i64, changed: Option<i64>) -> MemberRecord {
        MemberRecord {
            updated_at: changed.map(at),
            ..MemberRecord::of_source(MemberSource::Line, at(born))
        }
    }

    #[test]
    fn each_value_is_that_of_the_row_changed_last_and_nothing_never_wins() {
        let cases = [
            (
                "the later change",
                full("k", 1, Some(9)),
                full("f", 2, Some(8)),
                "k",
            ),
            (
                "the later change",
                full("k", 1, Some(7)),
                full("f", 2, Some(8)),
                "f",
            ),
            (
                "a birth is a change",
                full("k", 1, None),
                full("f", 2, None),
                "f",
            ),
            (
                "a birth is a change",
                full("k", 3, None),
                full("f", 2, Some(2)),
                "k",
            ),
            (
                "a tie is the kept one's",
                full("k", 1, Some(5)),
                full("f", 5, None),
                "k",
            ),
            (
                "a blank newer row",
                empty(1, Some(9)),
                full("f", 2, Some(3)),
                "f",
            ),
            (
                "a blank newer row",
                full("k", 1, None),
                empty(2, Some(9)),
                "k",
            ),
        ];
        for (why, kept, from, winner) in cases {
            let one = combine(&kept, &from, at(20));
            let expected = full(winner, 0, None);
            assert!(
                one.first_name == expected.first_name
                    && one.last_name == expected.last_name
                    && one.gender == expected.gender
                    && one.birthday == expected.birthday
                    && one.email == expected.email
                    && one.phone == expected.phone
                    && one.id_number == expected.id_number,
                "{why}: {winner}"
            );
            assert_eq!(one.updated_at, Some(at(20)));
        }
    }

    #[test]
    fn a_value_that_only_one_row_has_stays() {
        let kept = MemberRecord {
            phone: None,
            ..full("k", 1, Some(9))
        };
        let one = combine(&kept, &full("f", 2, Some(3)), at(20));
        assert_eq!(one.phone.unwrap().as_str(), "phone f");
        assert_eq!(one.email.unwrap().as_str(), "k@a.tw");
    }

    #[test]
    fn the_first_source_and_birth_and_the_last_interaction_stay() {
        let (older, newer) = (full("k", 1, None), empty(2, None));
        for (kept, from) in [(&older, &newer), (&newer, &older)] {
            let one = combine(kept, from, at(20));
            assert_eq!((one.source, one.created_at), (MemberSource::System, at(1)));
        }
        let seen = MemberRecord {
            last_interaction_at: Some(at(4)),
            ..newer
        };
        let one = combine(&older, &seen, at(20));
        assert_eq!(one.last_interaction_at, Some(at(4)));
    }

    #[test]
    fn consent_needs_both() {
        for (kept, from, both) in [
            (true, true, true),
            (true, false, false),
            (false, true, false),
            (false, false, false),
        ] {
            let row = |accept_marketing| MemberRecord {
                accept_marketing,
                ..empty(1, None)
            };
            let one = combine(&row(kept), &row(from), at(20));
            assert_eq!(one.accept_marketing, both);
        }
    }

    #[test]
    fn notes_are_joined_the_kept_first_and_cut_where_notes_end() {
        let row = |notes: Option<&str>| MemberRecord {
            notes: notes.map(|text| Notes::parse(text).unwrap()),
            ..empty(1, None)
        };
        let long = "長".repeat(Notes::MAX_CHARS);
        for (kept, from, both) in [
            (None, None, None),
            (Some("a"), None, Some("a")),
            (None, Some("b"), Some("b")),
            (Some("a"), Some("b"), Some("a\n\nb")),
            (Some("a"), Some("a"), Some("a")),
            (Some(&*long), Some("b"), Some(&*long)),
        ] {
            let one = combine(&row(kept), &row(from), at(20));
            assert_eq!(one.notes.as_ref().map(Notes::as_str), both);
        }
    }

    #[test]
    fn the_line_account_comes_along_whole() {
        let link = LineLink::following(LineUid::parse("U1").unwrap(), at(3));
        let guest = MemberRecord {
            line: Some(link.clone()),
            ..empty(2, None)
        };
        let typed = full("k", 1, Some(9));
        assert!(combine(&typed, &guest, at(20)).line == Some(link.clone()));
        assert!(combine(&guest, &typed, at(20)).line == Some(link));
    }
}
