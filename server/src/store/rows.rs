//! Statements over many rows, written once: `{rows}` stands for the rows and becomes a
//! list of placeholders on SQLite and one array per column on PostgreSQL, where every
//! statement is a journey to the database and back.

use std::sync::Arc;

use sqlx::postgres::PgArguments;
use sqlx::{Arguments as _, AssertSqlSafe, SqlSafeStr as _, SqlStr};

use super::db::{Db, Query, Row, Value, in_time};

/// Rows per statement on SQLite, largest first: any number of rows is a few cached
/// statements.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// What a column of the rows holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Numbers.
    Int,
    /// Bytes.
    Bytes,
}

/// One statement over any number of rows of `N` columns.
#[derive(Debug)]
pub struct Rows<const N: usize> {
    columns: [Column; N],
    sqlite: [Arc<str>; SIZES.len()],
    postgres: Arc<str>,
}

impl<const N: usize> Rows<N> {
    /// `text` holds `{rows}` where the rows stand.
    pub fn new(text: &str, columns: [Column; N]) -> Self {
        let with = |rows: String| Arc::from(text.replace("{rows}", &rows));
        Self {
            columns,
            sqlite: SIZES.map(|size| with(placeholders(size, N))),
            postgres: with(arrays(&columns)),
        }
    }

    /// Runs it over the rows; the number of rows it touched.
    pub async fn execute(&self, db: &mut Db, rows: &[[Value<'_>; N]]) -> Result<u64, sqlx::Error> {
        let mut touched = 0;
        if let Db::Postgres(connection) = db {
            if !rows.is_empty() {
                let query = sqlx::query_with(self.text(), self.columns_of(rows)?);
                let answer = in_time(query.execute(&mut **connection)).await;
                touched = db.heed(answer)?.rows_affected();
            }
            return Ok(touched);
        }
        for query in self.pieces(rows) {
            touched += query.execute(db).await?;
        }
        Ok(touched)
    }

    /// Runs it over the rows; everything it answers.
    pub async fn all(&self, db: &mut Db, rows: &[[Value<'_>; N]]) -> Result<Vec<Row>, sqlx::Error> {
        let connection = match db {
            _ if rows.is_empty() => return Ok(Vec::new()),
            Db::Postgres(connection) => &mut **connection,
            Db::PostgresRead(connection) => &mut **connection,
            Db::Sqlite(_) | Db::SqliteRead(_) | Db::Silent => {
                let mut found = Vec::new();
                for query in self.pieces(rows) {
                    found.extend(query.all(db).await?);
                }
                return Ok(found);
            }
        };
        let query = sqlx::query_with(self.text(), self.columns_of(rows)?);
        let answer = in_time(query.fetch_all(connection)).await;
        let found = db.heed(answer)?;
        Ok(found.into_iter().map(Row::from).collect())
    }

    fn text(&self) -> SqlStr {
        AssertSqlSafe(self.postgres.clone()).into_sql_str()
    }

    /// Cuts rows into pieces that each fit a statement exactly.
    fn pieces<'v>(&self, mut rows: &[[Value<'v>; N]]) -> impl Iterator<Item = Query<'v>> {
        std::iter::from_fn(move || {
            let at = SIZES.iter().position(|size| *size <= rows.len())?;
            let (piece, rest) = rows.split_at(SIZES[at]);
            rows = rest;
            Some(Query::made(
                self.sqlite[at].clone(),
                piece.as_flattened().to_vec(),
            ))
        })
    }

    /// Turns rows into one array per column.
    fn columns_of(&self, rows: &[[Value<'_>; N]]) -> Result<PgArguments, sqlx::Error> {
        let mut arguments = PgArguments::default();
        for (at, column) in self.columns.iter().enumerate() {
            let values = rows.iter().map(|row| row[at]);
            match column {
                Column::Int => {
                    let ints = values.filter_map(|value| match value {
                        Value::Int(value) => Some(value),
                        Value::Bytes(_) => None,
                    });
                    arguments.add(exactly(ints.collect::<Vec<i64>>(), rows.len())?)
                }
                Column::Bytes => {
                    let bytes = values.filter_map(|value| match value {
                        Value::Bytes(value) => Some(value),
                        Value::Int(_) => None,
                    });
                    arguments.add(exactly(bytes.collect::<Vec<&[u8]>>(), rows.len())?)
                }
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }
}

/// Columns of different length would pair rows wrongly.
fn exactly<T>(values: Vec<T>, rows: usize) -> Result<Vec<T>, sqlx::Error> {
    if values.len() == rows {
        Ok(values)
    } else {
        Err(sqlx::Error::Encode(
            "a row does not have its columns".into(),
        ))
    }
}

/// `VALUES (?, ?), (?, ?)`: without names, which SQLite would search for one by one at each
/// of so many parameters.
fn placeholders(rows: usize, columns: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    format!("VALUES {}", vec![row; rows].join(", "))
}

/// `SELECT * FROM unnest($1::bigint[], $2::bytea[])`.
fn arrays(columns: &[Column]) -> String {
    let arrays = columns.iter().enumerate().map(|(at, column)| {
        let of = match column {
            Column::Int => "bigint",
            Column::Bytes => "bytea",
        };
        format!("${}::{of}[]", at + 1)
    });
    format!(
        "SELECT * FROM unnest({})",
        arrays.collect::<Vec<_>>().join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_exactly_one_piece() {
        let statement = Rows::new("INSERT INTO t (a) {rows}", [Column::Int]);
        let rows: Vec<[Value<'_>; 1]> = (0..113).map(|n| [Value::Int(n)]).collect();
        let sizes: Vec<usize> = statement
            .pieces(&rows)
            .map(|query| query.values().len())
            .collect();
        assert_eq!(sizes, [64, 16, 16, 16, 1]);
    }

    #[test]
    fn both_dialects_get_their_rows() {
        let statement = Rows::new(
            "INSERT INTO t (a, b) {rows} ON CONFLICT (a) DO NOTHING",
            [Column::Int, Column::Bytes],
        );
        assert_eq!(
            &*statement.sqlite[2],
            "INSERT INTO t (a, b) VALUES (?, ?), (?, ?), (?, ?), (?, ?) ON CONFLICT (a) DO NOTHING"
        );
        assert_eq!(
            &*statement.postgres,
            "INSERT INTO t (a, b) SELECT * FROM unnest($1::bigint[], $2::bytea[]) \
             ON CONFLICT (a) DO NOTHING"
        );
    }

    #[test]
    fn a_row_of_the_wrong_kind_is_refused() {
        let statement = Rows::new("DELETE FROM t WHERE a IN ({rows})", [Column::Int]);
        assert!(statement.columns_of(&[[Value::Bytes(b"x")]]).is_err());
    }
}
