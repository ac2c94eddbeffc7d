use crate::DatabaseTx;
use crate::dialect::{for_update, marks, pieces, rows, rows_at_once};
use crate::search_terms::search_key;
use crate::sql::{Sql, known, sql};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{MemberId, StayId, StoreError};
use crm_members::{
    Email, FieldEdits, FriendChange, Gender, LineLink, LineState, LineUid, Member, MemberRecord,
    MemberRepository, MemberSource, NewMember, NewStay, Notes, PersonName, Phone, SealedIdNumber,
};
use sea_orm::FromQueryResult;

const COLUMNS: &str = "line_uid, line_display_name, line_picture_url, line_state, followed_at, \
    unfollowed_at, profile_synced_at, first_name, last_name, gender, birthday, email, email_key, \
    phone, phone_key, id_number_sealed, id_number_index, source, accept_marketing, notes, \
    created_at, last_interaction_at, updated_at, field_edits";

#[derive(FromQueryResult)]
struct MemberRow {
    id: i64,
    line_uid: Option<String>,
    line_display_name: Option<String>,
    line_picture_url: Option<String>,
    line_state: Option<String>,
    followed_at: Option<DateTime<Utc>>,
    unfollowed_at: Option<DateTime<Utc>>,
    profile_synced_at: Option<DateTime<Utc>>,
    first_name: Option<String>,
    last_name: Option<String>,
    gender: Option<String>,
    birthday: Option<NaiveDate>,
    email: Option<String>,
    phone: Option<String>,
    id_number_sealed: Option<String>,
    id_number_index: Option<String>,
    source: String,
    accept_marketing: bool,
    notes: Option<String>,
    created_at: DateTime<Utc>,
    last_interaction_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
    field_edits: Option<String>,
    search_key: Option<String>,
}

impl TryFrom<MemberRow> for Member {
    type Error = StoreError;

    fn try_from(row: MemberRow) -> Result<Self, StoreError> {
        let line = match row.line_uid {
            None => None,
            Some(uid) => Some(LineLink {
                uid: LineUid::from_stored(uid),
                display_name: row.line_display_name,
                picture_url: row.line_picture_url,
                state: known(
                    row.line_state.as_deref().and_then(LineState::parse),
                    "LINE state",
                )?,
                followed_at: row.followed_at,
                unfollowed_at: row.unfollowed_at,
                profile_synced_at: row.profile_synced_at,
            }),
        };
        let id_number =
            row.id_number_sealed
                .zip(row.id_number_index)
                .map(|(ciphertext, blind_index)| SealedIdNumber {
                    ciphertext,
                    blind_index,
                });
        let gender = row.gender.as_deref();
        let edits = row.field_edits.as_deref();
        Ok(Self::from_stored(
            MemberId::new(row.id),
            MemberRecord {
                line,
                first_name: row.first_name.map(PersonName::from_stored),
                last_name: row.last_name.map(PersonName::from_stored),
                gender: gender
                    .map(|g| known(Gender::parse(g), "gender"))
                    .transpose()?,
                birthday: row.birthday,
                email: row.email.map(Email::from_stored),
                phone: row.phone.map(Phone::from_stored),
                id_number,
                source: known(MemberSource::parse(&row.source), "source")?,
                accept_marketing: row.accept_marketing,
                notes: row.notes.map(Notes::from_stored),
                created_at: row.created_at,
                last_interaction_at: row.last_interaction_at,
                updated_at: row.updated_at,
                edits: edits
                    .map(|text| known(FieldEdits::from_stored(text), "times of edits"))
                    .transpose()?
                    .unwrap_or_default(),
            },
        ))
    }
}

