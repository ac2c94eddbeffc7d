//! Which guests are worth most: each guest with at least one stay that took place gets three
//! scores from 1 to 5, for how lately, how often and for how much they stayed.
//!
//! A score is 1 plus the whole fifths of guests who do worse (see [`Borders`]), so guests who do
//! equally well always have the same score, and whoever does better never has a lower one. The
//! lowest always have 1; the best have less than 5 where more than a fifth of all are as good.
//! The scores are made anew each night, all at once, in a new generation of rows that is shown
//! when it is whole.

mod borders;
mod generations;
mod grading;
mod grid;
mod jobs;
mod measures;
mod service;

pub use borders::{Borders, RfmBorders};
pub use generations::{RfmGeneration, RfmGenerations, Stretch};
pub use grading::{Grading, Progress};
pub use grid::{KeptCell, KeptGrid, RfmCell, RfmGrid, RfmSegmentSum, RfmSum};
pub use jobs::GradeGuests;
pub use measures::{RfmMeasures, grade};
pub use service::{Rfm, RfmQueries};
