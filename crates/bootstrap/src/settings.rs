use crate::read::{Reader, SettingProblem};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono_tz::Tz;
use rand::Rng;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;
use url::Url;

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
    /// `LINE_MULTICAST_PER_SECOND`; 0 = no limit of ours
    pub multicast_per_second: u32,
    /// `LINE_PUSH_PER_SECOND`; 0 = no limit of ours
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
    /// `AUTO_MIGRATE`
    pub auto_migrate: bool,
    /// `SECRET_KEY`
    pub secret_key: SecretString,
    /// `ACCESS_TOKEN_EXPIRE_MINUTES`
    pub access_token_minutes: i64,
    /// `ID_NUMBER_KEY`
    pub id_number_key: SecretString,
    /// `ID_NUMBER_KEY_PREVIOUS`
    pub id_number_key_previous: Option<SecretString>,
    /// `BOOTSTRAP_ADMIN_…`
    pub bootstrap_admin: Option<BootstrapAdmin>,
    /// `LINE_…`
    pub line: LineSettings,
    /// `HOTEL_TIME_ZONE`
    pub hotel_time_zone: Tz,
    /// `CAMPAIGN_MAX_LATENESS`
    pub campaign_max_lateness: Duration,
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

/// The value of `SECRET_KEY` in `.env.example`; production refuses it.
const EXAMPLE_SECRET: &str = "your-secret-key-here";
const SECRET_LENGTH: usize = 32;
const DEFAULT_LOG: &str = "info,sqlx=warn,actix_server=warn";

