use crate::AnalyticsError;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{Clock, Figure, HotelTime, Job, Lane, StoreError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How often it is compared anew because somebody else mended.
const TRIES: u32 = 3;

/// A kept figure that is not what its rows come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which figure.
    pub figure: Figure,
    /// The campaign, rule or tag; 0 is all of them.
    pub subject: i64,
    /// The hotel day, or the first of the month.
    pub day: NaiveDate,
    /// Whether it is the sum of that month; then `counted` is what its days come to as they are
    /// kept, which a mended day moves as well.
    pub is_month: bool,
    /// What is kept.
    pub kept: i64,
    /// What the rows come to.
    pub counted: i64,
}

/// Figures and rows, compared as of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Counts how often figures were mended; tells whether somebody else did since.
    pub version: i64,
    /// Every figure that is not what its rows come to.
    pub differences: Vec<Difference>,
}

/// By which days the figures were counted, if they were ever compared with the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FiguresState {
    /// Name of the time zone.
    pub time_zone: Option<String>,
}

/// Compares kept figures with the rows that they count, and mends them.
#[async_trait]
pub trait FigureRows: Send + Sync {
    /// Every figure that is not what its rows come to. Rows and figures are read as of one
    /// moment, so that whoever goes on writing meanwhile makes no difference.
    ///
    /// # Errors
    /// The storage's.
    async fn compare(&self) -> Result<Comparison, StoreError>;

    /// Moves each figure by what it is short of, all at once, so that what others add meanwhile
    /// stays, and notes by which days they are counted now. Does nothing when somebody else
    /// has mended since the comparison: answers whether it was done.
    ///
    /// # Errors
    /// The storage's.
    async fn mend(
        &self,
        comparison: &Comparison,
        zone: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// By which days the figures were counted.
    ///
    /// # Errors
    /// The storage's.
    async fn state(&self) -> Result<FiguresState, StoreError>;
}

/// Count the figures anew if they were never counted, or by the days of another zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecountFigures {}

impl Job for RecountFigures {
    const NAME: &'static str = "analytics.recount_figures";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 5;
}

/// Keeps the figures true to their rows.
#[derive(Clone)]
pub struct FigureRebuild {
    rows: Arc<dyn FigureRows>,
    clock: Arc<dyn Clock>,
    hotel: HotelTime,
}

impl FigureRebuild {
    /// Compares by the days of `hotel`.
    #[must_use]
    pub fn new(rows: Arc<dyn FigureRows>, clock: Arc<dyn Clock>, hotel: HotelTime) -> Self {
        Self { rows, clock, hotel }
    }

    /// Every figure that is not what its rows come to; none, if all is well.
    ///
    /// # Errors
    /// The storage's.
    pub async fn check(&self) -> Result<Vec<Difference>, AnalyticsError> {
        Ok(self.rows.compare().await?.differences)
    }

    /// Makes every figure what its rows come to; answers what was not. Others may go on
    /// writing, and mend at the same time: whoever comes second compares again.
    ///
    /// # Errors
    /// The storage's; `Busy` when others mend all the time.
    pub async fn rebuild(&self) -> Result<Vec<Difference>, AnalyticsError> {
        for _ in 0..TRIES {
            let comparison = self.rows.compare().await?;
            let (zone, now) = (self.hotel.name(), self.clock.now());
            if self.rows.mend(&comparison, zone, now).await? {
                return Ok(comparison.differences);
            }
        }
        Err(StoreError::Busy("others mend the figures all the time".into()).into())
    }

    /// Rebuilds if the figures were never counted, or by the days of another zone.
    ///
    /// # Errors
    /// The storage's.
    pub async fn rebuild_if_due(&self) -> Result<(), AnalyticsError> {
        let state = self.rows.state().await?;
        if state.time_zone.as_deref() == Some(self.hotel.name()) {
            return Ok(());
        }
        let mended = self.rebuild().await?.len();
        tracing::info!(
            mended,
            zone = self.hotel.name(),
            "figures were counted anew"
        );
        Ok(())
    }
}
