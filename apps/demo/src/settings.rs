use crate::DemoError;
use crate::home::{Home, Secrets};
use crm_bootstrap::Settings;
use crm_simulator_line::SimulatorConfig;
use std::collections::HashMap;
use std::net::SocketAddr;

/// The admin of every demo.
pub(crate) const USERNAME: &str = "admin";
/// Their password; the demo is nobody's secret.
pub(crate) const PASSWORD: &str = "moon-festival-2026";

/// What a demo takes from outside.
const TAKEN: [&str; 4] = ["HTTP_ADDR", "RUST_LOG", "LOG_FORMAT", "LOG_DIR"];
/// Quiet, so that what the demo says stands out.
const LOG: &str = "warn";
/// Often enough that what is done at the simulated desk is soon seen.
const PMS_SECONDS: u32 = 300;
const ADDRESS: SocketAddr = SocketAddr::V4(std::net::SocketAddrV4::new(
    std::net::Ipv4Addr::LOCALHOST,
    8_000,
));

/// The few variables that a demo takes from its environment.
pub(crate) struct Outside(HashMap<String, String>);

impl Outside {
    /// Reads them.
    pub(crate) fn read() -> Self {
        Self::of(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(
            variables
                .into_iter()
                .filter(|(name, value)| TAKEN.contains(&name.as_str()) && !value.trim().is_empty())
                .collect(),
        )
    }

    /// Where the API is to listen.
    pub(crate) fn address(&self) -> Result<SocketAddr, DemoError> {
        match self.0.get("HTTP_ADDR").map(|text| text.trim()) {
            None => Ok(ADDRESS),
            Some(text) => text
                .parse()
                .map_err(|_| DemoError::NoAddress(text.to_owned())),
        }
    }

    /// The product's settings: the API at `api`, LINE at `line_url`, the
    /// hotel's own system at `pms_url`, everything kept in `home`.
    pub(crate) fn settings(
        &self,
        home: &Home,
        (api, api_url): (SocketAddr, &str),
        (line, line_url): (&SimulatorConfig, &str),
        (pms_url, pms_key): (&str, &str),
    ) -> Result<Settings, DemoError> {
        let Secrets {
            secret_key,
            id_number_key,
        } = home.secrets()?;
        let mut set: HashMap<&str, String> = HashMap::from([
            ("HTTP_ADDR", api.to_string()),
            ("PUBLIC_BASE_URL", api_url.to_owned()),
            ("DATABASE_URL", home.database_url()),
            ("UPLOAD_DIR", home.uploads()),
            ("EXPORT_DIR", home.exports()),
            ("SECRET_KEY", secret_key),
            ("ID_NUMBER_KEY", id_number_key),
            ("BOOTSTRAP_ADMIN_USERNAME", USERNAME.to_owned()),
            ("BOOTSTRAP_ADMIN_EMAIL", "admin@hotel.example".to_owned()),
            ("BOOTSTRAP_ADMIN_PASSWORD", PASSWORD.to_owned()),
            // Trying things out is done fast, and often from scripts.
            ("RATE_LIMIT_PER_MINUTE", "0".to_owned()),
            ("LOGIN_RATE_LIMIT_PER_MINUTE", "0".to_owned()),
            ("LINE_API_BASE_URL", line_url.to_owned()),
            (
                "LINE_CHANNEL_ACCESS_TOKEN",
                line.channel_access_token.clone(),
            ),
            ("LINE_CHANNEL_SECRET", line.channel_secret.clone()),
            ("PMS_API_URL", pms_url.to_owned()),
            ("PMS_API_KEY", pms_key.to_owned()),
            ("PMS_SYNC_INTERVAL", PMS_SECONDS.to_string()),
            ("RUST_LOG", LOG.to_owned()),
        ]);
        for name in ["RUST_LOG", "LOG_FORMAT", "LOG_DIR"] {
            if let Some(value) = self.0.get(name) {
                set.insert(name, value.clone());
            }
        }
        Ok(Settings::read(&|name| set.get(name).cloned())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn outside(pairs: &[(&str, &str)]) -> Outside {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        Outside::of(pairs.iter().map(owned))
    }

    fn settings(outside: &Outside, folder: &Path) -> Settings {
        let home = Home::take(folder, false).unwrap();
        let line = SimulatorConfig::default();
        let api = outside.address().unwrap();
        let urls = ("http://127.0.0.1:8000", "http://127.0.0.1:8700");
        let pms = ("http://127.0.0.1:8702", "key");
        outside
            .settings(&home, (api, urls.0), (&line, urls.1), pms)
            .unwrap()
    }

    #[test]
    fn a_demo_needs_no_settings_and_warns_of_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(&outside(&[]), folder.path());
        assert_eq!(settings.http_addr.to_string(), "127.0.0.1:8000");
        assert_eq!(settings.rust_log, "warn");
        assert!(settings.auto_migrate);
        assert!(settings.bootstrap_admin.is_some());
        assert_eq!(settings.warnings, Vec::<String>::new());
    }

    #[test]
    fn a_real_installation_s_database_and_line_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(
            &outside(&[
                ("HTTP_ADDR", "127.0.0.1:8123"),
                ("RUST_LOG", "debug"),
                ("DATABASE_URL", "mysql://real"),
                ("LINE_API_BASE_URL", "https://api.line.me"),
            ]),
            folder.path(),
        );
        assert_eq!(settings.http_addr.port(), 8_123);
        assert_eq!(settings.rust_log, "debug");
        assert!(settings.database_url.starts_with("sqlite:"));
        assert_eq!(
            settings.line.api_base_url.as_str(),
            "http://127.0.0.1:8700/"
        );
    }

    #[test]
    fn an_address_without_a_port_is_refused() {
        assert!(outside(&[("HTTP_ADDR", "localhost")]).address().is_err());
    }
}
