//! What the messages brought: figures per hotel day, rates, what compares them with the time
//! before, what bookings a campaign led to, and which guests are worth most.
//!
//! Screens read kept figures, never the rows they count; the figures move in the transaction of
//! the rows (`crm_kernel::Figures`).

mod conversions;
mod error;
mod metric;
mod period;
mod ports;
mod rate;
mod rebuild;
mod rfm;
mod service;
mod views;

pub use conversions::{
    BookedStay, Brought, BroughtStay, Changes, Conversion, ConversionQueries, ConversionRepository,
    Conversions, ConversionsTx, CountConversions, GuestHistory, Marked, RecheckConversions, SentTo,
    changes_between, conversions_of,
};
pub use error::AnalyticsError;
pub use metric::Metric;
pub use period::Period;
pub use ports::{AnalyticsQueries, DayCount, SubjectCount};
pub use rate::{Rate, change_of_counts, change_of_rates};
pub use rebuild::{
    Comparison, Difference, FigureRebuild, FigureRows, FiguresState, RecountFigures,
};
pub use rfm::{
    Borders, GradeGuests, Grading, KeptCell, KeptGrid, Progress, Rfm, RfmBorders, RfmCell,
    RfmGeneration, RfmGenerations, RfmGrid, RfmMeasures, RfmQueries, RfmSegmentSum, RfmSum,
    Stretch, grade,
};
pub use service::Analytics;
pub use views::{
    CampaignPerformance, CampaignSums, DaySeries, FriendDay, Funnel, Overview, RulePerformance,
    TagShare, Trends,
};
