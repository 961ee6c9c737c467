//! Carries attachments from a folder into a bucket, while no relay runs: when a relay moves
//! to an object store, and when a backup was restored, which always lies in a folder. It can
//! be interrupted and run again, and only reads the folder.

use std::io;
use std::path::Path;

use siegel_proto::ids::BlobId;
use tokio::io::AsyncReadExt as _;

use crate::blobs::bucket::Bucket;
use crate::blobs::fault::Fault;
use crate::blobs::{BlobError, files};
use crate::config::Config;
use crate::relay::{StartError, take_data_dir};
use crate::store::{self, BlobRow, OpenError, StoreError};

const READ_BYTES: usize = 64 * 1024;

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Carried {
    /// Attachments that were carried over and read back.
    pub carried: u64,
    /// Those that were in the bucket before.
    pub before: u64,
    /// Those that are in neither place, or damaged in the folder.
    pub missing: u64,
}

/// Why it was not done, or not to the end.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    /// There is no target.
    #[error("blob_store is not set: name the bucket, then run this again")]
    NoTarget,
    /// No relay has ever run on these data.
    #[error("the database holds nothing yet: there is nothing to carry, start the relay")]
    NoData,
    /// The data directory is in use or cannot be used.
    #[error(transparent)]
    DataDir(#[from] StartError),
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database cannot be read.
    #[error("could not read the database")]
    Read(#[from] StoreError),
    /// The folder cannot be read.
    #[error("could not read the folder of attachments")]
    Folder(#[from] io::Error),
    /// The bucket cannot be used.
    #[error("the bucket cannot be used; run this again when it can")]
    Bucket(#[from] BlobError),
    /// What was written is not what is read.
    #[error(
        "the object store does not give back what was written to it: nothing is to be trusted there"
    )]
    Different,
}

impl From<Fault> for CarryError {
    fn from(fault: Fault) -> Self {
        Self::Bucket(fault.into())
    }
}

/// Carries everything that is complete, and makes the bucket this data's own.
///
/// # Errors
/// [`CarryError`]; what was carried over stays, and is not carried twice.
pub async fn migrate_blobs(config: &Config, take_over: bool) -> Result<Carried, CarryError> {
    if !config.blob_store.is_set() {
        return Err(CarryError::NoTarget);
    }
    let _lock = take_data_dir(&config.data_dir)?;
    let opened = store::open(config).await?;
    let inventory = store::inventory(&opened.reads()).await?;
    opened.close().await.map_err(StoreError::from)?;
    let inventory = inventory.ok_or(CarryError::NoData)?;

    let bucket = Bucket::new(&config.blob_store, inventory.generation, &config.data_dir).await?;
    if bucket.is_foreign().await? && !take_over {
        return Err(Fault::Foreign.into());
    }
    // First: whoever had it before then deletes nothing in it any more.
    bucket.take().await?;
    let folder = config.blobs();
    let mut done = Carried::default();
    for (blob, row) in inventory.blobs {
        if bucket.held(blob).await? == row.size {
            done.before += 1;
        } else if is_sound(&folder, blob, &row).await? {
            carry(&folder, &bucket, blob, &row).await?;
            done.carried += 1;
        } else {
            done.missing += 1;
        }
    }
    Ok(done)
}

/// Whether the folder has exactly what the row promises.
async fn is_sound(folder: &Path, blob: BlobId, row: &BlobRow) -> io::Result<bool> {
    match files::hash_of(files::complete_path(folder, blob)).await {
        Ok(hash) => Ok(hash == row.hash),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

async fn carry(
    folder: &Path,
    bucket: &Bucket,
    blob: BlobId,
    row: &BlobRow,
) -> Result<(), CarryError> {
    let mut file = tokio::fs::File::open(files::complete_path(folder, blob)).await?;
    let mut part = bucket.append(blob, 0).await?;
    let mut chunk = vec![0; READ_BYTES];
    loop {
        match file.read(&mut chunk).await? {
            0 => break,
            read => part.write(&chunk[..read]).await?,
        }
    }
    bucket.sync(blob, part).await?;
    match bucket.hash(blob, row.size).await? == row.hash {
        true => Ok(()),
        false => Err(CarryError::Different),
    }
}
