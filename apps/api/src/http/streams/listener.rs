use super::Streams;
use crate::http::problem::ApiError;
use chrono::{DateTime, Utc};
use crm_accounts::Caller;
use crm_bootstrap::Crm;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};

/// Somebody who has a seat and listens, for as long as they are signed in.
pub(crate) struct Listener {
    pub(crate) crm: Crm,
    token: String,
    stopping: watch::Receiver<bool>,
    expires: Instant,
    keep_alive: Interval,
    _seat: OwnedSemaphorePermit,
}

/// What a listener heard of last.
pub(crate) enum Heard<T> {
    News(T),
    /// Nothing for a while: time for a sign of life.
    Nothing,
    /// The server stops, or the token has expired.
    End,
}

impl Listener {
    /// Takes a seat.
    ///
    /// # Errors
    /// Where there is none, or the token is none any more.
    pub(crate) fn sit_down(streams: &Streams, crm: &Crm, token: String) -> Result<Self, ApiError> {
        let seat = streams.seat()?;
        let expires = crm.accounts.token_expires_at(&token)?;
        let keep_alive = streams.rules().keep_alive;
        let mut keep_alive = interval_at(Instant::now() + keep_alive, keep_alive);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            expires: Instant::now() + left(expires, crm.clock.now()),
            crm: crm.clone(),
            token,
            stopping: streams.stopping(),
            keep_alive,
            _seat: seat,
        })
    }

    /// Waits for news, for so long as there is nothing else to do. `news` may be dropped before
    /// it comes, and must not lose any then.
    pub(crate) async fn hear<T>(&mut self, news: impl Future<Output = T>) -> Heard<T> {
        tokio::select! {
            biased;
            _ = self.stopping.wait_for(|stopping| *stopping) => Heard::End,
            () = sleep_until(self.expires) => Heard::End,
            news = news => Heard::News(news),
            _ = self.keep_alive.tick() => Heard::Nothing,
        }
    }

    /// Who listens; nobody when they are signed out by now.
    pub(crate) async fn caller(&self) -> Option<Caller> {
        self.crm.accounts.authenticate(&self.token).await.ok()
    }
}

fn left(until: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (until - now).to_std().unwrap_or_default()
}
