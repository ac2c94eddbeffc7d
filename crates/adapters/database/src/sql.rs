//! A statement with its values, and the ways to run it.

use crate::errors::store_error;
use crm_kernel::{Page, PageRequest, StoreError};
use sea_orm::{ConnectionTrait, ExecResult, FromQueryResult, QueryResult, Statement, Value};

/// SQL with `?` for each value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sql {
    text: String,
    values: Vec<Value>,
}

/// Starts a statement.
pub(crate) fn sql(text: impl Into<String>) -> Sql {
    Sql {
        text: text.into(),
        values: Vec::new(),
    }
}

impl Sql {
    /// Gives the next `?` its value.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Gives the next `?`s their values.
    pub(crate) fn bind_all<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.values.extend(values.into_iter().map(Into::into));
        self
    }

    /// Goes on with more text.
    pub(crate) fn then(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Goes on with another statement's text and values.
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.text.push_str(&other.text);
        self.values.extend(other.values);
        self
    }

    /// Only the rows of this page.
    pub(crate) fn page(self, request: PageRequest) -> Self {
        let (size, offset) = (request.page_size() as i64, request.offset() as i64);
        self.then(" LIMIT ? OFFSET ?").bind(size).bind(offset)
    }

    fn statement(self, db: &impl ConnectionTrait) -> Statement {
        Statement::from_sql_and_values(db.get_database_backend(), self.text, self.values)
    }

    /// Runs it; answers how many rows it changed.
    pub(crate) async fn run(self, db: &impl ConnectionTrait) -> Result<u64, StoreError> {
        Ok(self.exec(db).await?.rows_affected())
    }

    /// Runs an `INSERT`; answers the id that the row got.
    pub(crate) async fn insert(self, db: &impl ConnectionTrait) -> Result<i64, StoreError> {
        let id = self.exec(db).await?.last_insert_id();
        i64::try_from(id).map_err(|e| StoreError::Internal(Box::new(e)))
    }

    async fn exec(self, db: &impl ConnectionTrait) -> Result<ExecResult, StoreError> {
        let statement = self.statement(db);
        db.execute_raw(statement).await.map_err(store_error)
    }

    /// The first row, if any.
    pub(crate) async fn one<R: FromQueryResult>(
        self,
        db: &impl ConnectionTrait,
    ) -> Result<Option<R>, StoreError> {
        let statement = self.statement(db);
        let row = db.query_one_raw(statement).await.map_err(store_error)?;
        row.map(|row| read(&row)).transpose()
    }

    /// All rows.
    pub(crate) async fn all<R: FromQueryResult>(
        self,
        db: &impl ConnectionTrait,
    ) -> Result<Vec<R>, StoreError> {
        let statement = self.statement(db);
        let rows = db.query_all_raw(statement).await.map_err(store_error)?;
        rows.iter().map(read).collect()
    }

    /// The number in the first column of the first row; 0 when there is none.
    pub(crate) async fn number(self, db: &impl ConnectionTrait) -> Result<i64, StoreError> {
        let statement = self.statement(db);
        let row = db.query_one_raw(statement).await.map_err(store_error)?;
        match row {
            Some(row) => Ok(row
                .try_get_by_index::<Option<i64>>(0)
                .map_err(store_error)?
                .unwrap_or_default()),
            None => Ok(0),
        }
    }

    /// Whether there is any row.
    pub(crate) async fn any(self, db: &impl ConnectionTrait) -> Result<bool, StoreError> {
        let statement = self.statement(db);
        let row = db.query_one_raw(statement).await.map_err(store_error)?;
        Ok(row.is_some())
    }

    /// The ids in the first column.
    pub(crate) async fn ids<I: From<i64>>(
        self,
        db: &impl ConnectionTrait,
    ) -> Result<Vec<I>, StoreError> {
        let statement = self.statement(db);
        let rows = db.query_all_raw(statement).await.map_err(store_error)?;
        rows.iter()
            .map(|row| {
                let id: i64 = row.try_get_by_index(0).map_err(store_error)?;
                Ok(I::from(id))
            })
            .collect()
    }
}

fn read<R: FromQueryResult>(row: &QueryResult) -> Result<R, StoreError> {
    R::from_query_result(row, "").map_err(store_error)
}

/// Rows of a page as their views, with the size of the whole list.
pub(crate) fn page_of<R, V>(
    rows: Vec<R>,
    total: i64,
    request: PageRequest,
    view: impl FnMut(R) -> Result<V, StoreError>,
) -> Result<Page<V>, StoreError> {
    Ok(Page {
        items: rows.into_iter().map(view).collect::<Result<_, _>>()?,
        total: total.unsigned_abs(),
        request,
    })
}

/// A stored word that must be one of a known set.
pub(crate) fn known<T>(value: Option<T>, what: &str) -> Result<T, StoreError> {
    value.ok_or_else(|| StoreError::internal(format!("a stored {what} is not known")))
}
