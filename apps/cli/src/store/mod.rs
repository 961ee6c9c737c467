//! The vault on disk: one SQLite file of sealed rows, one transaction per batch.
//!
//! Nothing in here can read a row. What cannot be loaded is an error, never "empty": a
//! vault that looks empty would make the client start over and lose its rooms.

mod file;
mod schema;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use siegel_client_core::vault::{Batch, SealedRow};

pub use file::{NAME, private_directory};

/// The open vault of one profile. Exactly one exists at a time; the profile's lock and
/// SQLite's exclusive locking both see to it.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    fault: Fault,
    stored: u64,
}

/// Everything the vault holds.
#[derive(Debug)]
pub struct Loaded {
    /// How the key of the rows is wrapped.
    pub header: Vec<u8>,
    /// All rows, in the order of their ids.
    pub rows: Vec<SealedRow>,
}

/// Where a test lets the store fail, once. Real profiles use [`Fault::None`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// The store works.
    #[default]
    None,
    /// The batch with this number (from 1) is not stored.
    Before(u64),
    /// The batch with this number (from 1) is stored, and then the process "dies".
    After(u64),
}

/// Why the vault cannot be used. None of these is repaired by starting over.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Set up the profile first.
    #[error("there is no vault at {}", .0.display())]
    Missing(PathBuf),
    /// The profile is already in use; choose another name.
    #[error("there already is a vault at {}", .0.display())]
    Exists(PathBuf),
    /// Update `siegel`; the file was not touched.
    #[error("the vault has schema {found}, this program knows {known}")]
    Newer {
        /// The schema the file names.
        found: u32,
        /// The schema this program writes.
        known: u32,
    },
    /// Restore the file or link this device anew.
    #[error("{} is not a vault", .0.display())]
    NotAVault(PathBuf),
    /// The system or the bundled SQLite does not do what safety needs.
    #[error("SQLite does not keep the setting {0}")]
    Setting(&'static str),
    /// The disk or the file failed.
    #[error("the vault failed")]
    Sqlite(#[from] rusqlite::Error),
    /// The file system failed.
    #[error("cannot use {}", path.display())]
    File {
        /// What was to be used.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A test asked for this failure.
    #[error("the store failed as scripted")]
    Scripted,
}

impl Store {
    /// Makes the vault of a new profile. One that was made but never written to, because
    /// the set-up was cut off, is taken over: it holds nothing.
    pub fn create(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(NAME);
        let connection = match file::create(&path)? {
            file::Created::New => schema::lay_out(file::connect(&path)?)?,
            file::Created::WasThere => {
                let connection = schema::lay_out(open_if_ours(&path)?)?;
                if header(&connection)?.is_some() || count(&connection)? != 0 {
                    return Err(StoreError::Exists(path));
                }
                connection
            }
        };
        Ok(Self {
            connection,
            path,
            fault: Fault::None,
            stored: 0,
        })
    }

    /// Whether the profile has a vault; does not look into it.
    pub fn expect(directory: &Path) -> Result<(), StoreError> {
        let path = directory.join(NAME);
        if path.exists() {
            Ok(())
        } else {
            Err(StoreError::Missing(path))
        }
    }

    /// Opens the vault of a profile that was set up.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        Self::expect(directory)?;
        let path = directory.join(NAME);
        let connection = open_if_ours(&path)?;
        schema::check(&connection)?;
        Ok(Self {
            connection,
            path,
            fault: Fault::None,
            stored: 0,
        })
    }

    /// Lets the store fail at one batch, for tests of what a crash leaves behind.
    pub fn set_fault(&mut self, fault: Fault) {
        self.fault = fault;
    }

    /// How many batches this store was asked to keep since it was opened.
    pub fn batches(&self) -> u64 {
        self.stored
    }

    /// Reads everything. A vault without a header was never finished.
    pub fn load_all(&self) -> Result<Loaded, StoreError> {
        let header =
            header(&self.connection)?.ok_or_else(|| StoreError::Missing(self.path.clone()))?;
        let mut statement = self
            .connection
            .prepare("SELECT id, scope, version, sealed FROM rows ORDER BY id")?;
        let rows = statement
            .query_map([], |row| {
                Ok(SealedRow {
                    id: row.get(0)?,
                    scope: row.get(1)?,
                    version: row.get::<_, i64>(2)?.cast_unsigned(),
                    sealed: row.get(3)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(Loaded { header, rows })
    }

    /// Stores the batch in one transaction. When this returns, the batch is on the disk;
    /// when it fails, the client that made the batch must be dropped and loaded again.
    pub fn store(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.stored += 1;
        if self.fault == Fault::Before(self.stored) {
            return Err(StoreError::Scripted);
        }
        let transaction = self.connection.transaction()?;
        {
            let mut put = transaction.prepare_cached(
                "INSERT INTO rows (id, scope, version, sealed) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO UPDATE SET
                   scope = excluded.scope, version = excluded.version, sealed = excluded.sealed",
            )?;
            for row in &batch.puts {
                put.execute(params![
                    row.id,
                    row.scope,
                    row.version.cast_signed(),
                    row.sealed
                ])?;
            }
            let mut delete = transaction.prepare_cached("DELETE FROM rows WHERE id = ?1")?;
            for id in &batch.deletes {
                delete.execute(params![id])?;
            }
            if let Some(header) = &batch.header {
                transaction.execute(
                    "INSERT INTO header (one, sealed) VALUES (1, ?1)
                     ON CONFLICT (one) DO UPDATE SET sealed = excluded.sealed",
                    params![header],
                )?;
            }
        }
        transaction.commit()?;
        if self.fault == Fault::After(self.stored) {
            return Err(StoreError::Scripted);
        }
        Ok(())
    }

    /// Folds the log into the file, so that nothing deleted stays behind in it.
    pub fn close(self) -> Result<(), StoreError> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        self.connection
            .close()
            .map_err(|(_, error)| StoreError::Sqlite(error))
    }
}

fn open_if_ours(path: &Path) -> Result<Connection, StoreError> {
    // Read from the raw file: even looking through SQLite would touch a newer vault.
    schema::check_raw(path)?;
    file::connect(path)
}

fn header(connection: &Connection) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare("SELECT sealed FROM header")?;
    let mut rows = statement.query([])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

fn count(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("SELECT count(*) FROM rows", [], |row| row.get(0))?)
}

#[cfg(test)]
mod tests;
