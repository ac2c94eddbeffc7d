use crate::{Campaign, CampaignRepository, CampaignStatus, CreatorView, StatusReason};
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, CampaignId, Facts, StoreError};
use serde_json::Value;

/// What happened to a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// It was written.
    Created,
    /// Somebody changed it before it went out.
    Edited,
    /// It got a time to go out at, or another one.
    Scheduled,
    /// Its time was taken away.
    Unscheduled,
    /// From now on it goes out to whoever comes to fit.
    Activated,
    /// Its send began; where the plan fits into one step, it is frozen.
    Started,
    /// The plan of a large audience is frozen and batches are on their way.
    Planned,
    /// It stopped in the middle.
    Paused,
    /// It went on.
    Resumed,
    /// It was stopped for good.
    Cancelled,
    /// Whoever had failed was tried again.
    Retried,
    /// It was sent to some members to look at.
    TestSent,
    /// Every recipient is settled and at least one was sent.
    Finished,
    /// It did not go out, or nobody could be sent.
    Failed,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Created,
        Self::Edited,
        Self::Scheduled,
        Self::Unscheduled,
        Self::Activated,
        Self::Started,
        Self::Planned,
        Self::Paused,
        Self::Resumed,
        Self::Cancelled,
        Self::Retried,
        Self::TestSent,
        Self::Finished,
        Self::Failed,
    ];

    /// The name stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Edited => "edited",
            Self::Scheduled => "scheduled",
            Self::Unscheduled => "unscheduled",
            Self::Activated => "activated",
            Self::Started => "started",
            Self::Planned => "planned",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Cancelled => "cancelled",
            Self::Retried => "retried",
            Self::TestSent => "test_sent",
            Self::Finished => "finished",
            Self::Failed => "failed",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == name)
    }
}

/// Something that happened to a campaign, about to be stored with the change itself.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCampaignEvent {
    /// To which one.
    pub campaign: CampaignId,
    /// What.
    pub kind: EventKind,
    /// By whom.
    pub actor: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, where there is a reason.
    pub reason: Option<StatusReason>,
    /// Figures and times that belong to it. Never anything about a guest.
    pub facts: Facts,
}

impl NewCampaignEvent {
    /// An event without reason or facts.
    #[must_use]
    pub fn new(kind: EventKind, campaign: CampaignId, actor: &Actor, at: DateTime<Utc>) -> Self {
        Self {
            campaign,
            kind,
            actor: actor.clone(),
            at,
            reason: None,
            facts: Facts::new(),
        }
    }

    /// The same for a reason.
    #[must_use]
    pub const fn because(mut self, reason: StatusReason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// The same with a figure or a time.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// How it ended, if it did so at `now`.
    #[must_use]
    pub fn of_end(campaign: &Campaign, now: DateTime<Utc>) -> Option<Self> {
        let record = campaign.record();
        let kind = match record.status {
            CampaignStatus::Sent => EventKind::Finished,
            CampaignStatus::Failed => EventKind::Failed,
            _ => return None,
        };
        if record.finished_at != Some(now) {
            return None;
        }
        let mut event = Self::new(kind, record.id, &Actor::System, now);
        event.reason = record.status_reason;
        if record.sent_at.is_none() {
            return Some(event);
        }
        let counts = &record.counts;
        let event = event.with("sent", counts.sent);
        let event = event.with("failed", counts.failed);
        Some(event.with("skipped", counts.skipped))
    }
}

impl dyn CampaignRepository + '_ {
    /// Notes that the campaign ended, if it did so at `now`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn note_end(
        &mut self,
        campaign: &Campaign,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        match NewCampaignEvent::of_end(campaign, now) {
            Some(event) => self.note(&event).await,
            None => Ok(()),
        }
    }
}

/// Something that happened to a campaign, as its history shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignEvent {
    /// Its id.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: EventKind,
    /// The user who did it, if a user did and still exists.
    pub user: Option<CreatorView>,
    /// Why, where there is a reason.
    pub reason: Option<StatusReason>,
    /// Figures and times that belong to it.
    pub facts: Facts,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own_that_is_read_again() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
            assert!(kind.as_str().len() <= 20);
        }
    }
}
