//! Blobs in a bucket of an object store that speaks S3. What an object is called, and why no
//! two relays can get in each other's way, stands in [`super::piece`].
//!
//! A bucket belongs to one life of the data: an object in it names the generation. A relay
//! that finds another name uses nothing of it and deletes nothing in it, so that a restored
//! copy that is tried somewhere does not sweep away what the real one holds.

use std::collections::HashSet;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{
    BackoffConfig, GetOptions, GetRange, ObjectStore as _, ObjectStoreExt as _, RetryConfig,
};
use siegel_proto::ids::{BlobId, ContentHash, Generation};
use tokio::sync::Semaphore;

use super::connector::Connector;
use super::fault::{Answer, Cause, Fault};
use super::piece::{self, PIECE_BYTES, Piece};
use super::settings::BlobStore;
use super::spool::Spool;
use super::{BlobError, Health};

/// Names the life of the data the bucket belongs to.
const OWNER: &str = "siegel-generation";
/// One request, however often it is tried.
const PATIENCE: Duration = Duration::from_secs(30);
/// Parts in memory on their way to the store, and requests of one deletion.
const AT_ONCE: usize = 16;
/// Where parts lie while they arrive.
const SPOOL: &str = "arriving";

/// A bucket.
#[derive(Debug, Clone)]
pub struct Bucket(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: AmazonS3,
    generation: Generation,
    spool: PathBuf,
    sending: Semaphore,
    /// Whether the bucket was found to be ours.
    ours: AtomicBool,
    health: Mutex<Health>,
}

impl Bucket {
    /// The bucket of these settings, for this life of the data. Nothing is sent yet.
    ///
    /// # Errors
    /// The settings make no address, or the folder for arriving parts cannot be made.
    pub async fn new(
        settings: &BlobStore,
        generation: Generation,
        data_dir: &Path,
    ) -> Result<Self, BlobError> {
        let spool = data_dir.join(SPOOL);
        tokio::fs::create_dir_all(&spool).await?;
        let store = store(settings)?;
        Ok(Self(Arc::new(Inner {
            store,
            generation,
            spool,
            sending: Semaphore::new(AT_ONCE),
            ours: AtomicBool::new(false),
            health: Mutex::new(Health::Good),
        })))
    }

