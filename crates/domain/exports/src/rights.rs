use crate::NewExport;

/// What a user may have at this moment, whatever they might when they asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Files to take away.
    pub exports: bool,
    /// Identity numbers, masked or not.
    pub id_numbers: bool,
}

impl Rights {
    /// Whether they may have this file.
    #[must_use]
    pub const fn allow(self, file: &NewExport) -> bool {
        self.exports && (self.id_numbers || !file.shows_id_numbers)
    }
}
