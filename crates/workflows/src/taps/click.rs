use crate::SentIn;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{Job, Lane, MemberId};
use crm_templates::TapItem;
use serde::{Deserialize, Serialize};

/// A click on a tracked link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Click {
    /// What the link was sent in.
    pub sent_in: SentIn,
    /// Whom it was sent to.
    pub member: MemberId,
    /// What was tapped.
    pub item: TapItem,
    /// When.
    pub at: DateTime<Utc>,
}

impl Click {
    /// The number of the window it lies in.
    #[must_use]
    pub fn window(&self, length: TimeDelta) -> i64 {
        self.at.timestamp().div_euclid(length.num_seconds().max(1))
    }
}

/// Record the clicks that were written down together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordClicks {
    /// Their number.
    pub group: i64,
}

impl Job for RecordClicks {
    const NAME: &'static str = "taps.record_clicks";
    const LANE: Lane = Lane::Interactive;
    // They must be counted; only crashes and a storage that is away stand in the way.
    const MAX_ATTEMPTS: u32 = 30;
}

/// Record a single click, as it was put down by earlier releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordClick {
    /// What it was sent in.
    #[serde(flatten)]
    pub sent_in: SentIn,
    /// Who.
    pub member_id: MemberId,
    /// What.
    pub item: TapItem,
    /// When.
    pub at: DateTime<Utc>,
}

impl Job for RecordClick {
    const NAME: &'static str = "taps.record_click";
    const LANE: Lane = Lane::Interactive;
}

impl From<RecordClick> for Click {
    fn from(job: RecordClick) -> Self {
        Self {
            sent_in: job.sent_in,
            member: job.member_id,
            item: job.item,
            at: job.at,
        }
    }
}

/// Throw away recorded clicks whose window is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PruneClicks {}

impl Job for PruneClicks {
    const NAME: &'static str = "taps.prune_clicks";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 3;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm_kernel::CampaignId;
    use serde_json::json;

    #[test]
    fn a_click_put_down_by_an_earlier_release_is_read() {
        let stored = json!({
            "campaign_id": 4, "member_id": 7, "item": 2, "at": "2026-10-02T14:30:00Z"
        });
        let click: Click = serde_json::from_value::<RecordClick>(stored)
            .unwrap()
            .into();
        assert_eq!(click.sent_in, SentIn::Campaign(CampaignId::new(4)));
        assert_eq!(
            (click.member, click.item),
            (MemberId::new(7), TapItem::new(2))
        );
    }

    #[test]
    fn windows_follow_each_other_without_a_gap() {
        let click = |seconds| Click {
            sent_in: SentIn::Campaign(CampaignId::new(1)),
            member: MemberId::new(1),
            item: TapItem::new(1),
            at: DateTime::from_timestamp(seconds, 0).unwrap(),
        };
        let hour = TimeDelta::hours(1);
        assert_eq!(click(7_199).window(hour), 1);
        assert_eq!(click(7_200).window(hour), 2);
        assert_eq!(click(5).window(TimeDelta::zero()), 5);
    }
}
