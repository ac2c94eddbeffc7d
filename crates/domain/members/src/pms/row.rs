/// What is wrong with a row, or with one field of it: nothing of what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// The field, as the source names it.
    pub field: String,
    /// What is wrong, safe to show.
    pub reason: String,
}

impl RowFault {
    /// A fault of this field.
    #[must_use]
    pub fn new(field: &str, reason: &str) -> Self {
        Self {
            field: field.to_owned(),
            reason: reason.to_owned(),
        }
    }
}

/// What a row comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowSays<T> {
    /// Something to take over.
    Row(Box<T>),
    /// Nothing that concerns a guest (a folio on a virtual room): passed over in silence.
    Nothing,
    /// A row that cannot be used; the others can.
    Bad(RowFault),
}

/// One row of a source, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PmsRow<T> {
    /// By what the source's own screens find it: guest code or order number; empty where even
    /// that is missing.
    pub key: String,
    /// What it comes to.
    pub says: RowSays<T>,
    /// Fields that could not be read and were dropped; the row lives.
    pub warnings: Vec<RowFault>,
}
