//! Starts `crm-api` and `crm-job-runner` and ends them with the test, whatever becomes of it.

use crm_simulator_line::SimulatorConfig;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The first admin's password.
pub const PASSWORD: &str = "moon-festival-2026";

/// A program that is killed when it goes out of scope.
pub struct Process(Child);

impl Process {
    /// Takes a started program into its care.
    pub fn of(child: Child) -> Self {
        Self(child)
    }

    /// SIGKILL: no chance to tidy up.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// SIGTERM; answers whether it ended well within the time.
    pub fn terminate(&mut self, patience: Duration) -> bool {
        self.signal("TERM");
        let start = Instant::now();
        while start.elapsed() < patience {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the programs of one installation are told.
pub struct Settings {
    /// `DATABASE_URL`
    pub database_url: String,
    /// `LINE_API_BASE_URL`
    pub line: String,
    /// Where the API is to listen.
    pub port: u16,
    /// Further variables; they win over the usual ones.
    pub more: Vec<(&'static str, String)>,
    uploads: TempDir,
}

impl Settings {
    /// Settings with a free port.
    pub fn new(database_url: &str, line: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            database_url: database_url.to_owned(),
            line: line.to_owned(),
            port: free.local_addr().unwrap().port(),
            more: Vec::new(),
            uploads: tempfile::tempdir().unwrap(),
        }
    }

    /// Where the API answers.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts a program with these settings.
    pub fn start(&self, program: &str) -> Process {
        let simulated = SimulatorConfig::default();
        let child = Command::new(folder().join(program))
            .env_clear()
            .env("HTTP_ADDR", format!("127.0.0.1:{}", self.port))
            .env("DATABASE_URL", &self.database_url)
            .env("UPLOAD_DIR", self.uploads.path())
            .env("EXPORT_DIR", self.uploads.path().join("exports"))
            .env("AUTO_MIGRATE", "true")
            .env(
                "SECRET_KEY",
                "a secret key for tests, 32 or more characters",
            )
            .env(
                "ID_NUMBER_KEY",
                "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            )
            .env("BOOTSTRAP_ADMIN_USERNAME", "admin")
            .env("BOOTSTRAP_ADMIN_EMAIL", "admin@hotel.example")
            .env("BOOTSTRAP_ADMIN_PASSWORD", PASSWORD)
            .env("LINE_API_BASE_URL", &self.line)
            .env("LINE_CHANNEL_ACCESS_TOKEN", simulated.channel_access_token)
            .env("LINE_CHANNEL_SECRET", simulated.channel_secret)
            .env("RATE_LIMIT_PER_MINUTE", "0")
            .env("LOGIN_RATE_LIMIT_PER_MINUTE", "0")
            .env("LINE_TIMEOUT", "1")
            .env("JOB_LEASE", "3")
            .env("RUST_LOG", "warn,crm_job_runner=error")
            .envs(self.more.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        Process(child)
    }

    /// Starts the API and waits until it answers.
    pub async fn start_api(&self) -> Process {
        let api = self.start("crm-api");
        let ready = format!("{}/ready", self.base());
        let start = Instant::now();
        while status(&ready).await != Some(200) {
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "the API does not answer"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        api
    }
}

/// The status that an address answers with, if it answers.
pub async fn status(url: &str) -> Option<u16> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    let answer = client.get(url).send().await.ok()?;
    Some(answer.status().as_u16())
}

/// Where the programs were built to: told by the test run, or beside this very test.
#[expect(
    clippy::disallowed_methods,
    reason = "how the test run tells where the programs are"
)]
pub fn folder() -> PathBuf {
    if let Ok(folder) = std::env::var("CRM_TEST_BIN_DIR") {
        return PathBuf::from(folder);
    }
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(|deps| deps.parent()).unwrap();
    assert!(
        folder.join("crm-api").exists() && folder.join("crm-job-runner").exists(),
        "build the programs first: cargo build -p crm-api -p crm-job-runner -p crm-simulator-line"
    );
    folder.to_owned()
}
