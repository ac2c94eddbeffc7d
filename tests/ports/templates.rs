use crate::samples::{begin, campaign, commit, tag, template};
use crm_campaigns::Audience;
use crm_database::Database;
use crm_kernel::{PageRequest, StoreError, TemplateId};
use crm_tags::TagKind;
use crm_templates::{
    Button, CardDraft, InteractionResult, NewTemplate, Price, Template, TemplateDraft,
    TemplateFilter, TemplateKind, TemplateQueries,
};

crate::contract!(
    a_template_with_cards_is_read_back_as_it_was_written,
    an_update_keeps_the_rows_of_cards_that_stay,
    campaigns_that_use_a_template_are_told,
    the_list_knows_types_and_pages,
    a_deleted_tag_is_named_by_no_card_and_no_button,
    what_a_tap_is_answered_with_stays_as_long_as_it_is_named,
);

fn cards(tag: crm_kernel::TagId, n: usize) -> NewTemplate {
    let card = |i: usize| CardDraft {
        image_url: format!("https://hotel.tw/{i}.jpg"),
        title: Some(format!("商務優惠方案 {i}")),
        description: Some("週一至週四 8 折".into()),
        price_minor: Some(320_000),
        interaction_result: Some(InteractionResult::OpenUrl("https://hotel.tw/offers".into())),
        interaction_tag_id: Some(tag),
        sort_order: None,
        buttons: vec![Button {
            label: "立即訂房".into(),
            interaction_result: Some(InteractionResult::TriggerMessage("謝謝".into())),
            interaction_tag_id: Some(tag),
        }],
        ..CardDraft::default()
    };
    let draft = TemplateDraft {
        name: Some("中秋優惠模板".into()),
        cards: (0..n).map(card).collect(),
        notification_text: Some("中秋特別優惠來了！".into()),
        preview_text: Some("點擊查看詳情".into()),
        interaction_tag_id: Some(tag),
        ..TemplateDraft::new(TemplateKind::ImageCard)
    };
    NewTemplate::check(draft).unwrap()
}

async fn stored(db: &Database, n: usize) -> Template {
    let tag = tag(db, "中秋", TagKind::Interaction).await;
    let mut tx = begin(db).await;
    let template = tx
        .templates()
        .insert(cards(tag, n), crate::samples::at(0))
        .await
        .unwrap();
    commit(tx).await;
    template
}

async fn a_template_with_cards_is_read_back_as_it_was_written(db: Database) {
    let template = stored(&db, 3).await;
    let read = TemplateQueries::find(&db, template.id())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read, template);
    assert_eq!(read.content().cards[2].price, Price::from_minor(320_000));
}

async fn an_update_keeps_the_rows_of_cards_that_stay(db: Database) {
    let template = stored(&db, 3).await;
    let mut content = template.content().clone();
    let kept = content.cards[0].id;
    content.cards.truncate(1);
    let mut fresh = content.cards[0].clone();
    (fresh.id, fresh.sort_order) = (None, 2);
    content.cards.push(fresh);
    let changed = Template::from_stored(
        template.id(),
        "新名".into(),
        content,
        template.created_at(),
        Some(crate::samples::at(5)),
    );
    let mut tx = begin(&db).await;
    let written = tx.templates().update(&changed).await.unwrap();
    commit(tx).await;
    let read = TemplateQueries::find(&db, template.id())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read, written);
    assert_eq!(read.content().cards.len(), 2);
    assert_eq!(read.content().cards[0].id, kept);
}

async fn campaigns_that_use_a_template_are_told(db: Database) {
    let campaign = campaign(&db, Audience::All).await;
    let used = campaign.record().template_id;
    let mut tx = begin(&db).await;
    assert_eq!(tx.templates().used_by(used).await.unwrap(), ["中秋送禮"]);
    assert!(tx.templates().delete(used).await.is_err());
}

async fn the_list_knows_types_and_pages(db: Database) {
    template(&db).await;
    let newest = stored(&db, 1).await;
    let page = PageRequest::new(1, 1).unwrap();
    let all = TemplateQueries::list(&db, &TemplateFilter::default(), page)
        .await
        .unwrap();
    assert_eq!((all.total, all.items[0].id), (2, newest.id()));
    let filter = TemplateFilter {
        kind: Some(TemplateKind::Text),
    };
    let texts = TemplateQueries::list(&db, &filter, page).await.unwrap();
    assert_eq!((texts.total, texts.items[0].kind), (1, TemplateKind::Text));
}

async fn a_deleted_tag_is_named_by_no_card_and_no_button(db: Database) {
    let template = stored(&db, 2).await;
    let tag = template.content().cards[0].interaction_tag_id.unwrap();
    let mut tx = begin(&db).await;
    assert_eq!(
        tx.tags().uses(tag).await.unwrap().templates,
        [template.id()]
    );
    assert!(tx.tags().delete(tag).await.unwrap());
    commit(tx).await;
    let read = TemplateQueries::find(&db, template.id())
        .await
        .unwrap()
        .unwrap();
    let mut expected = template.content().clone();
    expected.interaction_tag_id = None;
    for card in &mut expected.cards {
        card.interaction_tag_id = None;
        card.buttons[0].interaction_tag_id = None;
    }
    assert_eq!(read.content(), &expected);
}

async fn what_a_tap_is_answered_with_stays_as_long_as_it_is_named(db: Database) {
    let answer = template(&db).await;
    let asking = stored(&db, 2).await;
    let named = |id: TemplateId| {
        let mut content = asking.content().clone();
        let result = InteractionResult::TriggerTemplate(id.to_string());
        content.cards[0].interaction_result = Some(result.clone());
        content.cards[1].buttons[0].interaction_result = Some(result);
        let name = asking.name().to_owned();
        Template::from_stored(asking.id(), name, content, asking.created_at(), None)
    };
    let mut tx = begin(&db).await;
    let templates = tx.templates();
    let gone = TemplateId::new(answer.get() + 1_000);
    let there = templates.existing(&[answer, gone]).await.unwrap();
    assert_eq!(there, [answer]);
    templates.update(&named(answer)).await.unwrap();
    let names = templates.answered_with(answer).await.unwrap();
    assert_eq!(names, [asking.name()], "once, however many taps");
    commit(tx).await;

    let mut tx = begin(&db).await;
    let refused = tx.templates().delete(answer).await;
    assert!(matches!(refused, Err(StoreError::Reference)), "{refused:?}");
    drop(tx);
    let mut tx = begin(&db).await;
    let refused = tx.templates().update(&named(gone)).await;
    assert!(matches!(refused, Err(StoreError::Reference)), "{refused:?}");
    drop(tx);

    let mut tx = begin(&db).await;
    tx.templates().update(&asking).await.unwrap();
    assert_eq!(tx.templates().answered_with(answer).await.unwrap(), [""; 0]);
    assert!(tx.templates().delete(answer).await.unwrap());
    commit(tx).await;
}
