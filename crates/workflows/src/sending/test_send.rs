use super::body::sample_person;
use super::links::NOBODY;
use super::preview::person_of;
use super::{Sending, SendingError};
use crate::SendKind;
use crm_campaigns::{CampaignError, campaign_entry};
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
    /// LINE refused it, or gave no clear answer; in words.
    Failed(String),
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
        let mut results = Vec::with_capacity(testers.len());
        for tester in testers {
            let member = tester.row.id;
            let outcome = self.push_test(id, &content, tester).await;
            results.push(TestResult { member, outcome });
        }
        let sent = results.iter().filter(|r| r.outcome == TestOutcome::Sent);
        let sent = i64::try_from(sent.count()).unwrap_or(i64::MAX);
        let mut tx = self.store.begin().await?;
        let entry = campaign_entry(actor, self.clock.now(), "campaign.tested", id)
            .with("members", results.len())
            .with("sent", sent);
        tx.audit().record(entry).await?;
        tx.commit().await?;
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

    async fn push_test(
        &self,
        id: CampaignId,
        content: &TemplateContent,
        tester: MemberDetail,
    ) -> TestOutcome {
        let Some(line_uid) = tester.row.line_uid.clone() else {
            return TestOutcome::NoLine;
        };
        if tester.row.line_state != Some(LineState::Following) {
            return TestOutcome::Blocked;
        }
        // Nobody's links: what is tapped in a test counts nothing.
        let links = self.links_for(id, NOBODY);
        let messages = match content.render(&person_of(tester), &links) {
            Ok(messages) => messages,
            Err(error) => return TestOutcome::Failed(error.to_string()),
        };
        let messages = match self.line.encode(&messages) {
            Ok(messages) => messages,
            Err(error) => return TestOutcome::Failed(error.to_string()),
        };
        let key = self.ids.uuid();
        let mut words = String::new();
        for _ in 0..TRIES {
            self.pace.ahead(SendKind::Push).await;
            match self.line.push(&line_uid, &messages, key).await {
                Ok(_) => return TestOutcome::Sent,
                Err(error) => {
                    words = error.to_string();
                    if !matches!(error, GatewayError::Unavailable { .. }) {
                        break;
                    }
                }
            }
        }
        TestOutcome::Failed(words)
    }
}
