//! What campaigns brought: counted for many guests at once, by a few statements.

use crate::DatabaseTx;
use crate::conversion_histories::histories;
use crate::conversion_marks::mark_owners;
use crate::conversion_sums::{differing, less, sums};
use crate::dialect::{marks, named, pieces, rows, rows_at_once, skip_locked};
use crate::sql::{Sql, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_analytics::{
    Brought, Changes, Conversion, ConversionRepository, ConversionsTx, GuestHistory, Marked,
};
use crm_kernel::{CampaignId, MemberId, StoreError};
use sea_orm::FromQueryResult;

/// Campaigns that one statement moves.
const CAMPAIGNS_AT_ONCE: usize = 32;

#[derive(FromQueryResult)]
struct MarkRow {
    id: i64,
    member_id: i64,
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
            // Whoever sends one of them may wait for a guest who is being merged, and who merges
            // for us: rather once more in a minute.
            if self.is_mysql() {
                sql(format!(
                    "SELECT id FROM campaigns WHERE id IN ({}) ORDER BY id FOR UPDATE NOWAIT",
                    marks(some.len())
                ))
                .bind_all(some.iter().map(|(id, _)| id.get()))
                .ids::<i64>(&self.tx)
                .await?;
            }
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
    async fn is_free(&mut self) -> Result<bool, StoreError> {
        sql("SELECT id FROM conversion_turn WHERE id = 1")
            .then(skip_locked(self.backend()))
            .any(&self.tx)
            .await
    }

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
