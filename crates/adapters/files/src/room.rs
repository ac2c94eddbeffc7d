use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Megabytes that may be unpacked at any one time.
const MEGABYTES: u32 = 200;
/// Files that may wait for room; each of them is in memory already, packed.
const WAITING: usize = 8;
/// How long a file waits.
const PATIENCE: Duration = Duration::from_secs(30);
const MEGABYTE: u64 = 1024 * 1024;

/// Memory for what is unpacked. Small files are packed by the thousand; what counts is what
/// becomes of them.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    megabytes: Arc<Semaphore>,
    whole: u32,
    waiting: Arc<Semaphore>,
}

impl Room {
    fn new(megabytes: u32, waiting: usize) -> Self {
        Self {
            megabytes: Arc::new(Semaphore::new(megabytes as usize)),
            whole: megabytes,
            waiting: Arc::new(Semaphore::new(waiting)),
        }
    }

    /// The room that everything in this process shares.
    pub(crate) fn of_this_process() -> Self {
        static ROOM: LazyLock<Room> = LazyLock::new(|| Room::new(MEGABYTES, WAITING));
        ROOM.clone()
    }

    /// Room for so many bytes, until what is answered is dropped; what is larger than the whole
    /// room gets all of it. `None` when too many wait already, or the wait was too long.
    pub(crate) async fn take(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        let wanted = u32::try_from(bytes.div_ceil(MEGABYTE)).unwrap_or(u32::MAX);
        let wanted = wanted.clamp(1, self.whole);
        let megabytes = || Arc::clone(&self.megabytes);
        if let Ok(taken) = megabytes().try_acquire_many_owned(wanted) {
            return Some(taken);
        }
        let _place = self.waiting.try_acquire().ok()?;
        let taken = megabytes().acquire_many_owned(wanted);
        tokio::time::timeout(PATIENCE, taken).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn what_fits_is_let_in_and_what_does_not_waits_for_room() {
        let room = Room::new(10, 4);
        let six = room.take(6 * MEGABYTE).await.unwrap();
        let four = room.take(4 * MEGABYTE).await.unwrap();
        let next = room.take(1);
        tokio::pin!(next);
        assert!(next.as_mut().now_or_never().is_none());
        drop(four);
        assert!(next.await.is_some());
        drop(six);
    }

    #[tokio::test]
    async fn what_is_larger_than_the_room_gets_all_of_it() {
        let room = Room::new(10, 4);
        let all = room.take(500 * MEGABYTE).await.unwrap();
        assert!(room.take(1).now_or_never().is_none());
        drop(all);
        assert!(room.take(1).now_or_never().flatten().is_some());
    }

    #[tokio::test]
    async fn who_finds_too_many_waiting_is_sent_away_at_once() {
        let room = Room::new(1, 2);
        let _all = room.take(1).await.unwrap();
        let mut waiting: Vec<_> = (0..2).map(|_| Box::pin(room.take(1))).collect();
        for one in &mut waiting {
            assert!(one.now_or_never().is_none());
        }
        assert!(room.take(1).now_or_never().unwrap().is_none());
    }
}
