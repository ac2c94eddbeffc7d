use crate::audience::facts_of;
use crate::tables::Tables;
use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_campaigns::{
    Batch, BatchPerson, BatchRecord, BatchState, FailReason, GateFacts, PlanPart, PlanRequest,
    PlannedCounts, RecipientRepository, RecipientStatus, SkipReason, Tapped, gate,
};
use crm_kernel::{CampaignId, MemberId, StoreError};
use crm_members::{LineState, MemberRecord, PersonName};
use std::collections::BTreeMap;

/// A recipient as it is stored. Whoever is still pending in a settled batch shares its fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecipient {
    /// In which campaign.
    pub campaign: CampaignId,
    /// Who; empty once the member was deleted.
    pub member: Option<MemberId>,
    /// In which batch; none when the plan left them out.
    pub batch_number: Option<i64>,
    /// How far it came with them alone.
    pub status: RecipientStatus,
    /// Why not further.
    pub reason: Option<&'static str>,
    /// The same for staff.
    pub error_message: Option<String>,
    /// When LINE accepted the message for them alone.
    pub sent_at: Option<DateTime<Utc>>,
    /// When they are known to have opened it.
    pub opened_at: Option<DateTime<Utc>>,
    /// When they first tapped something.
    pub clicked_at: Option<DateTime<Utc>>,
}

impl MemoryStore {
    /// Recipients of a campaign as they were committed, by member.
    #[must_use]
    pub fn recipients(&self, campaign: CampaignId) -> Vec<StoredRecipient> {
        self.read(|tables| {
            let rows = tables.recipients.iter();
            rows.filter(|row| row.campaign == campaign)
                .cloned()
                .collect()
        })
    }
}

fn gate_facts(member: &MemberRecord) -> GateFacts {
    let line = member.line.as_ref();
    GateFacts {
        has_line: line.is_some(),
        following: line.is_some_and(|line| line.state == LineState::Following),
        accepts_marketing: member.accept_marketing,
    }
}

impl Tables {
    /// Those who failed for one of these reasons, alone or with their batch.
    fn failed(
        &mut self,
        campaign: CampaignId,
        reasons: &[FailReason],
    ) -> impl Iterator<Item = &mut StoredRecipient> {
        let lost: Vec<i64> = self
            .batches
            .values()
            .filter(|batch| batch.campaign_id == campaign)
            .filter(|batch| match batch.state {
                BatchState::Failed => reasons.contains(&FailReason::LineRejected),
                BatchState::Unknown => reasons.contains(&FailReason::OutcomeUnknown),
                _ => false,
            })
            .map(|batch| batch.number)
            .collect();
        let names: Vec<&str> = reasons.iter().map(|reason| reason.as_str()).collect();
        self.recipients.iter_mut().filter(move |row| {
            let has_failed = match row.status {
                RecipientStatus::Failed => row.reason.is_some_and(|r| names.contains(&r)),
                RecipientStatus::Pending => row.batch_number.is_some_and(|n| lost.contains(&n)),
                _ => false,
            };
            row.campaign == campaign && row.member.is_some() && has_failed
        })
    }

    /// The pending recipients of a batch.
    fn pending(&mut self, batch: &Batch) -> impl Iterator<Item = &mut StoredRecipient> {
        let place = (batch.campaign_id(), Some(batch.number()));
        self.recipients.iter_mut().filter(move |row| {
            (row.campaign, row.batch_number) == place && row.status == RecipientStatus::Pending
        })
    }

    fn pending_one(&mut self, batch: &Batch, member: MemberId) -> Option<&mut StoredRecipient> {
        self.pending(batch).find(|row| row.member == Some(member))
    }
}

