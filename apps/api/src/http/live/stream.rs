use super::hub::News;
use super::news::{PROGRESS, Told, Wanted};
use super::query::Since;
use super::replay::{Missed, Replay};
use crate::http::problem::ApiError;
use crate::http::streams::{Heard, Listener, RETRY, Streams};
use actix_web::web::Bytes;
use crm_accounts::{Caller, Permission};
use crm_bootstrap::Crm;
use crm_workflows::Cursor;
use futures::{Stream, stream};
use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::broadcast::{Receiver, error::RecvError, error::TryRecvError};

/// Events written in one piece at most.
const AT_ONCE: usize = 100;

/// Somebody who listens to what happens.
pub(super) struct Live {
    listener: Listener,
    caller: Caller,
    wanted: Wanted,
    happens: Receiver<News>,
    campaigns: Option<Receiver<Arc<str>>>,
    missed: Option<Replay>,
    /// Told when they came back, and still to be heard.
    repeated: HashSet<i64>,
    /// How far they have heard.
    at: Cursor,
    /// The last `id` written.
    written: Option<Cursor>,
    must_fetch: bool,
    is_over: bool,
}

/// What is heard.
enum Next {
    Happened(News),
    Campaign(Arc<str>),
}

impl Live {
    /// Takes a seat, and looks what was missed since.
    ///
    /// # Errors
    /// Where there is no seat, or the token is none any more; those of the store.
    pub(super) async fn begin(
        streams: &Streams,
        crm: &Crm,
        (token, caller): (String, Caller),
        wanted: Wanted,
        since: Since,
    ) -> Result<Self, ApiError> {
        let listener = Listener::sit_down(streams, crm, token)?;
        let (happens, now) = streams.listen(crm).await?;
        let missed = Missed::since(crm, since, now).await?;
        let follows = wanted.member.is_none()
            && wanted.wants_kind(PROGRESS)
            && caller.require(Permission::CampaignsRead).is_ok();
        let at = match (&missed, since) {
            (Missed::This(_), Since::Then(at)) => at,
            _ => now,
        };
        Ok(Self {
            listener,
            caller,
            wanted,
            happens,
            campaigns: follows.then(|| streams.follow_campaigns(crm)),
            must_fetch: matches!(missed, Missed::TooMuch),
            missed: match missed {
                Missed::This(replay) => Some(replay),
                Missed::Nothing | Missed::TooMuch => None,
            },
            repeated: HashSet::new(),
            at,
            written: None,
            is_over: false,
        })
    }

    /// The next piece of the stream; `None` at its end.
    async fn piece(&mut self) -> Option<String> {
        if self.written.is_none() {
            return Some(self.greeting());
        }
        let mut piece = String::new();
        while let Some(replay) = &mut self.missed {
            // Whoever cannot be told what they missed comes back and asks again.
            let page = replay.page(&self.listener.crm).await.ok()?;
            if page.is_empty() {
                self.repeated = std::mem::take(&mut replay.repeated);
                self.missed = None;
            }
            for (event, at) in page {
                self.at = at;
                if let Some(told) = Told::of(event) {
                    self.write(&told, &mut piece);
                }
            }
            if !piece.is_empty() {
                return Some(piece);
            }
        }
        while piece.is_empty() && !self.is_over {
            let next = next(&mut self.happens, &mut self.campaigns);
            match self.listener.hear(next).await {
                Heard::News(Some(Next::Happened(news))) => self.happened(news, &mut piece),
                Heard::News(Some(Next::Campaign(text))) => {
                    piece = format!("id: {}\n{text}", self.at);
                    self.written = Some(self.at);
                }
                Heard::Nothing => {
                    self.caller = self.listener.caller().await?;
                    piece = self.sign_of_life();
                }
                Heard::News(None) | Heard::End => return None,
            }
        }
        (!piece.is_empty()).then_some(piece)
    }

    /// One block, which tells where to come back to before anything has happened.
    fn greeting(&mut self) -> String {
        let event = if self.must_fetch {
            "event: resync\ndata: {}\n"
        } else {
            ""
        };
        self.written = Some(self.at);
        format!("retry: {RETRY}\nid: {}\n{event}\n", self.at)
    }

    /// Moves the place on where others had news.
    fn sign_of_life(&mut self) -> String {
        if self.written == Some(self.at) {
            return ": still here\n\n".to_owned();
        }
        self.written = Some(self.at);
        format!(": still here\nid: {}\n\n", self.at)
    }

    /// Writes what has happened, as far as it is known by now.
    fn happened(&mut self, first: News, piece: &mut String) {
        let mut next = Some(first);
        let mut left = AT_ONCE;
        while let Some(news) = next {
            self.at = news.at;
            if let Some(told) = news.told
                && !self.repeated.remove(&told.number)
            {
                self.write(&told, piece);
            }
            left -= 1;
            if left == 0 {
                return;
            }
            next = match self.happens.try_recv() {
                Ok(news) => Some(news),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Closed | TryRecvError::Lagged(_)) => {
                    self.is_over = true;
                    None
                }
            };
        }
    }

    fn write(&mut self, told: &Told, piece: &mut String) {
        if told.is_for(&self.caller, &self.wanted) {
            told.write(self.at, piece);
            self.written = Some(self.at);
        }
    }
}

/// What comes next; `None` for a listener who cannot keep up, and where nobody tells any more.
async fn next(
    happens: &mut Receiver<News>,
    campaigns: &mut Option<Receiver<Arc<str>>>,
) -> Option<Next> {
    tokio::select! {
        biased;
        news = happens.recv() => news.ok().map(Next::Happened),
        text = progress(campaigns) => text.map(Next::Campaign),
    }
}

async fn progress(campaigns: &mut Option<Receiver<Arc<str>>>) -> Option<Arc<str>> {
    let Some(campaigns) = campaigns else {
        return std::future::pending().await;
    };
    loop {
        match campaigns.recv().await {
            Ok(text) => return Some(text),
            // What comes next tells more than what was missed.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return None,
        }
    }
}

/// The stream of whoever listens, for as long as they are signed in.
pub(super) fn events(live: Live) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(live, |mut live| async move {
        let piece = live.piece().await?;
        Some((Ok(Bytes::from(piece)), live))
    })
}
