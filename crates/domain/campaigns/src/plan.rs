use crate::{BatchMode, NewBatch};
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{CampaignId, MemberId};
use uuid::Uuid;

/// A planner that has not shown itself for so long is taken to be dead.
const SILENCE: TimeDelta = TimeDelta::seconds(15);

/// How far a plan came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanPhase {
    /// Rows that an earlier plan left are being deleted, before this one is made.
    Clearing,
    /// The plan was refused, and its rows are being deleted.
    Withdrawing,
    /// Members are being looked at, in ranges of ids.
    Planning,
    /// Everybody is planned and portioned; senders may take batches.
    Done,
}

impl PlanPhase {
    /// The name stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clearing => "clearing",
            Self::Withdrawing => "withdrawn",
            Self::Planning => "planning",
            Self::Done => "done",
        }
    }

    /// The phase of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Clearing,
            Self::Withdrawing,
            Self::Planning,
            Self::Done,
        ]
        .into_iter()
        .find(|p| p.as_str() == name)
    }
}

/// A campaign's plan in the making, one per campaign. It is made range by range, each in one
/// transaction that locks the campaign and moves `after` on, so a planner that dies loses
/// nothing, and one that was given up for dead finds its claim gone and writes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whose plan.
    pub campaign_id: CampaignId,
    /// How far it came.
    pub phase: PlanPhase,
    /// How the messages travel.
    pub mode: BatchMode,
    /// Recipients in a batch.
    pub batch_size: u32,
    /// The moment at which members are judged: what "a friend for seven days" counts back from.
    pub asked_at: DateTime<Utc>,
    /// Whoever is planned already stays out: a round of an active campaign.
    pub again: bool,
    /// The time of the schedule that asked for it; none when a user did.
    pub scheduled_at: Option<DateTime<Utc>>,
    /// Members up to this id are planned.
    pub after: MemberId,
    /// The newest member when it began; whoever comes later stays out.
    pub up_to: MemberId,
    /// Number of its first batch.
    pub first_batch: i64,
    /// Recipients planned and not kept back, so far.
    pub eligible: i64,
    /// Messages that LINE's quota allowed when it began; none = no limit.
    pub remaining: Option<u64>,
    /// Counts the planners; one of an older claim may no longer write.
    pub claim: i64,
    /// When the planner last wrote.
    pub beat_at: DateTime<Utc>,
}

/// Members with `after < id <= up_to`, numbered on from those planned before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanPart {
    /// Not this one and nobody before.
    pub after: MemberId,
    /// The last one.
    pub up_to: MemberId,
    /// Number of the plan's first batch.
    pub first_batch: i64,
    /// Recipients that the plan has put into batches before.
    pub placed: i64,
    /// Leaves out whoever is a recipient already.
    pub again: bool,
}

impl PlanPart {
    /// All members at once, for a campaign that was never planned.
    pub const WHOLE: Self = Self {
        after: MemberId::new(0),
        up_to: MemberId::new(i64::MAX),
        first_batch: 0,
        placed: 0,
        again: false,
    };
}

impl Plan {
    /// The next range of at most `members` ids.
    #[must_use]
    pub fn next_part(&self, members: i64) -> PlanPart {
        let up_to = self.after.get().saturating_add(members.max(1));
        PlanPart {
            after: self.after,
            up_to: MemberId::new(up_to.min(self.up_to.get())),
            first_batch: self.first_batch,
            placed: self.eligible,
            again: self.again,
        }
    }

    /// That range is planned, and so many of it are to be sent.
    pub fn advance(&mut self, part: &PlanPart, eligible: i64) {
        self.after = part.up_to;
        self.eligible += eligible;
    }

    /// Whether everybody was looked at.
    #[must_use]
    pub fn is_through(&self) -> bool {
        self.after >= self.up_to
    }

    /// As many batches as it could come to have, were everybody in it.
    #[must_use]
    pub fn most_batches(&self) -> i64 {
        self.up_to.get().max(0) / i64::from(self.batch_size.max(1)) + 1
    }

    /// Its batches, each with a key.
    pub fn portion(&self, key: impl FnMut() -> Uuid) -> Vec<NewBatch> {
        NewBatch::portion(self.first_batch, self.eligible, self.batch_size, key)
    }

    /// Whether its planner seems to have died. The clocks of two processes may differ by minutes:
    /// taking over too early costs nothing but the older planner's last range.
    #[must_use]
    pub fn is_abandoned(&self, now: DateTime<Utc>) -> bool {
        self.phase != PlanPhase::Done && (now - self.beat_at).abs() > SILENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(up_to: i64) -> Plan {
        Plan {
            campaign_id: CampaignId::new(1),
            phase: PlanPhase::Planning,
            mode: BatchMode::Bulk,
            batch_size: 500,
            asked_at: DateTime::UNIX_EPOCH,
            again: false,
            scheduled_at: None,
            after: MemberId::new(0),
            up_to: MemberId::new(up_to),
            first_batch: 3,
            eligible: 0,
            remaining: None,
            claim: 1,
            beat_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn ranges_meet_each_other_and_end_with_the_newest_member() {
        let mut plan = plan(45);
        let mut ends = Vec::new();
        while !plan.is_through() {
            let part = plan.next_part(20);
            assert_eq!((part.after, part.placed), (plan.after, plan.eligible));
            plan.advance(&part, 7);
            ends.push(part.up_to.get());
        }
        assert_eq!(ends, [20, 40, 45]);
        assert_eq!(plan.eligible, 21);
    }

    #[test]
    fn batches_hold_everybody_and_go_on_from_the_number_given() {
        let mut plan = plan(1);
        for (eligible, sizes) in [
            (0, vec![]),
            (1, vec![1]),
            (500, vec![500]),
            (1_001, vec![500, 500, 1]),
        ] {
            plan.eligible = eligible;
            let batches = plan.portion(Uuid::nil);
            let got: Vec<u32> = batches.iter().map(|b| b.size).collect();
            assert_eq!(got, sizes);
            assert!(batches.first().is_none_or(|b| b.number == 3));
        }
    }

    #[test]
    fn a_planner_is_given_up_after_a_silence_whichever_clock_is_ahead() {
        let plan = plan(1);
        let after = |seconds| plan.beat_at + TimeDelta::seconds(seconds);
        assert!(!plan.is_abandoned(after(10)));
        assert!(plan.is_abandoned(after(16)) && plan.is_abandoned(after(-16)));
    }
}
