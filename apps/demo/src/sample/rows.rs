//! Many rows with few statements.

use sea_orm::{ConnectionTrait, DbErr, ExecResult, Statement, Value};

/// Rows in one statement; their values stay below the database's limit of variables.
const AT_ONCE: usize = 250;

/// Rows of one table, to be stored together.
pub(super) struct Rows {
    table: &'static str,
    columns: &'static str,
    width: usize,
    values: Vec<Value>,
}

impl Rows {
    /// None yet; the columns as a list with commas.
    pub(super) fn of(table: &'static str, columns: &'static str) -> Self {
        Self {
            table,
            columns,
            width: columns.split(',').count(),
            values: Vec::new(),
        }
    }

    /// One more, its values in the order of the columns.
    pub(super) fn add<const N: usize>(&mut self, row: [Value; N]) {
        debug_assert_eq!(N, self.width, "values and columns of {}", self.table);
        self.values.extend(row);
    }

    /// Stores them.
    pub(super) async fn store(self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let Self {
            table,
            columns,
            width,
            values,
        } = self;
        let row = format!("({})", vec!["?"; width].join(", "));
        for chunk in values.chunks(AT_ONCE * width) {
            let rows = vec![row.as_str(); chunk.len() / width].join(", ");
            let sql = format!("INSERT INTO {table} ({columns}) VALUES {rows}");
            run(db, &sql, chunk.iter().cloned()).await?;
        }
        Ok(())
    }
}

/// Runs one statement.
pub(super) async fn run(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<ExecResult, DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await
}

/// The number that a query answers.
pub(super) async fn number(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<i64, DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    match db.query_one_raw(statement).await? {
        Some(row) => row.try_get_by_index(0),
        None => Ok(0),
    }
}
