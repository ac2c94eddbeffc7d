//! Campaigns that went well or not.

use super::dice::Dice;
use super::people::{Person, lately};
use crate::batches::stored;
use crate::samples::{Store, begin, campaign, commit};
use chrono::{DateTime, Utc};
use crm_campaigns::{Audience, BatchState, CampaignFacts, FailReason, PlanRequest, Selection};
use crm_database::Database;
use crm_kernel::{CampaignId, MemberId, RfmScores, Transactions};
use crm_memory::MemoryStore;
use crm_tags::TagsTx;
use sea_orm::{ConnectionTrait, Statement};

/// A store in which a message can be found to have been opened.
pub trait Opens: Store + Transactions<dyn TagsTx> + Clone + 'static {
    /// Answers whether it was written down.
    async fn open(&self, campaign: CampaignId, member: MemberId, at: DateTime<Utc>) -> bool;

    /// Stores the scores of a member; answers whether this store keeps any.
    async fn score(&self, member: MemberId, scores: RfmScores) -> bool;
}

impl Opens for Database {
    async fn open(&self, campaign: CampaignId, member: MemberId, at: DateTime<Utc>) -> bool {
        let text = "UPDATE campaign_recipients SET opened_at = ? \
                    WHERE campaign_id = ? AND member_id = ? AND opened_at IS NULL";
        let values = [at.into(), campaign.get().into(), member.get().into()];
        let backend = self.pool().get_database_backend();
        let statement = Statement::from_sql_and_values(backend, text, values);
        let done = self.pool().execute_raw(statement).await.unwrap();
        done.rows_affected() == 1
    }

    async fn score(&self, member: MemberId, scores: RfmScores) -> bool {
        // Those of the generation before are there too, until they are cleared away.
        let shown = [(0, scores.recency), (-1, 6 - scores.recency)];
        for (generation, recency) in shown {
            let text = "INSERT INTO member_rfm (member_id, generation, recency, frequency, money, \
                        stays, amount_minor) VALUES (?, ?, ?, ?, ?, 1, 0)";
            let values = [
                member.get().into(),
                generation.into(),
                i32::from(recency).into(),
                i32::from(scores.frequency).into(),
                i32::from(scores.money).into(),
            ];
            let backend = self.pool().get_database_backend();
            let statement = Statement::from_sql_and_values(backend, text, values);
            self.pool().execute_raw(statement).await.unwrap();
        }
        true
    }
}

impl Opens for MemoryStore {
    async fn open(&self, _: CampaignId, _: MemberId, _: DateTime<Utc>) -> bool {
        false
    }

    async fn score(&self, _: MemberId, _: RfmScores) -> bool {
        false
    }
}

/// A campaign to everybody whose batches ended in every way a batch can, or have not ended.
pub async fn sent_campaign(
    store: &impl Opens,
    dice: &mut Dice,
    people: &mut [Person],
) -> CampaignId {
    let id = campaign(store, Audience::All).await.id();
    let mut tx = begin(store).await;
    let request = PlanRequest {
        campaign_id: id,
        selection: &Selection::everybody(),
        batch_size: 10,
    };
    tx.recipients().plan(&request).await.unwrap();
    let (mut sent, mut tried) = (Vec::new(), Vec::new());
    for number in 0..i64::try_from(people.len().div_ceil(10)).unwrap() {
        let batch = stored(&mut *tx, id, number).await;
        let members = tx.recipients().people(&batch).await.unwrap();
        let members: Vec<MemberId> = members.iter().map(|person| person.member_id).collect();
        let state = dice.pick(&[
            None,
            Some(BatchState::Sending),
            Some(BatchState::Accepted),
            Some(BatchState::Accepted),
            Some(BatchState::Failed),
            Some(BatchState::Unknown),
        ]);
        let Some(state) = state else { continue };
        let (own, whole) = (lately(dice, 60), lately(dice, 60));
        tx.batches().store_body(&batch, "{}", own).await.unwrap();
        let words = "no".to_owned();
        let failed = [(members[0], FailReason::LineRejected, words)];
        tx.recipients().fail(&batch, &failed).await.unwrap();
        let alone = [members[1]];
        tx.recipients().sent(&batch, &alone, own).await.unwrap();
        sent.push((members[1], own));
        tried.extend_from_slice(&members);
        if state == BatchState::Accepted {
            sent.extend(members[2..].iter().map(|member| (*member, whole)));
        }
        if state != BatchState::Sending {
            let settled = tx.batches().settle(&batch, state, None, None, whole).await;
            assert!(settled.unwrap());
        }
    }
    let mut clicks = Vec::new();
    for member in tried {
        if dice.chance(30) {
            let moment = lately(dice, 60);
            let tapped = tx.recipients().tapped(id, member, moment).await.unwrap();
            assert!(tapped.first_click);
            clicks.push((member, moment));
        }
    }
    commit(tx).await;
    for (member, sent_at) in sent {
        let clicked = clicks.iter().find(|(who, _)| *who == member);
        let clicked_at = clicked.map(|(_, moment)| *moment);
        let mut opened_at = clicked_at;
        if clicked_at.is_none() && dice.chance(40) {
            let moment = lately(dice, 60);
            opened_at = store.open(id, member, moment).await.then_some(moment);
        }
        let person = people.iter_mut().find(|one| one.id == member).unwrap();
        person.facts.campaigns.push(CampaignFacts {
            campaign: id,
            sent_at: Some(sent_at),
            opened_at,
            clicked_at,
        });
    }
    id
}
