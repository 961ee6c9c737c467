//! The ballast: a file of nothing that is given back when the disk is full, because even
//! deleting needs space.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The file and its size.
#[derive(Debug)]
pub struct Ballast {
    path: PathBuf,
    bytes: u64,
}

impl Ballast {
    pub fn new(data_dir: &Path, bytes: u64) -> Self {
        Self {
            path: data_dir.join("ballast"),
            bytes,
        }
    }

    /// Takes the space; says whether it was there. Where there is none the relay runs
    /// without.
    pub fn restore(&self) -> bool {
        if self.bytes == 0 || self.path.exists() {
            return true;
        }
        if let Err(error) = self.fill() {
            tracing::warn!(code = "ballast_missing", kind = ?error.kind());
            self.free();
            return false;
        }
        true
    }

    /// Gives the space back.
    pub fn free(&self) {
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(code = "ballast_stays", kind = ?error.kind());
        }
    }

    fn fill(&self) -> io::Result<()> {
        let mut file = File::create(&self.path)?;
        // Written, not only declared: a sparse file holds nothing back.
        let block = [0; 64 * 1024];
        let mut left = self.bytes;
        while left > 0 {
            let length = usize::try_from(left)
                .unwrap_or(block.len())
                .min(block.len());
            file.write_all(&block[..length])?;
            left -= length as u64;
        }
        file.sync_all()
    }
}
