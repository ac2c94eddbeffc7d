//! SQLite has one writer at a time. A process that lets all its connections compete for that
//! place makes them ask again and again, ever more seldom, and a webhook may ask in vain for
//! seconds while a job runner writes back to back. So a process has one connection that writes,
//! its transactions queue for it in order, and whoever has it asks often.

use crate::connect::{DatabaseOptions, connect_options};
use crate::errors::store_error;
use crate::sql::Sql;
use crm_kernel::StoreError;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, FromQueryResult, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use std::time::{Duration, Instant};

/// How long SQLite itself waits for another process's writer. It asks after 1, 2 and 2 ms and
/// would go on every 100 ms; then we begin anew.
const SQLITE_ASKS: Duration = Duration::from_millis(5);

/// The connection, or on MySQL the pool, that writes. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    connection: DatabaseConnection,
    patience: Duration,
}

impl Writer {
    /// Opens it beside a pool that is open already.
    pub(crate) async fn open(
        options: &DatabaseOptions,
        pool: &DatabaseConnection,
    ) -> Result<Self, StoreError> {
        let connection = if is_mysql(pool) {
            pool.clone()
        } else {
            let one = DatabaseOptions {
                max_connections: 1,
                page_cache: DatabaseOptions::SCREENS,
                ..options.clone()
            };
            sea_orm::Database::connect(connect_options(&one, SQLITE_ASKS))
                .await
                .map_err(store_error)?
        };
        Ok(Self {
            connection,
            patience: options.patience,
        })
    }

    /// Begins a transaction. SQLite begins as a writer: one that only becomes a writer half-way
    /// may find the database locked for good. MySQL reads what is committed, since repositories
    /// lock what they decide upon.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let turn = self.turn();
        loop {
            let options = TransactionOptions {
                isolation_level: is_mysql(&self.connection)
                    .then_some(IsolationLevel::ReadCommitted),
                access_mode: None,
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            };
            match self.connection.begin_with_options(options).await {
                Ok(tx) => return Ok(tx),
                Err(error) => turn.goes_on_after(store_error(error))?,
            }
        }
    }

    /// Closes the connection; on MySQL, the pool.
    pub(crate) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the database's writer did not close properly");
        }
    }

    fn turn(&self) -> Turn {
        Turn {
            is_sqlite: !is_mysql(&self.connection),
            until: Instant::now() + self.patience,
        }
    }
}

impl Sql {
    /// Runs a statement that is a transaction by itself; answers how many rows it changed.
    pub(crate) async fn write(self, writer: &Writer) -> Result<u64, StoreError> {
        let turn = writer.turn();
        loop {
            match self.clone().run(&writer.connection).await {
                Ok(changed) => return Ok(changed),
                Err(error) => turn.goes_on_after(error)?,
            }
        }
    }

    /// Runs a statement that is a transaction by itself; answers the rows it returns.
    pub(crate) async fn write_returning<R: FromQueryResult>(
        self,
        writer: &Writer,
    ) -> Result<Vec<R>, StoreError> {
        let turn = writer.turn();
        loop {
            match self.clone().all(&writer.connection).await {
                Ok(rows) => return Ok(rows),
                Err(error) => turn.goes_on_after(error)?,
            }
        }
    }
}

/// How long somebody who wants to write goes on asking.
struct Turn {
    is_sqlite: bool,
    until: Instant,
}

impl Turn {
    /// Another process writes: ask again, unless that has taken too long.
    fn goes_on_after(&self, error: StoreError) -> Result<(), StoreError> {
        match error {
            StoreError::Busy(_) if self.is_sqlite && Instant::now() < self.until => Ok(()),
            error => Err(error),
        }
    }
}

fn is_mysql(connection: &DatabaseConnection) -> bool {
    connection.get_database_backend() == DbBackend::MySql
}
