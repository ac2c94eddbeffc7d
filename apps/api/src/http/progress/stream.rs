use crate::http::problem::ApiError;
use crate::http::streams::{Heard, Listener, RETRY, Streams};
use actix_web::web::Bytes;
use crm_accounts::{Caller, Permission};
use crm_bootstrap::Crm;
use crm_campaigns::CampaignProgress;
use crm_kernel::CampaignId;
use futures::{Stream, stream};
use std::convert::Infallible;
use tokio::sync::watch;

/// Somebody who watches a campaign.
pub(crate) struct Watch {
    listener: Listener,
    receiver: watch::Receiver<CampaignProgress>,
    next: Next,
}

/// What is to be written next.
enum Next {
    Now,
    Change,
    Nothing,
}

impl Watch {
    /// Takes a seat and looks at the campaign.
    ///
    /// # Errors
    /// Where there is no seat, no such campaign, or the token is none any more.
    pub(crate) async fn begin(
        streams: &Streams,
        crm: &Crm,
        token: String,
        id: CampaignId,
    ) -> Result<Self, ApiError> {
        let listener = Listener::sit_down(streams, crm, token)?;
        Ok(Self {
            listener,
            receiver: streams.watch(crm, id).await?,
            next: Next::Now,
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
        match self.listener.hear(self.receiver.changed()).await {
            Heard::News(Ok(())) => Some(Bytes::from(self.event(write))),
            // The campaign is through or deleted, or else there is nobody to write for.
            Heard::News(Err(_)) | Heard::End => None,
            Heard::Nothing => {
                let may_stay = |caller: Caller| caller.require(Permission::CampaignsRead).is_ok();
                let caller = self.listener.caller().await;
                caller
                    .is_some_and(may_stay)
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
        let id = self.listener.crm.clock.now().timestamp_millis();
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
