//! One way to speak to both databases. The schema holds only integers and bytes, and the
//! SQL keeps to what SQLite and PostgreSQL share, so a statement is written once.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{
    Arguments as _, AssertSqlSafe, Connection as _, Database, Encode, PgConnection, PgPool,
    Postgres, Row as _, SqlSafeStr as _, SqlStr, Sqlite, SqliteConnection, SqlitePool, Type,
};

/// A connection.
#[derive(Debug)]
pub enum Db {
    /// The embedded database's one writer.
    Sqlite(Box<SqliteConnection>),
    /// A reader of the embedded database.
    SqliteRead(PoolConnection<Sqlite>),
    /// A writer of a PostgreSQL database.
    Postgres(Box<PgConnection>),
    /// A reader of a PostgreSQL database.
    PostgresRead(PoolConnection<Postgres>),
    /// Was one to a PostgreSQL database that no longer answers.
    Silent,
}

/// How long PostgreSQL may take over one statement, the way there and back included. It ends
/// what waits or runs too long itself, a little sooner; this is for a machine that is gone
/// without a word.
const PATIENCE: Duration = Duration::from_secs(15);

/// An answer that does not come is as one that says the connection is lost.
pub(super) async fn in_time<T>(
    asking: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let answer = tokio::time::timeout(PATIENCE, asking).await;
    answer.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// Runs the same body on whichever connection it is.
macro_rules! on_db {
    ($db:expr, $connection:ident: $database:ident => $body:expr) => {
        match $db {
            Db::Sqlite($connection) => {
                type $database = Sqlite;
                let $connection = &mut **$connection;
                async { $body }.await
            }
            Db::SqliteRead($connection) => {
                type $database = Sqlite;
                let $connection = &mut **$connection;
                async { $body }.await
            }
            Db::Postgres($connection) => {
                type $database = Postgres;
                let $connection = &mut **$connection;
                in_time(async { $body }).await
            }
            Db::PostgresRead($connection) => {
                type $database = Postgres;
                let $connection = &mut **$connection;
                in_time(async { $body }).await
            }
            Db::Silent => Err(sqlx::Error::PoolTimedOut),
        }
    };
}

impl Db {
    /// Whether other relays may write to the same data at the same time.
    pub const fn is_shared(&self) -> bool {
        !matches!(self, Self::Sqlite(_) | Self::SqliteRead(_))
    }

    /// Lets go of a connection that did not answer: whoever waited for it again, the pool
    /// among them, would wait for ever.
    pub(super) fn heed<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if matches!(answer, Err(sqlx::Error::PoolTimedOut))
            && let Self::PostgresRead(connection) = std::mem::replace(self, Self::Silent)
        {
            drop(connection.detach());
        }
        answer
    }

    /// Takes leave of the database.
    pub async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
            Self::SqliteRead(_) | Self::PostgresRead(_) | Self::Silent => Ok(()),
        }
    }
}

/// The connections that read.
#[derive(Debug, Clone)]
pub enum Reads {
    /// Of the embedded database.
    Sqlite(SqlitePool),
    /// Of a PostgreSQL database.
    Postgres(PgPool),
}

impl Reads {
    /// Takes one; it goes back when it is dropped.
    ///
    /// # Errors
    /// None could be had in time.
    pub async fn take(&self) -> Result<Db, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => pool.acquire().await.map(Db::SqliteRead),
            Self::Postgres(pool) => pool.acquire().await.map(Db::PostgresRead),
        }
    }

    /// Whether other relays may write to the same data at the same time.
    pub const fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Waits until all are back and closes them.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// What stands in a column or a placeholder.
#[derive(Debug, Clone, Copy)]
pub enum Value<'v> {
    /// A number, a time, a yes or no.
    Int(i64),
    /// An id, a hash, something opaque.
    Bytes(&'v [u8]),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl<'v> From<&'v [u8]> for Value<'v> {
    fn from(value: &'v [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'v, const N: usize> From<&'v [u8; N]> for Value<'v> {
    fn from(value: &'v [u8; N]) -> Self {
        Self::Bytes(value)
    }
}

/// A statement with its values.
#[derive(Debug)]
pub struct Query<'v> {
    sql: SqlStr,
    values: Vec<Value<'v>>,
}

/// A statement with numbered placeholders, `$1`.
pub fn query<'v>(sql: &'static str) -> Query<'v> {
    Query {
        sql: sql.into_sql_str(),
        values: Vec::new(),
    }
}

impl<'v> Query<'v> {
    /// A text that was put together from parts of this crate's own.
    pub(super) fn made(sql: std::sync::Arc<str>, values: Vec<Value<'v>>) -> Self {
        Self {
            sql: AssertSqlSafe(sql).into_sql_str(),
            values,
        }
    }

    #[cfg(test)]
    pub(super) fn values(&self) -> &[Value<'v>] {
        &self.values
    }

    /// Gives the next placeholder its value.
    pub fn bind(mut self, value: impl Into<Value<'v>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs it; the number of rows it touched.
    pub async fn execute(self, db: &mut Db) -> Result<u64, sqlx::Error> {
        let answer = on_db!(&mut *db, connection: Backend => {
            let query = sqlx::query_with(self.sql, arguments::<Backend>(&self.values)?);
            Ok(query.execute(connection).await?.rows_affected())
        });
        db.heed(answer)
    }

    /// All rows.
    pub async fn all(self, db: &mut Db) -> Result<Vec<Row>, sqlx::Error> {
        let answer = on_db!(&mut *db, connection: Backend => {
            let query = sqlx::query_with(self.sql, arguments::<Backend>(&self.values)?);
            let rows = query.fetch_all(connection).await?;
            Ok(rows.into_iter().map(Row::from).collect())
        });
        db.heed(answer)
    }

    /// The first row, if there is one.
    pub async fn optional(self, db: &mut Db) -> Result<Option<Row>, sqlx::Error> {
        let answer = on_db!(&mut *db, connection: Backend => {
            let query = sqlx::query_with(self.sql, arguments::<Backend>(&self.values)?);
            Ok(query.fetch_optional(connection).await?.map(Row::from))
        });
        db.heed(answer)
    }

    /// The one row there must be.
    pub async fn one(self, db: &mut Db) -> Result<Row, sqlx::Error> {
        self.optional(db).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

fn arguments<DB>(values: &[Value<'_>]) -> Result<DB::Arguments, sqlx::Error>
where
    DB: Database,
    for<'a> i64: Encode<'a, DB> + Type<DB>,
    for<'a> &'a [u8]: Encode<'a, DB> + Type<DB>,
{
    let mut arguments = DB::Arguments::default();
    for value in values {
        match *value {
            Value::Int(value) => arguments.add(value),
            Value::Bytes(value) => arguments.add(value),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// One row of an answer.
#[derive(Debug)]
pub enum Row {
    /// Of the embedded database.
    Sqlite(SqliteRow),
    /// Of a PostgreSQL database.
    Postgres(PgRow),
}

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self::Sqlite(row)
    }
}

impl From<PgRow> for Row {
    fn from(row: PgRow) -> Self {
        Self::Postgres(row)
    }
}

impl Row {
    /// The number in a column.
    pub fn int(&self, column: usize) -> Result<i64, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    /// The bytes in a column.
    pub fn bytes(&self, column: usize) -> Result<&[u8], sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}
