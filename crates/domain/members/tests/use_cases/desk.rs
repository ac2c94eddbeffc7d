//! A front desk at which everything is plugged together.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{
    Actor, Clock, DomainError, HotelTime, ImportId, MemberId, Page, PageRequest, StoreError,
    Transactions, UserId,
};
use crm_members::{
    Import, LineContact, LineFollow, LineProfile, LineSeen, LineUid, Member, MemberDetail,
    MemberError, MemberFilter, MemberQueries, MemberRow, MemberSort, Members, MembersTx,
    RegisterMember, RowError, StayRow, TimelineEntry,
};
use crm_memory::{MemoryStore, MovedClock, PlainVault};
use std::sync::Arc;

pub const STAFF: Actor = Actor::User { id: UserId::new(1) };

/// Screens are the database adapter's; no decision may ask them. Nobody exists here.
pub struct NoScreens;

#[async_trait]
impl MemberQueries for NoScreens {
    async fn list(
        &self,
        _: &MemberFilter,
        _: MemberSort,
        _: PageRequest,
    ) -> Result<Page<MemberRow>, StoreError> {
        Err(StoreError::internal("no screens here"))
    }

    async fn detail(&self, _: MemberId) -> Result<Option<MemberDetail>, StoreError> {
        Err(StoreError::internal("no screens here"))
    }

    async fn exists(&self, _: MemberId) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn stays(&self, _: MemberId, _: PageRequest) -> Result<Page<StayRow>, StoreError> {
        Err(StoreError::internal("no screens here"))
    }

    async fn timeline(
        &self,
        _: MemberId,
        _: (DateTime<Utc>, HotelTime),
        _: PageRequest,
    ) -> Result<Page<TimelineEntry>, StoreError> {
        Err(StoreError::internal("no screens here"))
    }

    async fn import(&self, _: ImportId) -> Result<Option<Import>, StoreError> {
        Ok(None)
    }

    async fn imports(&self, _: PageRequest) -> Result<Page<Import>, StoreError> {
        Err(StoreError::internal("no screens here"))
    }

    async fn import_errors(
        &self,
        _: ImportId,
        _: PageRequest,
    ) -> Result<Page<RowError>, StoreError> {
        Err(StoreError::internal("no screens here"))
    }
}

pub struct Desk {
    pub members: Members,
    pub store: MemoryStore,
    pub clock: MovedClock,
}

impl Desk {
    pub fn new() -> Self {
        let (store, clock) = (MemoryStore::default(), MovedClock::default());
        let members = Members::new(
            Arc::new(store.clone()),
            Arc::new(NoScreens),
            Arc::new(PlainVault::default()),
            Arc::new(clock.clone()),
        );
        Self {
            members,
            store,
            clock,
        }
    }

    /// So many minutes after the desk opened.
    pub fn at(&self, minute: i64) -> DateTime<Utc> {
        MovedClock::default().now() + TimeDelta::minutes(minute)
    }

    pub async fn begin(&self) -> Box<dyn MembersTx> {
        self.store.begin().await.unwrap()
    }

    pub async fn register(&self, command: RegisterMember) -> Result<Member, MemberError> {
        self.members.register(&STAFF, command).await
    }

    pub async fn follow(&self, uid: &str, minute: i64) -> LineContact {
        self.follow_with(uid, minute, None).await
    }

    pub async fn follow_with(
        &self,
        uid: &str,
        minute: i64,
        profile: Option<LineProfile>,
    ) -> LineContact {
        let follow = LineFollow {
            uid: LineUid::parse(uid).unwrap(),
            at: self.at(minute),
            profile,
        };
        let mut tx = self.begin().await;
        let contact = self.members.follow_in(&mut *tx, follow).await.unwrap();
        tx.commit().await.unwrap();
        contact
    }

    pub async fn unfollow(&self, uid: &str, minute: i64) -> LineContact {
        let uid = LineUid::parse(uid).unwrap();
        let mut tx = self.begin().await;
        let contact = self
            .members
            .unfollow_in(&mut *tx, uid, self.at(minute))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        contact
    }

    pub async fn seen(&self, uid: &str, minute: i64) -> LineContact {
        let seen = LineSeen {
            uid: LineUid::parse(uid).unwrap(),
            at: self.at(minute),
            profile: None,
        };
        let mut tx = self.begin().await;
        let contact = self.members.seen_in(&mut *tx, seen).await.unwrap();
        tx.commit().await.unwrap();
        contact
    }

    /// The member as stored now.
    pub fn stored(&self, id: MemberId) -> Member {
        self.store.member(id).unwrap()
    }
}

/// The names of the fields at fault.
pub fn fields(error: &MemberError) -> Vec<String> {
    error.fields().into_iter().map(|f| f.field).collect()
}

pub fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}
