use super::body::sample_person;
use super::links::{NOBODY, TestLinks};
use super::preview::person_of;
use super::{Sending, SendingError};
use crate::SendKind;
use crm_campaigns::{CampaignError, EventKind, NewCampaignEvent, campaign_entry};
use crm_kernel::{Actor, CampaignId, GatewayError, MemberId, Problems};
use crm_members::{LineState, MemberDetail};
use crm_templates::TemplateContent;
use std::collections::BTreeSet;

/// Most members of one test.
pub const MAX_TESTERS: usize = 20;
/// Tries of one push under its key while somebody waits.
const TRIES: u32 = 3;

/// How a test went with one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// Who.
    pub member: MemberId,
    /// How it went.
    pub outcome: TestOutcome,
}

/// What became of a test message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestOutcome {
    /// LINE accepted it.
    Sent,
    /// The member has no LINE.
    NoLine,
    /// The member has blocked the account.
    Blocked,
    /// LINE refused it, or it cannot be rendered; in words.
    Refused(String),
    /// LINE gave no clear answer: the guest may have got it.
    Unclear(String),
    /// LINE asks to slow down, its quota is used up, it refuses our token, or everything was
    /// stopped meanwhile; in words.
    NotNow(String),
}

impl Sending {
    /// Sends a campaign to named members to look at, one push each, counted nowhere: what was
    /// frozen, or the template as it is now. Whether they want offers does not matter, since
    /// somebody names them; having LINE and not having blocked the account does.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for nobody, too many or unknown members; what keeps the template from
    /// being rendered.
    pub async fn test_send(
        &self,
        actor: &Actor,
        id: CampaignId,
        members: &[MemberId],
    ) -> Result<Vec<TestResult>, SendingError> {
        if self.brake.is_on().await? {
            return Err(SendingError::Stopped);
        }
        let detail = self.campaigns.detail(id).await?;
        let campaign = detail.ok_or(CampaignError::NotFound)?.campaign;
        let content: TemplateContent = match &campaign.record().frozen_template {
            Some(frozen) => serde_json::from_str(frozen).map_err(SendingError::Damaged)?,
            None => self.content_of(campaign.record().template_id).await?,
        };
        // What nobody could be sent is refused as a whole.
        let links = self.links_for(id, NOBODY);
        self.line
            .encode(&content.render(&sample_person(), &links)?)?;
        let testers = self.testers(members).await?;
        // On record before anything leaves: the process may die before the last answer.
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let ids: Vec<i64> = testers.iter().map(|t| t.row.id.get()).collect();
        let entry = campaign_entry(actor, now, "campaign.tested", id).with("member_ids", ids);
        tx.audit().record(entry).await?;
        let event = NewCampaignEvent::new(EventKind::TestSent, id, actor, now);
        let event = event.with("members", testers.len());
        tx.campaigns().note(&event).await?;
        tx.commit().await?;
        let mut results = Vec::with_capacity(testers.len());
        for tester in testers {
            let member = tester.row.id;
            let outcome = self.push_test(&content, tester).await;
            results.push(TestResult { member, outcome });
        }
        Ok(results)
    }

    async fn testers(&self, members: &[MemberId]) -> Result<Vec<MemberDetail>, SendingError> {
        let mut problems = Problems::default();
        problems.check(!members.is_empty(), "member_ids", "name at least one");
        problems.check(
            members.len() <= MAX_TESTERS,
            "member_ids",
            "at most 20 members",
        );
        let mut testers = Vec::with_capacity(members.len());
        let mut seen = BTreeSet::new();
        for (place, member) in members.iter().take(MAX_TESTERS).enumerate() {
            if !seen.insert(*member) {
                continue;
            }
            match self.members.detail(*member).await? {
                Some(detail) => testers.push(detail),
                None => problems.add(format!("member_ids[{place}]"), "no such member"),
            }
        }
        problems.into_result().map_err(CampaignError::Invalid)?;
        Ok(testers)
    }

    async fn push_test(&self, content: &TemplateContent, tester: MemberDetail) -> TestOutcome {
        let Some(line_uid) = tester.row.line_uid.clone() else {
            return TestOutcome::NoLine;
        };
        if tester.row.line_state != Some(LineState::Following) {
            return TestOutcome::Blocked;
        }
        let links = TestLinks {
            base_url: &self.rules.public_base_url,
        };
        let messages = match content.render(&person_of(tester), &links) {
            Ok(messages) => messages,
            Err(error) => return TestOutcome::Refused(error.to_string()),
        };
        let messages = match self.line.encode(&messages) {
            Ok(messages) => messages,
            Err(error) => return TestOutcome::Refused(error.to_string()),
        };
        let key = self.ids.uuid();
        let mut unclear = String::new();
        for _ in 0..TRIES {
            if self.brake.is_on().await.unwrap_or(true) {
                return TestOutcome::NotNow("all sending is stopped".to_owned());
            }
            self.pace.ahead(SendKind::Push).await;
            match self.line.push(&line_uid, &messages, key, None).await {
                Ok(_) => return TestOutcome::Sent,
                Err(GatewayError::Unavailable { reason }) => unclear = reason,
                Err(error @ (GatewayError::Rejected { .. } | GatewayError::NotFound)) => {
                    return TestOutcome::Refused(error.to_string());
                }
                Err(error) if unclear.is_empty() => return TestOutcome::NotNow(error.to_string()),
                Err(_) => break,
            }
        }
        TestOutcome::Unclear(unclear)
    }
}
