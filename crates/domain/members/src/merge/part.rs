use super::record::Remembered;
use crate::{EditedField, FieldEdits, MemberRecord};
use chrono::{DateTime, Utc};

/// Two people again, of one who may have been changed since: the kept one and the other.
///
/// A value of the kept one goes back to what it was unless somebody changed it since. The
/// other comes back as it was. What LINE told since belongs to whoever has the LINE account,
/// and a refusal of marketing since then is the refusal of both.
pub(super) fn part(
    now_kept: &MemberRecord,
    before: Remembered,
    now: DateTime<Utc>,
) -> (MemberRecord, MemberRecord) {
    let Remembered {
        kept, from, one, ..
    } = before;
    let current = now_kept.clone();
    let refused_since = one.accept_marketing && !current.accept_marketing;
    let line_goes = from.line.is_some() && same_account(&from, &current);
    let is_untouched = current == one;

    let back = MemberRecord {
        line: if line_goes {
            current.line.clone()
        } else {
            from.line.clone()
        },
        last_interaction_at: if line_goes && current.last_interaction_at != one.last_interaction_at
        {
            current.last_interaction_at
        } else {
            from.last_interaction_at
        },
        accept_marketing: from.accept_marketing && !refused_since,
        ..from
    };
    if is_untouched {
        return (kept, back);
    }
    let edits = EditedField::ALL.into_iter();
    let edits = edits.fold(FieldEdits::default(), |edits, field| {
        let of = |record: &MemberRecord| record.edits.of(field);
        edits.with(field, earlier(of(&kept), &of(&one), of(&current)))
    });
    let stays = MemberRecord {
        line: if line_goes { kept.line } else { current.line },
        first_name: earlier(kept.first_name, &one.first_name, current.first_name),
        last_name: earlier(kept.last_name, &one.last_name, current.last_name),
        gender: earlier(kept.gender, &one.gender, current.gender),
        birthday: earlier(kept.birthday, &one.birthday, current.birthday),
        email: earlier(kept.email, &one.email, current.email),
        phone: earlier(kept.phone, &one.phone, current.phone),
        id_number: earlier(kept.id_number, &one.id_number, current.id_number),
        source: kept.source,
        accept_marketing: earlier(
            kept.accept_marketing,
            &one.accept_marketing,
            current.accept_marketing,
        ),
        notes: earlier(kept.notes, &one.notes, current.notes),
        created_at: kept.created_at,
        last_interaction_at: if line_goes {
            kept.last_interaction_at
        } else {
            earlier(
                kept.last_interaction_at,
                &one.last_interaction_at,
                current.last_interaction_at,
            )
        },
        updated_at: Some(now),
        edits,
    };
    (stays, back)
}

fn earlier<T: PartialEq>(before: T, merged: &T, current: T) -> T {
    if current == *merged { before } else { current }
}

fn same_account(one: &MemberRecord, other: &MemberRecord) -> bool {
    let uid = |record: &MemberRecord| record.line.as_ref().map(|line| line.uid.clone());
    uid(one) == uid(other)
}
