//! Members, tags, templates and campaigns to test with.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use crm_campaigns::{Audience, Campaign, NewCampaign};
use crm_database::Database;
use crm_kernel::{
    Actor, HotelTime, ImportId, MemberId, Page, PageRequest, StoreError, TagId, TemplateId,
    Transaction, Transactions,
};
use crm_members::{
    IdNumberVault, Import, LineFollow, LineUid, MemberDetail, MemberFilter, MemberQueries,
    MemberRow, MemberSort, Members, MembersTx, RowError, SealedIdNumber, StayRow, TimelineEntry,
    VaultError,
};
use crm_tags::{
    CreateTag, TagFilter, TagKind, TagQueries, TagRow, TagSource, TagStatistics, Tags, TagsTx,
    TriggerRow, WornTag,
};
use crm_templates::{NewTemplate, TemplateDraft, TemplateKind};
use crm_tests::MovedClock;
use crm_workflows::CrmTx;
use sea_orm::{ConnectionTrait, Statement};
use std::sync::Arc;

/// A moment, so many minutes after ten in the morning before Moon Festival.
pub fn at(minutes: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 9, 24, 2, 0, 0).unwrap() + TimeDelta::minutes(minutes)
}

/// Any store: both databases, or memory.
pub trait Store: Transactions<dyn CrmTx> {}
impl<S: Transactions<dyn CrmTx>> Store for S {}

/// A unit of work over everything.
pub async fn begin(store: &impl Store) -> Box<dyn CrmTx> {
    store.begin().await.unwrap()
}

/// Commits.
pub async fn commit(tx: Box<dyn CrmTx>) {
    Transaction::commit(tx).await.unwrap();
}

/// Keeps id numbers as they are.
pub struct PlainVault;

impl IdNumberVault for PlainVault {
    fn seal(&self, number: &crm_members::IdNumber) -> Result<SealedIdNumber, VaultError> {
        Ok(SealedIdNumber {
            ciphertext: number.as_str().to_owned(),
            blind_index: number.as_str().to_owned(),
        })
    }

    fn blind_indexes(&self, number: &crm_members::IdNumber) -> Vec<String> {
        vec![number.as_str().to_owned()]
    }

    fn open(&self, ciphertext: &str) -> Result<crm_members::IdNumber, VaultError> {
        crm_members::IdNumber::parse(ciphertext).map_err(|_| VaultError::Damaged)
    }
}

/// The members domain on this database.
pub fn members(db: &Database) -> Members {
    let store = Arc::new(db.clone());
    Members::new(
        store.clone(),
        store,
        Arc::new(PlainVault),
        Arc::new(MovedClock::default()),
    )
}

/// The members domain for its `…_in` functions, which use the caller's unit of work and ask
/// nothing outside of it.
pub fn members_in() -> Members {
    Members::new(
        Arc::new(crm_memory::MemoryStore::default()),
        Arc::new(NoQueries),
        Arc::new(PlainVault),
        Arc::new(MovedClock::default()),
    )
}

