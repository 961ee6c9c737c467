//! Opening the database, whichever it is: safe settings, and a schema that is neither
//! damaged nor from the future.

use std::path::PathBuf;

use super::db::{Db, Reads};
use super::postgres::{self, Server};
use super::sqlite;
use super::upgrade::CopyError;
use crate::config::Config;

/// The newest schema this build knows.
pub const SCHEMA_VERSION: i64 = 3;

/// The database could not be opened safely.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Written by a newer relay.
    #[error(
        "the database has schema {found}, this build knows up to {SCHEMA_VERSION}: \
         install the newer version again; nothing was changed"
    )]
    NewerSchema {
        /// The schema found.
        found: i64,
    },
    /// A page or index is damaged.
    #[error("the database is damaged ({0}): stop, keep the files, restore the last backup")]
    Damaged(String),
    /// The file may be read and not written.
    #[error(
        "the database {path} is read-only: let the relay's user write it, or mount its disk \
         for writing; nothing was changed"
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The library is too old.
    #[error("SQLite {0} can corrupt its write-ahead log: 3.51.3 or newer is needed")]
    OldSqlite(String),
    /// A setting did not take.
    #[error("SQLite did not take the setting {name}: it is {found}, not {wanted}")]
    Setting {
        /// The pragma.
        name: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// The server cannot be reached or does not let this relay in.
    #[error(
        "could not use the PostgreSQL database: see that it runs, that `database` names it, \
         and that it lets this user in"
    )]
    Server(#[source] sqlx::Error),
    /// What `database` says is no address.
    #[error("`database` does not begin like postgres://user:password@host/name")]
    Address,
    /// It would lose what was acknowledged.
    #[error(
        "this PostgreSQL can lose acknowledged messages: {name} is {found}. Set it to {wanted} \
         in postgresql.conf, for the role and for the database, then start again"
    )]
    Unsafe {
        /// The setting.
        name: String,
        /// What it is.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// Not the server that writes.
    #[error("this PostgreSQL is a standby: let `database` name the primary")]
    Standby,
    /// The server is too old.
    #[error("PostgreSQL 15 or newer is needed; this is {0}")]
    OldPostgres(String),
    /// The file cannot be opened, read or migrated.
    #[error("could not open the database in {path}")]
    Open {
        /// The data directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// There is no copy to go back to, so nothing was migrated.
    #[error(
        "could not copy the database before bringing it to schema {SCHEMA_VERSION}; it is as it was"
    )]
    Copy(#[source] CopyError),
    /// A migration failed and was rolled back.
    #[error("could not bring the database to schema {SCHEMA_VERSION}; it is as it was")]
    Migrate(#[source] sqlx::migrate::MigrateError),
}

impl OpenError {
    /// Whether the database would lose what was acknowledged.
    pub const fn is_unsafe(&self) -> bool {
        matches!(self, Self::Unsafe { .. })
    }
}

/// An open database: one connection that writes, some that read.
#[derive(Debug)]
pub struct Opened {
    pub(super) writer: Db,
    pub(super) reads: Reads,
    /// Where the database is found again; nothing if it is a file.
    pub(super) server: Option<Server>,
}

impl Opened {
    /// The connections that read.
    pub fn reads(&self) -> Reads {
        self.reads.clone()
    }

    /// Where the database is found again; nothing if it is a file.
    pub fn server(&self) -> Option<Server> {
        self.server.clone()
    }

    /// Closes an open database that is not to be served.
    ///
    /// # Errors
    /// What was written may not be in its file yet.
    pub async fn close(self) -> Result<(), sqlx::Error> {
        self.reads.close().await;
        self.writer.close().await
    }
}

/// Opens or makes the database, brings it to the current schema and checks it.
///
/// # Errors
/// [`OpenError`]; nothing was changed unless a migration had begun, which is rolled back.
pub async fn open(config: &Config) -> Result<Opened, OpenError> {
    if config.is_shared() {
        postgres::open(&Server::parse(config.database.reveal())?).await
    } else {
        sqlite::open(&config.data_dir, config.limits.database_bytes).await
    }
}

/// Looks at an existing database without writing to it.
///
/// # Errors
/// As [`open`].
pub async fn check(config: &Config) -> Result<(), OpenError> {
    if config.is_shared() {
        postgres::check(&Server::parse(config.database.reveal())?).await
    } else {
        sqlite::check(&config.data_dir).await
    }
}
