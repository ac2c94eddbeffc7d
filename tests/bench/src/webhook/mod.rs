//! Events taken in: the real API, in a process of its own and without a job runner, under as many
//! signed requests as it answers. An event whose request got a 200 must stand in the table.

mod bare;
mod deliveries;
mod figures;

use crate::arguments::Arguments;
use crate::load::{Crowd, Outcome, ask};
use crate::place::Place;
use crate::programs::{Programs, Wanted, address};
use bare::bare;
use crm_bootstrap::install_tls;
use crm_simulator_line::SimulatorConfig;
use deliveries::Deliveries;
use figures::Figures;
use sea_orm::{ConnectionTrait, Statement};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Events of one request.
const EACH: [usize; 2] = [1, 10];
/// More events than can be taken in within a second: they are signed before the turn.
const MOST_A_SECOND: usize = 40_000;
/// Not in the figures, but in the table.
const WARM_UP: Duration = Duration::from_secs(2);

type Failed = Box<dyn Error>;

pub async fn all(arguments: &Arguments, server: Option<&str>) -> Result<(), Failed> {
    install_tls();
    figures::head();
    for events_each in EACH {
        if arguments.sqlite {
            measure(Place::sqlite()?, events_each, arguments).await?;
        }
        if let Some(server) = server.filter(|_| arguments.mysql) {
            measure(Place::mysql(server).await?, events_each, arguments).await?;
        }
    }
    Ok(())
}

async fn measure(place: Place, events_each: usize, arguments: &Arguments) -> Result<(), Failed> {
    place.prepare().await?;
    let wanted = Wanted {
        paced: true,
        job_runner: false,
    };
    let programs = Programs::start(&place, wanted).await?;
    let outcome = with(&place, &programs, events_each, arguments).await;
    drop(programs);
    place.remove().await?;
    figures::print(&outcome?);
    Ok(())
}

async fn with(
    place: &Place,
    programs: &Programs,
    events_each: usize,
    arguments: &Arguments,
) -> Result<Figures, Failed> {
    let secret = SimulatorConfig::default().channel_secret;
    let product = address(&programs.api)?;
    let bare = bare(secret.clone())?;
    let mut side = Side {
        deliveries: Deliveries::new(secret),
        connections: arguments.connections,
        events_each,
    };
    let (warm_up, requests) = side.take_in(product, WARM_UP).await?;
    side.ask(bare.address, WARM_UP, requests).await?;
    let mut stored = warm_up.latencies.len() * events_each;
    let mut turns = Vec::with_capacity(arguments.rounds);
    for _ in 0..arguments.rounds {
        let (ours, requests) = side.take_in(product, arguments.turn).await?;
        let theirs = side.ask(bare.address, arguments.turn, requests).await?;
        stored += ours.latencies.len() * events_each;
        turns.push((ours, theirs));
    }
    bare.stop().await;
    let rows = rows(place).await?;
    if rows != stored {
        return Err(format!("{stored} events got a 200, {rows} are in the table").into());
    }
    Ok(Figures {
        place: place.name,
        events_each,
        turns,
        rows,
    })
}

struct Side {
    deliveries: Deliveries,
    connections: usize,
    events_each: usize,
}

impl Side {
    /// Requests that nobody sent before, as fast as they are answered.
    async fn take_in(
        &mut self,
        server: SocketAddr,
        turn: Duration,
    ) -> Result<(Outcome, Arc<Vec<Vec<u8>>>), Failed> {
        let a_second = MOST_A_SECOND / self.events_each;
        let each = (turn.as_secs() as usize * a_second).div_ceil(self.connections);
        let signed = each * self.connections;
        let requests = Arc::new(self.deliveries.sign(signed, self.events_each));
        let outcome = self.ask(server, turn, Arc::clone(&requests)).await?;
        if outcome.asked.iter().any(|(_, asked)| *asked >= each) {
            return Err("more was taken in than had been signed".into());
        }
        Ok((outcome, requests))
    }

    async fn ask(
        &self,
        server: SocketAddr,
        turn: Duration,
        requests: Arc<Vec<Vec<u8>>>,
    ) -> Result<Outcome, Failed> {
        let crowd = Crowd {
            connections: self.connections,
            pace: None,
            turn,
        };
        Ok(ask(server, requests, crowd).await?)
    }
}

async fn rows(place: &Place) -> Result<usize, Failed> {
    let database = place.connect().await?;
    let pool = database.pool();
    let count = "SELECT COUNT(*) FROM line_events";
    let statement = Statement::from_string(pool.get_database_backend(), count);
    let row = pool.query_one_raw(statement).await?.ok_or("no count")?;
    let count: i64 = row.try_get_by_index(0)?;
    database.close().await;
    Ok(usize::try_from(count)?)
}
