//! `crm-demo`: everything in one process, on sample data.

use crm_demo::{Arguments, HELP, run};
use std::io::{Write as _, stderr, stdout};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code for a command line that cannot be understood.
const MISUSE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let fresh = match Arguments::parse(std::env::args().skip(1)) {
        Ok(Arguments::Help) => {
            // Whoever closed the output does not want to read it.
            let _closed = write!(stdout(), "{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(Arguments::Run { fresh }) => fresh,
        Err(problem) => {
            let _closed = write!(stderr(), "{problem}\n\n{HELP}");
            return ExitCode::from(MISUSE);
        }
    };
    match run(fresh).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _closed = writeln!(stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
