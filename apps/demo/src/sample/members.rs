use super::Workshop;
use super::guest::Guest;
use super::rows::{Rows, number, run};
use crate::DemoError;
use crm_members::{Email, Gender, Phone, RegisterMember};
use sea_orm::TransactionTrait;

const COLUMNS: &str = "id, line_uid, line_display_name, line_state, followed_at, unfollowed_at, \
    profile_synced_at, first_name, last_name, gender, birthday, email, email_key, phone, \
    phone_key, source, accept_marketing, notes, created_at, last_interaction_at";

/// Stores the guests; answers them with their ids.
pub(super) async fn store(
    workshop: &mut Workshop<'_>,
    mut guests: Vec<Guest>,
) -> Result<Vec<Guest>, DemoError> {
    // Only the use-case can seal an identity number.
    let (sealed, others): (Vec<_>, Vec<_>) = guests
        .iter_mut()
        .partition(|guest| guest.id_number.is_some());
    register(workshop, sealed).await?;
    insert(workshop, others).await?;
    Ok(guests)
}

async fn register(workshop: &Workshop<'_>, guests: Vec<&mut Guest>) -> Result<(), DemoError> {
    let mut registered = Vec::with_capacity(guests.len());
    for guest in guests {
        let command = RegisterMember {
            first_name: guest.name.as_ref().map(|name| name.first.clone()),
            last_name: guest.name.as_ref().map(|name| name.last.to_owned()),
            gender: guest.gender,
            birthday: guest.birthday,
            email: guest.email.clone(),
            phone: guest.phone.clone(),
            id_number: guest.id_number.clone(),
            accept_marketing: Some(guest.accept_marketing),
            notes: guest.notes.map(str::to_owned),
        };
        let member = workshop
            .crm
            .members
            .register(&workshop.admin, command)
            .await?;
        guest.id = member.id().get();
        registered.push((guest.id, guest.created_at));
    }
    let tx = workshop.crm.database.pool().begin().await?;
    for (id, created_at) in registered {
        let sql = "UPDATE members SET created_at = ? WHERE id = ?";
        run(&tx, sql, [created_at.into(), id.into()]).await?;
    }
    Ok(tx.commit().await?)
}

async fn insert(workshop: &Workshop<'_>, guests: Vec<&mut Guest>) -> Result<(), DemoError> {
    let tx = workshop.crm.database.pool().begin().await?;
    let last = number(&tx, "SELECT COALESCE(MAX(id), 0) FROM members", []).await?;
    let mut rows = Rows::of("members", COLUMNS);
    for (id, guest) in (last + 1..).zip(guests) {
        guest.id = id;
        let line = guest.line.as_ref();
        let email = guest
            .email
            .as_deref()
            .and_then(|typed| Email::parse(typed).ok());
        let phone = guest
            .phone
            .as_deref()
            .and_then(|typed| Phone::parse(typed).ok());
        rows.add([
            id.into(),
            line.map(|l| l.uid.as_str()).into(),
            line.map(|l| l.display_name.as_str()).into(),
            line.map(|l| l.state.as_str()).into(),
            line.map(|l| l.followed_at).into(),
            line.and_then(|l| l.unfollowed_at).into(),
            line.map(|l| l.profile_synced_at).into(),
            guest.name.as_ref().map(|n| n.first.as_str()).into(),
            guest.name.as_ref().map(|n| n.last).into(),
            guest.gender.map(Gender::as_str).into(),
            guest.birthday.into(),
            email.as_ref().map(Email::as_str).into(),
            email.as_ref().map(Email::compare_key).into(),
            phone.as_ref().map(Phone::as_str).into(),
            phone.as_ref().map(Phone::normalised).into(),
            guest.source.as_str().into(),
            guest.accept_marketing.into(),
            guest.notes.into(),
            guest.created_at.into(),
            guest.last_interaction_at.into(),
        ]);
    }
    rows.store(&tx).await?;
    let stored = number(
        &tx,
        "SELECT COUNT(*) FROM members WHERE id > ?",
        [last.into()],
    )
    .await?;
    let count = "UPDATE kept_totals SET n = n + ? WHERE name = 'members' AND part = 0";
    run(&tx, count, [stored.into()]).await?;
    tx.commit().await?;
    workshop.crm.database.index_members().await?;
    Ok(())
}
