//! A database for the time of a measurement.

use crm_bootstrap::{Direction, Settings, migrate, migration_status};
use crm_database::{Database, DatabaseOptions};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use std::collections::HashMap;
use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// Connections of each side; as many as a program has when nothing is set.
const CONNECTIONS: u32 = 20;

/// The step from which on the number of members is kept beside them.
const KEEPS_TOTALS: &str = "m0010_member_lists";

pub struct Place {
    pub name: &'static str,
    pub url: String,
    folder: Option<TempDir>,
    server: Option<(DatabaseConnection, String)>,
}

impl Place {
    pub fn sqlite() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("bench.db");
        Ok(Self {
            name: "SQLite",
            url: format!("sqlite://{}?mode=rwc", file.display()),
            folder: Some(folder),
            server: None,
        })
    }

    pub async fn mysql(server: &str) -> Result<Self, Box<dyn Error>> {
        static PLACES: AtomicU32 = AtomicU32::new(0);
        let number = PLACES.fetch_add(1, Ordering::Relaxed);
        let name = format!("crm_bench_{}_{number}", std::process::id());
        let admin = sea_orm::Database::connect(server).await?;
        let create = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4");
        admin.execute_unprepared(&create).await?;
        Ok(Self {
            name: "MySQL",
            url: format!("{}/{name}", server.trim_end_matches('/')),
            folder: None,
            server: Some((admin, name)),
        })
    }

    /// A pool of its own for each side, of the kind and size that the product has.
    pub async fn connect(&self) -> Result<Database, Box<dyn Error>> {
        let options = DatabaseOptions {
            max_connections: CONNECTIONS,
            ..DatabaseOptions::new(&self.url)
        };
        Ok(Database::connect(&options).await?)
    }

    /// With the newest schema, and nothing in it.
    pub async fn prepare(&self) -> Result<(), Box<dyn Error>> {
        let database = self.connect().await?;
        migrate(&database, Direction::Up).await?;
        database.close().await;
        Ok(())
    }

    /// With the newest schema, and `members` in it.
    pub async fn fill(&self, members: u64) -> Result<(), Box<dyn Error>> {
        self.fill_only(members).await?;
        // Once more, as bringing the schema up also indexes the members that are not indexed.
        let database = self.connect().await?;
        migrate(&database, Direction::Up).await?;
        database.close().await;
        Ok(())
    }

    /// The same for work that searches nothing: at a million members the index of what they can be
    /// found by takes many minutes.
    pub async fn fill_only(&self, members: u64) -> Result<(), Box<dyn Error>> {
        let database = self.connect().await?;
        migrate(&database, Direction::Up).await?;
        crate::seed::seed(database.pool(), members).await?;
        let steps = migration_status(&database).await?;
        if steps.iter().any(|(step, _)| step == KEEPS_TOTALS) {
            let total =
                format!("UPDATE kept_totals SET n = {members} WHERE name = 'members' AND part = 0");
            database.pool().execute_unprepared(&total).await?;
        }
        database.close().await;
        Ok(())
    }

    pub async fn version(&self) -> Result<String, Box<dyn Error>> {
        let database = self.connect().await?;
        let ask = if database.is_mysql() {
            "SELECT VERSION()"
        } else {
            "SELECT sqlite_version()"
        };
        let statement = Statement::from_string(database.pool().get_database_backend(), ask);
        let row = database.pool().query_one_raw(statement).await?;
        let version = row.ok_or("no version")?.try_get_by_index(0)?;
        database.close().await;
        Ok(version)
    }

    /// The product's settings: no limits, no LINE.
    pub fn settings(&self) -> Result<Settings, Box<dyn Error>> {
        let set: HashMap<&str, String> = HashMap::from([
            ("DATABASE_URL", self.url.clone()),
            (
                "SECRET_KEY",
                "a secret key for measurements, long enough".to_owned(),
            ),
            (
                "ID_NUMBER_KEY",
                "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".to_owned(),
            ),
            ("BOOTSTRAP_ADMIN_USERNAME", "admin".to_owned()),
            ("BOOTSTRAP_ADMIN_EMAIL", "admin@hotel.example".to_owned()),
            (
                "BOOTSTRAP_ADMIN_PASSWORD",
                crate::product::PASSWORD.to_owned(),
            ),
            ("RATE_LIMIT_PER_MINUTE", "0".to_owned()),
            ("LOGIN_RATE_LIMIT_PER_MINUTE", "0".to_owned()),
            ("RUST_LOG", "warn".to_owned()),
        ]);
        Ok(Settings::read(&|name| set.get(name).cloned())?)
    }

    pub async fn remove(self) -> Result<(), Box<dyn Error>> {
        if let Some((admin, name)) = self.server {
            let drop = format!("DROP DATABASE {name}");
            admin.execute_unprepared(&drop).await?;
        }
        drop(self.folder);
        Ok(())
    }
}
