use crate::audit;
use crate::{
    NewTemplate, Template, TemplateChanges, TemplateDraft, TemplateError, TemplateFilter,
    TemplateQueries, TemplateRow, TemplatesTx,
};
use chrono::{DateTime, Utc};
use crm_kernel::{
    Actor, Clock, FieldError, Page, PageRequest, StoreError, TagId, TemplateId, Transactions,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Everything that can be done with templates.
#[derive(Clone)]
pub struct Templates {
    store: Arc<dyn Transactions<dyn TemplatesTx>>,
    queries: Arc<dyn TemplateQueries>,
    clock: Arc<dyn Clock>,
}

impl Templates {
    /// Plugs in storage and time.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn TemplatesTx>>,
        queries: Arc<dyn TemplateQueries>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            queries,
            clock,
        }
    }

    /// Writes a new template.
    ///
    /// # Errors
    /// `Invalid` with every broken rule, unknown tags included.
    pub async fn create(
        &self,
        actor: &Actor,
        draft: TemplateDraft,
    ) -> Result<Template, TemplateError> {
        let mut tx = self.store.begin().await?;
        let template = self.create_in(&mut *tx, actor, draft).await?;
        tx.commit().await?;
        Ok(template)
    }

    /// [`create`](Self::create) as part of a larger unit of work.
    ///
    /// # Errors
    /// As for `create`; then the unit of work is to be dropped.
    pub async fn create_in(
        &self,
        tx: &mut dyn TemplatesTx,
        actor: &Actor,
        draft: TemplateDraft,
    ) -> Result<Template, TemplateError> {
        let now = self.clock.now();
        let new = check(tx, None, draft, now).await?;
        let template = tx.templates().insert(new, now).await?;
        let entry = audit::entry(actor, now, "template.created", template.id());
        tx.audit()
            .record(entry.born(audit::facts(&template)?))
            .await?;
        Ok(template)
    }

    /// Changes a template. Campaigns not yet sending show the change, others do not.
    ///
    /// # Errors
    /// `NotFound`, or `Invalid` when the template as a whole would break a rule.
    pub async fn update(
        &self,
        actor: &Actor,
        id: TemplateId,
        changes: TemplateChanges,
    ) -> Result<Template, TemplateError> {
        let mut tx = self.store.begin().await?;
        let template = self.update_in(&mut *tx, actor, id, changes).await?;
        tx.commit().await?;
        Ok(template)
    }

    /// [`update`](Self::update) as part of a larger unit of work.
    ///
    /// # Errors
    /// As for `update`; then the unit of work is to be dropped.
    pub async fn update_in(
        &self,
        tx: &mut dyn TemplatesTx,
        actor: &Actor,
        id: TemplateId,
        changes: TemplateChanges,
    ) -> Result<Template, TemplateError> {
        let found = tx.templates().find(id).await?;
        let mut template = found.ok_or(TemplateError::NotFound(id))?;
        let keep_cards = !changes.cards.is_mentioned();
        let now = self.clock.now();
        let new = check(tx, Some(id), changes.apply(&template), now).await?;
        let before = audit::facts(&template)?;
        template.rewrite(new, keep_cards, now);
        let template = tx.templates().update(&template).await?;
        let after = audit::facts(&template)?;
        if after != before {
            let entry = audit::entry(actor, now, "template.updated", id);
            tx.audit().record(entry.changed(before, after)).await?;
        }
        Ok(template)
    }

    /// Deletes a template that nothing was written with.
    ///
    /// # Errors
    /// `NotFound`, or `InUse` with the campaigns' titles and other templates' names; what else uses it is not known here.
    pub async fn delete(&self, actor: &Actor, id: TemplateId) -> Result<(), TemplateError> {
        let mut tx = self.store.begin().await?;
        self.delete_in(&mut *tx, actor, id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// [`delete`](Self::delete) as part of a larger unit of work.
    ///
    /// # Errors
    /// As for `delete`; then the unit of work is to be dropped.
    pub async fn delete_in(
        &self,
        tx: &mut dyn TemplatesTx,
        actor: &Actor,
        id: TemplateId,
    ) -> Result<(), TemplateError> {
        let found = tx.templates().find(id).await?;
        let template = found.ok_or(TemplateError::NotFound(id))?;
        let campaigns = tx.templates().used_by(id).await?;
        let templates = tx.templates().answered_with(id).await?;
        if !campaigns.is_empty() || !templates.is_empty() {
            return Err(in_use(campaigns, templates));
        }
        match tx.templates().delete(id).await {
            Ok(_) => {
                let entry = audit::entry(actor, self.clock.now(), "template.deleted", id);
                let entry = entry.gone(audit::facts(&template)?);
                Ok(tx.audit().record(entry).await?)
            }
            // something else uses it, or something came between the question and the deletion
            Err(StoreError::Reference) => Err(in_use(Vec::new(), Vec::new())),
            Err(error) => Err(error.into()),
        }
    }

    /// A template with all its cards.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, id: TemplateId) -> Result<Template, TemplateError> {
        let found = self.queries.find(id).await?;
        found.ok_or(TemplateError::NotFound(id))
    }

    /// One page of the list.
    ///
    /// # Errors
    /// Those of storage only.
    pub async fn list(
        &self,
        filter: &TemplateFilter,
        page: PageRequest,
    ) -> Result<Page<TemplateRow>, TemplateError> {
        Ok(self.queries.list(filter, page).await?)
    }
}

