//! Clicks on their way from memory to the database, a few times a second.

use crm_workflows::Taps;
use std::time::Duration;

/// How long clicks stay in memory, and so how many a crash can lose.
const PAUSE: Duration = Duration::from_millis(50);
/// Longest wait while the database is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// Tries at the end of the process.
const LAST_TRIES: u32 = 5;

/// Writes clicks down as they come; never ends by itself.
pub(crate) async fn keep_writing(taps: &Taps) {
    let mut pause = PAUSE;
    loop {
        tokio::time::sleep(pause).await;
        pause = match taps.write_down().await {
            Ok(()) => PAUSE,
            Err(error) => {
                let clicks = taps.clicks_waiting();
                tracing::warn!(%error, clicks, "clicks could not be written down yet");
                (pause * 2).min(LONGEST_PAUSE)
            }
        };
    }
}

/// Writes down what is left when nobody taps any more.
pub(crate) async fn write_the_rest(taps: &Taps) {
    for _ in 0..LAST_TRIES {
        match taps.write_down().await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "the last clicks could not be written down yet"),
        }
        tokio::time::sleep(PAUSE).await;
    }
    let clicks = taps.clicks_waiting();
    tracing::error!(clicks, "the last clicks are lost");
}