    /// Sees that the bucket can be used and is this data's; makes an unclaimed one so.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn look(&self) -> Result<(), Fault> {
        match self.owner().await? {
            Some(owner) if owner == self.mark() => self.is_ours(),
            Some(_) => {
                self.0.ours.store(false, Ordering::Release);
                return Err(self.note(Fault::Foreign));
            }
            None => self.take().await?,
        }
        Ok(())
    }

    /// Whether the bucket is another's; nothing if it is nobody's yet.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn is_foreign(&self) -> Result<bool, Fault> {
        let owner = self.owner().await?;
        Ok(owner.is_some_and(|owner| owner != self.mark()))
    }

    /// Makes the bucket this data's, whosever it was.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn take(&self) -> Result<(), Fault> {
        let path = object_store::path::Path::from(OWNER);
        let mark = Bytes::from(self.mark());
        let put = self.0.store.put(&path, mark.into());
        self.within(put).await.map_err(only_fault)?;
        self.is_ours();
        Ok(())
    }

    fn is_ours(&self) {
        self.0.ours.store(true, Ordering::Release);
        self.remember(Health::Good);
    }

    /// How it was the last time.
    pub fn health(&self) -> Health {
        *(self.0.health.lock()).unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes held of a blob from its beginning on.
    ///
    /// # Errors
    /// [`BlobError::Store`].
    pub async fn held(&self, blob: BlobId) -> Result<u64, BlobError> {
        Ok(piece::held(self.pieces(blob).await?))
    }

    /// A place for what comes after the `held` bytes.
    ///
    /// # Errors
    /// The disk does not take it, or the bucket is not to be used.
    pub async fn append(&self, blob: BlobId, held: u64) -> Result<Spool, BlobError> {
        self.ready().await?;
        Ok(Spool::new(&self.0.spool, blob, held).await?)
    }

    /// Stores what came; the new offset.
    ///
    /// # Errors
    /// It is not stored, or only its beginning.
    pub async fn sync(&self, blob: BlobId, spool: Spool) -> Result<u64, BlobError> {
        let sending = tokio::time::timeout(PATIENCE, self.0.sending.acquire()).await;
        let _place = (sending.ok().and_then(Result::ok)).ok_or_else(Fault::late)?;
        let (held, came) = spool.read().await?;
        if came.is_empty() {
            return Ok(held);
        }
        let end = held + came.len() as u64;
        let shorter = (held % PIECE_BYTES > 0).then(|| Piece::at(blob, held, held));
        let mut bytes = match &shorter {
            Some(piece) => match self.get(piece, 0..piece.bytes).await {
                Ok(bytes) => bytes.to_vec(),
                // Another relay has stored a longer one and removed this: its sender asks again.
                Err(Answer::Missing) => return Err(io::Error::from(ErrorKind::WouldBlock).into()),
                Err(Answer::Fault(fault)) => return Err(fault.into()),
            },
            None => Vec::new(),
        };
        bytes.extend_from_slice(&came);
        let mut bytes = Bytes::from(bytes);
        let mut offset = held / PIECE_BYTES * PIECE_BYTES;
        while offset < end {
            let piece = Piece::at(blob, offset, end);
            let content = bytes.split_to(usize::try_from(piece.bytes).unwrap_or(usize::MAX));
            let path = piece.path();
            let put = self.0.store.put(&path, content.into());
            self.within(put).await.map_err(only_fault)?;
            offset += piece.bytes;
        }
        if let Some(piece) = shorter
            && self.remove(piece).await.is_err()
        {
            // It counts for nothing any more, and goes with the blob.
            tracing::debug!(code = "blob_piece_stays");
        }
        Ok(end)
    }

    /// The hash of what the store gives back of a blob.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn hash(&self, blob: BlobId, size: u64) -> Result<ContentHash, BlobError> {
        let mut hasher = blake3::Hasher::new();
        if size > 0 {
            let mut bytes = self.read(blob, size, 0..=size - 1).await?;
            while let Some(chunk) = bytes.try_next().await? {
                hasher.update(&chunk);
            }
        }
        Ok(ContentHash::new(*hasher.finalize().as_bytes()))
    }

    /// These bytes of a complete blob, both ends included. The first of them are there when
    /// this returns.
    ///
    /// # Errors
    /// It cannot be read, or something of it is missing.
    pub async fn read(
        &self,
        blob: BlobId,
        size: u64,
        range: RangeInclusive<u64>,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, BlobError> {
        self.ready().await?;
        let mut wanted = piece::covering(blob, size, *range.start(), *range.end() + 1);
        let Some((piece, part)) = wanted.next() else {
            return Ok(stream::empty().boxed());
        };
        let first = self.open(&piece, part).await?;
        let bucket = self.clone();
        let rest = stream::iter(wanted)
            .then(move |(piece, part)| {
                let bucket = bucket.clone();
                async move { bucket.open(&piece, part).await.map_err(io::Error::from) }
            })
            .try_flatten();
        Ok(first.chain(rest).boxed())
    }

    /// Deletes whatever there is of a blob.
    ///
    /// # Errors
    /// Something stays.
    pub async fn delete(&self, blob: BlobId) -> Result<(), BlobError> {
        let pieces = self.pieces(blob).await?;
        stream::iter(pieces)
            .map(|piece| self.remove(piece))
            .buffer_unordered(AT_ONCE)
            .try_collect::<Vec<()>>()
            .await?;
        Ok(())
    }

    /// Every blob of which there is an object. Looks anew whose the bucket is.
    ///
    /// # Errors
    /// It cannot be listed, or is not ours.
    pub async fn all(&self) -> Result<HashSet<BlobId>, BlobError> {
        self.look().await?;
        let folder = object_store::path::Path::from(piece::FOLDER);
        // As long as it takes: a page answers in time or the stream fails.
        let mut objects = self.0.store.list(Some(&folder));
        let mut all = HashSet::new();
        while let Some(object) = self.within(objects.try_next()).await.map_err(only_fault)? {
            all.extend(Piece::parse(&object.location).map(|piece| piece.blob));
        }
        Ok(all)
    }

    async fn pieces(&self, blob: BlobId) -> Result<Vec<Piece>, BlobError> {
        self.ready().await?;
        let folder = piece::folder(blob);
        let listing = self.0.store.list(Some(&folder)).try_collect::<Vec<_>>();
        let objects = self.within(listing).await.map_err(only_fault)?;
        let pieces = objects.iter();
        Ok(pieces
            .filter_map(|object| Piece::parse(&object.location))
            .collect())
    }

    async fn get(&self, piece: &Piece, part: Range<u64>) -> Result<Bytes, Answer> {
        let path = piece.path();
        self.within(self.0.store.get_range(&path, part)).await
    }

    async fn open(
        &self,
        piece: &Piece,
        part: Range<u64>,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, BlobError> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(part)),
            ..GetOptions::default()
        };
        let path = piece.path();
        let getting = self.0.store.get_opts(&path, options);
        let found = self.within(getting).await?;
        let bytes = found.into_stream().map_err(io::Error::other);
        Ok(bytes.boxed())
    }

    async fn remove(&self, piece: Piece) -> Result<(), BlobError> {
        let path = piece.path();
        match self.within(self.0.store.delete(&path)).await {
            Ok(()) | Err(Answer::Missing) => Ok(()),
            Err(Answer::Fault(fault)) => Err(fault.into()),
        }
    }

    /// What the bucket says whose it is.
    async fn owner(&self) -> Result<Option<String>, Fault> {
        let path = object_store::path::Path::from(OWNER);
        let getting = async { self.0.store.get(&path).await?.bytes().await };
        match self.within(getting).await {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(Answer::Missing) => Ok(None),
            Err(Answer::Fault(fault)) => Err(fault),
        }
    }

    fn mark(&self) -> String {
        data_encoding::HEXLOWER.encode(self.0.generation.as_bytes())
    }

    async fn ready(&self) -> Result<(), Fault> {
        match self.0.ours.load(Ordering::Acquire) {
            true => Ok(()),
            false => self.look().await,
        }
    }

    /// Waits for the store, but not for ever, and remembers how it was.
    async fn within<T>(
        &self,
        asking: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, Answer> {
        let answer = match tokio::time::timeout(PATIENCE, asking).await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(error)) => Err(Answer::from(error)),
            Err(_) => Err(Answer::Fault(Fault::late())),
        };
        match answer {
            Err(Answer::Fault(fault)) => Err(Answer::Fault(self.note(fault))),
            // That it answers says nothing as long as it may be another's.
            answer if !self.0.ours.load(Ordering::Acquire) => answer,
            answer => {
                self.remember(Health::Good);
                answer
            }
        }
    }

    fn note(&self, fault: Fault) -> Fault {
        self.remember(match fault.is_lasting() {
            true => Health::Refused(fault.code()),
            false => Health::Away(fault.code()),
        });
        fault
    }

    fn remember(&self, health: Health) {
        let mut last = (self.0.health.lock()).unwrap_or_else(PoisonError::into_inner);
        if *last == health {
            return;
        }
        match health {
            Health::Good => tracing::info!(code = "blob_store_found"),
            Health::Away(kind) | Health::Refused(kind) => {
                tracing::error!(code = "blob_store_lost", kind);
            }
        }
        *last = health;
    }
}

