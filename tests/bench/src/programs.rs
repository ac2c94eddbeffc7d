//! The programs, built beside this one.

use crate::place::Place;
use crm_simulator_line::SimulatorConfig;
use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

type Failed = Box<dyn Error>;

/// A process that ends with the measurement.
pub struct Program {
    pub name: &'static str,
    child: Child,
}

impl Program {
    /// The most memory it ever held, in MiB.
    pub fn peak_mib(&self) -> f64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let peak = status.lines().find_map(|line| {
            let rest = line.strip_prefix("VmHWM:")?;
            rest.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok()
        });
        peak.map_or(f64::NAN, |kib| kib / 1024.0)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Which of them are wanted, and how.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// LINE is asked at the usual pace, not as fast as it goes.
    pub paced: bool,
    pub job_runner: bool,
}

/// All of them, at work.
pub struct Programs {
    pub api: String,
    pub line: String,
    pub api_process: Program,
    pub runner_process: Option<Program>,
    _line_process: Program,
    _uploads: TempDir,
}

/// Where a program listens.
pub fn address(base: &str) -> Result<SocketAddr, Failed> {
    Ok(base.trim_start_matches("http://").parse()?)
}

fn free_port() -> Result<u16, Failed> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn program(name: &'static str, change: impl FnOnce(&mut Command)) -> Result<Program, Failed> {
    let folder = std::env::current_exe()?;
    let path = folder.parent().ok_or("no folder")?.join(name);
    if !path.exists() {
        return Err(format!(
            "{name} is not built: cargo build --release -p crm-api -p crm-job-runner -p crm-simulator-line"
        )
        .into());
    }
    let mut command = Command::new(path);
    command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    change(&mut command);
    Ok(Program {
        name,
        child: command.spawn()?,
    })
}

impl Programs {
    pub async fn start(place: &Place, wanted: Wanted) -> Result<Self, Failed> {
        Self::start_with(place, wanted, &[]).await
    }

    /// With further settings.
    pub async fn start_with(
        place: &Place,
        wanted: Wanted,
        more: &[(&str, String)],
    ) -> Result<Self, Failed> {
        let (api_port, line_port) = (free_port()?, free_port()?);
        let (api, line) = (
            format!("http://127.0.0.1:{api_port}"),
            format!("http://127.0.0.1:{line_port}"),
        );
        let uploads = tempfile::tempdir()?;
        let simulated = SimulatorConfig::default();
        let settings = |command: &mut Command| {
            command
                .env("HTTP_ADDR", format!("127.0.0.1:{api_port}"))
                .env("DATABASE_URL", &place.url)
                .env("AUTO_MIGRATE", "false")
                .env("UPLOAD_DIR", uploads.path())
                .env("EXPORT_DIR", uploads.path().join("exports"))
                .env("SECRET_KEY", "a secret key for measurements, long enough")
                .env(
                    "ID_NUMBER_KEY",
                    "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                )
                .env("BOOTSTRAP_ADMIN_USERNAME", "admin")
                .env("BOOTSTRAP_ADMIN_EMAIL", "admin@hotel.example")
                .env("BOOTSTRAP_ADMIN_PASSWORD", crate::product::PASSWORD)
                .env("LINE_API_BASE_URL", &line)
                .env("LINE_CHANNEL_ACCESS_TOKEN", &simulated.channel_access_token)
                .env("LINE_CHANNEL_SECRET", &simulated.channel_secret)
                .env("RATE_LIMIT_PER_MINUTE", "0")
                .env("LOGIN_RATE_LIMIT_PER_MINUTE", "0")
                .env("RUST_LOG", "warn")
                .envs(more.iter().map(|(name, value)| (*name, value)));
            if !wanted.paced {
                command
                    .env("LINE_MULTICAST_PER_SECOND", "0")
                    .env("LINE_PUSH_PER_SECOND", "0");
            }
        };
        let line_process = program("crm-simulator-line", |command| {
            command.args(["--port", &line_port.to_string()]);
        })?;
        answers(&format!("{line}/sim/counters")).await?;
        let api_process = program("crm-api", settings)?;
        answers(&format!("{api}/ready")).await?;
        let runner_process = wanted
            .job_runner
            .then(|| program("crm-job-runner", settings))
            .transpose()?;
        Ok(Self {
            api,
            line,
            api_process,
            runner_process,
            _line_process: line_process,
            _uploads: uploads,
        })
    }
}

/// Waits until an address answers.
async fn answers(url: &str) -> Result<(), Failed> {
    let began = Instant::now();
    while crate::client::get(url).await.is_err() {
        if began.elapsed() > Duration::from_secs(30) {
            return Err(format!("{url} does not answer").into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
