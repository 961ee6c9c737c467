//! Opening the embedded database: settings that keep the promise "acknowledged means
//! synced", each read back, and a schema that is neither damaged nor from the future.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection as _, Row as _, SqliteConnection};

use super::db::{Db, Reads};
use super::failure::primary_code;
use super::open::{OpenError, Opened, SCHEMA_VERSION};
use super::{migrations, upgrade};

/// The file's name in the data directory.
pub const FILE: &str = "siegel.db";
const WAL: &str = "siegel.db-wal";

/// Before 3.51.3 a WAL reset could corrupt the database.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

const READERS: u32 = 4;
const PAGE_BYTES: u32 = 8_192;
/// How long to wait for somebody else's lock. Nobody but the relay writes, unless an operator
/// looks at the file with a program of their own; everybody waits as long.
const BUSY: Duration = Duration::from_secs(3);

/// Opens or makes the database, brings it to the current schema and checks it.
///
/// # Errors
/// [`OpenError`]; nothing was changed unless a migration had begun, which is rolled back.
pub async fn open(data_dir: &Path, max_bytes: u64) -> Result<Opened, OpenError> {
    let broken = |source| broken(data_dir, source);
    check(data_dir).await?;
    let mut writer = writing(data_dir).connect().await.map_err(broken)?;
    assert_settings(&mut writer).await?;
    for probe in ["BEGIN IMMEDIATE", "ROLLBACK"] {
        sqlx::query(probe)
            .execute(&mut writer)
            .await
            .map_err(broken)?;
    }
    upgrade::run(&mut writer, data_dir, &migrations::sqlite()).await?;
    if max_bytes > 0 {
        let pages = (max_bytes / u64::from(PAGE_BYTES)).max(64);
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "PRAGMA max_page_count = {pages}"
        )))
        .execute(&mut writer)
        .await
        .map_err(broken)?;
    }
    let reads = SqlitePoolOptions::new()
        .max_connections(READERS)
        .min_connections(0)
        .idle_timeout(Duration::from_secs(60))
        .acquire_timeout(Duration::from_secs(30))
        .connect_lazy_with(options(data_dir).pragma("query_only", "ON"));
    Ok(Opened {
        writer: Db::Sqlite(Box::new(writer)),
        reads: Reads::Sqlite(reads),
        server: None,
    })
}

/// Looks at an existing database, every page of it, without writing to it.
///
/// # Errors
/// [`OpenError::NewerSchema`], [`OpenError::Damaged`] or [`OpenError::Open`].
pub async fn check(data_dir: &Path) -> Result<(), OpenError> {
    if !data_dir.join(FILE).exists() {
        return Ok(());
    }
    let (db, _) = open_to_read(data_dir).await?;
    db.close().await.map_err(|source| broken(data_dir, source))
}

/// Opens a database that exists, looks at every page of it and never writes to it; and the
/// schema it has.
///
/// # Errors
/// As `check`.
pub async fn open_to_read(data_dir: &Path) -> Result<(SqliteConnection, i64), OpenError> {
    let broken = |source| broken(data_dir, source);
    let mut db = SqliteConnectOptions::new()
        .filename(data_dir.join(FILE))
        .read_only(true)
        // Without a log of its own nothing can be newer than the file, and a reader that
        // knows so leaves no files beside it.
        .immutable(!data_dir.join(WAL).exists())
        .pragma("cell_size_check", "ON")
        .disable_statement_logging()
        .connect()
        .await
        .map_err(broken)?;
    match inspect(&mut db, data_dir).await {
        Ok(found) => Ok((db, found)),
        Err(error) => {
            // A connection that is only dropped leaves its files behind.
            db.close().await.map_err(broken)?;
            Err(error)
        }
    }
}

/// The schema of a sound database.
async fn inspect(db: &mut SqliteConnection, data_dir: &Path) -> Result<i64, OpenError> {
    let broken = |source| broken(data_dir, source);
    let migrated: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'")
            .fetch_one(&mut *db)
            .await
            .map_err(broken)?;
    let found: i64 = if migrated == 0 {
        0
    } else {
        sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
            .fetch_one(&mut *db)
            .await
            .map_err(broken)?
    };
    if found > SCHEMA_VERSION {
        return Err(OpenError::NewerSchema { found });
    }
    quick_check(db).await?;
    Ok(found)
}

/// What an error of the library means for whoever has to put it right.
fn broken(data_dir: &Path, source: sqlx::Error) -> OpenError {
    const READ_ONLY: i32 = 8;
    const CORRUPT: i32 = 11;
    const NOT_A_DATABASE: i32 = 26;
    match primary_code(&source) {
        Some(CORRUPT | NOT_A_DATABASE) => OpenError::Damaged(source.to_string()),
        Some(READ_ONLY) => OpenError::ReadOnly {
            path: data_dir.join(FILE),
        },
        _ => OpenError::Open {
            path: data_dir.to_owned(),
            source,
        },
    }
}

/// What stands in the file, and what the one connection that writes keeps to. Setting it takes
/// the lock of a writer each time, so readers do without.
fn writing(data_dir: &Path) -> SqliteConnectOptions {
    options(data_dir)
        .create_if_missing(true)
        .page_size(PAGE_BYTES)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
}

fn options(data_dir: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(data_dir.join(FILE))
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("secure_delete", "ON")
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
        .pragma("wal_autocheckpoint", "1000")
        .pragma("cache_size", "-8192")
        .statement_cache_capacity(128)
        .disable_statement_logging()
}

async fn assert_settings(db: &mut SqliteConnection) -> Result<(), OpenError> {
    let broken = |source| OpenError::Open {
        path: PathBuf::from(FILE),
        source,
    };
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(&mut *db)
        .await
        .map_err(broken)?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST_SQLITE {
        return Err(OpenError::OldSqlite(version));
    }
    for (name, sql, wanted) in [
        ("journal_mode", "PRAGMA journal_mode", "wal"),
        ("synchronous", "PRAGMA synchronous", "2"),
        ("foreign_keys", "PRAGMA foreign_keys", "1"),
        ("secure_delete", "PRAGMA secure_delete", "1"),
        ("trusted_schema", "PRAGMA trusted_schema", "0"),
        ("cell_size_check", "PRAGMA cell_size_check", "1"),
        ("mmap_size", "PRAGMA mmap_size", "0"),
        ("page_size", "PRAGMA page_size", "8192"),
        ("auto_vacuum", "PRAGMA auto_vacuum", "2"),
    ] {
        let row = sqlx::query(sql).fetch_one(&mut *db).await.map_err(broken)?;
        let found = row
            .try_get::<i64, _>(0)
            .map(|number| number.to_string())
            .or_else(|_| row.try_get::<String, _>(0))
            .map_err(broken)?;
        if found != wanted {
            return Err(OpenError::Setting {
                name,
                found,
                wanted,
            });
        }
    }
    Ok(())
}

/// Reads every page; finds damage before it is served or backed up.
async fn quick_check(db: &mut SqliteConnection) -> Result<(), OpenError> {
    let verdict: Result<String, sqlx::Error> = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(db)
        .await;
    match verdict {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(verdict) => Err(OpenError::Damaged(verdict)),
        Err(error) => Err(OpenError::Damaged(error.to_string())),
    }
}
