//! Moves a relay's data from SQLite to PostgreSQL while no relay runs: every row of every
//! table in one transaction, held against the source by counts and hashes before it is
//! committed. The source is only read. Whatever interrupts it, the target is as it was, and
//! it can be run again.

mod digest;
mod table;

use std::path::{Path, PathBuf};

use siegel_proto::ids::{BlobId, Generation};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};

pub use digest::Digest;
use table::Table;

use crate::blobs::{BlobError, Blobs};
use crate::config::Config;
use crate::relay::{StartError, take_data_dir};
use crate::store::{self, OpenError, SCHEMA_VERSION, Server};

/// What was moved.
#[derive(Debug)]
pub struct Moved {
    /// Each table, and what both databases hold of it.
    pub tables: Vec<(String, Digest)>,
    /// Attachments of which not everything lies where the relays will look for it.
    pub blobs_missing: u64,
    /// The target held exactly this before: nothing had to be done.
    pub before: bool,
}

/// Why nothing was moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// There is no target.
    #[error("`database` is not set: let it, or database_file, name an empty PostgreSQL database")]
    NoTarget,
    /// There is no source.
    #[error("there is no SQLite database in {0}: check data_dir")]
    NoSource(PathBuf),
    /// The source was written by an older relay.
    #[error(
        "the SQLite database has schema {found}, this build moves {SCHEMA_VERSION}: start this \
         version once without `database`, stop it, then move; nothing was changed"
    )]
    OldSource {
        /// The schema found.
        found: i64,
    },
    /// The target holds other data.
    #[error(
        "the PostgreSQL database already holds data (in {table}): name an empty one, or make a \
         new one; nothing was changed"
    )]
    NotEmpty {
        /// The first table that is not as in the source.
        table: String,
    },
    /// The two databases do not have the same tables.
    #[error("the table {0} is not the same in both databases: this build is broken")]
    Unlike(String),
    /// What was written is not what was read.
    #[error(
        "PostgreSQL does not give back what was written to {table} ({wrote}, {read}): nothing \
         was kept; look at its log and its disk"
    )]
    Different {
        /// The table.
        table: String,
        /// What the source holds.
        wrote: Digest,
        /// What the target gave back.
        read: Digest,
    },
    /// The data directory is in use or cannot be used.
    #[error(transparent)]
    DataDir(#[from] StartError),
    /// One of the databases could not be opened safely.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The attachments cannot be looked at. The rows are moved; running it again says so.
    #[error("could not look whether all attachments are in their place; the data are moved")]
    Blobs(#[from] BlobError),
    /// The source cannot be read.
    #[error("could not read the SQLite database; nothing was changed")]
    Source(#[source] sqlx::Error),
    /// The target cannot be written or read.
    #[error("could not write to the PostgreSQL database; it is as it was")]
    Target(#[source] sqlx::Error),
}

/// Moves everything from the file in the data directory to the database that is configured.
///
/// # Errors
/// [`MoveError`]; the target is as it was, but for empty tables.
pub async fn migrate_store(config: &Config) -> Result<Moved, MoveError> {
    if !config.is_shared() {
        return Err(MoveError::NoTarget);
    }
    let server = Server::parse(config.database.reveal())?;
    if !config.data_dir.join(store::FILE).is_file() {
        return Err(MoveError::NoSource(config.data_dir.clone()));
    }
    // A relay that runs on the file holds this.
    let _lock = take_data_dir(&config.data_dir)?;
    let mut source = open_source(&config.data_dir).await?;
    let tables = table::of_source(&mut source).await?;

    let mut target = server.connect().await?;
    if !is_used(&mut target).await? {
        let opened = store::open(config).await?;
        opened.close().await.map_err(MoveError::Target)?;
    }
    let result = transfer(&tables, &mut source, &mut target).await;
    if result.is_err() {
        // Without an answer the server rolls back by itself when the connection goes.
        drop(sqlx::query("ROLLBACK").execute(&mut target).await);
    }
    let (digests, before) = result?;
    target.close().await.map_err(MoveError::Target)?;
    let blobs_missing = count_missing(&mut source, config).await?;
    source.close().await.map_err(MoveError::Source)?;
    Ok(Moved {
        tables: digests,
        blobs_missing,
        before,
    })
}

/// The source, sound and of this schema, in one read transaction.
async fn open_source(data_dir: &Path) -> Result<SqliteConnection, MoveError> {
    let (mut source, found) = store::open_to_read(data_dir).await?;
    if found < SCHEMA_VERSION {
        source.close().await.map_err(MoveError::Source)?;
        return Err(MoveError::OldSource { found });
    }
    let begun = sqlx::query("BEGIN").execute(&mut source).await;
    begun.map_err(MoveError::Source)?;
    Ok(source)
}

type Digests = Vec<(String, Digest)>;

async fn transfer(
    tables: &[Table],
    source: &mut SqliteConnection,
    target: &mut PgConnection,
) -> Result<(Digests, bool), MoveError> {
    let there = table::of_target(target).await?;
    for sql in [
        // Reading a large table back takes as long as it takes.
        "SET statement_timeout = 0",
        "SET idle_in_transaction_session_timeout = 0",
        "BEGIN ISOLATION LEVEL READ COMMITTED",
        // A relay that starts writes here first.
        "LOCK TABLE organisation IN SHARE ROW EXCLUSIVE MODE",
    ] {
        let ran = sqlx::query(sql).execute(&mut *target).await;
        ran.map_err(MoveError::Target)?;
    }
    let mut before = false;
    for table in tables {
        before |= holds_rows(table, target).await?;
    }
    if let Some(unlike) = tables.iter().find(|table| !there.contains(table)) {
        let table = unlike.name.clone();
        return Err(match before {
            true => MoveError::NotEmpty { table },
            false => MoveError::Unlike(table),
        });
    }
    let mut digests = Vec::new();
    for table in tables {
        let wrote = if before {
            table.digest_of_source(source).await?
        } else {
            table.copy(source, target).await?
        };
        let read = table.digest_of_target(target).await?;
        if wrote != read {
            let table = table.name.clone();
            return Err(match before {
                true => MoveError::NotEmpty { table },
                false => MoveError::Different { table, wrote, read },
            });
        }
        digests.push((table.name.clone(), wrote));
    }
    let committed = sqlx::query("COMMIT").execute(&mut *target).await;
    committed.map_err(MoveError::Target)?;
    Ok((digests, before))
}

/// Whether a relay has ever run on the target.
async fn is_used(target: &mut PgConnection) -> Result<bool, MoveError> {
    let there = table::of_target(target).await?;
    match there.iter().find(|table| table.name == "organisation") {
        Some(organisation) => holds_rows(organisation, target).await,
        None => Ok(false),
    }
}

async fn holds_rows(table: &Table, target: &mut PgConnection) -> Result<bool, MoveError> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", table.name);
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(target)
        .await
        .map_err(MoveError::Target)
}

/// Attachments stay where they are; the relays must find them there.
async fn count_missing(source: &mut SqliteConnection, config: &Config) -> Result<u64, MoveError> {
    let broken = |error| MoveError::Source(sqlx::Error::Decode(Box::new(error)));
    let generation: Vec<u8> = sqlx::query_scalar("SELECT generation FROM organisation")
        .fetch_one(&mut *source)
        .await
        .map_err(MoveError::Source)?;
    let generation = Generation::from_slice(&generation).map_err(broken)?;
    let blobs = Blobs::open(config, generation).await?;
    let rows = sqlx::query("SELECT blob_id, size FROM blobs WHERE complete = 1")
        .fetch_all(source)
        .await
        .map_err(MoveError::Source)?;
    let mut missing = 0;
    for row in rows {
        let id: &[u8] = row.try_get(0).map_err(MoveError::Source)?;
        let size: i64 = row.try_get(1).map_err(MoveError::Source)?;
        let blob = BlobId::from_slice(id).map_err(broken)?;
        let size = u64::try_from(size).unwrap_or(0);
        missing += u64::from(!blobs.is_whole(blob, size).await?);
    }
    Ok(missing)
}
