//! A consistent copy, beside the running relay.
//!
//! The database is copied first, in one read transaction; then the attachments its rows
//! name. An attachment is complete before its row says so and never changes afterwards, so
//! the copy holds every one of them, except those that were deleted meanwhile.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use siegel_proto::ids::BlobId;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Row as _, SqliteConnection};

use super::archive::{Manifest, Summary, Writer, blob_name};
use super::{BackupError, NAME_BEGINS, NAME_ENDS, Recipients, at, rotation};
use crate::blob_files;
use crate::clock::Entropy;
use crate::config::Config;
use crate::store;

/// A backup that was made.
#[derive(Debug)]
pub struct Made {
    /// Where it lies.
    pub path: PathBuf,
    /// What it holds.
    pub summary: Summary,
    /// Older ones that were no longer needed and are deleted.
    pub deleted: Vec<PathBuf>,
}

/// Makes a backup of a relay's data into a folder and deletes those the rotation no longer
/// needs. `now` is in seconds since 1970.
///
/// # Errors
/// [`BackupError`]; nothing that is half done stays behind.
pub async fn make(
    config: &Config,
    folder: &Path,
    recipients: &Recipients,
    now: i64,
    entropy: &Entropy,
) -> Result<Made, BackupError> {
    if config.is_shared() {
        return Err(BackupError::Shared);
    }
    let data_dir = &config.data_dir;
    if !data_dir.join(store::FILE).is_file() {
        return Err(BackupError::NoDatabase(data_dir.to_owned()));
    }
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    let random: [u8; 8] = entropy.draw()?;
    let random = data_encoding::HEXLOWER.encode(&random);
    let copy = Temporary(data_dir.join(format!("copy-{random}.tmp")));
    let blobs = copy_database(config, &copy.0).await?;

    let name = rotation::file_name(now).ok_or(BackupError::Clock)?;
    let half = Temporary(folder.join(format!("{name}.{random}.part")));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&half.0)
        .map_err(at(&half.0))?;
    let mut archive = Writer::new(file, recipients)?;
    let database = archive.database(&copy.0)?;
    let mut manifest = Manifest::new(store::SCHEMA_VERSION, now, database);
    let blob_dir = config.blobs();
    for blob in blobs {
        match File::open(blob_files::complete_path(&blob_dir, blob)) {
            Ok(file) => {
                let part = archive.blob(blob, file).map_err(at(&half.0))?;
                manifest.blobs.push((blob_name(blob), part));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                manifest.gone.push(blob_name(blob));
            }
            Err(source) => return Err(at(&blob_dir)(source)),
        }
    }
    archive.finish(&manifest)?;
    let path = folder.join(name);
    std::fs::rename(&half.0, &path).map_err(at(&path))?;
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(at(folder))?;
    Ok(Made {
        path,
        summary: manifest.summary(),
        deleted: rotate(folder)?,
    })
}

/// Copies the database in one read transaction, without what is good for one use. The
/// attachments that are complete in it.
async fn copy_database(config: &Config, copy: &Path) -> Result<Vec<BlobId>, BackupError> {
    store::check(config).await?;
    let mut live = SqliteConnectOptions::new()
        .filename(config.data_dir.join(store::FILE))
        .disable_statement_logging()
        .connect()
        .await?;
    let target = copy.to_string_lossy().into_owned();
    sqlx::query("VACUUM INTO $1")
        .bind(target)
        .execute(&mut live)
        .await?;
    live.close().await?;

    let mut db = SqliteConnectOptions::new()
        .filename(copy)
        .pragma("secure_delete", "ON")
        .disable_statement_logging()
        .connect()
        .await?;
    drop_single_use(&mut db).await?;
    let rows = sqlx::query("SELECT blob_id FROM blobs WHERE complete = 1 ORDER BY blob_id")
        .fetch_all(&mut db)
        .await?;
    let blobs = rows.iter().map(|row| {
        let id: &[u8] = row.try_get(0)?;
        BlobId::from_slice(id).map_err(|error| sqlx::Error::Decode(error.into()))
    });
    let blobs = blobs.collect::<Result<_, sqlx::Error>>()?;
    db.close().await?;
    Ok(blobs)
}

/// Deletes what must never come back: whoever claimed one after the copy was made holds it.
pub(super) async fn drop_single_use(db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("BEGIN; DELETE FROM key_packages; DELETE FROM capsules; COMMIT;")
        .execute(db)
        .await?;
    Ok(())
}

fn rotate(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let mut deleted = Vec::new();
    for name in rotation::superseded(&archives(folder)?) {
        let path = folder.join(name);
        std::fs::remove_file(&path).map_err(at(&path))?;
        deleted.push(path);
    }
    Ok(deleted)
}

/// An archive that lies in a folder.
#[derive(Debug)]
pub struct Newest {
    /// Where.
    pub path: PathBuf,
    /// When it was begun, seconds since 1970.
    pub made_at: i64,
}

/// The newest archive of a folder.
///
/// # Errors
/// There is none, or the folder cannot be read.
pub fn newest(folder: &Path) -> Result<Newest, BackupError> {
    let names = archives(folder)?.into_iter();
    let dated = names.filter_map(|name| Some((rotation::made_at(&name)?, name)));
    let (made_at, name) = (dated.max()).ok_or_else(|| BackupError::NoBackup(folder.to_owned()))?;
    Ok(Newest {
        path: folder.join(name),
        made_at: made_at.unix_timestamp(),
    })
}

/// Names of the archives in a folder.
fn archives(folder: &Path) -> Result<Vec<String>, BackupError> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(at(folder))? {
        let name = entry.map_err(at(folder))?.file_name();
        if let Some(name) = name.to_str()
            && name.starts_with(NAME_BEGINS)
            && name.ends_with(NAME_ENDS)
        {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// A file that goes when the work is done or has failed; not if it was renamed.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        for ending in ["", "-wal", "-shm", "-journal"] {
            let mut path = self.0.clone().into_os_string();
            path.push(ending);
            if let Err(error) = std::fs::remove_file(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(code = "temporary_file_stays", error = ?error.kind());
            }
        }
    }
}
