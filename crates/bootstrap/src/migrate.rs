use crm_database::Database;
use crm_kernel::StoreError;
use crm_migrations::{Migrator, MigratorTrait, SchemaManager};
use sea_orm::{ConnectionTrait, DbErr, Statement, TransactionTrait};
use std::time::Duration;

/// Which way the schema is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the newest step.
    Up,
    /// Back by so many steps.
    Down(u32),
}

fn failed(error: DbErr) -> StoreError {
    StoreError::Internal(Box::new(error))
}

/// Name of the lock that lets one process at a time change a MySQL schema.
const LOCK: &str = "lineoa_crm_migrations";
const LOCK_SECONDS: i64 = 60;
const TRIES: u32 = 50;

/// Changes the schema. Safe in several processes at once: one does it, the others find it done.
///
/// # Errors
/// [`StoreError`]; each step that had finished stays.
pub async fn migrate(database: &Database, direction: Direction) -> Result<(), StoreError> {
    change_schema(database, direction).await?;
    if direction == Direction::Up {
        // Also when the schema was current: filling the index may have been cut off.
        let indexed = database.index_members().await?;
        if indexed > 0 {
            tracing::info!(indexed, "{indexed} members were made searchable");
        }
    }
    Ok(())
}

async fn change_schema(database: &Database, direction: Direction) -> Result<(), StoreError> {
    // Nothing to do, also when a newer version has been here.
    if direction == Direction::Up && is_current(database).await? {
        return Ok(());
    }
    let pool = database.pool();
    if database.is_mysql() {
        // The lock belongs to a connection, which a transaction keeps for itself.
        let holder = pool.begin().await.map_err(failed)?;
        let backend = holder.get_database_backend();
        let ask = |sql: &str| {
            Statement::from_sql_and_values(backend, sql, [LOCK.into(), LOCK_SECONDS.into()])
        };
        let got = holder
            .query_one_raw(ask("SELECT GET_LOCK(?, ?) AS got"))
            .await
            .map_err(failed)?
            .and_then(|row| row.try_get::<Option<i64>>("", "got").ok().flatten());
        if got != Some(1) {
            return Err(StoreError::internal(
                "another process is migrating for too long",
            ));
        }
        let done = run(database, direction).await;
        let release =
            Statement::from_sql_and_values(backend, "SELECT RELEASE_LOCK(?)", [LOCK.into()]);
        holder.query_one_raw(release).await.map_err(failed)?;
        holder.rollback().await.map_err(failed)?;
        return done;
    }
    // SQLite has no such lock, but its steps are transactions: who comes second fails and finds
    // the step done when it looks again.
    let mut last = None;
    for _ in 0..TRIES {
        match run(database, direction).await {
            Ok(()) => return Ok(()),
            Err(error) if direction == Direction::Up => last = Some(error),
            Err(error) => return Err(error),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        if is_current(database).await.unwrap_or(false) {
            return Ok(());
        }
    }
    Err(last.unwrap_or_else(|| StoreError::internal("the schema cannot be changed")))
}

async fn run(database: &Database, direction: Direction) -> Result<(), StoreError> {
    match direction {
        Direction::Up => Migrator::up(database.pool(), None).await,
        Direction::Down(steps) => Migrator::down(database.pool(), Some(steps)).await,
    }
    .map_err(failed)
}

/// Every step with whether it was applied, oldest first. Steps of a newer version are not shown:
/// they are made so that this one goes on working.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn migration_status(database: &Database) -> Result<Vec<(String, bool)>, StoreError> {
    let applied = applied(database).await?;
    Ok(Migrator::migrations()
        .iter()
        .map(|step| {
            let name = step.name();
            (name.to_owned(), applied.iter().any(|a| a == name))
        })
        .collect())
}

async fn applied(database: &Database) -> Result<Vec<String>, StoreError> {
    const TABLE: &str = "seaql_migrations";
    let pool = database.pool();
    let manager = SchemaManager::new(pool);
    if !manager.has_table(TABLE).await.map_err(failed)? {
        return Ok(Vec::new());
    }
    let backend = pool.get_database_backend();
    let look = Statement::from_string(backend, format!("SELECT version FROM {TABLE}"));
    let rows = pool.query_all_raw(look).await.map_err(failed)?;
    rows.iter()
        .map(|row| row.try_get::<String>("", "version").map_err(failed))
        .collect()
}

async fn is_current(database: &Database) -> Result<bool, StoreError> {
    Ok(migration_status(database)
        .await?
        .iter()
        .all(|(_, applied)| *applied))
}

/// Waits until the schema is the one this program was built for: job runners may be started
/// before whoever migrates, and before the database itself.
pub async fn wait_for_schema(database: &Database) {
    let mut said = false;
    while !is_current(database).await.unwrap_or(false) {
        if !said {
            tracing::info!("waiting for the database schema");
            said = true;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
