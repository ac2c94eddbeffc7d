//! What is taken over from the hotel's own system.

use crate::tables::Tables;
use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{ImportProfileId, MemberId, ReviewId, StoreError, SyncRunId};
use crm_members::{
    GuestCode, GuestLink, ImportProfile, KeptStay, KnownStay, Member, NewImportProfile, NewReview,
    NewStay, NewSyncRun, PmsKind, PmsRepository, PmsStatus, PmsTx, Review, ReviewSubject,
    StaySource, SyncCounts, SyncFault, SyncMark, SyncRun, SyncStatus, SyncedStay,
};
use std::collections::{BTreeMap, BTreeSet};

/// The tables of it.
#[derive(Clone, Default)]
pub(crate) struct PmsTables {
    pub(crate) marks: BTreeMap<PmsKind, SyncMark>,
    pub(crate) runs: BTreeMap<SyncRunId, SyncRun>,
    pub(crate) faults: Vec<(SyncRunId, SyncFault)>,
    /// Each with the id of its row.
    pub(crate) links: BTreeMap<GuestCode, (i64, GuestLink)>,
    pub(crate) reviews: BTreeMap<ReviewId, Review>,
    pub(crate) profiles: BTreeMap<ImportProfileId, NewImportProfile>,
    pub(crate) waiting: BTreeMap<String, (ReviewSubject, KeptStay)>,
    /// Of the stays that came from there: whose guest's, and when the row changed.
    pub(crate) brought: BTreeMap<String, (Option<GuestCode>, DateTime<Utc>)>,
}

impl MemoryStore {
    /// A run as it was committed.
    #[must_use]
    pub fn sync_run(&self, id: SyncRunId) -> Option<SyncRun> {
        self.read(|tables| tables.pms.runs.get(&id).cloned())
    }

    /// What was wrong with the rows of a run, in the order it was written.
    #[must_use]
    pub fn sync_faults(&self, id: SyncRunId) -> Vec<SyncFault> {
        self.read(|tables| {
            let faults = tables.pms.faults.iter().filter(|(run, _)| *run == id);
            faults.map(|(_, fault)| fault.clone()).collect()
        })
    }

    /// Every link that was committed, by code.
    #[must_use]
    pub fn guest_links(&self) -> Vec<GuestLink> {
        self.read(|tables| {
            let links = tables.pms.links.values();
            links.map(|(_, link)| link.clone()).collect()
        })
    }

    /// Every review that was committed, by id.
    #[must_use]
    pub fn reviews(&self) -> Vec<Review> {
        self.read(|tables| tables.pms.reviews.values().cloned().collect())
    }

    /// The numbers of the stays that wait for a decision.
    #[must_use]
    pub fn waiting_stays(&self) -> Vec<String> {
        self.read(|tables| tables.pms.waiting.keys().cloned().collect())
    }
}

impl PmsTx for MemoryTx {
    fn pms(&mut self) -> &mut dyn PmsRepository {
        self
    }
}

fn known(stay: &NewStay, brought: Option<&(Option<GuestCode>, DateTime<Utc>)>) -> KnownStay {
    let birth = stay.created_at.date_naive();
    let status = stay.pms_status.as_deref().and_then(PmsStatus::parse);
    KnownStay {
        stay: SyncedStay {
            member: stay.member,
            guest_code: brought.and_then(|(code, _)| code.clone()),
            order_number: stay.order_number.clone(),
            room_type: stay.room_type.clone(),
            amount_minor: stay.amount_minor,
            check_in_date: stay.check_in_date.unwrap_or(birth),
            check_out_date: stay.check_out_date.unwrap_or(birth),
            nights: stay.nights.unwrap_or_default(),
            status: status.unwrap_or(PmsStatus::Unknown),
            booked_at: stay.booked_at,
            updated_at: brought.map_or(DateTime::<Utc>::MIN_UTC, |(_, at)| *at),
        },
        source: stay.source,
    }
}

impl Tables {
    fn put_stay(&mut self, stay: &SyncedStay, at: DateTime<Utc>) {
        let mut stored = NewStay {
            member: stay.member,
            order_number: stay.order_number.clone(),
            room_type: stay.room_type.clone(),
            amount_minor: stay.amount_minor,
            check_in_date: Some(stay.check_in_date),
            check_out_date: Some(stay.check_out_date),
            nights: Some(stay.nights),
            source: StaySource::Pms,
            pms_status: Some(stay.status.as_str().to_owned()),
            booked_at: stay.booked_at,
            created_at: at,
        };
        let brought = (stay.guest_code.clone(), stay.updated_at);
        self.pms.brought.insert(stay.order_number.clone(), brought);
        let mut stays = self.stays.values_mut();
        if let Some(row) = stays.find(|row| row.order_number == stay.order_number) {
            stored.created_at = row.created_at;
            *row = stored;
            return;
        }
        let id = self.next_id();
        self.stays.insert(id, stored);
    }
}

