//! What campaigns are said to have brought, and what their conversions add up to.

use crate::Database;
use crate::conversion_histories::histories;
use crate::sql::{Sql, sql};
use async_trait::async_trait;
use crm_analytics::{Brought, ConversionQueries, GuestHistory};
use crm_kernel::{CampaignId, MemberId, StoreError};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

/// What a campaign is said to have brought, and what its rows add up to.
const SUMS: &str = "SELECT c.id, c.converted_count, c.converted_clicked_count, c.revenue_minor, \
    c.revenue_stays, c.revenue_nights, COALESCE(k.converted, 0) AS converted, \
    COALESCE(k.clicked, 0) AS clicked, COALESCE(s.amount, 0) AS amount, \
    COALESCE(s.stays, 0) AS stays, COALESCE(s.nights, 0) AS nights FROM campaigns c \
    LEFT JOIN (SELECT campaign_id, COUNT(*) AS converted, \
        COUNT(CASE WHEN had_clicked THEN 1 END) AS clicked \
        FROM conversions GROUP BY campaign_id) k ON k.campaign_id = c.id \
    LEFT JOIN (SELECT campaign_id, CAST(SUM(amount_minor) AS {whole}) AS amount, \
        COUNT(*) AS stays, CAST(SUM(nights) AS {whole}) AS nights \
        FROM conversion_stays GROUP BY campaign_id) s ON s.campaign_id = c.id";

#[derive(FromQueryResult)]
pub(crate) struct SumsRow {
    id: i64,
    converted_count: i64,
    converted_clicked_count: i64,
    revenue_minor: i64,
    revenue_stays: i64,
    revenue_nights: i64,
    converted: i64,
    clicked: i64,
    amount: i64,
    stays: i64,
    nights: i64,
}

impl SumsRow {
    const fn said(&self) -> Brought {
        Brought {
            converted: self.converted_count,
            converted_clicked: self.converted_clicked_count,
            revenue_minor: self.revenue_minor,
            stays: self.revenue_stays,
            nights: self.revenue_nights,
        }
    }

    const fn true_sums(&self) -> Brought {
        Brought {
            converted: self.converted,
            converted_clicked: self.clicked,
            revenue_minor: self.amount,
            stays: self.stays,
            nights: self.nights,
        }
    }
}

pub(crate) fn sums(is_mysql: bool) -> Sql {
    let whole = if is_mysql { "SIGNED" } else { "INTEGER" };
    sql(SUMS.replace("{whole}", whole))
}

pub(crate) fn differing(rows: Vec<SumsRow>) -> BTreeMap<CampaignId, (Brought, Brought)> {
    rows.into_iter()
        .map(|row| (CampaignId::new(row.id), (row.said(), row.true_sums())))
        .filter(|(_, (said, true_sums))| said != true_sums)
        .collect()
}

pub(crate) fn less(sums: Brought, than: Brought) -> Brought {
    Brought {
        converted: sums.converted - than.converted,
        converted_clicked: sums.converted_clicked - than.converted_clicked,
        revenue_minor: sums.revenue_minor - than.revenue_minor,
        stays: sums.stays - than.stays,
        nights: sums.nights - than.nights,
    }
}

#[async_trait]
impl ConversionQueries for Database {
    async fn histories_after(
        &self,
        after: MemberId,
        limit: u32,
    ) -> Result<Vec<GuestHistory>, StoreError> {
        let members: Vec<MemberId> = next_guests(after, limit).ids(&self.pool).await?;
        histories(&self.pool, &members).await
    }

    async fn campaigns_that_differ(
        &self,
    ) -> Result<BTreeMap<CampaignId, (Brought, Brought)>, StoreError> {
        let rows = sums(self.is_mysql()).all(&self.pool).await?;
        Ok(differing(rows))
    }
}

/// The next guests with a booked stay or a conversion.
pub(crate) fn next_guests(after: MemberId, limit: u32) -> Sql {
    let part = |table: &str, condition: &str| {
        sql(format!(
            "SELECT * FROM (SELECT DISTINCT member_id FROM {table} WHERE member_id > ?\
             {condition} ORDER BY member_id LIMIT ?) {table}_of"
        ))
        .bind(after.get())
        .bind(limit)
    };
    part("consumption_records", " AND booked_at IS NOT NULL")
        .then(" UNION ")
        .join(part("conversions", ""))
        .then(" ORDER BY member_id LIMIT ?")
        .bind(limit)
}
