//! Backups: one encrypted file each, made beside the running relay, checked before it is
//! trusted, and put back as a new life of the data.
//!
//! | file | job |
//! | --- | --- |
//! | [`archive`] | the container: a tar stream under age, closed by a manifest of hashes |
//! | `make` | a consistent copy of database and attachments into one archive |
//! | `verify` | reads an archive to its end and holds everything against the manifest |
//! | `restore` | unpacks a verified archive into a new data directory |
//! | [`rotation`] | which archives are still needed |
//!
//! A backup holds what the relay holds: ciphertext, hashes, days. It leaves out what must
//! never come back: key packages and invitations, which are good for one use.

pub mod archive;
mod key;
mod make;
mod restore;
pub mod rotation;
mod verify;

use std::io;
use std::path::PathBuf;

pub use archive::{Manifest, Summary};
pub use key::{Identities, NewKey, Recipients, new_key};
pub use make::{Made, Newest, make, newest};
pub use restore::restore;
pub use verify::verify;

/// The beginning and ending of an archive's name; between them stands when it was made.
pub const NAME_BEGINS: &str = "siegel-";
/// See [`NAME_BEGINS`].
pub const NAME_ENDS: &str = ".backup.age";

/// Why a backup was not made, is not sound, or was not put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nothing to encrypt to.
    #[error(
        "no recipient: make a key with `siegel-server backup-key`, keep it away from this \
         machine, and set backup.recipients to its public half"
    )]
    NoRecipient,
    /// A recipient is mistyped.
    #[error("{0:?} is not an age recipient: it begins with age1")]
    Recipient(String),
    /// The file with the secret key cannot be used.
    #[error("{0} holds no age identity: it is the file `siegel-server backup-key` wrote")]
    Identity(PathBuf),
    /// Another key, or a damaged beginning.
    #[error(
        "the backup cannot be decrypted: it was made for another key, or its beginning is damaged"
    )]
    Decrypt,
    /// It is not a backup, or not a whole one.
    #[error("the backup is not sound ({0}): use an older one, and look at the disk it lay on")]
    Unsound(String),
    /// The data lie in PostgreSQL.
    #[error(
        "the data lie in PostgreSQL, which this command does not copy: save them with pg_dump, \
         then blob_dir or the bucket, and encrypt both; docs/operate/backup.md says how"
    )]
    Shared,
    /// Made by a newer relay.
    #[error(
        "the backup has schema {found}, this build knows up to {known}: install the newer version"
    )]
    Newer {
        /// The schema of the backup.
        found: i64,
        /// The newest this build knows.
        known: i64,
    },
    /// The data directory to restore into is in the way.
    #[error("{0} exists: restore into a new directory, then let data_dir name it")]
    InTheWay(PathBuf),
    /// There is no database to back up.
    #[error("there is no database in {0}: check data_dir")]
    NoDatabase(PathBuf),
    /// No archive in the folder.
    #[error("there is no backup in {0}")]
    NoBackup(PathBuf),
    /// The machine's clock is beyond reason.
    #[error("the machine's clock is wrong: set it")]
    Clock,
    /// The file system failed.
    #[error("could not use {path}")]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The bucket of the attachments cannot be used.
    #[error("the attachments cannot be read")]
    Bucket(#[from] crate::blobs::fault::Fault),
    /// The place of the attachments cannot be used.
    #[error(transparent)]
    Blobs(#[from] crate::blobs::BlobError),
    /// The database failed.
    #[error("could not read the database")]
    Sql(#[from] sqlx::Error),
    /// The copied database does not open.
    #[error("the database in the backup does not open")]
    Open(#[from] crate::store::OpenError),
    /// No random bytes.
    #[error(transparent)]
    Entropy(#[from] crate::clock::NoEntropy),
}

/// Names the file an error is about.
fn at(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.into();
    move |source| BackupError::File { path, source }
}
