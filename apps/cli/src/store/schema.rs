//! The vault's two tables, and how a file is recognised before it is touched.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rusqlite::Connection;

use super::StoreError;

/// "SIEG": marks the file as a vault.
const APPLICATION_ID: u32 = 0x5349_4547;
/// The schema this program writes. It refuses any higher one.
const VERSION: u32 = 1;

/// Rows lie in the order of their keyed hashes, so that the file does not tell in which
/// order they were written.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS rows (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32),
  scope BLOB NOT NULL CHECK (length(scope) = 16),
  version INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS header (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  sealed BLOB NOT NULL
) STRICT;
";

/// Makes the tables in a file that has none; leaves those of a vault as they are.
pub(super) fn lay_out(mut connection: Connection) -> Result<Connection, StoreError> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables != 0 {
        check(&connection)?;
        return Ok(connection);
    }
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(connection)
}

/// What SQLite says about the file, with its log taken into account.
pub(super) fn check(connection: &Connection) -> Result<(), StoreError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
    let path: &Path = connection.path().unwrap_or_default().as_ref();
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION_ID, VERSION) => Ok(()),
        (APPLICATION_ID, found) if found > VERSION => Err(StoreError::Newer {
            found,
            known: VERSION,
        }),
        _ => Err(StoreError::NotAVault(path.to_owned())),
    }
}

/// What the file itself says, read without SQLite so that nothing is written. Refuses
/// what is surely not for this program; [`check`] decides the rest.
/// See <https://sqlite.org/fileformat2.html>, section 1.3.
pub(super) fn check_raw(path: &Path) -> Result<(), StoreError> {
    let fail = |source| StoreError::File {
        path: path.to_owned(),
        source,
    };
    let mut head = Vec::new();
    File::open(path)
        .map_err(fail)?
        .take(100)
        .read_to_end(&mut head)
        .map_err(fail)?;
    if head.is_empty() {
        return Ok(());
    }
    if !head.starts_with(b"SQLite format 3\0") {
        return Err(StoreError::NotAVault(path.to_owned()));
    }
    match (field(&head, 68), field(&head, 60)) {
        (APPLICATION_ID, found) if found > VERSION => Err(StoreError::Newer {
            found,
            known: VERSION,
        }),
        // Cut off while it was made: the mark stands in the log only.
        (APPLICATION_ID, _) | (0, 0) => Ok(()),
        _ => Err(StoreError::NotAVault(path.to_owned())),
    }
}

fn field(head: &[u8], at: usize) -> u32 {
    let bytes = head.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u32::from_be_bytes)
}
