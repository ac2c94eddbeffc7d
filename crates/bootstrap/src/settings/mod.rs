mod files;
mod keys;
mod line;
mod pms;
#[cfg(test)]
mod tests;
mod urls;

use crate::read::{Reader, SettingProblem};
use chrono_tz::Tz;
use crm_database::DatabaseOptions;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;
use url::Url;

pub use files::FileSettings;
pub use pms::PmsSettings;

/// What the installation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppEnv {
    /// Trying and building: missing secrets are made up.
    Development,
    /// Real guests: missing or weak secrets end the start.
    Production,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Where requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimitStore {
    /// By each process for itself.
    Memory,
    /// In the database, by all processes together.
    Database,
}

/// The first admin, created when there is none.
#[derive(Clone, Debug)]
pub struct BootstrapAdmin {
    /// `BOOTSTRAP_ADMIN_USERNAME`
    pub username: String,
    /// `BOOTSTRAP_ADMIN_EMAIL`
    pub email: String,
    /// `BOOTSTRAP_ADMIN_PASSWORD`
    pub password: SecretString,
}

/// How to reach LINE.
#[derive(Clone, Debug)]
pub struct LineSettings {
    /// `LINE_CHANNEL_ACCESS_TOKEN`
    pub channel_access_token: SecretString,
    /// `LINE_CHANNEL_SECRET`
    pub channel_secret: SecretString,
    /// `LINE_API_BASE_URL`
    pub api_base_url: Url,
    /// `LINE_DATA_API_BASE_URL`
    pub data_api_base_url: Url,
    /// `LINE_TIMEOUT`
    pub timeout: Duration,
    /// `LINE_MULTICAST_PER_SECOND`, of all processes together; 0 = no limit of ours
    pub multicast_per_second: u32,
    /// `LINE_PUSH_PER_SECOND`, of all processes together; 0 = no limit of ours
    pub push_per_second: u32,
}

/// Everything that can be set, read once at the start. Described in `.env.example`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `APP_ENV`
    pub env: AppEnv,
    /// `HTTP_ADDR`
    pub http_addr: SocketAddr,
    /// `PUBLIC_BASE_URL`
    pub public_base_url: Url,
    /// `CORS_ALLOWED_ORIGINS`
    pub cors_allowed_origins: Vec<String>,
    /// `DATABASE_URL`
    pub database_url: String,
    /// `DATABASE_MAX_CONNECTIONS`
    pub database_max_connections: u32,
    /// See [`DatabaseOptions::page_cache`]; no variable, but what suits each program.
    pub page_cache: u32,
    /// `AUTO_MIGRATE`
    pub auto_migrate: bool,
    /// `SECRET_KEY`
    pub secret_key: SecretString,
    /// `ACCESS_TOKEN_EXPIRE_MINUTES`
    pub access_token_minutes: i64,
    /// `METRICS_TOKEN`; none = no metrics
    pub metrics_token: Option<SecretString>,
    /// `RATE_LIMIT_PER_MINUTE`; 0 = no limit
    pub rate_limit_per_minute: u32,
    /// `LOGIN_RATE_LIMIT_PER_MINUTE`; 0 = no limit
    pub login_rate_limit_per_minute: u32,
    /// `MESSAGE_RATE_LIMIT_PER_MINUTE`; 0 = no limit
    pub message_rate_limit_per_minute: u32,
    /// `RATE_LIMIT_STORE`
    pub rate_limit_store: RateLimitStore,
    /// `UPLOAD_DIR`, `MAX_FILE_SIZE`, `MAX_MEDIA_SIZE`, `ALLOWED_IMAGE_TYPES`, `EXPORT_…`,
    /// `PDF_FONT_PATH`
    pub files: FileSettings,
    /// `ID_NUMBER_KEY`
    pub id_number_key: SecretString,
    /// `ID_NUMBER_KEY_PREVIOUS`
    pub id_number_key_previous: Option<SecretString>,
    /// `BOOTSTRAP_ADMIN_…`
    pub bootstrap_admin: Option<BootstrapAdmin>,
    /// `LINE_…`
    pub line: LineSettings,
    /// `PMS_…`
    pub pms: PmsSettings,
    /// `HOTEL_TIME_ZONE`
    pub hotel_time_zone: Tz,
    /// `CAMPAIGN_MAX_LATENESS`
    pub campaign_max_lateness: Duration,
    /// `OPEN_WINDOW_DAYS`
    pub open_window_days: u32,
    /// `CONVERSION_WINDOW_DAYS`; bookings so long after a campaign belong to it
    pub conversion_window_days: u32,
    /// `WEBHOOK_RETENTION_DAYS`
    pub webhook_retention_days: u32,
    /// `CLICK_WINDOW`; clicks of one guest on one link within it are one
    pub click_window: Duration,
    /// `JOB_LEASE`
    pub job_lease: Duration,
    /// `JOB_POLL_INTERVAL`
    pub job_poll_interval: Duration,
    /// `SHUTDOWN_GRACE`
    pub shutdown_grace: Duration,
    /// `LOG_DIR`
    pub log_dir: Option<PathBuf>,
    /// `LOG_FORMAT`
    pub log_format: LogFormat,
    /// `RUST_LOG`
    pub rust_log: String,
    /// What was made up because it was missing; to be said in the log.
    pub warnings: Vec<String>,
}

