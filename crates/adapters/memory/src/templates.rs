use crate::MemoryTx;
use crate::tables::Tables;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{CardId, StoreError, TagId, TemplateId};
use crm_tags::TagKind;
use crm_templates::{NewTemplate, Template, TemplateContent, TemplateRepository};

/// Every place where a content may name a tag.
fn tags_of(content: &mut TemplateContent) -> impl Iterator<Item = &mut Option<TagId>> {
    let cards = content.cards.iter_mut().flat_map(|card| {
        let buttons = card.buttons.iter_mut();
        buttons
            .map(|button| &mut button.interaction_tag_id)
            .chain([&mut card.interaction_tag_id])
    });
    let buttons = content.buttons.iter_mut();
    buttons
        .map(|button| &mut button.interaction_tag_id)
        .chain([&mut content.interaction_tag_id])
        .chain(cards)
}

impl Tables {
    /// Templates that name a tag, by id.
    pub(crate) fn templates_naming(&self, tag: TagId) -> Vec<TemplateId> {
        let templates = self.templates.values();
        templates
            .filter(|t| tags_of(&mut t.content().clone()).any(|named| *named == Some(tag)))
            .map(Template::id)
            .collect()
    }

    /// Makes templates that named a tag name none.
    pub(crate) fn forget_tag_in_templates(&mut self, tag: TagId) {
        for id in self.templates_naming(tag) {
            if let Some(template) = self.templates.get_mut(&id) {
                let mut content = template.content().clone();
                for named in tags_of(&mut content) {
                    *named = named.filter(|named| *named != tag);
                }
                *template = with_content(template, content);
            }
        }
    }

    /// Stores a template and its cards; answers it with all ids.
    fn put_template(&mut self, template: &Template) -> Result<Template, StoreError> {
        let before = self.templates.get(&template.id());
        let known: Vec<CardId> = before
            .map(|t| t.content().cards.iter().filter_map(|c| c.id).collect())
            .unwrap_or_default();
        let mut content = template.content().clone();
        // Only these two are columns with a foreign key; buttons are a document.
        let named = content.cards.iter().map(|card| card.interaction_tag_id);
        for tag in named.chain([content.interaction_tag_id]).flatten() {
            if !self.tags.contains_key(&tag) {
                return Err(StoreError::Reference);
            }
        }
        let mut answers = content.answers().into_iter();
        if answers.any(|id| id != template.id() && !self.templates.contains_key(&id)) {
            return Err(StoreError::Reference);
        }
        for card in &mut content.cards {
            match card.id {
                Some(id) if !known.contains(&id) => return Err(StoreError::Reference),
                Some(_) => {}
                None => card.id = Some(self.next_id()),
            }
        }
        let stored = with_content(template, content);
        self.templates.insert(stored.id(), stored.clone());
        Ok(stored)
    }
}

fn with_content(template: &Template, content: TemplateContent) -> Template {
    Template::from_stored(
        template.id(),
        template.name().to_owned(),
        content,
        template.created_at(),
        template.updated_at(),
    )
}

#[async_trait]
impl TemplateRepository for MemoryTx {
    async fn insert(
        &mut self,
        new: NewTemplate,
        now: DateTime<Utc>,
    ) -> Result<Template, StoreError> {
        let (name, content) = new.into_parts();
        let id = self.tables.next_id();
        let template = Template::from_stored(id, name, content, now, None);
        self.tables.put_template(&template)
    }

    async fn find(&mut self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        Ok(self.tables.templates.get(&id).cloned())
    }

    async fn update(&mut self, template: &Template) -> Result<Template, StoreError> {
        if !self.tables.templates.contains_key(&template.id()) {
            return Err(StoreError::Reference);
        }
        self.tables.put_template(template)
    }

    async fn delete(&mut self, id: TemplateId) -> Result<bool, StoreError> {
        let mut rules = self.tables.auto_responses.values();
        let mut others = self.tables.templates.values().filter(|t| t.id() != id);
        if self.tables.campaigns.values().any(|c| c.template_id == id)
            || self.tables.is_canned(id)
            || rules.any(|rule| rule.answer.template_id() == Some(id))
            || others.any(|other| other.content().answers().contains(&id))
        {
            return Err(StoreError::Reference);
        }
        Ok(self.tables.templates.remove(&id).is_some())
    }

    async fn used_by(&mut self, id: TemplateId) -> Result<Vec<String>, StoreError> {
        let campaigns = self.tables.campaigns.values();
        Ok(campaigns
            .filter(|campaign| campaign.template_id == id)
            .map(|campaign| campaign.title.clone())
            .collect())
    }

    async fn answered_with(&mut self, id: TemplateId) -> Result<Vec<String>, StoreError> {
        let others = self.tables.templates.values();
        Ok(others
            .filter(|other| other.id() != id && other.content().answers().contains(&id))
            .map(|other| other.name().to_owned())
            .collect())
    }

    async fn existing(&mut self, ids: &[TemplateId]) -> Result<Vec<TemplateId>, StoreError> {
        let templates = self.tables.templates.keys();
        Ok(templates.filter(|id| ids.contains(id)).copied().collect())
    }

    async fn existing_interaction_tags(&mut self, ids: &[TagId]) -> Result<Vec<TagId>, StoreError> {
        let tags = self.tables.tags.iter();
        Ok(tags
            .filter(|(id, tag)| tag.kind == TagKind::Interaction && ids.contains(id))
            .map(|(id, _)| *id)
            .collect())
    }
}
