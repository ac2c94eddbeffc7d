use crate::{Audience, CampaignError, CampaignStatus, StatusReason, TriggerCondition};
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{CampaignId, TemplateId, UserId};

/// Figures of a campaign. `recipients = pending + sent + failed + skipped`, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Everybody planned, skipped ones included.
    pub recipients: i64,
    /// Kept back by the gate or by a cancellation.
    pub skipped: i64,
    /// Accepted by LINE; opened and clicked ones included.
    pub sent: i64,
    /// Refused by LINE, or of unknown outcome.
    pub failed: i64,
    /// Distinct people known to have opened it.
    pub opened: i64,
    /// Distinct people who tapped something.
    pub clicked: i64,
    /// Distinct people who booked afterwards.
    pub converted: i64,
}

impl Counts {
    /// Planned and not settled yet.
    #[must_use]
    pub const fn pending(&self) -> i64 {
        self.recipients - self.skipped - self.sent - self.failed
    }
}

/// A stored campaign, field by field; only storage makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignRecord {
    /// Its id.
    pub id: CampaignId,
    /// What staff call it.
    pub title: String,
    /// The template it is rendered from.
    pub template_id: TemplateId,
    /// Who it is for.
    pub audience: Audience,
    /// What must be true of them when it is sent.
    pub trigger: Option<TriggerCondition>,
    /// When it goes out by itself.
    pub scheduled_at: Option<DateTime<Utc>>,
    /// When the plan was frozen.
    pub sent_at: Option<DateTime<Utc>>,
    /// When the last recipient was settled.
    pub finished_at: Option<DateTime<Utc>>,
    /// Where it stands.
    pub status: CampaignStatus,
    /// Why it stopped.
    pub status_reason: Option<StatusReason>,
    /// The template as it was when the plan was frozen, as a document.
    pub frozen_template: Option<String>,
    /// Goes again and again, to whoever comes to fulfil its condition.
    pub recurring: bool,
    /// The name under which LINE counts for it; the same on every repetition.
    pub line_unit: Option<String>,
    /// Its figures.
    pub counts: Counts,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Last change by a user.
    pub updated_at: Option<DateTime<Utc>>,
}

/// A campaign about to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCampaign {
    /// What staff call it.
    pub title: String,
    /// The template it is rendered from.
    pub template_id: TemplateId,
    /// Who it is for.
    pub audience: Audience,
    /// What must be true of them when it is sent.
    pub trigger: Option<TriggerCondition>,
    /// When it goes out by itself; without it, it is a draft.
    pub scheduled_at: Option<DateTime<Utc>>,
    /// Who made it.
    pub created_by: Option<UserId>,
}

impl NewCampaign {
    /// Draft or scheduled.
    #[must_use]
    pub const fn status(&self) -> CampaignStatus {
        if self.scheduled_at.is_some() {
            CampaignStatus::Scheduled
        } else {
            CampaignStatus::Draft
        }
    }
}

/// What asks a campaign to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartCause {
    /// Somebody pressed *send*.
    Request,
    /// The time written in a job.
    Schedule(DateTime<Utc>),
}

impl StartCause {
    /// The time of the schedule that asks.
    #[must_use]
    pub const fn scheduled_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Request => None,
            Self::Schedule(at) => Some(at),
        }
    }
}

/// A message to an audience, from draft to sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign(pub(crate) CampaignRecord);

impl Campaign {
    /// A campaign as it was stored.
    #[must_use]
    pub const fn from_stored(record: CampaignRecord) -> Self {
        Self(record)
    }

    /// Its fields, for storage and views.
    #[must_use]
    pub const fn record(&self) -> &CampaignRecord {
        &self.0
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> CampaignId {
        self.0.id
    }

    /// Where it stands.
    #[must_use]
    pub const fn status(&self) -> CampaignStatus {
        self.0.status
    }

    /// Its figures.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.0.counts
    }

    /// Replaces what a user may change. Setting a time schedules it, clearing the time makes it
    /// a draft again.
    ///
    /// # Errors
    /// `WrongState` unless it is a draft or scheduled.
    pub fn edit(&mut self, new: NewCampaign, now: DateTime<Utc>) -> Result<(), CampaignError> {
        if !matches!(
            self.0.status,
            CampaignStatus::Draft | CampaignStatus::Scheduled
        ) {
            return Err(self.wrong_state("edited"));
        }
        self.0.status = new.status();
        self.0.title = new.title;
        self.0.template_id = new.template_id;
        self.0.audience = new.audience;
        self.0.trigger = new.trigger;
        self.0.scheduled_at = new.scheduled_at;
        self.0.status_reason = None;
        self.0.updated_at = Some(now);
        Ok(())
    }

    /// Whether it may be deleted: only a draft, anything else is history.
    ///
    /// # Errors
    /// `WrongState`.
    pub fn check_deletable(&self) -> Result<(), CampaignError> {
        if self.0.status == CampaignStatus::Draft {
            Ok(())
        } else {
            Err(self.wrong_state("deleted"))
        }
    }