impl Settings {
    /// Every variable that is read, in the order of `.env.example`.
    pub const NAMES: [&'static str; 29] = [
        "APP_ENV",
        "HTTP_ADDR",
        "PUBLIC_BASE_URL",
        "CORS_ALLOWED_ORIGINS",
        "DATABASE_URL",
        "DATABASE_MAX_CONNECTIONS",
        "AUTO_MIGRATE",
        "SECRET_KEY",
        "ACCESS_TOKEN_EXPIRE_MINUTES",
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
        "HOTEL_TIME_ZONE",
        "CAMPAIGN_MAX_LATENESS",
        "JOB_LEASE",
        "JOB_POLL_INTERVAL",
        "SHUTDOWN_GRACE",
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
            public_base_url: public_base_url(r, env, http_addr),
            cors_allowed_origins: origins(r),
            database_max_connections: number32(r, "DATABASE_MAX_CONNECTIONS", 20, 1..=1_000),
            auto_migrate: r.flag("AUTO_MIGRATE", on_sqlite),
            database_url,
            secret_key: secret_key(r, env, &mut warnings),
            access_token_minutes: i64::from(number32(
                r,
                "ACCESS_TOKEN_EXPIRE_MINUTES",
                60,
                1..=1_440,
            )),
            id_number_key: id_number_key(r, env, &mut warnings),
            id_number_key_previous: r
                .text("ID_NUMBER_KEY_PREVIOUS")
                .and_then(|text| checked_key(r, "ID_NUMBER_KEY_PREVIOUS", text)),
            bootstrap_admin: bootstrap_admin(r),
            line: line(r, env),
            hotel_time_zone: r.parsed("HOTEL_TIME_ZONE", chrono_tz::Asia::Taipei),
            campaign_max_lateness: r.seconds(
                "CAMPAIGN_MAX_LATENESS",
                7_200 * second,
                second,
                7 * 86_400 * second,
            ),
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

fn database_url(r: &mut Reader<'_>) -> String {
    let url = r
        .text("DATABASE_URL")
        .unwrap_or_else(|| "sqlite://data/crm.db?mode=rwc".to_owned());
    if !url.starts_with("sqlite:") && !url.starts_with("mysql://") {
        r.problem("DATABASE_URL", "must begin with sqlite: or mysql://");
    }
    url
}

fn origins(r: &mut Reader<'_>) -> Vec<String> {
    let text = r.text("CORS_ALLOWED_ORIGINS").unwrap_or_default();
    let origins: Vec<String> = text
        .split(',')
        .map(|origin| origin.trim().trim_end_matches('/').to_owned())
        .filter(|origin| !origin.is_empty())
        .collect();
    for origin in &origins {
        let is_origin = Url::parse(origin)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.path() == "/");
        if !is_origin {
            r.problem(
                "CORS_ALLOWED_ORIGINS",
                "must be origins such as https://crm.hotel.tw, separated by commas",
            );
        }
    }
    origins
}

fn url(r: &mut Reader<'_>, name: &'static str, default: &str) -> Option<Url> {
    let text = r.text(name).unwrap_or_else(|| default.to_owned());
    match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Some(url),
        _ => {
            r.problem(name, "must be a URL with http or https");
            None
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn public_base_url(r: &mut Reader<'_>, env: AppEnv, http_addr: SocketAddr) -> Url {
    let default = format!("http://{http_addr}");
    let found = url(r, "PUBLIC_BASE_URL", &default);
    if let Some(found) = &found
        && env == AppEnv::Production
        && found.scheme() == "http"
        && !is_loopback(found)
    {
        r.problem(
            "PUBLIC_BASE_URL",
            "must be https in production: guests follow links to it",
        );
    }
    found.unwrap_or_else(loopback)
}

/// Stands in for a URL that was refused; the start ends before it is used.
fn loopback() -> Url {
    #[expect(clippy::expect_used, reason = "a constant that parses")]
    Url::parse("http://127.0.0.1").expect("a URL")
}

fn secret_key(r: &mut Reader<'_>, env: AppEnv, warnings: &mut Vec<String>) -> SecretString {
    let text = r.text("SECRET_KEY");
    if env == AppEnv::Production {
        match &text {
            None => r.problem("SECRET_KEY", "must be set in production"),
            Some(key) if key == EXAMPLE_SECRET => {
                r.problem("SECRET_KEY", "is the one of the example; make your own");
            }
            Some(key) if key.len() < SECRET_LENGTH => {
                r.problem("SECRET_KEY", "must have at least 32 characters");
            }
            Some(_) => {}
        }
    }
    match text {
        Some(key) if key.len() >= SECRET_LENGTH => SecretString::from(key),
        _ => {
            warnings.push(
                "SECRET_KEY is missing or short: a random one is used, so sign-ins and tracked \
                 links end with this process and other processes do not know them"
                    .to_owned(),
            );
            SecretString::from(STANDARD.encode(random_key()))
        }
    }
}

fn id_number_key(r: &mut Reader<'_>, env: AppEnv, warnings: &mut Vec<String>) -> SecretString {
    if let Some(text) = r.text("ID_NUMBER_KEY") {
        return checked_key(r, "ID_NUMBER_KEY", text).unwrap_or_else(|| SecretString::from(""));
    }
    if env == AppEnv::Production {
        r.problem(
            "ID_NUMBER_KEY",
            "must be set in production; make one with: openssl rand -base64 32",
        );
    } else {
        warnings.push(
            "ID_NUMBER_KEY is missing: a random one is used, so id numbers stored now cannot be \
             read after a restart"
                .to_owned(),
        );
    }
    SecretString::from(STANDARD.encode(random_key()))
}

fn checked_key(r: &mut Reader<'_>, name: &'static str, text: String) -> Option<SecretString> {
    if STANDARD.decode(&text).is_ok_and(|key| key.len() == 32) {
        Some(SecretString::from(text))
    } else {
        r.problem(name, "must be 32 bytes in base64");
        None
    }
}

fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    rand::rng().fill_bytes(&mut key);
    key
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

fn line(r: &mut Reader<'_>, env: AppEnv) -> LineSettings {
    let mut secret = |name: &'static str| {
        let text = r.text(name);
        if text.is_none() && env == AppEnv::Production {
            r.problem(name, "must be set in production");
        }
        SecretString::from(text.unwrap_or_default())
    };
    let channel_access_token = secret("LINE_CHANNEL_ACCESS_TOKEN");
    let channel_secret = secret("LINE_CHANNEL_SECRET");
    let mut base = |name: &'static str, default: &str| {
        let found = url(r, name, default);
        if let Some(found) = &found
            && found.scheme() == "http"
            && !is_loopback(found)
        {
            r.problem(name, "must be https, except on this machine");
        }
        found.unwrap_or_else(loopback)
    };
    let api_base_url = base("LINE_API_BASE_URL", "https://api.line.me");
    let data_default = if api_base_url.host_str() == Some("api.line.me") {
        "https://api-data.line.me".to_owned()
    } else {
        api_base_url.to_string()
    };
    let data_api_base_url = base("LINE_DATA_API_BASE_URL", &data_default);
    LineSettings {
        channel_access_token,
        channel_secret,
        api_base_url,
        data_api_base_url,
        timeout: r.seconds(
            "LINE_TIMEOUT",
            Duration::from_secs(10),
            Duration::from_millis(100),
            Duration::from_secs(60),
        ),
        multicast_per_second: number32(r, "LINE_MULTICAST_PER_SECOND", 150, 0..=100_000),
        push_per_second: number32(r, "LINE_PUSH_PER_SECOND", 1_500, 0..=1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, Vec<&'static str>> {
        let map: HashMap<String, String> = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Settings::read(&|name| map.get(name).cloned())
            .map_err(|e| e.0.into_iter().map(|p| p.name).collect())
    }

    #[test]
    fn nothing_set_is_a_development_on_sqlite_with_made_up_secrets() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.env, AppEnv::Development);
        assert_eq!(settings.http_addr.to_string(), "127.0.0.1:8000");
        assert_eq!(settings.public_base_url.as_str(), "http://127.0.0.1:8000/");
        assert!(settings.auto_migrate);
        assert_eq!(settings.warnings.len(), 2);
    }

