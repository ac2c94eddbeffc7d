//! Marks of guests whose conversions are to be looked at again, written wherever stays change
//! hands or are changed, and conversions that change hands with their guest.

use crate::DatabaseTx;
use crate::dialect::{for_update, pieces, rows, rows_at_once};
use crate::sql::{Sql, sql};
use crm_kernel::{MemberId, StoreError};

/// Marks the guests of the booked stays that fit; `condition` goes on after ` AND`.
pub(crate) fn mark_owners(condition: Sql) -> Sql {
    sql(
        "INSERT INTO conversion_marks (member_id) SELECT DISTINCT member_id \
         FROM consumption_records WHERE booked_at IS NOT NULL AND ",
    )
    .join(condition)
}

impl DatabaseTx {
    pub(crate) async fn mark_guests(&mut self, members: &[MemberId]) -> Result<(), StoreError> {
        let mut members = members.to_vec();
        members.sort_unstable();
        members.dedup();
        for some in pieces(&members, rows_at_once(1)) {
            let insert = sql(format!(
                "INSERT INTO conversion_marks (member_id) VALUES {}",
                rows(1, some.len())
            ));
            let insert = insert.bind_all(some.iter().map(|member| member.get()));
            insert.run(&self.tx).await?;
        }
        Ok(())
    }

    /// Waits until nobody else counts conversions; they are ours until the end. Whoever waits
    /// here may hold members, recipients and stays, which nobody who counts locks, but no
    /// campaign.
    pub(crate) async fn wait_for_conversions(&mut self) -> Result<(), StoreError> {
        if self.is_mysql() {
            sql("SELECT id FROM conversion_turn WHERE id = 1")
                .then(for_update(self.backend()))
                .any(&self.tx)
                .await?;
        }
        Ok(())
    }

    /// Both members' conversions are the kept one's, to be looked at again.
    pub(crate) async fn absorb_conversions(
        &mut self,
        from: MemberId,
        kept: MemberId,
    ) -> Result<(), StoreError> {
        self.wait_for_conversions().await?;
        sql("UPDATE conversions SET member_id = ? WHERE member_id = ?")
            .bind(kept.get())
            .bind(from.get())
            .run(&self.tx)
            .await?;
        self.mark_guests(&[kept]).await
    }

    /// Conversions go with the recipients that went back, to be looked at again.
    pub(crate) async fn return_conversions(
        &mut self,
        from: MemberId,
        kept: MemberId,
    ) -> Result<(), StoreError> {
        self.wait_for_conversions().await?;
        sql(
            "UPDATE conversions SET member_id = ? WHERE member_id = ? AND recipient_id IN \
             (SELECT id FROM campaign_recipients WHERE member_id = ?)",
        )
        .bind(from.get())
        .bind(kept.get())
        .bind(from.get())
        .run(&self.tx)
        .await?;
        self.mark_guests(&[from, kept]).await
    }

    /// What an erased guest booked stays counted, as nobody's.
    pub(crate) async fn forget_conversions(&mut self, id: MemberId) -> Result<(), StoreError> {
        self.wait_for_conversions().await?;
        sql("UPDATE conversions SET member_id = NULL WHERE member_id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }
}
