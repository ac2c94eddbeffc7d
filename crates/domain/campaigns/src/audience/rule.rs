//! The words in which an audience by rules is written. Whoever is at home in JSON should be able
//! to read one aloud.

use super::Amount;
use crm_kernel::{CampaignId, RfmSegment, TagId};
use serde::{Deserialize, Serialize};

/// A bracketed condition on one member: an object with exactly one key, which is a bracket
/// (`all`, `any`, `not`) or a leaf. What is not known of a member is not true of them, so that
/// `not` means everybody else. Days are hotel days; 0 days ago is today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Every one of these.
    All(Vec<Self>),
    /// At least one of these.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// Is of one of these genders.
    Gender(Vec<Gender>),
    /// This is known of them.
    Known(Known),
    /// Was born in one of these months, 1 to 12.
    BirthdayMonth(Vec<u32>),
    /// Has a birthday in a month so far from now: 0 is this month, 1 the next.
    BirthdayMonthsAhead(Bounds<u32>),
    /// Is so many years old.
    Age(Bounds<u32>),
    /// Came from one of these first.
    Source(Vec<Source>),
    /// Is in the CRM since so many days ago.
    CreatedDaysAgo(Bounds<u32>),
    /// Followed the account so many days ago.
    FriendDays(Bounds<u32>),
    /// Did something for the last time so many days ago.
    LastInteractionDaysAgo(Bounds<u32>),
    /// Wears tags, or does not.
    Tags(TagsRule),
    /// Has stayed; cancelled, missed and merely booked stays do not count.
    Stays(StaysRule),
    /// Is expected in so many days.
    CheckInDaysAhead(Bounds<u32>),
    /// Got a campaign, opened it or clicked in it.
    Campaign(CampaignRule),
    /// How they compare with all guests who have stayed.
    Rfm(RfmRule),
}

/// From one number to another, both included; one end may be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds<T> {
    /// The smallest that counts.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub from: Option<T>,
    /// The largest that counts.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub to: Option<T>,
}

impl<T: PartialOrd> Bounds<T> {
    /// Whether it lies between the two.
    #[must_use]
    pub fn hold(&self, value: &T) -> bool {
        self.from.as_ref().is_none_or(|from| from <= value)
            && self.to.as_ref().is_none_or(|to| value <= to)
    }
}

/// Gender as the guest or the hotel's records state it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Neither.
    Other,
}

impl Gender {
    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
            Self::Other => "other",
        }
    }

    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Male, Self::Female, Self::Other]
            .into_iter()
            .find(|gender| gender.as_str() == word)
    }
}

/// Where a member came from first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A LINE event.
    Line,
    /// The hotel's own records.
    Crm,
    /// Typed in by staff.
    System,
}

impl Source {
    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Crm => "crm",
            Self::System => "system",
        }
    }

    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Line, Self::Crm, Self::System]
            .into_iter()
            .find(|source| source.as_str() == word)
    }
}

/// Something that is known of a member or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Gender.
    Gender,
    /// Birthday.
    Birthday,
    /// E-mail address.
    Email,
    /// Phone number.
    Phone,
    /// Anything that they ever did.
    LastInteraction,
}

/// What is asked of a member's tags; every list that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagsRule {
    /// Wears at least one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_of: Option<Vec<TagId>>,
    /// Wears all of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_of: Option<Vec<TagId>>,
    /// Wears none of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none_of: Option<Vec<TagId>>,
}

/// What is asked of a member's stays that took place. `within_days`, `room_types` and `nights`
/// say which of them are looked at, the others what those together must come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaysRule {
    /// Only those that ended at most so many days ago, or have not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u32>,
    /// Only those in one of these kinds of room, spelled exactly so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_types: Option<Vec<String>>,
    /// Only those of so many nights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nights: Option<Bounds<u32>>,
    /// How many there are; without it, at least one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Bounds<u32>>,
    /// What was paid for all of them together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Bounds<Amount>>,
    /// How many days ago the last one ended; one that has not ended is never days ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_check_out_days_ago: Option<Bounds<u32>>,
}

/// What a member did with campaigns sent before. Names campaigns, a time, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignRule {
    /// With one of these; without it, with any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_of: Option<Vec<CampaignId>>,
    /// At most so many days ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u32>,
    /// What.
    pub did: Deed,
}

/// What is asked of a member's scores, as they were made last; everything that is given must
/// hold. Whoever has never stayed has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RfmRule {
    /// How lately they stayed, from 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recency: Option<Bounds<u32>>,
    /// How often, from 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Bounds<u32>>,
    /// For how much, from 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<Bounds<u32>>,
    /// What such guests are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<RfmSegment>,
}

/// How far a campaign came with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// It was sent to them.
    Got,
    /// They are known to have opened it; whoever clicked has opened it too.
    Opened,
    /// They tapped something in it.
    Clicked,
}
