//! `cargo xtask contract`: holds every answer of the running API against its own description.

mod installation;
mod schemathesis;

use std::path::PathBuf;
use std::process::Command;

use crate::contract::installation::{Installation, PASSWORD, USERNAME};
use crate::contract::schemathesis::{Schemathesis, Selection};
use crate::database;
use crate::environment::workspace_root;
use crate::failure::Failure;
use crate::process::run as run_program;

/// These end the sign-in that all other requests need, so they come last, each with its own.
const ENDING_SESSIONS: [&str; 3] = ["update_user", "change_password", "logout"];

/// All but those, and one whose good answer has no end: nobody can wait for it, and the API's own
/// tests hold it.
const REST: Selection =
    Selection::AllBut(&["update_user", "change_password", "logout", "live_events"]);

#[derive(Debug, PartialEq)]
pub struct Options {
    pub mysql: bool,
    pub mysql_server: Option<PathBuf>,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let schemathesis = Schemathesis::installed()?;
    let server = if options.mysql {
        Some(database::start(options.mysql_server.as_deref())?)
    } else {
        None
    };
    let installation = Installation::start(server.as_ref())?;
    take_a_tour(&installation)?;

    let mut runs = vec![REST];
    runs.extend(ENDING_SESSIONS.map(Selection::Only));
    let mut failed = Vec::new();
    for selection in runs {
        let token = installation.sign_in()?;
        match schemathesis.run(installation.base_url(), &token, selection) {
            Ok(()) => {}
            Err(Failure::Program { .. }) => failed.push(selection.to_string()),
            Err(failure) => return Err(failure),
        }
    }
    installation.still_runs()?;
    if failed.is_empty() {
        println!("\nEvery answer was as described.");
        return Ok(());
    }
    Err(Failure::because(format!(
        "answers were not as described: {} (see above; ids and curl lines are for a fresh \
         installation after docs/tour.sh)",
        failed.join(", ")
    )))
}

/// Leaves something of everything behind, so that requests find what they ask for.
fn take_a_tour(installation: &Installation) -> Result<(), Failure> {
    println!("\nA walk through the API first (docs/tour.sh).");
    let mut tour = Command::new("sh");
    tour.arg(workspace_root().join("docs/tour.sh"))
        .env("BASE_URL", installation.base_url())
        .env("SIMULATOR_URL", installation.simulator_url())
        .env("LOGIN", format!("{USERNAME}:{PASSWORD}"));
    run_program("docs/tour.sh", &mut tour)
}
