//! What happened with one guest, out of the tables that know. Each part is found by an index
//! that begins with the member, so that the whole is as large as one guest's life.

use crate::Database;
use crate::sql::{Sql, known, page_of, sql};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, Page, PageRequest, StoreError};
use crm_members::{TimelineEntry, TimelineKind};
use sea_orm::FromQueryResult;

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

/// Every entry of a member as `at, kind, title, subject_id`.
fn entries(member: i64, mysql: bool) -> Sql {
    let (arrival, order, tag) = if mysql {
        (
            "CAST(check_in_date AS DATETIME(6))",
            "CONCAT(order_number, CASE WHEN room_type IS NULL THEN '' \
             ELSE CONCAT(' · ', room_type) END)",
            "CONCAT(tag_name, ' · ', trigger_source)",
        )
    } else {
        (
            "check_in_date || 'T00:00:00+00:00'",
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
        format!(
            "SELECT {arrival}, 3, {order}, id FROM consumption_records \
             WHERE member_id = ? AND check_in_date IS NOT NULL"
        ),
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
    pub(crate) async fn timeline_of(
        &self,
        member: MemberId,
        page: PageRequest,
    ) -> Result<Page<TimelineEntry>, StoreError> {
        let entries = entries(member.get(), self.is_mysql());
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
