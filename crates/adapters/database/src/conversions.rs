//! What campaigns brought: counted for many guests at once, by a few statements.

use crate::conversion_histories::histories;
use crate::conversion_marks::mark_owners;
use crate::dialect::{marks, named, pieces, rows, rows_at_once};
use crate::sql::{Sql, sql};
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_analytics::{
    Brought, Changes, Conversion, ConversionQueries, ConversionRepository, ConversionsTx,
    GuestHistory, Marked,
};
use crm_kernel::{CampaignId, MemberId, StoreError};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

/// Campaigns that one statement moves.
const CAMPAIGNS_AT_ONCE: usize = 32;

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
struct MarkRow {
    id: i64,
    member_id: i64,
}

#[derive(FromQueryResult)]
struct SumsRow {
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

fn sums(is_mysql: bool) -> Sql {
    let whole = if is_mysql { "SIGNED" } else { "INTEGER" };
    sql(SUMS.replace("{whole}", whole))
}

fn differing(rows: Vec<SumsRow>) -> BTreeMap<CampaignId, (Brought, Brought)> {
    rows.into_iter()
        .map(|row| (CampaignId::new(row.id), (row.said(), row.true_sums())))
        .filter(|(_, (said, true_sums))| said != true_sums)
        .collect()
}

fn less(sums: Brought, than: Brought) -> Brought {
    Brought {
        converted: sums.converted - than.converted,
        converted_clicked: sums.converted_clicked - than.converted_clicked,
        revenue_minor: sums.revenue_minor - than.revenue_minor,
        stays: sums.stays - than.stays,
        nights: sums.nights - than.nights,
    }
}

/// Moves a column of each of these campaigns by a number of its own.
fn moved(column: &str, campaigns: &[(CampaignId, Brought)], n: fn(&Brought) -> i64) -> Sql {
    let case = sql(format!(
        "{column} = {column} + CASE id{} ELSE 0 END",
        " WHEN ? THEN ?".repeat(campaigns.len())
    ));
    campaigns
        .iter()
        .fold(case, |case, (id, sums)| case.bind(id.get()).bind(n(sums)))
}

impl DatabaseTx {
    async fn move_campaigns(
        &mut self,
        campaigns: &[(CampaignId, Brought)],
    ) -> Result<(), StoreError> {
        for some in pieces(campaigns, CAMPAIGNS_AT_ONCE) {
            sql("UPDATE campaigns SET ")
                .join(moved("converted_count", some, |sums| sums.converted))
                .then(", ")
                .join(moved("converted_clicked_count", some, |sums| {
                    sums.converted_clicked
                }))
                .then(", ")
                .join(moved("revenue_minor", some, |sums| sums.revenue_minor))
                .then(", ")
                .join(moved("revenue_stays", some, |sums| sums.stays))
                .then(", ")
                .join(moved("revenue_nights", some, |sums| sums.nights))
                .then(&format!(" WHERE id IN ({})", marks(some.len())))
                .bind_all(some.iter().map(|(id, _)| id.get()))
                .run(&self.tx)
                .await?;
        }
        Ok(())
    }

    async fn drop_conversions(&mut self, recipients: &[i64]) -> Result<(), StoreError> {
        for some in named(recipients) {
            for table in ["conversion_stays", "conversions"] {
                sql(format!(
                    "DELETE FROM {table} WHERE recipient_id IN ({})",
                    marks(some.len())
                ))
                .bind_all(some.iter().copied())
                .run(&self.tx)
                .await?;
            }
        }
        Ok(())
    }

