//! An older SQLite database is brought to this build's schema: first a copy that is read back,
//! then all migrations in one transaction. Whatever goes wrong, the database is as it was.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};

use super::open::OpenError;
use super::sqlite::FILE;
use crate::machine::Disk;

/// The copy's name, with the schema it has behind it.
const COPY: &str = "siegel.db.before-";
/// The copy's name until it is whole and was read back.
const HALF: &str = "siegel.db.copy";
/// Long enough to notice that the new version does not do, short enough to keep the promise
/// of deletion.
const KEPT: Duration = Duration::from_secs(3 * 86_400);

/// Why there is no copy to go back to.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The disk has too little space for it.
    #[error("the copy needs {needed} bytes and {free} are free: free space, then start again")]
    Space {
        /// As large as the database.
        needed: u64,
        /// What there is.
        free: u64,
    },
    /// The database could not be read or the copy not be read back.
    #[error("the database could not be copied")]
    Sql(#[from] sqlx::Error),
    /// The file could not be synced or named.
    #[error("the copy could not be kept")]
    File(#[from] io::Error),
    /// Read back, it is not what was copied.
    #[error("the copy differs from the database in {0}: look at the disk")]
    Differs(String),
}

/// Brings the database to the newest schema of `migrations`. A database that is new or up to
/// date is not copied.
///
/// # Errors
/// No copy could be made, or a migration failed; the database is as it was.
pub(super) async fn run(
    db: &mut SqliteConnection,
    data_dir: &Path,
    migrations: &Migrator,
) -> Result<(), OpenError> {
    let newest = migrations.iter().map(|migration| migration.version).max();
    let found = schema(db).await.map_err(|source| OpenError::Open {
        path: data_dir.to_owned(),
        source,
    })?;
    if found > 0 && Some(found) < newest {
        copy(db, data_dir, found).await.map_err(OpenError::Copy)?;
    }
    let failed = |error: sqlx::Error| OpenError::Migrate(error.into());
    let mut transaction = db.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    // Each migration is a savepoint within it: the last one's failure takes all back.
    migrations
        .run_direct(None, &mut *transaction, false)
        .await
        .map_err(OpenError::Migrate)?;
    transaction.commit().await.map_err(failed)
}

/// Deletes copies from before an upgrade that are older than three days. `now` is in seconds
/// since 1970.
///
/// # Errors
/// The folder cannot be read, or a file in it not be deleted.
pub fn forget_copies(data_dir: &Path, now: i64) -> io::Result<()> {
    for entry in fs::read_dir(data_dir)? {
        let entry = entry?;
        let is_copy = (entry.file_name().to_str()).is_some_and(|name| name.starts_with(COPY));
        if is_copy && made(&entry)? + i64::try_from(KEPT.as_secs()).unwrap_or(0) < now {
            fs::remove_file(entry.path())?;
            tracing::info!(code = "copy_before_upgrade_deleted");
        }
    }
    Ok(())
}

fn made(entry: &fs::DirEntry) -> io::Result<i64> {
    let modified = entry.metadata()?.modified()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH);
    Ok(since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0)))
}

async fn schema(db: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    let known: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'")
            .fetch_one(&mut *db)
            .await?;
    if known == 0 {
        return Ok(0);
    }
    sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
        .fetch_one(db)
        .await
}

/// Copies the database beside itself, reads the copy back and syncs it.
async fn copy(db: &mut SqliteConnection, data_dir: &Path, schema: i64) -> Result<(), CopyError> {
    let needed = fs::metadata(data_dir.join(FILE))?.len();
    let free = Disk::of(data_dir)?.free;
    if free < needed {
        return Err(CopyError::Space { needed, free });
    }
    let half = Half(data_dir.join(HALF));
    half.remove()?;
    sqlx::query("VACUUM INTO $1")
        .bind(half.0.to_string_lossy().into_owned())
        .execute(&mut *db)
        .await?;
    fs::set_permissions(&half.0, fs::Permissions::from_mode(0o600))?;
    compare(db, &half.0).await?;
    File::open(&half.0)?.sync_all()?;
    fs::rename(&half.0, data_dir.join(format!("{COPY}{schema}")))?;
    File::open(data_dir)?.sync_all()?;
    tracing::info!(code = "copied_before_upgrade", schema);
    Ok(())
}

