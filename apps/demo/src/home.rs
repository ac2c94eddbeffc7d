//! The folder that a demo keeps everything in, and what it leaves there for the next one.

use crate::DemoError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;
use rand::Rng;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const LOCK: &str = "lock";
const SECRETS: &str = "secrets";
/// There while the sample data is being written, so that half of it is never taken for all.
const UNFINISHED: &str = "unfinished";
/// Remembers under which address the stored pictures were to be found.
const PICTURES: &str = "pictures";
/// Remembers the day from which the simulated PMS counts.
const PMS_DAY: &str = "pms-day";

/// The keys of an installation; the same after a restart.
pub(crate) struct Secrets {
    /// `SECRET_KEY`
    pub(crate) secret_key: String,
    /// `ID_NUMBER_KEY`
    pub(crate) id_number_key: String,
}

/// A folder that belongs to this process while the value lives.
pub(crate) struct Home {
    folder: PathBuf,
    _lock: File,
}

impl Home {
    /// Takes the folder, and empties it when asked to or when an earlier demo was ended half-way
    /// through its sample data.
    pub(crate) fn take(folder: &Path, fresh: bool) -> Result<Self, DemoError> {
        let failed = |error| DemoError::Home(folder.display().to_string(), error);
        fs::create_dir_all(folder).map_err(failed)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(LOCK))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DemoError::HomeInUse(folder.display().to_string()));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        if fresh || folder.join(UNFINISHED).exists() {
            empty(folder).map_err(failed)?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            _lock: lock,
        })
    }

    /// The database's address.
    pub(crate) fn database_url(&self) -> String {
        format!("sqlite://{}?mode=rwc", self.folder.join("crm.db").display())
    }

    /// Where pictures are kept.
    pub(crate) fn uploads(&self) -> String {
        self.folder.join("uploads").display().to_string()
    }

    /// Where files are kept that staff take away.
    pub(crate) fn exports(&self) -> String {
        self.folder.join("exports").display().to_string()
    }

    /// The keys, made at the first call.
    pub(crate) fn secrets(&self) -> Result<Secrets, DemoError> {
        let path = self.folder.join(SECRETS);
        match fs::read_to_string(&path) {
            Ok(text) => {
                if let Some((secret_key, id_number_key)) = text.trim().split_once('\n') {
                    return Ok(Secrets {
                        secret_key: secret_key.to_owned(),
                        id_number_key: id_number_key.to_owned(),
                    });
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(self.failed(error)),
        }
        let made = Secrets {
            secret_key: random_key(),
            id_number_key: random_key(),
        };
        let text = format!("{}\n{}\n", made.secret_key, made.id_number_key);
        OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| self.failed(error))?;
        Ok(made)
    }

    /// Says that the sample data is being written.
    pub(crate) fn begin(&self) -> Result<(), DemoError> {
        self.write(UNFINISHED, "")
    }

    /// Says that the sample data is complete.
    pub(crate) fn finish(&self) -> Result<(), DemoError> {
        fs::remove_file(self.folder.join(UNFINISHED)).map_err(|error| self.failed(error))
    }

    /// Where the pictures were at the last start.
    pub(crate) fn pictures_were_at(&self) -> Option<String> {
        fs::read_to_string(self.folder.join(PICTURES)).ok()
    }

    /// Remembers where the pictures are.
    pub(crate) fn pictures_are_at(&self, url: &str) -> Result<(), DemoError> {
        self.write(PICTURES, url)
    }

    /// The day from which the simulated PMS counts: the one on which it was first asked for, so
    /// that its guests do not stay again on other days after a restart.
    pub(crate) fn pms_day(&self, today: NaiveDate) -> Result<NaiveDate, DemoError> {
        let known = fs::read_to_string(self.folder.join(PMS_DAY)).ok();
        if let Some(day) = known.and_then(|text| text.trim().parse().ok()) {
            return Ok(day);
        }
        self.write(PMS_DAY, &today.to_string())?;
        Ok(today)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), DemoError> {
        fs::write(self.folder.join(name), text).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> DemoError {
        DemoError::Home(self.folder.display().to_string(), error)
    }
}

/// Deletes everything but the lock, which is held.
fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn random_key() -> String {
    let mut key = [0; 32];
    rand::rng().fill_bytes(&mut key);
    STANDARD.encode(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_keys_survive_a_restart_and_are_for_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let first = Home::take(folder.path(), false).unwrap().secrets().unwrap();
        let home = Home::take(folder.path(), false).unwrap();
        assert_eq!(home.secrets().unwrap().secret_key, first.secret_key);
        let secrets = fs::metadata(folder.path().join(SECRETS)).unwrap();
        assert_eq!(secrets.permissions().mode() & 0o777, 0o600);
        drop(home);
        let fresh = Home::take(folder.path(), true).unwrap();
        assert_ne!(fresh.secrets().unwrap().id_number_key, first.id_number_key);
    }

    #[test]
    fn the_pms_counts_from_one_day_until_all_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let home = Home::take(folder.path(), false).unwrap();
        let first = day("2026-03-01");
        assert_eq!(home.pms_day(first).unwrap(), first);
        assert_eq!(home.pms_day(day("2026-03-05")).unwrap(), first);
        drop(home);
        let fresh = Home::take(folder.path(), true).unwrap();
        assert_eq!(fresh.pms_day(day("2026-03-05")).unwrap(), day("2026-03-05"));
    }

    #[test]
    fn two_demos_do_not_share_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let _first = Home::take(folder.path(), false).unwrap();
        let second = Home::take(folder.path(), true);
        assert!(matches!(second, Err(DemoError::HomeInUse(_))));
    }

    #[test]
    fn half_written_sample_data_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::take(folder.path(), false).unwrap();
        home.begin().unwrap();
        fs::write(folder.path().join("crm.db"), "half").unwrap();
        drop(home);
        let home = Home::take(folder.path(), false).unwrap();
        assert!(!folder.path().join("crm.db").exists());
        home.begin().unwrap();
        home.finish().unwrap();
    }
}
