use crate::{
    Email, FieldEdits, Gender, LineLink, LineProfile, MemberSource, Notes, PersonName, Phone,
    SealedIdNumber, shown_name,
};
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::MemberId;
use std::fmt;

/// A guest of the hotel.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    id: MemberId,
    record: MemberRecord,
}

/// A guest who is not stored yet, and so has no id.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMember(MemberRecord);

/// A member as storage keeps it: what an adapter writes and reads. Only [`Member`] and
/// [`NewMember`] keep it consistent.
#[derive(Clone, PartialEq, Eq)]
pub struct MemberRecord {
    /// The LINE account, unique among members.
    pub line: Option<LineLink>,
    /// Given name.
    pub first_name: Option<PersonName>,
    /// Family name.
    pub last_name: Option<PersonName>,
    /// Gender.
    pub gender: Option<Gender>,
    /// Birthday.
    pub birthday: Option<NaiveDate>,
    /// E-mail address.
    pub email: Option<Email>,
    /// Phone number.
    pub phone: Option<Phone>,
    /// Identity number, unique among members by its blind index.
    pub id_number: Option<SealedIdNumber>,
    /// Where they came from first.
    pub source: MemberSource,
    /// Whether campaigns may be sent to them.
    pub accept_marketing: bool,
    /// What staff should know.
    pub notes: Option<Notes>,
    /// When the row was born.
    pub created_at: DateTime<Utc>,
    /// The last thing the guest did; nothing that staff or a campaign does moves it.
    pub last_interaction_at: Option<DateTime<Utc>>,
    /// When anything but the last interaction changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// When staff last changed each field; the hotel's own system does not undo what is newer.
    pub edits: FieldEdits,
}

impl MemberRecord {
    /// An empty row of somebody first heard of `now`. Consent is given until it is withdrawn
    /// (document 000 §3.2.2).
    pub(crate) fn of_source(source: MemberSource, now: DateTime<Utc>) -> Self {
        Self {
            line: None,
            first_name: None,
            last_name: None,
            gender: None,
            birthday: None,
            email: None,
            phone: None,
            id_number: None,
            source,
            accept_marketing: true,
            notes: None,
            created_at: now,
            last_interaction_at: None,
            updated_at: None,
            edits: FieldEdits::default(),
        }
    }

    /// Whether anything tells this guest from another.
    pub(crate) const fn can_be_told_apart(&self) -> bool {
        self.line.is_some()
            || self.first_name.is_some()
            || self.last_name.is_some()
            || self.email.is_some()
            || self.phone.is_some()
            || self.id_number.is_some()
    }
}

impl NewMember {
    /// Somebody with these values, which whoever brings them has made consistent.
    #[must_use]
    pub const fn new(record: MemberRecord) -> Self {
        Self(record)
    }

    /// Somebody first heard of through LINE.
    pub(crate) fn from_line(
        link: LineLink,
        last_interaction_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Self {
        Self(MemberRecord {
            line: Some(link),
            last_interaction_at,
            ..MemberRecord::of_source(MemberSource::Line, now)
        })
    }

    /// What to store.
    #[must_use]
    pub const fn record(&self) -> &MemberRecord {
        &self.0
    }

    pub(crate) fn stored_as(self, id: MemberId) -> Member {
        Member { id, record: self.0 }
    }
}

impl Member {
    /// A member as it was stored.
    #[must_use]
    pub const fn from_stored(id: MemberId, record: MemberRecord) -> Self {
        Self { id, record }
    }

    /// What to store.
    #[must_use]
    pub const fn record(&self) -> &MemberRecord {
        &self.record
    }

    /// The id.
    #[must_use]
    pub const fn id(&self) -> MemberId {
        self.id
    }

    /// The LINE account, if one is known.
    #[must_use]
    pub const fn line(&self) -> Option<&LineLink> {
        self.record.line.as_ref()
    }

    /// How the guest is named on screens and in messages.
    #[must_use]
    pub fn shown_name(&self) -> Option<String> {
        let record = &self.record;
        shown_name(
            record.first_name.as_ref().map(PersonName::as_str),
            record.last_name.as_ref().map(PersonName::as_str),
            record.line.as_ref().and_then(|l| l.display_name.as_deref()),
        )
    }

    /// Where they came from first.
    #[must_use]
    pub const fn source(&self) -> MemberSource {
        self.record.source
    }

    /// Whether campaigns may be sent to them.
    #[must_use]
    pub const fn accepts_marketing(&self) -> bool {
        self.record.accept_marketing
    }

    /// The last thing the guest did.
    #[must_use]
    pub const fn last_interaction_at(&self) -> Option<DateTime<Utc>> {
        self.record.last_interaction_at
    }

    /// Replaces the profile. Answers whether anything differs.
    pub(crate) fn become_record(&mut self, record: MemberRecord, now: DateTime<Utc>) -> bool {
        if record == self.record {
            return false;
        }
        self.record = MemberRecord {
            updated_at: Some(now),
            ..record
        };
        true
    }

    /// Takes back a former state, its time of change included.
    pub(crate) fn restore_record(&mut self, record: MemberRecord) {
        self.record = record;
    }

    /// Replaces the notes. Answers whether they differ.
    pub(crate) fn set_notes(&mut self, notes: Option<Notes>, now: DateTime<Utc>) -> bool {
        let record = MemberRecord {
            notes,
            ..self.record.clone()
        };
        self.become_record(record, now)
    }

    /// Something the guest did at `at`; events may come late, the moment never moves back.
    /// Answers whether it moved.
    pub(crate) fn interacted(&mut self, at: DateTime<Utc>) -> bool {
        let is_news = self
            .record
            .last_interaction_at
            .is_none_or(|known| known < at);
        if is_news {
            self.record.last_interaction_at = Some(at);
        }
        is_news
    }

    /// Lets a LINE event change the link and takes over the profile. Answers whether the
    /// friendship changed.
    pub(crate) fn line_event(
        &mut self,
        profile: Option<LineProfile>,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut LineLink) -> bool,
    ) -> bool {
        let Some(link) = self.record.line.as_mut() else {
            return false;
        };
        let state_changed = change(link);
        if state_changed || profile.is_some() {
            self.record.updated_at = Some(now);
        }
        if let Some(profile) = profile {
            link.show_profile(profile, now);
        }
        state_changed
    }
}

impl fmt::Debug for Member {
    /// Without personal data: this may end up in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Member({})", self.id)
    }
}

impl fmt::Debug for NewMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewMember(…)")
    }
}

impl fmt::Debug for MemberRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemberRecord(…)")
    }
}