/// The settings cannot be used.
#[derive(Debug, Error)]
#[error("{}", list(.0))]
pub struct SettingsError(pub Vec<SettingProblem>);

fn list(problems: &[SettingProblem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|p| format!("  {}: {}", p.name, p.message))
        .collect();
    format!("the settings cannot be used:\n{}", lines.join("\n"))
}

const DEFAULT_LOG: &str = "info,sqlx=warn,actix_server=warn";

impl Settings {
    /// The same for a program that reads much and shows nothing.
    #[must_use]
    pub const fn for_jobs(mut self) -> Self {
        self.page_cache = DatabaseOptions::JOBS;
        self
    }

    /// Every variable that is read, in the order of `.env.example`.
    pub const NAMES: [&'static str; 53] = [
        "APP_ENV",
        "HTTP_ADDR",
        "PUBLIC_BASE_URL",
        "CORS_ALLOWED_ORIGINS",
        "DATABASE_URL",
        "DATABASE_MAX_CONNECTIONS",
        "AUTO_MIGRATE",
        "SECRET_KEY",
        "ACCESS_TOKEN_EXPIRE_MINUTES",
        "RATE_LIMIT_PER_MINUTE",
        "LOGIN_RATE_LIMIT_PER_MINUTE",
        "MESSAGE_RATE_LIMIT_PER_MINUTE",
        "RATE_LIMIT_STORE",
        "UPLOAD_DIR",
        "MAX_FILE_SIZE",
        "MAX_MEDIA_SIZE",
        "ALLOWED_IMAGE_TYPES",
        "EXPORT_DIR",
        "EXPORT_LINK_TTL",
        "PDF_FONT_PATH",
        "ID_NUMBER_KEY",
        "ID_NUMBER_KEY_PREVIOUS",
        "BOOTSTRAP_ADMIN_USERNAME",
        "BOOTSTRAP_ADMIN_EMAIL",
        "BOOTSTRAP_ADMIN_PASSWORD",
        "LINE_CHANNEL_ACCESS_TOKEN",
        "LINE_CHANNEL_SECRET",
        "LINE_API_BASE_URL",
        "LINE_DATA_API_BASE_URL",
        "LINE_TIMEOUT",
        "LINE_MULTICAST_PER_SECOND",
        "LINE_PUSH_PER_SECOND",
        "PMS_API_URL",
        "PMS_API_KEY",
        "PMS_HOTEL_CODE",
        "PMS_ATHENA_ID",
        "PMS_SYNC_INTERVAL",
        "PMS_PAGE_SIZE",
        "PMS_OVERLAP",
        "PMS_TIMEOUT",
        "HOTEL_TIME_ZONE",
        "CAMPAIGN_MAX_LATENESS",
        "OPEN_WINDOW_DAYS",
        "CONVERSION_WINDOW_DAYS",
        "WEBHOOK_RETENTION_DAYS",
        "CLICK_WINDOW",
        "JOB_LEASE",
        "JOB_POLL_INTERVAL",
        "SHUTDOWN_GRACE",
        "METRICS_TOKEN",
        "LOG_DIR",
        "LOG_FORMAT",
        "RUST_LOG",
    ];

