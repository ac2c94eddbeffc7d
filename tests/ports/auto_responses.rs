use crate::samples::{Store, at, begin, commit, template};
use chrono::NaiveDate;
use crm_auto_responses::{
    Answer, AutoResponse, AutoResponseError, AutoResponseFilter, AutoResponseQueries,
    AutoResponseRecord, AutoResponses, AutoResponsesTx, CreateAutoResponse, Keyword, KeywordEntry,
    RuleName, Trigger, TriggerType,
};
use crm_database::Database;
use crm_kernel::{
    Actor, AutoResponseId, HotelTime, KeywordId, Page, PageRequest, StoreError, TemplateId,
    Transactions,
};
use crm_tests::MovedClock;
use std::sync::Arc;

mod repository {
    use super::*;

    crate::contract_on_every_store!(
        a_rule_is_read_back_as_it_was_written,
        an_update_keeps_the_rows_of_words_that_stay,
        an_update_leaves_counts_and_the_time_of_creation_alone,
        a_word_is_in_a_rule_once_however_it_is_typed,
        what_a_rule_names_must_exist,
        counting_moves_one_rule_and_one_of_its_words,
        a_template_that_a_rule_says_stays,
        a_deleted_rule_takes_its_words_along,
        rules_are_counted_whether_they_are_on_or_off,
    );
}

mod queries {
    use super::*;

    crate::contract!(
        the_newest_rule_comes_first_and_every_filter_narrows,
        a_rule_on_a_screen_has_its_words_by_id,
    );
}

/// A store that rules can be written to.
pub trait RuleStore: Store + Transactions<dyn AutoResponsesTx> + Clone + 'static {}
impl<S: Store + Transactions<dyn AutoResponsesTx> + Clone + 'static> RuleStore for S {}

struct NoQueries;

#[async_trait::async_trait]
impl AutoResponseQueries for NoQueries {
    async fn list(&self, _: &AutoResponseFilter) -> Result<Vec<AutoResponse>, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn list_page(
        &self,
        _: &AutoResponseFilter,
        _: PageRequest,
    ) -> Result<Page<AutoResponse>, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn version(&self) -> Result<i64, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn find(&self, _: AutoResponseId) -> Result<Option<AutoResponse>, StoreError> {
        Err(StoreError::internal("not asked"))
    }
}

fn command(trigger_type: TriggerType) -> CreateAutoResponse {
    CreateAutoResponse {
        name: "規則".into(),
        trigger_type,
        content: None,
        messages: Some(vec!["您好".into(), "請稍候".into()]),
        template_id: None,
        keywords: None,
        is_active: true,
        allow_push: false,
        trigger_time_start: None,
        trigger_time_end: None,
        date_start: None,
        date_end: None,
    }
}

fn listening(words: &[&str]) -> CreateAutoResponse {
    CreateAutoResponse {
        keywords: Some(words.iter().map(|&word| word.to_owned()).collect()),
        ..command(TriggerType::Keyword)
    }
}

fn saying(text: &str) -> CreateAutoResponse {
    CreateAutoResponse {
        messages: Some(vec![text.to_owned()]),
        ..command(TriggerType::Welcome)
    }
}

async fn try_create(
    db: &impl RuleStore,
    command: CreateAutoResponse,
) -> Result<AutoResponse, AutoResponseError> {
    let rules = AutoResponses::new(
        Arc::new(db.clone()),
        Arc::new(NoQueries),
        Arc::new(MovedClock::default()),
        HotelTime::new("Asia/Taipei".parse().unwrap()),
    );
    rules.create(&Actor::System, command).await
}

async fn create(db: &impl RuleStore, command: CreateAutoResponse) -> AutoResponse {
    try_create(db, command).await.unwrap()
}

/// A rule that says this to who follows.
pub async fn rule_saying(db: &impl RuleStore, text: &str) -> AutoResponseId {
    create(db, saying(text)).await.id()
}

async fn read(db: &impl Store, id: AutoResponseId) -> Option<AutoResponse> {
    begin(db).await.auto_responses().find(id).await.unwrap()
}

async fn rules_are_counted_whether_they_are_on_or_off(db: impl RuleStore) {
    let count = async || begin(&db).await.auto_responses().count().await.unwrap();
    assert_eq!(count().await, 0);
    rule_saying(&db, "hi").await;
    let mut off = saying("hi");
    off.is_active = false;
    create(&db, off).await;
    assert_eq!(count().await, 2);
}

fn words(rule: &AutoResponse) -> Vec<(Option<KeywordId>, String, u64)> {
    let entries = rule.trigger().keywords().iter();
    entries
        .map(|entry| {
            let word = entry.keyword.as_str().to_owned();
            (entry.id, word, entry.match_count)
        })
        .collect()
}

