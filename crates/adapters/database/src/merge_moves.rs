//! Rows that change hands when two members become one, and go back when they part. Each kind of
//! row is written down and moved by two statements, however many there are.

use crate::DatabaseTx;
use crate::dialect::marks;
use crate::sql::{Sql, sql};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, MergeId, StoreError, TagId};
use crm_members::{MergeMove, TaggedAt};
use crm_tags::TagRepository;
use sea_orm::FromQueryResult;

/// A merge and the two members it is about.
#[derive(Clone, Copy)]
pub(crate) struct Hands {
    pub(crate) merge: MergeId,
    pub(crate) kept: MemberId,
    pub(crate) from: MemberId,
}

#[derive(FromQueryResult)]
struct WornRow {
    tag_id: i64,
    tagged_at: DateTime<Utc>,
}

/// `text IN (ids)`.
pub(crate) fn marked(text: &str, ids: &[i64]) -> Sql {
    sql(format!("{text} IN ({})", marks(ids.len()))).bind_all(ids.iter().copied())
}

impl Hands {
    /// Writes down the rows that `select` finds: `SELECT <merge>, <what>, id FROM …`.
    pub(crate) fn note(self, what: MergeMove, id: &str, rest: &str) -> Sql {
        sql(format!(
            "INSERT INTO member_merge_moves (merge_id, what, row_id) SELECT ?, ?, {id} {rest}"
        ))
        .bind(self.merge.get())
        .bind(what.as_str())
    }

    /// `IN (the rows written down)`.
    pub(crate) fn noted(self, text: &str, what: MergeMove) -> Sql {
        sql(format!(
            "{text} IN (SELECT v.row_id FROM member_merge_moves v \
             WHERE v.merge_id = ? AND v.what = ?)"
        ))
        .bind(self.merge.get())
        .bind(what.as_str())
    }
}

impl DatabaseTx {
    pub(crate) async fn is_member(&mut self, id: MemberId) -> Result<bool, StoreError> {
        sql("SELECT id FROM members WHERE id = ?")
            .bind(id.get())
            .any(&self.tx)
            .await
    }

    pub(crate) async fn note_and(&mut self, note: Sql, change: Sql) -> Result<(), StoreError> {
        if note.run(&self.tx).await? > 0 {
            change.run(&self.tx).await?;
        }
        Ok(())
    }

    pub(crate) async fn absorb_tags(&mut self, hands: Hands) -> Result<Vec<TaggedAt>, StoreError> {
        // Nobody takes one of their tags off many members meanwhile.
        let worn: Vec<TagId> =
            sql("SELECT tag_id FROM member_tag_relations WHERE member_id IN (?, ?)")
                .bind(hands.kept.get())
                .bind(hands.from.get())
                .ids(&self.tx)
                .await?;
        self.find_many(&worn).await?;
        let dropped: Vec<WornRow> =
            sql("SELECT r.tag_id, r.tagged_at FROM member_tag_relations r \
             JOIN member_tag_relations k ON k.tag_id = r.tag_id AND k.member_id = ? \
             WHERE r.member_id = ? ORDER BY r.tag_id")
            .bind(hands.kept.get())
            .bind(hands.from.get())
            .all(&self.tx)
            .await?;
        let ids: Vec<i64> = dropped.iter().map(|row| row.tag_id).collect();
        if !ids.is_empty() {
            let note = hands.note(
                MergeMove::TagDropped,
                "tag_id",
                "FROM member_tag_relations WHERE member_id = ? AND tag_id",
            );
            let note = note
                .bind(hands.from.get())
                .then(&format!(" IN ({})", marks(ids.len())))
                .bind_all(ids.iter().copied());
            let take_off = sql(format!(
                "DELETE FROM member_tag_relations WHERE member_id = ? AND tag_id IN ({})",
                marks(ids.len())
            ));
            let take_off = take_off
                .bind(hands.from.get())
                .bind_all(ids.iter().copied());
            self.note_and(note, take_off).await?;
            marked(
                "UPDATE tags SET member_count = CASE WHEN member_count > 0 \
                 THEN member_count - 1 ELSE 0 END WHERE id",
                &ids,
            )
            .run(&self.tx)
            .await?;
        }
        let note = hands
            .note(
                MergeMove::Tag,
                "tag_id",
                "FROM member_tag_relations WHERE member_id = ?",
            )
            .bind(hands.from.get());
        let hand_over = sql("UPDATE member_tag_relations SET member_id = ? WHERE member_id = ?")
            .bind(hands.kept.get())
            .bind(hands.from.get());
        self.note_and(note, hand_over).await?;
        Ok(dropped
            .into_iter()
            .map(|row| TaggedAt {
                tag: TagId::new(row.tag_id),
                at: row.tagged_at,
            })
            .collect())
    }

    /// Stays, messages and notes about them.
    pub(crate) async fn absorb_rows(&mut self, hands: Hands) -> Result<(), StoreError> {
        for (what, table) in [
            (MergeMove::Stay, "consumption_records"),
            (MergeMove::Message, "messages"),
            (MergeMove::Note, "conversation_notes"),
        ] {
            let rest = format!("FROM {table} WHERE member_id = ?");
            let note = hands.note(what, "id", &rest).bind(hands.from.get());
            let change = sql(format!(
                "UPDATE {table} SET member_id = ? WHERE member_id = ?"
            ));
            let change = change.bind(hands.kept.get()).bind(hands.from.get());
            self.note_and(note, change).await?;
        }
        Ok(())
    }

