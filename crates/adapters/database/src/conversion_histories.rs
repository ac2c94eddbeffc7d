//! What decides about conversions, read for many guests at once.

use crate::dialect::{marks, named};
use crate::message_queries::SENT_AT;
use crate::sql::{Sql, sql};
use crate::stays::LISTED;
use chrono::{DateTime, Utc};
use crm_analytics::{BookedStay, BroughtStay, Conversion, GuestHistory, SentTo};
use crm_kernel::{CampaignId, MemberId, StayId, StoreError};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;

#[derive(FromQueryResult)]
struct StayRow {
    id: i64,
    member_id: i64,
    booked_at: DateTime<Utc>,
    is_listed: bool,
    amount_minor: i64,
    nights: Option<i32>,
}

#[derive(FromQueryResult)]
struct SentRow {
    id: i64,
    member_id: i64,
    campaign_id: i64,
    sent_at: Option<DateTime<Utc>>,
    clicked_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct KeptRow {
    recipient_id: i64,
    member_id: i64,
    campaign_id: i64,
    booked_at: DateTime<Utc>,
    had_clicked: bool,
}

#[derive(FromQueryResult)]
struct BroughtRow {
    recipient_id: i64,
    stay_id: i64,
    member_id: i64,
    booked_at: DateTime<Utc>,
    amount_minor: i64,
    nights: i64,
}

pub(crate) fn booked_stays(members: &[i64]) -> Sql {
    sql(format!(
        "SELECT id, member_id, booked_at, {LISTED} AS is_listed, amount_minor, nights \
         FROM consumption_records WHERE member_id IN ({}) AND booked_at IS NOT NULL",
        marks(members.len())
    ))
    .bind_all(members.iter().copied())
}

pub(crate) fn sends(members: &[i64]) -> Sql {
    sql(format!(
        "SELECT r.id, r.member_id, r.campaign_id, {SENT_AT} AS sent_at, r.clicked_at \
         FROM campaign_recipients r LEFT JOIN campaign_batches b \
         ON b.campaign_id = r.campaign_id AND b.number = r.batch_number \
         WHERE r.member_id IN ({}) AND r.status NOT IN ('failed', 'skipped')",
        marks(members.len())
    ))
    .bind_all(members.iter().copied())
}

pub(crate) fn kept_conversions(members: &[i64]) -> Sql {
    sql(format!(
        "SELECT recipient_id, member_id, campaign_id, booked_at, had_clicked FROM conversions \
         WHERE member_id IN ({}) ORDER BY recipient_id",
        marks(members.len())
    ))
    .bind_all(members.iter().copied())
}

pub(crate) fn kept_stays(members: &[i64]) -> Sql {
    sql(format!(
        "SELECT s.recipient_id, s.stay_id, c.member_id, s.booked_at, s.amount_minor, s.nights \
         FROM conversions c JOIN conversion_stays s ON s.recipient_id = c.recipient_id \
         WHERE c.member_id IN ({}) ORDER BY s.recipient_id, s.stay_id",
        marks(members.len())
    ))
    .bind_all(members.iter().copied())
}

/// The histories of those of these guests who have one, by member.
pub(crate) async fn histories(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<GuestHistory>, StoreError> {
    let members: Vec<i64> = members.iter().map(|member| member.get()).collect();
    let mut all: BTreeMap<i64, GuestHistory> = BTreeMap::new();
    for some in named(&members) {
        let stays: Vec<StayRow> = booked_stays(&some).all(db).await?;
        for row in stays {
            of(&mut all, row.member_id).stays.push(BookedStay {
                id: StayId::new(row.id),
                booked_at: row.booked_at,
                counts: row.is_listed,
                amount_minor: row.amount_minor,
                nights: i64::from(row.nights.unwrap_or_default()),
            });
        }
        read_kept(db, &some, &mut all).await?;
    }
    // What was sent to somebody who never booked does not matter.
    let booked: Vec<i64> = all.keys().copied().collect();
    for some in named(&booked) {
        let rows: Vec<SentRow> = sends(&some).all(db).await?;
        for row in rows {
            let Some(at) = row.sent_at else {
                continue;
            };
            of(&mut all, row.member_id).sends.push(SentTo {
                recipient: row.id,
                campaign: CampaignId::new(row.campaign_id),
                at,
                clicked_at: row.clicked_at,
            });
        }
    }
    Ok(all.into_values().collect())
}

async fn read_kept(
    db: &impl ConnectionTrait,
    members: &[i64],
    all: &mut BTreeMap<i64, GuestHistory>,
) -> Result<(), StoreError> {
    let kept: Vec<KeptRow> = kept_conversions(members).all(db).await?;
    if kept.is_empty() {
        return Ok(());
    }
    for row in kept {
        of(all, row.member_id).kept.push(Conversion {
            recipient: row.recipient_id,
            campaign: CampaignId::new(row.campaign_id),
            booked_at: row.booked_at,
            had_clicked: row.had_clicked,
            stays: Vec::new(),
        });
    }
    let brought: Vec<BroughtRow> = kept_stays(members).all(db).await?;
    for row in brought {
        let kept = &mut of(all, row.member_id).kept;
        if let Ok(at) = kept.binary_search_by_key(&row.recipient_id, |one| one.recipient)
            && let Some(one) = kept.get_mut(at)
        {
            one.stays.push(BroughtStay {
                id: StayId::new(row.stay_id),
                booked_at: row.booked_at,
                amount_minor: row.amount_minor,
                nights: row.nights,
            });
        }
    }
    Ok(())
}

fn of(all: &mut BTreeMap<i64, GuestHistory>, member: i64) -> &mut GuestHistory {
    all.entry(member).or_insert_with(|| GuestHistory {
        member: MemberId::new(member),
        sends: Vec::new(),
        stays: Vec::new(),
        kept: Vec::new(),
    })
}
