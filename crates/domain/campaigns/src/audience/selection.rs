use super::MemberFacts;
use chrono::{DateTime, Utc};
use crm_kernel::TagId;
use serde::{Deserialize, Serialize};

/// Who an audience is at one moment: everything that was said in days from now stands here as
/// dates and times. A document, so that it can be kept with a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Selection(Test);

/// One condition of a [`Selection`], of two values: what is not known of a member is not true of
/// them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Every one of them; true when there is none.
    All(Vec<Self>),
    /// At least one of them; false when there is none.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// Wears at least one of these tags.
    WearsAny(Vec<TagId>),
    /// Followed the account in this span.
    Followed(Span),
}

/// Moments at or after `from` and before `until`; an end that is missing is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First moment that counts.
    pub from: Option<DateTime<Utc>>,
    /// First moment that no longer counts.
    pub until: Option<DateTime<Utc>>,
}

impl Span {
    /// Whether the moment is known and lies in the span.
    #[must_use]
    pub fn holds(&self, moment: Option<DateTime<Utc>>) -> bool {
        moment.is_some_and(|at| {
            self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
        })
    }
}

impl Selection {
    /// Every member.
    #[must_use]
    pub const fn everybody() -> Self {
        Self(Test::All(Vec::new()))
    }

    /// Those of whom the test is true.
    #[must_use]
    pub const fn new(test: Test) -> Self {
        Self(test)
    }

    /// Those of them who followed the account in this span.
    #[must_use]
    pub fn who_followed(self, span: Span) -> Self {
        Self(Test::All(vec![self.0, Test::Followed(span)]))
    }

    /// What must be true of a member.
    #[must_use]
    pub const fn test(&self) -> &Test {
        &self.0
    }

    /// Whether the member belongs to it.
    #[must_use]
    pub fn matches(&self, member: &MemberFacts) -> bool {
        member.pass(&self.0)
    }
}
