use super::months::Stretch;
use crate::Database;
use crate::dialect::marks;
use crate::sql::{Sql, known, sql};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_analytics::{
    AnalyticsQueries, CampaignPerformance, CampaignSums, DayCount, Funnel, SubjectCount,
};
use crm_kernel::{CampaignId, Figure, StoreError};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct DayRow {
    name: String,
    day: NaiveDate,
    n: i64,
}

#[derive(FromQueryResult)]
struct SubjectRow {
    subject: i64,
    name: Option<String>,
    kind: Option<String>,
    n: i64,
}

#[derive(FromQueryResult)]
struct SumsRow {
    sent: i64,
    opened: i64,
    clicked: i64,
    converted: i64,
}

impl From<SumsRow> for CampaignSums {
    fn from(row: SumsRow) -> Self {
        Self {
            sent: row.sent,
            opened: row.opened,
            clicked: row.clicked,
            converted: row.converted,
        }
    }
}

#[derive(FromQueryResult)]
struct PerformanceRow {
    id: i64,
    title: String,
    sent_at: DateTime<Utc>,
    revenue_minor: i64,
    #[sea_orm(nested)]
    sums: SumsRow,
}

#[derive(FromQueryResult)]
struct FunnelRow {
    title: String,
    recipient_count: i64,
    skipped_count: i64,
    failed_count: i64,
    converted_clicked_count: i64,
    revenue_minor: i64,
    revenue_stays: i64,
    revenue_nights: i64,
    #[sea_orm(nested)]
    sums: SumsRow,
}

#[derive(FromQueryResult)]
struct SkipRow {
    reason: String,
    skipped: i64,
}

const SUMS: &str = "sent_count AS sent, opened_count AS opened, clicked_count AS clicked, \
    converted_count AS converted";

const SENT_IN: &str = "FROM campaigns WHERE sent_at >= ? AND sent_at < ?";

