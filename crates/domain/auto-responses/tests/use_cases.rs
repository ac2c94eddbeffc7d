//! The use-cases over a storage small enough to read here; the real ones are held to the same
//! promises by the port contracts.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use crm_auto_responses::*;
use crm_kernel::*;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Tables {
    rules: Vec<AutoResponse>,
    audit: Vec<AuditEntry>,
    kept: Vec<String>,
    last: i64,
    version: i64,
}

#[derive(Clone, Default)]
struct Store(Arc<Mutex<Tables>>);

struct Tx(Store, Tables);

const TEMPLATE: TemplateId = TemplateId::new(1);

impl Tx {
    /// The record with ids for its new keywords.
    fn with_ids(&mut self, record: &AutoResponseRecord) -> AutoResponseRecord {
        let mut record = record.clone();
        if let Trigger::Keyword(entries) = &mut record.trigger {
            for entry in entries.iter_mut().filter(|entry| entry.id.is_none()) {
                self.1.last += 1;
                entry.id = Some(KeywordId::new(self.1.last));
            }
        }
        record
    }

    fn check(record: &AutoResponseRecord) -> Result<(), StoreError> {
        match record.answer.template_id() {
            Some(id) if id != TEMPLATE => Err(StoreError::Reference),
            _ => Ok(()),
        }
    }

    fn change(&mut self, id: AutoResponseId, change: impl Fn(&mut AutoResponseRecord)) {
        for rule in self.1.rules.iter_mut().filter(|rule| rule.id() == id) {
            let mut record = rule.record().clone();
            change(&mut record);
            *rule = AutoResponse::from_stored(id, record);
        }
    }
}

#[async_trait]
impl AutoResponseRepository for Tx {
    async fn insert(&mut self, new: &NewAutoResponse) -> Result<AutoResponse, StoreError> {
        Self::check(new.record())?;
        let record = self.with_ids(new.record());
        self.1.last += 1;
        let rule = AutoResponse::from_stored(self.1.last.into(), record);
        self.1.rules.push(rule.clone());
        self.1.version += 1;
        Ok(rule)
    }

    async fn count(&mut self) -> Result<u64, StoreError> {
        Ok(self.1.rules.len() as u64)
    }

    async fn find(&mut self, id: AutoResponseId) -> Result<Option<AutoResponse>, StoreError> {
        Ok(self.1.rules.iter().find(|rule| rule.id() == id).cloned())
    }

    async fn update(&mut self, rule: &AutoResponse) -> Result<AutoResponse, StoreError> {
        Self::check(rule.record())?;
        let record = self.with_ids(rule.record());
        self.change(rule.id(), |stored| *stored = record.clone());
        self.1.version += 1;
        Ok(AutoResponse::from_stored(rule.id(), record))
    }

    async fn delete(&mut self, id: AutoResponseId) -> Result<bool, StoreError> {
        let before = self.1.rules.len();
        self.1.version += 1;
        self.1.rules.retain(|rule| rule.id() != id);
        Ok(self.1.rules.len() < before)
    }

    async fn count_fired(
        &mut self,
        id: AutoResponseId,
        keyword: Option<KeywordId>,
    ) -> Result<(), StoreError> {
        self.change(id, |record| {
            record.trigger_count += 1;
            if let Trigger::Keyword(entries) = &mut record.trigger {
                let mut won = entries.iter_mut().filter(|e| e.id == keyword);
                won.by_ref().for_each(|entry| entry.match_count += 1);
            }
        });
        Ok(())
    }

    async fn count_success(&mut self, id: AutoResponseId) -> Result<(), StoreError> {
        self.change(id, |record| record.success_count += 1);
        Ok(())
    }
}

#[async_trait]
impl AuditTrail for Tx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.1.audit.push(entry);
        Ok(())
    }

    async fn forget(&mut self, _: &'static str, _: i64) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl Outbox for Tx {
    async fn put(&mut self, _: NewJob) -> Result<bool, StoreError> {
        Ok(true)
    }
}

#[async_trait]
impl PictureUse for Tx {
    async fn keep(&mut self, address: &str, _: DateTime<Utc>) -> Result<bool, StoreError> {
        self.1.kept.push(address.to_owned());
        Ok(true)
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
        *self.0.0.lock().unwrap() = self.1;
        Ok(())
    }
}

impl AutoResponsesTx for Tx {
    fn auto_responses(&mut self) -> &mut dyn AutoResponseRepository {
        self
    }
}

#[async_trait]
impl Transactions<dyn AutoResponsesTx> for Store {
    async fn begin(&self) -> Result<Box<dyn AutoResponsesTx>, StoreError> {
        let tables = self.0.lock().unwrap().clone();
        Ok(Box::new(Tx(self.clone(), tables)))
    }
}

