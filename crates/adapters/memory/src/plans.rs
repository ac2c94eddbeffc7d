use crate::MemoryTx;
use async_trait::async_trait;
use crm_campaigns::{Plan, PlanRepository};
use crm_kernel::{CampaignId, MemberId, StoreError};

#[async_trait]
impl PlanRepository for MemoryTx {
    async fn find(&mut self, campaign: CampaignId) -> Result<Option<Plan>, StoreError> {
        Ok(self.tables.plans.get(&campaign).cloned())
    }

    async fn save(&mut self, plan: &Plan) -> Result<(), StoreError> {
        if !self.tables.campaigns.contains_key(&plan.campaign_id) {
            return Err(StoreError::Reference);
        }
        self.tables.plans.insert(plan.campaign_id, plan.clone());
        Ok(())
    }

    async fn newest_member(&mut self) -> Result<MemberId, StoreError> {
        let newest = self.tables.members.keys().next_back();
        Ok(newest.copied().unwrap_or(MemberId::new(0)))
    }
}
