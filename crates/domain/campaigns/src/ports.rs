use crate::{
    Audience, AudienceEstimate, Batch, BatchMode, BatchState, Campaign, CampaignDetail,
    CampaignError, CampaignEvent, CampaignFilter, CampaignProgress, CampaignRow, CampaignStatus,
    CampaignSummary, FailReason, GateFacts, LineFigures, LineStatsDue, NewBatch, NewCampaign,
    NewCampaignEvent, Plan, PlanPart, RecipientFilter, RecipientRow, Selection, SkipReason, Taken,
};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{
    BatchId, CampaignId, MemberId, Page, PageRequest, StoreError, TagId, TemplateId, Transaction,
};
use std::collections::BTreeMap;

/// A unit of work over campaigns, their recipients and batches.
pub trait CampaignsTx: Transaction {
    /// The campaigns themselves.
    fn campaigns(&mut self) -> &mut dyn CampaignRepository;
    /// Who is planned in them.
    fn recipients(&mut self) -> &mut dyn RecipientRepository;
    /// The portions they are sent in.
    fn batches(&mut self) -> &mut dyn BatchRepository;
    /// Plans in the making.
    fn plans(&mut self) -> &mut dyn PlanRepository;
}

/// Campaigns, as far as a decision needs them. A method is added here only when a use-case must
/// read or write inside its transaction; screens use [`CampaignQueries`]. Every method fails
/// with [`StoreError`] of the storage only.
#[async_trait]
pub trait CampaignRepository: Send {
    /// Stores a new campaign in the status its time asks for.
    async fn insert(
        &mut self,
        new: &NewCampaign,
        now: DateTime<Utc>,
    ) -> Result<Campaign, StoreError>;

    /// The campaign, locked until the transaction ends.
    async fn find(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError>;

    /// Writes everything but `opened` and `clicked`, which [`RecipientRepository`] counts.
    async fn update(&mut self, campaign: &Campaign) -> Result<(), StoreError>;

    /// Deletes it; answers whether it was there.
    async fn delete(&mut self, id: CampaignId) -> Result<bool, StoreError>;

    /// Adds to the campaign's history what is being done to it in this unit of work.
    async fn note(&mut self, event: &NewCampaignEvent) -> Result<(), StoreError>;

    /// Campaigns that got a name at LINE since then.
    async fn line_units_since(&mut self, from: DateTime<Utc>) -> Result<i64, StoreError>;

    /// Notes that LINE is being asked about the campaign; false when it was within the last
    /// hour.
    async fn ask_line(&mut self, id: CampaignId, now: DateTime<Utc>) -> Result<bool, StoreError>;

    /// Keeps what LINE told at that time, hidden figures included.
    async fn keep_line_figures(
        &mut self,
        id: CampaignId,
        figures: &LineFigures,
        told_at: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Whether there is such a template.
    async fn template_exists(&mut self, id: TemplateId) -> Result<bool, StoreError>;

    /// Those of `tags` that do not exist, in their order.
    async fn missing_tags(&mut self, tags: &[TagId]) -> Result<Vec<TagId>, StoreError>;

    /// Takes so many new sender numbers, which no sender of the campaign ever had; answers the
    /// first of them.
    async fn hire(&mut self, id: CampaignId, senders: i64) -> Result<i64, StoreError>;

    /// Takes so many numbers for batches, which no batch of the campaign ever had; answers the
    /// first of them. A plan takes them before it knows how many it needs, so that nothing else
    /// that makes batches meanwhile comes into its way.
    async fn take_numbers(&mut self, id: CampaignId, batches: i64) -> Result<i64, StoreError>;

    /// Adds to how many are kept back for that reason. Together they are the campaign's
    /// `skipped`, which the caller adds up.
    async fn count_skips(
        &mut self,
        id: CampaignId,
        reason: SkipReason,
        skipped: i64,
    ) -> Result<(), StoreError>;

    /// Forgets what [`count_skips`](Self::count_skips) counted.
    async fn forget_skips(&mut self, id: CampaignId) -> Result<(), StoreError>;

    /// Those of `campaigns` that do not exist, in their order.
    async fn missing_campaigns(
        &mut self,
        campaigns: &[CampaignId],
    ) -> Result<Vec<CampaignId>, StoreError>;
}

impl dyn CampaignRepository + '_ {
    /// The campaign, locked until the transaction ends.
    ///
    /// # Errors
    /// `NotFound`, or those of the store.
    pub async fn get(&mut self, id: CampaignId) -> Result<Campaign, CampaignError> {
        self.find(id).await?.ok_or(CampaignError::NotFound)
    }

    /// Fails unless everything that the audience names exists: what was deleted a moment ago
    /// must not widen it.
    ///
    /// # Errors
    /// `AudienceTagMissing`, `AudienceCampaignMissing`, or those of the store.
    pub async fn check_audience(&mut self, audience: &Audience) -> Result<(), CampaignError> {
        nothing_missing(
            self.missing_tags(&audience.tags()).await?,
            self.missing_campaigns(&audience.campaigns()).await?,
        )
    }
}

impl dyn CampaignQueries + '_ {
    /// Fails unless everything that the audience names exists.
    ///
    /// # Errors
    /// `AudienceTagMissing`, `AudienceCampaignMissing`, or those of the store.
    pub async fn check_audience(&self, audience: &Audience) -> Result<(), CampaignError> {
        nothing_missing(
            self.missing_tags(&audience.tags()).await?,
            self.missing_campaigns(&audience.campaigns()).await?,
        )
    }
}

