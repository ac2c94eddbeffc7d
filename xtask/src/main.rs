//! The commands of the day, run as `cargo xtask <command>`; `cargo xtask help` lists them.

mod check;
mod contract;
mod database;
mod environment;
mod failure;
mod licences;
mod metadata;
mod openapi;
mod policy;
mod process;
mod soak;
mod test;
mod unused;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::failure::Failure;

const HELP: &str = "\
Commands of this workspace: cargo xtask <command>

  test [--sqlite-only] [--mysql-server PATH] [-- ARGUMENTS]
        Builds the programs and runs every test, on SQLite and on MySQL. For
        MySQL it starts a throw-away server of its own: mariadbd or mysqld as
        found on this machine, or the one at PATH; on Debian, as root, it
        installs mariadb-server when there is none.
        --sqlite-only      leaves MySQL out, and says so
        ARGUMENTS          go to `cargo test`, e.g. -- -p crm-tags
                           or -- -p crm-tests --test ports -- a_name

  check [--install-tools]
        Cargo.lock, formatting, clippy, documentation, licences, sources,
        banned and unused dependencies. Runs all of them, then sums up.
        --install-tools    first installs cargo-deny (takes some minutes)

  db [--mysql-server PATH]
        Runs the throw-away MySQL server in the foreground and prints its
        address, until Ctrl-C. Nothing of it is kept.

  openapi
        Writes docs/openapi.json, the description of the API, from the code.
        A test fails while it is out of date.

  contract [--mysql [--mysql-server PATH]]
        Starts the API and the job runner with a simulated LINE, and lets
        schemathesis send thousands of requests made from the API's own
        description: valid ones and broken ones. Fails when an answer is not
        as described. Needs python3; schemathesis is installed into a folder
        of its own under target/.
        --mysql            on the throw-away MySQL server instead of SQLite

  soak [--kills N] [--guests N] [--seed N] [--sqlite] [--mysql [--mysql-server PATH]]
        Sends campaigns to 20 000 guests again and again while the API, the
        job runners and the network to LINE are struck at 200 random moments,
        and checks that everybody gets each campaign exactly once. A short
        version is part of `test`. On both databases unless one is named;
        --seed repeats the choices of an earlier run.

  soak --events N [--seed N] [--sqlite] [--mysql [--mysql-server PATH]]
        Delivers N webhook events, some out of order and one in twenty again,
        while a job runner and the API are killed, and compares everything
        stored and answered with a model. Prints a table of the counts.

  help
        This text.

The tests find these variables, set by `cargo xtask test`:
  TEST_MYSQL_URL        a MySQL server on which they may create databases
  CRM_TEST_SQLITE_ONLY  1 = MySQL is left out on purpose
  CRM_TEST_BIN_DIR      the folder of the built crm-api, crm-job-runner,
                        crm-simulator-line and crm-demo
";

fn main() -> ExitCode {
    let result = process::listen_for_signals()
        .and_then(|()| Command::parse(std::env::args_os().skip(1)))
        .and_then(run);
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            failure.exit_code()
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Help => {
            print!("{HELP}");
            Ok(())
        }
        Command::Test(options) => test::run(&options),
        Command::Check { install_tools } => check::run(install_tools),
        Command::Openapi => openapi::run(),
        Command::Contract(options) => contract::run(&options),
        Command::Soak(options) => soak::run(&options),
        Command::Db { mysql_server } => database::run_in_foreground(mysql_server.as_deref()),
    }
}

#[derive(Debug, PartialEq)]
enum Command {
    Help,
    Test(test::Options),
    Check { install_tools: bool },
    Openapi,
    Contract(contract::Options),
    Soak(soak::Options),
    Db { mysql_server: Option<PathBuf> },
}

