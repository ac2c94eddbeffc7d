//! Stays that wait for somebody to say whose they are, and what an erased member takes along.

use crate::DatabaseTx;
use crate::dialect::{for_update, marks, named, pieces, rows, rows_at_once};
use crate::sql::sql;
use crm_kernel::{MemberId, StoreError};
use crm_members::{GuestCode, KeptStay, LinkState, ReviewSubject};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct WaitingRow {
    order_number: String,
    record: String,
}

#[derive(FromQueryResult)]
struct CodeRow {
    code: String,
}

impl DatabaseTx {
    pub(super) async fn keep_waiting_stays(
        &mut self,
        stays: &[(ReviewSubject, KeptStay)],
    ) -> Result<(), StoreError> {
        let mut stays: Vec<&(ReviewSubject, KeptStay)> = stays.iter().collect();
        stays.sort_unstable_by_key(|(_, stay)| stay.order_number.as_str());
        // An older row of the same stay leaves what is kept alone. MySQL writes from left to
        // right and sees what it wrote: the time comes last.
        let in_place = if self.is_mysql() {
            let newer = |column| {
                format!(
                    "{column} = IF(VALUES(pms_updated_at) >= pms_updated_at, VALUES({column}), \
                     {column})"
                )
            };
            let sets = ["subject", "record", "pms_updated_at"].map(newer);
            format!(" ON DUPLICATE KEY UPDATE {}", sets.join(", "))
        } else {
            " ON CONFLICT (order_number) DO UPDATE SET subject = excluded.subject, \
             record = excluded.record, pms_updated_at = excluded.pms_updated_at \
             WHERE excluded.pms_updated_at >= pms_waiting_stays.pms_updated_at"
                .to_owned()
        };
        for some in pieces(&stays, rows_at_once(4)) {
            let mut insert = sql(format!(
                "INSERT INTO pms_waiting_stays (order_number, subject, pms_updated_at, record) \
                 VALUES {}",
                rows(4, some.len())
            ));
            for (subject, stay) in some {
                let record =
                    serde_json::to_string(stay).map_err(|e| StoreError::Internal(Box::new(e)))?;
                insert = insert
                    .bind(stay.order_number.as_str())
                    .bind(subject.key())
                    .bind(stay.updated_at)
                    .bind(record);
            }
            insert.then(&in_place).run(&self.tx).await?;
        }
        Ok(())
    }

    pub(super) async fn take_waiting_stays(
        &mut self,
        subject: &ReviewSubject,
        limit: u32,
    ) -> Result<Vec<KeptStay>, StoreError> {
        let found: Vec<WaitingRow> = sql("SELECT order_number, record FROM pms_waiting_stays \
             WHERE subject = ? ORDER BY order_number LIMIT ?")
        .bind(subject.key())
        .bind(limit)
        .then(for_update(self.backend()))
        .all(&self.tx)
        .await?;
        let mut stays = Vec::with_capacity(found.len());
        let numbers: Vec<&str> = found.iter().map(|row| row.order_number.as_str()).collect();
        for some in named(&numbers) {
            sql(format!(
                "DELETE FROM pms_waiting_stays WHERE order_number IN ({})",
                marks(some.len())
            ))
            .bind_all(some)
            .run(&self.tx)
            .await?;
        }
        for row in &found {
            // The error of the parser may quote what it read.
            let stay = serde_json::from_str(&row.record)
                .map_err(|_| StoreError::internal("a waiting stay cannot be read"))?;
            stays.push(stay);
        }
        Ok(stays)
    }

    async fn drop_waiting(&mut self, subjects: &[String]) -> Result<(), StoreError> {
        for some in named(subjects) {
            sql(format!(
                "DELETE FROM pms_waiting_stays WHERE subject IN ({})",
                marks(some.len())
            ))
            .bind_all(some.iter().map(String::as_str))
            .run(&self.tx)
            .await?;
        }
        Ok(())
    }

    pub(super) async fn forget_pms_member(&mut self, member: MemberId) -> Result<(), StoreError> {
        let codes: Vec<CodeRow> =
            sql("SELECT code FROM pms_guests WHERE member_id = ? ORDER BY code")
                .bind(member.get())
                .then(for_update(self.backend()))
                .all(&self.tx)
                .await?;
        sql(
            "UPDATE pms_guests SET state = ?, member_id = NULL, visits = NULL, vip = NULL \
             WHERE member_id = ?",
        )
        .bind(LinkState::Erased.as_str())
        .bind(member.get())
        .run(&self.tx)
        .await?;
        let linked: Vec<String> = codes
            .into_iter()
            .map(|row| ReviewSubject::Guest(GuestCode::from_stored(row.code)).key())
            .collect();
        let mut asked = self.empty_reviews_of(member, &linked).await?;
        self.forget_links_under_review(&asked).await?;
        asked.extend(linked);
        self.drop_waiting(&asked).await
    }

    /// Guests who were only to be asked about are as unknown as before.
    async fn forget_links_under_review(&mut self, subjects: &[String]) -> Result<(), StoreError> {
        let codes: Vec<GuestCode> = subjects
            .iter()
            .filter_map(|key| match ReviewSubject::parse(key) {
                Some(ReviewSubject::Guest(code)) => Some(code),
                _ => None,
            })
            .collect();
        for some in named(&codes) {
            sql(format!(
                "DELETE FROM pms_guests WHERE code IN ({}) AND state = ?",
                marks(some.len())
            ))
            .bind_all(some.iter().map(GuestCode::as_str))
            .bind(LinkState::Review.as_str())
            .run(&self.tx)
            .await?;
        }
        Ok(())
    }
}
