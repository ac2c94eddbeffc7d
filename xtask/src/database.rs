//! A throw-away MySQL or MariaDB server: its own folder, its own free port on 127.0.0.1, nothing kept.

mod find;
mod start;

use std::path::Path;

pub use start::Server;

use crate::failure::Failure;
use crate::process::pause;

/// `cargo xtask db`.
pub fn run_in_foreground(program: Option<&Path>) -> Result<(), Failure> {
    let mut server = start(program)?;
    println!("{}", server.url());
    println!("export TEST_MYSQL_URL='{}'", server.url());
    println!("Ctrl-C ends it; nothing is kept.");
    loop {
        server.still_runs()?;
        match pause() {
            Ok(()) => {}
            Err(Failure::Interrupted) => break,
            Err(failure) => return Err(failure),
        }
    }
    drop(server);
    println!("The server has ended and its folder is gone.");
    Ok(())
}

/// Starts the given server, the one on this machine, or one installed for the purpose.
pub fn start(program: Option<&Path>) -> Result<Server, Failure> {
    let program = match program {
        Some(path) => find::given(path)?,
        None => find::found_or_installed()?,
    };
    Server::start(&program)
}