    pub(crate) async fn absorb_recipients(&mut self, hands: Hands) -> Result<(), StoreError> {
        let left = hands
            .note(
                MergeMove::RecipientLeft,
                "r.id",
                "FROM campaign_recipients r JOIN campaign_recipients k \
                 ON k.campaign_id = r.campaign_id AND k.member_id = ? WHERE r.member_id = ?",
            )
            .bind(hands.kept.get())
            .bind(hands.from.get());
        let leave = hands.noted(
            "UPDATE campaign_recipients SET member_id = NULL WHERE id",
            MergeMove::RecipientLeft,
        );
        self.note_and(left, leave).await?;
        let rest = "FROM campaign_recipients WHERE member_id = ?";
        let note = hands.note(MergeMove::Recipient, "id", rest);
        let change = sql("UPDATE campaign_recipients SET member_id = ? WHERE member_id = ?")
            .bind(hands.kept.get())
            .bind(hands.from.get());
        self.note_and(note.bind(hands.from.get()), change).await
    }

    pub(crate) async fn absorb_logs(&mut self, hands: Hands) -> Result<(), StoreError> {
        // A line that counts once and of which the kept member has the same stays behind.
        let note = hands
            .note(
                MergeMove::TriggerLog,
                "l.id",
                "FROM tag_trigger_logs l WHERE l.member_id = ? AND (l.once_key IS NULL \
                 OR NOT EXISTS (SELECT 1 FROM tag_trigger_logs k WHERE k.member_id = ? \
                 AND k.once_key IS NOT NULL AND k.tag_id = l.tag_id \
                 AND COALESCE(k.campaign_id, 0) = COALESCE(l.campaign_id, 0) \
                 AND COALESCE(k.message_id, 0) = COALESCE(l.message_id, 0)))",
            )
            .bind(hands.from.get())
            .bind(hands.kept.get());
        if note.run(&self.tx).await? > 0 {
            self.log_belongs_to(hands, hands.from, hands.kept).await?;
        }
        Ok(())
    }

    /// Hands the noted lines of the trigger log from one member to another; a line that counts
    /// once is keyed by its member.
    async fn log_belongs_to(
        &mut self,
        hands: Hands,
        old: MemberId,
        new: MemberId,
    ) -> Result<(), StoreError> {
        let key = if self.is_mysql() {
            "CONCAT(?, ':', tag_id, ':', COALESCE(CONCAT('m', message_id), campaign_id, 0))"
        } else {
            "? || ':' || tag_id || ':' || COALESCE('m' || message_id, campaign_id, 0)"
        };
        let change = sql(format!(
            "UPDATE tag_trigger_logs SET once_key = CASE WHEN once_key IS NULL THEN NULL \
             ELSE {key} END, member_id = ? WHERE member_id = ? AND id"
        ))
        .bind(new.to_string())
        .bind(new.get())
        .bind(old.get());
        let noted = hands.noted("", MergeMove::TriggerLog);
        change.join(noted).run(&self.tx).await?;
        Ok(())
    }

    pub(crate) async fn return_tags(
        &mut self,
        hands: Hands,
        dropped: &[TaggedAt],
    ) -> Result<(), StoreError> {
        let change =
            sql("UPDATE member_tag_relations SET member_id = ? WHERE member_id = ? AND tag_id")
                .bind(hands.from.get())
                .bind(hands.kept.get());
        let noted = hands.noted("", MergeMove::Tag);
        change.join(noted).run(&self.tx).await?;
        for TaggedAt { tag, at } in dropped {
            let worn = sql(
                "INSERT INTO member_tag_relations (member_id, tag_id, tagged_at) \
                 SELECT ?, tag_id, ? FROM member_tag_relations WHERE member_id = ? AND tag_id = ?",
            )
            .bind(hands.from.get())
            .bind(*at)
            .bind(hands.kept.get())
            .bind(tag.get())
            .run(&self.tx)
            .await?;
            if worn > 0 {
                sql("UPDATE tags SET member_count = member_count + 1 WHERE id = ?")
                    .bind(tag.get())
                    .run(&self.tx)
                    .await?;
            }
        }
        Ok(())
    }

    /// Stays, messages, notes about them, and recipients.
    pub(crate) async fn return_rows(&mut self, hands: Hands) -> Result<(), StoreError> {
        for (what, table) in [
            (MergeMove::Stay, "consumption_records"),
            (MergeMove::Message, "messages"),
            (MergeMove::Note, "conversation_notes"),
            (MergeMove::Recipient, "campaign_recipients"),
        ] {
            let change = sql(format!(
                "UPDATE {table} SET member_id = ? WHERE member_id = ? AND id"
            ))
            .bind(hands.from.get())
            .bind(hands.kept.get());
            change.join(hands.noted("", what)).run(&self.tx).await?;
        }
        let change =
            sql("UPDATE campaign_recipients SET member_id = ? WHERE member_id IS NULL AND id")
                .bind(hands.from.get());
        let noted = hands.noted("", MergeMove::RecipientLeft);
        change.join(noted).run(&self.tx).await?;
        Ok(())
    }

    pub(crate) async fn return_logs(&mut self, hands: Hands) -> Result<(), StoreError> {
        self.log_belongs_to(hands, hands.kept, hands.from).await
    }
}