/// Binds every column of `COLUMNS`, in its order.
fn bind_record(statement: Sql, record: &MemberRecord) -> Sql {
    let line = record.line.as_ref();
    statement
        .bind(line.map(|l| l.uid.as_str()))
        .bind(line.and_then(|l| l.display_name.as_deref()))
        .bind(line.and_then(|l| l.picture_url.as_deref()))
        .bind(line.map(|l| l.state.as_str()))
        .bind(line.and_then(|l| l.followed_at))
        .bind(line.and_then(|l| l.unfollowed_at))
        .bind(line.and_then(|l| l.profile_synced_at))
        .bind(record.first_name.as_ref().map(PersonName::as_str))
        .bind(record.last_name.as_ref().map(PersonName::as_str))
        .bind(record.gender.map(Gender::as_str))
        .bind(record.birthday)
        .bind(record.email.as_ref().map(Email::as_str))
        .bind(record.email.as_ref().map(Email::compare_key))
        .bind(record.phone.as_ref().map(Phone::as_str))
        .bind(record.phone.as_ref().map(Phone::normalised))
        .bind(record.id_number.as_ref().map(|n| n.ciphertext.as_str()))
        .bind(record.id_number.as_ref().map(|n| n.blind_index.as_str()))
        .bind(record.source.as_str())
        .bind(record.accept_marketing)
        .bind(record.notes.as_ref().map(Notes::as_str))
        .bind(record.created_at)
        .bind(record.last_interaction_at)
        .bind(record.updated_at)
        .bind(record.edits.to_stored())
}

impl DatabaseTx {
    async fn find_member(&mut self, condition: Sql) -> Result<Option<Member>, StoreError> {
        Ok(self.find_members(condition).await?.pop())
    }

    /// The members of whom this is true, locked.
    pub(crate) async fn find_members(&mut self, condition: Sql) -> Result<Vec<Member>, StoreError> {
        let rows: Vec<MemberRow> = sql(format!(
            "SELECT id, {COLUMNS}, search_key FROM members WHERE "
        ))
        .join(condition)
        .then(for_update(self.backend()))
        .all(&self.tx)
        .await?;
        let mut members = Vec::with_capacity(rows.len());
        for mut row in rows {
            self.found_keys.insert(row.id, row.search_key.take());
            members.push(Member::try_from(row)?);
        }
        Ok(members)
    }
}

impl DatabaseTx {
    /// Stores a member under a new id, or under one it had before.
    pub(crate) async fn insert_member_as(
        &mut self,
        id: Option<MemberId>,
        record: &MemberRecord,
    ) -> Result<MemberId, StoreError> {
        let places = marks(COLUMNS.split(',').count());
        let key = search_key(record);
        let statement = sql(format!(
            "INSERT INTO members ({COLUMNS}, search_key, id) VALUES ({places}, ?, ?)"
        ));
        let new_id = bind_record(statement, record)
            .bind(key.as_str())
            .bind(id.map(MemberId::get))
            .insert(&self.tx)
            .await?;
        // MySQL names only ids that it gave itself.
        let id = id.unwrap_or_else(|| MemberId::new(new_id));
        self.count_member(id.get(), 1);
        self.reindex(id, None, &key);
        Ok(id)
    }
}

impl DatabaseTx {
    /// Stores members by one statement; answers their new ids in the same order.
    async fn insert_members(
        &mut self,
        records: &[&MemberRecord],
    ) -> Result<Vec<MemberId>, StoreError> {
        let columns = COLUMNS.split(',').count() + 1;
        let keys: Vec<String> = records.iter().map(|record| search_key(record)).collect();
        let insert = sql(format!(
            "INSERT INTO members ({COLUMNS}, search_key) VALUES {}",
            rows(columns, records.len())
        ));
        let bound = records
            .iter()
            .zip(&keys)
            .fold(insert, |insert, (record, key)| {
                bind_record(insert, record).bind(key.as_str())
            });
        let ids = self.insert_and_name(bound, records.len()).await?;
        for (id, key) in ids.iter().zip(&keys) {
            self.count_member(*id, 1);
            self.reindex(MemberId::new(*id), None, key);
        }
        Ok(ids.into_iter().map(MemberId::new).collect())
    }

