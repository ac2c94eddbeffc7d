//! One run: campaigns are started again and again until enough was struck, then everything is
//! left alone until it is through.

use super::campaigns::{Staff, Underway};
use super::fleet::{Fleet, Victim};
use super::looks::{Counted, Looker, check_shown};
use super::summary::Summary;
use super::{LEASE, Options, guests};
use crate::processes::Settings;
use crate::proxy::Wire;
use crm_bootstrap::{SystemClock, install_tls};
use crm_kernel::Clock;
use crm_simulator_line::{Fault, FaultEndpoint, FaultKind, LineSimulator, SimulatorConfig};
use crm_tests::{Kind, TestDatabase};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(20);
const LOOK: Duration = Duration::from_millis(150);
const COUNT: Duration = Duration::from_millis(600);
/// Allowed beside the lease: starting a program, polling, sweeping, a busy machine.
const SLACK: Duration = Duration::from_secs(5);
/// Longest pause after an unclear answer.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A planner is given up after 15 s of silence, looked for every 5 s, by a job that may itself
/// be struck.
const REPLAN: Duration = Duration::from_secs(25);
/// After the last kill something must be settled at least this often until everything is through.
const RECOVERY: Duration = Duration::from_secs(60);
/// From so many kills on a run is a long one.
const LONG: u32 = 50;
/// Campaigns under way at a time.
const AT_ONCE: usize = 3;
/// The campaign of which the planner is killed for sure; of others now and then.
const ATTACKED: usize = 2;

/// Runs it and checks everything.
pub async fn run(kind: Kind, options: Options) {
    let Some(database) = TestDatabase::with_connections(kind, 4).await else {
        return;
    };
    println!("soak on {kind:?} with SOAK_SEED={}", options.seed);
    install_tls();
    let line = LineSimulator::start(SimulatorConfig::default())
        .await
        .unwrap();
    let uids = line.add_friends(options.guests, false);
    let looker = Looker(database.database.pool().clone());
    guests::store(&looker.0, &uids).await;
    bad_answers(&line);
    let server = line.base_url();
    let wire = Wire::to(server.strip_prefix("http://").unwrap()).await;
    let mut settings = Settings::new(&database.url, &format!("http://127.0.0.1:{}", wire.port));
    settings.more = vec![
        ("LINE_MULTICAST_PER_SECOND", "4".into()),
        (
            "LINE_PUSH_PER_SECOND",
            (2 * pushes_per_second(options)).to_string(),
        ),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "240".into()),
        ("RUST_LOG", "error".into()),
    ];
    let base = settings.base();
    let fleet = Fleet::start(settings, wire).await;
    let staff = Staff::sign_in(&base).await;
    let mut soak = Soak::new(options, fleet, staff, looker);
    soak.strike_until_enough().await;
    line.clear_faults();
    soak.let_it_end().await;
    let summary = soak.summary(kind, &line);
    println!("{summary}");
    soak.check_stalls();
    assert_eq!(soak.looker.dead_jobs().await, 0, "no job was given up");
    everybody_got_everything_once(&line, &uids, &soak.done);
    drop(soak);
    line.stop().await;
    database.drop_it().await;
}

/// A personal campaign shall last for about half a minute in a long run.
fn pushes_per_second(options: Options) -> usize {
    (options.guests / 50).clamp(100, 400)
}

fn bad_answers(line: &LineSimulator) {
    let silent = |endpoint| {
        Fault::always(endpoint, FaultKind::TimeoutAfterAccept)
            .with_delay(Duration::from_millis(1_300))
    };
    for (endpoint, often) in [(FaultEndpoint::Multicast, 10.0), (FaultEndpoint::Push, 1.0)] {
        // However short the run is.
        line.inject_fault(Fault::times(endpoint, FaultKind::ServerErrorAfterAccept, 1));
        for (fault, probability) in [
            (
                Fault::always(endpoint, FaultKind::ServerErrorAfterAccept),
                0.010,
            ),
            (silent(endpoint), 0.002),
            (Fault::always(endpoint, FaultKind::RateLimited), 0.005),
            (Fault::always(endpoint, FaultKind::ServerError), 0.005),
        ] {
            line.inject_fault(fault.with_probability(probability * often));
        }
    }
}

struct Soak {
    options: Options,
    fleet: Fleet,
    staff: Staff,
    looker: Looker,
    chance: StdRng,
    written: usize,
    underway: Vec<Underway>,
    done: Vec<Underway>,
    kills: BTreeMap<&'static str, u32>,
    began: Instant,
    struck_at: Instant,
    looked_at: Instant,
    counted_at: Instant,
    looks: u32,
    counts: u32,
    last: BTreeMap<i64, Counted>,
    moved_at: Instant,
    longest_stall: Duration,
    excess: Duration,
    longest_orphan: Duration,
    replanning: BTreeMap<i64, (Instant, i64)>,
    longest_replan: Duration,
}

