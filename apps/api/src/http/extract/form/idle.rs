use actix_web::error::PayloadError;
use futures::{Stream, StreamExt, stream};
use std::io::ErrorKind;
use std::time::Duration;
use tokio::time::timeout;

/// The same chunks, and an error as soon as none has come for so long.
pub(super) fn never_idle<S, B>(
    chunks: S,
    idle: Duration,
) -> impl Stream<Item = Result<B, PayloadError>> + use<S, B>
where
    S: Stream<Item = Result<B, PayloadError>> + Unpin,
{
    stream::unfold(Some(chunks), move |chunks| async move {
        let mut chunks = chunks?;
        match timeout(idle, chunks.next()).await {
            Ok(chunk) => Some((chunk?, Some(chunks))),
            Err(_) => Some((Err(PayloadError::Io(ErrorKind::TimedOut.into())), None)),
        }
    })
    // Forms are asked for more behind their end.
    .fuse()
}

/// Whether it is the error of [`never_idle`].
pub(super) fn was_idle(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Io(error) if error.kind() == ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[actix_web::test]
    async fn a_form_may_take_its_time_as_long_as_something_comes() {
        let idle = Duration::from_millis(400);
        let dripping = stream::iter(0..10).then(|n| async move {
            tokio::time::sleep(idle / 4).await;
            Ok(n)
        });
        let started = Instant::now();
        let mut form = Box::pin(never_idle(Box::pin(dripping), idle));
        let chunks: Vec<_> = form.by_ref().collect().await;
        assert!(form.next().await.is_none());
        assert!(chunks.iter().all(Result::is_ok), "{chunks:?}");
        assert_eq!(chunks.len(), 10);
        assert!(started.elapsed() > idle);
    }

    #[actix_web::test]
    async fn a_form_that_stops_coming_is_not_waited_for() {
        let stuck = stream::iter([Ok(1)]).chain(stream::pending());
        let chunks: Vec<_> = never_idle(stuck, Duration::from_millis(20)).collect().await;
        let [Ok(1), Err(error)] = &chunks[..] else {
            panic!("not one chunk and an error: {chunks:?}")
        };
        assert!(was_idle(error));
    }
}
