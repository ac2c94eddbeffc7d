//! The use-cases over a storage small enough to read here; the real ones are held to the same
//! promises by the port contracts.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use async_trait::async_trait;
use chrono::{DateTime, TimeZone, Utc};
use crm_kernel::{
    Actor, AuditEntry, AuditTrail, Clock, DomainError, ErrorKind, LiveEvent, LiveFeed, NewJob,
    Outbox, Page, PageRequest, Patch, PictureUse, StoreError, TagId, TemplateId, Transaction,
    Transactions,
};
use crm_templates::{
    Button, CardDraft, InteractionResult, NewTemplate, Template, TemplateChanges, TemplateDraft,
    TemplateError, TemplateFilter, TemplateKind, TemplateQueries, TemplateRepository, TemplateRow,
    Templates, TemplatesTx,
};
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Store(Arc<Mutex<Vec<Template>>>, Arc<Mutex<Vec<AuditEntry>>>);

/// Works on a copy that replaces the original on commit.
struct Tx {
    store: Store,
    rows: Vec<Template>,
}

const USED: TemplateId = TemplateId::new(1);

fn with_card_ids(template: &Template) -> Template {
    let mut content = template.content().clone();
    for card in &mut content.cards {
        card.id = card
            .id
            .or_else(|| Some((template.id().get() * 100 + i64::from(card.sort_order)).into()));
    }
    Template::from_stored(
        template.id(),
        template.name().into(),
        content,
        template.created_at(),
        template.updated_at(),
    )
}

#[async_trait]
impl TemplateRepository for Tx {
    async fn insert(
        &mut self,
        new: NewTemplate,
        now: DateTime<Utc>,
    ) -> Result<Template, StoreError> {
        let id = TemplateId::new(i64::try_from(self.rows.len()).unwrap() + 1);
        let (name, content) = new.into_parts();
        let row = with_card_ids(&Template::from_stored(id, name, content, now, None));
        self.rows.push(row.clone());
        Ok(row)
    }

    async fn find(&mut self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        Ok(self.rows.iter().find(|row| row.id() == id).cloned())
    }

    async fn update(&mut self, template: &Template) -> Result<Template, StoreError> {
        let row = with_card_ids(template);
        self.rows.retain(|old| old.id() != row.id());
        self.rows.push(row.clone());
        Ok(row)
    }

    async fn delete(&mut self, id: TemplateId) -> Result<bool, StoreError> {
        let before = self.rows.len();
        self.rows.retain(|row| row.id() != id);
        Ok(self.rows.len() < before)
    }

    async fn used_by(&mut self, id: TemplateId) -> Result<Vec<String>, StoreError> {
        Ok(if id == USED {
            vec!["Mid-autumn".into()]
        } else {
            Vec::new()
        })
    }

    async fn answered_with(&mut self, id: TemplateId) -> Result<Vec<String>, StoreError> {
        let others = self.rows.iter();
        Ok(others
            .filter(|other| other.content().answers().contains(&id))
            .map(|other| other.name().to_owned())
            .collect())
    }

    async fn existing(&mut self, ids: &[TemplateId]) -> Result<Vec<TemplateId>, StoreError> {
        let rows = self.rows.iter().map(Template::id);
        Ok(rows.filter(|id| ids.contains(id)).collect())
    }

    async fn existing_interaction_tags(&mut self, ids: &[TagId]) -> Result<Vec<TagId>, StoreError> {
        Ok(ids.iter().copied().filter(|id| id.get() < 10).collect())
    }
}

#[async_trait]
impl Outbox for Tx {
    async fn put(&mut self, _job: NewJob) -> Result<bool, StoreError> {
        Ok(true)
    }
}

#[async_trait]
impl AuditTrail for Tx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.store.1.lock().unwrap().push(entry);
        Ok(())
    }

    async fn forget(&mut self, _: &'static str, _: i64) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The only uploads there are, are those called `ours.jpg`.
#[async_trait]
impl PictureUse for Tx {
    async fn keep(&mut self, address: &str, _: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(address.ends_with("/ours.jpg"))
    }
}

/// Nobody listens.
impl LiveFeed for Tx {
    fn announce(&mut self, _: LiveEvent) {}
}

/// Nobody counts.
impl crm_kernel::Figures for Tx {
    fn add(&mut self, _: crm_kernel::Figure, _: i64, _: chrono::DateTime<chrono::Utc>, _: i64) {}
}

#[async_trait]
impl Transaction for Tx {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }

    fn audit(&mut self) -> &mut dyn AuditTrail {
        self
    }

    fn pictures(&mut self) -> &mut dyn PictureUse {
        self
    }
    fn live(&mut self) -> &mut dyn LiveFeed {
        self
    }

    fn figures(&mut self) -> &mut dyn crm_kernel::Figures {
        self
    }
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        *self.store.0.lock().unwrap() = self.rows;
        Ok(())
    }
}