#[async_trait]
impl PmsRepository for MemoryTx {
    async fn mark(&mut self, kind: PmsKind) -> Result<SyncMark, StoreError> {
        let mark = self.tables.pms.marks.get(&kind).cloned();
        Ok(mark.unwrap_or(SyncMark {
            kind,
            until: None,
            open_run: None,
            failed_in_row: 0,
            completed_at: None,
        }))
    }

    async fn update_mark(&mut self, mark: &SyncMark) -> Result<(), StoreError> {
        let pms = &mut self.tables.pms;
        if mark.open_run.is_some_and(|id| !pms.runs.contains_key(&id)) {
            return Err(StoreError::Reference);
        }
        pms.marks.insert(mark.kind, mark.clone());
        Ok(())
    }

    /// The user is not looked for: tests of members have none.
    async fn insert_run(&mut self, new: &NewSyncRun) -> Result<SyncRunId, StoreError> {
        let id = self.tables.next_id();
        let run = SyncRun {
            id,
            new: new.clone(),
            status: SyncStatus::Pending,
            reason: None,
            message: None,
            since: None,
            until: None,
            business_date: None,
            cursor: None,
            pages: 0,
            restarts: 0,
            counts: SyncCounts::default(),
            started_at: None,
            finished_at: None,
        };
        self.tables.pms.runs.insert(id, run);
        Ok(id)
    }

    async fn run(&mut self, id: SyncRunId) -> Result<Option<SyncRun>, StoreError> {
        Ok(self.tables.pms.runs.get(&id).cloned())
    }

    async fn update_run(&mut self, run: &SyncRun) -> Result<(), StoreError> {
        let row = self.tables.pms.runs.get_mut(&run.id);
        let row = row.ok_or(StoreError::Reference)?;
        let mut new = row.new.clone();
        if let (Some(file), Some(read)) = (&mut new.file, &run.new.file) {
            file.total_rows = read.total_rows;
        }
        *row = SyncRun { new, ..run.clone() };
        Ok(())
    }

    async fn insert_faults(
        &mut self,
        run: SyncRunId,
        faults: &[SyncFault],
        at_most: u64,
    ) -> Result<(), StoreError> {
        let pms = &mut self.tables.pms;
        if !faults.is_empty() && !pms.runs.contains_key(&run) {
            return Err(StoreError::Reference);
        }
        let stored = pms.faults.iter().filter(|(id, _)| *id == run).count();
        let room = usize::try_from(at_most).unwrap_or(usize::MAX);
        let fitting = faults.iter().take(room.saturating_sub(stored));
        pms.faults.extend(fitting.map(|fault| (run, fault.clone())));
        Ok(())
    }

    async fn forget_faults(&mut self, run: SyncRunId) -> Result<(), StoreError> {
        self.tables.pms.faults.retain(|(id, _)| *id != run);
        Ok(())
    }

    async fn forget_faults_before(
        &mut self,
        before: DateTime<Utc>,
        runs: u32,
    ) -> Result<u64, StoreError> {
        let pms = &mut self.tables.pms;
        let with_faults: BTreeSet<SyncRunId> = pms.faults.iter().map(|(run, _)| *run).collect();
        let has_ended = |run: &SyncRunId| {
            let ended = pms.runs.get(run).and_then(|run| run.finished_at);
            ended.is_some_and(|at| at < before)
        };
        let ended = with_faults.into_iter().filter(has_ended);
        let ended: Vec<SyncRunId> = ended.take(runs as usize).collect();
        pms.faults.retain(|(run, _)| !ended.contains(run));
        Ok(ended.len() as u64)
    }

    async fn links(&mut self, codes: &[GuestCode]) -> Result<Vec<GuestLink>, StoreError> {
        let links = self.tables.pms.links.iter();
        Ok(links
            .filter(|(code, _)| codes.contains(code))
            .map(|(_, (_, link))| link.clone())
            .collect())
    }

    async fn merged_into(&mut self, codes: &[GuestCode]) -> Result<Vec<GuestCode>, StoreError> {
        let links = self.tables.pms.links.values().map(|(_, link)| link);
        let merged = links.filter(|link| {
            let target = link.merged_into.as_ref();
            target.is_some_and(|target| codes.contains(target))
        });
        Ok(merged.map(|link| link.code.clone()).collect())
    }

    async fn put_links(&mut self, links: &[GuestLink]) -> Result<(), StoreError> {
        let tables = &mut self.tables;
        let mut members = links.iter().filter_map(|link| link.member);
        if members.any(|id| !tables.members.contains_key(&id)) {
            return Err(StoreError::Reference);
        }
        for link in links {
            let id = match tables.pms.links.get(&link.code) {
                Some((id, _)) => *id,
                None => tables.next_id(),
            };
            let row = (id, link.clone());
            tables.pms.links.insert(link.code.clone(), row);
        }
        Ok(())
    }

