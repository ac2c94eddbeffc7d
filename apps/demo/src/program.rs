//! Start, and end in order.

use crate::home::Home;
use crate::pictures::{self, Pictures};
use crate::settings::{Outside, PASSWORD, USERNAME};
use crate::{DemoError, addresses, guests, pms, sample};
use crm_bootstrap::{BuildError, Crm, Direction, Settings, install_tls, migrate, start_telemetry};
use crm_simulator_dexon::DexonSimulator;
use crm_simulator_line::{LineSimulator, SimulatorConfig};
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

const FOLDER: &str = "data/demo";
/// The API has started long before; this is for a machine that is very busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs the demo until somebody ends it; a second Ctrl-C ends it at once.
///
/// # Errors
/// [`DemoError`], to be shown to whoever started it.
pub async fn run(fresh: bool) -> Result<(), DemoError> {
    install_tls();
    let stop = CancellationToken::new();
    let ended = tokio::spawn(end_on_signal(stop.clone()));
    let outside = Outside::read();
    // The address first: who cannot have it must not touch anything.
    let listener = addresses::listen(outside.address()?)?;
    let home = Home::take(Path::new(FOLDER), fresh)?;
    let whole = async {
        let demo = Demo::start(&outside, &home, listener).await?;
        demo.serve(&stop).await
    };
    tokio::select! {
        outcome = whole => outcome,
        _ = ended => Ok(()),
    }
}

/// Everything that was started before the API is served.
struct Demo {
    crm: Crm,
    settings: Settings,
    listener: TcpListener,
    line: LineSimulator,
    pms: DexonSimulator,
    pictures: Pictures,
    api_url: String,
    line_url: String,
    pms_url: String,
    _telemetry: crm_bootstrap::TelemetryGuard,
}

impl Demo {
    async fn start(
        outside: &Outside,
        home: &Home,
        listener: TcpListener,
    ) -> Result<Self, DemoError> {
        let api = listener.local_addr().map_err(DemoError::Server)?;
        let api_url = addresses::url(api);
        let config = SimulatorConfig {
            addr: addresses::line(api),
            webhook_url: Some(format!("{api_url}/api/v1/line/webhook")),
            ..SimulatorConfig::default()
        };
        let line = start_line(&config).await?;
        let line_url = addresses::reachable(line.base_url());
        let pms = pms::start(addresses::pms(api), home).await?;
        let pms_url = addresses::reachable(pms.base_url());
        let settings = outside.settings(
            home,
            (api, &api_url),
            (&config, &line_url),
            (&pms_url, pms.api_key()),
        )?;
        let telemetry = start_telemetry(&settings, "crm-demo");
        let pictures = Pictures::start(addresses::pictures(api))?;
        let crm = Crm::connect(&settings).await?;
        migrate(&crm.database, Direction::Up)
            .await
            .map_err(BuildError::Store)?;
        crm.bootstrap_admin(&settings).await?;
        if sample::is_wanted(&crm).await? {
            home.begin()?;
            sample::fill(&crm, &pictures.url).await?;
            home.finish()?;
        } else if let Some(before) = home.pictures_were_at()
            && before != pictures.url
        {
            pictures::move_stored(&crm, &before, &pictures.url).await?;
        }
        home.pictures_are_at(&pictures.url)?;
        guests::introduce(&crm, &line).await?;
        Ok(Self {
            crm,
            settings,
            listener,
            line,
            pms,
            pictures,
            api_url,
            line_url,
            pms_url,
            _telemetry: telemetry,
        })
    }

    /// Serves until `stop`, then ends one after the other: who asks before who answers.
    async fn serve(self, stop: &CancellationToken) -> Result<(), DemoError> {
        let api = crm_api::serve_on(
            self.listener,
            self.crm.clone(),
            self.settings.clone(),
            stop.clone().cancelled_owned(),
        );
        let work = crm_job_runner::run(&self.crm, &self.settings, stop.cancelled());
        let welcome = async {
            if answers(&self.api_url, stop).await? {
                greet(&self.api_url, &self.line_url, &self.pms_url);
            }
            Ok(())
        };
        let api = async {
            let outcome = api.await.map_err(DemoError::Server);
            // Without the API there is nothing to be seen.
            stop.cancel();
            outcome
        };
        let (api, (), welcome) = tokio::join!(api, work, welcome);
        self.pictures.stop().await;
        self.line.stop().await;
        self.pms.stop().await;
        self.crm.database.close().await;
        api.and(welcome)
    }
}

/// At the wanted port, else at any.
async fn start_line(config: &SimulatorConfig) -> Result<LineSimulator, DemoError> {
    if let Ok(line) = LineSimulator::start(config.clone()).await {
        return Ok(line);
    }
    let anywhere = SimulatorConfig {
        addr: addresses::any_port(config.addr),
        ..config.clone()
    };
    LineSimulator::start(anywhere)
        .await
        .map_err(DemoError::Simulator)
}

/// Waits for the API's first answer; false when the demo is ended before.
async fn answers(url: &str, stop: &CancellationToken) -> Result<bool, DemoError> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()
        .map_err(|_| DemoError::Silent)?;
    tokio::select! {
        answer = client.get(format!("{url}/health")).send() => match answer {
            Ok(_) => Ok(true),
            Err(_) => {
                stop.cancel();
                Err(DemoError::Silent)
            }
        },
        () = stop.cancelled() => Ok(false),
    }
}

fn greet(api: &str, line: &str, pms: &str) {
    let words = format!(
        "API: {api}\n\
         Docs: {api}/api/v1/docs/\n\
         LINE simulator: {line}\n\
         PMS simulator: {pms}\n\
         Login: {USERNAME} / {PASSWORD}\n\
         \n\
         Ctrl-C ends everything; {FOLDER}/ keeps what you do (--fresh starts over). Try:\n  \
         curl -s {api}/api/v1/auth/login -H 'content-type: application/json' \\\n    \
         -d '{{\"username\": \"{USERNAME}\", \"password\": \"{PASSWORD}\"}}'\n"
    );
    let mut out = std::io::stdout().lock();
    // Whoever closed the output does not want to read it.
    let _closed = out.write_all(words.as_bytes()).and_then(|()| out.flush());
}

/// Asks for an end at the first signal; is done at the second.
async fn end_on_signal(stop: CancellationToken) {
    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        tracing::error!("signals cannot be received");
        return std::future::pending().await;
    };
    for _ in 0..2 {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.cancel();
    }
}
