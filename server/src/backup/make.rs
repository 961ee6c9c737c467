//! A consistent copy, beside the running relay.
//!
//! The database is copied first, in one read transaction; then the attachments its rows
//! name. An attachment is complete before its row says so and never changes afterwards, so
//! the copy holds every one of them, except those that were deleted meanwhile.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt as _;
use siegel_proto::ids::{BlobId, Generation};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Row as _, SqliteConnection};
use tokio::io::AsyncWriteExt as _;

use super::archive::{Manifest, Summary, Writer, blob_name};
use super::{BackupError, NAME_BEGINS, NAME_ENDS, Recipients, at, rotation};
use crate::blobs::bucket::Bucket;
use crate::blobs::{BlobError, files};
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
    let (generation, blobs) = copy_database(config, &copy.0).await?;

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
    let source = Source::open(config, generation, &random).await?;
    for (blob, size) in blobs {
        match source.file(blob, size).await? {
            Some(file) => {
                let part = archive.blob(blob, file).map_err(at(&half.0))?;
                manifest.blobs.push((blob_name(blob), part));
            }
            None => manifest.gone.push(blob_name(blob)),
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

/// Copies the database in one read transaction, without what is good for one use. Its
/// generation, and the attachments that are complete in it with their sizes.
async fn copy_database(
    config: &Config,
    copy: &Path,
) -> Result<(Generation, Vec<(BlobId, u64)>), BackupError> {
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
    let rows = sqlx::query("SELECT blob_id, size FROM blobs WHERE complete = 1 ORDER BY blob_id")
        .fetch_all(&mut db)
        .await?;
    let blobs = rows.iter().map(|row| {
        let (id, size): (&[u8], i64) = (row.try_get(0)?, row.try_get(1)?);
        let blob = BlobId::from_slice(id).map_err(|error| sqlx::Error::Decode(error.into()))?;
        Ok((blob, u64::try_from(size).unwrap_or(0)))
    });
    let blobs = blobs.collect::<Result<_, sqlx::Error>>()?;
    let generation: Vec<u8> = sqlx::query_scalar("SELECT generation FROM organisation")
        .fetch_one(&mut db)
        .await?;
    let generation =
        Generation::from_slice(&generation).map_err(|error| sqlx::Error::Decode(error.into()))?;
    db.close().await?;
    Ok((generation, blobs))
}

/// Where the attachments' bytes come from.
enum Source {
    Folder(PathBuf),
    /// Each is fetched into a file first: an archive must know a part's length beforehand.
    Bucket {
        bucket: Bucket,
        fetched: Temporary,
    },
}

impl Source {
    async fn open(
        config: &Config,
        generation: Generation,
        random: &str,
    ) -> Result<Self, BackupError> {
        if !config.blob_store.is_set() {
            return Ok(Self::Folder(config.blobs()));
        }
        let data_dir = &config.data_dir;
        let fetched = Temporary(data_dir.join(format!("fetched-{random}.tmp")));
        let bucket = Bucket::new(&config.blob_store, generation, data_dir).await?;
        Ok(Self::Bucket { bucket, fetched })
    }

    /// A complete attachment; nothing if it was deleted meanwhile.
    async fn file(&self, blob: BlobId, size: u64) -> Result<Option<File>, BackupError> {
        let (path, opened) = match self {
            Self::Folder(folder) => {
                let path = files::complete_path(folder, blob);
                let opened = File::open(&path);
                (path, opened)
            }
            Self::Bucket { bucket, fetched } => {
                let path = fetched.0.clone();
                let opened = match fetch(bucket, blob, size, &path).await {
                    Ok(()) => File::open(&path),
                    Err(BlobError::Store(fault)) => return Err(fault.into()),
                    Err(BlobError::File(error)) => Err(error),
                };
                (path, opened)
            }
        };
        match opened {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(at(path)(source)),
        }
    }
}

async fn fetch(bucket: &Bucket, blob: BlobId, size: u64, path: &Path) -> Result<(), BlobError> {
    let mut file = tokio::fs::File::create(path).await?;
    if size > 0 {
        let mut bytes = bucket.read(blob, size, 0..=size - 1).await?;
        while let Some(chunk) = bytes.try_next().await? {
            file.write_all(&chunk).await?;
        }
    }
    Ok(file.flush().await?)
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