impl Command {
    fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Self, Failure> {
        let mut arguments = arguments;
        let Some(name) = arguments.next() else {
            return Ok(Self::Help);
        };
        let name = name.to_string_lossy().into_owned();
        let mut flags = Flags::read(arguments)?;
        let command = match name.as_str() {
            "help" | "--help" | "-h" => Self::Help,
            "test" => Self::Test(test::Options {
                sqlite_only: std::mem::take(&mut flags.sqlite_only),
                mysql_server: flags.mysql_server.take(),
                cargo_arguments: std::mem::take(&mut flags.rest),
            }),
            "check" => Self::Check {
                install_tools: std::mem::take(&mut flags.install_tools),
            },
            "openapi" => Self::Openapi,
            "contract" => Self::Contract(contract::Options {
                mysql: std::mem::take(&mut flags.mysql),
                mysql_server: flags.mysql_server.take(),
            }),
            "soak" => Self::Soak(soak::Options {
                events: flags.events.take(),
                kills: flags.kills.take(),
                guests: flags.guests.take(),
                seed: flags.seed.take(),
                mysql: std::mem::take(&mut flags.mysql),
                sqlite: std::mem::take(&mut flags.sqlite),
                mysql_server: flags.mysql_server.take(),
            }),
            "db" => Self::Db {
                mysql_server: flags.mysql_server.take(),
            },
            _ => {
                return Err(Failure::because(format!(
                    "there is no command `{name}`; see `cargo xtask help`"
                )));
            }
        };
        if flags != Flags::default() {
            return Err(Failure::because(format!(
                "`{name}` does not take all of these options; see `cargo xtask help`"
            )));
        }
        if let Self::Test(options) = &command
            && options.sqlite_only
            && options.mysql_server.is_some()
        {
            return Err(Failure::because(
                "--sqlite-only and --mysql-server contradict each other",
            ));
        }
        if let Self::Contract(options) = &command
            && options.mysql_server.is_some()
            && !options.mysql
        {
            return Err(Failure::because("--mysql-server goes with --mysql"));
        }
        if let Self::Soak(options) = &command
            && options.events.is_some()
            && (options.kills.is_some() || options.guests.is_some())
        {
            return Err(Failure::because(
                "--events has kills and guests of its own number",
            ));
        }
        if let Self::Soak(options) = &command
            && options.mysql_server.is_some()
            && options.sqlite
            && !options.mysql
        {
            return Err(Failure::because("--mysql-server goes with --mysql"));
        }
        Ok(command)
    }
}

/// Options in any order; what a command leaves here, it does not take.
#[derive(Debug, Default, PartialEq)]
struct Flags {
    sqlite_only: bool,
    mysql: bool,
    sqlite: bool,
    events: Option<u32>,
    kills: Option<u32>,
    guests: Option<u32>,
    seed: Option<u64>,
    install_tools: bool,
    mysql_server: Option<PathBuf>,
    rest: Vec<OsString>,
}

impl Flags {
    fn read(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, Failure> {
        let mut flags = Self::default();
        while let Some(argument) = arguments.next() {
            match argument.to_string_lossy().as_ref() {
                "--sqlite-only" => flags.sqlite_only = true,
                "--mysql" => flags.mysql = true,
                "--sqlite" => flags.sqlite = true,
                "--events" => flags.events = Some(number("--events", arguments.next())?),
                "--kills" => flags.kills = Some(number("--kills", arguments.next())?),
                "--guests" => flags.guests = Some(number("--guests", arguments.next())?),
                "--seed" => flags.seed = Some(number("--seed", arguments.next())?),
                "--install-tools" => flags.install_tools = true,
                "--mysql-server" => {
                    let path = arguments.next().ok_or_else(|| {
                        Failure::because("--mysql-server needs the path of mysqld or mariadbd")
                    })?;
                    flags.mysql_server = Some(path.into());
                }
                "--" => flags.rest.extend(arguments.by_ref()),
                other => {
                    return Err(Failure::because(format!(
                        "unknown option `{other}`; see `cargo xtask help`"
                    )));
                }
            }
        }
        Ok(flags)
    }
}

fn number<T: std::str::FromStr>(option: &str, value: Option<OsString>) -> Result<T, Failure> {
    value
        .and_then(|value| value.to_str()?.parse().ok())
        .ok_or_else(|| Failure::because(format!("{option} needs a number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(line.split_whitespace().map(OsString::from)).map_err(|e| e.to_string())
    }

    #[test]
    fn options_come_in_any_order_and_the_rest_goes_to_cargo() {
        assert_eq!(
            parse("test --mysql-server /opt/mysqld -- -p crm-tags -- --nocapture"),
            Ok(Command::Test(test::Options {
                sqlite_only: false,
                mysql_server: Some("/opt/mysqld".into()),
                cargo_arguments: ["-p", "crm-tags", "--", "--nocapture"]
                    .map(OsString::from)
                    .to_vec(),
            }))
        );
        assert_eq!(parse(""), Ok(Command::Help));
        assert_eq!(
            parse("soak --mysql --kills 20"),
            Ok(Command::Soak(soak::Options {
                kills: Some(20),
                mysql: true,
                ..soak::Options::default()
            }))
        );
        assert_eq!(
            parse("soak --events 100000 --sqlite"),
            Ok(Command::Soak(soak::Options {
                events: Some(100_000),
                sqlite: true,
                ..soak::Options::default()
            }))
        );
        assert_eq!(
            parse("check --install-tools"),
            Ok(Command::Check {
                install_tools: true
            })
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "deploy",
            "test --fast",
            "test --mysql-server",
            "test --install-tools",
            "check --sqlite-only",
            "db -- -p crm-tags",
            "openapi --mysql",
            "contract --sqlite-only",
            "contract --mysql-server /opt/mysqld",
            "soak --kills",
            "soak --kills many",
            "soak --sqlite --mysql-server /opt/mysqld",
            "soak --events 100 --kills 3",
            "test --kills 3",
            "test --sqlite-only --mysql-server /opt/mysqld",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
