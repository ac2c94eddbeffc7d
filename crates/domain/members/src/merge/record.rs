//! What undoing a merge needs, as the JSON of `member_merges.record`.

use super::TaggedAt;
use crate::{
    Email, FieldEdits, Gender, LineLink, LineState, LineUid, MemberRecord, MemberSource, Notes,
    PersonName, Phone, SealedIdNumber,
};
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{StoreError, TagId};
use serde::{Deserialize, Serialize};

/// The two rows before, the one after, and what was dropped.
pub(super) struct Remembered {
    /// The member that stayed, as it was before.
    pub kept: MemberRecord,
    /// The member that went.
    pub from: MemberRecord,
    /// What the two became.
    pub one: MemberRecord,
    /// Tags that both wore, with the times of the one that went.
    pub dropped_tags: Vec<TaggedAt>,
}

#[derive(Serialize, Deserialize)]
struct Document {
    kept: Row,
    from: Row,
    one: Row,
    dropped_tags: Vec<(TagId, DateTime<Utc>)>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    line: Option<Line>,
    first_name: Option<String>,
    last_name: Option<String>,
    gender: Option<String>,
    birthday: Option<NaiveDate>,
    email: Option<String>,
    phone: Option<String>,
    id_number: Option<(String, String)>,
    source: String,
    accept_marketing: bool,
    notes: Option<String>,
    created_at: DateTime<Utc>,
    last_interaction_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
    /// In its stored form; missing in records of before it was kept.
    #[serde(default)]
    edits: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    uid: String,
    display_name: Option<String>,
    picture_url: Option<String>,
    state: String,
    followed_at: Option<DateTime<Utc>>,
    unfollowed_at: Option<DateTime<Utc>>,
    profile_synced_at: Option<DateTime<Utc>>,
}

impl Remembered {
    pub(super) fn to_json(&self) -> Result<String, StoreError> {
        let document = Document {
            kept: Row::of(&self.kept),
            from: Row::of(&self.from),
            one: Row::of(&self.one),
            dropped_tags: self.dropped_tags.iter().map(|t| (t.tag, t.at)).collect(),
        };
        serde_json::to_string(&document).map_err(|e| StoreError::Internal(Box::new(e)))
    }

    pub(super) fn from_json(text: &str) -> Result<Self, StoreError> {
        // The error of the parser may quote what it read.
        let document: Document =
            serde_json::from_str(text).map_err(|_| StoreError::internal(DAMAGED))?;
        let tags = document.dropped_tags.into_iter();
        Ok(Self {
            kept: document.kept.read()?,
            from: document.from.read()?,
            one: document.one.read()?,
            dropped_tags: tags.map(|(tag, at)| TaggedAt { tag, at }).collect(),
        })
    }
}

const DAMAGED: &str = "the record of a merge is damaged";

impl Row {
    fn of(record: &MemberRecord) -> Self {
        let owned = |text: &str| text.to_owned();
        let id_number = record.id_number.as_ref();
        Self {
            line: record.line.as_ref().map(Line::of),
            first_name: record.first_name.as_ref().map(|n| owned(n.as_str())),
            last_name: record.last_name.as_ref().map(|n| owned(n.as_str())),
            gender: record.gender.map(|gender| owned(gender.as_str())),
            birthday: record.birthday,
            email: record.email.as_ref().map(|email| owned(email.as_str())),
            phone: record.phone.as_ref().map(|phone| owned(phone.as_str())),
            id_number: id_number.map(|n| (n.ciphertext.clone(), n.blind_index.clone())),
            source: owned(record.source.as_str()),
            accept_marketing: record.accept_marketing,
            notes: record.notes.as_ref().map(|notes| owned(notes.as_str())),
            created_at: record.created_at,
            last_interaction_at: record.last_interaction_at,
            updated_at: record.updated_at,
            edits: record.edits.to_stored(),
        }
    }

    fn read(self) -> Result<MemberRecord, StoreError> {
        let gender = self.gender.map(|word| known(Gender::parse(&word)));
        let sealed = |(ciphertext, blind_index)| SealedIdNumber {
            ciphertext,
            blind_index,
        };
        let edits = self.edits.as_deref().map(FieldEdits::from_stored);
        let edits = edits.map(known).transpose()?;
        Ok(MemberRecord {
            line: self.line.map(Line::read).transpose()?,
            first_name: self.first_name.map(PersonName::from_stored),
            last_name: self.last_name.map(PersonName::from_stored),
            gender: gender.transpose()?,
            birthday: self.birthday,
            email: self.email.map(Email::from_stored),
            phone: self.phone.map(Phone::from_stored),
            id_number: self.id_number.map(sealed),
            source: known(MemberSource::parse(&self.source))?,
            accept_marketing: self.accept_marketing,
            notes: self.notes.map(Notes::from_stored),
            created_at: self.created_at,
            last_interaction_at: self.last_interaction_at,
            updated_at: self.updated_at,
            edits: edits.unwrap_or_default(),
        })
    }
}

impl Line {
    fn of(link: &LineLink) -> Self {
        Self {
            uid: link.uid.as_str().to_owned(),
            display_name: link.display_name.clone(),
            picture_url: link.picture_url.clone(),
            state: link.state.as_str().to_owned(),
            followed_at: link.followed_at,
            unfollowed_at: link.unfollowed_at,
            profile_synced_at: link.profile_synced_at,
        }
    }

    fn read(self) -> Result<LineLink, StoreError> {
        Ok(LineLink {
            uid: LineUid::from_stored(self.uid),
            display_name: self.display_name,
            picture_url: self.picture_url,
            state: known(LineState::parse(&self.state))?,
            followed_at: self.followed_at,
            unfollowed_at: self.unfollowed_at,
            profile_synced_at: self.profile_synced_at,
        })
    }
}

fn known<T>(word: Option<T>) -> Result<T, StoreError> {
    word.ok_or_else(|| StoreError::internal(DAMAGED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EditedField;

    fn remembered() -> Remembered {
        let at = DateTime::from_timestamp(1_759_910_400, 0).unwrap();
        let row = MemberRecord {
            edits: FieldEdits::default().with(EditedField::Phone, Some(at)),
            ..MemberRecord::of_source(MemberSource::System, at)
        };
        Remembered {
            kept: row.clone(),
            from: row.clone(),
            one: row,
            dropped_tags: Vec::new(),
        }
    }

    #[test]
    fn when_staff_changed_a_field_comes_back_with_the_rest() {
        let before = remembered();
        let read = Remembered::from_json(&before.to_json().unwrap()).unwrap();
        assert!(read.kept == before.kept && read.from == before.from && read.one == before.one);
    }

    #[test]
    fn a_merge_of_before_that_was_kept_can_still_be_undone() {
        let mut document: serde_json::Value =
            serde_json::from_str(&remembered().to_json().unwrap()).unwrap();
        for row in ["kept", "from", "one"] {
            document[row].as_object_mut().unwrap().remove("edits");
        }
        let read = Remembered::from_json(&document.to_string()).unwrap();
        assert_eq!(read.kept.edits, FieldEdits::default());
    }
}
