//! Whole campaigns with the real programs, each a process of its own: the API, one job runner, LINE
//! simulated without limits. How long until the plan is frozen, how fast it drains, what the
//! database does for it, how much memory each process needs, and what a colleague who looks at a
//! member meanwhile notices.

mod figures;

use crate::arguments::Arguments;
use crate::client::{self, Client};
use crate::load::{Crowd, Outcome, ask, get};
use crate::place::Place;
use crate::programs::{Program, Programs, Wanted, address};
use crate::seed::{COMMON_TAG, uid};
use crm_bootstrap::install_tls;
use figures::{Figures, Sent, Work};
use serde_json::json;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Who looks at members meanwhile: a few colleagues, each five times a second.
const COLLEAGUES: Crowd = Crowd {
    connections: 8,
    pace: Some(Duration::from_millis(200)),
    turn: Duration::from_secs(3),
};
/// From this size on, messages of their own go to the tenth that wear a tag: one by one, all would
/// take many minutes.
const ONE_IN_TEN: u64 = 500_000;
/// Friends told to the simulator in one request.
const AT_ONCE: u64 = 20_000;

type Failed = Box<dyn Error>;

pub async fn all(arguments: &Arguments, server: Option<&str>) -> Result<(), Failed> {
    install_tls();
    figures::head(arguments.paced);
    for members in &arguments.sizes {
        if arguments.sqlite {
            measure(Place::sqlite()?, *members, arguments.paced).await?;
        }
        if let Some(server) = server.filter(|_| arguments.mysql) {
            measure(Place::mysql(server).await?, *members, arguments.paced).await?;
        }
    }
    Ok(())
}

async fn measure(place: Place, members: u64, paced: bool) -> Result<(), Failed> {
    place.fill_only(members).await?;
    let wanted = Wanted {
        paced,
        job_runner: true,
    };
    let programs = Programs::start(&place, wanted).await?;
    let outcome = with(&place, &programs, members).await;
    drop(programs);
    place.remove().await?;
    figures::print(members, &outcome?);
    Ok(())
}

async fn with(place: &Place, programs: &Programs, members: u64) -> Result<Figures, Failed> {
    let client = Client::sign_in(&programs.api).await?;
    befriend(&programs.line, members).await?;
    let looks = looks(&client, members);
    let idle = ask(address(&programs.api)?, Arc::clone(&looks), COLLEAGUES).await?;

    let everybody = json!({"type": "all"});
    let bulk = json!({"type": "text", "name": "bulk", "content": "中秋快樂，平安團圓"});
    let bulk = send(place, programs, &client, &looks, bulk, everybody.clone()).await?;

    let audience = if members >= ONE_IN_TEN {
        json!({"type": "tags", "include_tags": [COMMON_TAG]})
    } else {
        everybody
    };
    let personal = json!({
        "type": "text", "name": "personal", "content": "{{display_name|貴賓}} 您好，中秋快樂",
    });
    let personal = send(place, programs, &client, &looks, personal, audience).await?;

    let counters = client::get(&format!("{}/sim/counters", programs.line)).await?;
    let delivered = counters["deliveries"].as_u64().unwrap_or_default();
    if delivered != bulk.recipients + personal.recipients {
        return Err(format!("LINE counted {delivered} deliveries").into());
    }
    Ok(Figures {
        place: place.name,
        idle,
        works: [Work::Bulk(bulk), Work::Personal(personal)],
        peaks: programs.peaks(),
    })
}

/// Sends one campaign and watches it to its end.
async fn send(
    place: &Place,
    programs: &Programs,
    client: &Client,
    looks: &Arc<Vec<Vec<u8>>>,
    template: serde_json::Value,
    audience: serde_json::Value,
) -> Result<Sent, Failed> {
    let template = client.post("/templates", &template).await?["id"].clone();
    let campaign = json!({
        "title": "bench", "template_id": template, "target_audience": audience,
    });
    let campaign = client.post("/campaigns", &campaign).await?["id"].clone();
    let database = place.connect().await?;
    let before = figures::statements(&database).await?;
    let asked = Instant::now();
    let answer = client
        .post(&format!("/campaigns/{campaign}/send"), &json!({}))
        .await?;
    let freeze = asked.elapsed();
    let recipients = answer["recipient_count"].as_u64().unwrap_or_default();

    let draining = Instant::now();
    let api = address(&programs.api)?;
    let mut meanwhile = Outcome::default();
    let path = format!("/campaigns/{campaign}");
    let looking = tokio::spawn(ask(api, Arc::clone(looks), COLLEAGUES));
    let sent = loop {
        let detail = client.get(&path).await?;
        match detail["status"].as_str() {
            Some("sending") => tokio::time::sleep(Duration::from_millis(50)).await,
            Some("sent") => break draining.elapsed(),
            other => return Err(format!("the campaign became {other:?}").into()),
        }
    };
    meanwhile.add(looking.await??);
    let after = figures::statements(&database).await?;
    database.close().await;
    Ok(Sent {
        recipients,
        freeze,
        drain: sent,
        meanwhile,
        statements: after.since(before),
    })
}

fn looks(client: &Client, members: u64) -> Arc<Vec<Vec<u8>>> {
    let path = |n: u64| format!("/api/v1/members/{}", n * members / 1_000 + 1);
    Arc::new((0..1_000).map(|n| get(&path(n), &client.token)).collect())
}

async fn befriend(line: &str, members: u64) -> Result<(), Failed> {
    let mut first = 1;
    while first <= members {
        let last = (first + AT_ONCE - 1).min(members);
        let users: Vec<_> = (first..=last).map(|n| json!({"uid": uid(n)})).collect();
        client::post(&format!("{line}/sim/users"), &json!(users)).await?;
        first = last + 1;
    }
    Ok(())
}

impl Programs {
    /// The most memory that each of them ever held, in MiB.
    fn peaks(&self) -> Vec<(&'static str, f64)> {
        let peak = |program: &Program| (program.name, program.peak_mib());
        let runner = self.runner_process.iter();
        [&self.api_process]
            .into_iter()
            .chain(runner)
            .map(peak)
            .collect()
    }
}
