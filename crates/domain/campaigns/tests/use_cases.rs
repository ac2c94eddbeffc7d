//! Composing and controlling campaigns, on the in-memory store.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

use chrono::{DateTime, TimeDelta, Utc};
use crm_campaigns::{
    Audience, AudienceEstimate, Campaign, CampaignDetail, CampaignError, CampaignEvent,
    CampaignFilter, CampaignProgress, CampaignQueries, CampaignRow, CampaignStatus,
    CampaignSummary, Campaigns, CampaignsTx, CreateCampaign, EventKind, IncludeMode, LineStatsDue,
    RecipientFilter, RecipientRow, Selection, StartCampaign, StatusReason, Taken, TriggerCondition,
    UpdateCampaign,
};
use crm_kernel::{
    Actor, CampaignId, Clock, HotelTime, Job, Page, PageRequest, Patch, StoreError, TagId,
    TemplateId, Transactions, UserId,
};
use crm_memory::{MemoryStore, MovedClock};
use crm_tags::TagKind;
use std::sync::Arc;

struct NoQueries;

fn not_asked<T>() -> Result<T, StoreError> {
    Err(StoreError::internal("not asked"))
}

#[async_trait::async_trait]
impl CampaignQueries for NoQueries {
    async fn exists(&self, _: CampaignId) -> Result<bool, StoreError> {
        not_asked()
    }

    async fn detail(&self, _: CampaignId) -> Result<Option<CampaignDetail>, StoreError> {
        not_asked()
    }

    async fn list(
        &self,
        _: &CampaignFilter,
        _: PageRequest,
    ) -> Result<(Page<CampaignRow>, CampaignSummary), StoreError> {
        not_asked()
    }

    async fn history(
        &self,
        _: CampaignId,
        _: PageRequest,
    ) -> Result<Page<CampaignEvent>, StoreError> {
        not_asked()
    }

    async fn progress(&self, _: CampaignId) -> Result<Option<CampaignProgress>, StoreError> {
        not_asked()
    }

    async fn taken_lately(&self, _: CampaignId, _: DateTime<Utc>) -> Result<Taken, StoreError> {
        not_asked()
    }

    async fn line_stats_due(&self, _: DateTime<Utc>) -> Result<Option<LineStatsDue>, StoreError> {
        not_asked()
    }

    async fn recipients(
        &self,
        _: CampaignId,
        _: &RecipientFilter,
        _: PageRequest,
    ) -> Result<Page<RecipientRow>, StoreError> {
        not_asked()
    }

    async fn estimate(&self, _: &Selection) -> Result<AudienceEstimate, StoreError> {
        not_asked()
    }

    async fn missing_tags(&self, _: &[TagId]) -> Result<Vec<TagId>, StoreError> {
        not_asked()
    }

    async fn active(&self) -> Result<Vec<CampaignId>, StoreError> {
        not_asked()
    }

    async fn under_way(
        &self,
        _: DateTime<Utc>,
    ) -> Result<Vec<(CampaignId, CampaignStatus)>, StoreError> {
        Ok(vec![])
    }
    async fn missing_campaigns(&self, _: &[CampaignId]) -> Result<Vec<CampaignId>, StoreError> {
        not_asked()
    }

    async fn frozen_template(&self, _: CampaignId) -> Result<Option<String>, StoreError> {
        not_asked()
    }
}

struct Hotel {
    store: MemoryStore,
    clock: MovedClock,
    campaigns: Campaigns,
    template: TemplateId,
}

