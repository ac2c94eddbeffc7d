//! `crm-simulator-dexon`: the simulator as a process of its own.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use chrono::NaiveDate;
use crm_simulator_dexon::{Clock, DexonSimulator, Hotel, SimulatorConfig};

const USAGE: &str = "usage: crm-simulator-dexon [--port N] [--key K] [--hotel CODE] [--seed N] \
     [--guests N] [--stays N] [--today YYYY-MM-DD]\n\
     without --today the hotel's day is today and its clock runs; with it the clock stands still";

#[derive(Debug)]
struct Arguments {
    addr: SocketAddr,
    key: Option<String>,
    hotel_code: Option<String>,
    seed: u64,
    guests: usize,
    stays: usize,
    today: Option<NaiveDate>,
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut read = Arguments {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 9800)),
        key: None,
        hotel_code: None,
        seed: 42,
        guests: 500,
        stays: 2_000,
        today: None,
    };
    while let Some(name) = args.next() {
        let value = args
            .next()
            .ok_or_else(|| format!("{name} needs a value\n{USAGE}"))?;
        let wrong = || format!("{name}: {value} cannot be used");
        match name.as_str() {
            "--port" => read.addr.set_port(value.parse().map_err(|_| wrong())?),
            "--key" => read.key = Some(value),
            "--hotel" => read.hotel_code = Some(value),
            "--seed" => read.seed = value.parse().map_err(|_| wrong())?,
            "--guests" => read.guests = value.parse().map_err(|_| wrong())?,
            "--stays" => read.stays = value.parse().map_err(|_| wrong())?,
            "--today" => read.today = Some(value.parse().map_err(|_| wrong())?),
            _ => return Err(format!("unknown argument {name}\n{USAGE}")),
        }
    }
    Ok(read)
}

fn config(read: Arguments) -> SimulatorConfig {
    let usual = SimulatorConfig::default();
    let clock = Clock::of_this_machine();
    let hotel = Hotel::seeded(read.seed, read.guests, read.stays);
    SimulatorConfig {
        addr: read.addr,
        api_key: read.key.unwrap_or(usual.api_key),
        hotel_code: read.hotel_code,
        hotel: hotel.on(read.today.unwrap_or_else(|| clock.today())),
        clock: read.today.is_none().then_some(clock),
        ..usual
    }
}

async fn run(config: SimulatorConfig) -> io::Result<()> {
    let simulator = DexonSimulator::start(config).await?;
    let mut out = io::stdout();
    writeln!(out, "PMS simulator: {}", simulator.base_url())?;
    out.flush()?;
    tokio::signal::ctrl_c().await?;
    simulator.stop().await;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match parse(std::env::args().skip(1)) {
        Ok(read) => run(config(read)).await.map_err(|error| error.to_string()),
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // Nothing is left to do when even standard error is closed.
            let _closed = writeln!(io::stderr(), "{problem}");
            ExitCode::FAILURE
        }
    }
}
