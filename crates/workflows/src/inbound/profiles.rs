use crate::{LineGateway, Pause};
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::Clock;
use crm_members::{LineProfile, LineUid};
use futures::future::{Either, select};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Longest wait for a profile: a guest waits for their answer meanwhile.
const BUDGET: Duration = Duration::from_millis(1_500);
/// Failures in a row after which LINE is left alone.
const FAILURES: u32 = 3;
/// For so long.
const REST: TimeDelta = TimeDelta::seconds(30);

/// Guests' names and pictures, asked for while their events are handled. LINE failing is no reason
/// to lose or hold up an event: the guest's next one asks again, and when LINE fails again and
/// again nobody asks for a while.
#[derive(Clone)]
pub struct Profiles {
    line: Arc<dyn LineGateway>,
    pause: Arc<dyn Pause>,
    clock: Arc<dyn Clock>,
    trouble: Arc<Mutex<Trouble>>,
}

#[derive(Default)]
struct Trouble {
    failures: u32,
    rest_until: Option<DateTime<Utc>>,
}

impl Profiles {
    /// Asks `line`, as far as `pause` lets it.
    #[must_use]
    pub fn new(line: Arc<dyn LineGateway>, pause: Arc<dyn Pause>, clock: Arc<dyn Clock>) -> Self {
        Self {
            line,
            pause,
            clock,
            trouble: Arc::default(),
        }
    }

    /// A guest's profile, if LINE tells it in time.
    pub(super) async fn ask(&self, uid: &LineUid) -> Option<LineProfile> {
        if self.rests() {
            return None;
        }
        let asked = self.line.profile(uid.as_str());
        let answer = match select(asked, self.pause.pause(BUDGET)).await {
            Either::Left((Ok(profile), _)) => Ok(profile),
            Either::Left((Err(error), _)) => Err(error.to_string()),
            Either::Right(_) => Err("no answer in time".to_owned()),
        };
        match answer {
            Ok(profile) => {
                self.note(false);
                profile.map(|p| LineProfile::new(&p.display_name, p.picture_url.as_deref()))
            }
            Err(error) => {
                tracing::warn!("a profile could not be fetched: {error}");
                self.note(true);
                None
            }
        }
    }

    fn rests(&self) -> bool {
        let now = self.clock.now();
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.rest_until.is_some_and(|until| now < until)
    }

    fn note(&self, failed: bool) {
        let now = self.clock.now();
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if !failed {
            *trouble = Trouble::default();
            return;
        }
        trouble.failures += 1;
        if trouble.failures >= FAILURES {
            trouble.failures = 0;
            trouble.rest_until = Some(now + REST);
        }
    }
}
