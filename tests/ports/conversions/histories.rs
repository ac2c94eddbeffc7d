//! Whatever happens, what is kept is what the rows come to.

use super::rows::{Booked, adding_up, by_the_letter, click, kept, send, send_batch};
use super::{conversions_on, count};
use crate::merges::guest;
use crate::pms_links::code;
use crate::pms_stays::{day, synced};
use crate::samples::{at, begin, campaign, commit, friends, members, tags};
use chrono::{DateTime, TimeDelta, Utc};
use crm_campaigns::Audience;
use crm_database::Database;
use crm_kernel::{Actor, CampaignId, HotelTime, MemberId, MergeId};
use crm_members::{NewStay, PmsStatus, StaySource, SyncedStay};
use crm_messages::Messages;
use crm_tests::MovedClock;
use crm_workflows::Erasure;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;

crate::contract!(what_is_kept_is_what_the_rows_come_to);

const WINDOW_DAYS: u32 = 1;
const STEPS: usize = 60;

struct World {
    db: Database,
    chance: StdRng,
    campaigns: Vec<CampaignId>,
    members: Vec<MemberId>,
    orders: usize,
    merges: Vec<MergeId>,
    /// What erased guests had booked.
    erased: Vec<Booked>,
    steps: Vec<String>,
}

impl World {
    async fn new(db: &Database, seed: u64) -> Self {
        let mut all = friends(db, 2).await;
        for name in ["明", "華", "美"] {
            let new = guest(name, None);
            let member = members(db).register(&Actor::System, new).await;
            all.push(member.unwrap().id());
        }
        let mut campaigns = Vec::new();
        for _ in 0..4 {
            campaigns.push(campaign(db, Audience::All).await.id());
        }
        for (member, id) in all.iter().zip(&campaigns) {
            send(db, *id, *member, at(60)).await;
        }
        Self {
            db: db.clone(),
            chance: StdRng::seed_from_u64(seed),
            campaigns,
            members: all,
            orders: 0,
            merges: Vec::new(),
            erased: Vec::new(),
            steps: Vec::new(),
        }
    }

    fn below(&mut self, n: usize) -> usize {
        self.chance.random_range(0..n)
    }

    fn member(&mut self) -> MemberId {
        let at = self.below(self.members.len());
        self.members[at]
    }

    fn campaign(&mut self) -> CampaignId {
        let at = self.below(self.campaigns.len());
        self.campaigns[at]
    }

    /// Some moment within two days, of few that there are, so that borders are met.
    fn moment(&mut self) -> DateTime<Utc> {
        let hours = self.chance.random_range(0..12) * 4;
        at(hours * 60) + TimeDelta::seconds(self.chance.random_range(-1..=1))
    }

    async fn is_there(&self, member: MemberId) -> bool {
        begin(&self.db)
            .await
            .members()
            .find(member)
            .await
            .unwrap()
            .is_some()
    }

    fn stay(&mut self, member: MemberId, order: usize) -> SyncedStay {
        let status = match self.below(4) {
            0 => PmsStatus::ALL[self.below(PmsStatus::ALL.len())],
            _ => PmsStatus::Booked,
        };
        let booked_at = self.moment();
        let (is_told, code_number) = (self.below(8) > 0, self.below(3));
        SyncedStay {
            guest_code: Some(code(&format!("G{code_number}"))),
            status,
            booked_at: is_told.then_some(booked_at),
            amount_minor: self.chance.random_range(0..5) * 100,
            nights: self.chance.random_range(0..4),
            ..synced(member, &format!("O{order}"))
        }
    }

