use super::{Bounds, Deed, Gender, Known, MemberFacts, Source};
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{CampaignId, RfmScores, RfmSegment, TagId};
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
    /// Is of one of these genders.
    Gender(Vec<Gender>),
    /// This is known of them.
    Known(Known),
    /// Was born in one of these months, 1 to 12.
    BirthdayMonth(Vec<u32>),
    /// Was born on one of these days.
    Born(Bounds<NaiveDate>),
    /// Came from one of these first.
    Source(Vec<Source>),
    /// Came into the CRM in this span.
    Created(Span),
    /// Followed the account in this span.
    Followed(Span),
    /// Did the last thing they did in this span.
    Interacted(Span),
    /// Wears at least one of these tags.
    WearsAny(Vec<TagId>),
    /// Has stayed like this.
    Stays(StaysTest),
    /// Has a stay to come that begins on one of these days.
    Expected(Bounds<NaiveDate>),
    /// Did this with a campaign.
    Campaign(CampaignTest),
    /// Has these scores.
    Rfm(RfmTest),
}

/// What the stays of a member that took place must be. The first three say which of them are
/// looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaysTest {
    /// Only those that ended on this day or later.
    pub not_before: Option<NaiveDate>,
    /// Only those in these kinds of room.
    pub room_types: Option<Vec<String>>,
    /// Only those of so many nights.
    pub nights: Option<Bounds<u32>>,
    /// How many there are.
    pub count: Bounds<u32>,
    /// Their amounts together, in hundredths.
    pub amount_minor: Option<Bounds<i64>>,
    /// When the last of them ended.
    pub last_check_out: Option<Bounds<NaiveDate>>,
}

/// What a member must have done with campaigns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignTest {
    /// With one of these; none = with any.
    pub any_of: Option<Vec<CampaignId>>,
    /// At or after this moment.
    pub since: Option<DateTime<Utc>>,
    /// What.
    pub did: Deed,
}

/// What a member's scores must be, as they stand when the test is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RfmTest {
    /// How lately they stayed.
    pub recency: Bounds<u8>,
    /// How often.
    pub frequency: Bounds<u8>,
    /// For how much.
    pub money: Bounds<u8>,
    /// What such guests are called.
    pub segment: Option<RfmSegment>,
}

impl RfmTest {
    /// Whether scores are like that.
    #[must_use]
    pub fn holds(&self, scores: RfmScores) -> bool {
        self.recency.hold(&scores.recency)
            && self.frequency.hold(&scores.frequency)
            && self.money.hold(&scores.money)
            && self.segment.is_none_or(|own| own == scores.segment())
    }
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
