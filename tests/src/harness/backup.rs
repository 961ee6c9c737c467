//! What an operator does against the day on which the relay's machine is lost, and on it.

use std::path::PathBuf;

use siegel_server::backup::{self, Identities, Recipients};
use siegel_server::clock::Entropy;
use tempfile::TempDir;

use super::world::World;

/// A backup of the relay, with the key to it.
pub struct Backup {
    folder: TempDir,
    file: PathBuf,
}

impl World {
    /// Makes a backup while the relay runs.
    pub async fn back_up(&self) -> Backup {
        let folder = TempDir::new().expect("a folder");
        let key = backup::new_key();
        let identity = folder.path().join("key");
        std::fs::write(&identity, key.identity.as_bytes()).expect("the key is written");
        let recipients = Recipients::parse(&[key.recipient]).expect("a recipient");
        let (to, now) = (folder.path().join("backups"), self.clock.now());
        let made = backup::make(&self.config(), &to, &recipients, now, &Entropy::system()).await;
        Backup {
            file: made.expect("a backup is made").path,
            folder,
        }
    }

    /// The machine is lost; the relay comes back from the backup, at its old address.
    pub async fn put_back(&self, backup: &Backup) {
        self.stop_relay().await;
        let identities = Identities::read(&backup.folder.path().join("key")).expect("the key");
        let data_dir = backup.folder.path().join("restored");
        let entropy = Entropy::system();
        let restored = backup::restore(&backup.file, &identities, &data_dir, &entropy).await;
        restored.expect("the backup is sound");
        self.moves_to(data_dir);
        self.start_relay().await;
    }
}
