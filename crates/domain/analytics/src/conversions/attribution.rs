use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{CampaignId, StayId};
use std::collections::BTreeMap;

/// A campaign that LINE accepted for a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentTo {
    /// The row of the recipient.
    pub recipient: i64,
    /// Which campaign.
    pub campaign: CampaignId,
    /// When LINE accepted it.
    pub at: DateTime<Utc>,
    /// The first click.
    pub clicked_at: Option<DateTime<Utc>>,
}

/// A stay of the same guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookedStay {
    /// Which stay.
    pub id: StayId,
    /// When it was booked.
    pub booked_at: DateTime<Utc>,
    /// Whether it stands: a stay that came to nothing does not.
    pub counts: bool,
    /// Hundredths of what it costs.
    pub amount_minor: i64,
    /// How many nights.
    pub nights: i64,
}

/// A stay whose money counts for a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BroughtStay {
    /// Which stay.
    pub id: StayId,
    /// When it was booked.
    pub booked_at: DateTime<Utc>,
    /// Hundredths of what it costs.
    pub amount_minor: i64,
    /// How many nights.
    pub nights: i64,
}

/// A recipient who booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The row of the recipient.
    pub recipient: i64,
    /// Which campaign.
    pub campaign: CampaignId,
    /// The first booking within the window.
    pub booked_at: DateTime<Utc>,
    /// Whether they had clicked by then.
    pub had_clicked: bool,
    /// Stays whose money counts for the campaign, by id; none if a later campaign was the last.
    pub stays: Vec<BroughtStay>,
}

/// What the campaigns sent to one guest led to, by recipient. A booking belongs to a campaign
/// from the moment after the send until `window` after it, that moment included.
#[must_use]
pub fn conversions_of(
    sends: &[SentTo],
    stays: &[BookedStay],
    window: TimeDelta,
) -> Vec<Conversion> {
    let mut sends: Vec<&SentTo> = sends.iter().collect();
    sends.sort_unstable_by_key(|sent| (sent.at, sent.campaign, sent.recipient));
    let mut stays: Vec<&BookedStay> = stays.iter().filter(|stay| stay.counts).collect();
    stays.sort_unstable_by_key(|stay| (stay.booked_at, stay.id));
    let mut found: BTreeMap<i64, Conversion> = BTreeMap::new();
    for stay in stays {
        let before = sends.partition_point(|sent| sent.at < stay.booked_at);
        let too_old = sends.partition_point(|sent| stay.booked_at - sent.at > window);
        let Some(led_to) = sends.get(too_old..before) else {
            continue;
        };
        for sent in led_to {
            found.entry(sent.recipient).or_insert_with(|| Conversion {
                recipient: sent.recipient,
                campaign: sent.campaign,
                booked_at: stay.booked_at,
                had_clicked: sent.clicked_at.is_some_and(|at| at <= stay.booked_at),
                stays: Vec::new(),
            });
        }
        let last = led_to
            .last()
            .and_then(|sent| found.get_mut(&sent.recipient));
        if let Some(last) = last {
            last.stays.push(BroughtStay {
                id: stay.id,
                booked_at: stay.booked_at,
                amount_minor: stay.amount_minor,
                nights: stay.nights,
            });
        }
    }
    let mut all: Vec<Conversion> = found.into_values().collect();
    for one in &mut all {
        one.stays.sort_unstable_by_key(|stay| stay.id);
    }
    all
}
