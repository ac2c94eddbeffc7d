use crate::{LogFormat, Settings};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// Days of log files kept.
const KEPT_FILES: usize = 30;

/// Keeps the log files open; what is still buffered is written when it is dropped.
pub struct TelemetryGuard(
    #[expect(dead_code, reason = "dropping it is its use")] Option<WorkerGuard>,
);

/// Starts logging to stderr and, with `LOG_DIR`, to a file per day. Safe to call again: the
/// first one stays. Standard output is left to what a program has to say to its user.
#[must_use]
pub fn start_telemetry(settings: &Settings, program: &str) -> TelemetryGuard {
    let filter = EnvFilter::try_new(&settings.rust_log).unwrap_or_else(|_| EnvFilter::new("info"));
    let (file, guard) = match &settings.log_dir {
        Some(folder) => {
            let files = RollingFileAppender::builder()
                .rotation(Rotation::DAILY)
                .filename_prefix(program)
                .filename_suffix("log")
                .max_log_files(KEPT_FILES)
                .build(folder);
            match files {
                Ok(files) => {
                    let (writer, guard) = tracing_appender::non_blocking(files);
                    (Some(writer), Some(guard))
                }
                Err(error) => {
                    eprintln!("LOG_DIR cannot be written, so there is no log file: {error}");
                    (None, None)
                }
            }
        }
        None => (None, None),
    };
    let console = match settings.log_format {
        LogFormat::Text => fmt::layer().with_writer(std::io::stderr).boxed(),
        LogFormat::Json => fmt::layer().json().with_writer(std::io::stderr).boxed(),
    };
    let file = file.map(|writer| match settings.log_format {
        LogFormat::Text => fmt::layer().with_ansi(false).with_writer(writer).boxed(),
        LogFormat::Json => fmt::layer().json().with_writer(writer).boxed(),
    });
    let started = tracing_subscriber::registry()
        .with(filter)
        .with(console)
        .with(file)
        .try_init()
        .is_ok();
    if started {
        for warning in &settings.warnings {
            tracing::warn!("{warning}");
        }
    }
    TelemetryGuard(guard)
}