#[async_trait]
impl AutoResponseQueries for Store {
    async fn version(&self) -> Result<i64, StoreError> {
        Ok(self.0.lock().unwrap().version)
    }

    async fn list(&self, filter: &AutoResponseFilter) -> Result<Vec<AutoResponse>, StoreError> {
        let mut rules = self.0.lock().unwrap().rules.clone();
        rules.retain(|rule| {
            filter.is_active.is_none_or(|on| on == rule.is_active())
                && filter
                    .trigger_type
                    .is_none_or(|kind| kind == rule.trigger().kind())
        });
        rules.reverse();
        Ok(rules)
    }

    async fn list_page(
        &self,
        filter: &AutoResponseFilter,
        request: PageRequest,
    ) -> Result<Page<AutoResponse>, StoreError> {
        let all = self.list(filter).await?;
        let total = all.len() as u64;
        let items = all.into_iter().skip(request.offset() as usize);
        Ok(Page {
            items: items.take(request.page_size() as usize).collect(),
            total,
            request,
        })
    }

    async fn find(&self, id: AutoResponseId) -> Result<Option<AutoResponse>, StoreError> {
        let tables = self.0.lock().unwrap();
        Ok(tables.rules.iter().find(|rule| rule.id() == id).cloned())
    }
}

#[derive(Clone)]
struct MovedClock(Arc<Mutex<DateTime<Utc>>>);

impl Clock for MovedClock {
    /// A second passes with every look.
    fn now(&self) -> DateTime<Utc> {
        let mut now = self.0.lock().unwrap();
        *now += TimeDelta::seconds(1);
        *now
    }
}

const ME: Actor = Actor::User { id: UserId::new(7) };

fn desk() -> (AutoResponses, Store) {
    let store = Store::default();
    let start = Utc.with_ymd_and_hms(2026, 9, 1, 2, 0, 0).unwrap();
    let desk = AutoResponses::new(
        Arc::new(store.clone()),
        Arc::new(store.clone()),
        Arc::new(MovedClock(Arc::new(Mutex::new(start)))),
        HotelTime::new(chrono_tz::Asia::Taipei),
    );
    (desk, store)
}

fn rule(trigger_type: TriggerType) -> CreateAutoResponse {
    CreateAutoResponse {
        name: "Rule".into(),
        trigger_type,
        content: Some("Hello".into()),
        messages: None,
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
        keywords: Some(words.iter().map(|&w| w.to_owned()).collect()),
        ..rule(TriggerType::Keyword)
    }
}

fn hours(start: &str, end: &str) -> CreateAutoResponse {
    CreateAutoResponse {
        trigger_time_start: Some(start.into()),
        trigger_time_end: Some(end.into()),
        ..rule(TriggerType::Time)
    }
}

async fn faults(desk: &AutoResponses, command: CreateAutoResponse) -> Vec<String> {
    let error = desk.create(&ME, command).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    error.fields().into_iter().map(|f| f.field).collect()
}

async fn answers(desk: &AutoResponses, text: &str) -> Option<AutoResponseId> {
    let tried = desk.try_text(text, None).await.unwrap();
    tried.map(|tried| tried.rule.id())
}

fn actions(store: &Store) -> Vec<&'static str> {
    let tables = store.0.lock().unwrap();
    tables.audit.iter().map(|entry| entry.action).collect()
}

#[tokio::test]
async fn keywords_belong_to_keyword_rules_and_hours_to_time_rules() {
    let (desk, _) = desk();
    assert_eq!(
        faults(&desk, rule(TriggerType::Keyword)).await,
        ["keywords"]
    );
    let mut command = listening(&["a"]);
    command.trigger_type = TriggerType::Welcome;
    command.trigger_time_start = Some("10:00".into());
    assert_eq!(
        faults(&desk, command).await,
        ["keywords", "trigger_time_start"]
    );
    assert_eq!(
        faults(&desk, listening(&["a", "b", "Ａ"])).await,
        ["keywords[2]"]
    );
    assert_eq!(faults(&desk, listening(&["x"; 21])).await, ["keywords"]);
    assert_eq!(
        faults(&desk, hours("10:00", "")).await,
        ["trigger_time_end"]
    );
    assert_eq!(
        faults(&desk, hours("25:00", "10:00")).await,
        ["trigger_time_start"]
    );
    assert!(desk.create(&ME, hours("", "")).await.is_ok());
}

