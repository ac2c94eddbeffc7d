use crate::profile::{changed, check_birthday, nobody};
use crate::{
    Email, Gender, IdNumber, Member, MemberError, MemberRecord, Members, MembersTx, Notes,
    PersonName, Phone, SealedIdNumber,
};
use chrono::NaiveDate;
use crm_kernel::{Actor, AuditEntry, MemberId, Patch, Problems};
use tracing::instrument;

/// Changes to a profile: what is not mentioned stays, `Clear` and blank text empty a field.
/// The LINE account and the source cannot be changed by hand.
#[derive(Clone, Default)]
pub struct UpdateMember {
    /// Given name.
    pub first_name: Patch<String>,
    /// Family name.
    pub last_name: Patch<String>,
    /// Gender.
    pub gender: Patch<Gender>,
    /// Birthday.
    pub birthday: Patch<NaiveDate>,
    /// E-mail address.
    pub email: Patch<String>,
    /// Phone number.
    pub phone: Patch<String>,
    /// Identity or passport number.
    pub id_number: Patch<String>,
    /// Whether campaigns may be sent to them; cannot be empty.
    pub accept_marketing: Patch<bool>,
    /// What staff should know.
    pub notes: Patch<String>,
}

impl Members {
    /// Changes a member's profile; what is said again unchanged leaves no trace.
    ///
    /// # Errors
    /// `member_not_found`, `member_invalid`, `member_duplicate` for an id number that is known,
    /// or the store's.
    #[instrument(name = "members.update", skip_all, fields(?actor, member.id = %id))]
    pub async fn update(
        &self,
        actor: &Actor,
        id: MemberId,
        command: UpdateMember,
    ) -> Result<Member, MemberError> {
        let now = self.clock.now();
        let mut problems = Problems::default();
        let p = &mut problems;
        let first_name = changed(p, "first_name", command.first_name, PersonName::parse);
        let last_name = changed(p, "last_name", command.last_name, PersonName::parse);
        let email = changed(p, "email", command.email, Email::parse);
        let phone = changed(p, "phone", command.phone, Phone::parse);
        let id_number = changed(p, "id_number", command.id_number, IdNumber::parse);
        let notes = changed(p, "notes", command.notes, Notes::parse);
        if let Patch::Set(birthday) = command.birthday {
            check_birthday(p, birthday, self.hotel.day_of(now));
        }
        p.check(
            command.accept_marketing != Patch::Clear,
            "accept_marketing",
            "must be true or false",
        );

        problems.into_result().map_err(MemberError::Invalid)?;

        let mut tx = self.store.begin().await?;
        let mut member = tx.members().find(id).await?.ok_or(MemberError::NotFound)?;
        let old = member.record().clone();
        let id_number = self
            .resealed(&mut *tx, id, old.id_number.clone(), id_number)
            .await?;
        let before = old.clone();
        let new = MemberRecord {
            first_name: first_name.apply(old.first_name),
            last_name: last_name.apply(old.last_name),
            gender: command.gender.apply(old.gender),
            birthday: command.birthday.apply(old.birthday),
            email: email.apply(old.email),
            phone: phone.apply(old.phone),
            id_number,
            accept_marketing: command
                .accept_marketing
                .apply(Some(old.accept_marketing))
                .unwrap_or(old.accept_marketing),
            notes: notes.apply(old.notes),
            ..old
        };
        let new = new.edited_since(&before, now);
        if !new.can_be_told_apart() {
            return Err(MemberError::Invalid(nobody()));
        }
        if member.become_record(new, now) {
            tx.members().update(&member).await?;
            let entry = AuditEntry::new(actor, now, "member.updated", "member", id.get());
            let entry = self.with_changes(entry, &before, member.record());
            tx.audit().record(entry).await?;
            tx.commit().await?;
        }
        Ok(member)
    }

    /// What is stored for the id number after the change. The same number is not sealed anew:
    /// sealing differs each time, and would look like a change.
    async fn resealed(
        &self,
        tx: &mut dyn MembersTx,
        id: MemberId,
        current: Option<SealedIdNumber>,
        change: Patch<IdNumber>,
    ) -> Result<Option<SealedIdNumber>, MemberError> {
        let number = match change {
            Patch::Keep => return Ok(current),
            Patch::Clear => return Ok(None),
            Patch::Set(number) => number,
        };
        let sealed = self.vault.seal(&number)?;
        if let Some(current) = current
            && current.blind_index == sealed.blind_index
        {
            return Ok(Some(current));
        }
        self.refuse_known_id_number(tx, &number, Some(id)).await?;
        Ok(Some(sealed))
    }
}
