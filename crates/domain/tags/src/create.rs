use crate::audit;
use crate::{Description, NewTag, Tag, TagError, TagKind, TagName, TagRecord, TagSource, Tags};
use crm_kernel::{Actor, CampaignId, Problems, StoreError};
use tracing::instrument;

/// A tag as staff type it in: text is checked by the use-case.
#[derive(Clone, Debug)]
pub struct CreateTag {
    /// The name.
    pub name: String,
    /// The kind.
    pub kind: TagKind,
    /// Who thought of it; staff, when not said.
    pub source: Option<TagSource>,
    /// What it is meant for; blank text is none.
    pub description: Option<String>,
    /// The campaign an interaction tag belongs to.
    pub campaign_id: Option<CampaignId>,
}

impl Tags {
    /// Creates a tag that nobody wears yet.
    ///
    /// # Errors
    /// `tag_invalid`, `tag_duplicate`, or the store's.
    #[instrument(name = "tags.create", skip_all, fields(?actor, tag.id))]
    pub async fn create(&self, actor: &Actor, command: CreateTag) -> Result<Tag, TagError> {
        let mut problems = Problems::default();
        let name = problems.keep("name", TagName::parse(&command.name));
        let description = command
            .description
            .filter(|text| !text.trim().is_empty())
            .and_then(|text| problems.keep("description", Description::parse(&text)));
        problems.check(
            command.kind == TagKind::Interaction || command.campaign_id.is_none(),
            "campaign_id",
            "only an interaction tag belongs to a campaign",
        );
        let (Some(name), true) = (name, problems.is_empty()) else {
            return Err(TagError::Invalid(
                problems.into_result().err().unwrap_or_default(),
            ));
        };
        let new = NewTag::new(TagRecord {
            name,
            kind: command.kind,
            source: command.source.unwrap_or(TagSource::Manual),
            description,
            campaign_id: command.campaign_id,
            member_count: 0,
            trigger_count: 0,
            created_at: self.clock.now(),
            updated_at: None,
        });

        let mut tx = self.store.begin().await?;
        let record = new.record();
        let taken = tx
            .tags()
            .name_taken(record.scope(), &record.name.name_key(), None)
            .await?;
        if taken {
            return Err(TagError::Duplicate);
        }
        let id = tx.tags().insert(&new).await.map_err(unknown_campaign)?;
        let entry = audit::entry(actor, new.record().created_at, "tag.created", id);
        tx.audit()
            .record(entry.born(audit::facts(new.record())))
            .await?;
        tx.commit().await?;
        tracing::Span::current().record("tag.id", id.get());
        Ok(new.stored_as(id))
    }
}

/// The campaign is the only row that a tag points to.
pub(crate) fn unknown_campaign(error: StoreError) -> TagError {
    match error {
        StoreError::Reference => TagError::invalid("campaign_id", "does not exist"),
        other => other.into(),
    }
}
