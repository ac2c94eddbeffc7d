use crate::{CampaignStatus, Counts, StatusReason};
use chrono::TimeDelta;
use crm_kernel::CampaignId;

/// Recipients that LINE took within a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How many.
    pub recipients: i64,
    /// Within how long.
    pub within: TimeDelta,
}

/// How fast a campaign is being sent, over all processes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// Recipients a second over the last seconds; `None` unless it is being sent.
    pub per_second: Option<f64>,
    /// Seconds until nobody is pending at this pace; `None` where nothing moves.
    pub seconds_left: Option<i64>,
}

impl Pace {
    /// The pace of a campaign with so many pending.
    #[must_use]
    pub fn of(taken: Taken, pending: i64) -> Self {
        let seconds = taken.within.as_seconds_f64().max(1.0);
        #[expect(
            clippy::cast_precision_loss,
            reason = "people are counted, and far from 2^52"
        )]
        let (recipients, pending) = (taken.recipients as f64, pending.max(0) as f64);
        let exact = recipients / seconds;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a time that long is shown as the longest"
        )]
        let left = (recipients > 0.0).then(|| (pending / exact).ceil() as i64);
        Self {
            per_second: Some((exact * 10.0).round() / 10.0),
            seconds_left: left,
        }
    }
}

/// How far a campaign has come, for whoever watches it.
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignProgress {
    /// Which one.
    pub id: CampaignId,
    /// Where it stands.
    pub status: CampaignStatus,
    /// Why it stopped.
    pub reason: Option<StatusReason>,
    /// Its figures.
    pub counts: Counts,
    /// How fast it goes.
    pub pace: Pace,
}

impl CampaignProgress {
    /// Whether nothing will change any more but openings and taps.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(
            self.status,
            CampaignStatus::Sent | CampaignStatus::Failed | CampaignStatus::Cancelled
        ) && self.counts.pending() <= 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(recipients: i64, seconds: i64) -> Taken {
        Taken {
            recipients,
            within: TimeDelta::seconds(seconds),
        }
    }

    #[test]
    fn the_pace_tells_how_long_the_rest_takes() {
        let pace = Pace::of(taken(5_000, 10), 1_250);
        assert_eq!((pace.per_second, pace.seconds_left), (Some(500.0), Some(3)));
        let slow = Pace::of(taken(1, 60), 10);
        assert_eq!((slow.per_second, slow.seconds_left), (Some(0.0), Some(600)));
    }

    #[test]
    fn where_nothing_moves_nobody_knows_how_long_it_takes() {
        let pace = Pace::of(taken(0, 10), 100);
        assert_eq!((pace.per_second, pace.seconds_left), (Some(0.0), None));
    }

    #[test]
    fn a_cancelled_campaign_is_over_once_tried_batches_are_seen_through() {
        let mut progress = CampaignProgress {
            id: CampaignId::new(1),
            status: CampaignStatus::Cancelled,
            reason: Some(StatusReason::ByUser),
            counts: Counts {
                recipients: 10,
                skipped: 5,
                ..Counts::default()
            },
            pace: Pace::default(),
        };
        assert!(!progress.is_over());
        progress.counts.sent = 5;
        assert!(progress.is_over());
        progress.status = CampaignStatus::Paused;
        assert!(!progress.is_over());
    }
}
