//! Reads an archive to its end without keeping anything of it but the database, for a
//! moment, to look into.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use siegel_proto::ids::BlobId;

use super::archive::{self, Manifest, Sink};
use super::{BackupError, Identities, at};
use crate::config::Config;
use crate::store;

/// Checks that an archive can be decrypted, is whole, and that its database opens. `scratch`
/// is a folder with space for the database; what is written there is ciphertext and goes
/// again.
///
/// # Errors
/// [`BackupError`] says what is wrong.
pub async fn verify(
    path: &Path,
    identities: &Identities,
    scratch: &Path,
) -> Result<Manifest, BackupError> {
    let folder = tempfile_in(scratch)?;
    let mut sink = OnlyDatabase {
        path: folder.0.join(store::FILE),
    };
    let manifest = archive::read(path, identities, &mut sink)?;
    examine(&folder.0, &manifest).await?;
    Ok(manifest)
}

/// Opens the database of an unpacked archive and reads every page.
pub(super) async fn examine(data_dir: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    if manifest.schema > store::SCHEMA_VERSION {
        return Err(BackupError::Newer {
            found: manifest.schema,
            known: store::SCHEMA_VERSION,
        });
    }
    let config = Config {
        data_dir: data_dir.to_owned(),
        ..Config::default()
    };
    let opened = store::open(&config).await?;
    opened.close().await?;
    Ok(())
}

struct OnlyDatabase {
    path: PathBuf,
}

impl Sink for OnlyDatabase {
    fn database(&mut self) -> io::Result<Box<dyn Write + '_>> {
        Ok(Box::new(File::create_new(&self.path)?))
    }

    fn blob(&mut self, _: BlobId) -> io::Result<Box<dyn Write + '_>> {
        Ok(Box::new(io::sink()))
    }
}

/// A private folder that goes when it is dropped.
struct Scratch(PathBuf);

fn tempfile_in(parent: &Path) -> Result<Scratch, BackupError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let path = parent.join(format!("siegel-verify-{}", std::process::id()));
    (std::fs::DirBuilder::new().mode(0o700))
        .create(&path)
        .map_err(at(&path))?;
    Ok(Scratch(path))
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(code = "temporary_file_stays", error = ?error.kind());
        }
    }
}
