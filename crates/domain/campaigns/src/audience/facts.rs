use super::{CampaignTest, Deed, Gender, Known, Source, StaysTest, Test};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use crm_kernel::{CampaignId, RfmScores, TagId};
use std::collections::BTreeSet;

/// Everything an audience may ask of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberFacts {
    /// What is known of them.
    pub known: BTreeSet<Known>,
    /// Their gender.
    pub gender: Option<Gender>,
    /// Their birthday.
    pub birthday: Option<NaiveDate>,
    /// Where they came from first.
    pub source: Source,
    /// When they came into the CRM.
    pub created_at: DateTime<Utc>,
    /// Since when they follow the account, or did last.
    pub followed_at: Option<DateTime<Utc>>,
    /// The last thing they did.
    pub last_interaction_at: Option<DateTime<Utc>>,
    /// The tags they wear.
    pub tags: BTreeSet<TagId>,
    /// Their stays, of every status.
    pub stays: Vec<StayFacts>,
    /// The campaigns that were sent to them.
    pub campaigns: Vec<CampaignFacts>,
    /// How they compare with all guests who have stayed; none of whoever has not.
    pub rfm: Option<RfmScores>,
}

/// What an audience may ask of a stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StayFacts {
    /// How it stands with the hotel's own system; none when that does not know it.
    pub pms_status: Option<String>,
    /// The kind of room.
    pub room_type: Option<String>,
    /// What was paid, in hundredths.
    pub amount_minor: i64,
    /// The day of arrival.
    pub check_in: Option<NaiveDate>,
    /// The day of departure.
    pub check_out: Option<NaiveDate>,
    /// Nights between the two.
    pub nights: Option<u32>,
}

/// What an audience may ask of a campaign that was sent to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CampaignFacts {
    /// Which one.
    pub campaign: CampaignId,
    /// When LINE accepted it.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it is known to have been opened.
    pub opened_at: Option<DateTime<Utc>>,
    /// The first tap.
    pub clicked_at: Option<DateTime<Utc>>,
}

impl MemberFacts {
    pub(super) fn pass(&self, test: &Test) -> bool {
        match test {
            Test::All(tests) => tests.iter().all(|test| self.pass(test)),
            Test::Any(tests) => tests.iter().any(|test| self.pass(test)),
            Test::Not(test) => !self.pass(test),
            Test::Gender(genders) => self.gender.is_some_and(|own| genders.contains(&own)),
            Test::Known(what) => self.known.contains(what),
            Test::BirthdayMonth(months) => self
                .birthday
                .is_some_and(|day| months.contains(&day.month())),
            Test::Born(days) => self.birthday.is_some_and(|day| days.hold(&day)),
            Test::Source(sources) => sources.contains(&self.source),
            Test::Created(span) => span.holds(Some(self.created_at)),
            Test::Followed(span) => span.holds(self.followed_at),
            Test::Interacted(span) => span.holds(self.last_interaction_at),
            Test::WearsAny(tags) => tags.iter().any(|tag| self.tags.contains(tag)),
            Test::Stays(test) => self.stayed(test),
            Test::Expected(days) => self
                .stays
                .iter()
                .any(|stay| stay.is_expected() && stay.check_in.is_some_and(|day| days.hold(&day))),
            Test::Campaign(test) => self.campaigns.iter().any(|sent| sent.pass(test)),
            Test::Rfm(test) => self.rfm.is_some_and(|scores| test.holds(scores)),
        }
    }

    fn stayed(&self, test: &StaysTest) -> bool {
        let looked_at = || self.stays.iter().filter(|stay| stay.is_looked_at(test));
        let count = u32::try_from(looked_at().count()).unwrap_or(u32::MAX);
        let amount: i64 = looked_at().map(|stay| stay.amount_minor).sum();
        let last = looked_at().filter_map(|stay| stay.check_out).max();
        test.count.hold(&count)
            && test.amount_minor.is_none_or(|bounds| bounds.hold(&amount))
            && test
                .last_check_out
                .is_none_or(|days| last.is_some_and(|day| days.hold(&day)))
    }
}

impl StayFacts {
    /// Booked and cancelled ones are no consumption yet, or none at all.
    fn took_place(&self) -> bool {
        matches!(
            self.pms_status.as_deref(),
            None | Some("checked_out" | "in_house")
        )
    }

    fn is_expected(&self) -> bool {
        matches!(self.pms_status.as_deref(), None | Some("booked"))
    }

    fn is_looked_at(&self, test: &StaysTest) -> bool {
        self.took_place()
            && test
                .not_before
                .is_none_or(|first| self.check_out.is_some_and(|day| first <= day))
            && test.room_types.as_ref().is_none_or(|kinds| {
                let own = self.room_type.as_ref();
                own.is_some_and(|own| kinds.contains(own))
            })
            && test
                .nights
                .is_none_or(|nights| self.nights.is_some_and(|n| nights.hold(&n)))
    }
}

impl CampaignFacts {
    fn pass(&self, test: &CampaignTest) -> bool {
        let opened_at = self.opened_at.or(self.clicked_at);
        let (has_done, at) = match test.did {
            Deed::Got => (true, self.sent_at),
            Deed::Opened => (opened_at.is_some(), opened_at),
            Deed::Clicked => (self.clicked_at.is_some(), self.clicked_at),
        };
        let is_meant = test.any_of.as_ref();
        has_done
            && is_meant.is_none_or(|ids| ids.contains(&self.campaign))
            && test
                .since
                .is_none_or(|since| at.is_some_and(|at| since <= at))
    }
}
