//! Measures the product beside the least that can be done: bare handlers on the same machine, the
//! same data, the same statements, in turns. `cargo run --release -p crm-bench -- --help`.

mod arguments;
mod bare;
mod clicks;
mod client;
mod load;
mod machine;
mod measure;
mod place;
mod pms;
mod product;
mod programs;
mod replies;
mod report;
mod reports;
mod seed;
mod send;
mod server;
mod statements;
mod webhook;

use arguments::{Arguments, HELP, What};
use place::Place;
use std::error::Error;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("{problem}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crm-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut places = Vec::new();
    if arguments.sqlite {
        places.push(Place::sqlite()?);
    }
    if let Some(server) = mysql_server().filter(|_| arguments.mysql) {
        places.push(Place::mysql(&server).await?);
    }
    machine::describe(&places, arguments).await?;
    for place in places {
        let outcome = if arguments.wants_requests() {
            measure::all(&place, arguments).await
        } else {
            Ok(())
        };
        place.remove().await?;
        outcome?;
    }
    if arguments.wants(What::Send) {
        send::all(arguments, mysql_server().as_deref()).await?;
    }
    if arguments.wants(What::Webhook) {
        webhook::all(arguments, mysql_server().as_deref()).await?;
    }
    if arguments.wants(What::Replies) {
        replies::all(arguments, mysql_server().as_deref()).await?;
    }
    if arguments.wants(What::Pms) {
        pms::all(arguments, mysql_server().as_deref()).await?;
    }
    if arguments.wants(What::Reports) {
        reports::all(arguments, mysql_server().as_deref()).await?;
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "how measurements, like tests, are told about their server"
)]
fn mysql_server() -> Option<String> {
    std::env::var("TEST_MYSQL_URL").ok()
}
