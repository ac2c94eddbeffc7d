//! `cargo xtask check`: everything but the tests. Runs all steps, then sums up.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::environment::{cargo, find_program, workspace_root};
use crate::failure::Failure;
use crate::metadata::Metadata;
use crate::policy::Policy;
use crate::process::run as run_program;
use crate::unused::unused;

pub fn run(install_tools: bool) -> Result<(), Failure> {
    if install_tools {
        install()?;
    }
    let mut report = Report::default();
    report.step("formatting", || {
        program("cargo fmt", &mut cargo(&["fmt", "--all", "--check"]))
    })?;
    report.step("dependency policy", dependency_policy)?;
    report.step("unused dependencies", unused_dependencies)?;
    report.step("cargo-deny", deny)?;
    report.step("clippy", clippy)?;
    report.step("documentation", documentation)?;
    report.conclude()
}

fn program(what: &str, command: &mut Command) -> Result<Verdict, Failure> {
    run_program(what, command).map(|()| Verdict::Passed)
}

/// Needs nothing installed, and knows nothing that cargo-deny does not know better.
fn dependency_policy() -> Result<Verdict, Failure> {
    let metadata = Metadata::read()?;
    let deny_toml = std::fs::read_to_string(workspace_root().join("deny.toml"))
        .map_err(Failure::while_trying("cannot read deny.toml"))?;
    let policy = Policy::parse(&deny_toml).map_err(Failure::because)?;
    let count = metadata.packages().count();
    none_of(&policy.objections(&metadata))?;
    println!("{count} packages: licences, sources and bans are in order.");
    Ok(Verdict::Passed)
}

fn unused_dependencies() -> Result<Verdict, Failure> {
    none_of(&unused(&Metadata::read()?)?)
}

fn none_of(findings: &[String]) -> Result<Verdict, Failure> {
    if findings.is_empty() {
        return Ok(Verdict::Passed);
    }
    Err(Failure::because(findings.join("\n  ")))
}

fn deny() -> Result<Verdict, Failure> {
    if find_program(&["cargo-deny"]).is_none() {
        return Ok(Verdict::LeftOut(
            "cargo-deny is not installed (`cargo xtask check --install-tools`); \
             the dependency policy above was checked without it",
        ));
    }
    program(
        "cargo deny",
        &mut cargo(&["deny", "check", "bans", "licenses", "sources"]),
    )
}

fn install() -> Result<(), Failure> {
    if find_program(&["cargo-deny"]).is_some() {
        println!("cargo-deny is installed already.");
        return Ok(());
    }
    println!("Installing cargo-deny, which takes some minutes.");
    run_program(
        "cargo install",
        &mut cargo(&["install", "--locked", "cargo-deny", "--version", "^0.20"]),
    )
}

fn clippy() -> Result<Verdict, Failure> {
    program(
        "cargo clippy",
        &mut cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]),
    )
}

fn documentation() -> Result<Verdict, Failure> {
    program(
        "cargo doc",
        cargo(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
    )
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Passed,
    LeftOut(&'static str),
    Failed,
}

#[derive(Default)]
struct Report {
    steps: Vec<(&'static str, Verdict, Duration)>,
}

impl Report {
    /// A failed step is noted and the next one runs all the same; only an interruption ends it all.
    fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<Verdict, Failure>,
    ) -> Result<(), Failure> {
        println!("\n--- {name}");
        let began = Instant::now();
        let verdict = match work() {
            Ok(verdict) => verdict,
            Err(Failure::Interrupted) => return Err(Failure::Interrupted),
            Err(failure) => {
                eprintln!("  {failure}");
                Verdict::Failed
            }
        };
        if let Verdict::LeftOut(reason) = &verdict {
            println!("LEFT OUT: {reason}");
        }
        self.steps.push((name, verdict, began.elapsed()));
        Ok(())
    }

    fn conclude(&self) -> Result<(), Failure> {
        println!("\n--- summary");
        for (name, verdict, took) in &self.steps {
            let word = match verdict {
                Verdict::Passed => "ok",
                Verdict::LeftOut(_) => "LEFT OUT",
                Verdict::Failed => "FAILED",
            };
            println!("{word:>8}  {name} ({:.1} s)", took.as_secs_f32());
        }
        let failed: Vec<&str> = self
            .steps
            .iter()
            .filter(|(_, verdict, _)| *verdict == Verdict::Failed)
            .map(|(name, ..)| *name)
            .collect();
        if failed.is_empty() {
            return Ok(());
        }
        Err(Failure::because(format!(
            "check failed: {}",
            failed.join(", ")
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_does_not_hide_the_next_one() -> Result<(), Failure> {
        let mut report = Report::default();
        report.step("first", || Err(Failure::because("broken")))?;
        report.step("second", || Ok(Verdict::Passed))?;
        report.step("third", || Ok(Verdict::LeftOut("no tool")))?;
        let verdict = report.conclude().map_err(|failure| failure.to_string());
        assert_eq!(verdict, Err("check failed: first".into()));
        Ok(())
    }

    #[test]
    fn an_interruption_ends_the_check_at_once() {
        let mut report = Report::default();
        let step = report.step("first", || Err(Failure::Interrupted));
        assert!(matches!(step, Err(Failure::Interrupted)));
    }
}
