use super::{FOLDER, Media, MediaError};
use chrono::TimeDelta;
use crm_messages::{PATHS_AT_ONCE, RemoveMedia};

/// Files that nobody names are left this long, as are halves: longer than any fetch takes.
const LEFT_FOR: TimeDelta = TimeDelta::days(1);

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweptMedia {
    /// Files removed that no message named.
    pub files: u64,
    /// Files removed that were never finished.
    pub halves: u64,
}

impl Media {
    /// Removes files. Safe to repeat.
    ///
    /// # Errors
    /// The folder's; what was removed stays removed.
    pub async fn remove(&self, job: &RemoveMedia) -> Result<(), MediaError> {
        for path in &job.paths {
            self.files.take_away(path).await?;
        }
        Ok(())
    }

    /// Removes what an end in the middle left behind. Safe to repeat, and to run twice at once.
    ///
    /// # Errors
    /// The store's and the folder's; what was removed stays removed.
    pub async fn sweep(&self) -> Result<SweptMedia, MediaError> {
        let before = self.clock.now() - LEFT_FOR;
        let mut swept = SweptMedia {
            halves: self.files.sweep(FOLDER, before).await?,
            files: 0,
        };
        let old = self.files.written_before(FOLDER, before).await?;
        for some in old.chunks(PATHS_AT_ONCE) {
            let known = self.queries.known_media(some).await?;
            for path in some.iter().filter(|path| !known.contains(*path)) {
                self.files.take_away(path).await?;
                swept.files += 1;
            }
        }
        tracing::info!(swept.files, swept.halves, "swept files of content");
        Ok(swept)
    }
}
