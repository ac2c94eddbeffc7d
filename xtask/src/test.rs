//! `cargo xtask test`: every test, on both databases.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::database;
use crate::environment::cargo;
use crate::failure::Failure;
use crate::metadata::Metadata;
use crate::process::{Group, run as run_program, succeeded};

/// End-to-end tests start these as they are shipped.
const PROGRAMS: [&str; 4] = [
    "crm-api",
    "crm-job-runner",
    "crm-simulator-line",
    "crm-demo",
];

const WITHOUT_MYSQL: &str = "\
========================================================================
  MySQL IS LEFT OUT (--sqlite-only): this run says nothing about MySQL.
========================================================================";

#[derive(Debug, PartialEq)]
pub struct Options {
    pub sqlite_only: bool,
    pub mysql_server: Option<PathBuf>,
    pub cargo_arguments: Vec<OsString>,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let began = Instant::now();
    if options.sqlite_only {
        println!("{WITHOUT_MYSQL}");
    }
    let folder = build_programs()?;

    let mut command = cargo(&["test"]);
    if !selects_packages(&options.cargo_arguments) {
        command.args(["--workspace", "--no-fail-fast"]);
    }
    command
        .args(&options.cargo_arguments)
        .env("CRM_TEST_BIN_DIR", &folder)
        .env_remove("TEST_MYSQL_URL")
        .env_remove("CRM_TEST_SQLITE_ONLY")
        .stdout(Stdio::piped());
    // Held until the tests have ended.
    let server = if options.sqlite_only {
        command.env("CRM_TEST_SQLITE_ONLY", "1");
        None
    } else {
        let server = database::start(options.mysql_server.as_deref())?;
        command.env("TEST_MYSQL_URL", server.url());
        Some(server)
    };

    let mut tests = Group::spawn(&mut command)?;
    let counting = count_while_showing(tests.take_stdout(), std::io::stdout());
    let status = tests.wait()?;
    drop(tests); // with whatever the tests have left running, which would hold the pipe
    let totals = counting
        .recv_timeout(Duration::from_secs(10))
        .unwrap_or_default();
    drop(server);

    println!(
        "\nTests took {:.0} s{}.",
        began.elapsed().as_secs_f32(),
        if options.sqlite_only {
            ", on SQLite only"
        } else {
            ", on SQLite and MySQL"
        }
    );
    if options.sqlite_only {
        println!("{WITHOUT_MYSQL}");
    }
    println!("{totals}");
    succeeded("cargo test", status)?;
    if totals.passed == 0 && options.cargo_arguments.is_empty() {
        return Err(Failure::because("no test was run"));
    }
    Ok(())
}

pub fn build_programs() -> Result<PathBuf, Failure> {
    let mut command = cargo(&["build"]);
    for program in PROGRAMS {
        command.args(["--package", program]);
    }
    run_program("cargo build", &mut command)?;
    let folder = Metadata::read()?.target_directory().join("debug");
    match PROGRAMS.iter().find(|name| !folder.join(name).is_file()) {
        None => Ok(folder),
        Some(missing) => Err(Failure::because(format!(
            "{missing} was built, but is not in {}",
            folder.display()
        ))),
    }
}

/// `cargo test --workspace` would ignore a narrower choice.
fn selects_packages(cargo_arguments: &[OsString]) -> bool {
    cargo_arguments
        .iter()
        .take_while(|argument| *argument != "--")
        .filter_map(|argument| argument.to_str())
        .any(|argument| {
            argument == "--package" || argument.starts_with("--package=") || {
                argument.starts_with("-p") && !argument.starts_with("--")
            }
        })
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Totals {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Totals {
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; …`
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        let counts = result.split_once(". ").map_or("", |(_, counts)| counts);
        for count in counts.split(';') {
            let mut words = count.split_whitespace();
            let number = words.next().and_then(|number| number.parse::<u64>().ok());
            match (number, words.next()) {
                (Some(number), Some("passed")) => self.passed += number,
                (Some(number), Some("failed")) => self.failed += number,
                (Some(number), Some("ignored")) => self.ignored += number,
                _ => {}
            }
        }
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.ignored > 0 {
            write!(f, ", {} skipped", self.ignored)?;
        }
        Ok(())
    }
}

/// Cargo prints a result for each test program; the sum over all of them is ours.
fn count_while_showing(
    output: Option<impl Read + Send + 'static>,
    mut screen: impl Write + Send + 'static,
) -> mpsc::Receiver<Totals> {
    let (sum, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut totals = Totals::default();
        let mut lines = output.map(BufReader::new);
        let mut line = Vec::new();
        while let Some(reader) = &mut lines
            && reader
                .read_until(b'\n', &mut line)
                .is_ok_and(|length| length > 0)
        {
            totals.add(&String::from_utf8_lossy(&line));
            // A closed terminal is no reason to lose the count.
            let _ = screen.write_all(&line);
            line.clear();
        }
        let _ = sum.send(totals);
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_programs_are_added_up() {
        let output = "running 3 tests\ntest a ... ok\n\
            test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
            test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let totals = count_while_showing(Some(output.as_bytes()), std::io::sink()).recv();
        let expected = Totals {
            passed: 5,
            failed: 4,
            ignored: 1,
        };
        assert_eq!(totals, Ok(expected));
        assert_eq!(expected.to_string(), "5 passed, 4 failed, 1 skipped");
    }

    #[test]
    fn a_choice_of_packages_replaces_the_whole_workspace() {
        let selects = |line: &str| {
            let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            selects_packages(&words)
        };
        assert!(selects("-p crm-tags"));
        assert!(selects("--lib -pcrm-tags"));
        assert!(selects("--package=crm-tags"));
        assert!(!selects("a_name -- -p"));
        assert!(!selects("--profile ci"));
    }
}
