//! Rules as chance has it, of every leaf and bracket.

use super::dice::Dice;
use super::people::{Population, ROOMS};
use crm_campaigns::{
    Amount, Bounds, CampaignRule, Deed, Gender, Known, RfmRule, Rule, Source, StaysRule, TagsRule,
};
use crm_kernel::RfmSegment;

pub fn random_rule(dice: &mut Dice, known: &Population, depth: u32) -> Rule {
    if depth > 4 || dice.chance(25 * depth) {
        return random_leaf(dice, known);
    }
    let several = |dice: &mut Dice| -> Vec<Rule> {
        (0..=dice.below(3))
            .map(|_| random_rule(dice, known, depth + 1))
            .collect()
    };
    match dice.below(3) {
        0 => Rule::All(several(dice)),
        1 => Rule::Any(several(dice)),
        _ => Rule::Not(Box::new(random_rule(dice, known, depth + 1))),
    }
}

pub fn random_leaf(dice: &mut Dice, known: &Population) -> Rule {
    match dice.below(14) {
        0 => Rule::Gender(dice.some(&[Gender::Male, Gender::Female, Gender::Other])),
        1 => Rule::Known(dice.pick(&[
            Known::FirstName,
            Known::LastName,
            Known::Gender,
            Known::Birthday,
            Known::Email,
            Known::Phone,
            Known::LastInteraction,
        ])),
        2 => Rule::BirthdayMonth(dice.some(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])),
        3 => Rule::BirthdayMonthsAhead(bounds(dice, 12)),
        4 => Rule::Age(bounds(dice, 75)),
        5 => Rule::Source(dice.some(&[Source::Line, Source::Crm, Source::System])),
        6 => Rule::CreatedDaysAgo(bounds(dice, 100)),
        7 => Rule::FriendDays(bounds(dice, 100)),
        8 => Rule::LastInteractionDaysAgo(bounds(dice, 100)),
        9 => Rule::Tags(tags(dice, known)),
        10 => Rule::CheckInDaysAhead(bounds(dice, 20)),
        11 => Rule::Stays(stays(dice)),
        12 => Rule::Rfm(rfm(dice)),
        _ => Rule::Campaign(campaign(dice, known)),
    }
}

/// Bounds below `most`, in order, with at least one end.
fn bounds(dice: &mut Dice, most: u32) -> Bounds<u32> {
    let (one, other) = (dice.below(most), dice.below(most));
    let (from, to) = (Some(one.min(other)), Some(one.max(other)));
    match dice.below(3) {
        0 => Bounds { from, to: None },
        1 => Bounds { from: None, to },
        _ => Bounds { from, to },
    }
}

fn tags(dice: &mut Dice, known: &Population) -> TagsRule {
    let mut rule = TagsRule {
        any_of: dice.maybe(40, |dice| dice.some(&known.tags)),
        all_of: dice.maybe(40, |dice| dice.some(&known.tags)),
        none_of: dice.maybe(40, |dice| dice.some(&known.tags)),
    };
    if rule == TagsRule::default() {
        rule.any_of = Some(dice.some(&known.tags));
    }
    rule
}

fn stays(dice: &mut Dice) -> StaysRule {
    StaysRule {
        within_days: dice.maybe(30, |dice| dice.below(100)),
        room_types: dice.maybe(30, |dice| {
            let kinds = dice.some(&ROOMS);
            kinds.into_iter().map(str::to_owned).collect()
        }),
        nights: dice.maybe(30, |dice| bounds(dice, 4)),
        count: dice.maybe(60, |dice| bounds(dice, 4)),
        amount: dice.maybe(30, |dice| {
            let units = bounds(dice, 30);
            let amount = |n: u32| Amount::of_minor(i64::from(n) * 100_050);
            Bounds {
                from: units.from.map(amount),
                to: units.to.map(amount),
            }
        }),
        last_check_out_days_ago: dice.maybe(30, |dice| bounds(dice, 100)),
    }
}

fn rfm(dice: &mut Dice) -> RfmRule {
    let scores = |dice: &mut Dice| {
        let places = bounds(dice, 5);
        Bounds {
            from: places.from.map(|n| n + 1),
            to: places.to.map(|n| n + 1),
        }
    };
    let mut rule = RfmRule {
        recency: dice.maybe(40, scores),
        frequency: dice.maybe(40, scores),
        money: dice.maybe(40, scores),
        segment: dice.maybe(30, |dice| dice.pick(RfmSegment::ALL)),
    };
    if rule == RfmRule::default() {
        rule.recency = Some(scores(dice));
    }
    rule
}

fn campaign(dice: &mut Dice, known: &Population) -> CampaignRule {
    let any_of = dice.maybe(60, |dice| dice.some(&known.campaigns));
    let within_days = if any_of.is_none() || dice.chance(40) {
        Some(dice.below(60))
    } else {
        None
    };
    CampaignRule {
        any_of,
        within_days,
        did: dice.pick(&[Deed::Got, Deed::Opened, Deed::Clicked]),
    }
}
