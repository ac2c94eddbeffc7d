//! Reports: what is read of the kept figures, and the comparison with the rows they count.

mod months;
mod queries;
mod rebuild;
mod rows;

pub(crate) use queries::{best_of, days_of, subjects_of, sums_of};
