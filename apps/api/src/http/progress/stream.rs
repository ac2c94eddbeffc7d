use super::feed::ProgressStreams;
use crate::http::problem::ApiError;
use actix_web::web::Bytes;
use chrono::{DateTime, Utc};
use crm_accounts::{Caller, Permission};
use crm_bootstrap::Crm;
use crm_campaigns::CampaignProgress;
use crm_kernel::CampaignId;
use futures::{Stream, stream};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};

/// When a client that lost its connection comes back, in milliseconds.
const RETRY: u32 = 3_000;

/// Somebody who watches a campaign.
pub(crate) struct Watch {
    crm: Crm,
    token: String,
    receiver: watch::Receiver<CampaignProgress>,
    stopping: watch::Receiver<bool>,
    expires: Instant,
    keep_alive: Interval,
    next: Next,
    _seat: OwnedSemaphorePermit,
}

/// What is to be written next.
enum Next {
    Now,
    Change,
    Nothing,
}

/// What a watcher heard of last.
enum Heard {
    Change,
    Nothing,
    End,
}

impl Watch {
    /// Takes a seat and looks at the campaign.
    ///
    /// # Errors
    /// Where there is no seat, no such campaign, or the token is none any more.
    pub(crate) async fn begin(
        streams: &ProgressStreams,
        crm: &Crm,
        token: String,
        id: CampaignId,
    ) -> Result<Self, ApiError> {
        let seat = streams.seat()?;
        let expires = crm.accounts.token_expires_at(&token)?;
        let receiver = streams.watch(crm, id).await?;
        let keep_alive = streams.rules().keep_alive;
        let mut keep_alive = interval_at(Instant::now() + keep_alive, keep_alive);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            expires: Instant::now() + left(expires, crm.clock.now()),
            crm: crm.clone(),
            token,
            receiver,
            stopping: streams.stopping(),
            keep_alive,
            next: Next::Now,
            _seat: seat,
        })
    }

    /// The next piece of the stream; `None` at its end.
    async fn piece(&mut self, write: impl Fn(&CampaignProgress) -> String) -> Option<Bytes> {
        match self.next {
            Next::Nothing => return None,
            Next::Now => {
                let event = self.event(write);
                return Some(Bytes::from(format!("retry: {RETRY}\n\n{event}")));
            }
            Next::Change => {}
        }
        let heard = tokio::select! {
            biased;
            _ = self.stopping.wait_for(|stopping| *stopping) => Heard::End,
            () = sleep_until(self.expires) => Heard::End,
            changed = self.receiver.changed() => match changed {
                Ok(()) => Heard::Change,
                // The campaign is through, or deleted.
                Err(_) => Heard::End,
            },
            _ = self.keep_alive.tick() => Heard::Nothing,
        };
        match heard {
            Heard::End => None,
            Heard::Change => Some(Bytes::from(self.event(write))),
            Heard::Nothing => {
                let caller = self.crm.accounts.authenticate(&self.token).await;
                let may_stay = |caller: Caller| caller.require(Permission::CampaignsRead).is_ok();
                caller
                    .is_ok_and(may_stay)
                    .then(|| Bytes::from_static(b": still here\n\n"))
            }
        }
    }

    fn event(&mut self, write: impl Fn(&CampaignProgress) -> String) -> String {
        let seen = self.receiver.borrow_and_update();
        self.next = if seen.is_over() {
            Next::Nothing
        } else {
            Next::Change
        };
        let id = self.crm.clock.now().timestamp_millis();
        let data = write(&seen);
        format!("id: {id}\nevent: campaign.progress\ndata: {data}\n\n")
    }
}

/// The stream of whoever watches, for as long as they may read campaigns.
pub(crate) fn events(
    watch: Watch,
    write: impl Fn(&CampaignProgress) -> String + Copy + 'static,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(watch, move |mut watch| async move {
        let piece = watch.piece(write).await?;
        Some((Ok(piece), watch))
    })
}

fn left(until: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (until - now).to_std().unwrap_or_default()
}