fn nothing_missing(tags: Vec<TagId>, campaigns: Vec<CampaignId>) -> Result<(), CampaignError> {
    if !tags.is_empty() {
        return Err(CampaignError::AudienceTagMissing(tags));
    }
    if !campaigns.is_empty() {
        return Err(CampaignError::AudienceCampaignMissing(campaigns));
    }
    Ok(())
}

/// What a plan is made from.
#[derive(Clone, Debug)]
pub struct PlanRequest<'a> {
    /// Whose plan.
    pub campaign_id: CampaignId,
    /// Who it is for, at the moment of the plan.
    pub selection: &'a Selection,
    /// Recipients in a batch.
    pub batch_size: u32,
}

/// What a plan came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlannedCounts {
    /// Rows written, skipped ones included.
    pub planned: i64,
    /// Of those, per reason of the gate, how many are kept back.
    pub skipped: BTreeMap<SkipReason, i64>,
}

impl PlannedCounts {
    /// All that are kept back.
    #[must_use]
    pub fn skipped_total(&self) -> i64 {
        self.skipped.values().sum()
    }

    /// All that are to be sent.
    #[must_use]
    pub fn eligible(&self) -> i64 {
        self.planned - self.skipped_total()
    }
}

/// A recipient with what the gate and the renderer must know of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchPerson {
    /// Who.
    pub member_id: MemberId,
    /// Their LINE user id, if they still have one.
    pub line_uid: Option<String>,
    /// What the gate asks.
    pub facts: GateFacts,
    /// Their name at LINE.
    pub display_name: Option<String>,
    /// Their given name.
    pub first_name: Option<String>,
    /// Their family name.
    pub last_name: Option<String>,
    /// Their birthday.
    pub birthday: Option<NaiveDate>,
}

/// What a tap changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tapped {
    /// The member is a recipient to whom the campaign went.
    pub is_recipient: bool,
    /// It is their first tap on this campaign.
    pub first_click: bool,
}

/// Recipients of campaigns. Every method fails with [`StoreError`] of the storage only.
#[async_trait]
pub trait RecipientRepository: Send {
    /// Writes a row for every member of the audience in that range who has a LINE account, in one
    /// set operation, unless they are recipients already (somebody planned before may have become
    /// one with them): those whom [`gate`](crate::gate) keeps back as skipped with its reason, all
    /// others pending, put into batches of `batch_size` by ascending member id, filling up the
    /// batch that those placed before have begun.
    async fn plan_part(
        &mut self,
        request: &PlanRequest<'_>,
        part: &PlanPart,
    ) -> Result<PlannedCounts, StoreError>;

    /// The same for everybody at once, in batches 0, 1, 2, …
    async fn plan(&mut self, request: &PlanRequest<'_>) -> Result<PlannedCounts, StoreError> {
        self.plan_part(request, &PlanPart::WHOLE).await
    }

    /// Deletes at most so many rows of a campaign; answers how many there were. Only for a plan
    /// that was refused.
    async fn forget_some(&mut self, campaign: CampaignId, limit: u32) -> Result<i64, StoreError>;

    /// How many failed for one of these reasons, alone or with their batch, and were not deleted
    /// since.
    async fn failed(
        &mut self,
        campaign: CampaignId,
        reasons: &[FailReason],
    ) -> Result<i64, StoreError>;

