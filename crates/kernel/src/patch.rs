/// One field of a partial update: absent is not the same as empty (document 000 §4.3, `PUT`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// The client did not mention the field: keep it.
    #[default]
    Keep,
    /// The client sent `null`: clear it.
    Clear,
    /// The client sent a value.
    Set(T),
}

impl<T> Patch<T> {
    /// What the field holds after the update.
    #[must_use]
    pub fn apply(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Turns the value into another type, leaving *keep* and *clear* as they are.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_map<U, E>(self, f: impl FnOnce(T) -> Result<U, E>) -> Result<Patch<U>, E> {
        Ok(match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(f(value)?),
        })
    }

    /// Whether the client mentioned the field.
    #[must_use]
    pub const fn is_mentioned(&self) -> bool {
        !matches!(self, Self::Keep)
    }
}
