//! The words of the migrations' SQL that differ between databases.
//!
//! | word | MySQL / MariaDB | SQLite |
//! |---|---|---|
//! | `{id}` | `BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY` | `INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT` |
//! | `{key:n}` | `VARCHAR(n)`, compared byte by byte | `TEXT` |
//! | `{name:n}` | `VARCHAR(n)`, compared as people do | `TEXT` |
//! | `{text}` | `MEDIUMTEXT` | `TEXT` |
//! | `{time}` | `DATETIME(6)`, UTC | `TEXT` (RFC 3339, UTC) |
//! | `{end}` | engine and character set of a table | nothing |
//!
//! `MySQL only: ` and `SQLite only: ` before a statement leave it out elsewhere. Both databases
//! compare `{key}` the same way; `{name}` is for what people read, never for uniqueness.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

const MYSQL_ONLY: &str = "MySQL only: ";
const SQLITE_ONLY: &str = "SQLite only: ";

/// Runs the statements that are meant for this database, in order.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    for statement in statements {
        if let Some(sql) = translate(statement, backend) {
            manager.get_connection().execute_unprepared(&sql).await?;
        }
    }
    Ok(())
}

fn translate(statement: &str, backend: DbBackend) -> Option<String> {
    let mysql = backend == DbBackend::MySql;
    let statement = match (
        statement.strip_prefix(MYSQL_ONLY),
        statement.strip_prefix(SQLITE_ONLY),
    ) {
        (Some(rest), _) if mysql => rest,
        (_, Some(rest)) if !mysql => rest,
        (None, None) => statement,
        _ => return None,
    };
    let mut sql = String::with_capacity(statement.len() * 2);
    let mut rest = statement;
    while let Some((before, after)) = rest.split_once('{') {
        sql.push_str(before);
        let (word, tail) = after.split_once('}').unwrap_or((after, ""));
        sql.push_str(&say(word, mysql));
        rest = tail;
    }
    sql.push_str(rest);
    Some(sql)
}

fn say(word: &str, mysql: bool) -> String {
    let (word, size) = word.split_once(':').unwrap_or((word, ""));
    match (word, mysql) {
        ("id", true) => "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY".into(),
        // AUTOINCREMENT: an id is never given out twice, not even after the last row is deleted.
        ("id", false) => "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT".into(),
        ("key", true) => format!("VARCHAR({size}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
        ("name", true) => {
            format!("VARCHAR({size}) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        }
        ("text", true) => "MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci".into(),
        ("time", true) => "DATETIME(6)".into(),
        ("end", true) => {
            "ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci".into()
        }
        ("end", false) => String::new(),
        (_, false) => "TEXT".into(),
        (unknown, true) => format!("{{{unknown}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_speaks_both_dialects() {
        let text = "CREATE TABLE t (id {id}, k {key:20} NOT NULL) {end}";
        assert_eq!(
            translate(text, DbBackend::Sqlite).unwrap(),
            "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, k TEXT NOT NULL) "
        );
        assert!(
            translate(text, DbBackend::MySql)
                .unwrap()
                .contains("k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL")
        );
    }

    #[test]
    fn a_statement_for_the_other_database_is_left_out() {
        assert_eq!(
            translate("MySQL only: ALTER TABLE t", DbBackend::Sqlite),
            None
        );
        assert_eq!(
            translate("SQLite only: VACUUM", DbBackend::Sqlite).as_deref(),
            Some("VACUUM")
        );
    }
}
