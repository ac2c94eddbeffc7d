//! What was sent and booked, written and read as plain rows; and what that comes to, counted as
//! the definition reads, by somebody who knows nothing of marks and differences.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use crm_database::Database;
use crm_kernel::{CampaignId, HotelTime, MemberId, StayId};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use std::collections::BTreeMap;

#[derive(Clone, Debug, FromQueryResult)]
struct Sent {
    id: i64,
    member_id: i64,
    campaign_id: i64,
    status: String,
    sent_at: Option<DateTime<Utc>>,
    clicked_at: Option<DateTime<Utc>>,
    state: Option<String>,
    finished_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, FromQueryResult)]
struct Stay {
    id: i64,
    member_id: i64,
    booked_at: Option<DateTime<Utc>>,
    pms_status: Option<String>,
    amount_minor: i64,
    nights: Option<i32>,
}

#[derive(Clone, Debug, FromQueryResult)]
struct KeptStay {
    recipient_id: i64,
    stay_id: i64,
    amount_minor: i64,
    nights: i64,
    booked_at: DateTime<Utc>,
}

#[derive(Clone, Debug, FromQueryResult)]
struct Kept {
    recipient_id: i64,
    campaign_id: i64,
    booked_at: DateTime<Utc>,
    had_clicked: bool,
}

#[derive(Clone, Debug, FromQueryResult)]
struct CampaignSums {
    id: i64,
    converted_count: i64,
    converted_clicked_count: i64,
    revenue_minor: i64,
    revenue_stays: i64,
    revenue_nights: i64,
}

#[derive(Clone, Debug, FromQueryResult)]
struct DaySum {
    name: String,
    subject: i64,
    day: NaiveDate,
    n: i64,
}

/// Somebody who booked, with the stays that count: id, amount, nights, when booked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Booked {
    pub recipient: i64,
    pub campaign: i64,
    pub booked_at: DateTime<Utc>,
    pub had_clicked: bool,
    pub stays: Vec<(i64, i64, i64, DateTime<Utc>)>,
}

/// All that is kept: conversions, sums of campaigns (converted, clicked, amount, stays, nights),
/// figures by name, campaign and day.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub booked: Vec<Booked>,
    pub campaigns: BTreeMap<i64, [i64; 5]>,
    pub days: BTreeMap<(String, i64, NaiveDate), i64>,
}

pub async fn run<const N: usize>(db: &Database, text: &str, values: [Value; N]) {
    let backend = db.pool().get_database_backend();
    let statement = Statement::from_sql_and_values(backend, text, values);
    db.pool().execute_raw(statement).await.unwrap();
}

async fn all<R: FromQueryResult>(db: &Database, text: &str) -> Vec<R> {
    let backend = db.pool().get_database_backend();
    let statement = Statement::from_string(backend, text);
    R::find_by_statement(statement)
        .all(db.pool())
        .await
        .unwrap()
}

/// A row of a recipient to whom it was sent alone.
pub async fn send(db: &Database, campaign: CampaignId, member: MemberId, at: DateTime<Utc>) {
    let text = "INSERT INTO campaign_recipients (campaign_id, member_id, status, sent_at) \
                VALUES (?, ?, 'sent', ?)";
    let values = [campaign.get().into(), member.get().into(), at.into()];
    run(db, text, values).await;
}

/// Rows of recipients to whom it was sent as a batch.
pub async fn send_batch(
    db: &Database,
    (campaign, number): (CampaignId, i64),
    members: &[MemberId],
    at: DateTime<Utc>,
) {
    let text = "INSERT INTO campaign_batches (campaign_id, number, mode, state, size, retry_key, \
                finished_at) VALUES (?, ?, 'bulk', 'accepted', 1, 'k', ?)";
    let values = [campaign.get().into(), number.into(), at.into()];
    run(db, text, values).await;
    for member in members {
        let text = "INSERT INTO campaign_recipients (campaign_id, member_id, batch_number, \
                    status) VALUES (?, ?, ?, 'pending')";
        let values = [campaign.get().into(), member.get().into(), number.into()];
        run(db, text, values).await;
    }
}

pub async fn click(db: &Database, campaign: CampaignId, member: MemberId, at: DateTime<Utc>) {
    let text = "UPDATE campaign_recipients SET clicked_at = COALESCE(clicked_at, ?) \
                WHERE campaign_id = ? AND member_id = ?";
    let values = [at.into(), campaign.get().into(), member.get().into()];
    run(db, text, values).await;
}

