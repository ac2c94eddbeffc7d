//! The rows that each figure counts, as sums per quarter of an hour: every time zone's midnight
//! falls on one, so that hotel days need no help of the database.

use crate::message_queries::SENT_AT;
use crm_kernel::Figure;

/// One statement that counts rows: what their subject and time are, and where they stand.
pub(super) struct Counted {
    pub(super) figure: Figure,
    subject: &'static str,
    at: &'static str,
    /// `COUNT(*)`, or the sum of something.
    n: &'static str,
    from: &'static str,
}

impl Counted {
    const fn new(
        figure: Figure,
        subject: &'static str,
        at: &'static str,
        from: &'static str,
    ) -> Self {
        Self {
            figure,
            subject,
            at,
            n: "COUNT(*)",
            from,
        }
    }

    /// The statement.
    pub(super) fn text(&self, is_mysql: bool) -> String {
        let Self {
            subject,
            at,
            n,
            from,
            ..
        } = self;
        let quarter = if is_mysql {
            format!(
                "CONCAT(DATE_FORMAT({at}, '%Y-%m-%dT%H:'), LPAD(MINUTE({at}) DIV 15 * 15, 2, '0'))"
            )
        } else {
            format!(
                "substr({at}, 1, 14) || printf('%02d', CAST(substr({at}, 15, 2) AS INTEGER) / 15 * 15)"
            )
        };
        format!(
            "SELECT {subject} AS subject, {quarter} AS quarter, CAST({n} AS SIGNED) AS n \
             FROM {from} GROUP BY {subject}, {quarter}"
        )
    }
}

const SAID: &str = "COALESCE(m.sent_at, m.created_at)";

/// What every figure counts.
pub(super) const COUNTED: [Counted; 10] = [
    Counted::new(
        Figure::CampaignSent,
        "r.campaign_id",
        SENT_AT,
        "campaign_recipients r LEFT JOIN campaign_batches b ON b.campaign_id = r.campaign_id \
         AND b.number = r.batch_number WHERE r.sent_at IS NOT NULL OR (b.state = 'accepted' \
         AND r.status NOT IN ('failed', 'skipped'))",
    ),
    Counted::new(
        Figure::CampaignOpened,
        "r.campaign_id",
        "r.opened_at",
        "campaign_recipients r WHERE r.opened_at IS NOT NULL",
    ),
    Counted::new(
        Figure::CampaignClicked,
        "r.campaign_id",
        "r.clicked_at",
        "campaign_recipients r WHERE r.clicked_at IS NOT NULL",
    ),
    Counted::new(
        Figure::MessagesSent,
        "0",
        SAID,
        "messages m WHERE m.status = 'sent' \
         AND (m.sender_type IS NULL OR m.sender_type <> 'campaign')",
    ),
    Counted::new(
        Figure::MessagesReceived,
        "0",
        "m.created_at",
        "messages m WHERE m.status = 'received'",
    ),
    Counted::new(
        Figure::Follows,
        "0",
        "f.changed_at",
        "friend_changes f WHERE f.follows = TRUE",
    ),
    Counted::new(
        Figure::Blocks,
        "0",
        "f.changed_at",
        "friend_changes f WHERE f.follows = FALSE",
    ),
    Counted::new(
        Figure::RuleFired,
        "r.auto_response_id",
        "r.created_at",
        "replies r WHERE r.auto_response_id IS NOT NULL",
    ),
    Counted::new(
        Figure::RuleSucceeded,
        "r.auto_response_id",
        "r.created_at",
        "replies r WHERE r.auto_response_id IS NOT NULL AND r.status = 'sent'",
    ),
    Counted::new(
        Figure::TagTriggered,
        "l.tag_id",
        "l.triggered_at",
        "tag_trigger_logs l WHERE l.once_key IS NOT NULL",
    ),
];
