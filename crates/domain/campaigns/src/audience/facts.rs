use super::Test;
use chrono::{DateTime, Utc};
use crm_kernel::TagId;
use std::collections::BTreeSet;

/// Everything an audience may ask of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberFacts {
    /// Since when they follow the account, or did last.
    pub followed_at: Option<DateTime<Utc>>,
    /// The tags they wear.
    pub tags: BTreeSet<TagId>,
}

impl MemberFacts {
    pub(super) fn pass(&self, test: &Test) -> bool {
        match test {
            Test::All(tests) => tests.iter().all(|test| self.pass(test)),
            Test::Any(tests) => tests.iter().any(|test| self.pass(test)),
            Test::Not(test) => !self.pass(test),
            Test::WearsAny(tags) => tags.iter().any(|tag| self.tags.contains(tag)),
            Test::Followed(span) => span.holds(self.followed_at),
        }
    }
}