#[async_trait]
impl RecipientRepository for MemoryTx {
    async fn plan_part(
        &mut self,
        request: &PlanRequest<'_>,
        part: &PlanPart,
    ) -> Result<PlannedCounts, StoreError> {
        let campaign = request.campaign_id;
        let tables = &mut self.tables;
        if !tables.campaigns.contains_key(&campaign) {
            return Err(StoreError::Reference);
        }
        let is_planned = |id: MemberId| {
            let mut rows = tables.recipients.iter().filter(|r| r.campaign == campaign);
            rows.any(|row| row.member == Some(id))
        };
        let planned = tables.members.iter().filter(|(id, member)| {
            **id > part.after
                && **id <= part.up_to
                && member.line.is_some()
                && request.selection.matches(&facts_of(tables, **id, member))
                && !((part.again || part.after.get() > 0) && is_planned(**id))
        });
        let mut counts = PlannedCounts::default();
        let mut rows = Vec::new();
        let mut passed = part.placed;
        for (id, member) in planned {
            counts.planned += 1;
            let verdict = gate(gate_facts(member));
            let batch_number = verdict
                .is_ok()
                .then(|| part.first_batch + passed / i64::from(request.batch_size));
            match verdict {
                Ok(()) => passed += 1,
                Err(reason) => *counts.skipped.entry(reason).or_default() += 1,
            }
            rows.push(StoredRecipient {
                campaign,
                member: Some(*id),
                batch_number,
                status: match verdict {
                    Ok(()) => RecipientStatus::Pending,
                    Err(_) => RecipientStatus::Skipped,
                },
                reason: verdict.err().map(SkipReason::as_str),
                error_message: None,
                sent_at: None,
                opened_at: None,
                clicked_at: None,
            });
        }
        let mut planned_before = tables.recipients.iter().filter(|r| r.campaign == campaign);
        if planned_before.any(|old| rows.iter().any(|new| new.member == old.member)) {
            return Err(StoreError::Duplicate {
                key: "campaign_recipient",
            });
        }
        tables.recipients.extend(rows);
        Ok(counts)
    }

    async fn forget_some(&mut self, campaign: CampaignId, limit: u32) -> Result<i64, StoreError> {
        let mut left = limit as usize;
        let before = self.tables.recipients.len();
        self.tables.recipients.retain(|row| {
            let goes = row.campaign == campaign && left > 0;
            left -= usize::from(goes);
            !goes
        });
        let gone = before - self.tables.recipients.len();
        i64::try_from(gone).map_err(|e| StoreError::Internal(Box::new(e)))
    }

    async fn try_again(
        &mut self,
        campaign: CampaignId,
        reasons: &[FailReason],
        first_batch: i64,
        batch_size: u32,
    ) -> Result<i64, StoreError> {
        let mut again = 0;
        for row in self.tables.failed(campaign, reasons) {
            row.status = RecipientStatus::Pending;
            row.reason = None;
            row.error_message = None;
            row.batch_number = Some(first_batch + again / i64::from(batch_size.max(1)));
            again += 1;
        }
        Ok(again)
    }

    async fn failed(
        &mut self,
        campaign: CampaignId,
        reasons: &[FailReason],
    ) -> Result<i64, StoreError> {
        let failed = self.tables.failed(campaign, reasons).count();
        i64::try_from(failed).map_err(|e| StoreError::Internal(Box::new(e)))
    }

    async fn people(&mut self, batch: &Batch) -> Result<Vec<BatchPerson>, StoreError> {
        let mut ids: Vec<MemberId> = self
            .tables
            .pending(batch)
            .filter_map(|row| row.member)
            .collect();
        ids.sort_unstable();
        let named = |name: &Option<PersonName>| name.as_ref().map(|n| n.as_str().to_owned());
        let known = ids
            .into_iter()
            .filter_map(|id| Some((id, self.tables.members.get(&id)?)));
        Ok(known
            .map(|(id, member)| BatchPerson {
                member_id: id,
                line_uid: member.line.as_ref().map(|l| l.uid.as_str().to_owned()),
                facts: gate_facts(member),
                display_name: member.line.as_ref().and_then(|l| l.display_name.clone()),
                first_name: named(&member.first_name),
                last_name: named(&member.last_name),
                birthday: member.birthday,
            })
            .collect())
    }

    async fn skip(
        &mut self,
        batch: &Batch,
        members: &[(MemberId, SkipReason)],
    ) -> Result<BTreeMap<SkipReason, i64>, StoreError> {
        let mut skipped = BTreeMap::new();
        for (member, reason) in members {
            if let Some(row) = self.tables.pending_one(batch, *member) {
                row.status = RecipientStatus::Skipped;
                row.reason = Some(reason.as_str());
                *skipped.entry(*reason).or_default() += 1;
            }
        }
        Ok(skipped)
    }

