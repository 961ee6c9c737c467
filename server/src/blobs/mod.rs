//! Blobs' bytes, in a folder or in a bucket.
//!
//! A blob's row is always written first and deleted first: it is announced before a byte is
//! stored, complete only after every byte is, and gone before they go. So whenever a relay
//! dies, a complete row has its bytes; bytes without a row are deleted with the next sweep,
//! and bytes that were all stored before their row said so are checked when somebody asks.
//!
//! | file | job |
//! | --- | --- |
//! | [`files`] | one file each in a folder, which several relays may share |
//! | [`bucket`] | objects in a bucket, which several relays may share |
//! | [`piece`] | what the objects of a blob are called |
//! | [`fault`] | why a bucket cannot be used, and what to do |
//! | [`settings`] | where the bucket is |

pub mod bucket;
mod connector;
pub mod fault;
pub mod files;
pub mod piece;
pub mod settings;
mod spool;
mod watch;

use std::collections::HashSet;
use std::io;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use siegel_proto::ids::{BlobId, ContentHash, Generation};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

pub use bucket::reach;
pub use watch::watch;

use crate::config::Config;
use bucket::Bucket;
use fault::{Answer, Fault};
use files::Folder;
use spool::Spool;

/// Where blobs lie, and the uploads that run.
#[derive(Debug, Clone)]
pub struct Blobs {
    place: Place,
    busy: Arc<Mutex<HashSet<BlobId>>>,
}

#[derive(Debug, Clone)]
enum Place {
    Folder(Folder),
    Bucket(Bucket),
}

/// Something with a blob's bytes failed.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// A file cannot be read or written, or a piece of a complete blob is missing.
    #[error("an attachment cannot be read or written")]
    File(#[from] io::Error),
    /// The bucket cannot be used, now or like this. Nothing that was acknowledged is lost.
    #[error(transparent)]
    Store(#[from] Fault),
}

impl From<Answer> for BlobError {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Missing => Self::File(io::ErrorKind::NotFound.into()),
            Answer::Fault(fault) => Self::Store(fault),
        }
    }
}

impl From<BlobError> for io::Error {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::File(error) => error,
            BlobError::Store(fault) => Self::other(fault),
        }
    }
}