    #[test]
    fn production_refuses_missing_and_weak_secrets_all_at_once() {
        let problems = read(&[("APP_ENV", "production"), ("SECRET_KEY", "short")]).unwrap_err();
        assert_eq!(
            problems,
            [
                "SECRET_KEY",
                "ID_NUMBER_KEY",
                "LINE_CHANNEL_ACCESS_TOKEN",
                "LINE_CHANNEL_SECRET"
            ]
        );
        let example = read(&[
            ("APP_ENV", "production"),
            ("SECRET_KEY", EXAMPLE_SECRET),
            ("ID_NUMBER_KEY", KEY),
            ("LINE_CHANNEL_ACCESS_TOKEN", "t"),
            ("LINE_CHANNEL_SECRET", "s"),
        ]);
        assert_eq!(example.unwrap_err(), ["SECRET_KEY"]);
    }

    #[test]
    fn every_mistake_is_reported_with_its_name() {
        let problems = read(&[
            ("HTTP_ADDR", "here"),
            ("DATABASE_URL", "postgres://x"),
            ("JOB_LEASE", "0"),
            ("HOTEL_TIME_ZONE", "Formosa"),
            ("LINE_API_BASE_URL", "http://api.line.me"),
            ("BOOTSTRAP_ADMIN_USERNAME", "admin"),
        ])
        .unwrap_err();
        for name in [
            "HTTP_ADDR",
            "DATABASE_URL",
            "JOB_LEASE",
            "HOTEL_TIME_ZONE",
            "LINE_API_BASE_URL",
            "BOOTSTRAP_ADMIN_EMAIL",
            "BOOTSTRAP_ADMIN_PASSWORD",
        ] {
            assert!(problems.contains(&name), "{name} in {problems:?}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        let settings = read(&[("LINE_API_BASE_URL", "http://127.0.0.1:9000")]).unwrap();
        assert_eq!(
            settings.line.data_api_base_url.as_str(),
            "http://127.0.0.1:9000/"
        );
        assert!(read(&[("LINE_API_BASE_URL", "http://10.0.0.1")]).is_err());
    }

    #[test]
    fn a_limit_of_zero_means_none_and_one_is_legal() {
        let settings = read(&[
            ("LINE_MULTICAST_PER_SECOND", "0"),
            ("LINE_PUSH_PER_SECOND", "1"),
            ("JOB_POLL_INTERVAL", "0.05"),
        ])
        .unwrap();
        assert_eq!(settings.line.multicast_per_second, 0);
        assert_eq!(settings.line.push_per_second, 1);
        assert_eq!(settings.job_poll_interval, Duration::from_millis(50));
    }
}
