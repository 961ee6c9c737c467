//! Puts an archive back as a new data directory, and as a new life of the data.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use siegel_proto::ids::{BlobId, Generation};
use siegel_proto::limits;
use siegel_proto::room::EntryKind;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use super::archive::{self, Manifest, Sink};
use super::make::drop_single_use;
use super::{BackupError, Identities, at, verify};
use crate::blobs::files;
use crate::clock::Entropy;
use crate::config::BLOBS;
use crate::store;

/// The same as [`crate::delivery::Room::put_back`], for every room and inbox at once.
const MARK_EVERY_LOG: &str = "\
    INSERT INTO entries (entry_id, kind, epoch, target, expires_day, message_id, payload) \
    SELECT (slot << 32) + next_seq - 1 + $1, $2, epoch, next_seq - 1, \
           unixepoch() / 86400 + (SELECT max(retention_days, 1) FROM organisation), \
           randomblob(16), x'' \
    FROM rooms WHERE next_seq + $1 <= $3";
const LEAP_OVER_NUMBERS: &str =
    "UPDATE rooms SET next_seq = next_seq + $1 WHERE next_seq + $1 <= $2";

/// Unpacks an archive beside `target`, checks it, begins a new generation, and only then
/// gives it its name. Devices see the new generation and publish fresh key packages; an
/// entry in every log tells them from where on the relay has lost it.
///
/// # Errors
/// [`BackupError`]; `target` is not made then.
pub async fn restore(
    path: &Path,
    identities: &Identities,
    target: &Path,
    entropy: &Entropy,
) -> Result<Manifest, BackupError> {
    if target.exists() {
        return Err(BackupError::InTheWay(target.to_owned()));
    }
    let mut half = target.as_os_str().to_owned();
    half.push(".restoring");
    let half = PathBuf::from(half);
    if half.exists() {
        std::fs::remove_dir_all(&half).map_err(at(&half))?;
    }
    (DirBuilder::new().recursive(true).mode(0o700))
        .create(&half)
        .map_err(at(&half))?;
    let mut sink = DataDir { root: half.clone() };
    let manifest = archive::read(path, identities, &mut sink)?;
    verify::examine(&half, &manifest).await?;
    begin_new_life(&half, &manifest, Generation::new(entropy.draw()?)).await?;
    sync_tree(&half).map_err(at(&half))?;
    std::fs::rename(&half, target).map_err(at(target))?;
    if let Some(parent) = target.parent().filter(|parent| parent.is_dir()) {
        let synced = File::open(parent).and_then(|parent| parent.sync_all());
        synced.map_err(at(parent))?;
    }
    Ok(manifest)
}

async fn begin_new_life(
    data_dir: &Path,
    manifest: &Manifest,
    generation: Generation,
) -> Result<(), BackupError> {
    let mut db = SqliteConnectOptions::new()
        .filename(data_dir.join(store::FILE))
        .pragma("secure_delete", "ON")
        .disable_statement_logging()
        .connect()
        .await?;
    drop_single_use(&mut db).await?;
    sqlx::query("UPDATE organisation SET generation = $1")
        .bind(generation.as_bytes().to_vec())
        .execute(&mut db)
        .await?;
    let leap = i64::try_from(limits::PUT_BACK_LEAP).unwrap_or(i64::MAX);
    let last = i64::try_from(limits::ENTRY_NUMBER).unwrap_or(i64::MAX);
    sqlx::query(MARK_EVERY_LOG)
        .bind(leap)
        .bind(i32::from(EntryKind::Reset))
        .bind(last)
        .execute(&mut db)
        .await?;
    sqlx::query(LEAP_OVER_NUMBERS)
        .bind(leap)
        .bind(last)
        .execute(&mut db)
        .await?;
    // Half-sent uploads are not in a backup; who sends them begins again.
    sqlx::query("DELETE FROM blobs WHERE complete = 0")
        .execute(&mut db)
        .await?;
    for name in &manifest.gone {
        let id = data_encoding::HEXLOWER
            .decode(name.as_bytes())
            .map_err(|error| BackupError::Unsound(error.to_string()))?;
        sqlx::query("DELETE FROM blobs WHERE blob_id = $1")
            .bind(id)
            .execute(&mut db)
            .await?;
    }
    db.close().await?;
    Ok(())
}

struct DataDir {
    root: PathBuf,
}

impl Sink for DataDir {
    fn database(&mut self) -> io::Result<Box<dyn Write + '_>> {
        Ok(Box::new(File::create_new(self.root.join(store::FILE))?))
    }

    fn blob(&mut self, blob: BlobId) -> io::Result<Box<dyn Write + '_>> {
        let path = files::complete_path(&self.root.join(BLOBS), blob);
        if let Some(shelf) = path.parent() {
            std::fs::create_dir_all(shelf)?;
        }
        Ok(Box::new(File::create_new(path)?))
    }
}

/// Files first, then the folders that name them.
fn sync_tree(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path())?;
        } else {
            File::open(entry.path())?.sync_all()?;
        }
    }
    File::open(folder)?.sync_all()
}
