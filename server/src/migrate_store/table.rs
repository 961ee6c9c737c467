//! A table as both databases have it: only numbers and bytes, so any table is moved alike.

use futures_util::{Stream, TryStreamExt as _};
use sqlx::postgres::PgArguments;
use sqlx::{Arguments as _, AssertSqlSafe, PgConnection, SqliteConnection};

use super::MoveError;
use super::digest::{Digest, Digester};
use crate::store::Row;

/// Tables that others refer to come first.
const ORDER: [&str; 11] = [
    "organisation",
    "revocations",
    "accounts",
    "devices",
    "directory",
    "key_packages",
    "rooms",
    "seats",
    "entries",
    "capsules",
    "blobs",
];
/// Rows of one statement.
const PAGE_ROWS: usize = 1_000;
/// Bytes of one statement, about.
const PAGE_BYTES: usize = 1024 * 1024;

/// A table of the relay.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    columns: Vec<Column>,
}

/// A column, in the order of names.
#[derive(Debug, PartialEq, Eq)]
struct Column {
    name: String,
    is_bytes: bool,
    /// Its place in the primary key, from 1; 0 if it is none of it.
    key: i64,
}

/// All tables of the source, those that others refer to first.
///
/// # Errors
/// It cannot be read, or has a table nobody has given a place in the order.
pub async fn of_source(source: &mut SqliteConnection) -> Result<Vec<Table>, MoveError> {
    let sql = "SELECT m.name, c.name, c.type = 'BLOB', c.pk FROM sqlite_master m \
         JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name <> '_sqlx_migrations' AND m.name NOT LIKE 'sqlite%' \
         ORDER BY 1, 2";
    let columns = sqlx::query_as(sql).fetch_all(source).await;
    in_order(columns.map_err(MoveError::Source)?, MoveError::Unlike)
}

/// All tables of the target; none if no relay has made them yet.
///
/// # Errors
/// It cannot be read, or has a table that is none of a relay's.
pub async fn of_target(target: &mut PgConnection) -> Result<Vec<Table>, MoveError> {
    let sql = "SELECT CAST(c.table_name AS TEXT), CAST(c.column_name AS TEXT), \
         c.data_type = 'bytea', CAST(coalesce(k.ordinal_position, 0) AS BIGINT) \
         FROM information_schema.columns c \
         LEFT JOIN information_schema.table_constraints p \
         ON p.constraint_type = 'PRIMARY KEY' AND p.table_schema = c.table_schema \
         AND p.table_name = c.table_name \
         LEFT JOIN information_schema.key_column_usage k \
         ON k.constraint_schema = p.constraint_schema \
         AND k.constraint_name = p.constraint_name AND k.table_name = c.table_name \
         AND k.column_name = c.column_name \
         WHERE c.table_schema = current_schema() AND c.table_name <> '_sqlx_migrations' \
         ORDER BY CAST(c.table_name AS TEXT) COLLATE \"C\", \
         CAST(c.column_name AS TEXT) COLLATE \"C\"";
    let columns = sqlx::query_as(sql).fetch_all(target).await;
    in_order(columns.map_err(MoveError::Target)?, |table| {
        MoveError::NotEmpty { table }
    })
}

fn in_order(
    columns: Vec<(String, String, bool, i64)>,
    unknown: fn(String) -> MoveError,
) -> Result<Vec<Table>, MoveError> {
    let mut tables: Vec<Table> = Vec::new();
    for (table, name, is_bytes, key) in columns {
        let column = Column {
            name,
            is_bytes,
            key,
        };
        match tables.last_mut().filter(|last| last.name == table) {
            Some(last) => last.columns.push(column),
            None => tables.push(Table {
                name: table,
                columns: vec![column],
            }),
        }
    }
    for table in &tables {
        if table.place().is_none() {
            return Err(unknown(table.name.clone()));
        }
    }
    tables.sort_by_key(Table::place);
    Ok(tables)
}

impl Table {
    fn place(&self) -> Option<usize> {
        ORDER.iter().position(|name| self.name == *name)
    }

