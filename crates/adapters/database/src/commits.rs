//! Whether anything was stored while a piece of work ran.

use std::cell::Cell;

tokio::task_local! {
    static COMMITTED: Cell<bool>;
}

/// Does a piece of work, and tells whether a unit of work was committed in the course of it,
/// or might have been: `false` means for sure that nothing was stored. What the work does in
/// tasks of its own is not seen, nor what belongs to no unit of work (counts of requests, jobs
/// that are claimed).
pub async fn noting_commits<F: Future>(work: F) -> (F::Output, bool) {
    COMMITTED
        .scope(Cell::new(false), async move {
            let output = work.await;
            (output, COMMITTED.with(Cell::get))
        })
        .await
}

/// A commit is about to be asked for.
pub(crate) fn commit_begins() {
    // Nobody asks outside of `noting_commits`.
    let _ = COMMITTED.try_with(|committed| committed.set(true));
}