/// Reads every page of the copy and counts the rows of every table.
async fn compare(db: &mut SqliteConnection, copy: &Path) -> Result<(), CopyError> {
    let mut copied = SqliteConnectOptions::new()
        .filename(copy)
        .read_only(true)
        .immutable(true)
        .disable_statement_logging()
        .connect()
        .await?;
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut copied)
        .await?;
    if verdict != "ok" {
        return Err(CopyError::Differs(verdict));
    }
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
            .fetch_all(&mut *db)
            .await?;
    for table in tables {
        let count = format!("SELECT count(*) FROM \"{}\"", table.replace('"', "\"\""));
        let here: i64 = sqlx::query_scalar(AssertSqlSafe(count.clone()))
            .fetch_one(&mut *db)
            .await?;
        let there: i64 = sqlx::query_scalar(AssertSqlSafe(count))
            .fetch_one(&mut copied)
            .await?;
        if here != there {
            return Err(CopyError::Differs(table));
        }
    }
    copied.close().await?;
    Ok(())
}

/// A copy that goes unless it was named.
struct Half(PathBuf);

impl Half {
    fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            tracing::warn!(code = "temporary_file_stays", kind = ?error.kind());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE rooms (id INTEGER PRIMARY KEY) STRICT;";
    const SECOND: &str = "ALTER TABLE rooms ADD COLUMN epoch INTEGER NOT NULL DEFAULT 7;";

    /// A database at schema 1 with three rows, and a folder of migrations.
    struct Case {
        folder: tempfile::TempDir,
        db: SqliteConnection,
    }

    impl Case {
        async fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let db = SqliteConnectOptions::new()
                .filename(folder.path().join(FILE))
                .create_if_missing(true)
                .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                .connect()
                .await
                .expect("opens");
            let mut case = Self { folder, db };
            case.upgrade(&[FIRST]).await.expect("made");
            assert_eq!(case.copies(), Vec::<String>::new(), "nothing to go back to");
            sqlx::raw_sql("INSERT INTO rooms VALUES (1), (2), (3)")
                .execute(&mut case.db)
                .await
                .expect("written");
            case
        }

        async fn upgrade(&mut self, scripts: &[&str]) -> Result<(), OpenError> {
            let folder = tempfile::tempdir().expect("a folder");
            for (number, script) in scripts.iter().enumerate() {
                let name = format!("{:04}_step.sql", number + 1);
                fs::write(folder.path().join(name), script).expect("written");
            }
            let migrations = Migrator::new(folder.path()).await.expect("migrations");
            run(&mut self.db, self.folder.path(), &migrations).await
        }

        fn copies(&self) -> Vec<String> {
            let names = fs::read_dir(self.folder.path()).expect("reads");
            let names = names.map(|entry| entry.expect("an entry").file_name());
            let mut names: Vec<String> = names.filter_map(|name| name.into_string().ok()).collect();
            names.retain(|name| name.starts_with(COPY) || name.starts_with(HALF));
            names
        }

