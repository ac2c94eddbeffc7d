use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// More rows are no page.
pub(crate) const MOST_ROWS: usize = 2_000;
/// More entries are no row and no envelope; the rest is not looked at.
const MOST_ENTRIES: usize = 500;
/// How often `data` may stand within `data`.
const MOST_NESTED: usize = 3;

/// An object of the vendor's, nothing below it read yet.
pub(crate) struct Entries<'a>(Vec<(String, &'a RawValue)>);

/// What one entry holds.
pub(crate) enum Scalar {
    Absent,
    Text(String),
    Unreadable,
}

/// The rows of a page.
pub(crate) struct Items<'a>(pub(crate) Vec<&'a RawValue>);

impl<'a> Entries<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// An entry; `null` is none.
    pub(crate) fn get(&self, key: &str) -> Option<&'a RawValue> {
        let mut said = self.0.iter().filter(|(_, value)| value.get() != "null");
        let (_, value) = said.find(|(k, _)| k.eq_ignore_ascii_case(key))?;
        Some(*value)
    }

    /// An entry that should be a text, a number, or a yes or no.
    pub(crate) fn scalar(&self, key: &str) -> Scalar {
        let Some(raw) = self.get(key) else {
            return Scalar::Absent;
        };
        match raw.get().as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw.get()).map_or(Scalar::Unreadable, Scalar::Text),
            Some(b'{' | b'[') | None => Scalar::Unreadable,
            Some(_) => Scalar::Text(raw.get().to_owned()),
        }
    }

    /// The text of an entry, if it has one that says something.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        match self.scalar(key) {
            Scalar::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

    /// What `data` holds, however often it is wrapped.
    pub(crate) fn data(&self) -> Option<Self> {
        let mut found = Self::parse(self.get("data")?.get())?;
        for _ in 0..MOST_NESTED {
            if found.get("items").is_some() {
                break;
            }
            match found.get("data").and_then(|inner| Self::parse(inner.get())) {
                Some(inner) => found = inner,
                None => break,
            }
        }
        Some(found)
    }

    /// The rows.
    pub(crate) fn items(&self) -> Option<Items<'a>> {
        serde_json::from_str(self.get("items")?.get()).ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Look<'a> {
            type Value = Entries<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while entries.len() < MOST_ENTRIES {
                    let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? else {
                        return Ok(Entries(entries));
                    };
                    entries.push((key, value));
                }
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Look(std::marker::PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Look<'a> {
            type Value = Items<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut rows = Vec::new();
                while let Some(row) = list.next_element::<&'de RawValue>()? {
                    if rows.len() == MOST_ROWS {
                        return Err(A::Error::custom("too many rows"));
                    }
                    rows.push(row);
                }
                Ok(Items(rows))
            }
        }
        deserializer.deserialize_seq(Look(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_whatever_their_capitals_and_however_often_data_is_wrapped() {
        for body in [
            r#"{"data":{"items":[{},{}]}}"#,
            r#"{"Data":{"data":{"Items":[{},{}]}}}"#,
            r#"{"DATA":{"data":{"data":{"items":[1,"x"]}},"total":2}}"#,
        ] {
            let data = Entries::parse(body).unwrap().data().unwrap();
            assert_eq!(data.items().unwrap().0.len(), 2, "{body}");
        }
    }

    #[test]
    fn a_page_has_so_many_rows_and_no_more() {
        let body = |rows: usize| format!(r#"{{"items":[{}0]}}"#, "0,".repeat(rows - 1));
        let (fits, too_many) = (body(MOST_ROWS), body(MOST_ROWS + 1));
        assert!(Entries::parse(&fits).unwrap().items().is_some());
        assert!(Entries::parse(&too_many).unwrap().items().is_none());
    }

    #[test]
    fn what_is_damaged_or_nested_is_one_unreadable_entry() {
        let body = r#"{"a":"\ud800","b":{"c":1},"d":1e999,"e":null,"f":true}"#;
        let entries = Entries::parse(body).unwrap();
        assert!(matches!(entries.scalar("a"), Scalar::Unreadable));
        assert!(matches!(entries.scalar("b"), Scalar::Unreadable));
        assert!(matches!(entries.scalar("d"), Scalar::Text(t) if t == "1e999"));
        assert!(matches!(entries.scalar("e"), Scalar::Absent));
        assert!(matches!(entries.scalar("f"), Scalar::Text(t) if t == "true"));
    }
}