impl TemplatesTx for Tx {
    fn templates(&mut self) -> &mut dyn TemplateRepository {
        self
    }
}

#[async_trait]
impl Transactions<dyn TemplatesTx> for Store {
    async fn begin(&self) -> Result<Box<dyn TemplatesTx>, StoreError> {
        let rows = self.0.lock().unwrap().clone();
        Ok(Box::new(Tx {
            store: self.clone(),
            rows,
        }))
    }
}

#[async_trait]
impl TemplateQueries for Store {
    async fn list(
        &self,
        _filter: &TemplateFilter,
        request: PageRequest,
    ) -> Result<Page<TemplateRow>, StoreError> {
        Ok(Page {
            items: Vec::new(),
            total: 0,
            request,
        })
    }

    async fn find(&self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        Ok(self
            .0
            .lock()
            .unwrap()
            .iter()
            .find(|row| row.id() == id)
            .cloned())
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 9, 1, 12, 0, 0).unwrap()
    }
}

fn templates() -> Templates {
    let store = Store::default();
    Templates::new(Arc::new(store.clone()), Arc::new(store), Arc::new(Noon))
}

fn draft() -> TemplateDraft {
    let card = |title: &str, tag: i64| CardDraft {
        image_url: "https://cdn.hotel.com/a.jpg".into(),
        title: Some(title.into()),
        interaction_tag_id: Some(tag.into()),
        ..CardDraft::default()
    };
    let mut draft = TemplateDraft::new(TemplateKind::ImageCard);
    draft.name = Some("offer".into());
    draft.notification_text = Some("an offer".into());
    draft.cards = vec![card("Suite", 5), card("Room", 6)];
    draft
}

#[tokio::test]
async fn a_created_template_can_be_read_with_the_ids_of_its_cards() {
    let templates = templates();
    let created = templates.create(&Actor::System, draft()).await.unwrap();
    let read = templates.get(created.id()).await.unwrap();
    assert_eq!(read, created);
    assert!(read.content().cards.iter().all(|card| card.id.is_some()));
}