    /// Runs an `INSERT` of so many rows; answers their ids, which ascend in the order of the rows.
    async fn insert_and_name(&mut self, insert: Sql, n: usize) -> Result<Vec<i64>, StoreError> {
        if !self.is_mysql() {
            let mut ids: Vec<i64> = insert.then(" RETURNING id").ids(&self.tx).await?;
            ids.sort_unstable();
            return Ok(ids);
        }
        // MySQL has no RETURNING. It names the first id; of an insert that lists its rows and
        // none of their ids the others follow it step by step, in every `innodb_autoinc_lock_mode`.
        let first = insert.insert(&self.tx).await?;
        let step = sql("SELECT CAST(@@auto_increment_increment AS SIGNED)")
            .number(&self.tx)
            .await?;
        Ok((first..)
            .step_by(usize::try_from(step).unwrap_or(1))
            .take(n)
            .collect())
    }
}

#[async_trait]
impl MemberRepository for DatabaseTx {
    async fn insert(&mut self, new: &NewMember) -> Result<MemberId, StoreError> {
        self.insert_member_as(None, new.record()).await
    }

    async fn insert_many(&mut self, new: &[NewMember]) -> Result<Vec<MemberId>, StoreError> {
        let mut ids = Vec::with_capacity(new.len());
        for some in pieces(new, rows_at_once(COLUMNS.split(',').count() + 1)) {
            let records: Vec<&MemberRecord> = some.iter().map(NewMember::record).collect();
            ids.extend(self.insert_members(&records).await?);
        }
        Ok(ids)
    }

    async fn find(&mut self, id: MemberId) -> Result<Option<Member>, StoreError> {
        self.find_member(sql("id = ?").bind(id.get())).await
    }

    async fn find_by_line_uid(&mut self, uid: &LineUid) -> Result<Option<Member>, StoreError> {
        self.find_member(sql("line_uid = ?").bind(uid.as_str()))
            .await
    }

    async fn id_number_taken(
        &mut self,
        blind_indexes: &[String],
        except: Option<MemberId>,
    ) -> Result<bool, StoreError> {
        if blind_indexes.is_empty() {
            return Ok(false);
        }
        sql(format!(
            "SELECT id FROM members WHERE id_number_index IN ({}) AND id <> ?",
            marks(blind_indexes.len())
        ))
        .bind_all(blind_indexes.iter().map(String::as_str))
        .bind(except.map_or(0, MemberId::get))
        .any(&self.tx)
        .await
    }

    async fn update(&mut self, member: &Member) -> Result<(), StoreError> {
        let assignments: Vec<String> = COLUMNS
            .split(',')
            .map(|column| format!("{} = ?", column.trim()))
            .collect();
        let before = self.stored_key(member.id()).await?;
        let key = search_key(member.record());
        let statement = sql(format!(
            "UPDATE members SET {}, search_key = ?",
            assignments.join(", ")
        ));
        let changed = bind_record(statement, member.record())
            .bind(key.as_str())
            .then(" WHERE id = ?")
            .bind(member.id().get())
            .run(&self.tx)
            .await?;
        if changed == 0 {
            return Err(StoreError::Reference);
        }
        self.reindex(member.id(), before.as_deref(), &key);
        Ok(())
    }

    async fn note_friend(&mut self, id: MemberId, change: FriendChange) -> Result<(), StoreError> {
        sql("INSERT INTO friend_changes (member_id, follows, changed_at) VALUES (?, ?, ?)")
            .bind(id.get())
            .bind(change.follows)
            .bind(change.at)
            .run(&self.tx)
            .await?;
        Ok(())
    }

    async fn delete(&mut self, id: MemberId) -> Result<bool, StoreError> {
        self.keep_figures_of(id).await?;
        self.forget_terms(id).await?;
        self.forget_told(id).await?;
        let deleted = sql("DELETE FROM members WHERE id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        if deleted > 0 {
            self.count_member(id.get(), -1);
        }
        Ok(deleted > 0)
    }

    async fn insert_stay(&mut self, new: &NewStay) -> Result<StayId, StoreError> {
        self.store_stay(new).await
    }
}
