use crate::FieldError;

/// Collects every broken rule of an input, so that the client sees all of them at once.
///
/// ```
/// let mut problems = crm_kernel::Problems::default();
/// problems.check(false, "title", "must not be empty");
/// assert_eq!(problems.into_result().unwrap_err()[0].field, "title");
/// ```
#[derive(Debug, Default)]
pub struct Problems(Vec<FieldError>);

impl Problems {
    /// Notes a broken rule.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError::new(field, message));
    }

    /// Notes `message` unless `ok`; answers `ok`.
    pub fn check(&mut self, ok: bool, field: &str, message: &str) -> bool {
        if !ok {
            self.add(field, message);
        }
        ok
    }

    /// Keeps the value, or notes why there is none.
    pub fn keep<T>(&mut self, field: &str, result: Result<T, impl Into<String>>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(message) => {
                self.add(field, message);
                None
            }
        }
    }

    /// Takes over problems found elsewhere.
    pub fn extend(&mut self, more: impl IntoIterator<Item = FieldError>) {
        self.0.extend(more);
    }

    /// Whether no rule was broken so far.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` when no rule was broken.
    ///
    /// # Errors
    /// All broken rules, in the order they were found.
    pub fn into_result(self) -> Result<(), Vec<FieldError>> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.0)
        }
    }
}
