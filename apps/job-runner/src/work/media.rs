//! Content that guests send.

use crate::{JobContext, JobFailure, JobHandlers};
use crm_bootstrap::Crm;
use crm_messages::{FetchMedia, RemoveMedia, SweepMedia};
use crm_workflows::Fetched;

pub(super) fn register(handlers: &mut JobHandlers, crm: &Crm) {
    let Crm { media, clock, .. } = crm.clone();
    handlers.register(move |job: FetchMedia, context: JobContext| {
        let (media, clock) = (media.clone(), clock.clone());
        async move {
            let is_last_try = context.attempt >= context.max_attempts;
            match media.fetch(&job, is_last_try).await? {
                Fetched::Done => Ok(()),
                Fetched::LookAgain(wait) => Err(JobFailure::Postpone {
                    until: clock.now() + wait,
                }),
            }
        }
    });
    let media = crm.media.clone();
    handlers.register(move |job: RemoveMedia, _| {
        let media = media.clone();
        async move { Ok(media.remove(&job).await?) }
    });
    let media = crm.media.clone();
    handlers.register(move |_: SweepMedia, _| {
        let media = media.clone();
        async move {
            media.sweep().await?;
            Ok(())
        }
    });
}
