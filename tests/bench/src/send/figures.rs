//! What was found out, and the table.

use crate::load::Outcome;
use crm_database::Database;
use sea_orm::{ConnectionTrait, Statement};
use std::error::Error;
use std::time::Duration;

/// What the server says it did since it was started; nothing on SQLite, which counts nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Statements {
    asked: f64,
    inserted: f64,
    updated: f64,
}

impl Statements {
    pub fn since(self, before: Self) -> Self {
        Self {
            asked: self.asked - before.asked,
            inserted: self.inserted - before.inserted,
            updated: self.updated - before.updated,
        }
    }
}

pub async fn statements(database: &Database) -> Result<Statements, Box<dyn Error>> {
    if !database.is_mysql() {
        return Ok(Statements::default());
    }
    let pool = database.pool();
    let backend = pool.get_database_backend();
    let status = async |name: &str| -> Result<f64, Box<dyn Error>> {
        let ask = format!("SHOW GLOBAL STATUS LIKE '{name}'");
        let row = pool
            .query_one_raw(Statement::from_string(backend, ask))
            .await?;
        let value: String = row.ok_or("no such status")?.try_get_by_index(1)?;
        Ok(value.parse()?)
    };
    Ok(Statements {
        asked: status("Questions").await?,
        inserted: status("Handler_write").await?,
        updated: status("Handler_update").await?,
    })
}

/// One campaign, from its send to its end.
pub struct Sent {
    pub recipients: u64,
    pub freeze: Duration,
    pub drain: Duration,
    pub meanwhile: Outcome,
    pub statements: Statements,
}

pub enum Work {
    Bulk(Sent),
    Personal(Sent),
}

pub struct Figures {
    pub place: &'static str,
    pub idle: Outcome,
    pub works: [Work; 2],
    pub peaks: Vec<(&'static str, f64)>,
}

pub fn head(paced: bool) {
    let pace = if paced {
        "at the usual pace"
    } else {
        "as fast as it goes"
    };
    println!(
        "\n**Whole campaigns, {pace}, one job runner, LINE simulated in a process of its own**\n"
    );
    println!(
        "| database | members | work | recipients | frozen in s | drained in s | recipients /s | statements, rows inserted, rows updated per recipient | member detail p95 ms, sending / idle | peak MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
}

pub fn print(members: u64, figures: &Figures) {
    let peaks: Vec<String> = figures
        .peaks
        .iter()
        .map(|(name, mib)| format!("{name} {mib:.0}"))
        .collect();
    for work in &figures.works {
        let (name, sent) = match work {
            Work::Bulk(sent) => ("multicast", sent),
            Work::Personal(sent) => ("pushes", sent),
        };
        let each = |n: f64| n / sent.recipients.max(1) as f64;
        let (busy, idle) = (sent.meanwhile.percentile(95), figures.idle.percentile(95));
        let counted = if sent.statements.asked > 0.0 {
            let Statements {
                asked,
                inserted,
                updated,
            } = sent.statements;
            format!(
                "{:.3}, {:.2}, {:.2}",
                each(asked),
                each(inserted),
                each(updated)
            )
        } else {
            "not counted".to_owned()
        };
        println!(
            "| {} | {members} | {name} | {} | {:.2} | {:.2} | {:.0} | {counted} | {busy:.1} / {idle:.1} = **{:.2}** | {} |",
            figures.place,
            sent.recipients,
            sent.freeze.as_secs_f64(),
            sent.drain.as_secs_f64(),
            sent.recipients as f64 / sent.drain.as_secs_f64().max(f64::EPSILON),
            busy / idle,
            peaks.join(", "),
        );
    }
}
