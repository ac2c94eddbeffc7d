//! Which server program to run.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::environment::find_program;
use crate::failure::Failure;
use crate::process::run;

const NAMES: [&str; 2] = ["mariadbd", "mysqld"];

const HOW_TO_INSTALL: &str = "\
no MySQL or MariaDB server was found, and the tests need one. Any of these helps:
  Debian, Ubuntu   sudo apt-get install mariadb-server
  Fedora           sudo dnf install mariadb-server
  macOS            brew install mariadb
  elsewhere        cargo xtask test --mysql-server /path/to/mysqld
It need not be running: a throw-away one is started from the program alone.
To leave MySQL out knowingly: cargo xtask test --sqlite-only";

pub fn given(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize().map_err(Failure::while_trying(format!(
        "--mysql-server {}",
        path.display()
    )))
}

pub fn found_or_installed() -> Result<PathBuf, Failure> {
    if let Some(program) = find_program(&NAMES) {
        return Ok(program);
    }
    install()?;
    find_program(&NAMES).ok_or_else(|| {
        Failure::because("mariadb-server was installed, but there is no mariadbd to be found")
    })
}

/// Only where nobody is asked for a password and the package's name is known.
fn install() -> Result<(), Failure> {
    let can_install = Path::new("/etc/debian_version").is_file()
        && find_program(&["apt-get"]).is_some()
        && running_as_root()?;
    if !can_install {
        return Err(Failure::because(HOW_TO_INSTALL));
    }
    println!("No MySQL or MariaDB server found: installing mariadb-server.");
    apt_get(&["update"])?;
    apt_get(&["install", "-y", "--no-install-recommends", "mariadb-server"])
}

fn apt_get(arguments: &[&str]) -> Result<(), Failure> {
    let mut command = Command::new("apt-get");
    // Single-user run level: the package does not start a server of its own.
    command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("RUNLEVEL", "1");
    run(&format!("apt-get {}", arguments.join(" ")), &mut command)
}

/// A new file belongs to whoever makes it.
pub fn running_as_root() -> Result<bool, Failure> {
    tempfile::tempfile()
        .and_then(|file| file.metadata())
        .map(|metadata| metadata.uid() == 0)
        .map_err(Failure::while_trying("cannot create a temporary file"))
}
