use crate::arguments::{Command, NewAdmin};
use crm_accounts::{CreateUser, PlainPassword, Role};
use crm_analytics::Difference;
use crm_bootstrap::{BuildError, Crm, Direction, Settings, migrate, migration_status};
use crm_kernel::{Actor, DomainError, StoreError};
use std::error::Error;
use std::io::{self, BufRead, IsTerminal, Write};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How often a database that does not answer yet is asked, a second apart: containers start in
/// any order.
const CONNECT_TRIES: u32 = 30;
/// Differences of figures that are told one by one.
const LISTED: usize = 50;
const CONNECT_PAUSE: Duration = Duration::from_secs(1);

/// Does what was asked for; an error is told as it is.
pub(crate) async fn run(command: Command, settings: Settings) -> Result<(), String> {
    match command {
        Command::Serve => serve(settings).await,
        Command::MigrateUp => change_schema(&settings, Direction::Up).await,
        Command::MigrateDown(steps) => change_schema(&settings, Direction::Down(steps)).await,
        Command::MigrateStatus => list_steps(&connect(&settings).await?).await,
        Command::CreateAdmin(admin) => create_admin(&settings, admin).await,
        Command::RebuildFigures => rebuild_figures(&connect(&settings).await?).await,
        Command::CheckFigures => check_figures(&connect(&settings).await?).await,
        Command::Help => Ok(()),
    }
}

async fn serve(settings: Settings) -> Result<(), String> {
    let crm = connect(&settings).await?;
    if settings.auto_migrate {
        migrate(&crm.database, Direction::Up).await.map_err(told)?;
    } else if !pending(&crm).await?.is_empty() {
        return Err("the database schema is not the one of this program: \
                    run `crm-api migrate up`, or set AUTO_MIGRATE=true"
            .to_owned());
    }
    crm.bootstrap_admin(&settings).await.map_err(told)?;
    let stop = stop_signal().map_err(told)?;
    crm_api::serve(crm, settings, stop).await.map_err(told)
}

async fn connect(settings: &Settings) -> Result<Crm, String> {
    for _ in 1..CONNECT_TRIES {
        match Crm::connect(settings).await {
            Err(BuildError::Store(error @ StoreError::Unavailable(_))) => {
                tracing::warn!(error = told(error), "waiting for the database");
                tokio::time::sleep(CONNECT_PAUSE).await;
            }
            other => return other.map_err(told),
        }
    }
    Crm::connect(settings).await.map_err(told)
}

async fn change_schema(settings: &Settings, direction: Direction) -> Result<(), String> {
    let crm = connect(settings).await?;
    migrate(&crm.database, direction).await.map_err(told)?;
    list_steps(&crm).await
}

async fn list_steps(crm: &Crm) -> Result<(), String> {
    for (step, applied) in migration_status(&crm.database).await.map_err(told)? {
        let state = if applied { "applied" } else { "pending" };
        println!("{state}  {step}");
    }
    Ok(())
}

async fn pending(crm: &Crm) -> Result<Vec<String>, String> {
    let steps = migration_status(&crm.database).await.map_err(told)?;
    let pending = steps.into_iter().filter(|(_, applied)| !applied);
    Ok(pending.map(|(step, _)| step).collect())
}

async fn rebuild_figures(crm: &Crm) -> Result<(), String> {
    let looked_at = crm.conversions.recount_all().await.map_err(told)?;
    println!("bookings of {looked_at} guests counted");
    let mended = crm.figures.rebuild().await.map_err(told)?;
    list_differences(&mended);
    println!("{} figures mended", mended.len());
    check_figures(crm).await
}

async fn check_figures(crm: &Crm) -> Result<(), String> {
    let guests = crm.conversions.conversions_differ().await.map_err(told)?;
    if guests > 0 {
        return Err(format!(
            "the bookings of {guests} guests are not counted as they are"
        ));
    }
    let differences = crm.figures.check().await.map_err(told)?;
    if differences.is_empty() {
        println!("every figure is what happened");
        return Ok(());
    }
    list_differences(&differences);
    Err(format!(
        "{} figures are not what happened",
        differences.len()
    ))
}

fn list_differences(differences: &[Difference]) {
    for one in differences.iter().take(LISTED) {
        let (figure, subject) = (one.figure.as_str(), one.subject);
        let (kept, counted) = (one.kept, one.counted);
        let day = one
            .day
            .format(if one.is_month { "%Y-%m" } else { "%Y-%m-%d" });
        println!("{day}  {figure} of {subject}: kept {kept}, counted {counted}");
    }
}

async fn create_admin(settings: &Settings, admin: NewAdmin) -> Result<(), String> {
    let crm = connect(settings).await?;
    if settings.auto_migrate {
        migrate(&crm.database, Direction::Up).await.map_err(told)?;
    }
    let password = match admin.password {
        Some(password) => password,
        None => read_password().map_err(told)?,
    };
    let new = CreateUser {
        username: admin.username,
        email: admin.email,
        password: PlainPassword::new(password),
        full_name: None,
        role: Role::Admin,
    };
    let user = crm
        .accounts
        .create_user(&Actor::System, new)
        .await
        .map_err(|error| {
            let fields: Vec<String> = error
                .fields()
                .iter()
                .map(|field| format!("\n  {}: {}", field.field, field.message))
                .collect();
            format!("{}{}", told(error), fields.concat())
        })?;
    println!(
        "created admin {} with id {}",
        user.username().as_str(),
        user.id()
    );
    Ok(())
}

/// A line from standard input, typed or piped.
fn read_password() -> io::Result<String> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        print!("Password (it will be shown): ");
        io::stdout().flush()?;
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Ends when somebody asks the process to.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// An error with everything that led to it.
fn told(error: impl Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Many errors end with the words of their cause already.
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_with_its_causes_once() {
        let error = BuildError::Store(StoreError::Unavailable("connection refused".into()));
        assert_eq!(
            told(error),
            "the database cannot be used: storage is unavailable: connection refused"
        );
    }
}