        async fn epochs(&mut self) -> Result<i64, sqlx::Error> {
            sqlx::query_scalar("SELECT sum(epoch) FROM rooms")
                .fetch_one(&mut self.db)
                .await
        }
    }

    #[tokio::test]
    async fn an_upgrade_leaves_a_copy_with_everything_at_the_old_schema() {
        let mut case = Case::new().await;
        case.upgrade(&[FIRST, SECOND]).await.expect("upgraded");
        assert_eq!(case.epochs().await.expect("the new column"), 21);
        assert_eq!(case.copies(), ["siegel.db.before-1"]);
        let copy = case.folder.path().join("siegel.db.before-1");
        let mode = fs::metadata(&copy).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let mut old = SqliteConnectOptions::new()
            .filename(&copy)
            .connect()
            .await
            .expect("opens");
        let rooms: i64 = sqlx::query_scalar("SELECT count(*) FROM rooms")
            .fetch_one(&mut old)
            .await
            .expect("a table");
        assert_eq!((rooms, schema(&mut old).await.expect("a schema")), (3, 1));
        // Up to date: the next start copies nothing.
        fs::remove_file(&copy).expect("deleted");
        case.upgrade(&[FIRST, SECOND]).await.expect("nothing to do");
        assert_eq!(case.copies(), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_migration_that_fails_takes_those_before_it_back() {
        let mut case = Case::new().await;
        let third = "DELETE FROM rooms; INSERT INTO nowhere VALUES (1);";
        let failed = case.upgrade(&[FIRST, SECOND, third]).await;
        assert!(matches!(failed, Err(OpenError::Migrate(_))), "{failed:?}");
        case.epochs()
            .await
            .expect_err("the second is taken back as well");
        assert_eq!(schema(&mut case.db).await.expect("a schema"), 1);
        let rooms: i64 = sqlx::query_scalar("SELECT count(*) FROM rooms")
            .fetch_one(&mut case.db)
            .await
            .expect("a table");
        assert_eq!(rooms, 3);
        // With the fault mended it goes through, over the copy of the first try.
        case.upgrade(&[FIRST, SECOND]).await.expect("upgraded");
        assert_eq!(case.copies(), ["siegel.db.before-1"]);
    }

    #[tokio::test]
    async fn without_a_copy_nothing_is_migrated() {
        let mut case = Case::new().await;
        // Where the copy should lie is something that cannot be replaced.
        fs::create_dir(case.folder.path().join(HALF)).expect("made");
        let failed = case.upgrade(&[FIRST, SECOND]).await;
        assert!(matches!(failed, Err(OpenError::Copy(_))), "{failed:?}");
        assert!(
            failed
                .expect_err("no copy")
                .to_string()
                .contains("it is as it was")
        );
        case.epochs().await.expect_err("not migrated");
    }

    #[tokio::test]
    async fn a_copy_that_differs_is_found() {
        let mut case = Case::new().await;
        let copy = case.folder.path().join("other");
        sqlx::query("VACUUM INTO $1")
            .bind(copy.to_string_lossy().into_owned())
            .execute(&mut case.db)
            .await
            .expect("copied");
        compare(&mut case.db, &copy).await.expect("the same");
        sqlx::raw_sql("DELETE FROM rooms WHERE id = 2")
            .execute(&mut case.db)
            .await
            .expect("gone");
        let found = compare(&mut case.db, &copy).await;
        assert!(matches!(found, Err(CopyError::Differs(table)) if table == "rooms"));
    }

    #[tokio::test]
    async fn a_copy_is_forgotten_after_three_days() {
        let mut case = Case::new().await;
        case.upgrade(&[FIRST, SECOND]).await.expect("upgraded");
        let copy = File::options()
            .write(true)
            .open(case.folder.path().join("siegel.db.before-1"))
            .expect("opens");
        let made = 1_800_000_000;
        let at = std::time::UNIX_EPOCH + Duration::from_secs(made);
        copy.set_modified(at).expect("dated");
        let made = i64::try_from(made).expect("fits");
        forget_copies(case.folder.path(), made + 3 * 86_400).expect("looked");
        assert_eq!(case.copies(), ["siegel.db.before-1"]);
        forget_copies(case.folder.path(), made + 3 * 86_400 + 1).expect("looked");
        assert_eq!(case.copies(), Vec::<String>::new());
        assert!(case.folder.path().join(FILE).exists(), "and nothing else");
    }
}
