//! What a person must decide.

use crate::DatabaseTx;
use crate::dialect::{for_update, marks, named, pieces, rows, rows_at_once};
use crate::sql::{Sql, known, sql};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, ReviewId, StoreError, SyncRunId, UserId};
use crm_members::{
    GuestCode, KeptGuest, NewReview, Review, ReviewDecision, ReviewReason, ReviewStatus,
    ReviewSubject,
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashMap;

pub(super) const REVIEW: &str = "id, subject, status, reason, guest, run_id, asked_at, decision, \
    decision_member_id, decided_by, decided_at";

#[derive(FromQueryResult)]
pub(super) struct ReviewRecord {
    pub(super) id: i64,
    subject: String,
    status: String,
    reason: String,
    guest: String,
    run_id: i64,
    asked_at: DateTime<Utc>,
    decision: Option<String>,
    decision_member_id: Option<i64>,
    decided_by: Option<i64>,
    decided_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct CandidateRow {
    review_id: i64,
    member_id: i64,
}

#[derive(FromQueryResult)]
struct OpenRow {
    id: i64,
    open_key: String,
}

impl ReviewRecord {
    pub(super) fn with(self, candidates: Vec<MemberId>) -> Result<Review, StoreError> {
        let decision = match self.decision.as_deref() {
            None => None,
            Some("member") => self
                .decision_member_id
                .map(|id| ReviewDecision::Member(MemberId::new(id))),
            Some("new") => Some(ReviewDecision::New),
            Some("ignore") => Some(ReviewDecision::Ignore),
            Some(_) => return Err(StoreError::internal("a stored decision is not known")),
        };
        Ok(Review {
            id: ReviewId::new(self.id),
            new: NewReview {
                subject: known(ReviewSubject::parse(&self.subject), "subject of a review")?,
                reason: known(ReviewReason::parse(&self.reason), "reason of a review")?,
                // The error of the parser may quote what it read.
                guest: serde_json::from_str(&self.guest)
                    .map_err(|_| StoreError::internal("the guest of a review cannot be read"))?,
                candidates,
                run: SyncRunId::new(self.run_id),
                at: self.asked_at,
            },
            status: known(ReviewStatus::parse(&self.status), "status of a review")?,
            decision,
            decided_member: self.decision_member_id.map(MemberId::new),
            decided_by: self.decided_by.map(UserId::new),
            decided_at: self.decided_at,
        })
    }
}

/// The reviews of these rows, each with who it may be.
pub(super) async fn with_candidates(
    records: Vec<ReviewRecord>,
    db: &impl ConnectionTrait,
) -> Result<Vec<Review>, StoreError> {
    let mut of_review: HashMap<i64, Vec<MemberId>> = HashMap::new();
    let ids: Vec<i64> = records.iter().map(|record| record.id).collect();
    for some in named(&ids) {
        let found: Vec<CandidateRow> = sql(format!(
            "SELECT review_id, member_id FROM pms_review_candidates WHERE review_id IN ({}) \
             ORDER BY review_id, member_id",
            marks(some.len())
        ))
        .bind_all(some)
        .all(db)
        .await?;
        for row in found {
            let candidates = of_review.entry(row.review_id).or_default();
            candidates.push(MemberId::new(row.member_id));
        }
    }
    let mut one = |record: ReviewRecord| {
        let candidates = of_review.remove(&record.id).unwrap_or_default();
        record.with(candidates)
    };
    records.into_iter().map(&mut one).collect()
}

fn json(guest: &KeptGuest) -> Result<String, StoreError> {
    serde_json::to_string(guest).map_err(|e| StoreError::Internal(Box::new(e)))
}

/// A guest of whom only the code is left.
fn emptied(code: Option<GuestCode>, updated_at: DateTime<Utc>) -> KeptGuest {
    KeptGuest {
        code,
        last_name: None,
        first_name: None,
        gender: None,
        birthday: None,
        email: None,
        phone: None,
        id_number: None,
        id_index: None,
        accepts_marketing: None,
        visits: None,
        vip: None,
        updated_at,
    }
}

impl DatabaseTx {
    async fn locked_reviews(&mut self, condition: Sql) -> Result<Vec<ReviewRecord>, StoreError> {
        sql(format!("SELECT {REVIEW} FROM pms_reviews"))
            .join(condition)
            .then(for_update(self.backend()))
            .all(&self.tx)
            .await
    }

    pub(super) async fn pms_reviews_of(
        &mut self,
        subjects: &[ReviewSubject],
    ) -> Result<Vec<Review>, StoreError> {
        let mut keys: Vec<String> = subjects.iter().map(ReviewSubject::key).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut last: Vec<ReviewRecord> = Vec::with_capacity(keys.len());
        for some in named(&keys) {
            let condition = sql(format!(
                "{} WHERE subject IN ({}) ORDER BY subject, id",
                self.by_index("ix_pms_reviews_subject"),
                marks(some.len())
            ));
            let condition = condition.bind_all(some.iter().map(String::as_str));
            for record in self.locked_reviews(condition).await? {
                if last.last().is_some_and(|l| l.subject == record.subject) {
                    last.pop();
                }
                last.push(record);
            }
        }
        with_candidates(last, &self.tx).await
    }

    pub(super) async fn pms_review(&mut self, id: ReviewId) -> Result<Option<Review>, StoreError> {
        let condition = sql(" WHERE id = ?").bind(id.get());
        let found = self.locked_reviews(condition).await?;
        Ok(with_candidates(found, &self.tx).await?.pop())
    }

    /// Asks about all of them by a few statements; answers the ids in their order.
    pub(super) async fn ask_pms_reviews(
        &mut self,
        reviews: &[NewReview],
    ) -> Result<Vec<ReviewId>, StoreError> {
        let mut keyed: Vec<(String, &NewReview)> =
            reviews.iter().map(|r| (r.subject.key(), r)).collect();
        keyed.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let mut ids = HashMap::with_capacity(keyed.len());
        for some in pieces(&keyed, rows_at_once(7)) {
            self.put_open_reviews(some).await?;
            let open: Vec<OpenRow> = sql(format!(
                "SELECT id, open_key FROM pms_reviews WHERE open_key IN ({})",
                marks(some.len())
            ))
            .bind_all(some.iter().map(|(key, _)| key.as_str()))
            .all(&self.tx)
            .await?;
            sql(format!(
                "DELETE FROM pms_review_candidates WHERE review_id IN ({})",
                marks(open.len())
            ))
            .bind_all(open.iter().map(|row| row.id))
            .run(&self.tx)
            .await?;
            ids.extend(open.into_iter().map(|row| (row.open_key, row.id)));
        }
        let mut named = Vec::new();
        for (key, review) in &keyed {
            let id = known(ids.get(key), "open review")?;
            named.extend(review.candidates.iter().map(|member| (*id, member.get())));
        }
        self.insert_candidates(&named).await?;
        let id_of = |review: &NewReview| {
            let id = known(ids.get(&review.subject.key()), "open review")?;
            Ok(ReviewId::new(*id))
        };
        reviews.iter().map(id_of).collect()
    }

    /// Stores reviews, or brings the open ones of the same subject up to date.
    async fn put_open_reviews(
        &mut self,
        reviews: &[(String, &NewReview)],
    ) -> Result<(), StoreError> {
        let mut insert = sql(format!(
            "INSERT INTO pms_reviews (subject, open_key, status, reason, guest, run_id, asked_at) \
             VALUES {}",
            rows(7, reviews.len())
        ));
        for (key, review) in reviews {
            insert = insert
                .bind(key.as_str())
                .bind(key.as_str())
                .bind(ReviewStatus::Open.as_str())
                .bind(review.reason.as_str())
                .bind(json(&review.guest)?)
                .bind(review.run.get())
                .bind(review.at);
        }
        let in_place = self.in_place_of("open_key", "reason, guest, run_id");
        insert.then(&in_place).run(&self.tx).await?;
        Ok(())
    }

    async fn insert_candidates(&mut self, named: &[(i64, i64)]) -> Result<(), StoreError> {
        for some in pieces(named, rows_at_once(2)) {
            let insert = sql(format!(
                "INSERT INTO pms_review_candidates (review_id, member_id) VALUES {}",
                rows(2, some.len())
            ));
            let bound = some.iter().fold(insert, |insert, (review, member)| {
                insert.bind(*review).bind(*member)
            });
            bound.run(&self.tx).await?;
        }
        Ok(())
    }

    pub(super) async fn settle_pms_review(&mut self, review: &Review) -> Result<(), StoreError> {
        let is_open = review.status == ReviewStatus::Open;
        let guest = &review.new.guest;
        let guest = if is_open {
            json(guest)?
        } else {
            json(&emptied(guest.code.clone(), guest.updated_at))?
        };
        let settled = sql(
            "UPDATE pms_reviews SET open_key = ?, status = ?, guest = ?, decision = ?, \
             decision_member_id = ?, decided_by = ?, decided_at = ? WHERE id = ?",
        )
        .bind(is_open.then(|| review.new.subject.key()))
        .bind(review.status.as_str())
        .bind(guest)
        .bind(review.decision.map(ReviewDecision::as_str))
        .bind(review.decided_member.map(MemberId::get))
        .bind(review.decided_by.map(UserId::get))
        .bind(review.decided_at)
        .bind(review.id.get())
        .run(&self.tx)
        .await?;
        if settled == 0 {
            return Err(StoreError::Reference);
        }
        Ok(())
    }

    /// Settles what is open about these subjects, or only about this member; nothing is left of
    /// what was said. Answers which subjects those were.
    pub(super) async fn empty_reviews_of(
        &mut self,
        member: MemberId,
        subjects: &[String],
    ) -> Result<Vec<String>, StoreError> {
        let only = sql(" WHERE open_key IS NOT NULL AND id IN (SELECT c.review_id \
             FROM pms_review_candidates c WHERE c.member_id = ? AND NOT EXISTS (SELECT 1 \
             FROM pms_review_candidates o WHERE o.review_id = c.review_id \
             AND o.member_id <> c.member_id)) ORDER BY subject")
        .bind(member.get());
        let mut concerned = self.locked_reviews(only).await?;
        for some in named(subjects) {
            let about = sql(format!(
                " WHERE open_key IN ({}) ORDER BY open_key",
                marks(some.len())
            ));
            let about = about.bind_all(some.iter().map(String::as_str));
            concerned.extend(self.locked_reviews(about).await?);
        }
        let mut emptied_subjects = Vec::with_capacity(concerned.len());
        for mut review in with_candidates(concerned, &self.tx).await? {
            review.status = ReviewStatus::Settled;
            emptied_subjects.push(review.new.subject.key());
            self.settle_pms_review(&review).await?;
        }
        Ok(emptied_subjects)
    }
}
