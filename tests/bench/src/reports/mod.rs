//! Reports over years of campaigns: how long the figures take to be counted from the rows, how
//! fast they are read, what keeping them costs, and a workbook of all members.

mod fill;

use crate::arguments::Arguments;
use crate::client::Client;
use crate::load::{Crowd, Outcome, ask, get};
use crate::place::Place;
use crate::programs::{Program, Programs, Wanted, address};
use crm_bootstrap::{Crm, install_tls};
use crm_kernel::{Figure, Transaction, Transactions};
use crm_workflows::CrmTx;
use serde_json::json;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Campaigns that the recipients are spread over: one a day and more, over a year.
const CAMPAIGNS: u64 = 1_000;
/// The hotel day on which the last of them is sent.
const LAST_DAY: &str = "2026-10-31";
/// Who looks at reports at the same time.
const CONNECTIONS: usize = 4;
/// Units of work timed with and without figures.
const UNITS: u32 = 2_000;
const PATIENCE: Duration = Duration::from_secs(900);

type Failed = Box<dyn Error>;

/// What is asked, over a year where there is a choice.
const REPORTS: [(&str, &str); 8] = [
    ("overview", "/analytics/overview?{year}"),
    (
        "campaign-performance",
        "/analytics/campaign-performance?{year}&limit=100",
    ),
    ("tag-distribution", "/analytics/tag-distribution?{year}"),
    (
        "trends, all nine",
        "/analytics/trends?{year}&metric=sent,opened,clicked,converted,revenue,messages_sent,\
         messages_received,follows,blocks",
    ),
    ("friends", "/analytics/friends?{year}"),
    ("auto-responses", "/analytics/auto-responses?{year}"),
    ("funnel", "/analytics/campaigns/500/funnel"),
    ("rfm", "/analytics/rfm"),
];

pub async fn all(arguments: &Arguments, server: Option<&str>) -> Result<(), Failed> {
    install_tls();
    println!(
        "\n**Reports: {} members, {CAMPAIGNS} campaigns, {} recipients**\n",
        arguments.members, arguments.recipients
    );
    if arguments.sqlite {
        measure(Place::sqlite()?, arguments).await?;
    }
    if let Some(server) = server.filter(|_| arguments.mysql) {
        measure(Place::mysql(server).await?, arguments).await?;
    }
    Ok(())
}

async fn measure(place: Place, arguments: &Arguments) -> Result<(), Failed> {
    let began = Instant::now();
    place.fill_only(arguments.members).await?;
    let database = place.connect().await?;
    fill::campaigns(database.pool(), arguments).await?;
    fill::taps_and_answers(database.pool()).await?;
    database.close().await;
    println!("{}: filled in {:.0} s", place.name, seconds(began));
    let crm = Crm::connect(&place.settings()?).await?;
    let began = Instant::now();
    let mended = crm.figures.rebuild().await?.len();
    println!(
        "{}: {mended} figures counted in {:.0} s",
        place.name,
        seconds(began)
    );
    let began = Instant::now();
    let left = crm.figures.check().await?.len();
    println!(
        "{}: checked in {:.0} s, {left} differ",
        place.name,
        seconds(began)
    );
    crm.rfm.grade().await?;
    cost_of_figures(&place, &crm).await?;
    let wanted = Wanted {
        paced: false,
        job_runner: true,
    };
    let exports = tempfile::tempdir()?;
    let more = [("EXPORT_DIR", exports.path().display().to_string())];
    let programs = Programs::start_with(&place, wanted, &more).await?;
    read(&place, &programs, arguments).await?;
    workbook(&place, &programs).await?;
    drop(programs);
    place.remove().await
}

fn seconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64()
}

/// What the figures add to a unit of work that moves a campaign's counters, as a click does.
async fn cost_of_figures(place: &Place, crm: &Crm) -> Result<(), Failed> {
    let mut took = [Duration::ZERO; 2];
    for round in 0..4 {
        let with = round % 2;
        let began = Instant::now();
        for unit in 0..UNITS {
            let mut tx: Box<dyn CrmTx> = crm.database.begin().await?;
            let id = (i64::from(unit) % 1_000 + 1).into();
            let campaign = tx.campaigns().find(id).await?.ok_or("no campaign")?;
            tx.campaigns().update(&campaign).await?;
            if with == 1 {
                let now = crm.clock.now();
                tx.figures().add(Figure::CampaignOpened, id.get(), now, 1);
                tx.figures().add(Figure::CampaignClicked, id.get(), now, 1);
            }
            Transaction::commit(tx).await?;
        }
        took[with] += began.elapsed();
    }
    let each = took.map(|took| took.as_secs_f64() * 1e6 / f64::from(UNITS * 2));
    println!(
        "{}: a unit of work of two statements {:.0} µs, with two figures {:.0} µs (one statement \
         more, {:.0} µs)",
        place.name,
        each[0],
        each[1],
        each[1] - each[0]
    );
    Ok(())
}

async fn read(place: &Place, programs: &Programs, arguments: &Arguments) -> Result<(), Failed> {
    let client = Client::sign_in(&programs.api).await?;
    println!(
        "\n| {} | requests /s | p50 ms | p95 ms | p99 ms | errors |",
        place.name
    );
    println!("|---|---|---|---|---|---|");
    for (name, path) in REPORTS {
        let year = format!("start_date=2025-11-01&end_date={LAST_DAY}");
        let path = format!("/api/v1{}", path.replace("{year}", &year));
        let requests = Arc::new(vec![get(&path, &client.token)]);
        let crowd = Crowd {
            connections: CONNECTIONS,
            pace: None,
            turn: arguments.turn,
        };
        let outcome: Outcome = ask(address(&programs.api)?, requests, crowd).await?;
        println!(
            "| {name} | {:.0} | {:.1} | {:.1} | {:.1} | {} |",
            outcome.per_second(),
            outcome.percentile(50),
            outcome.percentile(95),
            outcome.percentile(99),
            outcome.errors
        );
    }
    Ok(())
}

/// All members as a workbook, by the job runner.
async fn workbook(place: &Place, programs: &Programs) -> Result<(), Failed> {
    let client = Client::sign_in(&programs.api).await?;
    let began = Instant::now();
    let asked = json!({"report_type": "members", "format": "excel"});
    let task = client.post("/analytics/export", &asked).await?;
    let path = format!("/exports/{}", task["id"]);
    let peak = |program: &Option<Program>| program.as_ref().map_or(f64::NAN, Program::peak_mib);
    while began.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let export = client.get(&path).await?;
        match export["status"].as_str() {
            Some("completed") => {
                println!(
                    "\n{}: a workbook of {} members in {:.0} s, {} bytes, job runner's peak {:.0} MiB",
                    place.name,
                    export["rows_done"],
                    seconds(began),
                    export["bytes"],
                    peak(&programs.runner_process)
                );
                return Ok(());
            }
            Some("failed") => return Err(format!("the export failed: {export}").into()),
            _ => {}
        }
    }
    Err("the export does not end".into())
}