#[tokio::test]
async fn content_is_the_first_of_the_messages() {
    let (desk, _) = desk();
    let mut command = rule(TriggerType::Welcome);
    command.messages = Some(vec!["Hello".into(), "World".into()]);
    let id = desk.create(&ME, command.clone()).await.unwrap().id();
    command.content = Some("World".into());
    assert_eq!(faults(&desk, command).await, ["content"]);
    let change = UpdateAutoResponse {
        content: Patch::Set("Hi".into()),
        ..UpdateAutoResponse::default()
    };
    let changed = desk.update(&ME, id, change).await.unwrap();
    assert_eq!(changed.answer().texts(), ["Hi", "World"]);
}

#[tokio::test]
async fn an_unknown_template_is_the_inputs_fault_and_leaves_nothing() {
    let (desk, store) = desk();
    let mut command = rule(TriggerType::Welcome);
    command.template_id = Some(TemplateId::new(2));
    assert_eq!(faults(&desk, command.clone()).await, ["template_id"]);
    assert!(store.0.lock().unwrap().audit.is_empty());
    command.template_id = Some(TEMPLATE);
    command.content = None;
    let rule = desk.create(&ME, command).await.unwrap();
    assert_eq!(rule.answer().content(), "");
}

#[tokio::test]
async fn a_word_that_stays_keeps_its_count_and_its_id() {
    let (desk, store) = desk();
    let rule = desk
        .create(&ME, listening(&["wifi", "早餐"]))
        .await
        .unwrap();
    let wifi = rule.trigger().keywords()[0].id;
    let mut tx: Box<dyn AutoResponsesTx> = store.begin().await.unwrap();
    desk.fired_in(&mut *tx, rule.id(), wifi, chrono::DateTime::UNIX_EPOCH)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let change = UpdateAutoResponse {
        keywords: Patch::Set(vec!["停車".into(), "WiFi".into()]),
        ..UpdateAutoResponse::default()
    };
    let changed = desk.update(&ME, rule.id(), change).await.unwrap();
    let words: Vec<_> = changed.trigger().keywords().iter().collect();
    assert_eq!(words[0].id, wifi);
    assert_eq!(
        (words[0].keyword.as_str(), words[0].match_count),
        ("WiFi", 1)
    );
    assert_eq!(
        (words[1].keyword.as_str(), words[1].match_count),
        ("停車", 0)
    );
    assert!(!words.iter().any(|entry| entry.keyword.as_str() == "早餐"));
}

#[tokio::test]
async fn the_type_is_fixed_and_repeating_everything_changes_nothing() {
    let (desk, store) = desk();
    let rule = desk.create(&ME, listening(&["wifi"])).await.unwrap();
    let mut change = UpdateAutoResponse {
        name: Patch::Set("Rule".into()),
        trigger_type: Some(TriggerType::Keyword),
        content: Patch::Set("Hello".into()),
        keywords: Patch::Set(vec!["wifi".into()]),
        is_active: Some(true),
        ..UpdateAutoResponse::default()
    };
    let same = desk.update(&ME, rule.id(), change.clone()).await.unwrap();
    assert_eq!(same, rule);
    assert_eq!(actions(&store), ["auto_response.created"]);
    change.trigger_type = Some(TriggerType::Time);
    let error = desk.update(&ME, rule.id(), change).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "trigger_type");
}

