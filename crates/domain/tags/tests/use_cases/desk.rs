//! A desk at which everything is plugged together.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{
    Actor, CampaignId, Clock, DomainError, MemberId, Page, PageRequest, StoreError, TagId,
    Transactions, UserId,
};
use crm_memory::{MemoryStore, MovedClock};
use crm_tags::{
    CreateTag, Tag, TagError, TagFilter, TagKind, TagQueries, TagRow, TagStatistics, Tags, TagsTx,
    Trigger, TriggerRow, TriggerSource, WornTag,
};
use std::sync::Arc;

pub const STAFF: Actor = Actor::User { id: UserId::new(1) };

/// Screens are the database adapter's; no decision may ask them.
struct NoScreens;

#[async_trait]
impl TagQueries for NoScreens {
    async fn list(&self, _: &TagFilter, _: PageRequest) -> Result<Page<TagRow>, StoreError> {
        Err(StoreError::internal("no screens here"))
    }

    async fn triggers(&self, _: TagId, _: PageRequest) -> Result<Page<TriggerRow>, StoreError> {
        Err(StoreError::internal("no screens here"))
    }

    async fn detail(&self, _: TagId) -> Result<Option<TagRow>, StoreError> {
        Err(StoreError::internal("no screens here"))
    }

    async fn of_member(&self, _: MemberId) -> Result<Vec<WornTag>, StoreError> {
        Err(StoreError::internal("no screens here"))
    }

    async fn statistics(&self) -> Result<TagStatistics, StoreError> {
        Err(StoreError::internal("no screens here"))
    }
}

pub struct Desk {
    pub tags: Tags,
    pub store: MemoryStore,
    pub clock: MovedClock,
}

impl Desk {
    pub fn new() -> Self {
        let (store, clock) = (MemoryStore::default(), MovedClock::default());
        let tags = Tags::new(
            Arc::new(store.clone()),
            Arc::new(NoScreens),
            Arc::new(clock.clone()),
        );
        Self { tags, store, clock }
    }

    /// So many minutes after the desk opened.
    pub fn at(&self, minute: i64) -> DateTime<Utc> {
        MovedClock::default().now() + TimeDelta::minutes(minute)
    }

    pub async fn begin(&self) -> Box<dyn TagsTx> {
        self.store.begin().await.unwrap()
    }

    pub async fn create(&self, command: CreateTag) -> Result<Tag, TagError> {
        self.tags.create(&STAFF, command).await
    }

    pub async fn member_tag(&self, name: &str) -> TagId {
        self.create(named(name, TagKind::Member))
            .await
            .unwrap()
            .id()
    }

    pub async fn interaction_tag(&self, name: &str) -> TagId {
        self.create(named(name, TagKind::Interaction))
            .await
            .unwrap()
            .id()
    }

    pub async fn assign(&self, member: MemberId, tags: &[TagId]) -> Result<(), TagError> {
        self.tags.assign(&STAFF, member, tags).await
    }

    pub async fn trigger(
        &self,
        member: MemberId,
        tag: TagId,
        campaign: Option<CampaignId>,
    ) -> Result<bool, TagError> {
        let trigger = Trigger {
            member,
            tag,
            campaign,
            message: None,
            touched: None,
            source: TriggerSource::Click,
            at: self.clock.now(),
        };
        let mut tx = self.begin().await;
        let counted = self.tags.trigger_in(&mut *tx, trigger).await?;
        tx.commit().await?;
        Ok(counted)
    }

    /// How many wear a tag and how often it was triggered; the kept figure for the first must
    /// equal the rows.
    pub fn counts(&self, tag: TagId) -> (u64, u64) {
        let stored = self.store.tag(tag).unwrap();
        let record = stored.record();
        assert_eq!(record.member_count, self.store.wearers(tag).len() as u64);
        (record.member_count, record.trigger_count)
    }
}

pub fn named(name: &str, kind: TagKind) -> CreateTag {
    CreateTag {
        name: name.to_owned(),
        kind,
        source: None,
        description: None,
        campaign_id: None,
    }
}

/// The names of the fields at fault.
pub fn fields(error: &TagError) -> Vec<String> {
    error.fields().into_iter().map(|f| f.field).collect()
}
