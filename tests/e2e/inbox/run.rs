//! One run: guests, staff, a sender, and the blows.

use super::answers::{counted, taken, written};
use super::check::{self, Members};
use super::hotel::Hotel;
use super::line::Line;
use super::model::{Hours, Model};
use super::plan::Plan;
use super::rows::Rows;
use super::sender::Sender;
use super::summary::Summary;
use super::{Options, check::unsends};
use crate::processes::{PASSWORD, Process, Settings};
use crate::soak::store_guests;
use crm_bootstrap::{SystemClock, install_tls};
use crm_kernel::Clock;
use crm_tests::{Api, Kind, TestDatabase};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(100);
/// Events that may wait before the sender pauses: LINE's bursts, but not for hours.
const BACKLOG: i64 = 500;
/// As long as LINE waits for an answer.
const LINE_WAITS: Duration = Duration::from_secs(2);
/// Something must happen at least so often, until everything is through. What a killed process
/// had in hand is free after half a minute.
const PATIENCE: Duration = Duration::from_secs(90);
/// Minutes of the time rule after its first; the plan lasts for four.
const HOURS: i64 = 1;

/// Runs it and checks everything.
pub async fn run(kind: Kind, options: Options) {
    let Some(database) = TestDatabase::with_connections(kind, 4).await else {
        return;
    };
    println!("inbox on {kind:?} with SOAK_SEED={}", options.seed);
    install_tls();
    let line = Arc::new(Line::start().await);
    let uids = line.add_friends(options.guests()).await;
    let rows = Rows(database.database.pool().clone());
    store_guests(&rows.0, &uids[..options.guests() / 2]).await;
    let mut settings = Settings::new(&database.url, &line.base);
    settings.more = vec![("RUST_LOG", "error".into())];
    let mut fleet = Fleet::start(settings).await;
    let api = Api::sign_in(&fleet.settings.base(), "admin", PASSWORD).await;
    let plan = Plan::new(options, SystemClock.now().timestamp_millis());
    let hours = Hours::from(plan.events[0].at, HOURS);
    let hotel = Hotel::open(&api, &line, &uids[0], hours).await;
    let before = line.deliveries().await;
    let sender = Arc::new(Sender {
        plan,
        uids,
        postbacks: hotel.postbacks.clone(),
        url: format!("{}/api/v1/line/webhook", fleet.settings.base()),
        line,
        seed: options.seed,
        holds: AtomicBool::new(false),
        taken: AtomicUsize::new(0),
        delivered: AtomicUsize::new(0),
        repeated: AtomicUsize::new(0),
        unanswered: AtomicUsize::new(0),
        http: reqwest::Client::builder()
            .timeout(LINE_WAITS)
            .build()
            .unwrap(),
    });
    let sending = tokio::spawn(Arc::clone(&sender).deliver_all());
    let mut blows = blows(options);
    while !sending.is_finished() {
        let taken = sender.taken.load(Ordering::SeqCst);
        while let Some((at, blow)) = blows.first().copied()
            && taken >= at
        {
            fleet.strike(blow);
            blows.remove(0);
        }
        let (waiting, _) = rows.open().await;
        let is_too_much = waiting > BACKLOG && !fleet.is_without_runners();
        sender.holds.store(is_too_much, Ordering::SeqCst);
        tokio::time::sleep(TICK).await;
    }
    sending.await.unwrap();
    for (_, blow) in blows {
        fleet.strike(blow);
    }
    until_nothing_waits(&rows).await;
    sender.deliver_stragglers().await;
    until_nothing_waits(&rows).await;

    let model = Model::of(&sender.plan, hours);
    let members = Members::read(&rows, &sender).await;
    let (stored, by_row) = check::events(&rows, &sender, &model).await;
    assert_eq!(stored.unsent, unsends(&sender));
    let messages = check::messages(&rows, &sender, &model, &members).await;
    members.check_states(&model);
    let (mut answers, replies) = written(&rows, &model, &hotel, &members, &sender, &by_row).await;
    counted(&rows, &replies, &hotel).await;
    answers.taken_by_line = taken(&sender, &replies, &members, &before).await;
    check::taps(&rows, &sender, &model, &members, hotel.tags).await;
    check::nothing_else_waits(&rows).await;
    let summary = Summary {
        kind,
        options,
        delivered: sender.delivered.load(Ordering::SeqCst),
        repeated: sender.repeated.load(Ordering::SeqCst),
        unanswered: sender.unanswered.load(Ordering::SeqCst),
        late: sender
            .plan
            .events
            .iter()
            .filter(|e| e.is_late || e.is_straggler)
            .count(),
        stored,
        messages,
        answers,
        kills: fleet.kills.clone(),
    };
    println!("{summary}");
    drop(fleet);
    drop(rows);
    database.drop_it().await;
}

#[derive(Clone, Copy, Debug)]
enum Blow {
    KillRunner,
    StartRunner,
    KillApi,
    StartApi,
    StopRunners,
    StartRunners,
}

/// What happens after so many events were taken.
fn blows(options: Options) -> Vec<(usize, Blow)> {
    let at = |percent: usize| options.events * percent / 100;
    let mut blows = vec![
        (at(10), Blow::KillRunner),
        (at(35), Blow::KillApi),
        (at(35), Blow::StartApi),
        (at(50), Blow::StartRunner),
    ];
    if options.is_long() {
        blows.extend([(at(80), Blow::StopRunners), (at(85), Blow::StartRunners)]);
    }
    blows
}

/// The programs.
struct Fleet {
    settings: Settings,
    api: Option<Process>,
    runners: [Option<Process>; 2],
    kills: Vec<&'static str>,
}

impl Fleet {
    async fn start(settings: Settings) -> Self {
        let api = Some(settings.start_api().await);
        let runners = [(); 2].map(|()| Some(settings.start("crm-job-runner")));
        Self {
            settings,
            api,
            runners,
            kills: Vec::new(),
        }
    }

    fn is_without_runners(&self) -> bool {
        self.runners.iter().all(Option::is_none)
    }

    fn strike(&mut self, blow: Blow) {
        match blow {
            Blow::KillRunner => {
                self.runners[0].take().unwrap().kill();
                self.kills.push("a job runner");
            }
            Blow::KillApi => {
                self.api.take().unwrap().kill();
                self.kills.push("the API");
            }
            Blow::StartApi => self.api = Some(self.settings.start("crm-api")),
            Blow::StopRunners => {
                for runner in &mut self.runners {
                    let mut runner = runner.take().unwrap();
                    assert!(runner.terminate(Duration::from_secs(30)));
                }
            }
            Blow::StartRunner | Blow::StartRunners => {
                for runner in &mut self.runners {
                    if runner.is_none() {
                        *runner = Some(self.settings.start("crm-job-runner"));
                    }
                }
            }
        }
    }
}

async fn until_nothing_waits(rows: &Rows) {
    let (mut last, mut at) = ((0, 0), Instant::now());
    loop {
        let open = rows.open().await;
        if open == (0, 0) {
            return;
        }
        if open != last {
            (last, at) = (open, Instant::now());
        }
        if at.elapsed() >= PATIENCE {
            let waiting = rows.waiting().await;
            panic!("{open:?} wait and nothing moves: {waiting:#?}");
        }
        tokio::time::sleep(TICK).await;
    }
}
