//! From a guest's words to the answer: the real programs, each a process of its own, and as many
//! rules as there may be. Guests write through the simulator, which sends the webhook itself and
//! notes when the answer came.

mod phones;
mod rules;

use crate::arguments::Arguments;
use crate::load::Outcome;
use crate::place::Place;
use crate::programs::{Programs, Wanted};
use crate::report::percentiles;
use crm_bootstrap::install_tls;
use phones::{Answered, Phones};
use std::error::Error;
use std::time::{Duration, Instant};

/// From one guest's message to the next one's.
const PACE: Duration = Duration::from_millis(20);
const WARM_UP: u64 = 100;
const GUESTS: u64 = 1_500;
/// One in so many guests was never seen before.
const NEW: u64 = 10;
/// The last answers may take this long.
const PATIENCE: Duration = Duration::from_secs(30);

type Failed = Box<dyn Error>;

pub async fn all(arguments: &Arguments, server: Option<&str>) -> Result<(), Failed> {
    install_tls();
    println!(
        "\n**Answers of rules: {} guests, one every {} ms, {} rules, one job runner**\n",
        GUESTS,
        PACE.as_millis(),
        rules::RULES
    );
    println!(
        "| database | members | events | answered by the right rule | of them by reply token | p50 / p95 / p99 ms | longest ms |"
    );
    println!("|---|---|---|---|---|---|---|");
    if arguments.sqlite {
        measure(Place::sqlite()?, arguments.members).await?;
    }
    if let Some(server) = server.filter(|_| arguments.mysql) {
        measure(Place::mysql(server).await?, arguments.members).await?;
    }
    Ok(())
}

async fn measure(place: Place, members: u64) -> Result<(), Failed> {
    place.fill_only(members).await?;
    rules::write(&place).await?;
    let wanted = Wanted {
        paced: true,
        job_runner: true,
    };
    let programs = Programs::start(&place, wanted).await?;
    let outcome = with(&programs, members).await;
    drop(programs);
    let name = place.name;
    place.remove().await?;
    let answers = outcome?;
    let by_token = answers.iter().filter(|answer| answer.by_token).count();
    let answered = Outcome {
        latencies: answers
            .iter()
            .map(|answer| answer.after_ms * 1_000)
            .collect(),
        ..Outcome::default()
    };
    println!(
        "| {name} | {members} | {GUESTS} | {} | {by_token} | {} | {:.0} |",
        answers.len(),
        percentiles(&answered),
        answered.percentile(100),
    );
    if answers.len() as u64 == GUESTS {
        Ok(())
    } else {
        Err(format!("{} of {GUESTS} guests were answered", answers.len()).into())
    }
}

async fn with(programs: &Programs, members: u64) -> Result<Vec<Answered>, Failed> {
    let phones = Phones::new(&programs.line)?;
    let guests: Vec<u64> = (1..=WARM_UP + GUESTS)
        .map(|n| if n % NEW == 0 { members + n } else { n })
        .collect();
    phones.befriend(&guests).await?;
    phones.send_webhooks_to(&programs.api).await?;
    let (early, guests) = guests.split_at(WARM_UP as usize);
    phones.write(early, PACE).await?;
    wait_for(&phones, early).await?;
    phones.write(guests, PACE).await?;
    wait_for(&phones, guests).await
}

/// Looks until everybody is answered, or nobody may wait any longer.
async fn wait_for(phones: &Phones, guests: &[u64]) -> Result<Vec<Answered>, Failed> {
    let began = Instant::now();
    loop {
        let answers = phones.answers(guests).await?;
        if answers.len() == guests.len() || began.elapsed() > PATIENCE {
            return Ok(answers);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
