use super::{Grading, KeptGrid, Progress, RfmGenerations, RfmGrid};
use crate::AnalyticsError;
use async_trait::async_trait;
use crm_kernel::{Clock, RfmScores};
use std::sync::Arc;

/// What screens read of the scores.
#[async_trait]
pub trait RfmQueries: Send + Sync {
    /// The cells of the generation that is shown, all of one moment.
    ///
    /// # Errors
    /// The storage's.
    async fn kept_grid(&self) -> Result<KeptGrid, crm_kernel::StoreError>;
}

/// Which guests are worth most.
#[derive(Clone)]
pub struct Rfm {
    generations: Arc<dyn RfmGenerations>,
    queries: Arc<dyn RfmQueries>,
    clock: Arc<dyn Clock>,
    at_once: u32,
}

impl Rfm {
    /// Rows of stays or members in one unit of work: a fraction of a second.
    pub const AT_ONCE: u32 = 20_000;

    /// Scores kept there.
    #[must_use]
    pub fn new(
        generations: Arc<dyn RfmGenerations>,
        queries: Arc<dyn RfmQueries>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            generations,
            queries,
            clock,
            at_once: Self::AT_ONCE,
        }
    }

    /// The same, with so many rows in a unit of work.
    #[must_use]
    pub fn in_stretches_of(mut self, rows: u32) -> Self {
        self.at_once = rows.max(1);
        self
    }

    /// The grid as the last run left it, of all guests or of those with this money score.
    ///
    /// # Errors
    /// `Invalid` for a score that there is not, or those of the store.
    pub async fn grid(&self, money: Option<u8>) -> Result<RfmGrid, AnalyticsError> {
        if money.is_some_and(|money| !RfmScores::RANGE.contains(&money)) {
            return Err(AnalyticsError::invalid("money", "must be from 1 to 5"));
        }
        Ok(RfmGrid::of(&self.queries.kept_grid().await?, money))
    }

    /// Begins to make all scores anew, to be gone on with by [`Self::step`].
    ///
    /// # Errors
    /// Those of the store.
    pub async fn begin(&self) -> Result<Grading, AnalyticsError> {
        let generation = self.generations.begin().await?;
        let generations = Arc::clone(&self.generations);
        Ok(Grading::new(generations, generation, self.at_once))
    }

    /// The next step of a run; after an error it is the same one.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn step(&self, run: &mut Grading) -> Result<Progress, AnalyticsError> {
        Ok(run.step(self.clock.now()).await?)
    }

    /// Makes all scores anew without a rest; answers whether they are shown, which they are
    /// unless a later run began meanwhile.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn grade(&self) -> Result<bool, AnalyticsError> {
        let mut run = self.begin().await?;
        loop {
            match self.step(&mut run).await? {
                Progress::More => {}
                Progress::Done => return Ok(true),
                Progress::Overtaken => return Ok(false),
            }
        }
    }
}
