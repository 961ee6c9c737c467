//! A part of an upload while it arrives, before it goes to a bucket: in a file without a
//! name, so that many slow senders cost no memory and nothing stays of a relay that dies.

use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};

use siegel_proto::ids::BlobId;
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

use super::name;

/// One part.
#[derive(Debug)]
pub struct Spool {
    file: File,
    held: u64,
}

impl Spool {
    /// An empty one for what comes after the `held` bytes of a blob.
    ///
    /// # Errors
    /// The file cannot be made.
    pub async fn new(folder: &Path, blob: BlobId, held: u64) -> io::Result<Self> {
        let path: PathBuf = folder.join(format!("{}.arriving", name(blob)));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .await?;
        fs::remove_file(path).await?;
        Ok(Self { file, held })
    }

    /// Takes what came.
    ///
    /// # Errors
    /// The disk does not take it.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).await
    }

    /// How many bytes of the blob were held before, and what came.
    ///
    /// # Errors
    /// It cannot be read back.
    pub async fn read(mut self) -> io::Result<(u64, Vec<u8>)> {
        self.file.flush().await?;
        self.file.seek(SeekFrom::Start(0)).await?;
        let mut bytes = Vec::new();
        self.file.read_to_end(&mut bytes).await?;
        Ok((self.held, bytes))
    }
}