fn new_word(word: &str) -> KeywordEntry {
    KeywordEntry {
        id: None,
        keyword: Keyword::parse(word).unwrap(),
        match_count: 7,
        created_at: at(3),
    }
}

/// The rule with other words.
fn with_words(rule: &AutoResponse, entries: Vec<KeywordEntry>) -> AutoResponse {
    let record = AutoResponseRecord {
        trigger: Trigger::Keyword(entries),
        ..rule.record().clone()
    };
    AutoResponse::from_stored(rule.id(), record)
}

async fn update(db: &impl Store, rule: &AutoResponse) -> Result<AutoResponse, StoreError> {
    let mut tx = begin(db).await;
    let updated = tx.auto_responses().update(rule).await?;
    commit(tx).await;
    Ok(updated)
}

async fn a_rule_is_read_back_as_it_was_written(db: impl RuleStore) {
    let said = template(&db).await;
    let night = CreateAutoResponse {
        trigger_time_start: Some("22:30".into()),
        trigger_time_end: Some("06:05".into()),
        date_start: NaiveDate::from_ymd_opt(2026, 9, 1),
        date_end: NaiveDate::from_ymd_opt(2026, 9, 30),
        template_id: Some(said),
        ..command(TriggerType::Time)
    };
    let only_template = CreateAutoResponse {
        messages: None,
        template_id: Some(said),
        is_active: false,
        ..command(TriggerType::Welcome)
    };
    for command in [night, only_template, listening(&["ＷｉＦｉ", "早餐"])] {
        let rule = create(&db, command).await;
        assert!(words(&rule).iter().all(|(id, ..)| id.is_some()));
        assert_eq!(read(&db, rule.id()).await, Some(rule));
    }
}

async fn an_update_keeps_the_rows_of_words_that_stay(db: impl RuleStore) {
    let rule = create(&db, listening(&["wifi", "早餐", "停車"])).await;
    let ids: Vec<_> = words(&rule).into_iter().map(|(id, ..)| id).collect();
    let mut tx = begin(&db).await;
    tx.auto_responses()
        .count_fired(rule.id(), ids[2])
        .await
        .unwrap();
    commit(tx).await;
    let mut kept = rule.trigger().keywords()[2].clone();
    kept.keyword = Keyword::parse("停車場").unwrap();
    let created_at = kept.created_at;
    kept.created_at = at(50);
    // The word of a row that goes is free at once.
    let changed = with_words(&rule, vec![new_word("ＷＩＦＩ"), kept]);
    let written = update(&db, &changed).await.unwrap();
    let stored = read(&db, rule.id()).await.unwrap();
    let shown = words(&stored);
    assert_eq!(shown[0], (ids[2], "停車場".into(), 1));
    assert_eq!((shown[1].1.as_str(), shown[1].2), ("ＷＩＦＩ", 0));
    assert_eq!(shown.len(), 2);
    assert!(shown[1].0 > ids[2]);
    assert_eq!(stored.trigger().keywords()[0].created_at, created_at);
    let answered: Vec<_> = words(&written).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(answered, [shown[0].0, shown[1].0]);
}

async fn an_update_leaves_counts_and_the_time_of_creation_alone(db: impl RuleStore) {
    let rule = create(&db, saying("歡迎")).await;
    let record = AutoResponseRecord {
        name: RuleName::parse("新名").unwrap(),
        answer: Answer::from_stored(vec!["再見".into()], None),
        is_active: false,
        allow_push: true,
        trigger_count: 5,
        success_count: 4,
        created_at: at(70),
        updated_at: Some(at(80)),
        trigger: Trigger::Welcome,
    };
    let changed = AutoResponse::from_stored(rule.id(), record.clone());
    update(&db, &changed).await.unwrap();
    let expected = AutoResponseRecord {
        trigger_count: 0,
        success_count: 0,
        created_at: rule.record().created_at,
        ..record
    };
    let stored = read(&db, rule.id()).await.unwrap();
    assert_eq!(*stored.record(), expected);
}

async fn a_word_is_in_a_rule_once_however_it_is_typed(db: impl RuleStore) {
    let rule = create(&db, listening(&["wifi"])).await;
    let mut entries = rule.trigger().keywords().to_vec();
    entries.push(new_word("ＷＩＦＩ"));
    let refused = update(&db, &with_words(&rule, entries)).await;
    assert!(matches!(
        refused,
        Err(StoreError::Duplicate {
            key: "auto_response_keyword"
        })
    ));
    // Another rule may listen for the same.
    create(&db, listening(&["wifi"])).await;
}

