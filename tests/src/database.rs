use crm_bootstrap::{Direction, migrate};
use crm_database::{Database, DatabaseOptions};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use std::time::Duration;
use tempfile::TempDir;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file of its own.
    Sqlite,
    /// A schema of its own on the server that `TEST_MYSQL_URL` names.
    MySql,
}

/// A fresh database that is gone when the test is.
pub struct TestDatabase {
    /// The database, with the newest schema.
    pub database: Database,
    /// Where it is, for other processes.
    pub url: String,
    /// SQLite's file lives here; dropped with the test.
    folder: Option<TempDir>,
    server: Option<(DatabaseConnection, String)>,
}

impl TestDatabase {
    /// A database with the newest schema. `None` when MySQL was left out on purpose, which is
    /// said loudly; a server that is merely missing fails the test.
    pub async fn new(kind: Kind) -> Option<Self> {
        let fresh = Self::empty(kind, 0).await?;
        migrate(&fresh.database, Direction::Up).await.unwrap();
        Some(fresh)
    }

    /// The same with as many connections as a real process has.
    pub async fn with_connections(kind: Kind, connections: u32) -> Option<Self> {
        let fresh = Self::empty(kind, connections).await?;
        migrate(&fresh.database, Direction::Up).await.unwrap();
        Some(fresh)
    }

    /// A database without any table. 0 connections = what shows slips at once: one on SQLite,
    /// where a query inside a transaction would wait for itself, four on MySQL.
    pub async fn empty(kind: Kind, connections: u32) -> Option<Self> {
        match kind {
            Kind::Sqlite => Some(Self::sqlite(connections.max(1)).await),
            Kind::MySql => {
                let server = server_url()?;
                Some(Self::mysql(&server, connections.max(4)).await)
            }
        }
    }

    async fn sqlite(connections: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!(
            "sqlite://{}?mode=rwc",
            folder.path().join("crm.db").display()
        );
        Self {
            database: connect(&url, connections).await,
            url,
            folder: Some(folder),
            server: None,
        }
    }

    async fn mysql(server: &str, connections: u32) -> Self {
        let name = format!("crm_{}", random_name());
        let admin = sea_orm::Database::connect(server).await.unwrap();
        admin
            .execute_unprepared(&format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"))
            .await
            .unwrap();
        let url = format!("{}/{name}", server.trim_end_matches('/'));
        Self {
            database: connect(&url, connections).await,
            url,
            folder: None,
            server: Some((admin, name)),
        }
    }

    /// Drops the database. A test that fails leaves it to the end of the throw-away server.
    pub async fn drop_it(self) {
        self.database.close().await;
        if let Some((admin, name)) = self.server {
            admin
                .execute_unprepared(&format!("DROP DATABASE {name}"))
                .await
                .unwrap();
        }
        drop(self.folder);
    }
}

async fn connect(url: &str, connections: u32) -> Database {
    let options = DatabaseOptions {
        max_connections: connections,
        patience: Duration::from_secs(10),
        ..DatabaseOptions::new(url)
    };
    Database::connect(&options).await.unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "how the test run is told about its server"
)]
fn server_url() -> Option<String> {
    if let Ok(url) = std::env::var("TEST_MYSQL_URL") {
        return Some(url);
    }
    assert!(
        std::env::var("CRM_TEST_SQLITE_ONLY").is_ok(),
        "TEST_MYSQL_URL names no server; run `cargo xtask test`, which starts one"
    );
    eprintln!("LEFT OUT: this test did not run on MySQL");
    None
}

#[expect(
    clippy::disallowed_methods,
    reason = "names of throw-away databases must differ"
)]
fn random_name() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
