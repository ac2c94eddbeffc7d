//! What happened with one guest, out of the tables that know. Each part is found by an index
//! that begins with the member, so that the whole is as large as one guest's life.

use crate::Database;
use crate::sql::{Sql, known, page_of, sql};
use crate::stays::TOOK_PLACE;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use crm_kernel::{HotelTime, MemberId, Page, PageRequest, StoreError};
use crm_members::{TimelineEntry, TimelineKind};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;
use std::fmt::Write as _;

#[derive(FromQueryResult)]
struct Row {
    at: DateTime<Utc>,
    kind: i64,
    title: Option<String>,
    subject_id: Option<i64>,
}

/// In the order of [`TimelineKind`]: of one moment, what stands later comes first.
const KINDS: [TimelineKind; 11] = [
    TimelineKind::Created,
    TimelineKind::Followed,
    TimelineKind::Unfollowed,
    TimelineKind::Stay,
    TimelineKind::Tag,
    TimelineKind::CampaignSent,
    TimelineKind::CampaignOpened,
    TimelineKind::CampaignClicked,
    TimelineKind::MessageIncoming,
    TimelineKind::MessageOutgoing,
    TimelineKind::Merged,
];

#[derive(FromQueryResult)]
struct Arrival {
    check_in_date: NaiveDate,
}

/// The days on which somebody arrived, by how many seconds after midnight UTC they begin.
struct Arrivals(BTreeMap<i64, Vec<NaiveDate>>);

impl Arrivals {
    fn of(days: impl IntoIterator<Item = NaiveDate>, hotel: HotelTime) -> Self {
        let mut by_shift: BTreeMap<i64, Vec<NaiveDate>> = BTreeMap::new();
        for day in days {
            let midnight = day.and_time(NaiveTime::MIN).and_utc();
            let shift = (hotel.start_of(day) - midnight).num_seconds();
            by_shift.entry(shift).or_default().push(day);
        }
        Self(by_shift)
    }

    /// The moment at which `check_in_date` begins. Most hotels have one shift, those with summer
    /// time two.
    fn moment(&self, mysql: bool) -> String {
        let moment = |shift: i64| {
            if mysql {
                format!("CAST(check_in_date AS DATETIME(6)) + INTERVAL ({shift}) SECOND")
            } else {
                format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', check_in_date, '{shift:+} seconds')")
            }
        };
        let mut shifts = self.0.iter();
        let usual = shifts.next().map_or(0, |(shift, _)| *shift);
        let mut cases = String::new();
        for (shift, days) in shifts {
            let days: Vec<String> = days.iter().map(|day| format!("'{day}'")).collect();
            let days = days.join(", ");
            // Writing to a `String` cannot fail.
            let _ = write!(
                cases,
                "WHEN check_in_date IN ({days}) THEN {} ",
                moment(*shift)
            );
        }
        if cases.is_empty() {
            return moment(usual);
        }
        format!("CASE {cases}ELSE {} END", moment(usual))
    }
}

/// The stays of a member that have begun by `today`; `?` is the member.
fn begun(today: NaiveDate) -> String {
    format!(
        "FROM consumption_records WHERE member_id = ? AND check_in_date <= '{today}' \
         AND {TOOK_PLACE}"
    )
}