/// What should be kept, of the guests who are there.
pub async fn by_the_letter(db: &Database, window: TimeDelta) -> Vec<(MemberId, Booked)> {
    let sends: Vec<Sent> = all(
        db,
        "SELECT r.id, r.member_id, r.campaign_id, r.status, r.sent_at, r.clicked_at, b.state, \
         b.finished_at FROM campaign_recipients r LEFT JOIN campaign_batches b \
         ON b.campaign_id = r.campaign_id AND b.number = r.batch_number \
         WHERE r.member_id IS NOT NULL ORDER BY r.id",
    )
    .await;
    let stays: Vec<Stay> = all(
        db,
        "SELECT id, member_id, booked_at, pms_status, amount_minor, nights \
         FROM consumption_records ORDER BY id",
    )
    .await;
    let mut known: Vec<(&Sent, DateTime<Utc>)> = Vec::new();
    for sent in &sends {
        let by_batch = sent.finished_at.filter(|_| {
            sent.state.as_deref() == Some("accepted")
                && !matches!(sent.status.as_str(), "failed" | "skipped")
        });
        known.extend(sent.sent_at.or(by_batch).map(|at| (sent, at)));
    }
    let stands = |stay: &Stay| {
        !matches!(
            stay.pms_status.as_deref(),
            Some("cancelled" | "no_show" | "unknown")
        )
    };
    let mut found = Vec::new();
    for (sent, at) in &known {
        let mut first: Option<DateTime<Utc>> = None;
        let mut brought = Vec::new();
        for stay in stays.iter().filter(|stay| stay.member_id == sent.member_id) {
            let Some(booked) = stay.booked_at.filter(|_| stands(stay)) else {
                continue;
            };
            let belongs = |at: DateTime<Utc>| at < booked && booked - at <= window;
            if !belongs(*at) {
                continue;
            }
            first = Some(first.map_or(booked, |first| first.min(booked)));
            let mut others = known.iter().filter(|(o, _)| o.member_id == sent.member_id);
            let key = (*at, sent.campaign_id, sent.id);
            if !others.any(|(o, at)| belongs(*at) && (*at, o.campaign_id, o.id) > key) {
                let nights = i64::from(stay.nights.unwrap_or_default());
                brought.push((stay.id, stay.amount_minor, nights, booked));
            }
        }
        if let Some(booked_at) = first {
            let booked = Booked {
                recipient: sent.id,
                campaign: sent.campaign_id,
                booked_at,
                had_clicked: sent.clicked_at.is_some_and(|at| at <= booked_at),
                stays: brought,
            };
            found.push((MemberId::new(sent.member_id), booked));
        }
    }
    found
}

/// What that adds up to.
pub fn adding_up(booked: Vec<Booked>, hotel: HotelTime) -> Told {
    let mut sums = Told::default();
    for one in &booked {
        let [converted, clicked, amount, stays, nights] =
            sums.campaigns.entry(one.campaign).or_default();
        *converted += 1;
        *clicked += i64::from(one.had_clicked);
        let mut day = |name: &str, at, n| {
            for subject in [0, one.campaign] {
                let key = (name.to_owned(), subject, hotel.day_of(at));
                *sums.days.entry(key).or_default() += n;
            }
        };
        day("campaign_converted", one.booked_at, 1);
        for (_, cost, how_long, at) in &one.stays {
            *amount += cost;
            *stays += 1;
            *nights += how_long;
            day("campaign_revenue", *at, *cost);
        }
    }
    sums.days.retain(|_, n| *n != 0);
    sums.booked = booked;
    sums.booked.sort();
    sums
}

/// What is kept.
pub async fn kept(db: &Database) -> Told {
    let mut booked: BTreeMap<i64, Booked> = BTreeMap::new();
    let rows: Vec<Kept> = all(
        db,
        "SELECT recipient_id, campaign_id, booked_at, had_clicked FROM conversions",
    )
    .await;
    for row in rows {
        let one = Booked {
            recipient: row.recipient_id,
            campaign: row.campaign_id,
            booked_at: row.booked_at,
            had_clicked: row.had_clicked,
            stays: Vec::new(),
        };
        booked.insert(row.recipient_id, one);
    }
    let rows: Vec<KeptStay> = all(
        db,
        "SELECT recipient_id, stay_id, amount_minor, nights, booked_at FROM conversion_stays \
         ORDER BY stay_id",
    )
    .await;
    for row in rows {
        let one = booked.get_mut(&row.recipient_id).unwrap();
        let stay = (row.stay_id, row.amount_minor, row.nights, row.booked_at);
        one.stays.push(stay);
    }
    let mut kept = Told {
        booked: booked.into_values().collect(),
        ..Told::default()
    };
    kept.booked.sort();
    let rows: Vec<CampaignSums> = all(
        db,
        "SELECT id, converted_count, converted_clicked_count, revenue_minor, revenue_stays, \
         revenue_nights FROM campaigns",
    )
    .await;
    for row in rows {
        let sums = [
            row.converted_count,
            row.converted_clicked_count,
            row.revenue_minor,
            row.revenue_stays,
            row.revenue_nights,
        ];
        if sums != [0; 5] {
            kept.campaigns.insert(row.id, sums);
        }
    }
    let rows: Vec<DaySum> = all(
        db,
        "SELECT name, subject, day, CAST(SUM(n) AS SIGNED) AS n FROM daily_figures \
         WHERE name IN ('campaign_converted', 'campaign_revenue') GROUP BY name, subject, day",
    )
    .await;
    for row in rows.into_iter().filter(|row| row.n != 0) {
        kept.days.insert((row.name, row.subject, row.day), row.n);
    }
    kept
}

/// The number of the stay with that order number.
pub async fn stay_id(db: &Database, order: &str) -> StayId {
    let text = format!("SELECT id FROM consumption_records WHERE order_number = '{order}'");
    StayId::new(crate::samples::number(db, &text).await)
}
