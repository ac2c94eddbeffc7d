use crate::audit;
use crate::create::unknown_campaign;
use crate::{Description, Tag, TagError, TagKind, TagName, TagRecord, TagSource, Tags};
use crm_kernel::{Actor, CampaignId, Patch, Problems, TagId};
use tracing::instrument;

/// Changes to a tag: what is not mentioned stays. Kind and source may be repeated, as a form
/// does, but not changed.
#[derive(Clone, Debug, Default)]
pub struct UpdateTag {
    /// The name; cannot be empty.
    pub name: Patch<String>,
    /// The kind, if repeated.
    pub kind: Option<TagKind>,
    /// Who thought of it, if repeated.
    pub source: Option<TagSource>,
    /// What it is meant for; blank text is none.
    pub description: Patch<String>,
    /// The campaign an interaction tag belongs to; set once.
    pub campaign_id: Patch<CampaignId>,
}

impl Tags {
    /// Renames or describes a tag. It keeps its id, its members and its logs. One that the
    /// hotel's own systems keep can only be described.
    ///
    /// # Errors
    /// `tag_not_found`, `tag_invalid`, `tag_read_only`, `tag_duplicate`, or the store's.
    #[instrument(name = "tags.update", skip_all, fields(?actor, tag.id = %id))]
    pub async fn update(
        &self,
        actor: &Actor,
        id: TagId,
        command: UpdateTag,
    ) -> Result<Tag, TagError> {
        let mut tx = self.store.begin().await?;
        let mut tag = tx.tags().find(id).await?.ok_or(TagError::NotFound)?;
        let new = changed(tag.record().clone(), command)?;
        let is_described_only = TagRecord {
            description: tag.record().description.clone(),
            ..new.clone()
        } == *tag.record();
        if !is_described_only {
            TagError::refuse_read_only([&tag])?;
        }
        let taken = tx
            .tags()
            .name_taken(new.scope(), &new.name.name_key(), Some(id))
            .await?;
        if taken {
            return Err(TagError::Duplicate);
        }
        let before = audit::facts(tag.record());
        let now = self.clock.now();
        if tag.become_record(new, now) {
            tx.tags().update(&tag).await.map_err(unknown_campaign)?;
            let entry = audit::entry(actor, now, "tag.updated", id);
            let entry = entry.changed(before, audit::facts(tag.record()));
            tx.audit().record(entry).await?;
            tx.commit().await?;
        }
        Ok(tag)
    }
}

fn changed(old: TagRecord, command: UpdateTag) -> Result<TagRecord, TagError> {
    let mut problems = Problems::default();
    let p = &mut problems;
    let name = match command.name {
        Patch::Keep => None,
        Patch::Clear => p.keep("name", Err("must not be empty")),
        Patch::Set(text) => p.keep("name", TagName::parse(&text)),
    };
    let description = match command.description {
        Patch::Keep => old.description,
        Patch::Clear => None,
        Patch::Set(text) if text.trim().is_empty() => None,
        Patch::Set(text) => p.keep("description", Description::parse(&text)),
    };
    let same_kind = command.kind.is_none_or(|kind| kind == old.kind);
    p.check(same_kind, "type", "cannot be changed");
    let same_source = command.source.is_none_or(|source| source == old.source);
    p.check(same_source, "source", "cannot be changed");
    let campaign_id = command.campaign_id.apply(old.campaign_id);
    p.check(
        old.campaign_id.is_none() || campaign_id == old.campaign_id,
        "campaign_id",
        "is set once and cannot be changed",
    );
    p.check(
        old.kind == TagKind::Interaction || campaign_id.is_none(),
        "campaign_id",
        "only an interaction tag belongs to a campaign",
    );
    problems.into_result().map_err(TagError::Invalid)?;
    Ok(TagRecord {
        name: name.unwrap_or(old.name),
        description,
        campaign_id,
        ..old
    })
}