    /// Whether this cause starts it now. `Ok(false)` = a schedule that no longer is the
    /// campaign's: nothing to do.
    ///
    /// # Errors
    /// `WrongState` when a user asks for what is already on its way or over.
    pub fn may_start(&self, cause: StartCause) -> Result<bool, CampaignError> {
        match (cause, self.0.status) {
            (StartCause::Request, CampaignStatus::Draft | CampaignStatus::Scheduled) => Ok(true),
            (StartCause::Request, _) => Err(self.wrong_state("sent")),
            (StartCause::Schedule(at), CampaignStatus::Scheduled) => {
                Ok(self.0.scheduled_at == Some(at))
            }
            (StartCause::Schedule(_), _) => Ok(false),
        }
    }

    /// Whether a schedule is so late that it must not fire any more (an offer for breakfast
    /// at night).
    #[must_use]
    pub fn is_too_late(&self, cause: StartCause, now: DateTime<Utc>, lateness: TimeDelta) -> bool {
        matches!(cause, StartCause::Schedule(at) if now - at > lateness)
    }

    /// Its send begins: what it says is frozen, who gets it is about to be.
    pub fn begin(&mut self, template: String, now: DateTime<Utc>) {
        self.0.status = CampaignStatus::Sending;
        self.0.status_reason = None;
        self.0.frozen_template = Some(template);
        self.0.sent_at = Some(now);
        self.0.finished_at = None;
        self.0.recurring = false;
        self.0.counts = Counts::default();
    }

    /// So many more are planned, of whom so many are kept back.
    pub const fn plan(&mut self, planned: i64, skipped: i64) {
        self.0.counts.recipients += planned;
        self.0.counts.skipped += skipped;
    }

    /// [`begin`](Self::begin) and [`plan`](Self::plan) at once.
    pub fn freeze(&mut self, template: String, planned: i64, skipped: i64, now: DateTime<Utc>) {
        self.begin(template, now);
        self.plan(planned, skipped);
    }

    /// Takes [`begin`](Self::begin) back: nobody is planned, nothing was sent, for this reason.
    pub fn take_back(&mut self, reason: StatusReason) {
        self.0.status_reason = Some(reason);
        self.0.recurring = false;
        self.0.line_unit = None;
        self.0.status = if self.0.scheduled_at.is_some() {
            CampaignStatus::Scheduled
        } else {
            CampaignStatus::Draft
        };
        self.0.frozen_template = None;
        self.0.sent_at = None;
        self.0.counts = Counts::default();
    }

    /// From now on it goes to whoever comes to fulfil its condition, once each.
    ///
    /// # Errors
    /// `WrongState` unless it is a draft; `TriggerMissing` without a condition.
    pub fn activate(&mut self, template: String, now: DateTime<Utc>) -> Result<(), CampaignError> {
        self.check_activatable()?;
        self.begin(template, now);
        self.0.status = CampaignStatus::Active;
        self.0.recurring = true;
        Ok(())
    }

    /// Whether it may be [activated](Self::activate).
    ///
    /// # Errors
    /// As there.
    pub fn check_activatable(&self) -> Result<(), CampaignError> {
        self.require(&[CampaignStatus::Draft], "activated")?;
        if self.0.trigger.is_none() {
            return Err(CampaignError::TriggerMissing);
        }
        Ok(())
    }

    /// So many who failed wait for another try.
    ///
    /// # Errors
    /// `NothingToRetry` when there is nobody.
    pub fn retry(&mut self, failed: i64) -> Result<(), CampaignError> {
        self.check_retryable()?;
        if failed == 0 {
            return Err(CampaignError::NothingToRetry);
        }
        self.0.counts.failed -= failed;
        if !self.0.recurring {
            self.0.status = CampaignStatus::Sending;
        }
        self.0.status_reason = None;
        self.0.finished_at = None;
        Ok(())
    }

    /// Whether those who failed may be tried again: not while it is paused or before it was sent.
    ///
    /// # Errors
    /// `WrongState`.
    pub fn check_retryable(&self) -> Result<(), CampaignError> {
        self.require(
            &[
                CampaignStatus::Sending,
                CampaignStatus::Active,
                CampaignStatus::Sent,
                CampaignStatus::Failed,
            ],
            "retried",
        )
    }

    /// It does not go out at all.
    pub const fn fail(&mut self, reason: StatusReason, now: DateTime<Utc>) {
        self.0.status = CampaignStatus::Failed;
        self.0.status_reason = Some(reason);
        self.0.finished_at = Some(now);
    }

    /// Stops taking new batches. Does nothing unless it is sending or active.
    pub fn pause(&mut self, reason: StatusReason) -> bool {
        if !self.0.status.sends() {
            return false;
        }
        self.0.status = CampaignStatus::Paused;
        self.0.status_reason = Some(reason);
        true
    }

