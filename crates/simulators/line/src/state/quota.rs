//! The monthly cap on recipients.

/// What may be sent, and what was.
#[derive(Debug)]
pub(crate) struct Quota {
    pub limit: Option<u64>,
    pub used: u64,
}

impl Quota {
    /// Takes `recipients` off the quota, or nothing at all when that many do not fit.
    pub(crate) fn take(&mut self, recipients: u64) -> bool {
        if self
            .limit
            .is_some_and(|limit| self.used + recipients > limit)
        {
            return false;
        }
        self.used += recipients;
        true
    }
}
