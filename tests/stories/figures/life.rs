//! A random history of a hotel, lived through the real use-cases.

use super::facts::{Booked, Brought, Fact, brought, said};
use crate::merging::{at_the_desk, merge};
use crate::samples::{STRANGER, campaign, personal_template, plain_template};
use crate::taps::{actions, token};
use crate::webhook::{event, receive};
use chrono::TimeDelta;
use crm_auto_responses::{CreateAutoResponse, TriggerType};
use crm_kernel::{Actor, CampaignId, MemberId, Patch, TagId, TemplateId};
use crm_members::{RecordStay, UpdateMember};
use crm_messages::MessageType;
use crm_simulator_line::{Fault, FaultEndpoint, FaultKind};
use crm_tags::{CreateTag, TagKind};
use crm_tests::Installation;
use crm_workflows::SendMessage;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

const ME: Actor = Actor::System;

/// Numbers that look like chance and are the same each time.
pub struct Dice(u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Somebody, as the account and LINE know them.
struct Guest {
    uid: String,
    member: MemberId,
}

/// The hotel and what chance does next.
pub struct Life<'a> {
    hotel: &'a Installation,
    dice: Dice,
    guests: Vec<Guest>,
    templates: Vec<TemplateId>,
    /// How many events, desks and orders there were.
    count: usize,
    /// What was said to and by guests who were erased.
    pub gone: Vec<Fact>,
    /// After which campaigns they had booked.
    pub gone_booked: Vec<Booked>,
    /// What they had booked.
    pub gone_brought: Vec<Brought>,
}

impl<'a> Life<'a> {
    /// Six guests, two tags, templates with and without them, and two rules that answer.
    pub async fn begin(hotel: &'a Installation, seed: u64) -> Self {
        let mut life = Self {
            hotel,
            dice: Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            guests: Vec::new(),
            templates: vec![plain_template(hotel).await],
            count: 0,
            gone: Vec::new(),
            gone_booked: Vec::new(),
            gone_brought: Vec::new(),
        };
        for name in ["中秋活動", "訂房意願"] {
            let tag = tag(hotel, name).await;
            life.templates.push(personal_template(hotel, tag).await);
        }
        for (trigger_type, keywords) in [
            (TriggerType::Welcome, None),
            (TriggerType::Keyword, Some(vec!["停車".to_owned()])),
        ] {
            let rule = CreateAutoResponse {
                name: "規則".into(),
                trigger_type,
                content: None,
                messages: Some(vec!["您好".to_owned(), "歡迎".to_owned()]),
                template_id: None,
                keywords,
                is_active: true,
                allow_push: false,
                trigger_time_start: None,
                trigger_time_end: None,
                date_start: None,
                date_end: None,
            };
            hotel.crm.auto_responses.create(&ME, rule).await.unwrap();
        }
        for _ in 0..6 {
            life.new_friend().await;
        }
        // Somebody whom LINE refuses.
        hotel.stranger(STRANGER).await;
        life
    }

    /// Some time passes, midnight among it often enough, and something happens.
    pub async fn go_on(&mut self) {
        let minutes = [1, 7, 55, 180, 400][self.dice.below(5)];
        self.hotel.clock.advance(TimeDelta::minutes(minutes));
        self.hotel.run_jobs().await;
        match self.dice.below(24) {
            0 | 1 => self.new_friend().await,
            2 | 3 => self.leave_or_return().await,
            4..=7 => self.guest_writes().await,
            8..=11 => self.campaign().await,
            12..=16 => self.tap().await,
            17 => self.opt_out().await,
            18 | 19 => self.staff_writes().await,
            20..=22 => self.book().await,
            _ => self.merge_or_erase().await,
        }
    }

    /// Everything that is on its way arrives.
    pub async fn settle(&mut self) {
        self.hotel.line.clear_faults();
        self.hotel.run_jobs_for(TimeDelta::minutes(3)).await;
        // As every night: a booking may have been written down before the send it follows.
        self.hotel.crm.conversions.recheck().await.unwrap();
    }

