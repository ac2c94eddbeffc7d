//! On what the figures were taken.

use crate::arguments::Arguments;
use crate::place::Place;
use std::error::Error;
use std::process::Command;

pub async fn describe(places: &[Place], arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    if cfg!(debug_assertions) {
        println!("> **Not a release build: these figures mean nothing.**\n");
    }
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut facts = vec![
        ("processor", format!("{cores} × {}", processor())),
        ("compiler", said_by("rustc", &["--version"])),
        (
            "revision",
            said_by("git", &["describe", "--always", "--dirty"]),
        ),
        (
            "load",
            format!(
                "{} connections, {} turns of {} s a side, from the same machine",
                arguments.connections,
                arguments.rounds,
                arguments.turn.as_secs()
            ),
        ),
        ("members", arguments.members.to_string()),
    ];
    for place in places {
        facts.push((place.name, place.version().await?));
    }
    println!("| | |\n|---|---|");
    for (name, fact) in facts {
        println!("| {name} | {fact} |");
    }
    Ok(())
}

fn processor() -> String {
    let facts = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = facts.lines().find(|line| line.starts_with("model name"));
    let name = model.and_then(|line| line.split_once(':'));
    name.map_or_else(|| "unknown".to_owned(), |(_, name)| name.trim().to_owned())
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