impl Hotel {
    fn new() -> Self {
        let store = MemoryStore::default();
        let clock = MovedClock::default();
        let some = store.some_campaign(Audience::All);
        let template = store.campaign(some).unwrap().record().template_id;
        Self {
            campaigns: Campaigns::new(
                Arc::new(store.clone()),
                Arc::new(NoQueries),
                Arc::new(clock.clone()),
                HotelTime::new(chrono_tz::Asia::Taipei),
            ),
            store,
            clock,
            template,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn draft(&self) -> CreateCampaign {
        CreateCampaign {
            title: " 中秋送禮 ".into(),
            template_id: self.template,
            audience: Audience::All,
            trigger: None,
            scheduled_at: None,
        }
    }

    async fn create(&self, new: CreateCampaign) -> Result<Campaign, CampaignError> {
        self.campaigns.create(&Actor::System, new).await
    }

    async fn update(
        &self,
        id: CampaignId,
        change: UpdateCampaign,
    ) -> Result<Campaign, CampaignError> {
        self.campaigns.update(&Actor::System, id, change).await
    }

    /// As a started send leaves it.
    async fn freeze(&self, id: CampaignId) {
        let mut tx = Transactions::<dyn CampaignsTx>::begin(&self.store)
            .await
            .unwrap();
        let mut campaign = tx.campaigns().get(id).await.unwrap();
        campaign.freeze("{}".into(), 10, 0, self.now());
        tx.campaigns().update(&campaign).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn fields(result: Result<Campaign, CampaignError>) -> Vec<String> {
    match result {
        Err(CampaignError::Invalid(fields)) => fields.into_iter().map(|f| f.field).collect(),
        other => panic!("expected broken rules, got {other:?}"),
    }
}

#[tokio::test]
async fn without_a_time_it_is_a_draft_and_nothing_will_start_it() {
    let hotel = Hotel::new();
    let draft = hotel.create(hotel.draft()).await.unwrap();
    assert_eq!(draft.status(), CampaignStatus::Draft);
    assert_eq!(draft.record().title, "中秋送禮");
    assert!(hotel.store.jobs().is_empty());
}

#[tokio::test]
async fn with_a_time_a_job_will_start_it_then_and_each_new_time_has_its_own() {
    let hotel = Hotel::new();
    let first = hotel.now() + TimeDelta::seconds(3);
    let new = CreateCampaign {
        scheduled_at: Some(first),
        ..hotel.draft()
    };
    let id = hotel.create(new).await.unwrap().id();
    let later = first + TimeDelta::hours(1);
    let change = UpdateCampaign {
        scheduled_at: Patch::Set(later),
        ..UpdateCampaign::default()
    };
    let moved = hotel.update(id, change).await.unwrap();
    assert_eq!(moved.record().scheduled_at, Some(later));
    let jobs = hotel.store.jobs();
    let times: Vec<_> = jobs.iter().map(|job| job.run_at).collect();
    assert_eq!(times, [first, later]);
    assert!(jobs.iter().all(|job| job.name == StartCampaign::NAME));
}

#[tokio::test]
async fn its_history_tells_what_was_done_to_it_and_nothing_when_nothing_was() {
    let hotel = Hotel::new();
    let id = hotel.create(hotel.draft()).await.unwrap().id();
    let to = |scheduled_at| UpdateCampaign {
        scheduled_at,
        ..UpdateCampaign::default()
    };
    let first = hotel.now() + TimeDelta::hours(1);
    hotel.update(id, to(Patch::Set(first))).await.unwrap();
    hotel.update(id, to(Patch::Set(first))).await.unwrap();
    hotel.update(id, to(Patch::Clear)).await.unwrap();
    let renamed = UpdateCampaign {
        title: Some("春節".into()),
        ..UpdateCampaign::default()
    };
    hotel.update(id, renamed).await.unwrap();
    hotel.freeze(id).await;
    hotel.campaigns.pause(&Actor::System, id).await.unwrap();
    hotel.campaigns.resume(&Actor::System, id).await.unwrap();
    hotel.campaigns.cancel(&Actor::System, id).await.unwrap();
    let refused = hotel.campaigns.pause(&Actor::System, id).await;
    assert!(refused.is_err());
    let events = hotel.store.campaign_events(id);
    let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            EventKind::Created,
            EventKind::Scheduled,
            EventKind::Unscheduled,
            EventKind::Edited,
            EventKind::Paused,
            EventKind::Resumed,
            EventKind::Cancelled,
        ]
    );
    let told = events[1].facts["scheduled_at"].as_str().unwrap();
    assert_eq!(told.parse::<DateTime<Utc>>().unwrap(), first);
    assert!(told.ends_with('Z'));
    assert_eq!(events[4].reason, Some(StatusReason::ByUser));
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once_and_nothing_is_stored() {
    let hotel = Hotel::new();
    let new = CreateCampaign {
        title: "x".repeat(101),
        scheduled_at: Some(hotel.now()),
        trigger: Some(TriggerCondition::FriendDays {
            days_range: [29, 7],
        }),
        ..hotel.draft()
    };
    let told = fields(hotel.create(new).await);
    assert_eq!(
        told,
        ["title", "trigger_condition.days_range", "scheduled_at"]
    );

    let tag = hotel.store.some_tag(TagKind::Member);
    let new = CreateCampaign {
        template_id: TemplateId::new(4_711),
        audience: Audience::Tags {
            include_tags: vec![tag],
            exclude_tags: vec![TagId::new(4_712)],
            include_mode: IncludeMode::All,
        },
        ..hotel.draft()
    };
    let told = fields(hotel.create(new).await);
    assert_eq!(told, ["template_id", "target_audience.exclude_tags[0]"]);
    assert!(hotel.store.jobs().is_empty());
}

#[tokio::test]
async fn clearing_the_time_makes_it_a_draft_again_and_keeps_the_rest() {
    let hotel = Hotel::new();
    let new = CreateCampaign {
        scheduled_at: Some(hotel.now() + TimeDelta::hours(1)),
        ..hotel.draft()
    };
    let id = hotel.create(new).await.unwrap().id();
    let change = UpdateCampaign {
        scheduled_at: Patch::Clear,
        ..UpdateCampaign::default()
    };
    let draft = hotel.update(id, change).await.unwrap();
    assert_eq!(draft.status(), CampaignStatus::Draft);
    assert_eq!(draft.record().title, "中秋送禮");
}

#[tokio::test]
async fn what_is_being_sent_is_neither_edited_nor_deleted() {
    let hotel = Hotel::new();
    let id = hotel.create(hotel.draft()).await.unwrap().id();
    hotel.freeze(id).await;
    let change = UpdateCampaign {
        title: Some("別的".into()),
        ..UpdateCampaign::default()
    };
    let edited = hotel.update(id, change).await;
    assert!(matches!(edited, Err(CampaignError::WrongState { .. })));
    let deleted = hotel.campaigns.delete(&Actor::System, id).await;
    assert!(matches!(deleted, Err(CampaignError::WrongState { .. })));
    assert_eq!(hotel.store.campaign(id).unwrap().record().title, "中秋送禮");
}

#[tokio::test]
async fn only_a_draft_is_deleted() {
    let hotel = Hotel::new();
    let id = hotel.create(hotel.draft()).await.unwrap().id();
    hotel.campaigns.delete(&Actor::System, id).await.unwrap();
    assert!(hotel.store.campaign(id).is_none());
    let again = hotel.campaigns.delete(&Actor::System, id).await;
    assert!(matches!(again, Err(CampaignError::NotFound)));
}

#[tokio::test]
async fn a_pause_is_resumed_and_a_cancellation_is_for_good() {
    let hotel = Hotel::new();
    let id = hotel.create(hotel.draft()).await.unwrap().id();
    let draft = hotel.campaigns.pause(&Actor::System, id).await;
    assert!(matches!(draft, Err(CampaignError::WrongState { .. })));
    hotel.freeze(id).await;
    let paused = hotel.campaigns.pause(&Actor::System, id).await.unwrap();
    assert_eq!(paused.record().status_reason, Some(StatusReason::ByUser));
    let resumed = hotel.campaigns.resume(&Actor::System, id).await.unwrap();
    assert_eq!(resumed.status(), CampaignStatus::Sending);
    let cancelled = hotel.campaigns.cancel(&Actor::System, id).await.unwrap();
    assert_eq!(cancelled.status(), CampaignStatus::Cancelled);
    for refused in [
        hotel.campaigns.resume(&Actor::System, id).await,
        hotel.campaigns.pause(&Actor::System, id).await,
        hotel.campaigns.cancel(&Actor::System, id).await,
    ] {
        assert!(matches!(refused, Err(CampaignError::WrongState { .. })));
    }
}

#[tokio::test]
async fn who_made_it_is_remembered() {
    let hotel = Hotel::new();
    let actor = Actor::User { id: UserId::new(7) };
    // No such user in this store: the reference is refused, as by a database.
    let refused = hotel.campaigns.create(&actor, hotel.draft()).await;
    assert!(matches!(
        refused,
        Err(CampaignError::Store(StoreError::Reference))
    ));
}
