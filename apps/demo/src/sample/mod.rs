//! The data of a made-up hotel: its guests and their stays, tags, templates, and campaigns that
//! were sent, are being written, or wait for tomorrow, and rules that answer guests.
//!
//! Everything comes from dice that always fall the same way; only the dates follow the day on
//! which it is made. Few rows go through the use-cases, like anybody's; thousands go straight
//! into the tables, and are counted there.

mod auto_responses;
mod campaigns;
mod dice;
mod figures;
mod guest;
mod history;
mod line_names;
mod members;
mod names;
mod people;
mod reactions;
mod regulars;
mod rows;
mod stays;
mod tags;
mod templates;

use crate::DemoError;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use crm_bootstrap::Crm;
use crm_kernel::{Actor, HotelTime, UserId};
use dice::Dice;
use rows::{number, run};

pub use regulars::{Regular, regulars};

/// How many members there are.
pub const MEMBERS: usize = 5_000;
/// How many tags there are, of both kinds.
pub const TAGS: usize = 20;

/// What all the sample data is made with.
struct Workshop<'a> {
    crm: &'a Crm,
    hotel: HotelTime,
    now: DateTime<Utc>,
    admin: Actor,
    dice: Dice,
}

/// Whether there is nobody yet.
///
/// # Errors
/// Those of the database.
pub async fn is_wanted(crm: &Crm) -> Result<bool, DemoError> {
    let pool = crm.database.pool();
    Ok(number(pool, "SELECT COUNT(*) FROM members", []).await? == 0)
}

/// Stores the sample data, unless there are members already; says whether it did. The pictures
/// of the templates are found at `pictures_url`.
///
/// # Errors
/// Those of the database and, should a rule have changed, of a domain.
pub async fn fill(crm: &Crm, pictures_url: &str) -> Result<bool, DemoError> {
    if !is_wanted(crm).await? {
        return Ok(false);
    }
    let pool = crm.database.pool();
    let admin = number(pool, "SELECT COALESCE(MIN(id), 0) FROM users", []).await?;
    let mut workshop = Workshop {
        crm,
        hotel: crm.hotel,
        now: crm.clock.now().trunc_subsecs(0),
        admin: if admin == 0 {
            Actor::System
        } else {
            Actor::User {
                id: UserId::new(admin),
            }
        },
        dice: Dice::new(),
    };
    let guests = people::make(&mut workshop);
    let guests = members::store(&mut workshop, guests).await?;
    stays::store(&mut workshop, &guests).await?;
    let tags = tags::create(&workshop).await?;
    tags::put_on(&mut workshop, &tags, &guests).await?;
    let templates = templates::create(&workshop, &tags, pictures_url).await?;
    backdate(&workshop).await?;
    history::store(&mut workshop, &tags, &templates).await?;
    campaigns::create(&workshop, &tags, &templates).await?;
    auto_responses::create(&workshop, &templates).await?;
    figures::count(&workshop).await?;
    Ok(true)
}

/// Lets tags and templates be older than what was done with them.
async fn backdate(workshop: &Workshop<'_>) -> Result<(), DemoError> {
    let pool = workshop.crm.database.pool();
    for (table, days) in [
        ("tags", 800),
        ("message_templates", 120),
        ("template_carousel_items", 120),
    ] {
        let then = workshop.now - TimeDelta::days(days);
        let sql = format!("UPDATE {table} SET created_at = ?");
        run(pool, &sql, [then.into()]).await?;
    }
    Ok(())
}
