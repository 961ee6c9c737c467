//! The values in an SQLite database, put together where they lie torn over pages.

use std::io;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// Whether this is the content of a database file.
pub fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"SQLite format 3\0")
}

/// Calls back with the place and bytes of each text and blob of each table. Works on a
/// copy, so that reading changes nothing that is to be searched.
pub fn each_value(path: &Path, mut found: impl FnMut(&str, &[u8])) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("copy");
    std::fs::copy(path, &copy)?;
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if Path::new(&log).exists() {
        std::fs::copy(&log, folder.path().join("copy-wal"))?;
    }
    read(&copy, &mut found).map_err(io::Error::other)
}

fn read(path: &Path, found: &mut impl FnMut(&str, &[u8])) -> Result<(), rusqlite::Error> {
    let database = Connection::open(path)?;
    let names = "SELECT name FROM sqlite_master WHERE type = 'table'";
    let tables: Vec<String> = database
        .prepare(names)?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for table in tables {
        let quoted = table.replace('"', "\"\"");
        let mut rows = database.prepare(&format!("SELECT * FROM \"{quoted}\""))?;
        let columns: Vec<String> = rows.column_names().into_iter().map(str::to_owned).collect();
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            for (number, column) in columns.iter().enumerate() {
                if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = row.get_ref(number)? {
                    found(&format!("{table}.{column}"), bytes);
                }
            }
        }
    }
    Ok(())
}
