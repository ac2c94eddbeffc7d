//! The API, a job runner and a simulated LINE on a database of their own, gone when dropped.

use std::cell::RefCell;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::database::Server;
use crate::environment::cargo;
use crate::failure::Failure;
use crate::metadata::Metadata;
use crate::process::{Group, pause, run as run_program};

pub const USERNAME: &str = "admin";
pub const PASSWORD: &str = "moon-festival-2026";

const PROGRAMS: [&str; 4] = [
    "crm-api",
    "crm-job-runner",
    "crm-simulator-line",
    "crm-simulator-dexon",
];
const PMS_KEY: &str = "simulator-pms-key";
const START_LIMIT: Duration = Duration::from_secs(60);
const TOKEN: &str = "simulator-channel-access-token";
const SECRET: &str = "simulator-channel-secret";

pub struct Installation {
    // Before the folder: they end before it goes.
    groups: Vec<RefCell<Group>>,
    base_url: String,
    simulator_url: String,
    _folder: TempDir,
}

impl Installation {
    /// On the given server, or else on an SQLite file.
    pub fn start(server: Option<&Server>) -> Result<Self, Failure> {
        let programs = build()?;
        let folder =
            tempfile::tempdir().map_err(Failure::while_trying("cannot make a temporary folder"))?;
        let (api, line, pms) = (free_port()?, free_port()?, free_port()?);
        let database = match server {
            Some(server) => server.database_url(),
            None => format!(
                "sqlite://{}?mode=rwc",
                folder.path().join("crm.db").display()
            ),
        };
        let told = Told {
            folder: folder.path(),
            database: &database,
            api,
            line,
            pms,
        };
        let mut simulator = Command::new(programs.join("crm-simulator-line"));
        let webhook = format!("http://127.0.0.1:{api}/api/v1/line/webhook");
        simulator.args(["--port", &line.to_string(), "--webhook", &webhook]);
        simulator.stdout(Stdio::null());
        let mut hotel = Command::new(programs.join("crm-simulator-dexon"));
        hotel.args(["--port", &pms.to_string(), "--key", PMS_KEY]);
        hotel.args(["--guests", "50", "--stays", "150"]);
        hotel.stdout(Stdio::null());
        let groups = [
            told.command(&programs.join("crm-api")),
            told.command(&programs.join("crm-job-runner")),
            simulator,
            hotel,
        ]
        .iter_mut()
        .map(|command| Group::spawn(command).map(RefCell::new))
        .collect::<Result<_, _>>()?;
        let installation = Self {
            groups,
            base_url: format!("http://127.0.0.1:{api}"),
            simulator_url: format!("http://127.0.0.1:{line}"),
            _folder: folder,
        };
        installation.wait_until_it_answers(&[line, pms, api])?;
        println!("The API answers on {}.", installation.base_url);
        Ok(installation)
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    pub fn simulator_url(&self) -> &str {
        &self.simulator_url
    }

    /// A new token of the first admin.
    pub fn sign_in(&self) -> Result<String, Failure> {
        let login = json!({"username": USERNAME, "password": PASSWORD}).to_string();
        let url = format!("{}/api/v1/auth/login", self.base_url);
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "30", "--header"])
            .args(["content-type: application/json", "--data", &login, &url])
            .output()
            .map_err(Failure::while_trying("cannot run curl"))?;
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let token = answer["data"]["access_token"].as_str();
        token.map(str::to_owned).ok_or_else(|| {
            Failure::because(format!(
                "cannot sign in: {}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ))
        })
    }

    /// A program that ended is a failure, whatever was found until then.
    pub fn still_runs(&self) -> Result<(), Failure> {
        for (group, name) in self.groups.iter().zip(PROGRAMS) {
            if let Some(status) = group.borrow_mut().ended()? {
                return Err(Failure::because(format!("{name} has ended ({status})")));
            }
        }
        Ok(())
    }

    fn wait_until_it_answers(&self, ports: &[u16]) -> Result<(), Failure> {
        let deadline = Instant::now() + START_LIMIT;
        for port in ports {
            while TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_err() {
                self.still_runs()?;
                if Instant::now() > deadline {
                    return Err(Failure::because("the programs do not answer"));
                }
                pause()?;
            }
        }
        Ok(())
    }
}

/// What the programs are told by their environment.
struct Told<'a> {
    folder: &'a Path,
    database: &'a str,
    api: u16,
    line: u16,
    pms: u16,
}

impl Told<'_> {
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.folder).envs([
            ("HTTP_ADDR", format!("127.0.0.1:{}", self.api)),
            ("DATABASE_URL", self.database.to_owned()),
            (
                "LINE_API_BASE_URL",
                format!("http://127.0.0.1:{}", self.line),
            ),
            ("PMS_API_URL", format!("http://127.0.0.1:{}", self.pms)),
        ]);
        command.envs([
            ("AUTO_MIGRATE", "true"),
            ("PMS_API_KEY", PMS_KEY),
            (
                "SECRET_KEY",
                "a secret key for tests, 32 or more characters",
            ),
            (
                "ID_NUMBER_KEY",
                "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            ),
            ("BOOTSTRAP_ADMIN_USERNAME", USERNAME),
            ("BOOTSTRAP_ADMIN_EMAIL", "admin@hotel.example"),
            ("BOOTSTRAP_ADMIN_PASSWORD", PASSWORD),
            ("LINE_CHANNEL_ACCESS_TOKEN", TOKEN),
            ("LINE_CHANNEL_SECRET", SECRET),
            ("RATE_LIMIT_PER_MINUTE", "0"),
            ("LOGIN_RATE_LIMIT_PER_MINUTE", "0"),
            ("MESSAGE_RATE_LIMIT_PER_MINUTE", "0"),
            ("RUST_LOG", "error"),
        ]);
        command
    }
}

fn build() -> Result<PathBuf, Failure> {
    let mut command = cargo(&["build", "--quiet"]);
    for program in PROGRAMS {
        command.args(["--package", program]);
    }
    run_program("cargo build", &mut command)?;
    Ok(Metadata::read()?.target_directory().join("debug"))
}

fn free_port() -> Result<u16, Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(Failure::while_trying("cannot find a free port"))
}