async fn what_a_rule_names_must_exist(db: impl RuleStore) {
    let rule = create(&db, listening(&["wifi"])).await;
    let other = create(&db, listening(&["早餐"])).await;
    let unknown = AutoResponseId::new(999_999);
    let nobody =
        AutoResponse::from_stored(unknown, create(&db, saying("a")).await.record().clone());
    let no_template = AutoResponseRecord {
        answer: Answer::from_stored(vec![], Some(TemplateId::new(999_999))),
        ..rule.record().clone()
    };
    for wrong in [
        nobody,
        AutoResponse::from_stored(rule.id(), no_template),
        with_words(&rule, other.trigger().keywords().to_vec()),
    ] {
        let refused = update(&db, &wrong).await;
        assert!(matches!(refused, Err(StoreError::Reference)));
    }
    assert_eq!(read(&db, rule.id()).await, Some(rule));
    let born_wrong = CreateAutoResponse {
        template_id: Some(TemplateId::new(999_999)),
        ..saying("a")
    };
    let refused = try_create(&db, born_wrong).await;
    assert!(matches!(refused, Err(AutoResponseError::Invalid(_))));
}

async fn counting_moves_one_rule_and_one_of_its_words(db: impl RuleStore) {
    let rule = create(&db, listening(&["wifi", "早餐"])).await;
    let other = create(&db, listening(&["停車"])).await;
    let (own, foreign) = (words(&rule)[0].0, words(&other)[0].0);
    let mut tx = begin(&db).await;
    let repository = tx.auto_responses();
    for keyword in [own, None, foreign, Some(KeywordId::new(999_999))] {
        repository.count_fired(rule.id(), keyword).await.unwrap();
    }
    repository.count_success(rule.id()).await.unwrap();
    let gone = AutoResponseId::new(999_999);
    repository.count_fired(gone, own).await.unwrap();
    repository.count_success(gone).await.unwrap();
    commit(tx).await;
    let counted = read(&db, rule.id()).await.unwrap();
    let record = counted.record();
    assert_eq!((record.trigger_count, record.success_count), (4, 1));
    assert_eq!(record.updated_at, None);
    let counts: Vec<u64> = words(&counted).into_iter().map(|(.., n)| n).collect();
    assert_eq!(counts, [1, 0]);
    assert_eq!(read(&db, other.id()).await, Some(other));
}

async fn a_template_that_a_rule_says_stays(db: impl RuleStore) {
    let said = template(&db).await;
    let with_template = CreateAutoResponse {
        template_id: Some(said),
        ..saying("看看")
    };
    let rule = create(&db, with_template).await.id();
    let mut tx = begin(&db).await;
    let refused = tx.templates().delete(said).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
    drop(tx);
    let mut tx = begin(&db).await;
    assert!(tx.auto_responses().delete(rule).await.unwrap());
    assert!(tx.templates().delete(said).await.unwrap());
}

async fn a_deleted_rule_takes_its_words_along(db: impl RuleStore) {
    let rule = create(&db, listening(&["wifi"])).await;
    let mut tx = begin(&db).await;
    assert!(tx.auto_responses().delete(rule.id()).await.unwrap());
    assert!(!tx.auto_responses().delete(rule.id()).await.unwrap());
    commit(tx).await;
    assert_eq!(read(&db, rule.id()).await, None);
    let again = create(&db, listening(&["早餐"])).await;
    assert_eq!(words(&again).len(), 1);
}

async fn the_newest_rule_comes_first_and_every_filter_narrows(db: Database) {
    let off = CreateAutoResponse {
        is_active: false,
        ..listening(&["停車"])
    };
    let welcome = create(&db, saying("歡迎")).await;
    let keyword = create(&db, listening(&["wifi", "早餐"])).await;
    let off = create(&db, off).await;
    let filter = |trigger_type, is_active| AutoResponseFilter {
        trigger_type,
        is_active,
    };
    for (filter, wanted) in [
        (filter(None, None), vec![&off, &keyword, &welcome]),
        (filter(None, Some(true)), vec![&keyword, &welcome]),
        (
            filter(Some(TriggerType::Keyword), None),
            vec![&off, &keyword],
        ),
        (filter(Some(TriggerType::Keyword), Some(false)), vec![&off]),
        (filter(Some(TriggerType::Time), None), vec![]),
    ] {
        let listed = AutoResponseQueries::list(&db, &filter).await.unwrap();
        assert_eq!(listed.iter().collect::<Vec<_>>(), wanted);
        let mut paged = Vec::new();
        for number in 1..=wanted.len() as u64 {
            let page = PageRequest::new(number, 1).unwrap();
            let page = db.list_page(&filter, page).await.unwrap();
            assert_eq!(page.total, wanted.len() as u64);
            paged.extend(page.items);
        }
        assert_eq!(paged, listed);
    }
}

async fn a_rule_on_a_screen_has_its_words_by_id(db: Database) {
    let rule = create(&db, listening(&["b", "a", "c"])).await;
    let shown = AutoResponseQueries::find(&db, rule.id()).await.unwrap();
    assert_eq!(shown, Some(rule));
    let unknown = AutoResponseId::new(999_999);
    assert_eq!(AutoResponseQueries::find(&db, unknown).await.unwrap(), None);
}
