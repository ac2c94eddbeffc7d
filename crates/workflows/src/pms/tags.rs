//! Which tags follow from what the hotel's own system counts and knows of a guest.

use chrono::{DateTime, Utc};
use crm_kernel::MemberId;
use crm_members::PmsFacts;
use crm_tags::{Fed, FedTag, TagError, TagsTx, feed_tags};

/// A tag with what must be true of whoever wears it; none where the facts do not tell.
type Rule = (&'static str, fn(PmsFacts) -> Option<bool>);

const RULES: [Rule; 4] = [
    ("VIP", |facts| facts.vip),
    ("住宿 2 次以上", |facts| stayed(facts, 2)),
    ("住宿 5 次以上", |facts| stayed(facts, 5)),
    ("住宿 10 次以上", |facts| stayed(facts, 10)),
];

fn stayed(facts: PmsFacts, times: u32) -> Option<bool> {
    facts.visits.map(|visits| visits >= times)
}

/// Puts tags on the members of a page and takes them off, by what the hotel's own system says
/// of them; what it does not say changes nothing. The unit of work holds the members locked, and
/// names each once.
///
/// # Errors
/// The store's.
pub async fn tag_by_facts(
    tx: &mut dyn TagsTx,
    changes: &[(MemberId, PmsFacts)],
    now: DateTime<Utc>,
) -> Result<Fed, TagError> {
    let wanted: Vec<FedTag> = changes
        .iter()
        .flat_map(|(member, facts)| {
            RULES.iter().filter_map(|(name, rule)| {
                Some(FedTag {
                    member: *member,
                    name,
                    is_worn: rule(*facts)?,
                })
            })
        })
        .collect();
    if wanted.is_empty() {
        return Ok(Fed::default());
    }
    feed_tags(tx, &wanted, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(visits: Option<u32>, vip: Option<bool>) -> [Option<bool>; 4] {
        RULES.map(|(_, rule)| rule(PmsFacts { visits, vip }))
    }

    #[test]
    fn visits_and_rank_say_which_tags_are_worn_and_silence_says_nothing() {
        let (yes, no) = (Some(true), Some(false));
        for (visits, vip, expected) in [
            (None, None, [None; 4]),
            (Some(0), no, [no; 4]),
            (Some(1), None, [None, no, no, no]),
            (Some(2), yes, [yes, yes, no, no]),
            (Some(4), None, [None, yes, no, no]),
            (Some(5), no, [no, yes, yes, no]),
            (Some(9), None, [None, yes, yes, no]),
            (Some(10), yes, [yes; 4]),
            (None, yes, [yes, None, None, None]),
        ] {
            assert_eq!(tags(visits, vip), expected, "{visits:?} {vip:?}");
        }
    }
}
