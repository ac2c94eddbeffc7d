use super::{RfmBorders, RfmGeneration, RfmGenerations, Stretch};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, StoreError};
use std::sync::Arc;

/// A run that makes the scores of all guests anew, step by step. A step that failed can be tried
/// again; a run that is dropped harms nobody.
pub struct Grading {
    generations: Arc<dyn RfmGenerations>,
    generation: RfmGeneration,
    at_once: u32,
    stage: Stage,
}

/// What a step led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is more to do.
    More,
    /// Everything is done, and the new scores are shown.
    Done,
    /// A later run has begun, which does the same.
    Overtaken,
}

enum Stage {
    Clear(MemberId),
    Measure(MemberId),
    Rank,
    Score(RfmBorders, MemberId),
    Show,
    ClearBefore(MemberId),
    Over(Progress),
}

/// Before every member.
const NOBODY: MemberId = MemberId::new(0);

impl Grading {
    pub(super) fn new(
        generations: Arc<dyn RfmGenerations>,
        generation: RfmGeneration,
        at_once: u32,
    ) -> Self {
        Self {
            generations,
            generation,
            at_once,
            stage: Stage::Clear(NOBODY),
        }
    }

    /// Takes the next step; `now` is when the scores are said to have been made.
    ///
    /// # Errors
    /// The storage's; then the same step comes next.
    pub async fn step(&mut self, now: DateTime<Utc>) -> Result<Progress, StoreError> {
        let (all, own, n) = (&self.generations, self.generation, self.at_once);
        let next = match &self.stage {
            Stage::Clear(after) => match all.clear(own, *after, n).await? {
                Stretch::To(member) => Stage::Clear(member),
                Stretch::Ended => Stage::Measure(NOBODY),
                Stretch::Overtaken => Stage::Over(Progress::Overtaken),
            },
            Stage::Measure(after) => match all.measure(own, *after, n).await? {
                Stretch::To(member) => Stage::Measure(member),
                Stretch::Ended => Stage::Rank,
                Stretch::Overtaken => Stage::Over(Progress::Overtaken),
            },
            Stage::Rank => Stage::Score(all.borders(own).await?, NOBODY),
            Stage::Score(borders, after) => match all.score(own, borders, *after, n).await? {
                Stretch::To(member) => Stage::Score(borders.clone(), member),
                Stretch::Ended => Stage::Show,
                Stretch::Overtaken => Stage::Over(Progress::Overtaken),
            },
            Stage::Show if all.show(own, now).await? => Stage::ClearBefore(NOBODY),
            Stage::Show => Stage::Over(Progress::Overtaken),
            Stage::ClearBefore(after) => match all.clear(own, *after, n).await? {
                Stretch::To(member) => Stage::ClearBefore(member),
                // It has been shown; who came later clears the rest.
                Stretch::Ended | Stretch::Overtaken => Stage::Over(Progress::Done),
            },
            Stage::Over(progress) => Stage::Over(*progress),
        };
        self.stage = next;
        Ok(match self.stage {
            Stage::Over(progress) => progress,
            _ => Progress::More,
        })
    }
}