/// How the place of the blobs was the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answered.
    Good,
    /// It did not; that may pass. What kind of failure it was.
    Away(&'static str),
    /// It does not let the relay in; an operator must do something.
    Refused(&'static str),
}

impl Blobs {
    /// The place these settings name, for this life of the data.
    ///
    /// # Errors
    /// It cannot be made.
    pub async fn open(config: &Config, generation: Generation) -> Result<Self, BlobError> {
        if !config.blob_store.is_set() {
            return Ok(Self::folder(&config.blobs()).await?);
        }
        let bucket = Bucket::new(&config.blob_store, generation, &config.data_dir).await?;
        Ok(Self::of(Place::Bucket(bucket)))
    }

    /// A folder.
    ///
    /// # Errors
    /// It cannot be made.
    pub async fn folder(root: &Path) -> io::Result<Self> {
        Ok(Self::of(Place::Folder(Folder::open(root).await?)))
    }

    fn of(place: Place) -> Self {
        Self {
            place,
            busy: Arc::default(),
        }
    }

    /// The bucket, if it is one.
    pub const fn bucket(&self) -> Option<&Bucket> {
        match &self.place {
            Place::Folder(_) => None,
            Place::Bucket(bucket) => Some(bucket),
        }
    }

    /// How it was the last time.
    pub fn health(&self) -> Health {
        self.bucket().map_or(Health::Good, Bucket::health)
    }

    /// Claims a blob for writing; nothing if another request writes it.
    pub fn upload(&self, blob: BlobId) -> Option<Upload> {
        let fresh = (self.busy.lock())
            .unwrap_or_else(PoisonError::into_inner)
            .insert(blob);
        fresh.then(|| Upload {
            blob,
            blobs: self.clone(),
        })
    }

    /// Bytes held of a blob that is not complete.
    ///
    /// # Errors
    /// It cannot be looked at.
    pub async fn held(&self, blob: BlobId) -> Result<u64, BlobError> {
        match &self.place {
            Place::Folder(folder) => Ok(folder.held(blob).await?),
            Place::Bucket(bucket) => bucket.held(blob).await,
        }
    }

    /// These bytes of a complete blob of this size, both ends included.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn read(
        &self,
        blob: BlobId,
        size: u64,
        range: RangeInclusive<u64>,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, BlobError> {
        match &self.place {
            Place::Folder(folder) => Ok(folder.read(blob, range).await?),
            Place::Bucket(bucket) => bucket.read(blob, size, range).await,
        }
    }

    /// Whether all bytes of a blob of this size are there to be read.
    ///
    /// # Errors
    /// It cannot be looked at.
    pub async fn is_whole(&self, blob: BlobId, size: u64) -> Result<bool, BlobError> {
        match &self.place {
            Place::Folder(folder) => Ok(folder.is_whole(blob, size).await?),
            Place::Bucket(bucket) => Ok(bucket.held(blob).await? == size),
        }
    }

    /// Deletes whatever there is of a blob, whose row is gone.
    ///
    /// # Errors
    /// Something stays, until the next sweep.
    pub async fn delete(&self, blob: BlobId) -> Result<(), BlobError> {
        match &self.place {
            Place::Folder(folder) => Ok(folder.delete(blob).await?),
            Place::Bucket(bucket) => bucket.delete(blob).await,
        }
    }

    /// Every blob of which something lies here. One whose row cannot be found *afterwards*
    /// was left behind: its row was there before its bytes were.
    ///
    /// # Errors
    /// It cannot be looked through.
    pub async fn all(&self) -> Result<HashSet<BlobId>, BlobError> {
        match &self.place {
            Place::Folder(folder) => Ok(folder.all().await?),
            Place::Bucket(bucket) => bucket.all().await,
        }
    }
}

/// The right to write one blob; one at a time in each relay.
#[derive(Debug)]
pub struct Upload {
    blob: BlobId,
    blobs: Blobs,
}

/// What is being appended to a blob.
#[derive(Debug)]
pub enum Part {
    /// To a file.
    File(Folder, File),
    /// On its way to a bucket.
    Spool(Bucket, BlobId, Spool),
}

impl Part {
    /// Takes what came.
    ///
    /// # Errors
    /// The disk does not take it.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::File(_, file) => file.write_all(bytes).await,
            Self::Spool(_, _, spool) => spool.write(bytes).await,
        }
    }

    /// Stores for good what came; the new offset.
    ///
    /// # Errors
    /// It may not be stored.
    pub async fn sync(self) -> Result<u64, BlobError> {
        match self {
            Self::File(folder, file) => Ok(folder.sync(file).await?),
            Self::Spool(bucket, blob, spool) => bucket.sync(blob, spool).await,
        }
    }
}

impl Upload {
    /// Begins to append after the `held` bytes there are.
    ///
    /// # Errors
    /// It cannot be; would block if another relay on the same folder writes it.
    pub async fn append(&self, held: u64) -> Result<Part, BlobError> {
        Ok(match &self.blobs.place {
            Place::Folder(folder) => {
                let file = folder.append(self.blob, held).await?;
                Part::File(folder.clone(), file)
            }
            Place::Bucket(bucket) => {
                let spool = bucket.append(self.blob, held).await?;
                Part::Spool(bucket.clone(), self.blob, spool)
            }
        })
    }

    /// The hash of all bytes of a blob of this size, read back.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn hash(&self, size: u64) -> Result<ContentHash, BlobError> {
        match &self.blobs.place {
            Place::Folder(folder) => Ok(folder.hash(self.blob).await?),
            Place::Bucket(bucket) => bucket.hash(self.blob, size).await,
        }
    }

    /// Makes it readable once its row says that it is complete.
    ///
    /// # Errors
    /// A file's new name may not be on disk.
    pub async fn finish(&self) -> Result<(), BlobError> {
        match &self.blobs.place {
            Place::Folder(folder) => Ok(folder.finish(self.blob).await?),
            // An object has its name from the beginning.
            Place::Bucket(_) => Ok(()),
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        (self.blobs.busy.lock())
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.blob);
    }
}

/// What a blob's file or folder is called.
pub fn name(blob: BlobId) -> String {
    data_encoding::HEXLOWER.encode(blob.as_bytes())
}

/// The blob of a file's or folder's name.
pub fn parse_name(name: &str) -> Option<BlobId> {
    let bytes = data_encoding::HEXLOWER.decode(name.as_bytes()).ok()?;
    BlobId::from_slice(&bytes).ok()
}