    async fn put_conversions(&mut self, come: &[(MemberId, Conversion)]) -> Result<(), StoreError> {
        for some in pieces(come, rows_at_once(5)) {
            let insert = sql(format!(
                "INSERT INTO conversions (recipient_id, campaign_id, member_id, booked_at, \
                 had_clicked) VALUES {}",
                rows(5, some.len())
            ));
            let bound = some.iter().fold(insert, |insert, (member, one)| {
                insert
                    .bind(one.recipient)
                    .bind(one.campaign.get())
                    .bind(member.get())
                    .bind(one.booked_at)
                    .bind(one.had_clicked)
            });
            bound.run(&self.tx).await?;
        }
        let mut stays = Vec::new();
        for (_, one) in come {
            stays.extend(one.stays.iter().map(|stay| (one, stay)));
        }
        for some in pieces(&stays, rows_at_once(6)) {
            let insert = sql(format!(
                "INSERT INTO conversion_stays (recipient_id, stay_id, campaign_id, booked_at, \
                 amount_minor, nights) VALUES {}",
                rows(6, some.len())
            ));
            let bound = some.iter().fold(insert, |insert, (one, stay)| {
                insert
                    .bind(one.recipient)
                    .bind(stay.id.get())
                    .bind(one.campaign.get())
                    .bind(stay.booked_at)
                    .bind(stay.amount_minor)
                    .bind(stay.nights)
            });
            bound.run(&self.tx).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl ConversionRepository for DatabaseTx {
    async fn marked(&mut self, limit: u32) -> Result<Vec<Marked>, StoreError> {
        self.wait_for_conversions().await?;
        let found: Vec<MarkRow> =
            sql("SELECT id, member_id FROM conversion_marks ORDER BY id LIMIT ?")
                .bind(limit)
                .all(&self.tx)
                .await?;
        Ok(found
            .into_iter()
            .map(|row| Marked {
                mark: row.id,
                member: MemberId::new(row.member_id),
            })
            .collect())
    }

    async fn histories(&mut self, members: &[MemberId]) -> Result<Vec<GuestHistory>, StoreError> {
        histories(&self.tx, members).await
    }

    async fn change(&mut self, changes: &Changes) -> Result<(), StoreError> {
        let Changes {
            gone,
            come,
            campaigns,
            ..
        } = changes;
        self.drop_conversions(gone).await?;
        self.put_conversions(come).await?;
        let campaigns: Vec<(CampaignId, Brought)> = campaigns
            .iter()
            .map(|(id, sums)| (*id, *sums))
            .filter(|(_, sums)| *sums != Brought::default())
            .collect();
        self.move_campaigns(&campaigns).await
    }

    async fn unmark(&mut self, done: &[Marked]) -> Result<(), StoreError> {
        let done: Vec<i64> = done.iter().map(|mark| mark.mark).collect();
        for some in named(&done) {
            sql(format!(
                "DELETE FROM conversion_marks WHERE id IN ({})",
                marks(some.len())
            ))
            .bind_all(some)
            .run(&self.tx)
            .await?;
        }
        Ok(())
    }

    async fn mark_booked_since(&mut self, since: DateTime<Utc>) -> Result<u64, StoreError> {
        mark_owners(sql("booked_at >= ?").bind(since))
            .run(&self.tx)
            .await
    }

    async fn mark_everybody(&mut self) -> Result<u64, StoreError> {
        sql("INSERT INTO conversion_marks (member_id) SELECT member_id \
             FROM consumption_records WHERE booked_at IS NOT NULL \
             UNION SELECT member_id FROM conversions WHERE member_id IS NOT NULL")
        .run(&self.tx)
        .await
    }

    async fn add_up_campaigns(&mut self) -> Result<u64, StoreError> {
        self.wait_for_conversions().await?;
        let rows = sums(self.is_mysql()).all(&self.tx).await?;
        let wrong: Vec<(CampaignId, Brought)> = differing(rows)
            .into_iter()
            .map(|(id, (said, true_sums))| (id, less(true_sums, said)))
            .collect();
        self.move_campaigns(&wrong).await?;
        Ok(wrong.len() as u64)
    }
}

impl ConversionsTx for DatabaseTx {
    fn conversions(&mut self) -> &mut dyn ConversionRepository {
        self
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