    async fn step(&mut self) {
        let (member, campaign, moment) = (self.member(), self.campaign(), self.moment());
        if !self.is_there(member).await {
            return;
        }
        let what = self.below(20);
        self.steps
            .push(format!("{what} {member} {campaign} {moment}"));
        let db = self.db.clone();
        match what {
            0..=3 => {
                let text = format!(
                    "SELECT COUNT(*) FROM campaign_recipients WHERE campaign_id = {campaign} \
                     AND member_id = {member}"
                );
                if crate::samples::number(&db, &text).await > 0 {
                    return;
                }
                if self.below(2) == 0 {
                    send(&db, campaign, member, moment).await;
                } else {
                    let number = self.steps.len() as i64;
                    send_batch(&db, (campaign, number), &[member], moment).await;
                }
                // As at night: it was sent before, and is only written down now.
                let mut tx = conversions_on(&db).await;
                tx.conversions().mark_everybody().await.unwrap();
                tx.commit().await.unwrap();
            }
            4..=5 => {
                click(&db, campaign, member, moment).await;
                let mut tx = conversions_on(&db).await;
                tx.conversions().mark_booked_since(at(-600)).await.unwrap();
                tx.commit().await.unwrap();
            }
            6..=11 => {
                let mut page = Vec::new();
                for _ in 0..self.below(3) + 1 {
                    let order = self.below(self.orders + 2);
                    self.orders = self.orders.max(order + 1);
                    page.push(self.stay(member, order));
                }
                page.sort_by(|a, b| a.order_number.cmp(&b.order_number));
                page.dedup_by(|a, b| a.order_number == b.order_number);
                let mut tx = begin(&db).await;
                tx.pms().put_stays(&page, at(0)).await.unwrap();
                if self.below(6) > 0 {
                    commit(tx).await;
                }
            }
            12 => {
                let mut tx = begin(&db).await;
                let new = NewStay {
                    member,
                    order_number: format!("M{}", self.steps.len()),
                    room_type: None,
                    amount_minor: 700,
                    check_in_date: Some(day(1)),
                    check_out_date: Some(day(2)),
                    nights: Some(1),
                    source: StaySource::Manual,
                    pms_status: None,
                    booked_at: Some(moment),
                    created_at: moment,
                };
                tx.members().insert_stay(&new).await.unwrap();
                commit(tx).await;
            }
            13 if self.below(2) == 0 => {
                let code = code(&format!("G{}", self.below(3)));
                let mut tx = begin(&db).await;
                tx.pms().move_stays(&code, member).await.unwrap();
                commit(tx).await;
            }
            14 => {
                let other = self.member();
                let members = members(&db);
                if let Ok(merged) = members.merge(&Actor::System, member, other).await {
                    self.merges.push(merged.merge_id);
                }
            }
            15..=16 => {
                if let Some(merge) = self.merges.pop() {
                    let undone = members(&db).undo_merge(&Actor::System, merge).await;
                    drop(undone);
                }
            }
            17 if self.below(3) == 0 => self.erase(member).await,
            _ => {
                let limit = self.chance.random_range(1..5);
                let counting = count(&db, WINDOW_DAYS);
                counting.count_some(limit).await.unwrap();
            }
        }
    }

    async fn erase(&mut self, member: MemberId) {
        count(&self.db, WINDOW_DAYS).count_marked().await.unwrap();
        let before = by_the_letter(&self.db, window()).await;
        let theirs = before.into_iter().filter(|(of, _)| *of == member);
        self.erased.extend(theirs.map(|(_, booked)| booked));
        let store = Arc::new(self.db.clone());
        let clock = Arc::new(MovedClock::default());
        let messages = Messages::new(store.clone(), store.clone(), clock);
        let erasure = Erasure::new(store, members(&self.db), tags(&self.db), messages);
        erasure.erase(&Actor::System, member).await.unwrap();
    }

    async fn check(&self, seed: u64) {
        let hotel = HotelTime::default();
        let there = by_the_letter(&self.db, window()).await;
        let mut booked: Vec<Booked> = there.into_iter().map(|(_, booked)| booked).collect();
        booked.extend(self.erased.iter().cloned());
        let kept = kept(&self.db).await;
        assert_eq!(
            kept,
            adding_up(booked, hotel),
            "seed {seed}: {:#?}",
            self.steps
        );
    }
}

fn window() -> TimeDelta {
    TimeDelta::days(WINDOW_DAYS.into())
}

async fn what_is_kept_is_what_the_rows_come_to(db: Database) {
    let mut converted = 0;
    for seed in 0..12 {
        let counting = count(&db, WINDOW_DAYS);
        let mut world = World::new(&db, seed).await;
        for round in 0..STEPS {
            world.step().await;
            if round % 15 == 14 {
                counting.count_marked().await.unwrap();
                world.check(seed).await;
            }
        }
        converted += kept(&db).await.booked.len();
        assert_eq!(counting.conversions_differ().await.unwrap(), 0);
        let before = kept(&db).await;
        counting.recount_all().await.unwrap();
        assert_eq!(kept(&db).await, before, "seed {seed}");
        super::empty(&db).await;
    }
    assert!(converted > 40, "only {converted} converted");
}
