//! `crm-simulator-line`: the simulator as a process of its own.
//!
//! `--port N --token T --secret S --webhook URL --quota N --rate-limits`, all optional.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use crm_simulator_line::{LineSimulator, SimulatorConfig};

const USAGE: &str = "usage: crm-simulator-line [--port N] [--token T] [--secret S] [--webhook URL] [--quota N] [--rate-limits]";

fn parse(mut args: impl Iterator<Item = String>) -> Result<SimulatorConfig, String> {
    let mut config = SimulatorConfig {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 9700)),
        ..SimulatorConfig::default()
    };
    while let Some(name) = args.next() {
        if name == "--rate-limits" {
            config.enforce_rate_limits = true;
            continue;
        }
        let value = args
            .next()
            .ok_or_else(|| format!("{name} needs a value\n{USAGE}"))?;
        let not_a_number = |_| format!("{name}: {value} is not a number of the right size");
        match name.as_str() {
            "--port" => config.addr.set_port(value.parse().map_err(not_a_number)?),
            "--token" => config.channel_access_token = value,
            "--secret" => config.channel_secret = value,
            "--webhook" => config.webhook_url = Some(value),
            "--quota" => config.quota = Some(value.parse().map_err(not_a_number)?),
            _ => return Err(format!("unknown argument {name}\n{USAGE}")),
        }
    }
    Ok(config)
}

async fn run(config: SimulatorConfig) -> io::Result<()> {
    let simulator = LineSimulator::start(config).await?;
    let mut out = io::stdout();
    writeln!(out, "LINE simulator: {}", simulator.base_url())?;
    out.flush()?;
    tokio::signal::ctrl_c().await?;
    simulator.stop().await;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match parse(std::env::args().skip(1)) {
        Ok(config) => run(config).await.map_err(|error| error.to_string()),
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
