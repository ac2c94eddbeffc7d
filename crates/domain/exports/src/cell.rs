use chrono::{NaiveDate, NaiveDateTime};

/// What stands in one place of a sheet.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words of anybody's: never a formula, whatever they begin with.
    Text(String),
    /// A count.
    Number(i64),
    /// An amount, in hundredths.
    Money(i64),
    /// Percent, in tenths.
    Percent(i64),
    /// A hotel day.
    Day(NaiveDate),
    /// A moment on the hotel's wall clock, shown to the second.
    Time(NaiveDateTime),
}

/// What stands in the cells of a column, apart from nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// Words.
    Text,
    /// Counts.
    Number,
    /// Amounts.
    Money,
    /// Percent.
    Percent,
    /// Hotel days.
    Day,
    /// Moments.
    Time,
}

impl From<Option<String>> for Cell {
    fn from(words: Option<String>) -> Self {
        words.map_or(Self::Empty, Self::Text)
    }
}

impl From<&str> for Cell {
    fn from(words: &str) -> Self {
        Self::Text(words.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(n: i64) -> Self {
        Self::Number(n)
    }
}
