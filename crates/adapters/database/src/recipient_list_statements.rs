//! The parts that a list of recipients is made of, each of which goes along an index in the
//! order of that index, so that a page costs what stands before it in its part and no more.

use crate::dialect::marks;
use crate::sql::{Sql, sql};
use crm_campaigns::{FailReason, RecipientStatus};

/// Which recipients of a campaign, and along which index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Everybody, by member.
    Everybody,
    /// Whoever was settled alone, by reason.
    Alone {
        status: &'static str,
        reason: Option<String>,
    },
    /// Whoever shares the fate of their batch, batch by batch.
    WithBatch {
        states: &'static [&'static str],
        reason: Option<String>,
    },
    /// Whoever got it and opened it, by the time of that.
    Opened { clicked: bool },
}

/// Batches that were or may be tried, and whose recipients wait.
const OPEN: &[&str] = &["pending", "sending"];
const ACCEPTED: &[&str] = &["accepted"];
const FAILED: &[&str] = &["failed", "unknown"];
const CANCELLED: &[&str] = &["cancelled"];

impl Part {
    /// The parts of a list, one after the other. None where nobody can be meant.
    pub(crate) fn of(status: Option<RecipientStatus>, reason: Option<&str>) -> Vec<Self> {
        let status = match (status, reason) {
            (None, None) => return vec![Self::Everybody],
            (None, Some(reason)) => status_with(reason),
            (Some(status), _) => status,
        };
        let reason = reason.map(str::to_owned);
        let settled = |status, states| {
            vec![
                Self::Alone {
                    status,
                    reason: reason.clone(),
                },
                Self::WithBatch {
                    states,
                    reason: reason.clone(),
                },
            ]
        };
        match status {
            RecipientStatus::Failed => settled("failed", FAILED),
            RecipientStatus::Skipped => settled("skipped", CANCELLED),
            // Only who failed or was skipped has a reason.
            _ if reason.is_some() => Vec::new(),
            RecipientStatus::Sent => settled("sent", ACCEPTED),
            RecipientStatus::Pending => vec![Self::WithBatch {
                states: OPEN,
                reason: None,
            }],
            RecipientStatus::Opened => vec![Self::Opened { clicked: false }],
            RecipientStatus::Clicked => vec![Self::Opened { clicked: true }],
        }
    }

    /// The ids of its rows in order, for `LIMIT` and `OFFSET` to follow.
    pub(crate) fn ids(&self, campaign: i64, mysql: bool) -> Sql {
        let order = match self {
            Self::Everybody => everybody(mysql).1,
            Self::Alone { reason: None, .. } => "r.reason, r.id",
            Self::Alone { .. } => "r.id",
            // Within a batch the index has them by member; MySQL would sort all if it was told.
            Self::WithBatch { .. } if mysql => "b.number",
            Self::WithBatch { .. } => "b.number, r.member_id",
            Self::Opened { .. } => "r.opened_at, r.id",
        };
        let from = self.from(campaign, mysql);
        sql("SELECT r.id").join(from).then(" ORDER BY ").then(order)
    }

    /// The same from the end.
    pub(crate) fn ids_from_the_end(campaign: i64, mysql: bool) -> Sql {
        let from = Self::Everybody.from(campaign, mysql);
        let order = everybody(mysql).1;
        sql("SELECT r.id")
            .join(from)
            .then(&format!(" ORDER BY {order} DESC"))
    }

    /// How many rows it has.
    pub(crate) fn count(&self, campaign: i64, mysql: bool) -> Sql {
        sql("SELECT COUNT(*)").join(self.from(campaign, mysql))
    }

    fn from(&self, campaign: i64, mysql: bool) -> Sql {
        let along = |index: &str| {
            if mysql {
                format!("FORCE INDEX ({index})")
            } else {
                format!("INDEXED BY {index}")
            }
        };
        match self {
            Self::Everybody => sql(format!(
                " FROM campaign_recipients r {} WHERE r.campaign_id = ?",
                along(everybody(mysql).0)
            ))
            .bind(campaign),
            Self::Alone { status, reason } => {
                // The second condition is that of SQLite's index, word by word.
                let rows = sql(format!(
                    " FROM campaign_recipients r {} WHERE r.campaign_id = ? AND r.status = ? \
                     AND r.status <> 'pending'",
                    along("ix_campaign_recipients_outcome")
                ))
                .bind(campaign)
                .bind(*status);
                match reason {
                    None => rows,
                    Some(reason) => rows.then(" AND r.reason = ?").bind(reason.as_str()),
                }
            }
            Self::WithBatch { states, reason } => {
                // Batches in the order of their numbers; to SQLite, `+` keeps it from the index
                // of states.
                let (batches, join, state) = if mysql {
                    let numbers = along("uq_campaign_batches_number");
                    (numbers, "STRAIGHT_JOIN", "b.state")
                } else {
                    (String::new(), "CROSS JOIN", "+b.state")
                };
                let rows = sql(format!(
                    " FROM campaign_batches b {batches} {join} campaign_recipients r {} \
                     ON r.campaign_id = b.campaign_id AND r.batch_number = b.number \
                     AND r.status = 'pending' WHERE b.campaign_id = ? AND {state} IN ({})",
                    along("ix_campaign_recipients_batch"),
                    marks(states.len())
                ))
                .bind(campaign)
                .bind_all(states.iter().copied());
                match reason {
                    None => rows,
                    Some(reason) => rows.then(" AND b.reason = ?").bind(reason.as_str()),
                }
            }
            Self::Opened { clicked } => sql(format!(
                " FROM campaign_recipients r {} LEFT JOIN campaign_batches b \
                 ON b.campaign_id = r.campaign_id AND b.number = r.batch_number \
                 WHERE r.campaign_id = ? AND r.opened_at IS NOT NULL \
                 AND (r.status = 'sent' OR (r.status = 'pending' AND b.state = 'accepted')){}",
                along("ix_campaign_recipients_opened"),
                if *clicked {
                    " AND r.clicked_at IS NOT NULL"
                } else {
                    ""
                }
            ))
            .bind(campaign),
        }
    }
}

/// The index along which everybody is listed, and its order. A plan writes its rows by member, so
/// both are the same order; MySQL does without an index of rows, which would be one more tree to
/// write to for each recipient, and SQLite does not let itself be told to use that of members.
fn everybody(mysql: bool) -> (&'static str, &'static str) {
    if mysql {
        ("uq_campaign_recipients_member", "r.member_id")
    } else {
        ("ix_campaign_recipients_page", "r.id")
    }
}

/// The status that whoever has this reason has.
fn status_with(reason: &str) -> RecipientStatus {
    let failed = [
        FailReason::LineRejected,
        FailReason::RenderError,
        FailReason::OutcomeUnknown,
    ];
    if failed.into_iter().any(|known| known.as_str() == reason) {
        RecipientStatus::Failed
    } else {
        RecipientStatus::Skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_got_it_or_waits_for_it_has_no_reason() {
        for status in [
            RecipientStatus::Sent,
            RecipientStatus::Pending,
            RecipientStatus::Opened,
            RecipientStatus::Clicked,
        ] {
            assert_eq!(Part::of(Some(status), Some("blocked")), []);
            assert_ne!(Part::of(Some(status), None), []);
        }
    }

    #[test]
    fn a_reason_tells_how_it_ended() {
        for (reason, expected) in [("outcome_unknown", "failed"), ("blocked", "skipped")] {
            let parts = Part::of(None, Some(reason));
            assert!(matches!(&parts[0], Part::Alone { status, .. } if *status == expected));
        }
    }
}