    fn next(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    async fn happens(&mut self, uid: &str, more: Value) {
        let id = format!("event-{}", self.next());
        let at = self.hotel.now().timestamp_millis();
        let mut event = event(&id, uid, at, more);
        if let Ok(token) = self.hotel.line.issue_reply_token(uid) {
            event["replyToken"] = json!(token);
        }
        let mut events = vec![event.clone()];
        if self.dice.below(4) == 0 {
            // LINE delivers some of them again.
            events.push(event);
        }
        receive(self.hotel, events).await;
        self.hotel.run_jobs().await;
    }

    async fn member_of(&self, uid: &str) -> Option<MemberId> {
        let mut tx = begin(self.hotel).await;
        let uid = crm_members::LineUid::parse(uid).unwrap();
        let found = tx.members().find_by_line_uid(&uid).await.unwrap();
        found.map(|member| member.id())
    }

    async fn new_friend(&mut self) {
        let uid = self.hotel.line.add_friends(1, false).remove(0);
        self.happens(&uid, json!({"type": "follow"})).await;
        let member = self.member_of(&uid).await.unwrap();
        self.guests.push(Guest { uid, member });
    }

    fn somebody(&mut self) -> (String, MemberId) {
        let at = self.dice.below(self.guests.len());
        (self.guests[at].uid.clone(), self.guests[at].member)
    }

    async fn leave_or_return(&mut self) {
        let (uid, _) = self.somebody();
        if self.dice.below(2) == 0 {
            let _ = self.hotel.line.unfollow(&uid);
            self.happens(&uid, json!({"type": "unfollow"})).await;
        } else {
            let _ = self.hotel.line.follow(&uid);
            self.happens(&uid, json!({"type": "follow"})).await;
        }
    }

    async fn guest_writes(&mut self) {
        let (uid, _) = self.somebody();
        let text = ["請問有停車場嗎", "早安"][self.dice.below(2)];
        let message = json!({"type": "text", "id": format!("m{}", self.next()), "text": text});
        self.happens(&uid, json!({"type": "message", "message": message}))
            .await;
    }

    async fn campaign(&mut self) {
        let template = self.templates[self.dice.below(self.templates.len())];
        let id = campaign(self.hotel, template, None).await;
        if self.dice.below(3) == 0 {
            let endpoint = [FaultEndpoint::Push, FaultEndpoint::Multicast][self.dice.below(2)];
            let kind = [
                FaultKind::ServerError,
                FaultKind::ServerErrorAfterAccept,
                FaultKind::RejectUnknown,
            ][self.dice.below(3)];
            let times = 1 + u32::try_from(self.dice.below(2)).unwrap();
            self.hotel
                .line
                .inject_fault(Fault::times(endpoint, kind, times));
        }
        let sent = self.hotel.crm.sending.send_now(&ME, id).await;
        if self.dice.below(4) == 0 {
            self.run_out_of_quota(id).await;
        }
        self.hotel.run_jobs().await;
        if sent.is_ok() && self.dice.below(2) == 0 {
            self.hotel.run_jobs_for(TimeDelta::seconds(40)).await;
        }
    }

    /// LINE takes a few more messages this month, until somebody buys a larger plan.
    async fn run_out_of_quota(&mut self, id: CampaignId) {
        let used = self.hotel.line.counters().quota_used;
        let left = u64::try_from(self.dice.below(4)).unwrap();
        self.hotel.line.set_quota(Some(used + left));
        self.hotel.run_jobs().await;
        self.hotel.clock.advance(TimeDelta::minutes(50));
        self.hotel.line.set_quota(None);
        let _ = self.hotel.crm.campaigns.resume(&ME, id).await;
    }

    async fn tap(&mut self) {
        let (uid, _) = self.somebody();
        let chat = self.hotel.line.messages_of(&uid);
        let tappable: Vec<&Value> = chat
            .iter()
            .map(|line| &line.message)
            .filter(|message| message.to_string().contains("/t/"))
            .collect();
        if tappable.is_empty() {
            return;
        }
        let message = tappable[self.dice.below(tappable.len())].clone();
        for _ in 0..=self.dice.below(2) {
            if self.dice.below(2) == 0 {
                let followed = self.hotel.crm.taps.follow(&token(&message), true).await;
                followed.unwrap();
                self.hotel.run_jobs().await;
                continue;
            }
            let mut found = Vec::new();
            actions(&message, "postback", &mut found);
            let data = found[0]["data"].clone();
            // Now and then by somebody to whom it was shown.
            let by = if self.dice.below(6) == 0 {
                self.somebody().0
            } else {
                uid.clone()
            };
            let more = json!({"type": "postback", "postback": {"data": data}});
            self.happens(&by, more).await;
        }
    }

    async fn opt_out(&mut self) {
        let (_, member) = self.somebody();
        let change = UpdateMember {
            accept_marketing: Patch::Set(self.dice.below(2) == 0),
            ..UpdateMember::default()
        };
        let _ = self.hotel.crm.members.update(&ME, member, change).await;
    }

    async fn staff_writes(&mut self) {
        let (_, member) = self.somebody();
        let command = SendMessage {
            member_id: member,
            content: "幫您保留".into(),
            message_type: MessageType::Text,
            template_id: None,
            scheduled_at: (self.dice.below(3) == 0).then(|| self.hotel.now() + TimeDelta::hours(5)),
        };
        let _ = self.hotel.crm.talking.send(&ME, command).await;
        self.hotel.run_jobs().await;
    }

    async fn book(&mut self) {
        let (_, member) = self.somebody();
        let now = self.hotel.now();
        let today = now.date_naive();
        let nights = self.dice.below(4) as i64;
        let stay = RecordStay {
            order_number: format!("R{}", self.next()),
            room_type: None,
            amount_minor: 100 * self.dice.below(9_000) as i64,
            check_in_date: today,
            check_out_date: today + TimeDelta::days(nights),
            // Sometimes written down long after, sometimes nobody knows.
            booked_at: [Some(now), Some(now - TimeDelta::hours(30)), None][self.dice.below(3)],
        };
        let _ = self.hotel.crm.members.record_stay(&ME, member, stay).await;
        if self.dice.below(3) == 0 {
            self.cancel().await;
        }
        self.hotel.run_jobs().await;
    }

    /// The hotel's own system tells that something booked earlier came to nothing.
    async fn cancel(&mut self) {
        let order = 1 + self.dice.below(self.count);
        let pool = self.hotel.crm.database.pool();
        for change in [
            format!(
                "INSERT INTO conversion_marks (member_id) SELECT member_id \
                 FROM consumption_records WHERE order_number = 'R{order}'"
            ),
            format!(
                "UPDATE consumption_records SET pms_status = 'cancelled' \
                 WHERE order_number = 'R{order}'"
            ),
        ] {
            pool.execute_unprepared(&change).await.unwrap();
        }
    }

    async fn merge_or_erase(&mut self) {
        if self.guests.len() < 4 {
            return;
        }
        let at = self.dice.below(self.guests.len());
        if self.dice.below(2) == 0 {
            let desk = self.next();
            let kept = at_the_desk(self.hotel, desk).await;
            if merge(self.hotel, kept, self.guests[at].member)
                .await
                .is_ok()
            {
                self.guests[at].member = kept;
            }
            return;
        }
        let guest = self.guests.remove(at);
        let said = said(self.hotel, Some(guest.member.get())).await;
        self.gone.extend(said);
        self.hotel.crm.conversions.count_marked().await.unwrap();
        let (booked, brought) = brought(self.hotel, Some(guest.member.get())).await;
        self.gone_booked.extend(booked);
        self.gone_brought.extend(brought);
        let erased = self.hotel.crm.erasure.erase(&ME, guest.member).await;
        erased.unwrap();
    }
}

async fn begin(hotel: &Installation) -> Box<dyn crm_workflows::CrmTx> {
    crm_kernel::Transactions::begin(&hotel.crm.database)
        .await
        .unwrap()
}

async fn tag(hotel: &Installation, name: &str) -> TagId {
    let command = CreateTag {
        name: name.into(),
        kind: TagKind::Interaction,
        source: None,
        description: None,
        campaign_id: None,
    };
    let tag = hotel.crm.tags.create(&ME, command).await;
    tag.unwrap().id()
}
