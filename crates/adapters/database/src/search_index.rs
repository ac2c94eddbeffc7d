//! Keeps `member_search_terms` equal to what members are called, in their own transaction.

use crate::dialect::{for_update, marks};
use crate::errors::store_error;
use crate::search_terms::{search_key, terms};
use crate::sql::sql;
use crate::{Database, DatabaseTx};
use crm_kernel::{MemberId, StoreError};
use crm_members::Member;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Members indexed in one transaction.
const CHUNK: i64 = 500;

/// Terms in one statement.
const TERMS_AT_ONCE: usize = 500;

#[derive(FromQueryResult)]
struct KeyRow {
    search_key: Option<String>,
}

impl DatabaseTx {
    /// The key under which this member's terms are stored; `None` when there are none yet.
    pub(crate) async fn stored_key(&mut self, id: MemberId) -> Result<Option<String>, StoreError> {
        if let Some(key) = self.found_keys.get(&id.get()) {
            return Ok(key.clone());
        }
        // Locked, as the terms to go are those of this key.
        let row: Option<KeyRow> = sql("SELECT search_key FROM members WHERE id = ?")
            .bind(id.get())
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
        Ok(row.and_then(|row| row.search_key))
    }

    /// Makes a member's terms those of `after`; only what differs is written, with the commit.
    pub(crate) fn reindex(&mut self, id: MemberId, before: Option<&str>, after: &str) {
        self.found_keys.insert(id.get(), Some(after.to_owned()));
        if before == Some(after) {
            return;
        }
        let old = before.map(terms).unwrap_or_default();
        let new = terms(after);
        for term in &old - &new {
            self.changed_terms.insert((term, id.get()), false);
        }
        for term in &new - &old {
            self.changed_terms.insert((term, id.get()), true);
        }
    }

    /// Takes a member out of the index.
    pub(crate) async fn forget_terms(&mut self, id: MemberId) -> Result<(), StoreError> {
        for term in self
            .stored_key(id)
            .await?
            .map(|key| terms(&key))
            .unwrap_or_default()
        {
            self.changed_terms.insert((term, id.get()), false);
        }
        self.found_keys.remove(&id.get());
        Ok(())
    }

    /// Writes the changed terms of all members together: in the order of the key, which is
    /// kinder to its pages.
    pub(crate) async fn write_terms(&mut self) -> Result<(), StoreError> {
        let mut gone: BTreeMap<i64, Vec<Vec<u8>>> = BTreeMap::new();
        let mut new = Vec::new();
        for ((term, id), is_new) in std::mem::take(&mut self.changed_terms) {
            if is_new {
                new.push((term, id));
            } else {
                gone.entry(id).or_default().push(term);
            }
        }
        for (id, terms) in gone {
            self.delete_terms(id, &terms).await?;
        }
        self.insert_terms(&new).await
    }

    async fn delete_terms(&self, id: i64, gone: &[Vec<u8>]) -> Result<(), StoreError> {
        for chunk in gone.chunks(TERMS_AT_ONCE) {
            sql(format!(
                "DELETE FROM member_search_terms WHERE member_id = ? AND term IN ({})",
                marks(chunk.len())
            ))
            .bind(id)
            .bind_all(chunk.iter().cloned())
            .run(&self.tx)
            .await?;
        }
        Ok(())
    }

    async fn insert_terms(&self, rows: &[(Vec<u8>, i64)]) -> Result<(), StoreError> {
        for chunk in rows.chunks(TERMS_AT_ONCE) {
            if self.is_mysql() {
                self.insert_literals(chunk).await?;
            } else {
                self.insert_as_json(chunk).await?;
            }
        }
        Ok(())
    }

    async fn insert_literals(&self, rows: &[(Vec<u8>, i64)]) -> Result<(), StoreError> {
        let mut text =
            "INSERT IGNORE INTO member_search_terms (term, member_id) VALUES ".to_owned();
        for (place, (term, id)) in rows.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{comma}(x'{}',{id})", hex(term));
        }
        self.tx
            .execute_unprepared(&text)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    /// One text for all: a connection to SQLite keeps whatever it was told, prepared, and literals
    /// would be megabytes of it.
    async fn insert_as_json(&self, rows: &[(Vec<u8>, i64)]) -> Result<(), StoreError> {
        let mut json = "[".to_owned();
        for (place, (term, id)) in rows.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let _ = write!(json, "{comma}[\"{}\",{id}]", hex(term));
        }
        json.push(']');
        sql(
            "INSERT OR IGNORE INTO member_search_terms (term, member_id) \
             SELECT unhex(json_extract(value, '$[0]')), json_extract(value, '$[1]') \
             FROM json_each(?)",
        )
        .bind(json)
        .run(&self.tx)
        .await?;
        Ok(())
    }
}

/// Bytes as a literal. Hundreds of values of a prepared statement take several times as long as
/// the rows themselves, and each number of rows would be prepared anew.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

impl Database {
    /// Indexes the members that are not indexed yet: those stored by the release before this
    /// index. Answers how many there were. Must be called whenever the schema was brought up,
    /// before lists are served; costs one look when nothing is missing, may be cut off and be
    /// run by several processes at once.
    ///
    /// # Errors
    /// The storage's; what is done stays done.
    pub async fn index_members(&self) -> Result<u64, StoreError> {
        let mut done = 0;
        loop {
            let indexed = self.index_some().await?;
            if indexed == 0 {
                return Ok(done);
            }
            done += indexed;
        }
    }

    async fn index_some(&self) -> Result<u64, StoreError> {
        let missing = sql("SELECT id FROM members WHERE search_key IS NULL ORDER BY id LIMIT ?")
            .bind(CHUNK)
            .ids::<i64>(&self.pool)
            .await?;
        if missing.is_empty() {
            return Ok(0);
        }
        let mut tx = self.begin_tx().await?;
        let members: Vec<Member> = tx
            .find_members(
                sql(format!(
                    "search_key IS NULL AND id IN ({})",
                    marks(missing.len())
                ))
                .bind_all(missing.iter().copied()),
            )
            .await?;
        for member in &members {
            let key = search_key(member.record());
            tx.reindex(member.id(), None, &key);
            sql("UPDATE members SET search_key = ? WHERE id = ?")
                .bind(key)
                .bind(member.id().get())
                .run(&tx.tx)
                .await?;
        }
        tx.finish().await?;
        Ok(missing.len() as u64)
    }
}
