//! Rows that were added, changed, or taken away since the start: the only ones in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use super::row::Row;

/// When a row changed, and its key: the order of rows.
pub(crate) type Place = (i64, String);

#[derive(Debug, Clone, Default)]
pub(crate) struct Changed {
    rows: BTreeMap<Place, Row>,
    places: HashMap<String, i64>,
    /// Rows from the start that are no longer what they were.
    replaced: BTreeSet<usize>,
}

impl Changed {
    pub(crate) fn get(&self, key: &str) -> Option<&Row> {
        let at = *self.places.get(key)?;
        self.rows.get(&(at, key.to_owned()))
    }

    pub(crate) fn is_replaced(&self, index: usize) -> bool {
        self.replaced.contains(&index)
    }

    pub(crate) fn replaced(&self) -> usize {
        self.replaced.len()
    }

    /// Puts a row in the place of what has its key.
    pub(crate) fn put(&mut self, row: Row, index: Option<usize>) {
        self.remove(&row.key, index);
        self.places.insert(row.key.clone(), row.changed_at);
        self.rows.insert((row.changed_at, row.key.clone()), row);
    }

    pub(crate) fn remove(&mut self, key: &str, index: Option<usize>) {
        self.replaced.extend(index);
        if let Some(at) = self.places.remove(key) {
            self.rows.remove(&(at, key.to_owned()));
        }
    }

    /// Rows behind `after`, or from `since` on.
    pub(crate) fn from(&self, since: i64, after: Option<&Place>) -> impl Iterator<Item = &Row> {
        let start = match after {
            Some(place) => Bound::Excluded(place.clone()),
            None => Bound::Included((since, String::new())),
        };
        self.rows
            .range((start, Bound::Unbounded))
            .map(|(_, row)| row)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }
}
