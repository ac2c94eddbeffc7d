use super::*;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{CampaignId, Figure, MemberId, StayId};
use proptest::prelude::*;

const DAY: i64 = 86_400;
const MONTH: TimeDelta = TimeDelta::days(30);

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600 + seconds, 0).unwrap()
}

fn sent(recipient: i64, seconds: i64) -> SentTo {
    SentTo {
        recipient,
        campaign: CampaignId::new(recipient * 10),
        at: at(seconds),
        clicked_at: None,
    }
}

fn stay(id: i64, seconds: i64) -> BookedStay {
    BookedStay {
        id: StayId::new(id),
        booked_at: at(seconds),
        counts: true,
        amount_minor: id * 100,
        nights: id,
    }
}

/// Who converted, with the second of their booking and the stays that count for them.
fn found(sends: &[SentTo], stays: &[BookedStay]) -> Vec<(i64, i64, Vec<i64>)> {
    conversions_of(sends, stays, MONTH)
        .into_iter()
        .map(|one| {
            let stays = one.stays.iter().map(|stay| stay.id.get()).collect();
            let second = (one.booked_at - at(0)).num_seconds();
            (one.recipient, second, stays)
        })
        .collect()
}

#[test]
fn a_booking_belongs_to_what_was_sent_before_it_within_the_window() {
    let month = MONTH.num_seconds();
    for (booked, converts) in [
        (-1, false),
        // At the very moment nobody has read anything yet.
        (0, false),
        (1, true),
        (month - 1, true),
        (month, true),
        (month + 1, false),
    ] {
        let one = found(&[sent(1, 0)], &[stay(1, booked)]);
        assert_eq!(!one.is_empty(), converts, "{booked}");
    }
}

#[test]
fn a_recipient_converts_once_with_their_first_booking() {
    let stays = [stay(7, 5 * DAY), stay(8, 2 * DAY), stay(9, 40 * DAY)];
    assert_eq!(found(&[sent(1, 0)], &stays), [(1, 2 * DAY, vec![7, 8])]);
}

#[test]
fn two_campaigns_share_a_booking_and_the_last_has_its_money() {
    let sends = [sent(2, DAY), sent(1, 0), sent(3, 3 * DAY)];
    assert_eq!(
        found(&sends, &[stay(7, 2 * DAY)]),
        [(1, 2 * DAY, vec![]), (2, 2 * DAY, vec![7])]
    );
    // Sent in the same moment: the one planned later is the last.
    let sends = [sent(2, 0), sent(1, 0)];
    assert_eq!(
        found(&sends, &[stay(7, 1)]),
        [(1, 1, vec![]), (2, 1, vec![7])]
    );
}

#[test]
fn a_stay_that_came_to_nothing_brings_nothing() {
    let cancelled = BookedStay {
        counts: false,
        ..stay(7, DAY)
    };
    assert_eq!(found(&[sent(1, 0)], &[cancelled]), []);
    assert_eq!(
        found(&[sent(1, 0)], &[cancelled, stay(8, 2 * DAY)]),
        [(1, 2 * DAY, vec![8])]
    );
}

#[test]
fn whoever_clicked_by_the_time_they_booked_had_clicked() {
    for (clicked, had) in [
        (None, false),
        (Some(9), true),
        (Some(10), true),
        (Some(11), false),
    ] {
        let sent = SentTo {
            clicked_at: clicked.map(at),
            ..sent(1, 0)
        };
        // A later booking does not make up for it.
        let all = conversions_of(&[sent], &[stay(7, 10), stay(8, 20)], MONTH);
        assert_eq!(all[0].had_clicked, had, "{clicked:?}");
    }
}

/// The same, as the definition reads.
fn by_the_letter(sends: &[SentTo], stays: &[BookedStay], window: TimeDelta) -> Vec<Conversion> {
    let mut all = Vec::new();
    for sent in sends {
        let belongs = |to: &SentTo, stay: &BookedStay| {
            stay.counts && stay.booked_at > to.at && stay.booked_at <= to.at + window
        };
        let mut bookings: Vec<DateTime<Utc>> = Vec::new();
        let mut brought = Vec::new();
        for stay in stays.iter().filter(|stay| belongs(sent, stay)) {
            bookings.push(stay.booked_at);
            let later = |other: &&SentTo| {
                (other.at, other.campaign, other.recipient)
                    > (sent.at, sent.campaign, sent.recipient)
            };
            if !sends.iter().filter(later).any(|other| belongs(other, stay)) {
                brought.push(BroughtStay {
                    id: stay.id,
                    booked_at: stay.booked_at,
                    amount_minor: stay.amount_minor,
                    nights: stay.nights,
                });
            }
        }
        if let Some(booked_at) = bookings.into_iter().min() {
            brought.sort_by_key(|stay| stay.id);
            all.push(Conversion {
                recipient: sent.recipient,
                campaign: sent.campaign,
                booked_at,
                had_clicked: sent.clicked_at.is_some_and(|at| at <= booked_at),
                stays: brought,
            });
        }
    }
    all.sort_by_key(|one| one.recipient);
    all
}