    /// Makes [those](Self::failed) pending again, in batches of `batch_size` from that number on;
    /// answers how many they are.
    async fn try_again(
        &mut self,
        campaign: CampaignId,
        reasons: &[FailReason],
        first_batch: i64,
        batch_size: u32,
    ) -> Result<i64, StoreError>;

    /// The pending recipients of a batch, by ascending member id.
    async fn people(&mut self, batch: &Batch) -> Result<Vec<BatchPerson>, StoreError>;

    /// Settles pending recipients of a batch as skipped; answers how many there were, per reason.
    async fn skip(
        &mut self,
        batch: &Batch,
        members: &[(MemberId, SkipReason)],
    ) -> Result<BTreeMap<SkipReason, i64>, StoreError>;

    /// Settles pending recipients of a batch as failed, with words for staff; answers how many
    /// there were.
    async fn fail(
        &mut self,
        batch: &Batch,
        members: &[(MemberId, FailReason, String)],
    ) -> Result<i64, StoreError>;

    /// Settles the pending recipients of a batch who were deleted since as skipped; answers how
    /// many. From here on nobody in the batch can be deleted until the transaction ends.
    async fn skip_erased(&mut self, batch: &Batch) -> Result<i64, StoreError>;

    /// Settles pending recipients of a batch as sent, for one that is only partly through;
    /// answers how many there were.
    async fn sent(
        &mut self,
        batch: &Batch,
        members: &[MemberId],
        at: DateTime<Utc>,
    ) -> Result<i64, StoreError>;

    /// The member did something at `at` by which they are taken to have seen the latest campaign
    /// that LINE accepted for them between `since` and `at`, both included: sets its `opened_at`
    /// if it is empty, and counts on the campaign. Of earlier campaigns nothing is known.
    async fn seen_by(
        &mut self,
        member: MemberId,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Records a tap at `at`: the first one sets `clicked_at`, and `opened_at` if it was empty,
    /// and counts on the campaign. Safe to repeat. Only whoever the campaign was tried with is a
    /// recipient. How they were settled is not touched: they show as clicked once they are sent.
    async fn tapped(
        &mut self,
        campaign: CampaignId,
        member: MemberId,
        at: DateTime<Utc>,
    ) -> Result<Tapped, StoreError>;
}

/// Batches of campaigns. Every method fails with [`StoreError`] of the storage only.
#[async_trait]
pub trait BatchRepository: Send {
    /// Stores batches; answers their ids in the same order.
    async fn insert(
        &mut self,
        campaign: CampaignId,
        mode: BatchMode,
        batches: &[NewBatch],
    ) -> Result<Vec<BatchId>, StoreError>;

    /// Claims an open batch: counts its claim up, so that every earlier holder's writes come to
    /// nothing. `None` when it is settled or gone.
    async fn claim(&mut self, id: BatchId) -> Result<Option<Batch>, StoreError>;

    /// Claims the batch that this sender began and did not settle; else, if `fresh` is asked for,
    /// the first untried one, which from now on is the sender's. `None` when there is neither.
    /// The campaign's row must be locked, so that no two senders take the same.
    async fn next(
        &mut self,
        campaign: CampaignId,
        sender: i64,
        fresh: bool,
    ) -> Result<Option<Batch>, StoreError>;

    /// Whether this copy's claim still holds and the batch is being sent; locks it if so.
    async fn holds(&mut self, batch: &Batch) -> Result<bool, StoreError>;

