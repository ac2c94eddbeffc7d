use crate::profile::{check_birthday, nobody, typed};
use crate::{
    Email, Gender, IdNumber, Member, MemberError, MemberRecord, MemberSource, Members, MembersTx,
    NewMember, Notes, PersonName, Phone,
};
use chrono::NaiveDate;
use crm_kernel::{Actor, AuditEntry, MemberId, Problems};
use tracing::instrument;

/// A guest as staff type them in: text is checked by the use-case, blank text is no value.
#[derive(Clone, Default)]
pub struct RegisterMember {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Gender.
    pub gender: Option<Gender>,
    /// Birthday.
    pub birthday: Option<NaiveDate>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Identity or passport number.
    pub id_number: Option<String>,
    /// Whether campaigns may be sent to them; yes when not said.
    pub accept_marketing: Option<bool>,
    /// What staff should know.
    pub notes: Option<String>,
}

impl Members {
    /// Writes down a guest that staff know. At least a name, an e-mail address, a phone or an
    /// id number must say who it is.
    ///
    /// # Errors
    /// `member_invalid`, `member_duplicate` for an id number that is known, or the store's.
    #[instrument(name = "members.register", skip_all, fields(?actor, member.id))]
    pub async fn register(
        &self,
        actor: &Actor,
        command: RegisterMember,
    ) -> Result<Member, MemberError> {
        let now = self.clock.now();
        let mut problems = Problems::default();
        let p = &mut problems;
        let id_number = typed(p, "id_number", command.id_number, IdNumber::parse);
        let mut record = MemberRecord {
            first_name: typed(p, "first_name", command.first_name, PersonName::parse),
            last_name: typed(p, "last_name", command.last_name, PersonName::parse),
            gender: command.gender,
            birthday: command.birthday,
            email: typed(p, "email", command.email, Email::parse),
            phone: typed(p, "phone", command.phone, Phone::parse),
            accept_marketing: command.accept_marketing.unwrap_or(true),
            notes: typed(p, "notes", command.notes, Notes::parse),
            ..MemberRecord::of_source(MemberSource::System, now)
        };
        if let Some(birthday) = record.birthday {
            check_birthday(p, birthday, self.hotel.day_of(now));
        }
        if problems.is_empty() && id_number.is_none() && !record.can_be_told_apart() {
            problems.extend(nobody());
        }
        problems.into_result().map_err(MemberError::Invalid)?;
        record.id_number = id_number.as_ref().map(|n| self.vault.seal(n)).transpose()?;

        let mut tx = self.store.begin().await?;
        if let Some(number) = &id_number {
            self.refuse_known_id_number(&mut *tx, number, None).await?;
        }
        let blank = MemberRecord::of_source(MemberSource::System, now);
        let new = NewMember::new(record.edited_since(&blank, now));
        let id = tx.members().insert(&new).await?;
        let entry = AuditEntry::new(actor, now, "member.created", "member", id.get());
        tx.audit()
            .record(entry.born(self.facts(new.record())))
            .await?;
        tx.commit().await?;
        tracing::Span::current().record("member.id", id.get());
        Ok(new.stored_as(id))
    }

    /// The friendly check before the unique key speaks; during a change of keys it is also the
    /// only one that sees numbers indexed under the former key.
    pub(crate) async fn refuse_known_id_number(
        &self,
        tx: &mut dyn MembersTx,
        number: &IdNumber,
        except: Option<MemberId>,
    ) -> Result<(), MemberError> {
        let indexes = self.vault.blind_indexes(number);
        if tx.members().id_number_taken(&indexes, except).await? {
            return Err(MemberError::Duplicate { field: "id_number" });
        }
        Ok(())
    }
}
