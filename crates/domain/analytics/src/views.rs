use crate::Rate;
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{AutoResponseId, CampaignId, TagId};
use std::collections::BTreeMap;

/// Sums over campaigns that were sent in a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CampaignSums {
    /// Recipients that LINE accepted.
    pub sent: i64,
    /// Those who opened, as inferred.
    pub opened: i64,
    /// Those who clicked.
    pub clicked: i64,
    /// Those who booked afterwards.
    pub converted: i64,
}

impl CampaignSums {
    /// Opened of sent.
    #[must_use]
    pub fn open_rate(self) -> Rate {
        Rate::of(self.opened, self.sent)
    }

    /// Clicked of sent.
    #[must_use]
    pub fn click_rate(self) -> Rate {
        Rate::of(self.clicked, self.sent)
    }

    /// Booked of sent.
    #[must_use]
    pub fn conversion_rate(self) -> Rate {
        Rate::of(self.converted, self.sent)
    }
}

/// The figures at the head of the first page (document 000 §4.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overview {
    /// Everything that LINE accepted in the period: campaigns, answers, one-to-one messages.
    pub messages_sent: i64,
    /// Of campaigns sent in the period: opened of sent.
    pub open_rate: Rate,
    /// Clicked of sent.
    pub click_rate: Rate,
    /// Booked of sent.
    pub conversion_rate: Rate,
    /// The same four against the period before.
    pub messages_sent_trend: Rate,
    /// Change of the open rate.
    pub open_rate_trend: Rate,
    /// Change of the click rate.
    pub click_rate_trend: Rate,
    /// Change of the conversion rate.
    pub conversion_rate_trend: Rate,
}

/// How a campaign did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignPerformance {
    /// Which campaign.
    pub id: CampaignId,
    /// Its title.
    pub title: String,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// Its figures.
    pub sums: CampaignSums,
    /// Hundredths of the amounts of the stays it brought.
    pub revenue_minor: i64,
}

/// How often a tag was triggered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagShare {
    /// Which tag.
    pub id: TagId,
    /// Its name.
    pub name: String,
    /// How often.
    pub triggered: i64,
    /// Of all tags together, also of those that are not listed.
    pub share: Rate,
}

/// One line of a chart: a figure for each day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaySeries {
    /// What is counted.
    pub metric: crate::Metric,
    /// A figure for each day of the period.
    pub values: Vec<i64>,
}

/// Lines along the same days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trends {
    /// The days.
    pub days: Vec<NaiveDate>,
    /// The lines, in the order in which they were asked for.
    pub series: Vec<DaySeries>,
}

/// What became of everybody whom a campaign was planned for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funnel {
    /// Which campaign.
    pub id: CampaignId,
    /// Its title.
    pub title: String,
    /// Everybody planned, with those who were kept back.
    pub planned: i64,
    /// Those kept back, by the reason's name.
    pub skipped: BTreeMap<String, i64>,
    /// Those LINE refused, or of whom nobody knows.
    pub failed: i64,
    /// Those not tried yet.
    pub pending: i64,
    /// Sent, opened, clicked, booked.
    pub sums: CampaignSums,
    /// Those of the booked who had clicked before.
    pub converted_clicked: i64,
    /// Hundredths of the amounts of the stays it brought: each stay counts for the last
    /// campaign before it alone.
    pub revenue_minor: i64,
    /// How many stays these are.
    pub revenue_stays: i64,
    /// How many nights.
    pub revenue_nights: i64,
}

/// Friends won and lost on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FriendDay {
    /// The day.
    pub day: NaiveDate,
    /// Guests who became friends, or came back.
    pub follows: i64,
    /// Guests who blocked the account.
    pub blocks: i64,
}

/// How an automatic answer did in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePerformance {
    /// Which rule.
    pub id: AutoResponseId,
    /// Its name.
    pub name: String,
    /// Its kind: welcome, keyword, time.
    pub trigger_type: String,
    /// How often it fired.
    pub fired: i64,
    /// How many of its answers LINE accepted.
    pub succeeded: i64,
}