    /// Reads `.env` in the working directory, if there is one, and the environment, which wins.
    ///
    /// # Errors
    /// Every problem at once.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the environment is read, once"
    )]
    pub fn from_env() -> Result<Self, SettingsError> {
        match dotenvy::from_path(".env") {
            Err(error) if !error.not_found() => {
                return Err(SettingsError(vec![SettingProblem {
                    name: ".env",
                    // The error quotes the line, which may hold a secret.
                    message: "has a line that cannot be read; put values with blanks, # or $ \
                              between single quotes"
                        .to_owned(),
                }]));
            }
            _ => {}
        }
        Self::read(&|name| std::env::var(name).ok())
    }

    /// Reads the settings from any source.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let r = &mut reader;
        let mut warnings = Vec::new();
        let env = match r.text("APP_ENV").as_deref() {
            None | Some("development") => AppEnv::Development,
            Some("production") => AppEnv::Production,
            Some(_) => {
                r.problem("APP_ENV", "must be development or production");
                AppEnv::Production
            }
        };
        let http_addr = r.parsed("HTTP_ADDR", SocketAddr::from(([127, 0, 0, 1], 8000)));
        let database_url = database_url(r);
        let on_sqlite = database_url.starts_with("sqlite:");
        let log_format = match r.text("LOG_FORMAT").as_deref() {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(_) => {
                r.problem("LOG_FORMAT", "must be text or json");
                LogFormat::Text
            }
        };
        let second = Duration::from_secs(1);
        let settings = Self {
            env,
            http_addr,
            public_base_url: urls::public_base_url(r, env, http_addr),
            cors_allowed_origins: urls::origins(r),
            database_max_connections: number32(r, "DATABASE_MAX_CONNECTIONS", 20, 1..=1_000),
            page_cache: DatabaseOptions::SCREENS,
            auto_migrate: r.flag("AUTO_MIGRATE", on_sqlite),
            database_url,
            secret_key: keys::secret_key(r, env, &mut warnings),
            access_token_minutes: i64::from(number32(
                r,
                "ACCESS_TOKEN_EXPIRE_MINUTES",
                60,
                1..=1_440,
            )),
            metrics_token: metrics_token(r),
            rate_limit_per_minute: number32(r, "RATE_LIMIT_PER_MINUTE", 100, 0..=1_000_000),
            login_rate_limit_per_minute: number32(
                r,
                "LOGIN_RATE_LIMIT_PER_MINUTE",
                5,
                0..=1_000_000,
            ),
            message_rate_limit_per_minute: number32(
                r,
                "MESSAGE_RATE_LIMIT_PER_MINUTE",
                50,
                0..=1_000_000,
            ),
            rate_limit_store: rate_limit_store(r),
            files: files::files(r),
            id_number_key: keys::id_number_key(r, env, &mut warnings),
            id_number_key_previous: r
                .text("ID_NUMBER_KEY_PREVIOUS")
                .and_then(|text| keys::checked_key(r, "ID_NUMBER_KEY_PREVIOUS", text)),
            bootstrap_admin: bootstrap_admin(r),
            line: line::line(r, env),
            pms: pms::pms(r),
            hotel_time_zone: r.parsed("HOTEL_TIME_ZONE", chrono_tz::Asia::Taipei),
            campaign_max_lateness: r.seconds(
                "CAMPAIGN_MAX_LATENESS",
                7_200 * second,
                second,
                7 * 86_400 * second,
            ),
            open_window_days: number32(r, "OPEN_WINDOW_DAYS", 7, 0..=365),
            conversion_window_days: number32(r, "CONVERSION_WINDOW_DAYS", 30, 1..=365),
            webhook_retention_days: number32(r, "WEBHOOK_RETENTION_DAYS", 30, 7..=3_650),
            click_window: r.seconds("CLICK_WINDOW", 3_600 * second, second, 30 * 86_400 * second),
            job_lease: r.seconds("JOB_LEASE", 30 * second, second, 3_600 * second),
            job_poll_interval: r.seconds(
                "JOB_POLL_INTERVAL",
                Duration::from_millis(200),
                Duration::from_millis(10),
                second,
            ),
            shutdown_grace: r.seconds("SHUTDOWN_GRACE", 10 * second, Duration::ZERO, 600 * second),
            log_dir: r.text("LOG_DIR").map(PathBuf::from),
            log_format,
            rust_log: r.text("RUST_LOG").unwrap_or_else(|| DEFAULT_LOG.to_owned()),
            warnings,
        };
        let problems = reader.into_problems();
        if problems.is_empty() {
            Ok(settings)
        } else {
            Err(SettingsError(problems))
        }
    }
}

fn number32(
    r: &mut Reader<'_>,
    name: &'static str,
    default: u32,
    bounds: std::ops::RangeInclusive<u32>,
) -> u32 {
    let (least, most) = bounds.into_inner();
    let value = r.number(name, u64::from(default), u64::from(least)..=u64::from(most));
    u32::try_from(value).unwrap_or(default)
}

fn metrics_token(r: &mut Reader<'_>) -> Option<SecretString> {
    let token = r.text("METRICS_TOKEN")?;
    if token.len() < 16 {
        r.problem("METRICS_TOKEN", "must have at least 16 characters");
    }
    Some(token.into())
}

fn rate_limit_store(r: &mut Reader<'_>) -> RateLimitStore {
    match r.text("RATE_LIMIT_STORE").as_deref() {
        None | Some("memory") => RateLimitStore::Memory,
        Some("database") => RateLimitStore::Database,
        Some(_) => {
            r.problem("RATE_LIMIT_STORE", "must be memory or database");
            RateLimitStore::Memory
        }
    }
}

fn database_url(r: &mut Reader<'_>) -> String {
    let url = r
        .text("DATABASE_URL")
        .unwrap_or_else(|| "sqlite://data/crm.db?mode=rwc".to_owned());
    if !url.starts_with("sqlite:") && !url.starts_with("mysql://") {
        r.problem("DATABASE_URL", "must begin with sqlite: or mysql://");
    }
    url
}

fn bootstrap_admin(r: &mut Reader<'_>) -> Option<BootstrapAdmin> {
    let parts = [
        "BOOTSTRAP_ADMIN_USERNAME",
        "BOOTSTRAP_ADMIN_EMAIL",
        "BOOTSTRAP_ADMIN_PASSWORD",
    ]
    .map(|name| (name, r.text(name)));
    match parts {
        [(_, Some(username)), (_, Some(email)), (_, Some(password))] => Some(BootstrapAdmin {
            username,
            email,
            password: SecretString::from(password),
        }),
        [(_, None), (_, None), (_, None)] => None,
        some => {
            for (name, value) in some {
                if value.is_none() {
                    r.problem(name, "must be set together with the other two");
                }
            }
            None
        }
    }
}
