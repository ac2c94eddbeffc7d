use crate::{Chart, Table};

/// A figure that is shown large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// What it is.
    pub label: String,
    /// The figure as people write it: `12,458`, `68.5%`.
    pub value: String,
    /// Percent more or less than in the period before, in tenths.
    pub change: Option<i64>,
}

/// A report to be printed: a title, tiles, charts and tables, on as many pages as it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    /// Its title.
    pub title: String,
    /// What it is about: the period, the campaign.
    pub subtitle: String,
    /// When it was made, as people write it.
    pub made_at: String,
    /// Figures at its head.
    pub tiles: Vec<Tile>,
    /// Pictures below them.
    pub charts: Vec<Chart>,
    /// Tables at its end.
    pub tables: Vec<Table>,
    /// A remark in small letters at the end, such as how a figure is defined.
    pub remarks: Vec<String>,
}