fn sends() -> impl Strategy<Value = Vec<SentTo>> {
    let one = (0i64..20, proptest::option::of(0i64..40), 0i64..5);
    proptest::collection::vec(one, 0..8).prop_map(|all| {
        let numbered = all.into_iter().zip(1i64..);
        numbered
            .map(|((seconds, clicked, campaign), recipient)| SentTo {
                recipient,
                campaign: CampaignId::new(campaign),
                at: at(seconds),
                clicked_at: clicked.map(at),
            })
            .collect()
    })
}

fn stays() -> impl Strategy<Value = Vec<BookedStay>> {
    let one = (0i64..40, any::<bool>(), 0i64..1_000, 0i64..9);
    proptest::collection::vec(one, 0..8).prop_map(|all| {
        let numbered = all.into_iter().zip(1i64..);
        numbered
            .map(|((seconds, counts, amount_minor, nights), id)| BookedStay {
                id: StayId::new(id),
                booked_at: at(seconds),
                counts,
                amount_minor,
                nights,
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn conversions_are_those_of_the_definition(
        sends in sends(), stays in stays(), window in 1i64..25,
    ) {
        let window = TimeDelta::seconds(window);
        prop_assert_eq!(
            conversions_of(&sends, &stays, window),
            by_the_letter(&sends, &stays, window)
        );
    }

    #[test]
    fn no_amount_is_counted_twice(sends in sends(), stays in stays()) {
        let mut counted: Vec<StayId> = conversions_of(&sends, &stays, TimeDelta::seconds(9))
            .iter()
            .flat_map(|one| one.stays.iter().map(|stay| stay.id))
            .collect();
        let all = counted.len();
        counted.sort();
        counted.dedup();
        prop_assert_eq!(counted.len(), all);
    }

    #[test]
    fn changes_lead_from_any_state_to_any_other(
        before in (sends(), stays()), after in (sends(), stays()),
    ) {
        let member = MemberId::new(1);
        let [old, new] = [before, after]
            .map(|(sends, stays)| conversions_of(&sends, &stays, TimeDelta::seconds(9)));
        let mut changes = Changes::default();
        changes_between(&mut changes, member, &old, new.clone());
        let mut kept: Vec<Conversion> = old
            .iter()
            .filter(|one| !changes.gone.contains(&one.recipient))
            .cloned()
            .collect();
        kept.extend(changes.come.iter().map(|(_, one)| one.clone()));
        kept.sort_by_key(|one| one.recipient);
        prop_assert_eq!(&kept, &new);
        // What moves is what the one adds up to, less the other.
        let added = |all: &[Conversion]| {
            let mut sums = Changes::default();
            changes_between(&mut sums, member, &[], all.to_vec());
            sums
        };
        let (was, is) = (added(&old), added(&new));
        for (campaign, moved) in &changes.campaigns {
            let of = |sums: &Changes| sums.campaigns.get(campaign).copied().unwrap_or_default();
            prop_assert_eq!(moved.converted, of(&is).converted - of(&was).converted);
            prop_assert_eq!(moved.revenue_minor, of(&is).revenue_minor - of(&was).revenue_minor);
            prop_assert_eq!(moved.nights, of(&is).nights - of(&was).nights);
        }
        let mut revenue = 0;
        for ((figure, ..), n) in &changes.figures {
            revenue += if *figure == Figure::CampaignRevenue { *n } else { 0 };
        }
        let total = |sums: &Changes| -> i64 {
            sums.campaigns.values().map(|sums| sums.revenue_minor).sum()
        };
        prop_assert_eq!(revenue, total(&is) - total(&was));
        changes = Changes::default();
        changes_between(&mut changes, member, &new, new.clone());
        prop_assert!(changes.is_empty());
    }
}