    async fn members(&mut self, ids: &[MemberId]) -> Result<Vec<Member>, StoreError> {
        let members = self.tables.members.iter();
        Ok(members
            .filter(|(id, _)| ids.contains(id))
            .map(|(id, record)| Member::from_stored(*id, record.clone()))
            .collect())
    }

    async fn stays(&mut self, order_numbers: &[String]) -> Result<Vec<KnownStay>, StoreError> {
        let brought = &self.tables.pms.brought;
        let stays = self.tables.stays.values();
        let mut found: Vec<KnownStay> = stays
            .filter(|stay| order_numbers.contains(&stay.order_number))
            .map(|stay| known(stay, brought.get(&stay.order_number)))
            .collect();
        found.sort_by(|a, b| a.stay.order_number.cmp(&b.stay.order_number));
        Ok(found)
    }

    async fn put_stays(
        &mut self,
        stays: &[SyncedStay],
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let members = &self.tables.members;
        if stays.iter().any(|stay| !members.contains_key(&stay.member)) {
            return Err(StoreError::Reference);
        }
        for stay in stays {
            self.tables.put_stay(stay, at);
        }
        Ok(())
    }

    async fn move_stays(&mut self, code: &GuestCode, to: MemberId) -> Result<u64, StoreError> {
        let tables = &mut self.tables;
        if !tables.members.contains_key(&to) {
            return Err(StoreError::Reference);
        }
        let brought = &tables.pms.brought;
        let is_theirs = |stay: &NewStay| {
            let brought = brought.get(&stay.order_number);
            brought.is_some_and(|(of, _)| of.as_ref() == Some(code))
        };
        let mut moved = 0;
        for stay in tables.stays.values_mut() {
            if stay.member != to && is_theirs(stay) {
                stay.member = to;
                moved += 1;
            }
        }
        Ok(moved)
    }

    async fn reviews_of(&mut self, subjects: &[ReviewSubject]) -> Result<Vec<Review>, StoreError> {
        Ok(self.tables.last_reviews(subjects))
    }

    async fn review(&mut self, id: ReviewId) -> Result<Option<Review>, StoreError> {
        Ok(self.tables.pms.reviews.get(&id).cloned())
    }

    async fn ask(&mut self, review: &NewReview) -> Result<ReviewId, StoreError> {
        self.tables.ask(review)
    }

    async fn settle_review(&mut self, review: &Review) -> Result<(), StoreError> {
        self.tables.settle_review_row(review)
    }

    async fn keep_waiting(
        &mut self,
        stays: &[(ReviewSubject, KeptStay)],
    ) -> Result<(), StoreError> {
        let waiting = &mut self.tables.pms.waiting;
        for (subject, stay) in stays {
            let kept = waiting.get(&stay.order_number);
            if kept.is_none_or(|(_, kept)| kept.updated_at <= stay.updated_at) {
                let row = (subject.clone(), stay.clone());
                waiting.insert(stay.order_number.clone(), row);
            }
        }
        Ok(())
    }

    async fn take_waiting(
        &mut self,
        subject: &ReviewSubject,
        limit: u32,
    ) -> Result<Vec<KeptStay>, StoreError> {
        let waiting = &mut self.tables.pms.waiting;
        let theirs = waiting.iter().filter(|(_, (of, _))| of == subject);
        let numbers: Vec<String> = theirs
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .map(|(number, _)| number.clone())
            .collect();
        let taken = numbers.iter().filter_map(|number| waiting.remove(number));
        Ok(taken.map(|(_, stay)| stay).collect())
    }

    async fn insert_profile(
        &mut self,
        new: &NewImportProfile,
    ) -> Result<ImportProfileId, StoreError> {
        let mut others = self.tables.pms.profiles.values();
        if others.any(|other| (other.kind, other.name_key()) == (new.kind, new.name_key())) {
            return Err(StoreError::Duplicate {
                key: "import_profile_name",
            });
        }
        let id = self.tables.next_id();
        self.tables.pms.profiles.insert(id, new.clone());
        Ok(id)
    }

    async fn find_profile(
        &mut self,
        id: ImportProfileId,
    ) -> Result<Option<ImportProfile>, StoreError> {
        let new = self.tables.pms.profiles.get(&id).cloned();
        Ok(new.map(|new| ImportProfile { id, new }))
    }

    async fn delete_profile(&mut self, id: ImportProfileId) -> Result<bool, StoreError> {
        Ok(self.tables.pms.profiles.remove(&id).is_some())
    }

    async fn forget_member(&mut self, member: MemberId) -> Result<(), StoreError> {
        self.tables.forget_in_pms(member)
    }
}