#[async_trait]
impl AnalyticsQueries for Database {
    async fn days(
        &self,
        figures: &[Figure],
        subject: i64,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Vec<DayCount>, StoreError> {
        if figures.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<DayRow> = days_of(figures, subject, first, last)
            .all(&self.pool)
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(DayCount {
                    figure: known(Figure::parse(&row.name), "figure")?,
                    day: row.day,
                    n: row.n,
                })
            })
            .collect()
    }

    async fn subjects(
        &self,
        figure: Figure,
        days: Option<(NaiveDate, NaiveDate)>,
        limit: u32,
    ) -> Result<Vec<SubjectCount>, StoreError> {
        let rows: Vec<SubjectRow> = subjects_of(figure, days, limit).all(&self.pool).await?;
        Ok(rows
            .into_iter()
            .map(|row| SubjectCount {
                subject: row.subject,
                name: row.name,
                kind: row.kind,
                n: row.n,
            })
            .collect())
    }

    async fn total(&self, figure: Figure) -> Result<i64, StoreError> {
        sql("SELECT CAST(SUM(n) AS SIGNED) FROM daily_figures WHERE name = ? AND subject = 0")
            .bind(figure.as_str())
            .number(&self.pool)
            .await
    }

    async fn campaign_sums(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<CampaignSums, StoreError> {
        let row: Option<SumsRow> = sums_of(from, until).one(&self.pool).await?;
        Ok(row.map(CampaignSums::from).unwrap_or_default())
    }

    async fn performance(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<CampaignPerformance>, StoreError> {
        let rows: Vec<PerformanceRow> = best_of(from, until, limit).all(&self.pool).await?;
        Ok(rows
            .into_iter()
            .map(|row| CampaignPerformance {
                id: CampaignId::new(row.id),
                title: row.title,
                sent_at: row.sent_at,
                sums: row.sums.into(),
                revenue_minor: row.revenue_minor,
            })
            .collect())
    }

    async fn funnel(&self, id: CampaignId) -> Result<Option<Funnel>, StoreError> {
        let row: Option<FunnelRow> = sql(format!(
            "SELECT title, recipient_count, skipped_count, failed_count, \
             converted_clicked_count, revenue_minor, revenue_stays, revenue_nights, {SUMS} \
             FROM campaigns WHERE id = ?"
        ))
        .bind(id.get())
        .one(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let skips: Vec<SkipRow> = sql(
            "SELECT reason, skipped FROM campaign_skips WHERE campaign_id = ? AND skipped <> 0",
        )
        .bind(id.get())
        .all(&self.pool)
        .await?;
        let sums = CampaignSums::from(row.sums);
        Ok(Some(Funnel {
            id,
            title: row.title,
            planned: row.recipient_count,
            skipped: skips.into_iter().map(|s| (s.reason, s.skipped)).collect(),
            failed: row.failed_count,
            pending: row.recipient_count - row.skipped_count - sums.sent - row.failed_count,
            sums,
            converted_clicked: row.converted_clicked_count,
            revenue_minor: row.revenue_minor,
            revenue_stays: row.revenue_stays,
            revenue_nights: row.revenue_nights,
        }))
    }
}

/// Each figure of each day, along the table's key.
pub(crate) fn days_of(figures: &[Figure], subject: i64, first: NaiveDate, last: NaiveDate) -> Sql {
    sql(format!(
        "SELECT name, day, CAST(SUM(n) AS SIGNED) AS n FROM daily_figures \
         WHERE name IN ({}) AND subject = ? AND day >= ? AND day <= ? GROUP BY name, day",
        marks(figures.len())
    ))
    .bind_all(figures.iter().map(|figure| figure.as_str()))
    .bind(subject)
    .bind(first)
    .bind(last)
}

/// A figure per subject that is still there, most first.
pub(crate) fn subjects_of(figure: Figure, days: Option<(NaiveDate, NaiveDate)>, limit: u32) -> Sql {
    let (table, kind) = match figure {
        Figure::RuleFired | Figure::RuleSucceeded => ("auto_responses", "s.trigger_type"),
        Figure::TagTriggered => ("tags", "s.kind"),
        _ => ("campaigns", "s.status"),
    };
    let title = if table == "campaigns" {
        "title"
    } else {
        "name"
    };
    sql(format!(
        "SELECT f.subject, s.{title} AS name, {kind} AS kind, f.n FROM (\
         SELECT subject, CAST(SUM(n) AS SIGNED) AS n FROM ("
    ))
    .join(counted_in(figure, days))
    .then(&format!(
        ") c GROUP BY subject) f JOIN {table} s ON s.id = f.subject \
         WHERE f.n > 0 ORDER BY f.n DESC, f.subject LIMIT ?"
    ))
    .bind(limit)
}

/// What is to be summed by subject: whole months where they are kept, and the days around them.
fn counted_in(figure: Figure, days: Option<(NaiveDate, NaiveDate)>) -> Sql {
    let of_days = |(first, last): (NaiveDate, NaiveDate)| {
        sql("SELECT subject, n FROM daily_figures \
             WHERE name = ? AND subject <> 0 AND day >= ? AND day <= ?")
        .bind(figure.as_str())
        .bind(first)
        .bind(last)
    };
    let Some(days) = days else {
        let table = if figure.is_listed() {
            "monthly_figures"
        } else {
            "daily_figures"
        };
        let all = format!("SELECT subject, n FROM {table} WHERE name = ? AND subject <> 0");
        return sql(all).bind(figure.as_str());
    };
    let Some(stretch) = Stretch::with_months(days).filter(|_| figure.is_listed()) else {
        return of_days(days);
    };
    let months = sql("SELECT subject, n FROM monthly_figures \
         WHERE name = ? AND month >= ? AND month <= ?")
    .bind(figure.as_str())
    .bind(stretch.months.0)
    .bind(stretch.months.1);
    let around = stretch.days.into_iter();
    around.fold(months, |all, days| {
        all.then(" UNION ALL ").join(of_days(days))
    })
}

/// Sums over the campaigns sent in between.
pub(crate) fn sums_of(from: DateTime<Utc>, until: DateTime<Utc>) -> Sql {
    let sum =
        |column: &str| format!("COALESCE(CAST(SUM({column}_count) AS SIGNED), 0) AS {column}");
    let sums = ["sent", "opened", "clicked", "converted"]
        .map(sum)
        .join(", ");
    sql(format!("SELECT {sums} {SENT_IN}"))
        .bind(from)
        .bind(until)
}

/// The campaigns sent in between, best click rate first.
pub(crate) fn best_of(from: DateTime<Utc>, until: DateTime<Utc>, limit: u32) -> Sql {
    sql(format!(
        "SELECT id, title, sent_at, revenue_minor, {SUMS} {SENT_IN} AND sent_count > 0 \
         ORDER BY clicked_count * 1.0 / sent_count DESC, sent_count DESC, id DESC LIMIT ?"
    ))
    .bind(from)
    .bind(until)
    .bind(limit)
}
