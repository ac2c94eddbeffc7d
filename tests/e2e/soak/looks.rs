//! Looking at how far campaigns are: what the API says, and what the rows say.

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseConnection, FromQueryResult, Statement};
use serde_json::Value;

/// A campaign's figures, and its recipients counted one by one, in one statement.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Counted {
    pub id: i64,
    pub status: String,
    pub planned: i64,
    pub sent: i64,
    pub failed: i64,
    pub skipped: i64,
    pub rows_planned: i64,
    pub rows_pending: i64,
    pub rows_sent: i64,
    pub rows_failed: i64,
    pub rows_skipped: i64,
    /// How far its plan is; null before it was begun.
    pub phase: Option<String>,
}

impl Counted {
    /// Fails unless the figures and the rows tell the same.
    pub fn check(&self) {
        let pending = self.planned - self.sent - self.failed - self.skipped;
        assert!(pending >= 0, "{self:?}");
        assert_eq!(
            (self.planned, pending, self.sent, self.failed, self.skipped),
            (
                self.rows_planned,
                self.rows_pending,
                self.rows_sent,
                self.rows_failed,
                self.rows_skipped
            ),
            "figures and rows differ: {self:?}"
        );
        assert_eq!(self.rows_failed + self.rows_skipped, 0, "{self:?}");
        assert!(
            matches!(self.status.as_str(), "draft" | "sending" | "sent"),
            "{self:?}"
        );
    }

    pub fn is_planning(&self) -> bool {
        self.phase.as_deref().is_some_and(|phase| phase != "done")
    }

    pub fn is_sending(&self) -> bool {
        self.status == "sending" && !self.is_planning()
    }
}

/// Fails unless what the API shows adds up.
pub fn check_shown(detail: &Value) {
    let count = |name: &str| detail[name].as_i64().unwrap();
    let parts = [
        "pending_count",
        "sent_count",
        "failed_count",
        "skipped_count",
    ]
    .map(count);
    assert!(parts.iter().all(|part| *part >= 0), "{detail}");
    assert_eq!(
        count("recipient_count"),
        parts.iter().sum::<i64>(),
        "{detail}"
    );
}

#[derive(FromQueryResult)]
struct Moment {
    at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Number {
    n: i64,
}

#[derive(Debug, FromQueryResult)]
#[expect(dead_code, reason = "read by people, by way of Debug")]
struct Words {
    a: i64,
    b: i64,
    c: Option<i64>,
    d: i64,
    words: String,
}

/// The database, read by somebody who only looks.
pub struct Looker(pub DatabaseConnection);

impl Looker {
    async fn ask<R: FromQueryResult>(&self, statement: &str) -> Vec<R> {
        let statement = Statement::from_string(self.0.get_database_backend(), statement);
        R::find_by_statement(statement).all(&self.0).await.unwrap()
    }

    async fn number(&self, statement: &str) -> i64 {
        self.ask::<Number>(statement)
            .await
            .first()
            .map_or(0, |row| row.n)
    }

    /// Counts the recipients of these campaigns; what the row does not say, its batch does.
    pub async fn count(&self, ids: &[i64]) -> Vec<Counted> {
        if ids.is_empty() {
            return Vec::new();
        }
        let ids = ids
            .iter()
            .map(i64::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        let sum = |name: &str, whose: &str| {
            format!("CAST(SUM(CASE WHEN {whose} THEN 1 ELSE 0 END) AS SIGNED) AS {name}")
        };
        let by_batch = |states: &str| {
            format!("r.status = 'pending' AND COALESCE(b.state, 'pending') IN ({states})")
        };
        let settled =
            |own: &str, states: &str| format!("r.status = '{own}' OR {}", by_batch(states));
        let sums = [
            sum("rows_pending", &by_batch("'pending', 'sending'")),
            sum("rows_sent", &settled("sent", "'accepted'")),
            sum("rows_failed", &settled("failed", "'failed', 'unknown'")),
            sum("rows_skipped", &settled("skipped", "'cancelled'")),
        ]
        .join(", ");
        self.ask(&format!(
            "SELECT c.id, c.status, c.recipient_count AS planned, c.sent_count AS sent, \
             c.failed_count AS failed, c.skipped_count AS skipped, p.phase, \
             COALESCE(t.rows_planned, 0) AS rows_planned, \
             COALESCE(t.rows_pending, 0) AS rows_pending, \
             COALESCE(t.rows_sent, 0) AS rows_sent, COALESCE(t.rows_failed, 0) AS rows_failed, \
             COALESCE(t.rows_skipped, 0) AS rows_skipped \
             FROM campaigns c LEFT JOIN campaign_plans p ON p.campaign_id = c.id \
             LEFT JOIN (SELECT r.campaign_id, COUNT(*) AS rows_planned, {sums} \
             FROM campaign_recipients r LEFT JOIN campaign_batches b \
             ON b.campaign_id = r.campaign_id AND b.number = r.batch_number \
             WHERE r.campaign_id IN ({ids}) GROUP BY r.campaign_id) t ON t.campaign_id = c.id \
             WHERE c.id IN ({ids})"
        ))
        .await
    }

    /// How far a plan in the making is.
    pub async fn planned_up_to(&self, campaign: i64) -> Option<i64> {
        let rows: Vec<Number> = self
            .ask(&format!(
                "SELECT after_member AS n FROM campaign_plans \
                 WHERE campaign_id = {campaign} AND phase <> 'done'"
            ))
            .await;
        rows.first().map(|row| row.n)
    }

    /// When the batch was first tried that waits longest for a clear answer.
    pub async fn oldest_try(&self) -> Option<DateTime<Utc>> {
        let rows: Vec<Moment> = self
            .ask(
                "SELECT first_tried_at AS at FROM campaign_batches WHERE state = 'sending' \
                 AND first_tried_at IS NOT NULL ORDER BY first_tried_at LIMIT 1",
            )
            .await;
        rows.first().map(|row| row.at)
    }

    /// For how long, in milliseconds at this moment, a job has waited whose holder is dead.
    pub async fn orphaned_for(&self, now_millis: i64) -> i64 {
        self.number(&format!(
            "SELECT {now_millis} - COALESCE(MIN(lease_until), {now_millis}) AS n FROM jobs \
             WHERE status = 1 AND lease_until < {now_millis}"
        ))
        .await
    }

    /// Batches and jobs that are not through, in words, for whoever has to find out why.
    pub async fn open_work(&self) -> Vec<String> {
        let batches = self.ask::<Words>(
            "SELECT campaign_id AS a, number AS b, state AS words, sender AS c, claim AS d \
             FROM campaign_batches WHERE state IN ('pending', 'sending') LIMIT 50",
        );
        let jobs = self.ask::<Words>(
            "SELECT run_at AS a, COALESCE(lease_until, 0) AS b, payload AS words, \
             CAST(status AS SIGNED) AS c, CAST(attempts AS SIGNED) AS d FROM jobs \
             WHERE status IN (0, 1) LIMIT 50",
        );
        let mut open = vec![
            "batches: campaign, number, sender, claim; jobs: run_at, lease_until, status, attempts"
                .to_owned(),
        ];
        open.extend(batches.await.iter().map(|row| format!("{row:?}")));
        open.extend(jobs.await.iter().map(|row| format!("{row:?}")));
        open
    }

    /// Jobs that were given up, other than the one that is tried once because the clock writes
    /// another every minute.
    pub async fn dead_jobs(&self) -> i64 {
        self.number(
            "SELECT COUNT(*) AS n FROM jobs WHERE status = 3 \
             AND name <> 'campaigns.rescue_stranded'",
        )
        .await
    }
}
