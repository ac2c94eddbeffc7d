use crate::http::problem::ApiError;
use crm_kernel::Patch;
use serde::{Deserialize, Deserializer};

/// Reads a field of a partial update; with `#[serde(default)]`, absent is not null.
pub(crate) fn patch<'de, T, D>(deserializer: D) -> Result<Patch<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let value = Option::<T>::deserialize(deserializer)?;
    Ok(value.map_or(Patch::Clear, Patch::Set))
}

/// The same change of another type.
pub(crate) fn mapped<T, U>(patch: Patch<T>, map: impl FnOnce(T) -> U) -> Patch<U> {
    match patch {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(value) => Patch::Set(map(value)),
    }
}

/// The new value of a field that cannot be empty.
pub(crate) fn required<T>(field: &str, patch: Patch<T>) -> Result<Option<T>, ApiError> {
    match patch {
        Patch::Keep => Ok(None),
        Patch::Set(value) => Ok(Some(value)),
        Patch::Clear => Err(ApiError::invalid_field(field, "must not be null")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Change {
        #[serde(default, deserialize_with = "patch")]
        name: Patch<String>,
    }

    fn name(json: &str) -> Patch<String> {
        serde_json::from_str::<Change>(json).unwrap().name
    }

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        assert_eq!(name("{}"), Patch::Keep);
        assert_eq!(name(r#"{"name": null}"#), Patch::Clear);
        assert_eq!(name(r#"{"name": ""}"#), Patch::Set(String::new()));
    }

    #[test]
    fn what_cannot_be_empty_cannot_be_null() {
        assert_eq!(required("title", Patch::Set(1)).unwrap(), Some(1));
        assert_eq!(required::<u8>("title", Patch::Keep).unwrap(), None);
        let refused = required::<u8>("title", Patch::Clear).unwrap_err();
        assert_eq!(refused.field_names(), "title");
    }
}
