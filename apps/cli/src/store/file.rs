//! The vault's file: made for its owner alone, opened with every safety setting on.

use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// The vault's name in its profile directory.
pub const NAME: &str = "vault.sqlite";

/// SQLite before this release could corrupt a database when its log is reset.
const OLDEST_SAFE_SQLITE: i32 = 3_051_003;

pub(super) enum Created {
    New,
    WasThere,
}

/// Makes the file with mode 0600 whatever the umask is. SQLite gives the log beside it
/// the same mode.
pub(super) fn create(path: &Path) -> Result<Created, StoreError> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Ok(_) => Ok(Created::New),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Created::WasThere),
        Err(source) => Err(StoreError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Opens the existing file and reads every setting back.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    if rusqlite::version_number() < OLDEST_SAFE_SQLITE {
        return Err(StoreError::Setting("version"));
    }
    restrict(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    set(&connection, "locking_mode", "EXCLUSIVE", "exclusive")?;
    set(&connection, "trusted_schema", "OFF", "0")?;
    set(&connection, "cell_size_check", "ON", "1")?;
    // In force for a new file only, and only before the first page is written.
    connection.execute_batch("PRAGMA page_size = 8192")?;
    set(&connection, "journal_mode", "WAL", "wal")?;
    set(&connection, "synchronous", "FULL", "2")?;
    set(&connection, "fullfsync", "ON", "1")?;
    set(&connection, "checkpoint_fullfsync", "ON", "1")?;
    set(&connection, "secure_delete", "ON", "1")?;
    set(&connection, "temp_store", "MEMORY", "2")?;
    set(&connection, "wal_autocheckpoint", "256", "256")?;
    // The log is cut after a checkpoint: overwritten rows do not linger in it.
    set(&connection, "journal_size_limit", "0", "0")?;
    Ok(connection)
}

/// Makes the directory with mode 0700, and narrows one that is there.
pub fn private_directory(path: &Path) -> Result<(), StoreError> {
    let fail = |source| StoreError::File {
        path: path.to_owned(),
        source,
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(fail)?;
    let mode = std::fs::metadata(path).map_err(fail)?.permissions().mode();
    if mode & 0o077 != 0 {
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o700)).map_err(fail)?;
    }
    Ok(())
}

fn restrict(path: &Path) -> Result<(), StoreError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let fail = |source| StoreError::File {
            path: name.clone().into(),
            source,
        };
        match std::fs::metadata(&name) {
            Ok(found) if found.permissions().mode() & 0o077 != 0 => {
                std::fs::set_permissions(&name, PermissionsExt::from_mode(0o600)).map_err(fail)?;
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(fail(error)),
        }
    }
    Ok(())
}

fn set(
    connection: &Connection,
    name: &'static str,
    value: &str,
    expected: &str,
) -> Result<(), StoreError> {
    // Some pragmas answer with the new value, some with nothing: both are drained here.
    let mut statement = connection.prepare(&format!("PRAGMA {name} = {value}"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    let actual: rusqlite::types::Value =
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))?;
    let actual = match actual {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        _ => String::new(),
    };
    if actual == expected {
        Ok(())
    } else {
        Err(StoreError::Setting(name))
    }
}