    /// Goes on after a pause.
    ///
    /// # Errors
    /// `WrongState` unless it is paused.
    pub fn resume(&mut self) -> Result<(), CampaignError> {
        if self.0.status != CampaignStatus::Paused {
            return Err(self.wrong_state("resumed"));
        }
        self.0.status = if self.0.recurring {
            CampaignStatus::Active
        } else {
            CampaignStatus::Sending
        };
        self.0.status_reason = None;
        Ok(())
    }

    /// Whether `action` by a user fits the present status.
    ///
    /// # Errors
    /// `WrongState`.
    pub fn require(
        &self,
        allowed: &[CampaignStatus],
        action: &'static str,
    ) -> Result<(), CampaignError> {
        if allowed.contains(&self.0.status) {
            Ok(())
        } else {
            Err(self.wrong_state(action))
        }
    }

    /// Ends it for good after `skipped` recipients were taken out of its untried batches.
    pub fn cancel(&mut self, skipped: i64, now: DateTime<Utc>) {
        self.0.counts.skipped += skipped;
        self.0.status = CampaignStatus::Cancelled;
        self.0.status_reason = Some(StatusReason::ByUser);
        self.0.finished_at = Some(now);
    }

    /// Adds a settled batch to the figures and ends the campaign when it was the last one. One that
    /// is active goes on until it is cancelled; so does one whose plan is still being made, since
    /// nothing is tried before it is whole.
    pub fn settle(&mut self, sent: i64, failed: i64, skipped: i64, now: DateTime<Utc>) {
        let counts = &mut self.0.counts;
        counts.sent += sent;
        counts.failed += failed;
        counts.skipped += skipped;
        if counts.pending() > 0
            || self.0.recurring
            || !matches!(
                self.0.status,
                CampaignStatus::Sending | CampaignStatus::Paused
            )
        {
            return;
        }
        if counts.sent > 0 {
            self.0.status = CampaignStatus::Sent;
            self.0.status_reason = None;
            self.0.finished_at = Some(now);
        } else {
            self.fail(StatusReason::NobodyReached, now);
        }
    }

    fn wrong_state(&self, action: &'static str) -> CampaignError {
        CampaignError::WrongState {
            status: self.0.status,
            action,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 9, 25, hour, 0, 0).unwrap()
    }

    fn campaign(status: CampaignStatus, scheduled_at: Option<DateTime<Utc>>) -> Campaign {
        Campaign::from_stored(CampaignRecord {
            id: CampaignId::new(1),
            title: "中秋".into(),
            template_id: TemplateId::new(1),
            audience: Audience::All,
            trigger: None,
            scheduled_at,
            sent_at: None,
            finished_at: None,
            status,
            status_reason: None,
            frozen_template: None,
            recurring: false,
            line_unit: None,
            counts: Counts::default(),
            created_by: None,
            created_at: at(0),
            updated_at: None,
        })
    }

    #[test]
    fn what_is_sending_or_sent_is_not_sent_again() {
        for status in CampaignStatus::ALL {
            let may = campaign(status, None).may_start(StartCause::Request);
            let startable = matches!(status, CampaignStatus::Draft | CampaignStatus::Scheduled);
            assert_eq!(may.is_ok(), startable, "{status:?}");
        }
    }

    #[test]
    fn a_schedule_that_was_moved_does_not_fire_at_its_old_time() {
        let moved = campaign(CampaignStatus::Scheduled, Some(at(9)));
        assert!(!moved.may_start(StartCause::Schedule(at(8))).unwrap());
        assert!(moved.may_start(StartCause::Schedule(at(9))).unwrap());
    }

    #[test]
    fn two_hours_late_is_the_limit() {
        let due = campaign(CampaignStatus::Scheduled, Some(at(9)));
        let limit = TimeDelta::hours(2);
        assert!(!due.is_too_late(StartCause::Schedule(at(9)), at(11), limit));
        assert!(due.is_too_late(StartCause::Schedule(at(9)), at(12), limit));
        assert!(!due.is_too_late(StartCause::Request, at(23), limit));
    }

    #[test]
    fn the_last_settled_batch_ends_the_campaign() {
        let mut sending = campaign(CampaignStatus::Draft, None);
        sending.freeze("{}".into(), 1_000, 100, at(9));
        sending.settle(500, 0, 0, at(9));
        assert_eq!(sending.status(), CampaignStatus::Sending);
        assert_eq!(sending.counts().pending(), 400);
        sending.settle(390, 8, 2, at(10));
        assert_eq!(sending.status(), CampaignStatus::Sent);
        assert_eq!(sending.counts().pending(), 0);
    }

    #[test]
    fn a_campaign_that_reached_nobody_has_failed() {
        let mut sending = campaign(CampaignStatus::Draft, None);
        sending.freeze("{}".into(), 2, 0, at(9));
        sending.settle(0, 1, 1, at(9));
        assert_eq!(sending.status(), CampaignStatus::Failed);
        assert_eq!(
            sending.record().status_reason,
            Some(StatusReason::NobodyReached)
        );
    }
}
