//! What happened, read row by row and counted by nobody yet.

use super::life::Life;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use crm_kernel::Figure;
use crm_tests::Installation;
use sea_orm::{FromQueryResult, Statement};
use std::collections::BTreeMap;

/// Something that a figure counts.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    pub figure: Figure,
    pub subject: i64,
    pub at: DateTime<Utc>,
    pub n: i64,
}

/// A guest who booked after a campaign, by the letter of what that means.
#[derive(Clone, Copy, Debug)]
pub struct Booked {
    pub campaign: i64,
    pub at: DateTime<Utc>,
    pub had_clicked: bool,
}

/// A stay whose money counts for a campaign.
#[derive(Clone, Copy, Debug)]
pub struct Brought {
    pub campaign: i64,
    pub at: DateTime<Utc>,
    pub amount_minor: i64,
    pub nights: i64,
}

/// A campaign, as its recipients stand.
#[derive(Clone, Debug, Default)]
pub struct CampaignFacts {
    pub sent_at: Option<DateTime<Utc>>,
    pub planned: i64,
    pub skipped: BTreeMap<String, i64>,
    pub failed: i64,
    pub sent: i64,
    pub opened: i64,
    pub clicked: i64,
    pub converted: i64,
    pub converted_clicked: i64,
    pub revenue_minor: i64,
    pub stays: i64,
    pub nights: i64,
}

/// Everything that happened at a hotel.
pub struct Facts {
    pub zone: Tz,
    pub all: Vec<Fact>,
    pub campaigns: BTreeMap<i64, CampaignFacts>,
}

