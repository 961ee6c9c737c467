//! Blobs' bytes: one file each, appended to part by part, readable under its final name
//! only when complete and of the declared hash.

use std::collections::HashSet;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use siegel_proto::ids::{BlobId, ContentHash};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncWriteExt as _;

/// How long a file may lie untouched before it counts as left behind.
const ORPHAN_AGE: Duration = Duration::from_secs(3_600);

/// The directory of blobs and the uploads that run.
#[derive(Debug, Clone)]
pub struct BlobFiles {
    root: PathBuf,
    busy: Arc<Mutex<HashSet<BlobId>>>,
}

/// The right to write one blob; one at a time.
#[derive(Debug)]
pub struct Upload {
    blob: BlobId,
    files: BlobFiles,
}

impl BlobFiles {
    /// Blobs in this directory.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub async fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root).await?;
        Ok(Self {
            root: root.to_owned(),
            busy: Arc::default(),
        })
    }

    /// Claims a blob for writing; nothing if another request writes it.
    pub fn upload(&self, blob: BlobId) -> Option<Upload> {
        let fresh = (self.busy.lock())
            .unwrap_or_else(PoisonError::into_inner)
            .insert(blob);
        fresh.then(|| Upload {
            blob,
            files: self.clone(),
        })
    }

    /// Bytes held of a blob that is not complete.
    ///
    /// # Errors
    /// The file cannot be looked at.
    pub async fn offset(&self, blob: BlobId) -> io::Result<u64> {
        match fs::metadata(self.part(blob)).await {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Opens a complete blob.
    ///
    /// # Errors
    /// It cannot be opened.
    pub async fn read(&self, blob: BlobId) -> io::Result<File> {
        File::open(self.complete(blob)).await
    }

    /// Deletes whatever there is of a blob.
    ///
    /// # Errors
    /// A file stays.
    pub async fn delete(&self, blob: BlobId) -> io::Result<()> {
        for path in [self.part(blob), self.complete(blob)] {
            match fs::remove_file(path).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Deletes files no row knows, left behind by a crash between row and file.
    ///
    /// # Errors
    /// The directory cannot be read or a file stays.
    pub async fn sweep(&self, known: Vec<BlobId>) -> io::Result<u64> {
        let known: HashSet<String> = known.into_iter().map(name).collect();
        let mut gone = 0;
        let mut shelves = fs::read_dir(&self.root).await?;
        while let Some(shelf) = shelves.next_entry().await? {
            if !shelf.file_type().await?.is_dir() {
                continue;
            }
            let mut files = fs::read_dir(shelf.path()).await?;
            while let Some(file) = files.next_entry().await? {
                let stem = Path::new(&file.file_name())
                    .file_stem()
                    .map(|s| s.to_owned());
                let is_known = stem
                    .and_then(|s| s.into_string().ok())
                    .is_some_and(|s| known.contains(&s));
                // A blob announced after `known` was read may already have a file.
                let is_old = file
                    .metadata()
                    .await?
                    .modified()?
                    .elapsed()
                    .is_ok_and(|age| age > ORPHAN_AGE);
                if !is_known && is_old {
                    fs::remove_file(file.path()).await?;
                    gone += 1;
                }
            }
        }
        Ok(gone)
    }

    fn shelf(&self, blob: BlobId) -> PathBuf {
        self.root.join(&name(blob)[..2])
    }

    fn part(&self, blob: BlobId) -> PathBuf {
        self.shelf(blob).join(format!("{}.part", name(blob)))
    }

    fn complete(&self, blob: BlobId) -> PathBuf {
        complete_path(&self.root, blob)
    }
}

impl Upload {
    /// Opens the file for appending after the `held` bytes it has.
    ///
    /// # Errors
    /// It cannot be opened; would block if another relay on the same directory writes it.
    pub async fn append(&self, held: u64) -> io::Result<File> {
        let shelf = self.files.shelf(self.blob);
        if !fs::try_exists(&shelf).await? {
            fs::create_dir_all(&shelf).await?;
            sync_dir(&self.files.root).await?;
        }
        let path = self.files.part(self.blob);
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
    pub async fn hash(&self) -> io::Result<ContentHash> {
        let path = self.files.part(self.blob);
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

    /// Gives the file its final name, for good.
    ///
    /// # Errors
    /// The new name may not be on disk.
    pub async fn finish(&self) -> io::Result<()> {
        fs::rename(self.files.part(self.blob), self.files.complete(self.blob)).await?;
        sync_dir(&self.files.shelf(self.blob)).await
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        (self.files.busy.lock())
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.blob);
    }
}

/// Where a complete blob lies below a directory of blobs.
pub fn complete_path(root: &Path, blob: BlobId) -> PathBuf {
    let name = name(blob);
    root.join(&name[..2]).join(format!("{name}.blob"))
}

fn name(blob: BlobId) -> String {
    data_encoding::HEXLOWER.encode(blob.as_bytes())
}

/// A name is on disk only when its directory is.
async fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path).await?.sync_all().await
}
