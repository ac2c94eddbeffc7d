use super::{PmsGuest, PmsKind, PmsRow, PmsStay};
use chrono::{DateTime, NaiveDate, Utc};

/// A field that a table may have a column for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PmsField {
    /// Its name, by which a saved profile maps a heading to it.
    pub name: String,
    /// Headings that are known without a profile; width, capitals, blanks, `_` and `-` do not
    /// count.
    pub headings: Vec<String>,
    /// Whether a row is bad without it.
    pub is_required: bool,
}

/// What a row of a table says: names of fields with their text. A field that has no column, or a
/// blank cell, is left out.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RawRow(pub Vec<(String, String)>);

impl std::fmt::Debug for RawRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawRow({} fields)", self.0.len())
    }
}

/// What stands in where a table has no column for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowDefaults {
    /// When the rows changed: the moment of the upload.
    pub updated_at: DateTime<Utc>,
    /// The hotel's present day.
    pub business_date: NaiveDate,
}

/// Reads rows that somebody exported from the hotel's own system, by the same rules as those
/// that come from it directly.
pub trait PmsFormat: Send + Sync {
    /// The fields a table of this kind may have.
    fn fields(&self, kind: PmsKind) -> Vec<PmsField>;

    /// A row of a table of guests.
    fn guest(&self, row: &RawRow, defaults: RowDefaults) -> PmsRow<PmsGuest>;

    /// A row of a table of stays.
    fn stay(&self, row: &RawRow, defaults: RowDefaults) -> PmsRow<PmsStay>;
}