#[derive(FromQueryResult)]
struct CampaignRow {
    id: i64,
    sent_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct RecipientRow {
    campaign_id: i64,
    status: String,
    reason: Option<String>,
    sent_at: Option<DateTime<Utc>>,
    opened_at: Option<DateTime<Utc>>,
    clicked_at: Option<DateTime<Utc>>,
    batch_state: Option<String>,
    finished_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct SendRow {
    member_id: i64,
    campaign_id: i64,
    at: DateTime<Utc>,
    clicked_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct StayRow {
    member_id: i64,
    booked_at: DateTime<Utc>,
    amount_minor: i64,
    nights: Option<i32>,
}

#[derive(FromQueryResult)]
struct MessageRow {
    direction: String,
    status: String,
    sent_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct ReplyRow {
    auto_response_id: Option<i64>,
    status: String,
    created_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct TriggerRow {
    tag_id: i64,
    triggered_at: DateTime<Utc>,
    once_key: Option<String>,
}

#[derive(FromQueryResult)]
struct FriendRow {
    follows: bool,
    changed_at: DateTime<Utc>,
}

/// All rows that a statement finds.
pub async fn rows<R: FromQueryResult>(hotel: &Installation, text: &str) -> Vec<R> {
    let pool = hotel.crm.database.pool();
    let statement = Statement::from_string(pool.get_database_backend(), text);
    R::find_by_statement(statement).all(pool).await.unwrap()
}

/// What was said to and by a member, or by everybody: it goes when they are erased.
pub async fn said(hotel: &Installation, member: Option<i64>) -> Vec<Fact> {
    let whose = member.map_or_else(|| "1 = 1".to_owned(), |id| format!("member_id = {id}"));
    let mut facts = Vec::new();
    let messages: Vec<MessageRow> = rows(
        hotel,
        &format!("SELECT direction, status, sent_at, created_at FROM messages WHERE {whose}"),
    )
    .await;
    for row in messages {
        let (figure, at) = match (row.direction.as_str(), row.status.as_str()) {
            ("incoming", _) => (Figure::MessagesReceived, row.created_at),
            ("outgoing", "sent") => (Figure::MessagesSent, row.sent_at.unwrap()),
            _ => continue,
        };
        facts.push(Fact {
            figure,
            subject: 0,
            at,
            n: 1,
        });
    }
    let replies: Vec<ReplyRow> = rows(
        hotel,
        &format!("SELECT auto_response_id, status, created_at FROM replies WHERE {whose}"),
    )
    .await;
    for row in replies {
        let Some(subject) = row.auto_response_id else {
            continue;
        };
        let at = row.created_at;
        let fact = |figure| Fact {
            figure,
            subject,
            at,
            n: 1,
        };
        facts.push(fact(Figure::RuleFired));
        if row.status == "sent" {
            facts.push(fact(Figure::RuleSucceeded));
        }
    }
    facts
}

/// Who booked after which campaign, and whose money that was: of one member, or of everybody.
pub async fn brought(hotel: &Installation, member: Option<i64>) -> (Vec<Booked>, Vec<Brought>) {
    let whose = member.map_or_else(|| "1 = 1".to_owned(), |id| format!("member_id = {id}"));
    let sends: Vec<SendRow> = rows(
        hotel,
        &format!(
            "SELECT * FROM (SELECT r.member_id, r.campaign_id, r.clicked_at, \
             COALESCE(r.sent_at, CASE WHEN b.state = 'accepted' AND r.status NOT IN \
             ('failed', 'skipped') THEN b.finished_at END) AS at FROM campaign_recipients r \
             LEFT JOIN campaign_batches b ON b.campaign_id = r.campaign_id \
             AND b.number = r.batch_number) s WHERE at IS NOT NULL AND {whose} \
             AND member_id IS NOT NULL ORDER BY at, campaign_id"
        ),
    )
    .await;
    let stays: Vec<StayRow> = rows(
        hotel,
        &format!(
            "SELECT member_id, booked_at, amount_minor, nights FROM consumption_records \
             WHERE booked_at IS NOT NULL \
             AND (pms_status IS NULL OR pms_status <> 'cancelled') AND {whose} ORDER BY booked_at"
        ),
    )
    .await;
    let belongs = |send: &SendRow, stay: &StayRow| {
        send.member_id == stay.member_id
            && send.at < stay.booked_at
            && stay.booked_at - send.at <= TimeDelta::days(30)
    };
    let mut booked = Vec::new();
    for send in &sends {
        // The first of them, as stays are in the order of their booking.
        if let Some(stay) = stays.iter().find(|stay| belongs(send, stay)) {
            booked.push(Booked {
                campaign: send.campaign_id,
                at: stay.booked_at,
                had_clicked: send.clicked_at.is_some_and(|at| at <= stay.booked_at),
            });
        }
    }
    let mut brought = Vec::new();
    for stay in &stays {
        if let Some(send) = sends.iter().rev().find(|send| belongs(send, stay)) {
            brought.push(Brought {
                campaign: send.campaign_id,
                at: stay.booked_at,
                amount_minor: stay.amount_minor,
                nights: stay.nights.unwrap_or_default().into(),
            });
        }
    }
    (booked, brought)
}

impl Facts {
    /// Reads them all; those of erased guests are the life's own to remember.
    pub async fn read(hotel: &Installation, zone: Tz, life: &Life<'_>) -> Self {
        let mut facts = Self {
            zone,
            all: said(hotel, None).await,
            campaigns: BTreeMap::new(),
        };
        facts.all.extend(life.gone.iter().copied());
        facts.read_campaigns(hotel).await;
        let (booked, brought) = brought(hotel, None).await;
        for one in booked.iter().chain(&life.gone_booked) {
            let campaign = facts.campaigns.get_mut(&one.campaign).unwrap();
            campaign.converted += 1;
            campaign.converted_clicked += i64::from(one.had_clicked);
            facts.add(Figure::CampaignConverted, one.campaign, one.at);
        }
        for one in brought.iter().chain(&life.gone_brought) {
            let campaign = facts.campaigns.get_mut(&one.campaign).unwrap();
            campaign.revenue_minor += one.amount_minor;
            campaign.stays += 1;
            campaign.nights += one.nights;
            facts.all.push(Fact {
                figure: Figure::CampaignRevenue,
                subject: one.campaign,
                at: one.at,
                n: one.amount_minor,
            });
        }
        let triggers: Vec<TriggerRow> = rows(
            hotel,
            "SELECT tag_id, triggered_at, once_key FROM tag_trigger_logs",
        )
        .await;
        for row in triggers.iter().filter(|row| row.once_key.is_some()) {
            facts.add(Figure::TagTriggered, row.tag_id, row.triggered_at);
        }
        let friends: Vec<FriendRow> =
            rows(hotel, "SELECT follows, changed_at FROM friend_changes").await;
        for row in friends {
            let figure = if row.follows {
                Figure::Follows
            } else {
                Figure::Blocks
            };
            facts.add(figure, 0, row.changed_at);
        }
        facts
    }

    fn add(&mut self, figure: Figure, subject: i64, at: DateTime<Utc>) {
        self.all.push(Fact {
            figure,
            subject,
            at,
            n: 1,
        });
    }

    async fn read_campaigns(&mut self, hotel: &Installation) {
        let campaigns: Vec<CampaignRow> = rows(hotel, "SELECT id, sent_at FROM campaigns").await;
        for row in campaigns {
            let facts = CampaignFacts {
                sent_at: row.sent_at,
                ..CampaignFacts::default()
            };
            self.campaigns.insert(row.id, facts);
        }
        let recipients: Vec<RecipientRow> = rows(
            hotel,
            "SELECT r.campaign_id, r.status, r.reason, r.sent_at, r.opened_at, r.clicked_at, \
             b.state AS batch_state, b.finished_at FROM campaign_recipients r \
             LEFT JOIN campaign_batches b ON b.campaign_id = r.campaign_id \
             AND b.number = r.batch_number",
        )
        .await;
        for row in recipients {
            let id = row.campaign_id;
            let batch = row.batch_state.as_deref();
            let sent_at = match row.status.as_str() {
                "failed" | "skipped" => None,
                _ if row.sent_at.is_some() => row.sent_at,
                _ if batch == Some("accepted") => row.finished_at,
                _ => None,
            };
            let campaign = self.campaigns.get_mut(&id).unwrap();
            campaign.planned += 1;
            campaign.sent += i64::from(sent_at.is_some());
            campaign.opened += i64::from(row.opened_at.is_some());
            campaign.clicked += i64::from(row.clicked_at.is_some());
            let never = matches!(batch, Some("failed" | "unknown"));
            match row.status.as_str() {
                "skipped" => *campaign.skipped.entry(row.reason.unwrap()).or_default() += 1,
                "failed" => campaign.failed += 1,
                "pending" if never => campaign.failed += 1,
                _ => {}
            }
            for (figure, at) in [
                (Figure::CampaignSent, sent_at),
                (Figure::CampaignOpened, row.opened_at),
                (Figure::CampaignClicked, row.clicked_at),
            ] {
                if let Some(at) = at {
                    self.add(figure, id, at);
                }
            }
        }
    }

    /// The hotel day that a moment belongs to.
    pub fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// How many facts there are, of one subject or of all, within these days.
    pub fn count(&self, figure: Figure, subject: Option<i64>, days: (NaiveDate, NaiveDate)) -> i64 {
        let counts = |fact: &&Fact| {
            let day = self.day(fact.at);
            fact.figure == figure
                && subject.is_none_or(|subject| subject == fact.subject)
                && days.0 <= day
                && day <= days.1
        };
        self.all.iter().filter(counts).map(|fact| fact.n).sum()
    }

    /// Enough happened for the comparison to mean something.
    pub fn check_dice(&self) {
        let ever = (NaiveDate::MIN, NaiveDate::MAX);
        for figure in [Figure::CampaignSent, Figure::Follows, Figure::MessagesSent] {
            assert!(
                self.count(figure, None, ever) > 0,
                "the dice are good: {figure:?}"
            );
        }
    }
}
