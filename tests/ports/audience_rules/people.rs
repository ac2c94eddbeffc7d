//! Members of whom much, little or nothing is known.

use super::campaigns::{Opens, sent_campaign};
use super::dice::Dice;
use super::hotel;
use crate::samples::{at, begin, commit, friends, tags_on};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use crm_campaigns::{Gender, Known, MemberFacts, Source, StayFacts};
use crm_kernel::{Actor, CampaignId, MemberId, RfmScores, TagId};
use crm_members::{
    Email, Gender as MemberGender, Member, MemberSource, NewStay, PersonName, Phone, StaySource,
};
use crm_tags::{CreateTag, TagKind};
use crm_workflows::CrmTx;
use std::collections::BTreeSet;

pub const ROOMS: [&str; 4] = ["商務雙人房", "家庭房", "Suite", "suite "];

/// A member, and what the test knows of them.
pub struct Person {
    pub id: MemberId,
    pub facts: MemberFacts,
}

/// Everything there is to ask about.
pub struct Population {
    pub people: Vec<Person>,
    pub tags: Vec<TagId>,
    pub campaigns: Vec<CampaignId>,
}

fn today() -> NaiveDate {
    hotel().day_of(at(0))
}

/// A moment of the last so many days.
pub fn lately(dice: &mut Dice, days: u32) -> DateTime<Utc> {
    at(0) - TimeDelta::minutes(i64::from(dice.below(days * 24 * 60)))
}

pub async fn population(store: &impl Opens, dice: &mut Dice, size: usize) -> Population {
    let mut tags = Vec::new();
    for name in ["溫泉", "家庭", "商務"] {
        let command = CreateTag {
            name: name.to_owned(),
            kind: TagKind::Member,
            source: None,
            description: None,
            campaign_id: None,
        };
        let tag = tags_on(store).create(&Actor::System, command).await;
        tags.push(tag.unwrap().id());
    }
    let mut people = Vec::new();
    for id in friends(store, size).await {
        let mut tx = begin(store).await;
        let mut facts = profile(&mut *tx, dice, id, &tags).await;
        commit(tx).await;
        facts.rfm = scores(store, dice, id).await;
        people.push(Person { id, facts });
    }
    let mut campaigns = Vec::new();
    for _ in 0..4 {
        campaigns.push(sent_campaign(store, dice, &mut people).await);
    }
    Population {
        people,
        tags,
        campaigns,
    }
}

async fn scores(store: &impl Opens, dice: &mut Dice, id: MemberId) -> Option<RfmScores> {
    let score = |dice: &mut Dice| u8::try_from(1 + dice.below(5)).unwrap();
    let scores = dice.maybe(70, |dice| RfmScores {
        recency: score(dice),
        frequency: score(dice),
        money: score(dice),
    })?;
    store.score(id, scores).await.then_some(scores)
}

async fn profile(tx: &mut dyn CrmTx, dice: &mut Dice, id: MemberId, tags: &[TagId]) -> MemberFacts {
    let member = tx.members().find(id).await.unwrap().unwrap();
    let mut record = member.record().clone();
    let name = |_: &mut Dice| PersonName::parse("小明").unwrap();
    record.first_name = dice.maybe(50, name);
    record.last_name = dice.maybe(50, name);
    record.email = dice.maybe(50, |_| Email::parse("ming@hotel.example").unwrap());
    record.phone = dice.maybe(50, |_| Phone::parse("0912345678").unwrap());
    record.birthday = dice.maybe(70, |dice| {
        let years = Days::new(u64::from(dice.below(70 * 365)));
        today().checked_sub_days(years).unwrap()
    });
    let gender = dice.maybe(70, |dice| {
        dice.pick(&[Gender::Male, Gender::Female, Gender::Other])
    });
    record.gender = gender.and_then(|gender| MemberGender::parse(gender.as_str()));
    let source = dice.pick(&[Source::Line, Source::Crm, Source::System]);
    record.source = MemberSource::parse(source.as_str()).unwrap();
    record.created_at = lately(dice, 100);
    record.last_interaction_at = dice.maybe(70, |dice| lately(dice, 100));
    let followed_at = dice.maybe(80, |dice| lately(dice, 100));
    record.line.as_mut().unwrap().followed_at = followed_at;
    let known = [
        (Known::FirstName, record.first_name.is_some()),
        (Known::LastName, record.last_name.is_some()),
        (Known::Gender, record.gender.is_some()),
        (Known::Birthday, record.birthday.is_some()),
        (Known::Email, record.email.is_some()),
        (Known::Phone, record.phone.is_some()),
        (Known::LastInteraction, record.last_interaction_at.is_some()),
    ];
    let mut facts = MemberFacts {
        known: known
            .into_iter()
            .filter(|(_, is)| *is)
            .map(|(k, _)| k)
            .collect(),
        gender,
        birthday: record.birthday,
        source,
        created_at: record.created_at,
        followed_at,
        last_interaction_at: record.last_interaction_at,
        tags: BTreeSet::new(),
        stays: Vec::new(),
        campaigns: Vec::new(),
        rfm: None,
    };
    let changed = Member::from_stored(id, record);
    tx.members().update(&changed).await.unwrap();
    for tag in tags {
        if dice.chance(40) {
            tx.tags().add_to_member(id, *tag, at(0)).await.unwrap();
            facts.tags.insert(*tag);
        }
    }
    for number in 0..dice.below(5) {
        facts.stays.push(stay(tx, dice, id, number).await);
    }
    facts
}

async fn stay(tx: &mut dyn CrmTx, dice: &mut Dice, member: MemberId, number: u32) -> StayFacts {
    let nights = dice.below(4);
    let check_in = today() + Days::new(20) - Days::new(u64::from(dice.below(120)));
    let status = dice.pick(&[
        None,
        Some("checked_out"),
        Some("checked_out"),
        Some("in_house"),
        Some("booked"),
        Some("cancelled"),
        Some("no_show"),
        Some("unknown"),
    ]);
    let facts = StayFacts {
        pms_status: status.map(str::to_owned),
        room_type: dice.maybe(80, |dice| dice.pick(&ROOMS).to_owned()),
        amount_minor: i64::from(dice.below(10)) * 100_050,
        check_in: dice.maybe(90, |_| check_in),
        check_out: dice.maybe(90, |_| check_in + Days::new(u64::from(nights))),
        nights: dice.maybe(90, |_| nights),
    };
    let new = NewStay {
        member,
        order_number: format!("{member}-{number}"),
        room_type: facts.room_type.clone(),
        amount_minor: facts.amount_minor,
        check_in_date: facts.check_in,
        check_out_date: facts.check_out,
        nights: facts.nights,
        source: StaySource::Pms,
        pms_status: facts.pms_status.clone(),
        booked_at: None,
        created_at: at(0),
    };
    tx.members().insert_stay(&new).await.unwrap();
    facts
}
