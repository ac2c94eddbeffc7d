use crate::{CountingIds, Kind, MovedClock, TestDatabase};
use chrono::{DateTime, TimeDelta, Utc};
use crm_bootstrap::{Crm, Parts, Settings, install_tls};
use crm_database::{Database, DatabaseOptions};
use crm_job_runner::{JobRunner, RunnerConfig, handlers};
use crm_kernel::{Clock, IdGenerator, MemberId, Transaction, Transactions};
use crm_line::{LineClient, LineConfig, LineWebhook};
use crm_members::{LineFollow, LineProfile, LineUid, NoPms, PmsGateway};
use crm_security::Argon2Cost;
use crm_simulator_line::{LineSimulator, SimulatorConfig};
use crm_workflows::{CrmTx, SendingRules};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// The product on a database of its own, with LINE simulated, a clock that tests move and jobs
/// that run when tests say so.
pub struct Installation {
    /// Everything it can do.
    pub crm: Crm,
    /// The other side of the wire.
    pub line: LineSimulator,
    /// Its clock.
    pub clock: Arc<MovedClock>,
    /// Its settings.
    pub settings: Settings,
    /// Where it keeps everything.
    pub database: TestDatabase,
    /// Where it keeps pictures; dropped with it.
    pub uploads: TempDir,
}

impl Installation {
    /// A fresh one; `None` when its database was left out on purpose.
    pub async fn new(kind: Kind) -> Option<Self> {
        install_tls();
        let database = TestDatabase::with_connections(kind, 8).await?;
        let config = SimulatorConfig::default();
        let line = LineSimulator::start(config.clone()).await.unwrap();
        let uploads = tempfile::tempdir().unwrap();
        let set: HashMap<&str, String> = HashMap::from([
            ("DATABASE_URL", database.url.clone()),
            (
                "SECRET_KEY",
                "a secret key for tests, 32 or more characters".to_owned(),
            ),
            (
                "ID_NUMBER_KEY",
                "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".to_owned(),
            ),
            ("PUBLIC_BASE_URL", "http://127.0.0.1:8000".to_owned()),
            ("UPLOAD_DIR", uploads.path().display().to_string()),
            (
                "EXPORT_DIR",
                uploads.path().join("exports").display().to_string(),
            ),
            ("RATE_LIMIT_PER_MINUTE", "0".to_owned()),
            ("LOGIN_RATE_LIMIT_PER_MINUTE", "0".to_owned()),
            // Stories step through time by hand; those about the pace set their own.
            ("LINE_MULTICAST_PER_SECOND", "0".to_owned()),
            ("LINE_PUSH_PER_SECOND", "0".to_owned()),
            ("LINE_API_BASE_URL", line.base_url()),
            (
                "LINE_CHANNEL_ACCESS_TOKEN",
                config.channel_access_token.clone(),
            ),
            ("LINE_CHANNEL_SECRET", config.channel_secret.clone()),
        ]);
        let settings = Settings::read(&|name| set.get(name).cloned()).unwrap();
        let clock = Arc::new(MovedClock::default());
        let ids = Arc::new(CountingIds::default());
        let crm = assemble(&settings, &database, clock.clone(), ids, Arc::new(NoPms));
        Some(Self {
            crm,
            line,
            clock,
            settings,
            database,
            uploads,
        })
    }

    /// Another process of the same installation, with a clock of its own, which sends at most so
    /// many multicasts and pushes a second.
    #[must_use]
    pub fn another_process(&self, clock: MovedClock, multicasts: u32, pushes: u32) -> Crm {
        let mut settings = self.settings.clone();
        settings.line.multicast_per_second = multicasts;
        settings.line.push_per_second = pushes;
        let ids = Arc::new(CountingIds::default());
        let pms = Arc::new(NoPms);
        assemble(&settings, &self.database, Arc::new(clock), ids, pms)
    }

    /// Another process of the same installation: same database, same LINE, a clock of its own.
    #[must_use]
    pub fn beside(&self, clock: Arc<MovedClock>) -> Crm {
        let (ids, pms) = (self.crm.ids.clone(), Arc::new(NoPms));
        assemble(&self.settings, &self.database, clock, ids, pms)
    }

    /// Another process of the same installation, by the same clock, with a PMS to ask.
    #[must_use]
    pub fn with_pms(&self, pms: Arc<dyn PmsGateway>) -> Crm {
        let (ids, clock) = (self.crm.ids.clone(), self.clock.clone());
        assemble(&self.settings, &self.database, clock, ids, pms)
    }

    /// The same process with other rules for sending.
    #[must_use]
    pub fn with_rules(&self, change: impl FnOnce(&mut SendingRules)) -> Crm {
        let mut crm = self.crm.clone();
        change(&mut crm.sending.rules);
        crm
    }

    /// A process like that which may be cut off at any moment: it has connections of its own,
    /// which end with it, and with them whatever it had begun.
    pub async fn mortal(&self, pms: Arc<dyn PmsGateway>) -> Crm {
        let options = DatabaseOptions {
            max_connections: 2,
            ..DatabaseOptions::new(&self.database.url)
        };
        let database = Database::connect(&options).await.unwrap();
        let (ids, clock) = (self.crm.ids.clone(), self.clock.clone());
        assemble_on(&self.settings, database, clock, ids, pms)
    }

