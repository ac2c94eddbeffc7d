//! A hotel's own system taken over by the real programs: everything, and everything once more.

use crate::arguments::Arguments;
use crate::client::Client;
use crate::place::Place;
use crate::programs::{Programs, Wanted};
use crm_bootstrap::install_tls;
use crm_simulator_dexon::{Clock, DexonSimulator, Hotel, SimulatorConfig};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::error::Error;
use std::time::{Duration, Instant};

/// Rows of a page: the most that the contract has. At five requests a second smaller pages are
/// what a backfill waits for.
const PAGE: &str = "1000";
const PATIENCE: Duration = Duration::from_secs(1_800);
const LOOK: Duration = Duration::from_millis(200);

type Failed = Box<dyn Error>;

pub async fn all(arguments: &Arguments, server: Option<&str>) -> Result<(), Failed> {
    install_tls();
    println!(
        "\n**A hotel's own system: {} guests, {} stays, pages of {PAGE}**\n",
        arguments.guests, arguments.stays
    );
    println!(
        "| database | run | seconds | rows /s | created | updated | unchanged | in review | bad | passed over | statements a row | job runner MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    if arguments.sqlite {
        measure(Place::sqlite()?, arguments).await?;
    }
    if let Some(server) = server.filter(|_| arguments.mysql) {
        measure(Place::mysql(server).await?, arguments).await?;
    }
    Ok(())
}

async fn measure(place: Place, arguments: &Arguments) -> Result<(), Failed> {
    place.prepare().await?;
    let clock = Clock::of_this_machine();
    let hotel = Hotel::seeded(1, arguments.guests, arguments.stays).on(clock.today());
    let config = SimulatorConfig {
        hotel,
        clock: Some(clock),
        ..SimulatorConfig::default()
    };
    let pms = DexonSimulator::start(config).await?;
    let wanted = Wanted {
        paced: true,
        job_runner: true,
    };
    let more = [
        ("PMS_API_URL", pms.base_url()),
        ("PMS_API_KEY", pms.api_key().to_owned()),
        ("PMS_PAGE_SIZE", PAGE.to_owned()),
        ("PMS_SYNC_INTERVAL", "0".to_owned()),
    ];
    let programs = Programs::start_with(&place, wanted, &more).await?;
    let outcome = with(&place, &programs).await;
    drop(programs);
    pms.stop().await;
    place.remove().await?;
    outcome
}

async fn with(place: &Place, programs: &Programs) -> Result<(), Failed> {
    let client = Client::sign_in(&programs.api).await?;
    for (force, name) in [(false, "first"), (true, "again, everything")] {
        for kind in ["members", "consumption_records"] {
            let before = statements(place).await?;
            let begun = Instant::now();
            let ended = run(&client, kind, force).await?;
            let seconds = begun.elapsed().as_secs_f64();
            let count = |name: &str| ended[name].as_u64().unwrap_or_default();
            let rows = count("synced_count")
                + count("review_count")
                + count("failed_count")
                + count("ignored_count");
            let each = match (before, statements(place).await?) {
                (Some(before), Some(after)) => {
                    format!("{:.3}", (after - before) as f64 / rows as f64)
                }
                _ => "not counted".to_owned(),
            };
            let runner = programs.runner_process.as_ref();
            println!(
                "| {} | {kind}, {name} | {seconds:.0} | {:.0} | {} | {} | {} | {} | {} | {} | {each} | {:.0} |",
                place.name,
                rows as f64 / seconds,
                count("created_count"),
                count("updated_count"),
                count("unchanged_count"),
                count("review_count"),
                count("failed_count"),
                count("ignored_count"),
                runner.map_or(f64::NAN, crate::programs::Program::peak_mib),
            );
            if ended["status"] != "completed" {
                return Err(format!("the run ended as {ended}").into());
            }
            if force && count("created_count") + count("updated_count") > 0 {
                return Err("everything once more changed something".into());
            }
        }
    }
    Ok(())
}

async fn run(client: &Client, kind: &str, force: bool) -> Result<Value, Failed> {
    let body = json!({ "sync_type": kind, "force": force });
    let asked = client.post("/pms/sync", &body).await?;
    let task = asked["task_id"].as_str().ok_or("no task")?;
    let path = format!("/pms/sync-status/{task}");
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        tokio::time::sleep(LOOK).await;
        let status = client.get(&path).await?;
        if status["status"] == "completed" || status["status"] == "failed" {
            return Ok(status);
        }
    }
    Err("the run does not end".into())
}

/// Statements that the whole server was asked, by whomever: MySQL alone counts them.
async fn statements(place: &Place) -> Result<Option<u64>, Failed> {
    let database = place.connect().await?;
    if !database.is_mysql() {
        return Ok(None);
    }
    let pool = database.pool();
    let ask = Statement::from_string(
        pool.get_database_backend(),
        "SELECT CAST(VARIABLE_VALUE AS CHAR) FROM information_schema.GLOBAL_STATUS \
         WHERE VARIABLE_NAME = 'QUESTIONS'",
    );
    let row = pool.query_one_raw(ask).await?.ok_or("no figure")?;
    Ok(Some(row.try_get_by_index::<String>(0)?.parse()?))
}