/// Whether the bucket of these settings can be listed and read. Nothing is changed.
///
/// # Errors
/// [`Fault`].
pub async fn reach(settings: &BlobStore) -> Result<(), Fault> {
    let store = store(settings)?;
    let asking = async {
        store.list(None).try_next().await?;
        match store.get(&object_store::path::Path::from(OWNER)).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    };
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(answer) => answer.map_err(Fault::from),
        Err(_) => Err(Fault::late()),
    }
}

fn store(settings: &BlobStore) -> Result<AmazonS3, Fault> {
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(1),
            base: 2.0,
        },
        max_retries: 3,
        retry_timeout: Duration::from_secs(5),
    };
    let store = AmazonS3Builder::new()
        .with_endpoint(&settings.endpoint)
        .with_region(&settings.region)
        .with_bucket_name(&settings.bucket)
        .with_access_key_id(settings.access_key.reveal())
        .with_secret_access_key(settings.secret_key.reveal())
        .with_retry(retry)
        .with_http_connector(Connector)
        .build()?;
    Ok(store)
}

/// Writing and listing do not ask for an object that could be missing.
fn only_fault(answer: Answer) -> Fault {
    match answer {
        Answer::Fault(fault) => fault,
        Answer::Missing => Fault::Other(Cause::new("what was written is missing")),
    }
}
