use crate::tables::Tables;
use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_campaigns::{
    Batch, BatchMode, BatchRecord, BatchRepository, BatchState, CampaignRepository, FailReason,
    NewBatch, OpenBatches, RecipientStatus,
};
use crm_kernel::{BatchId, CampaignId, MemberId, StoreError};
use uuid::Uuid;

impl MemoryStore {
    /// Batches of a campaign as they were committed, by number.
    #[must_use]
    pub fn batches(&self, campaign: CampaignId) -> Vec<Batch> {
        let mut batches: Vec<Batch> = self.read(|tables| {
            let rows = tables.batches.values().cloned();
            rows.filter(|record| record.campaign_id == campaign)
                .map(Batch::from_stored)
                .collect()
        });
        batches.sort_by_key(Batch::number);
        batches
    }
}

impl Tables {
    /// The row of a batch, if the claim of this copy still holds and it is not settled.
    fn held(&mut self, batch: &Batch) -> Option<&mut BatchRecord> {
        let row = self.batches.get_mut(&batch.id());
        row.filter(|row| row.claim == batch.claim() && row.state.is_open())
    }

    fn settle(&mut self, batch: &Batch, state: BatchState) -> bool {
        let row = self.held(batch);
        row.map(|row| {
            row.state = state;
            row.body = None;
        })
        .is_some()
    }

    fn put_batch(&mut self, campaign: CampaignId, mode: BatchMode, new: &NewBatch) -> BatchId {
        let id = self.next_id();
        let record = BatchRecord {
            id,
            campaign_id: campaign,
            number: new.number,
            mode,
            state: BatchState::Pending,
            size: new.size,
            retry_key: new.retry_key,
            body: None,
            claim: 0,
            first_tried_at: None,
        };
        self.batches.insert(id, record);
        id
    }

    fn batches_of(&self, campaign: CampaignId) -> impl Iterator<Item = &BatchRecord> {
        let all = self.batches.values();
        all.filter(move |record| record.campaign_id == campaign)
    }
}

#[async_trait]
impl BatchRepository for MemoryTx {
    async fn insert(
        &mut self,
        campaign: CampaignId,
        mode: BatchMode,
        batches: &[NewBatch],
    ) -> Result<Vec<BatchId>, StoreError> {
        if !self.tables.campaigns.contains_key(&campaign) {
            return Err(StoreError::Reference);
        }
        let mut ids = Vec::with_capacity(batches.len());
        for batch in batches {
            let is_taken = self
                .tables
                .batches_of(campaign)
                .any(|other| other.number == batch.number);
            if is_taken {
                return Err(StoreError::internal("two batches of one number"));
            }
            ids.push(self.tables.put_batch(campaign, mode, batch));
        }
        Ok(ids)
    }

    async fn claim(&mut self, id: BatchId) -> Result<Option<Batch>, StoreError> {
        let row = self.tables.batches.get_mut(&id);
        Ok(row.filter(|row| row.state.is_open()).map(|row| {
            row.claim += 1;
            Batch::from_stored(row.clone())
        }))
    }

    async fn next(
        &mut self,
        campaign: CampaignId,
        sender: i64,
        fresh: bool,
    ) -> Result<Option<Batch>, StoreError> {
        let tables = &mut self.tables;
        let own = tables.batches_of(campaign).find(|batch| {
            batch.state == BatchState::Sending && tables.senders.get(&batch.id) == Some(&sender)
        });
        let untried = tables
            .batches_of(campaign)
            .filter(|batch| fresh && batch.state == BatchState::Pending)
            .min_by_key(|batch| batch.number);
        let Some(id) = own.or(untried).map(|batch| batch.id) else {
            return Ok(None);
        };
        tables.senders.insert(id, sender);
        self.claim(id).await
    }

    async fn holds(&mut self, batch: &Batch) -> Result<bool, StoreError> {
        let row = self.tables.held(batch);
        Ok(row.is_some_and(|row| row.state == BatchState::Sending))
    }

    async fn store_body(
        &mut self,
        batch: &Batch,
        body: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let row = self.tables.held(batch);
        let untried = row.filter(|row| row.state == BatchState::Pending);
        Ok(untried
            .map(|row| {
                row.body = Some(body.to_owned());
                row.state = BatchState::Sending;
                row.first_tried_at = Some(now);
            })
            .is_some())
    }

    /// Only the state is kept: words and request id are for screens, which the database has.
    async fn settle(
        &mut self,
        batch: &Batch,
        state: BatchState,
        _request_id: Option<&str>,
        _failure: Option<(FailReason, &str)>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let is_settled = self.tables.settle(batch, state);
        if is_settled {
            self.tables.finished.insert(batch.id(), now);
        }
        Ok(is_settled)
    }

    async fn reopen(&mut self, batch: &Batch, key: Uuid) -> Result<bool, StoreError> {
        let row = self.tables.held(batch);
        let tried = row.filter(|row| row.state == BatchState::Sending);
        Ok(tried
            .map(|row| {
                row.state = BatchState::Pending;
                row.body = None;
                row.first_tried_at = None;
                row.retry_key = key;
            })
            .is_some())
    }

    async fn split(
        &mut self,
        batch: &Batch,
        upper: MemberId,
        keys: [Uuid; 2],
        _now: DateTime<Utc>,
    ) -> Result<Option<[BatchId; 2]>, StoreError> {
        if !self.tables.settle(batch, BatchState::Split) {
            return Ok(None);
        }
        let campaign = batch.campaign_id();
        let first = self.take_numbers(campaign, 2).await?;
        let tables = &mut self.tables;
        let mut sizes = [0, 0];
        for row in &mut tables.recipients {
            let is_here = (row.campaign, row.batch_number) == (campaign, Some(batch.number()));
            if !is_here || row.status != RecipientStatus::Pending {
                continue;
            }
            // Whoever was deleted meanwhile is nobody's neighbour; they go with the second.
            let is_lower = row.member.is_some_and(|member| member < upper);
            let half = usize::from(!is_lower);
            row.batch_number = Some(if is_lower { first } else { first + 1 });
            sizes[half] += 1;
        }
        let [lower, upper] = keys;
        let halves = [(first, sizes[0], lower), (first + 1, sizes[1], upper)];
        Ok(Some(halves.map(|(number, size, retry_key)| {
            let new = NewBatch {
                number,
                size,
                retry_key,
            };
            tables.put_batch(campaign, batch.mode(), &new)
        })))
    }

    async fn open(&mut self, campaign: CampaignId) -> Result<OpenBatches, StoreError> {
        let tables = &self.tables;
        let mut open = OpenBatches::default();
        for batch in tables.batches_of(campaign) {
            match batch.state {
                BatchState::Pending => open.untried += 1,
                BatchState::Sending => open.senders.extend(tables.senders.get(&batch.id)),
                _ => {}
            }
        }
        open.senders.sort_unstable();
        open.senders.dedup();
        Ok(open)
    }

    async fn cancel_untried(
        &mut self,
        campaign: CampaignId,
        _now: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        let tables = &mut self.tables;
        let mut cancelled = Vec::new();
        for batch in tables.batches.values_mut() {
            if batch.campaign_id == campaign && batch.state == BatchState::Pending {
                batch.state = BatchState::Cancelled;
                cancelled.push(Some(batch.number));
            }
        }
        let waiting = tables.recipients.iter().filter(|row| {
            row.campaign == campaign
                && row.status == RecipientStatus::Pending
                && cancelled.contains(&row.batch_number)
        });
        i64::try_from(waiting.count()).map_err(|e| StoreError::Internal(Box::new(e)))
    }
}
