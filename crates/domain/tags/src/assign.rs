use crate::{TagError, Tags, TagsTx, TriggerLog, TriggerSource};
use crm_kernel::{Actor, AuditEntry, MemberId, Problems, TagId};
use std::collections::BTreeSet;
use tracing::instrument;

/// Most tags that can be put on a member with one call.
pub const MAX_TAGS_AT_ONCE: usize = 100;

impl Tags {
    /// Puts tags on a member, all or none. Those they wear already change nothing.
    ///
    /// # Errors
    /// `member_not_found`; `tag_invalid` naming each unknown tag by its place (`tag_ids[1]`);
    /// `tag_read_only`; or the store's.
    #[instrument(name = "tags.assign", skip_all, fields(?actor, member.id = %member))]
    pub async fn assign(
        &self,
        actor: &Actor,
        member: MemberId,
        tag_ids: &[TagId],
    ) -> Result<(), TagError> {
        let mut tx = self.store.begin().await?;
        self.assign_in(&mut *tx, actor, member, tag_ids).await?;
        tx.commit().await?;
        Ok(())
    }

    /// [`assign`](Self::assign) as part of a larger unit of work, which must not be committed
    /// after an error.
    ///
    /// # Errors
    /// As for [`assign`](Self::assign).
    pub async fn assign_in(
        &self,
        tx: &mut dyn TagsTx,
        actor: &Actor,
        member: MemberId,
        tag_ids: &[TagId],
    ) -> Result<(), TagError> {
        if tag_ids.is_empty() {
            return Err(TagError::invalid("tag_ids", "must not be empty"));
        }
        if tag_ids.len() > MAX_TAGS_AT_ONCE {
            return Err(TagError::invalid(
                "tag_ids",
                "must have at most 100 entries",
            ));
        }
        if !tx.tags().member_exists(member).await? {
            return Err(TagError::MemberNotFound);
        }
        let wanted: Vec<TagId> = BTreeSet::from_iter(tag_ids.iter().copied())
            .into_iter()
            .collect();
        let tags = tx.tags().find_many(&wanted).await?;
        let mut problems = Problems::default();
        for (place, id) in tag_ids.iter().enumerate() {
            let known = tags.iter().any(|tag| tag.id() == *id);
            problems.check(known, &format!("tag_ids[{place}]"), "does not exist");
        }
        problems.into_result().map_err(TagError::Invalid)?;
        TagError::refuse_read_only(&tags)?;

        let at = self.clock.now();
        let mut added = Vec::new();
        for tag in &tags {
            if !tx.tags().add_to_member(member, tag.id(), at).await? {
                continue;
            }
            tx.tags().adjust_member_count(tag.id(), 1).await?;
            let log = TriggerLog {
                member,
                tag: tag.id(),
                tag_name: tag.name().as_str().to_owned(),
                campaign: None,
                message: None,
                touched: None,
                source: TriggerSource::Manual,
                at,
            };
            tx.tags().add_trigger_log(&log).await?;
            added.push(tag.id().get());
        }
        if !added.is_empty() {
            let entry = AuditEntry::new(actor, at, "member.tags_added", "member", member.get());
            tx.audit().record(entry.with("tag_ids", added)).await?;
        }
        Ok(())
    }
}
