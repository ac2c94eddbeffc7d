use crate::{Cell, CellKind};

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What stands above it, in the words of the hotel.
    pub heading: String,
    /// What stands in it.
    pub kind: CellKind,
    /// How wide it is shown, in characters of an ordinary text.
    pub width: u16,
}

impl Column {
    /// A column of the usual width for what stands in it.
    #[must_use]
    pub fn new(heading: &str, kind: CellKind) -> Self {
        let width = match kind {
            CellKind::Text => 24,
            CellKind::Time => 20,
            CellKind::Money => 14,
            CellKind::Number | CellKind::Percent | CellKind::Day => 12,
        };
        Self {
            heading: heading.to_owned(),
            kind,
            width,
        }
    }

    /// The same column, so many characters wide.
    #[must_use]
    pub const fn wide(mut self, width: u16) -> Self {
        self.width = width;
        self
    }
}

/// A sheet to be filled row by row, with as many cells in each as there are columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The name on its tab, at most 31 characters.
    pub name: String,
    /// Its columns, left to right.
    pub columns: Vec<Column>,
}

/// A table that is small enough to be had at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What stands above it.
    pub title: String,
    /// Its columns, left to right.
    pub columns: Vec<Column>,
    /// Its rows, with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
}
