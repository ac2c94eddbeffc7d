//! What names a member changes hands when two become one, and goes back when they part.

use crate::DatabaseTx;
use crate::merge_moves::Hands;
use crate::sql::sql;
use crm_kernel::StoreError;
use crm_members::MergeMove;

impl DatabaseTx {
    /// Links, decisions that named the member, and reviews in which they are a candidate.
    pub(crate) async fn absorb_pms(&mut self, hands: Hands) -> Result<(), StoreError> {
        for (what, table, column) in [
            (MergeMove::PmsGuest, "pms_guests", "member_id"),
            (MergeMove::PmsDecision, "pms_reviews", "decision_member_id"),
        ] {
            let rest = format!("FROM {table} WHERE {column} = ?");
            let note = hands.note(what, "id", &rest).bind(hands.from.get());
            let change = sql(format!(
                "UPDATE {table} SET {column} = ? WHERE {column} = ?"
            ));
            let change = change.bind(hands.kept.get()).bind(hands.from.get());
            self.note_and(note, change).await?;
        }
        let both = hands
            .note(
                MergeMove::PmsCandidateBoth,
                "c.review_id",
                "FROM pms_review_candidates c JOIN pms_review_candidates k \
                 ON k.review_id = c.review_id AND k.member_id = ? WHERE c.member_id = ?",
            )
            .bind(hands.kept.get())
            .bind(hands.from.get());
        let drop = sql("DELETE FROM pms_review_candidates WHERE member_id = ? AND review_id")
            .bind(hands.from.get())
            .join(hands.noted("", MergeMove::PmsCandidateBoth));
        self.note_and(both, drop).await?;
        let rest = "FROM pms_review_candidates WHERE member_id = ?";
        let note = hands.note(MergeMove::PmsCandidate, "review_id", rest);
        let change = sql("UPDATE pms_review_candidates SET member_id = ? WHERE member_id = ?")
            .bind(hands.kept.get())
            .bind(hands.from.get());
        self.note_and(note.bind(hands.from.get()), change).await
    }

    pub(crate) async fn return_pms(&mut self, hands: Hands) -> Result<(), StoreError> {
        for (what, change) in [
            (
                MergeMove::PmsGuest,
                "UPDATE pms_guests SET member_id = ? WHERE member_id = ? AND id",
            ),
            (
                MergeMove::PmsDecision,
                "UPDATE pms_reviews SET decision_member_id = ? \
                 WHERE decision_member_id = ? AND id",
            ),
            (
                MergeMove::PmsCandidate,
                "UPDATE pms_review_candidates SET member_id = ? \
                 WHERE member_id = ? AND review_id",
            ),
            (
                MergeMove::PmsCandidateBoth,
                "INSERT INTO pms_review_candidates (member_id, review_id) SELECT ?, review_id \
                 FROM pms_review_candidates WHERE member_id = ? AND review_id",
            ),
        ] {
            let change = sql(change).bind(hands.from.get()).bind(hands.kept.get());
            change.join(hands.noted("", what)).run(&self.tx).await?;
        }
        // Whoever is parted from the guest they became follows them no more.
        for member in [hands.from.get(), hands.kept.get()] {
            sql("UPDATE pms_guests SET merged_into = NULL \
                 WHERE member_id = ? AND merged_into IS NOT NULL AND merged_into NOT IN \
                 (SELECT own.code FROM (SELECT code FROM pms_guests WHERE member_id = ?) own)")
            .bind(member)
            .bind(member)
            .run(&self.tx)
            .await?;
        }
        // Stays that came with those guests since.
        sql(
            "UPDATE consumption_records SET member_id = ? WHERE member_id = ? \
             AND pms_guest_code IN (SELECT g.code FROM pms_guests g WHERE g.member_id = ?",
        )
        .bind(hands.from.get())
        .bind(hands.kept.get())
        .bind(hands.from.get())
        .join(hands.noted(" AND g.id", MergeMove::PmsGuest))
        .then(")")
        .run(&self.tx)
        .await?;
        Ok(())
    }
}
