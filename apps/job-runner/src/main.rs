//! `crm-job-runner`: does what was written down to be done later. Any number may run at once.

use crm_bootstrap::{BuildError, Crm, Settings, install_tls, start_telemetry, wait_for_schema};
use crm_job_runner::run;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code for settings that cannot be used.
const MISUSE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    install_tls();
    let settings = match Settings::from_env() {
        Ok(settings) => settings.for_jobs(),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(MISUSE);
        }
    };
    let _telemetry = start_telemetry(&settings, "crm-job-runner");
    let stop = async {
        if let Err(error) = stop_signal().await {
            tracing::error!(%error, "signals cannot be received");
        }
    };
    tokio::pin!(stop);
    let crm = tokio::select! {
        crm = connect(&settings) => match crm {
            Ok(crm) => crm,
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::from(MISUSE);
            }
        },
        () = &mut stop => return ExitCode::SUCCESS,
    };
    tokio::select! {
        () = wait_for_schema(&crm.database) => {}
        () = &mut stop => return ExitCode::SUCCESS,
    }
    tracing::info!("the job runner is at work");
    run(&crm, &settings, stop).await;
    tracing::info!("the job runner has ended");
    ExitCode::SUCCESS
}

/// Connects, and waits for a database that is not there yet.
async fn connect(settings: &Settings) -> Result<Crm, BuildError> {
    let mut wait = Duration::from_millis(200);
    loop {
        match Crm::connect(settings).await {
            Err(BuildError::Store(error)) => {
                tracing::warn!(%error, "cannot start yet, trying again");
            }
            other => return other,
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(5));
    }
}

async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