#[tokio::test]
async fn unknown_tags_are_told_together_with_broken_rules_and_nothing_is_stored() {
    let templates = templates();
    let mut wrong = draft();
    wrong.name = None;
    wrong.cards[1].interaction_tag_id = Some(77.into());
    let error = templates.create(&Actor::System, wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let fields: Vec<_> = error.fields().into_iter().map(|f| f.field).collect();
    assert_eq!(fields, ["name", "carousel_items[1].interaction_tag_id"]);
    assert!(templates.get(USED).await.is_err());
}

#[tokio::test]
async fn a_picture_of_ours_that_is_not_there_is_told_with_its_field() {
    let templates = templates();
    let missing = "/static/uploads/images/templates/gone.jpg".to_owned();
    let mut wrong = draft();
    wrong.cards[1].image_url.clone_from(&missing);
    wrong.cards[0].interaction_result = Some(InteractionResult::TriggerImage(missing.clone()));
    wrong.cards[0].buttons = vec![Button {
        label: "look".into(),
        interaction_result: Some(InteractionResult::TriggerImage(missing)),
        interaction_tag_id: None,
    }];
    let error = templates.create(&Actor::System, wrong).await.unwrap_err();
    let mut missing: Vec<_> = error.fields();
    missing.retain(|field| field.message == "is no upload of ours");
    let fields: Vec<_> = missing.into_iter().map(|f| f.field).collect();
    assert_eq!(
        fields,
        [
            "carousel_items[1].image_url",
            "carousel_items[0].buttons[0].interaction_result.value",
            "carousel_items[0].interaction_result.value",
        ]
    );
    let elsewhere = "https://cdn.h.tw/static/uploads/images/templates/gone.jpg";
    let mut fine = draft();
    fine.cards[0].image_url = elsewhere.into();
    assert!(templates.create(&Actor::System, fine).await.is_ok());
}

#[tokio::test]
async fn an_update_keeps_what_it_does_not_mention_and_clears_what_is_null() {
    let templates = templates();
    let mut first = draft();
    first.preview_text = Some("look".into());
    let before = templates.create(&Actor::System, first).await.unwrap();
    let changes = TemplateChanges {
        name: Patch::Set("autumn".into()),
        preview_text: Patch::Clear,
        ..TemplateChanges::default()
    };
    let after = templates
        .update(&Actor::System, before.id(), changes)
        .await
        .unwrap();
    assert_eq!(after.name(), "autumn");
    assert_eq!(after.content().preview_text, None);
    assert_eq!(after.content().cards, before.content().cards);
    assert_eq!(after.updated_at(), Some(Noon.now()));
}

#[tokio::test]
async fn another_kind_needs_the_fields_of_the_old_one_cleared() {
    let templates = templates();
    let before = templates.create(&Actor::System, draft()).await.unwrap();
    let changes = TemplateChanges {
        kind: Some(TemplateKind::Text),
        content: Patch::Set("hello".into()),
        ..TemplateChanges::default()
    };
    let refused = templates
        .update(&Actor::System, before.id(), changes.clone())
        .await;
    assert_eq!(refused.unwrap_err().fields()[0].field, "carousel_items");
    let changes = TemplateChanges {
        cards: Patch::Clear,
        ..changes
    };
    let after = templates
        .update(&Actor::System, before.id(), changes)
        .await
        .unwrap();
    assert_eq!(after.kind(), TemplateKind::Text);
}

#[tokio::test]
async fn a_template_in_use_is_not_deleted_and_says_what_uses_it() {
    let templates = templates();
    templates.create(&Actor::System, draft()).await.unwrap();
    let unused = templates.create(&Actor::System, draft()).await.unwrap();
    let error = templates.delete(&Actor::System, USED).await.unwrap_err();
    assert_eq!(error.code(), "template_in_use");
    assert_eq!(error.details().unwrap()["campaigns"][0], "Mid-autumn");

    templates.delete(&Actor::System, unused.id()).await.unwrap();
    let gone = templates.delete(&Actor::System, unused.id()).await;
    assert!(matches!(gone, Err(TemplateError::NotFound(_))));
}

/// A draft whose first card is answered with this template.
fn answered_with(id: &str) -> TemplateDraft {
    let mut draft = draft();
    draft.cards[0].interaction_result = Some(InteractionResult::TriggerTemplate(id.into()));
    draft
}

#[tokio::test]
async fn a_tap_is_answered_with_a_template_that_is_there_and_is_another() {
    let templates = templates();
    let answer = templates.create(&Actor::System, draft()).await.unwrap();
    let answer = answer.id().to_string();
    let asking = templates
        .create(&Actor::System, answered_with(&answer))
        .await;
    let asking = asking.unwrap();
    let field = "carousel_items[0].interaction_result.value";
    for wrong in ["77", "0", "-1", "", "menu"] {
        let error = templates.create(&Actor::System, answered_with(wrong)).await;
        assert_eq!(error.unwrap_err().fields()[0].field, field, "{wrong}");
    }
    let itself = TemplateChanges {
        cards: Patch::Set(answered_with(&asking.id().to_string()).cards),
        ..TemplateChanges::default()
    };
    let error = templates.update(&Actor::System, asking.id(), itself).await;
    assert_eq!(error.unwrap_err().fields()[0].field, field);
}

#[tokio::test]
async fn a_template_that_a_tap_is_answered_with_is_not_deleted() {
    let templates = templates();
    templates.create(&Actor::System, draft()).await.unwrap();
    let answer = templates.create(&Actor::System, draft()).await.unwrap();
    let asking = answered_with(&answer.id().to_string());
    let asking = templates.create(&Actor::System, asking).await.unwrap();
    let error = templates
        .delete(&Actor::System, answer.id())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "template_in_use");
    assert_eq!(error.details().unwrap()["templates"][0], asking.name());

    templates.delete(&Actor::System, asking.id()).await.unwrap();
    templates.delete(&Actor::System, answer.id()).await.unwrap();
}