    /// Copies every row; what was read.
    ///
    /// # Errors
    /// One of the databases fails.
    pub async fn copy(
        &self,
        source: &mut SqliteConnection,
        target: &mut PgConnection,
    ) -> Result<Digest, MoveError> {
        let insert = self.insert();
        let mut digester = Digester::default();
        let mut page = Page::of(self);
        let mut rows = sqlx::query(AssertSqlSafe(self.select())).fetch(source);
        while let Some(row) = rows.try_next().await.map_err(MoveError::Source)? {
            let row = Row::from(row);
            self.count(&row, &mut digester).map_err(MoveError::Source)?;
            page.push(&row).map_err(MoveError::Source)?;
            if page.rows >= PAGE_ROWS || page.bytes >= PAGE_BYTES {
                let full = std::mem::replace(&mut page, Page::of(self));
                (full.insert(&insert, target).await).map_err(MoveError::Target)?;
            }
        }
        if page.rows > 0 {
            (page.insert(&insert, target).await).map_err(MoveError::Target)?;
        }
        Ok(digester.finish())
    }

    /// What the source holds.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn digest_of_source(
        &self,
        source: &mut SqliteConnection,
    ) -> Result<Digest, MoveError> {
        let rows = sqlx::query(AssertSqlSafe(self.select())).fetch(source);
        self.digest(rows.map_ok(Row::from))
            .await
            .map_err(MoveError::Source)
    }

    /// What the target holds, as this transaction sees it.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn digest_of_target(&self, target: &mut PgConnection) -> Result<Digest, MoveError> {
        let rows = sqlx::query(AssertSqlSafe(self.select())).fetch(target);
        self.digest(rows.map_ok(Row::from))
            .await
            .map_err(MoveError::Target)
    }

    async fn digest(
        &self,
        mut rows: impl Stream<Item = Result<Row, sqlx::Error>> + Unpin,
    ) -> Result<Digest, sqlx::Error> {
        let mut digester = Digester::default();
        while let Some(row) = rows.try_next().await? {
            self.count(&row, &mut digester)?;
        }
        Ok(digester.finish())
    }

    fn count(&self, row: &Row, digester: &mut Digester) -> Result<(), sqlx::Error> {
        digester.row();
        for (at, column) in self.columns.iter().enumerate() {
            if column.is_bytes {
                digester.bytes(row.bytes(at)?);
            } else {
                digester.int(row.int(at)?);
            }
        }
        Ok(())
    }

    /// Every row in the order of its key, which says nothing of when it was written.
    fn select(&self) -> String {
        let mut key: Vec<&Column> = self.columns.iter().filter(|c| c.key > 0).collect();
        key.sort_by_key(|column| column.key);
        let key: Vec<&str> = key.iter().map(|column| column.name.as_str()).collect();
        format!(
            "SELECT {} FROM {} ORDER BY {}",
            self.names(),
            self.name,
            key.join(", ")
        )
    }

    fn insert(&self) -> String {
        let arrays = self.columns.iter().enumerate().map(|(at, column)| {
            let of = if column.is_bytes { "bytea" } else { "bigint" };
            format!("${}::{of}[]", at + 1)
        });
        format!(
            "INSERT INTO {} ({}) SELECT * FROM unnest({})",
            self.name,
            self.names(),
            arrays.collect::<Vec<_>>().join(", ")
        )
    }

    fn names(&self) -> String {
        let names: Vec<&str> = (self.columns.iter())
            .map(|column| column.name.as_str())
            .collect();
        names.join(", ")
    }
}

/// Rows on their way, one array per column.
struct Page {
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

enum Values {
    Ints(Vec<i64>),
    Bytes(Vec<Vec<u8>>),
}

impl Page {
    fn of(table: &Table) -> Self {
        let columns = table.columns.iter().map(|column| match column.is_bytes {
            true => Values::Bytes(Vec::new()),
            false => Values::Ints(Vec::new()),
        });
        Self {
            columns: columns.collect(),
            rows: 0,
            bytes: 0,
        }
    }

    fn push(&mut self, row: &Row) -> Result<(), sqlx::Error> {
        for (at, column) in self.columns.iter_mut().enumerate() {
            match column {
                Values::Ints(values) => values.push(row.int(at)?),
                Values::Bytes(values) => {
                    let value = row.bytes(at)?;
                    self.bytes += value.len();
                    values.push(value.to_vec());
                }
            }
        }
        self.rows += 1;
        Ok(())
    }

    async fn insert(self, sql: &str, target: &mut PgConnection) -> Result<(), sqlx::Error> {
        let mut arguments = PgArguments::default();
        for column in self.columns {
            match column {
                Values::Ints(values) => arguments.add(values),
                Values::Bytes(values) => arguments.add(values),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::query_with(sql, arguments).execute(target).await?;
        Ok(())
    }
}
