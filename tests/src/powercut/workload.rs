//! A small program on SQLite that is told how careful to be.
//!
//! With the relay's settings it must lose nothing; with weaker ones it must, or the test
//! around it is blind.

use std::path::Path;

use rusqlite::Connection;

use super::record::{Acks, Recording};
use super::{Database, Error};

/// Where the workload keeps what it acknowledged.
pub const DATABASE: Database<'static> = Database {
    file: "load.db",
    ids: "SELECT id FROM entry",
};

/// SQLite's `synchronous` setting.
#[derive(Clone, Copy, Debug)]
pub enum Synchronous {
    /// The relay's: each commit is synced.
    Full,
    /// Commits are synced at the next checkpoint: acknowledged rows are lost.
    Normal,
    /// Nothing is ever synced: rows are lost and the database breaks.
    Off,
}

impl Synchronous {
    /// As SQLite spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
            Self::Off => "OFF",
        }
    }
}

/// Runs the workload in a recorded process of its own: `program` is called with the words
/// `workload DATABASE SYNCHRONOUS COMMITS`, which it passes on to [`run`].
pub fn record(program: &Path, setting: Synchronous, commits: u32) -> Result<Recording, Error> {
    let recording = Recording::new()?;
    let output = recording
        .command(program)
        .arg("workload")
        .arg(recording.data().join(DATABASE.file))
        .args([setting.name(), &commits.to_string()])
        .output()
        .map_err(Error::Start)?;
    if output.status.success() {
        Ok(recording)
    } else {
        Err(Error::Program(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ))
    }
}

/// Inserts a row per commit and acknowledges it after the commit, deletes some, and lets
/// checkpoints happen often.
pub fn run(database: &Path, synchronous: &str, commits: u32, mut acks: Acks) -> Result<(), Error> {
    let connection = Connection::open(database).map_err(Error::Workload)?;
    prepare(&connection, synchronous).map_err(Error::Workload)?;
    for number in 0..commits {
        let id = number.to_be_bytes();
        insert(&connection, number, &id).map_err(Error::Workload)?;
        acks.received(&id)
            .map_err(|source| Error::file("cannot write", database, source))?;
    }
    // The connection is not closed: a checkpoint at the end would hide what a cut loses.
    std::mem::forget(connection);
    Ok(())
}

fn prepare(connection: &Connection, synchronous: &str) -> Result<(), rusqlite::Error> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "wal_autocheckpoint", 64)?;
    connection.execute_batch(
        "CREATE TABLE entry (number INTEGER PRIMARY KEY, id BLOB NOT NULL, payload BLOB NOT NULL) STRICT;
         CREATE TABLE passing (number INTEGER PRIMARY KEY, payload BLOB NOT NULL) STRICT;",
    )
}

fn insert(connection: &Connection, number: u32, id: &[u8]) -> Result<(), rusqlite::Error> {
    let payload = vec![number.to_le_bytes()[0]; 300];
    let transaction = connection.unchecked_transaction()?;
    transaction.execute(
        "INSERT INTO entry (number, id, payload) VALUES (?1, ?2, ?3)",
        (number, id, &payload),
    )?;
    transaction.execute(
        "INSERT INTO passing (number, payload) VALUES (?1, ?2)",
        (number, &payload),
    )?;
    transaction.execute("DELETE FROM passing WHERE number + 20 < ?1", [number])?;
    transaction.commit()
}
