use crate::{FieldError, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Where our own uploads are found, below the public base URL.
pub const UPLOADS: &str = "/static/uploads/";

/// Most addresses looked for at once: five texts as long as LINE takes them name no more. A
/// draft that does breaks other rules.
const AT_ONCE: usize = 1_500;

/// What is saved names pictures; those of ours are kept for good from then on, and never swept.
#[async_trait]
pub trait PictureUse: Send {
    /// Marks the upload that has a file at this address (`/static/uploads/…`, whichever of its
    /// files) as used since `now`, unless it is marked already. Answers whether there is such an
    /// upload. One that is swept at this very moment is either kept or not there.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn keep(&mut self, address: &str, now: DateTime<Utc>) -> Result<bool, StoreError>;
}

impl dyn PictureUse + '_ {
    /// Keeps every upload of ours that one of these texts names, on whatever host; with each
    /// text comes the field that it is the value of. Answers the fields whose whole value is an
    /// address below [`UPLOADS`] where there is no upload.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    pub async fn keep_all(
        &mut self,
        said: &[(String, &str)],
        now: DateTime<Utc>,
    ) -> Result<Vec<FieldError>, StoreError> {
        // In one order, so that two who save the same pictures never wait for each other.
        let named = said.iter().flat_map(|(_, text)| addresses_in(text));
        let named = named.take(AT_ONCE);
        let mut kept: BTreeMap<&str, bool> = named.map(|address| (address, false)).collect();
        for (address, is_kept) in &mut kept {
            *is_kept = self.keep(address, now).await?;
        }
        let is_missing = |text: &str| {
            text.starts_with(UPLOADS)
                && addresses_in(text)
                    .next()
                    .is_none_or(|address| kept.get(address) != Some(&true))
        };
        let missing = said.iter().filter(|(_, text)| is_missing(text));
        Ok(missing
            .map(|(field, _)| FieldError::new(field, "is no upload of ours"))
            .collect())
    }
}

/// The addresses below [`UPLOADS`] that a text names, without what may follow a path.
fn addresses_in(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(UPLOADS).filter_map(|(start, _)| {
        let rest = text.get(start..)?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_-.".contains(c);
        let end = rest.find(|c| !is_plain(c)).unwrap_or(rest.len());
        let address = rest.get(..end)?.trim_end_matches('.');
        (address.len() > UPLOADS.len()).then_some(address)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_whatever_stands_around_it() {
        let a = "/static/uploads/images/temp/a-1_2.jpg";
        for (text, times) in [
            (a.to_owned(), 1),
            (format!("看https://h.tw{a}?v=1 或 {a}。{a}."), 3),
            (format!("({a})\"{a}\""), 2),
            ("/static/uploads/ https://h.tw/static/b.jpg".to_owned(), 0),
        ] {
            let found: Vec<&str> = addresses_in(&text).collect();
            assert_eq!(found, vec![a; times], "{text}");
        }
    }
}
