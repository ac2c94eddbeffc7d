//! Reads the settings, starts the telemetry, and plugs the adapters into the domains: what comes
//! out is [`Crm`], everything that the programs in `apps` can do.

mod clock;
mod crm;
mod kept_answers;
mod line;
mod migrate;
mod pms;
mod read;
mod settings;
mod telemetry;

pub use clock::{RandomIds, SystemClock};
pub use crm::{BuildError, Crm, Parts};
pub use crm_database::noting_commits;
pub use kept_answers::{KeptAnswer, KeptAnswers, RepeatableRequest, Repetition};
pub use migrate::{Direction, migrate, migration_status, wait_for_schema};
pub use read::SettingProblem;
pub use settings::{
    AppEnv, BootstrapAdmin, FileSettings, LineSettings, LogFormat, PmsSettings, RateLimitStore,
    Settings, SettingsError,
};
pub use telemetry::{TelemetryGuard, start_telemetry};

/// Chooses the TLS implementation for the whole process; safe to call again.
pub fn install_tls() {
    // An error only says that it was chosen before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
