use crate::DatabaseTx;
use crate::dialect::{for_update, marks};
use crate::sql::{known, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{CardId, StoreError, TagId, TemplateId};
use crm_templates::{
    Button, Card, InteractionResult, NewTemplate, Price, Template, TemplateContent, TemplateKind,
    TemplateRepository,
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[derive(FromQueryResult)]
struct TemplateRow {
    id: i64,
    r#type: String,
    name: Option<String>,
    content: Option<String>,
    buttons: Option<String>,
    notification_text: Option<String>,
    preview_text: Option<String>,
    interaction_tag_id: Option<i64>,
    interaction_result: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct CardRow {
    id: i64,
    image_url: String,
    title: Option<String>,
    description: Option<String>,
    price_minor: Option<i64>,
    interaction_result: Option<String>,
    interaction_tag_id: Option<i64>,
    buttons: Option<String>,
    sort_order: i32,
}

impl CardRow {
    fn into_card(self) -> Result<Card, StoreError> {
        Ok(Card {
            id: Some(CardId::new(self.id)),
            image_url: self.image_url,
            title: self.title,
            description: self.description,
            price: self
                .price_minor
                .map(|minor| known(Price::from_minor(minor), "price"))
                .transpose()?,
            interaction_result: read(self.interaction_result)?,
            interaction_tag_id: self.interaction_tag_id.map(TagId::new),
            sort_order: u16::try_from(self.sort_order).unwrap_or(u16::MAX),
            buttons: read::<Vec<Button>>(self.buttons)?.unwrap_or_default(),
        })
    }
}

/// A template with its cards, on any connection; `lock` is what the caller wants locked.
pub(crate) async fn find_template(
    db: &impl ConnectionTrait,
    id: TemplateId,
    lock: &str,
) -> Result<Option<Template>, StoreError> {
    let row: Option<TemplateRow> = sql("SELECT * FROM message_templates WHERE id = ?")
        .bind(id.get())
        .then(lock)
        .one(db)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let kind = known(TemplateKind::parse(&row.r#type), "type of template")?;
    let cards: Vec<CardRow> = if kind.has_cards() {
        sql("SELECT * FROM template_carousel_items WHERE template_id = ? ORDER BY sort_order, id")
            .bind(id.get())
            .all(db)
            .await?
    } else {
        Vec::new()
    };
    let content = TemplateContent {
        kind,
        content: row.content,
        buttons: read(row.buttons)?.unwrap_or_default(),
        cards: cards
            .into_iter()
            .map(CardRow::into_card)
            .collect::<Result<_, _>>()?,
        notification_text: row.notification_text,
        preview_text: row.preview_text,
        interaction_tag_id: row.interaction_tag_id.map(TagId::new),
        interaction_result: read::<InteractionResult>(row.interaction_result)?,
    };
    Ok(Some(Template::from_stored(
        TemplateId::new(row.id),
        row.name.unwrap_or_default(),
        content,
        row.created_at,
        row.updated_at,
    )))
}

fn read<T: DeserializeOwned>(document: Option<String>) -> Result<Option<T>, StoreError> {
    document
        .map(|text| serde_json::from_str(&text).map_err(|e| StoreError::Internal(Box::new(e))))
        .transpose()
}

fn write<T: Serialize>(value: Option<&T>) -> Result<Option<String>, StoreError> {
    value
        .map(|v| serde_json::to_string(v).map_err(|e| StoreError::Internal(Box::new(e))))
        .transpose()
}

fn write_buttons(buttons: &Vec<Button>) -> Result<Option<String>, StoreError> {
    write((!buttons.is_empty()).then_some(buttons))
}

impl DatabaseTx {
    /// Writes the cards; those with an id keep their row, and rows of no card are deleted.
    async fn write_cards(
        &mut self,
        template: TemplateId,
        cards: &mut [Card],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let kept: Vec<i64> = cards.iter().filter_map(|c| c.id).map(CardId::get).collect();
        let mut others =
            sql("DELETE FROM template_carousel_items WHERE template_id = ?").bind(template.get());
        if !kept.is_empty() {
            others = others
                .then(&format!(" AND id NOT IN ({})", marks(kept.len())))
                .bind_all(kept);
        }
        others.run(&self.tx).await?;
        for card in cards {
            let values = sql("")
                .bind(card.image_url.as_str())
                .bind(card.title.as_deref())
                .bind(card.description.as_deref())
                .bind(card.price.map(Price::minor))
                .bind(write(card.interaction_result.as_ref())?)
                .bind(card.interaction_tag_id.map(TagId::get))
                .bind(write_buttons(&card.buttons)?)
                .bind(i32::from(card.sort_order));
            if let Some(id) = card.id {
                let updated = sql(
                    "UPDATE template_carousel_items SET image_url = ?, title = ?, \
                     description = ?, price_minor = ?, interaction_result = ?, \
                     interaction_tag_id = ?, buttons = ?, sort_order = ?",
                )
                .join(values)
                .then(" WHERE id = ? AND template_id = ?")
                .bind(id.get())
                .bind(template.get())
                .run(&self.tx)
                .await?;
                if updated == 0 {
                    return Err(StoreError::Reference);
                }
            } else {
                let id = sql(
                    "INSERT INTO template_carousel_items (image_url, title, description, \
                     price_minor, interaction_result, interaction_tag_id, buttons, sort_order, \
                     template_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                )
                .join(values)
                .bind(template.get())
                .bind(now)
                .insert(&self.tx)
                .await?;
                card.id = Some(CardId::new(id));
            }
        }
        Ok(())
    }
}

impl DatabaseTx {
    /// Writes down which templates its taps are answered with, so that those stay.
    async fn write_answers(
        &mut self,
        template: TemplateId,
        content: &TemplateContent,
    ) -> Result<(), StoreError> {
        sql("DELETE FROM template_answers WHERE template_id = ?")
            .bind(template.get())
            .run(&self.tx)
            .await?;
        for answer in content.answers() {
            sql("INSERT INTO template_answers (template_id, answer_id) VALUES (?, ?)")
                .bind(template.get())
                .bind(answer.get())
                .run(&self.tx)
                .await?;
        }
        Ok(())
    }
}

#[async_trait]
impl TemplateRepository for DatabaseTx {
    async fn insert(
        &mut self,
        new: NewTemplate,
        now: DateTime<Utc>,
    ) -> Result<Template, StoreError> {
        let (name, mut content) = new.into_parts();
        let id = sql(
            "INSERT INTO message_templates (type, name, content, buttons, notification_text, \
             preview_text, interaction_tag_id, interaction_result, created_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(content.kind.as_str())
        .bind(name.as_str())
        .bind(content.content.as_deref())
        .bind(write_buttons(&content.buttons)?)
        .bind(content.notification_text.as_deref())
        .bind(content.preview_text.as_deref())
        .bind(content.interaction_tag_id.map(TagId::get))
        .bind(write(content.interaction_result.as_ref())?)
        .bind(now)
        .insert(&self.tx)
        .await?;
        let id = TemplateId::new(id);
        self.write_cards(id, &mut content.cards, now).await?;
        self.write_answers(id, &content).await?;
        Ok(Template::from_stored(id, name, content, now, None))
    }

    async fn find(&mut self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        find_template(&self.tx, id, for_update(self.backend())).await
    }

    async fn update(&mut self, template: &Template) -> Result<Template, StoreError> {
        let mut content = template.content().clone();
        let now = template.updated_at().unwrap_or(template.created_at());
        sql(
            "UPDATE message_templates SET type = ?, name = ?, content = ?, buttons = ?, \
             notification_text = ?, preview_text = ?, interaction_tag_id = ?, \
             interaction_result = ?, updated_at = ? WHERE id = ?",
        )
        .bind(content.kind.as_str())
        .bind(template.name())
        .bind(content.content.as_deref())
        .bind(write_buttons(&content.buttons)?)
        .bind(content.notification_text.as_deref())
        .bind(content.preview_text.as_deref())
        .bind(content.interaction_tag_id.map(TagId::get))
        .bind(write(content.interaction_result.as_ref())?)
        .bind(template.updated_at())
        .bind(template.id().get())
        .run(&self.tx)
        .await?;
        self.write_cards(template.id(), &mut content.cards, now)
            .await?;
        self.write_answers(template.id(), &content).await?;
        Ok(Template::from_stored(
            template.id(),
            template.name().to_owned(),
            content,
            template.created_at(),
            template.updated_at(),
        ))
    }

    async fn delete(&mut self, id: TemplateId) -> Result<bool, StoreError> {
        let deleted = sql("DELETE FROM message_templates WHERE id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(deleted > 0)
    }

    async fn used_by(&mut self, id: TemplateId) -> Result<Vec<String>, StoreError> {
        #[derive(FromQueryResult)]
        struct Title {
            title: String,
        }
        let titles: Vec<Title> =
            sql("SELECT title FROM campaigns WHERE template_id = ? ORDER BY id")
                .bind(id.get())
                .all(&self.tx)
                .await?;
        Ok(titles.into_iter().map(|row| row.title).collect())
    }

    async fn answered_with(&mut self, id: TemplateId) -> Result<Vec<String>, StoreError> {
        #[derive(FromQueryResult)]
        struct Name {
            name: Option<String>,
        }
        let names: Vec<Name> = sql(
            "SELECT t.name FROM template_answers a JOIN message_templates t \
             ON t.id = a.template_id WHERE a.answer_id = ? AND a.template_id <> a.answer_id \
             ORDER BY t.id",
        )
        .bind(id.get())
        .all(&self.tx)
        .await?;
        Ok(names.into_iter().filter_map(|row| row.name).collect())
    }

    async fn existing(&mut self, ids: &[TemplateId]) -> Result<Vec<TemplateId>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        sql(format!(
            "SELECT id FROM message_templates WHERE id IN ({}) ORDER BY id",
            marks(ids.len())
        ))
        .bind_all(ids.iter().map(|id| id.get()))
        .ids(&self.tx)
        .await
    }

    async fn existing_interaction_tags(&mut self, ids: &[TagId]) -> Result<Vec<TagId>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        sql(format!(
            "SELECT id FROM tags WHERE kind = 'interaction' AND id IN ({}) ORDER BY id",
            marks(ids.len())
        ))
        .bind_all(ids.iter().map(|id| id.get()))
        .ids(&self.tx)
        .await
    }
}