/// The members domain on any store, with this clock. It shows nothing.
pub fn members_on(
    store: &(impl Transactions<dyn MembersTx> + Clone + 'static),
    clock: &MovedClock,
) -> Members {
    Members::new(
        Arc::new(store.clone()),
        Arc::new(NoQueries),
        Arc::new(PlainVault),
        Arc::new(clock.clone()),
    )
}

/// Screens that nobody asks.
pub struct NoQueries;

#[async_trait::async_trait]
impl MemberQueries for NoQueries {
    async fn list(
        &self,
        _: &MemberFilter,
        _: MemberSort,
        _: PageRequest,
    ) -> Result<Page<MemberRow>, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn detail(&self, _: MemberId) -> Result<Option<MemberDetail>, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn exists(&self, _: MemberId) -> Result<bool, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn stays(&self, _: MemberId, _: PageRequest) -> Result<Page<StayRow>, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn timeline(
        &self,
        _: MemberId,
        _: (DateTime<Utc>, HotelTime),
        _: PageRequest,
    ) -> Result<Page<TimelineEntry>, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn import(&self, _: ImportId) -> Result<Option<Import>, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn imports(&self, _: PageRequest) -> Result<Page<Import>, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn import_errors(
        &self,
        _: ImportId,
        _: PageRequest,
    ) -> Result<Page<RowError>, StoreError> {
        Err(StoreError::internal("not asked"))
    }
}

/// The tags domain on this database.
pub fn tags(db: &Database) -> Tags {
    let store = Arc::new(db.clone());
    Tags::new(store.clone(), store, Arc::new(MovedClock::default()))
}

/// The tags domain on any store. It shows nothing.
pub fn tags_on(store: &(impl Transactions<dyn TagsTx> + Clone + 'static)) -> Tags {
    let clock = Arc::new(MovedClock::default());
    Tags::new(Arc::new(store.clone()), Arc::new(NoQueries), clock)
}

#[async_trait::async_trait]
impl TagQueries for NoQueries {
    async fn list(&self, _: &TagFilter, _: PageRequest) -> Result<Page<TagRow>, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn triggers(&self, _: TagId, _: PageRequest) -> Result<Page<TriggerRow>, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn detail(&self, _: TagId) -> Result<Option<TagRow>, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn of_member(&self, _: MemberId) -> Result<Vec<WornTag>, StoreError> {
        Err(StoreError::internal("not asked"))
    }

    async fn statistics(&self) -> Result<TagStatistics, StoreError> {
        Err(StoreError::internal("not asked"))
    }
}

/// A friend who followed at that moment.
pub async fn friend(store: &impl Store, uid: &str, followed: DateTime<Utc>) -> MemberId {
    let mut tx = begin(store).await;
    let follow = LineFollow {
        uid: LineUid::parse(uid).unwrap(),
        at: followed,
        profile: None,
    };
    let contact = members_in().follow_in(&mut *tx, follow).await.unwrap();
    commit(tx).await;
    contact.member.id()
}

/// So many friends: `U0`, `U1`, …
pub async fn friends(store: &impl Store, n: usize) -> Vec<MemberId> {
    friends_named(store, "U", n).await
}

/// The same with user ids of their own, for whoever comes later.
pub async fn friends_named(store: &impl Store, name: &str, n: usize) -> Vec<MemberId> {
    let mut tx = begin(store).await;
    let members = members_in();
    let mut ids = Vec::with_capacity(n);
    for i in 0..n {
        let follow = LineFollow {
            uid: LineUid::parse(&format!("{name}{i}")).unwrap(),
            at: at(-60),
            profile: None,
        };
        let contact = members.follow_in(&mut *tx, follow).await.unwrap();
        ids.push(contact.member.id());
    }
    commit(tx).await;
    ids
}

/// A tag.
pub async fn tag(db: &Database, name: &str, kind: TagKind) -> TagId {
    let command = CreateTag {
        name: name.to_owned(),
        kind,
        source: Some(TagSource::Manual),
        description: None,
        campaign_id: None,
    };
    let tag = tags(db).create(&Actor::System, command).await.unwrap();
    tag.id()
}

/// The one number that a statement answers.
pub async fn number(db: &Database, text: &str) -> i64 {
    let statement = Statement::from_string(db.pool().get_database_backend(), text);
    let row = db.pool().query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// A plain template.
pub async fn template(store: &impl Store) -> TemplateId {
    let draft = TemplateDraft {
        name: Some("中秋".to_owned()),
        content: Some("中秋快樂".to_owned()),
        ..TemplateDraft::new(TemplateKind::Text)
    };
    let new = NewTemplate::check(draft).unwrap();
    let mut tx = begin(store).await;
    let template = tx.templates().insert(new, at(0)).await.unwrap();
    commit(tx).await;
    template.id()
}

/// A draft for this audience.
pub async fn campaign(store: &impl Store, audience: Audience) -> Campaign {
    let template_id = template(store).await;
    let mut tx = begin(store).await;
    let new = NewCampaign {
        title: "中秋送禮".to_owned(),
        template_id,
        audience,
        trigger: None,
        scheduled_at: None,
        created_by: None,
    };
    let campaign = tx.campaigns().insert(&new, at(0)).await.unwrap();
    commit(tx).await;
    campaign
}
