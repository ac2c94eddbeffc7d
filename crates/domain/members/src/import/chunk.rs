use super::known::{Known, Match};
use super::plan::PlannedRow;
use super::row::ImportRow;
use super::run::overtaken;
use super::{CandidateKeys, Import, ImportStatus, RowError};
use crate::{Email, MemberError, MemberRecord, MemberSource, Members, MembersTx, NewMember, Phone};
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, AuditEntry, ImportId, MemberId};

/// Rows of one unit of work.
const CHUNK: usize = 500;
/// Errors kept of one import; staff who see a thousand mend the file.
const KEPT_ERRORS: u64 = 1_000;

impl Members {
    /// Reads the next rows of an import in one unit of work. Answers whether there may be more.
    pub(super) async fn import_chunk(
        &self,
        id: ImportId,
        warnings: &[RowError],
        rows: &[PlannedRow],
        rehearsed: &mut Known,
    ) -> Result<bool, MemberError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let import = tx.imports().find(id).await?;
        let mut import = import.ok_or(MemberError::ImportNotFound)?;
        if !import.status.is_open() {
            return Ok(false);
        }
        if import.dry_run && import.processed_rows != rehearsed.rows {
            return Err(overtaken());
        }
        let start = usize::try_from(import.processed_rows).unwrap_or(usize::MAX);
        let chunk = rows.get(start..).unwrap_or_default();
        let chunk = &chunk[..chunk.len().min(CHUNK)];
        let mut errors = Vec::new();
        if import.status == ImportStatus::Pending {
            errors.extend_from_slice(warnings);
        }

        let mut fresh = Known::default();
        let known = if import.dry_run {
            &mut *rehearsed
        } else {
            &mut fresh
        };
        for member in tx.imports().candidates(&self.keys(chunk)).await? {
            known.put_stored(member);
        }
        for row in chunk {
            let wrong = match &row.says {
                Ok(says) => {
                    self.import_row(&mut *tx, &mut import, known, says, now)
                        .await?
                }
                Err(_) => None,
            };
            if let Err(several) = &row.says {
                errors.extend_from_slice(several);
                import.counts.failed += 1;
            } else if let Some((field, message)) = wrong {
                errors.push(RowError {
                    row: row.number,
                    field: field.to_owned(),
                    message: message.to_owned(),
                });
                import.counts.failed += 1;
            }
        }
        tx.imports().insert_errors(id, &errors, KEPT_ERRORS).await?;
        import.advance(chunk.len() as u64, rows.len() as u64, now);
        tx.imports().update(&import).await?;
        tx.commit().await?;
        rehearsed.rows = import.processed_rows;
        Ok(import.status.is_open())
    }

    fn keys(&self, chunk: &[PlannedRow]) -> CandidateKeys {
        let mut keys = CandidateKeys::default();
        for row in chunk.iter().filter_map(|row| row.says.as_ref().ok()) {
            let number = row.id_number.as_ref();
            keys.id_indexes
                .extend(number.into_iter().flat_map(|n| self.vault.blind_indexes(n)));
            keys.phones
                .extend(row.phone.as_ref().map(Phone::normalised));
            keys.emails
                .extend(row.email.as_ref().map(Email::compare_key));
        }
        keys
    }

    /// Makes or changes the member a row is about; answers what is wrong with the row.
    async fn import_row(
        &self,
        tx: &mut dyn MembersTx,
        import: &mut Import,
        known: &mut Known,
        row: &ImportRow,
        now: DateTime<Utc>,
    ) -> Result<Option<(&'static str, &'static str)>, MemberError> {
        let number = row.id_number.as_ref();
        let id_indexes = number.map_or_else(Vec::new, |n| self.vault.blind_indexes(n));
        let found = match known.find(row, &id_indexes) {
            Match::Ambiguous => return Ok(Some(("name", "ambiguous"))),
            Match::One(place) => known.at(place).cloned(),
            Match::Nobody => None,
        };
        let Some(mut member) = found else {
            let blank = MemberRecord::of_source(MemberSource::System, now);
            let record = self.said(row, blank, now)?;
            let new = NewMember::new(record);
            import.counts.created += 1;
            let id = if import.dry_run {
                // Nobody has such an id.
                let nth = i64::try_from(import.counts.created).unwrap_or(i64::MAX);
                MemberId::new(-nth)
            } else {
                let id = tx.members().insert(&new).await?;
                let entry = entry(import, now, "member.created", id);
                let entry = entry.born(self.facts(new.record()));
                tx.audit().record(entry).await?;
                id
            };
            known.put(new.stored_as(id));
            return Ok(None);
        };
        let old = member.record().clone();
        let record = self.said(row, old.clone(), now)?;
        if !member.become_record(record, now) {
            import.counts.unchanged += 1;
            return Ok(None);
        }
        import.counts.updated += 1;
        if !import.dry_run {
            tx.members().update(&member).await?;
            let entry = entry(import, now, "member.updated", member.id());
            let entry = self.with_changes(entry, &old, member.record());
            tx.audit().record(entry).await?;
        }
        known.put(member);
        Ok(None)
    }

    /// The record with what the row says; what it does not say stays, and consent can only be
    /// withdrawn from somebody who is known.
    fn said(
        &self,
        row: &ImportRow,
        old: MemberRecord,
        now: DateTime<Utc>,
    ) -> Result<MemberRecord, MemberError> {
        let before = old.clone();
        let id_number = match (&old.id_number, &row.id_number) {
            // A row is never about somebody with another number, and the same number is not
            // sealed anew.
            (Some(sealed), _) => Some(sealed.clone()),
            (None, Some(number)) => Some(self.vault.seal(number)?),
            (None, None) => None,
        };
        let said = row.clone();
        let record = MemberRecord {
            first_name: said.first_name.or(old.first_name),
            last_name: said.last_name.or(old.last_name),
            gender: said.gender.or(old.gender),
            birthday: said.birthday.or(old.birthday),
            email: said.email.or(old.email),
            phone: said.phone.or(old.phone),
            id_number,
            accept_marketing: old.accept_marketing && said.accept_marketing.unwrap_or(true),
            notes: said.notes.or(old.notes),
            ..old
        };
        Ok(record.edited_since(&before, now))
    }
}

/// What a row did, in the name of whoever began the import.
fn entry(import: &Import, now: DateTime<Utc>, action: &'static str, id: MemberId) -> AuditEntry {
    let by = import.created_by;
    let actor = by.map_or(Actor::System, |id| Actor::User { id });
    AuditEntry::new(&actor, now, action, "member", id.get()).with("import_id", import.id.get())
}
