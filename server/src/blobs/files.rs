//! Blobs in a folder: one file each, appended to part by part, readable under its final name
//! only when complete and of the declared hash.

use std::collections::HashSet;
use std::io::{self, Read as _, SeekFrom};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use siegel_proto::ids::{BlobId, ContentHash};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

use super::{name, parse_name};

const READ_BYTES: usize = 64 * 1024;

/// A folder of blobs.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Blobs in this folder.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub async fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root).await?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    /// Bytes held of a blob that is not complete.
    ///
    /// # Errors
    /// The file cannot be looked at.
    pub async fn held(&self, blob: BlobId) -> io::Result<u64> {
        match fs::metadata(self.part(blob)).await {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Opens the file for appending after the `held` bytes it has.
    ///
    /// # Errors
    /// It cannot be opened; would block if another relay on the same folder writes it.
    pub async fn append(&self, blob: BlobId, held: u64) -> io::Result<File> {
        let shelf = self.shelf(blob);
        if !fs::try_exists(&shelf).await? {
            fs::create_dir_all(&shelf).await?;
            sync_dir(&self.root).await?;
        }
        let path = self.part(blob);
        let fresh = !fs::try_exists(&path).await?;
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .await?;
        if fresh {
            sync_dir(&shelf).await?;
        }
        // Held until the file is closed.
        let file = file.into_std().await;
        file.try_lock()?;
        if file.metadata()?.len() != held {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(File::from_std(file))
    }

    /// Syncs what was appended; the new offset.
    ///
    /// # Errors
    /// The data may not be on disk.
    pub async fn sync(&self, mut file: File) -> io::Result<u64> {
        file.flush().await?;
        file.sync_data().await?;
        Ok(file.metadata().await?.len())
    }

    /// The hash of all bytes held.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn hash(&self, blob: BlobId) -> io::Result<ContentHash> {
        hash_of(self.part(blob)).await
    }

    /// Gives the file its final name, for good.
    ///
    /// # Errors
    /// The new name may not be on disk.
    pub async fn finish(&self, blob: BlobId) -> io::Result<()> {
        fs::rename(self.part(blob), complete_path(&self.root, blob)).await?;
        sync_dir(&self.shelf(blob)).await
    }

    /// These bytes of a complete blob, both ends included.
    ///
    /// # Errors
    /// It cannot be opened.
    pub async fn read(
        &self,
        blob: BlobId,
        range: RangeInclusive<u64>,
    ) -> io::Result<BoxStream<'static, io::Result<Bytes>>> {
        let mut file = File::open(complete_path(&self.root, blob)).await?;
        file.seek(SeekFrom::Start(*range.start())).await?;
        let length = range.end() + 1 - range.start();
        let chunks = stream::try_unfold((file, length), |(mut file, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            let want = usize::try_from(left).unwrap_or(READ_BYTES).min(READ_BYTES);
            let mut chunk = vec![0; want];
            file.read_exact(&mut chunk).await?;
            Ok(Some((Bytes::from(chunk), (file, left - want as u64))))
        });
        Ok(chunks.boxed())
    }

    /// Whether there is a complete blob of this size.
    ///
    /// # Errors
    /// It cannot be looked at.
    pub async fn is_whole(&self, blob: BlobId, size: u64) -> io::Result<bool> {
        match fs::metadata(complete_path(&self.root, blob)).await {
            Ok(metadata) => Ok(metadata.len() == size),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Deletes whatever there is of a blob.
    ///
    /// # Errors
    /// A file stays.
    pub async fn delete(&self, blob: BlobId) -> io::Result<()> {
        for path in [self.part(blob), complete_path(&self.root, blob)] {
            match fs::remove_file(path).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Every blob of which there is a file.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub async fn all(&self) -> io::Result<HashSet<BlobId>> {
        let mut all = HashSet::new();
        let mut shelves = fs::read_dir(&self.root).await?;
        while let Some(shelf) = shelves.next_entry().await? {
            if !shelf.file_type().await?.is_dir() {
                continue;
            }
            let mut files = fs::read_dir(shelf.path()).await?;
            while let Some(file) = files.next_entry().await? {
                let path = file.path();
                let stem = path.file_stem().and_then(|stem| stem.to_str());
                all.extend(stem.and_then(parse_name));
            }
        }
        Ok(all)
    }

    fn shelf(&self, blob: BlobId) -> PathBuf {
        self.root.join(&name(blob)[..2])
    }

    fn part(&self, blob: BlobId) -> PathBuf {
        self.shelf(blob).join(format!("{}.part", name(blob)))
    }
}

/// Where a complete blob lies below a folder of blobs.
pub fn complete_path(root: &Path, blob: BlobId) -> PathBuf {
    let name = name(blob);
    root.join(&name[..2]).join(format!("{name}.blob"))
}

/// The hash of a file.
///
/// # Errors
/// It cannot be read.
pub async fn hash_of(path: PathBuf) -> io::Result<ContentHash> {
    tokio::task::spawn_blocking(move || {
        let mut file = std::fs::File::open(path)?;
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; 128 * 1024];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(ContentHash::new(*hasher.finalize().as_bytes())),
                read => hasher.update(&buffer[..read]),
            };
        }
    })
    .await?
}

/// A name is on disk only when its directory is.
async fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path).await?.sync_all().await
}