impl Soak {
    fn new(options: Options, fleet: Fleet, staff: Staff, looker: Looker) -> Self {
        let now = Instant::now();
        Self {
            options,
            fleet,
            staff,
            looker,
            chance: StdRng::seed_from_u64(options.seed),
            written: 0,
            underway: Vec::new(),
            done: Vec::new(),
            kills: BTreeMap::new(),
            began: now,
            struck_at: now,
            looked_at: now,
            counted_at: now,
            looks: 0,
            counts: 0,
            last: BTreeMap::new(),
            moved_at: now,
            longest_stall: Duration::ZERO,
            excess: Duration::ZERO,
            longest_orphan: Duration::ZERO,
            replanning: BTreeMap::new(),
            longest_replan: Duration::ZERO,
        }
    }

    fn millis(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.chance.random_range(range))
    }

    fn kills_done(&self) -> u32 {
        self.kills.values().sum()
    }

    async fn strike_until_enough(&mut self) {
        let mut next = Instant::now() + Duration::from_secs(1);
        while self.kills_done() < self.options.kills {
            self.fleet.mend().await;
            if self.underway.len() < AT_ONCE && self.fleet.answers() {
                self.start_another().await;
            }
            if Instant::now() >= next {
                self.strike();
                next = Instant::now() + self.gap();
            }
            self.look().await;
            tokio::time::sleep(TICK).await;
        }
    }

    /// Mostly blow after blow, in a long run now and then a rest in which work can go on.
    fn gap(&mut self) -> Duration {
        if self.options.kills < LONG {
            self.millis(100..600)
        } else if self.chance.random_bool(0.15) {
            self.millis(2_000..5_000)
        } else {
            self.millis(100..1_200)
        }
    }

    fn strike(&mut self) {
        let victim = match self.chance.random_range(0..8) {
            0 => Victim::Api,
            1 | 2 => Victim::Network,
            n => Victim::Runner(n % 2),
        };
        let pause = if self.chance.random_bool(0.2) {
            self.millis(2_000..4_000)
        } else {
            self.millis(50..1_500)
        };
        if self.fleet.stands(victim) {
            self.struck(victim, pause);
        }
    }

    fn struck(&mut self, victim: Victim, pause: Duration) {
        self.fleet.strike(victim, pause);
        *self.kills.entry(victim.name()).or_default() += 1;
        self.struck_at = Instant::now();
    }

    /// Writes another campaign and presses *send*; now and then the API is killed while it plans.
    async fn start_another(&mut self) {
        let personal = self.written % 2 == 1;
        let Some(campaign) = self.staff.write(self.written + 1, personal).await else {
            return;
        };
        let id = campaign.id;
        let attack =
            self.written == ATTACKED || (self.written > ATTACKED && self.chance.random_bool(0.25));
        self.written += 1;
        self.underway.push(campaign);
        if !attack {
            self.staff.send(id).await;
            return;
        }
        let staff = self.staff.clone();
        let sending = tokio::spawn(async move { staff.send(id).await });
        let far = self.chance.random_range(0..80_000);
        while !sending.is_finished() {
            if let Some(after) = self.looker.planned_up_to(id).await
                && after >= far
            {
                let pause = self.millis(50..800);
                self.struck(Victim::Planner, pause);
                self.replanning.insert(id, (Instant::now(), -1));
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let _ = sending.await;
    }

    async fn let_it_end(&mut self) {
        let (mut settled, mut at) = (0, Instant::now());
        while !self.underway.is_empty() || !self.fleet.is_whole() {
            self.fleet.mend().await;
            self.look().await;
            let now_settled = self.last.values().map(|c| c.sent).sum::<i64>()
                + i64::try_from(self.done.len() * self.options.guests).unwrap();
            if now_settled != settled {
                (settled, at) = (now_settled, Instant::now());
            }
            if at.elapsed() >= RECOVERY {
                let open = self.looker.open_work().await;
                panic!(
                    "nothing settled for {RECOVERY:?}: {:?}\n{open:#?}",
                    self.last
                );
            }
            tokio::time::sleep(TICK).await;
        }
    }

    /// Looks at the API, or at the database while it is down; at the rows less often.
    async fn look(&mut self) {
        if !self.fleet.can_work() {
            self.moved_at = Instant::now();
        }
        if self.looked_at.elapsed() >= LOOK && self.fleet.answers() {
            self.looked_at = Instant::now();
            let ids: Vec<i64> = self.underway.iter().map(|campaign| campaign.id).collect();
            for id in ids {
                let Some(detail) = self.staff.detail(id).await else {
                    continue;
                };
                check_shown(&detail);
                self.looks += 1;
                if detail["status"] == "draft" {
                    self.staff.send(id).await;
                }
            }
        }
        let often = if self.fleet.answers() { COUNT } else { LOOK };
        if self.counted_at.elapsed() >= often {
            self.counted_at = Instant::now();
            self.count().await;
        }
    }

    async fn count(&mut self) {
        let ids: Vec<i64> = self.underway.iter().map(|campaign| campaign.id).collect();
        let counted = self.looker.count(&ids).await;
        let oldest = self.looker.oldest_try().await;
        let now = SystemClock.now();
        let orphan = self.looker.orphaned_for(now.timestamp_millis()).await;
        self.counts += 1;
        let mut moved = false;
        for campaign in &counted {
            campaign.check();
            let before = self.last.insert(campaign.id, campaign.clone());
            moved |= before.as_ref() != Some(campaign);
            self.watch_plan(campaign);
            if campaign.status == "sent" {
                let guests = i64::try_from(self.options.guests).unwrap();
                assert_eq!((campaign.planned, campaign.sent), (guests, guests));
                let at = self.underway.iter().position(|c| c.id == campaign.id);
                self.done.push(self.underway.remove(at.unwrap()));
                self.last.remove(&campaign.id);
            }
        }
        if moved || !self.fleet.can_work() || !counted.iter().any(Counted::is_sending) {
            self.moved_at = Instant::now();
            return;
        }
        let stall = self.moved_at.elapsed();
        let tried = oldest.map_or(Duration::ZERO, |at| (now - at).to_std().unwrap_or_default());
        let allowed = LEASE + SLACK + tried.min(LONGEST_PAUSE);
        self.longest_stall = self.longest_stall.max(stall);
        self.excess = self.excess.max(stall.saturating_sub(allowed));
        let orphan = Duration::from_millis(u64::try_from(orphan).unwrap_or_default());
        self.longest_orphan = self.longest_orphan.max(orphan.min(stall));
    }

    /// Notes how long a dead planner's plan stood still.
    fn watch_plan(&mut self, campaign: &Counted) {
        let Some((died_at, planned)) = self.replanning.get_mut(&campaign.id) else {
            return;
        };
        if campaign.is_planning() && (*planned < 0 || *planned == campaign.planned) {
            *planned = campaign.planned;
            return;
        }
        if campaign.status != "draft" {
            self.longest_replan = self.longest_replan.max(died_at.elapsed());
        }
        self.replanning.remove(&campaign.id);
    }

    fn check_stalls(&self) {
        assert_eq!(self.excess, Duration::ZERO, "nothing moved for too long");
        assert!(
            self.longest_orphan < SLACK,
            "a dead process's job lay for {:?}",
            self.longest_orphan
        );
        assert!(
            self.longest_replan < REPLAN + LEASE + SLACK,
            "a dead planner's plan stood still for {:?}",
            self.longest_replan
        );
    }

    fn summary(&self, kind: Kind, line: &LineSimulator) -> Summary {
        Summary {
            kind,
            options: self.options,
            kills: self.kills.clone(),
            restarts: self.fleet.restarts,
            campaigns: self.done.len(),
            looks: self.looks,
            counts: self.counts,
            longest_stall: self.longest_stall,
            longest_orphan: self.longest_orphan,
            longest_replan: self.longest_replan,
            recovery: self.struck_at.elapsed(),
            took: self.began.elapsed(),
            line: line.counters(),
        }
    }
}

/// Each guest got as many messages as there were campaigns, and each campaign's words once.
fn everybody_got_everything_once(line: &LineSimulator, uids: &[String], campaigns: &[Underway]) {
    let deliveries = line.deliveries();
    let expected = u32::try_from(campaigns.len()).unwrap();
    let wrong: Vec<_> = uids
        .iter()
        .filter(|uid| deliveries.get(*uid) != Some(&expected))
        .collect();
    assert!(wrong.is_empty(), "{} got too few or too many", wrong.len());
    assert_eq!(deliveries.len(), uids.len());
    for uid in uids {
        let messages = line.messages_of(uid);
        for campaign in campaigns {
            let got = messages
                .iter()
                .filter_map(|bubble| bubble.message["text"].as_str())
                .filter(|text| text.ends_with(&campaign.words))
                .count();
            assert_eq!(got, 1, "{uid} and {}", campaign.words);
        }
    }
}