#[tokio::test]
async fn every_change_is_audited_once() {
    let (desk, store) = desk();
    let id = desk
        .create(&ME, rule(TriggerType::Welcome))
        .await
        .unwrap()
        .id();
    desk.toggle(&ME, id, true).await.unwrap();
    desk.toggle(&ME, id, false).await.unwrap();
    desk.toggle(&ME, id, true).await.unwrap();
    let change = UpdateAutoResponse {
        name: Patch::Set("New".into()),
        ..UpdateAutoResponse::default()
    };
    desk.update(&ME, id, change).await.unwrap();
    desk.delete(&ME, id).await.unwrap();
    assert_eq!(
        actions(&store),
        [
            "auto_response.created",
            "auto_response.disabled",
            "auto_response.enabled",
            "auto_response.updated",
            "auto_response.deleted"
        ]
    );
    let error = desk.delete(&ME, id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn the_longest_keyword_answers_then_the_rule_updated_last_then_the_hours() {
    let (desk, _) = desk();
    let always = desk.create(&ME, hours("", "")).await.unwrap().id();
    let place = desk
        .create(&ME, listening(&["飯店位置"]))
        .await
        .unwrap()
        .id();
    let hotel = desk.create(&ME, listening(&["飯店"])).await.unwrap().id();
    let booking = desk.create(&ME, listening(&["訂房"])).await.unwrap().id();
    let time = desk.create(&ME, listening(&["時間"])).await.unwrap().id();
    assert_eq!(answers(&desk, "請問飯店位置在哪").await, Some(place));
    assert_eq!(answers(&desk, "飯店好嗎").await, Some(hotel));
    assert_eq!(answers(&desk, "訂房時間").await, Some(time));
    desk.toggle(&ME, booking, false).await.unwrap();
    desk.toggle(&ME, booking, true).await.unwrap();
    assert_eq!(answers(&desk, "訂房時間").await, Some(booking));
    assert_eq!(answers(&desk, "你好").await, Some(always));
    desk.toggle(&ME, always, false).await.unwrap();
    assert_eq!(answers(&desk, "你好").await, None);
}

#[tokio::test]
async fn hours_are_the_hotels() {
    let (desk, _) = desk();
    desk.create(&ME, hours("18:00", "09:00")).await.unwrap();
    let at = |hour| Utc.with_ymd_and_hms(2026, 9, 1, hour, 0, 30).unwrap();
    for (utc_hour, open) in [(1, true), (2, false), (9, false), (10, true)] {
        let tried = desk.try_text("hi", Some(at(utc_hour))).await.unwrap();
        assert_eq!(tried.is_some(), open, "{utc_hour}");
    }
}

#[tokio::test]
async fn the_list_shows_who_is_overshadowed_also_by_rules_that_are_not_on_it() {
    let (desk, _) = desk();
    let old = desk
        .create(&ME, listening(&["wifi", "spa"]))
        .await
        .unwrap()
        .id();
    let new = desk
        .create(&ME, listening(&["ＷＩＦＩ"]))
        .await
        .unwrap()
        .id();
    let day = desk
        .create(&ME, hours("09:00", "17:00"))
        .await
        .unwrap()
        .id();
    let noon = desk
        .create(&ME, hours("12:00", "13:00"))
        .await
        .unwrap()
        .id();
    let night = desk
        .create(&ME, hours("20:00", "06:00"))
        .await
        .unwrap()
        .id();
    let views = desk.list(&AutoResponseFilter::default()).await.unwrap();
    let of = |id| &views.iter().find(|v| v.rule.id() == id).unwrap().shadow;
    assert_eq!(of(old).by, None);
    assert_eq!(of(old).keywords[0].keyword, "wifi");
    assert_eq!(of(old).keywords[0].by, new);
    assert_eq!(of(old).keywords.len(), 1);
    assert_eq!(of(day).by, Some(noon));
    assert!([new, noon, night].iter().all(|id| of(*id).is_empty()));
    assert_eq!(desk.get(old).await.unwrap().shadow, *of(old));
    desk.toggle(&ME, new, false).await.unwrap();
    assert!(desk.get(old).await.unwrap().shadow.is_empty());
}

#[tokio::test]
async fn the_success_rate_has_two_decimals() {
    let (desk, store) = desk();
    let id = desk
        .create(&ME, rule(TriggerType::Welcome))
        .await
        .unwrap()
        .id();
    let rate = async || desk.get(id).await.unwrap().rule.success_rate();
    assert!(rate().await.abs() < 1e-9);
    for _ in 0..3 {
        let mut tx: Box<dyn AutoResponsesTx> = store.begin().await.unwrap();
        desk.fired_in(&mut *tx, id, None, chrono::DateTime::UNIX_EPOCH)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx: Box<dyn AutoResponsesTx> = store.begin().await.unwrap();
    desk.succeeded_in(&mut *tx, id, chrono::DateTime::UNIX_EPOCH)
        .await
        .unwrap();
    desk.succeeded_in(&mut *tx, id, chrono::DateTime::UNIX_EPOCH)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!((rate().await - 66.67).abs() < 1e-9);
}

#[tokio::test]
async fn rules_that_answer_with_a_template_are_named_whether_they_are_on_or_off() {
    let (desk, _) = desk();
    for (name, template, is_active) in [
        ("First", Some(TEMPLATE), true),
        ("Plain", None, true),
        ("Second", Some(TEMPLATE), false),
    ] {
        let command = CreateAutoResponse {
            name: name.into(),
            template_id: template,
            is_active,
            ..rule(TriggerType::Welcome)
        };
        desk.create(&ME, command).await.unwrap();
    }
    let named = desk.names_using(TEMPLATE).await.unwrap();
    assert_eq!(named, ["First", "Second"]);
    assert!(
        desk.names_using(TemplateId::new(3))
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn pictures_of_ours_that_a_rule_names_are_kept() {
    let (desk, store) = desk();
    let mut command = rule(TriggerType::Welcome);
    let url = |name: &str| format!("https://h.tw/static/uploads/images/temp/{name}");
    command.content = Some(format!("看 {} 吧", url("a.jpg")));
    let id = desk.create(&ME, command).await.unwrap().id();
    let changes = UpdateAutoResponse {
        messages: Patch::Set(vec!["hi".into(), url("b.jpg")]),
        ..UpdateAutoResponse::default()
    };
    desk.update(&ME, id, changes).await.unwrap();
    let kept = store.0.lock().unwrap().kept.clone();
    let path = "/static/uploads/images/temp";
    assert_eq!(kept, [format!("{path}/a.jpg"), format!("{path}/b.jpg")]);
}

#[tokio::test]
async fn there_are_at_most_2000_rules() {
    let (desk, store) = desk();
    let first = desk.create(&ME, rule(TriggerType::Welcome)).await.unwrap();
    store.0.lock().unwrap().rules = vec![first.clone(); MAX_RULES as usize];
    let refused = desk.create(&ME, rule(TriggerType::Welcome)).await;
    let error = refused.unwrap_err();
    assert_eq!(error.code(), "auto_response_limit");
    assert_eq!(error.kind(), ErrorKind::Conflict);
    store.0.lock().unwrap().rules.pop();
    assert!(desk.create(&ME, rule(TriggerType::Welcome)).await.is_ok());
}

/// A process of its own over the same store, with a clock that the test moves.
fn process(store: &Store, clock: &Arc<Later>) -> AutoResponses {
    let store = Arc::new(store.clone());
    let hotel = HotelTime::new(chrono_tz::Asia::Taipei);
    AutoResponses::new(store.clone(), store, clock.clone(), hotel)
}

#[derive(Default)]
struct Later(Mutex<TimeDelta>);

impl Clock for Later {
    fn now(&self) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 9, 24, 2, 0, 0).unwrap() + *self.0.lock().unwrap()
    }
}

#[tokio::test]
async fn a_rule_that_another_process_saved_answers_here_within_a_second() {
    let (desk, store) = desk();
    let clock = Arc::new(Later::default());
    let here = process(&store, &clock);
    let wall = here.wall_at(clock.now());
    let answers = async |text: &str| {
        let book = here.rule_book().await.unwrap();
        book.answer_to_text(text, wall).is_some()
    };
    assert!(!answers("有早餐嗎").await);
    let id = desk.create(&ME, listening(&["早餐"])).await.unwrap().id();
    *clock.0.lock().unwrap() = TimeDelta::seconds(1);
    assert!(answers("有早餐嗎").await);
    desk.toggle(&ME, id, false).await.unwrap();
    *clock.0.lock().unwrap() = TimeDelta::seconds(2);
    assert!(!answers("有早餐嗎").await);
}

#[tokio::test]
async fn a_rule_saved_here_answers_at_once() {
    let (desk, _) = desk();
    let wall = desk.wall_at(chrono::DateTime::UNIX_EPOCH);
    assert!(desk.rule_book().await.unwrap().welcome().is_none());
    desk.create(&ME, listening(&["ＷｉＦｉ"])).await.unwrap();
    let book = desk.rule_book().await.unwrap();
    let found = book.answer_to_text("請問 wifi 密碼？", wall).unwrap();
    assert_eq!(found.keyword.unwrap().keyword.as_str(), "ＷｉＦｉ");
}

#[tokio::test]
async fn of_two_thousand_rules_the_longest_word_in_a_text_answers() {
    let (desk, store) = desk();
    for n in 0..30 {
        let word = format!("房{}", "型".repeat(n));
        desk.create(&ME, listening(&[word.as_str()])).await.unwrap();
    }
    let first = store.0.lock().unwrap().rules.clone();
    let others = (0..1_970).map(|n| {
        let mut record = first[0].record().clone();
        let Trigger::Keyword(entries) = &mut record.trigger else {
            panic!("a keyword rule");
        };
        entries[0].keyword = Keyword::parse(&format!("關鍵字{n}號")).unwrap();
        AutoResponse::from_stored(AutoResponseId::new(10_000 + n), record)
    });
    let book = RuleBook::new(first.iter().cloned().chain(others).collect()).unwrap();
    let wall = desk.wall_at(chrono::DateTime::UNIX_EPOCH);
    let answer = |text: &str| {
        let found = book.answer_to_text(text, wall)?;
        Some(found.keyword?.keyword.as_str().to_owned())
    };
    assert_eq!(answer("請問房型型型有嗎").unwrap(), "房型型型");
    assert_eq!(answer("關鍵字1969號").unwrap(), "關鍵字1969號");
    assert_eq!(answer("關鍵字"), None);
}