    async fn fail(
        &mut self,
        batch: &Batch,
        members: &[(MemberId, FailReason, String)],
    ) -> Result<i64, StoreError> {
        let mut failed = 0;
        for (member, reason, words) in members {
            if let Some(row) = self.tables.pending_one(batch, *member) {
                row.status = RecipientStatus::Failed;
                row.reason = Some(reason.as_str());
                // As much as the column holds (document 000 §3.2.9).
                row.error_message = Some(words.chars().take(500).collect());
                failed += 1;
            }
        }
        Ok(failed)
    }

    async fn skip_erased(&mut self, batch: &Batch) -> Result<i64, StoreError> {
        let mut skipped = 0;
        for row in self.tables.pending(batch).filter(|r| r.member.is_none()) {
            row.status = RecipientStatus::Skipped;
            row.reason = Some(SkipReason::Erased.as_str());
            skipped += 1;
        }
        Ok(skipped)
    }

    async fn sent(
        &mut self,
        batch: &Batch,
        members: &[MemberId],
        at: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        let mut sent = 0;
        for member in members {
            if let Some(row) = self.tables.pending_one(batch, *member) {
                row.status = RecipientStatus::Sent;
                row.sent_at = Some(at);
                sent += 1;
            }
        }
        Ok(sent)
    }

    async fn seen_by(
        &mut self,
        member: MemberId,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let tables = &mut self.tables;
        let sent_at = |row: &StoredRecipient| {
            let batch = tables.batches.iter().find(|(_, batch)| {
                batch.campaign_id == row.campaign && Some(batch.number) == row.batch_number
            });
            let with_batch = batch
                .filter(|(_, batch)| batch.state == BatchState::Accepted)
                .filter(|_| {
                    !matches!(
                        row.status,
                        RecipientStatus::Failed | RecipientStatus::Skipped
                    )
                })
                .and_then(|(id, _)| tables.finished.get(id).copied());
            row.sent_at.or(with_batch)
        };
        let theirs = tables.recipients.iter().enumerate();
        let latest = theirs
            .filter(|(_, row)| row.member == Some(member))
            .filter_map(|(place, row)| Some((sent_at(row)?, row.campaign, place)))
            .filter(|(sent, ..)| (since..=at).contains(sent))
            .max();
        if let Some((_, campaign, place)) = latest
            && tables.recipients[place].opened_at.is_none()
        {
            tables.recipients[place].opened_at = Some(at);
            if let Some(campaign) = tables.campaigns.get_mut(&campaign) {
                campaign.counts.opened += 1;
            }
        }
        Ok(())
    }

    async fn tapped(
        &mut self,
        campaign: CampaignId,
        member: MemberId,
        at: DateTime<Utc>,
    ) -> Result<Tapped, StoreError> {
        let tables = &mut self.tables;
        let is_theirs =
            |row: &StoredRecipient| (row.campaign, row.member) == (campaign, Some(member));
        let state = tables
            .recipients
            .iter()
            .find(|row| is_theirs(row))
            .and_then(|row| row.batch_number)
            .and_then(|number| {
                let of =
                    |batch: &&BatchRecord| (batch.campaign_id, batch.number) == (campaign, number);
                tables.batches.values().find(of).map(|batch| batch.state)
            });
        // Whoever was kept back, or has not been tried yet, got it from somebody else.
        let was_tried = matches!(
            state,
            Some(
                BatchState::Sending
                    | BatchState::Accepted
                    | BatchState::Failed
                    | BatchState::Unknown
            )
        );
        let row = tables.recipients.iter_mut().find(|row| {
            is_theirs(row)
                && match row.status {
                    RecipientStatus::Skipped => false,
                    RecipientStatus::Pending => was_tried,
                    _ => true,
                }
        });
        let Some(row) = row else {
            return Ok(Tapped {
                is_recipient: false,
                first_click: false,
            });
        };
        let first_click = row.clicked_at.is_none();
        if first_click {
            let first_opening = row.opened_at.is_none();
            row.clicked_at = Some(at);
            row.opened_at.get_or_insert(at);
            if let Some(campaign) = tables.campaigns.get_mut(&campaign) {
                campaign.counts.clicked += 1;
                campaign.counts.opened += i64::from(first_opening);
            }
        }
        Ok(Tapped {
            is_recipient: true,
            first_click,
        })
    }
}
