//! The processes of an installation and the wire to LINE, to be struck and mended.

use crate::processes::{Process, Settings, status};
use crate::proxy::Wire;
use std::time::{Duration, Instant};

/// What can be struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Victim {
    /// `crm-api`.
    Api,
    /// `crm-api` in the middle of a plan.
    Planner,
    /// One of the two job runners.
    Runner(usize),
    /// Connections to LINE are cut and not taken for a while.
    Network,
}

impl Victim {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Planner => "api while planning",
            Self::Runner(_) => "job runner",
            Self::Network => "network to LINE",
        }
    }
}

/// One process, or the time at which it is started again.
enum Ship {
    Up(Process),
    Down { until: Instant },
}

pub struct Fleet {
    settings: Settings,
    wire: Wire,
    api: Ship,
    runners: [Ship; 2],
    cut_until: Option<Instant>,
    answers: bool,
    pub restarts: u32,
}

impl Fleet {
    /// Starts everything and waits until the API answers.
    pub async fn start(settings: Settings, wire: Wire) -> Self {
        let api = settings.start_api().await;
        let runner = || Ship::Up(settings.start("crm-job-runner"));
        Self {
            api: Ship::Up(api),
            runners: [runner(), runner()],
            settings,
            wire,
            cut_until: None,
            answers: true,
            restarts: 0,
        }
    }

    /// Whether it can be struck at all.
    pub const fn stands(&self, victim: Victim) -> bool {
        match victim {
            Victim::Api | Victim::Planner => matches!(self.api, Ship::Up(_)),
            Victim::Runner(n) => matches!(self.runners[n], Ship::Up(_)),
            Victim::Network => self.cut_until.is_none(),
        }
    }

    /// Strikes it; it comes back after `pause`.
    pub fn strike(&mut self, victim: Victim, pause: Duration) {
        let until = Instant::now() + pause;
        let ship = match victim {
            Victim::Api | Victim::Planner => {
                self.answers = false;
                &mut self.api
            }
            Victim::Runner(n) => &mut self.runners[n],
            Victim::Network => {
                self.wire.cut();
                self.cut_until = Some(until);
                return;
            }
        };
        if let Ship::Up(process) = ship {
            process.kill();
        }
        *ship = Ship::Down { until };
    }

    /// Starts again what has been down for long enough.
    pub async fn mend(&mut self) {
        let now = Instant::now();
        if self.cut_until.is_some_and(|until| now >= until) {
            self.wire.mend();
            self.cut_until = None;
        }
        for (ship, program) in [&mut self.api]
            .into_iter()
            .map(|ship| (ship, "crm-api"))
            .chain(self.runners.iter_mut().map(|s| (s, "crm-job-runner")))
        {
            if let Ship::Down { until } = ship
                && now >= *until
            {
                *ship = Ship::Up(self.settings.start(program));
                self.restarts += 1;
            }
        }
        if !self.answers && matches!(self.api, Ship::Up(_)) {
            let ready = format!("{}/ready", self.settings.base());
            self.answers = status(&ready).await == Some(200);
        }
    }

    /// Whether the API can be asked.
    pub const fn answers(&self) -> bool {
        self.answers
    }

    /// Whether work can go on: somebody is there to do it, and LINE can be reached.
    pub const fn can_work(&self) -> bool {
        self.cut_until.is_none()
            && (matches!(self.runners[0], Ship::Up(_)) || matches!(self.runners[1], Ship::Up(_)))
    }

    /// Whether everything is up.
    pub const fn is_whole(&self) -> bool {
        self.answers
            && self.cut_until.is_none()
            && matches!(self.runners[0], Ship::Up(_))
            && matches!(self.runners[1], Ship::Up(_))
    }
}