const fn in_use(campaigns: Vec<String>, templates: Vec<String>) -> TemplateError {
    TemplateError::InUse {
        campaigns,
        auto_responses: Vec::new(),
        canned_replies: Vec::new(),
        templates,
    }
}

/// Rules, tags, pictures and templates named together, so that the client sees all problems at
/// once.
async fn check(
    tx: &mut dyn TemplatesTx,
    own: Option<TemplateId>,
    draft: TemplateDraft,
    now: DateTime<Utc>,
) -> Result<NewTemplate, TemplateError> {
    let tags = draft.tags();
    let templates = draft.templates();
    tx.pictures().keep_all(&draft.texts(), now).await?;
    let mut unknown = tx.pictures().keep_all(&draft.addresses(), now).await?;
    let checked = NewTemplate::check(draft);
    unknown.extend(unknown_tags(tx, &tags).await?);
    unknown.extend(wrong_answers(tx, own, &templates).await?);
    match checked {
        Ok(new) if unknown.is_empty() => Ok(new),
        Ok(_) => Err(TemplateError::Invalid(unknown)),
        Err(mut problems) => {
            problems.extend(unknown);
            Err(TemplateError::Invalid(problems))
        }
    }
}

async fn wrong_answers(
    tx: &mut dyn TemplatesTx,
    own: Option<TemplateId>,
    named: &[(String, TemplateId)],
) -> Result<Vec<FieldError>, StoreError> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let ids: BTreeSet<TemplateId> = named.iter().map(|(_, id)| *id).collect();
    let ids: Vec<TemplateId> = ids.into_iter().collect();
    let known = tx.templates().existing(&ids).await?;
    let problems = named.iter().filter_map(|(field, id)| {
        let problem = if Some(*id) == own {
            "must not be the template itself"
        } else if known.contains(id) {
            return None;
        } else {
            "does not exist"
        };
        Some(FieldError::new(field, problem))
    });
    Ok(problems.collect())
}

async fn unknown_tags(
    tx: &mut dyn TemplatesTx,
    named: &[(String, TagId)],
) -> Result<Vec<FieldError>, StoreError> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let mut ids: Vec<TagId> = named.iter().map(|(_, id)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    let known = tx.templates().existing_interaction_tags(&ids).await?;
    Ok(named
        .iter()
        .filter(|(_, id)| !known.contains(id))
        .map(|(field, id)| FieldError::new(field, format!("{id} is not an interaction tag")))
        .collect())
}