/// Every entry of a member as `at, kind, title, subject_id`.
fn entries(member: i64, arrivals: &Arrivals, today: NaiveDate, mysql: bool) -> Sql {
    let (arrival, stays) = (arrivals.moment(mysql), begun(today));
    let (order, tag) = if mysql {
        (
            "CONCAT(order_number, CASE WHEN room_type IS NULL THEN '' \
             ELSE CONCAT(' · ', room_type) END)",
            "CONCAT(tag_name, ' · ', trigger_source)",
        )
    } else {
        (
            "order_number || CASE WHEN room_type IS NULL THEN '' ELSE ' · ' || room_type END",
            "tag_name || ' · ' || trigger_source",
        )
    };
    let reached = "FROM campaign_recipients r JOIN campaigns c ON c.id = r.campaign_id \
                   WHERE r.member_id = ?";
    let parts = [
        "SELECT created_at AS at, 0 AS kind, source AS title, NULL AS subject_id \
         FROM members WHERE id = ?"
            .to_owned(),
        "SELECT followed_at, 1, line_display_name, NULL FROM members \
         WHERE id = ? AND followed_at IS NOT NULL"
            .to_owned(),
        "SELECT unfollowed_at, 2, line_display_name, NULL FROM members \
         WHERE id = ? AND unfollowed_at IS NOT NULL"
            .to_owned(),
        format!("SELECT {arrival}, 3, {order}, id {stays}"),
        format!("SELECT triggered_at, 4, {tag}, tag_id FROM tag_trigger_logs WHERE member_id = ?"),
        format!(
            "SELECT r.sent_at, 5, c.title, c.id {reached} AND r.sent_at IS NOT NULL"
        ),
        "SELECT b.finished_at, 5, c.title, c.id FROM campaign_recipients r \
         JOIN campaigns c ON c.id = r.campaign_id JOIN campaign_batches b \
         ON b.campaign_id = r.campaign_id AND b.number = r.batch_number \
         WHERE r.member_id = ? AND r.sent_at IS NULL AND r.status = 'pending' \
         AND b.state = 'accepted' AND b.finished_at IS NOT NULL"
            .to_owned(),
        format!("SELECT r.opened_at, 6, c.title, c.id {reached} AND r.opened_at IS NOT NULL"),
        format!("SELECT r.clicked_at, 7, c.title, c.id {reached} AND r.clicked_at IS NOT NULL"),
        "SELECT COALESCE(sent_at, created_at), CASE WHEN direction = 'incoming' THEN 8 ELSE 9 END, \
         SUBSTR(content, 1, 60), id FROM messages WHERE member_id = ? AND campaign_id IS NULL \
         AND status NOT IN ('pending', 'failed')"
            .to_owned(),
        "SELECT merged_at, 10, '', id FROM member_merges \
         WHERE kept_member_id = ? AND undone_at IS NULL"
            .to_owned(),
    ];
    sql(parts.join(" UNION ALL ")).bind_all([member; 11])
}

impl Database {
    /// Every entry of a member, in no order.
    pub(crate) async fn timeline_statement(
        &self,
        member: MemberId,
        (now, hotel): (DateTime<Utc>, HotelTime),
    ) -> Result<Sql, StoreError> {
        let today = hotel.day_of(now);
        let days: Vec<Arrival> = sql(format!("SELECT DISTINCT check_in_date {}", begun(today)))
            .bind(member.get())
            .all(&self.pool)
            .await?;
        let arrivals = Arrivals::of(days.into_iter().map(|row| row.check_in_date), hotel);
        Ok(entries(member.get(), &arrivals, today, self.is_mysql()))
    }

    pub(crate) async fn timeline_of(
        &self,
        member: MemberId,
        (now, hotel): (DateTime<Utc>, HotelTime),
        page: PageRequest,
    ) -> Result<Page<TimelineEntry>, StoreError> {
        let entries = self.timeline_statement(member, (now, hotel)).await?;
        let total = sql("SELECT COUNT(*) FROM (")
            .join(entries.clone())
            .then(") happened")
            .number(&self.pool)
            .await?;
        let rows: Vec<Row> = sql("SELECT at, kind, title, subject_id FROM (")
            .join(entries)
            .then(") happened ORDER BY at DESC, kind DESC, subject_id DESC")
            .page(page)
            .all(&self.pool)
            .await?;
        page_of(rows, total, page, |row| {
            let kind = usize::try_from(row.kind).ok();
            Ok(TimelineEntry {
                at: row.at,
                kind: known(
                    kind.and_then(|kind| KINDS.get(kind).copied()),
                    "kind of entry",
                )?,
                title: row.title.unwrap_or_default(),
                subject_id: row.subject_id,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hotel_with_summer_time_has_two_shifts_and_others_one() {
        let days = || [1, 4, 7].map(|month| NaiveDate::from_ymd_opt(2026, month, 5).unwrap());
        let taipei = Arrivals::of(days(), HotelTime::new(chrono_tz::Asia::Taipei));
        assert_eq!(
            taipei.moment(false),
            "strftime('%Y-%m-%dT%H:%M:%S+00:00', check_in_date, '-28800 seconds')"
        );
        let berlin = Arrivals::of(days(), HotelTime::new(chrono_tz::Europe::Berlin));
        assert_eq!(
            berlin.moment(true),
            "CASE WHEN check_in_date IN ('2026-01-05') THEN \
             CAST(check_in_date AS DATETIME(6)) + INTERVAL (-3600) SECOND \
             ELSE CAST(check_in_date AS DATETIME(6)) + INTERVAL (-7200) SECOND END"
        );
        let nobody = Arrivals::of([], HotelTime::new(chrono_tz::Asia::Taipei));
        assert!(nobody.moment(false).contains("+0 seconds"));
    }
}