    /// Stores what the first try will say and marks it as being sent. Answers whether the claim
    /// still holds.
    async fn store_body(
        &mut self,
        batch: &Batch,
        body: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Settles the batch and forgets its body. `reason` and `message` say why it did not go.
    /// Answers whether the claim still holds; if not, nothing was changed.
    async fn settle(
        &mut self,
        batch: &Batch,
        state: BatchState,
        request_id: Option<&str>,
        failure: Option<(FailReason, &str)>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Makes a batch untried again, under a fresh key: only when it is certain that LINE took
    /// nothing of what is still pending in it. Answers whether the claim still holds.
    async fn reopen(&mut self, batch: &Batch, key: uuid::Uuid) -> Result<bool, StoreError>;

    /// Replaces the batch by two with fresh keys: `upper` and everybody after them go to the
    /// second. Answers their ids, or `None` when the claim does not hold any more.
    async fn split(
        &mut self,
        batch: &Batch,
        upper: MemberId,
        keys: [uuid::Uuid; 2],
        now: DateTime<Utc>,
    ) -> Result<Option<[BatchId; 2]>, StoreError>;

    /// What of the campaign is not settled.
    async fn open(&mut self, campaign: CampaignId) -> Result<OpenBatches, StoreError>;

    /// Cancels every batch that was never tried; answers how many recipients were in them.
    async fn cancel_untried(
        &mut self,
        campaign: CampaignId,
        now: DateTime<Utc>,
    ) -> Result<i64, StoreError>;
}

/// Batches of a campaign that are not settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenBatches {
    /// Senders whose batch was tried and has no clear outcome, in ascending order.
    pub senders: Vec<i64>,
    /// Batches never tried.
    pub untried: i64,
}

/// Plans in the making. Every method fails with [`StoreError`] of the storage only.
#[async_trait]
pub trait PlanRepository: Send {
    /// The campaign's latest plan. The campaign's row must be locked by whoever means to change it.
    async fn find(&mut self, campaign: CampaignId) -> Result<Option<Plan>, StoreError>;

    /// Stores it in the place of the campaign's earlier one.
    async fn save(&mut self, plan: &Plan) -> Result<(), StoreError>;

    /// The highest id of any member.
    async fn newest_member(&mut self) -> Result<MemberId, StoreError>;
}

/// What screens ask. Not available inside a transaction.
#[async_trait]
pub trait CampaignQueries: Send + Sync {
    /// Whether there is such a campaign.
    async fn exists(&self, id: CampaignId) -> Result<bool, StoreError>;

    /// One campaign, joined with its template and creator.
    async fn detail(&self, id: CampaignId) -> Result<Option<CampaignDetail>, StoreError>;

    /// A page of campaigns by the time shown (sent, else scheduled, else created), newest first,
    /// and how many there are of each status under the same filter without its status.
    async fn list(
        &self,
        filter: &CampaignFilter,
        page: PageRequest,
    ) -> Result<(Page<CampaignRow>, CampaignSummary), StoreError>;

    /// A page of what happened to a campaign, the newest first.
    async fn history(
        &self,
        id: CampaignId,
        page: PageRequest,
    ) -> Result<Page<CampaignEvent>, StoreError>;

    /// How far a campaign has come, without its pace; cheap enough to be asked each second.
    async fn progress(&self, id: CampaignId) -> Result<Option<CampaignProgress>, StoreError>;

    /// How many recipients LINE took lately, over the last seconds or, where that was next to
    /// nobody, over the last minute.
    async fn taken_lately(&self, id: CampaignId, now: DateTime<Utc>) -> Result<Taken, StoreError>;

    /// The campaign of the last 30 days that LINE should be asked about next: never one twice
    /// within an hour, the older the more seldom. None while 60 were asked about within an hour.
    async fn line_stats_due(&self, now: DateTime<Utc>) -> Result<Option<LineStatsDue>, StoreError>;

    /// A page of recipients: all by ascending member id, those of a status or reason in the
    /// order of how they ended, openings by their time.
    async fn recipients(
        &self,
        id: CampaignId,
        filter: &RecipientFilter,
        page: PageRequest,
    ) -> Result<Page<RecipientRow>, StoreError>;

    /// How a plan made now would come out; the same statement as
    /// [`RecipientRepository::plan`] without its `INSERT`.
    async fn estimate(&self, selection: &Selection) -> Result<AudienceEstimate, StoreError>;

    /// Those of `tags` that do not exist, in their order.
    async fn missing_tags(&self, tags: &[TagId]) -> Result<Vec<TagId>, StoreError>;

    /// Campaigns that are active.
    async fn active(&self) -> Result<Vec<CampaignId>, StoreError>;

    /// Campaigns that are being sent, and those that were sent whose sending began since then.
    async fn under_way(
        &self,
        since: DateTime<Utc>,
    ) -> Result<Vec<(CampaignId, CampaignStatus)>, StoreError>;

    /// Those of `campaigns` that do not exist, in their order.
    async fn missing_campaigns(
        &self,
        campaigns: &[CampaignId],
    ) -> Result<Vec<CampaignId>, StoreError>;

    /// The frozen template of a campaign that was started.
    async fn frozen_template(&self, id: CampaignId) -> Result<Option<String>, StoreError>;
}