    /// Ends it and drops its database.
    pub async fn end(self) {
        self.line.stop().await;
        self.database.drop_it().await;
    }

    /// Its present.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Does everything that is due now, with the clicks that wait in memory; answers how many
    /// jobs.
    pub async fn run_jobs(&self) -> usize {
        self.crm.taps.write_down().await.unwrap();
        run_jobs_of(&self.crm).await
    }

    /// The same, done by this process.
    pub async fn run_jobs_of(&self, process: &Crm) -> usize {
        run_jobs_of(process).await
    }

    /// Lets time pass in steps, doing what becomes due, until nothing is waiting within the
    /// given time.
    pub async fn run_jobs_for(&self, time: TimeDelta) {
        self.run_jobs_for_of(time, &self.crm).await;
    }

    /// The same, done by that process.
    pub async fn run_jobs_for_of(&self, time: TimeDelta, crm: &Crm) {
        let step = TimeDelta::seconds(5);
        let mut passed = TimeDelta::zero();
        while passed <= time {
            run_jobs_of(crm).await;
            self.clock.advance(step);
            passed += step;
        }
    }

    /// A member whose LINE account the simulator has never heard of.
    pub async fn stranger(&self, uid: &str) -> MemberId {
        self.stranger_since(uid, TimeDelta::days(30)).await
    }

    /// The same, who has followed for so long.
    pub async fn stranger_since(&self, uid: &str, time: TimeDelta) -> MemberId {
        let mut tx = Transactions::<dyn CrmTx>::begin(&self.crm.database)
            .await
            .unwrap();
        let follow = LineFollow {
            uid: LineUid::parse(uid).unwrap(),
            at: self.now() - time,
            profile: None,
        };
        let contact = self.crm.members.follow_in(&mut *tx, follow).await.unwrap();
        Transaction::commit(tx).await.unwrap();
        contact.member.id()
    }

    /// So many guests who follow the account, at LINE and here.
    pub async fn friends(&self, count: usize) -> Vec<(MemberId, String)> {
        self.follow(count, TimeDelta::days(30)).await
    }

    /// The same, who have followed for so long; their LINE ids.
    pub async fn friends_since(&self, count: usize, time: TimeDelta) -> Vec<String> {
        let friends = self.follow(count, time).await;
        friends.into_iter().map(|(_, uid)| uid).collect()
    }

    /// Lets so much time pass here for each millisecond outside.
    pub async fn pass(&self, time: TimeDelta) {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.clock.advance(time);
    }

    async fn follow(&self, count: usize, time: TimeDelta) -> Vec<(MemberId, String)> {
        let uids = self.line.add_friends(count, false);
        let mut friends = Vec::with_capacity(count);
        let mut tx = Transactions::<dyn CrmTx>::begin(&self.crm.database)
            .await
            .unwrap();
        for (i, uid) in uids.into_iter().enumerate() {
            let follow = LineFollow {
                uid: LineUid::parse(&uid).unwrap(),
                at: self.now() - time,
                profile: Some(LineProfile::new(&format!("客人{i}"), None)),
            };
            let contact = self.crm.members.follow_in(&mut *tx, follow).await.unwrap();
            friends.push((contact.member.id(), uid));
        }
        Transaction::commit(tx).await.unwrap();
        friends
    }
}

/// Does everything that is due now by the clock of that process.
pub async fn run_jobs_of(crm: &Crm) -> usize {
    JobRunner::new(
        Arc::new(crm.database.clone()),
        handlers(crm),
        Vec::new(),
        crm.clock.clone(),
        crm.ids.clone(),
        RunnerConfig::default(),
    )
    .run_due()
    .await
}

fn assemble(
    settings: &Settings,
    database: &TestDatabase,
    clock: Arc<MovedClock>,
    ids: Arc<dyn IdGenerator>,
    pms: Arc<dyn PmsGateway>,
) -> Crm {
    assemble_on(settings, database.database.clone(), clock, ids, pms)
}

fn assemble_on(
    settings: &Settings,
    database: Database,
    clock: Arc<MovedClock>,
    ids: Arc<dyn IdGenerator>,
    pms: Arc<dyn PmsGateway>,
) -> Crm {
    let line = &settings.line;
    let gateway = LineClient::new(LineConfig {
        api_base_url: line.api_base_url.clone(),
        data_api_base_url: line.data_api_base_url.clone(),
        channel_access_token: line.channel_access_token.clone(),
        timeout: Duration::from_millis(800),
    })
    .unwrap();
    let parts = Parts {
        database,
        line: Arc::new(gateway),
        webhook: Arc::new(LineWebhook::new([line.channel_secret.clone()])),
        pms,
        clock,
        ids,
        password_cost: Argon2Cost::LEAST,
    };
    Crm::assemble(settings, parts).unwrap()
}
