//! `cargo xtask soak`: campaigns to many guests, or webhook events of many, while processes are
//! killed, for as long as wanted.

use std::path::PathBuf;
use std::process::Command;

use crate::database;
use crate::environment::cargo;
use crate::failure::Failure;
use crate::process::run as run_program;
use crate::test::build_programs;

const KILLS: u32 = 200;
const GUESTS: u32 = 20_000;

#[derive(Debug, Default, PartialEq)]
pub struct Options {
    /// Webhook events instead of campaigns.
    pub events: Option<u32>,
    pub kills: Option<u32>,
    pub guests: Option<u32>,
    pub seed: Option<u64>,
    pub mysql: bool,
    pub sqlite: bool,
    pub mysql_server: Option<PathBuf>,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let folder = build_programs()?;
    let databases = chosen(options);
    let server = if databases.contains(&"mysql") {
        Some(database::start(options.mysql_server.as_deref())?)
    } else {
        None
    };
    for name in databases {
        let mut soak = command(options, name);
        soak.env("CRM_TEST_BIN_DIR", &folder);
        if let Some(server) = &server {
            soak.env("TEST_MYSQL_URL", server.url());
        }
        run_program("the soak", &mut soak)?;
    }
    Ok(())
}

/// Both, unless one of them is named.
fn chosen(options: &Options) -> Vec<&'static str> {
    let both = options.mysql == options.sqlite;
    let mut databases = Vec::new();
    if options.sqlite || both {
        databases.push("sqlite");
    }
    if options.mysql || both {
        databases.push("mysql");
    }
    databases
}

fn command(options: &Options, database: &str) -> Command {
    let mut command = cargo(&["test", "--package", "crm-tests", "--test", "e2e", "--"]);
    let which = match options.events {
        Some(_) => "no_event_is_lost_or_handled_again_on",
        None => "lose_nobody_and_send_nobody_twice_on",
    };
    command
        .arg(format!("{which}_{database}"))
        .args(["--nocapture", "--test-threads", "1"])
        .env("SOAK_KILLS", options.kills.unwrap_or(KILLS).to_string())
        .env("SOAK_GUESTS", options.guests.unwrap_or(GUESTS).to_string());
    if let Some(events) = options.events {
        command.env("INBOX_EVENTS", events.to_string());
    }
    if let Some(seed) = options.seed {
        command.env("SOAK_SEED", seed.to_string());
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_on_both_databases_unless_one_is_named() {
        let on = |sqlite, mysql| {
            chosen(&Options {
                sqlite,
                mysql,
                ..Options::default()
            })
        };
        assert_eq!(on(false, false), ["sqlite", "mysql"]);
        assert_eq!(on(true, true), ["sqlite", "mysql"]);
        assert_eq!(on(true, false), ["sqlite"]);
        assert_eq!(on(false, true), ["mysql"]);
    }
}
