use crate::errors::store_error;
use crate::totals::RememberedTotals;
use crate::writer::Writer;
use crm_kernel::{HotelTime, StoreError};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, DatabaseConnection, DbBackend};
use std::path::Path;
use std::time::Duration;

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct DatabaseOptions {
    /// `sqlite://path?mode=rwc` or `mysql://user:password@host:port/name`.
    pub url: String,
    /// Connections at most (`DATABASE_MAX_CONNECTIONS`).
    pub max_connections: u32,
    /// How long a caller waits for a free connection, and a writer of SQLite for the others.
    pub patience: Duration,
    /// KiB of the file that each reading connection of SQLite keeps; the system keeps it besides.
    pub page_cache: u32,
}

impl DatabaseOptions {
    /// For whoever reads the same pages again and again, as screens do: a fifth more lists a
    /// second than with the other.
    pub const SCREENS: u32 = 16_000;
    /// For whoever reads everything once, as jobs do: connections take turns, and each would keep
    /// that much of what nobody reads again.
    pub const JOBS: u32 = 3_000;

    /// The usual options for a URL.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            max_connections: 20,
            patience: Duration::from_secs(5),
            page_cache: Self::SCREENS,
        }
    }
}

/// A pool of connections to one database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    pub(crate) pool: DatabaseConnection,
    pub(crate) writer: Writer,
    pub(crate) totals: RememberedTotals,
    pub(crate) hotel: HotelTime,
}

/// Statements that each connection to MySQL keeps prepared. Forgetting one costs 40 ms
/// ([`crate::dialect::rounded`]); a server keeps 16,382 for all its connections unless told
/// otherwise.
const STATEMENTS_KEPT: usize = 250;

impl Database {
    /// Opens the pool; for SQLite also creates the folder of the file.
    ///
    /// # Errors
    /// `Unavailable` when the database does not answer, `Internal` for a URL nobody understands.
    pub async fn connect(options: &DatabaseOptions) -> Result<Self, StoreError> {
        make_folder(&options.url)?;
        let pool = sea_orm::Database::connect(connect_options(options, options.patience))
            .await
            .map_err(store_error)?;
        let writer = Writer::open(options, &pool).await?;
        Ok(Self {
            pool,
            writer,
            totals: RememberedTotals::default(),
            hotel: HotelTime::default(),
        })
    }

    /// The same database, counting by the days of this hotel.
    #[must_use]
    pub fn with_hotel(mut self, hotel: HotelTime) -> Self {
        self.hotel = hotel;
        self
    }

    /// The pool itself, for migrations.
    #[must_use]
    pub const fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Whether this is MySQL or MariaDB (else SQLite).
    #[must_use]
    pub fn is_mysql(&self) -> bool {
        self.pool.get_database_backend() == DbBackend::MySql
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// `Unavailable` when there is none.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.pool.ping().await.map_err(store_error)
    }

    /// Closes every connection.
    pub async fn close(self) {
        self.writer.close().await;
        if let Err(error) = self.pool.close().await {
            tracing::warn!(%error, "the database pool did not close properly");
        }
    }
}

/// How each connection is set up, whatever it is for. `busy` is how long SQLite itself waits
/// for another writer before it says so.
pub(crate) fn connect_options(options: &DatabaseOptions, busy: Duration) -> ConnectOptions {
    let busy = busy.as_millis().to_string();
    let cache = format!("-{}", options.page_cache);
    let mut connect = ConnectOptions::new(&options.url);
    let patience = options.patience;
    connect
        .max_connections(options.max_connections)
        .acquire_timeout(patience)
        .connect_timeout(patience)
        .sqlx_logging(false)
        .map_sqlx_mysql_opts(|mysql| mysql.statement_cache_capacity(STATEMENTS_KEPT))
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                // A commit that LINE has acted upon must survive a power cut.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(patience)
                .foreign_keys(true)
                .pragma("cache_size", cache.clone())
                .pragma("temp_store", "memory")
                // The last of them, so that opening has the patience itself.
                .pragma("busy_timeout", busy.clone())
        });
    connect
}

/// Creates the folder that an SQLite file is to live in.
fn make_folder(url: &str) -> Result<(), StoreError> {
    let Some(rest) = url.strip_prefix("sqlite:") else {
        return Ok(());
    };
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split('?').next().unwrap_or(path);
    if path.is_empty() || path == ":memory:" {
        return Ok(());
    }
    match Path::new(path).parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::fs::create_dir_all(folder).map_err(|e| StoreError::Unavailable(Box::new(e)))
        }
        _ => Ok(()),
    }
}
