//! Making the files that staff take away: rows are gathered page by page and written as they
//! come, figures are laid out on paper.
//!
//! Whoever makes a file begins from the very start, under a name of their own, and only a whole
//! file is ever named by its row. Whoever dies leaves half a file that nobody names, and a job
//! that is run again.

mod error;
mod lists;
mod make;
mod pages;
mod papers;
mod sheets;
mod words;

pub use error::ReportError;

use crm_analytics::Analytics;
use crm_exports::{ExportRows, Exports};
use crm_kernel::IdGenerator;
use crm_members::IdNumberVault;
use std::sync::Arc;

/// What making files is plugged into.
#[derive(Clone)]
pub struct Reports {
    /// The files and who asked for them.
    pub exports: Exports,
    /// Rows.
    pub rows: Arc<dyn ExportRows>,
    /// Figures.
    pub analytics: Analytics,
    /// Opens identity numbers, to mask them.
    pub vault: Arc<dyn IdNumberVault>,
    /// Names that nobody guesses.
    pub ids: Arc<dyn IdGenerator>,
    /// Rows read at a time.
    pub rows_at_once: u32,
}

impl Reports {
    /// Rows read at a time, unless somebody says otherwise.
    pub const ROWS_AT_ONCE: u32 = 2_000;
}
