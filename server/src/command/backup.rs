//! Backups: make, check, put back, and the drill that does all of it.

use std::error::Error;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::Relay;
use crate::backup::{self, BackupError, Identities, Recipients, Summary};
use crate::clock::{Clock, Entropy};
use crate::config::Config;
use clap::Args;

use super::{Flags, say};

/// A backup and what opens it.
#[derive(Debug, Args)]
pub struct Opened {
    /// The backup.
    file: PathBuf,
    /// The file with the secret key.
    #[arg(long)]
    identity: PathBuf,
}

pub async fn make(flags: &Flags) -> Result<ExitCode, Box<dyn Error>> {
    let config = flags.load()?;
    if config.is_shared() {
        return Err(BackupError::Shared.into());
    }
    let folder = folder(&config)?;
    let recipients = Recipients::parse(&config.backup.recipients)?;
    let now = Clock::system().now();
    let made = backup::make(&config, folder, &recipients, now, &Entropy::system()).await?;
    say(&format!("Made {}", made.path.display()));
    say(&describe(made.summary));
    for path in made.deleted {
        say(&format!("No longer needed, deleted: {}", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

pub fn new_key(file: &Path) -> Result<ExitCode, Box<dyn Error>> {
    let key = backup::new_key();
    let failed = |source| BackupError::File {
        path: file.to_owned(),
        source,
    };
    let mut out = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .map_err(failed)?;
    out.write_all(key.identity.as_bytes()).map_err(failed)?;
    out.sync_all().map_err(failed)?;
    say(&format!(
        "The secret key is in {0}. Keep it where it survives the loss of this machine (a \
         password manager, a printed copy in the safe) and delete it here: whoever has it \
         opens every backup, and without it nobody does.\n\nPut this into the configuration:\n\n\
         [backup]\nrecipients = [\"{1}\"]",
        file.display(),
        key.recipient
    ));
    Ok(ExitCode::SUCCESS)
}

pub async fn verify(opened: &Opened) -> Result<ExitCode, Box<dyn Error>> {
    let identities = Identities::read(&opened.identity)?;
    let manifest = backup::verify(&opened.file, &identities, &std::env::temp_dir()).await?;
    say("The backup is sound.");
    say(&describe(manifest.summary()));
    Ok(ExitCode::SUCCESS)
}

pub async fn restore(opened: &Opened, to: &Path) -> Result<ExitCode, Box<dyn Error>> {
    let identities = Identities::read(&opened.identity)?;
    let manifest = backup::restore(&opened.file, &identities, to, &Entropy::system()).await?;
    say(&format!("Restored into {}.", to.display()));
    say(&describe(manifest.summary()));
    say(
        "Stop the relay, let data_dir name the new folder (or move it into the old one's \
         place, keeping the old one), see that it belongs to the relay's user, and start. If \
         blob_dir is set, let it name the new folder's blobs. If blob_store is set, run \
         siegel-server migrate-blobs --take-over before you start. Open invitations are void; \
         staff makes new ones.",
    );
    Ok(ExitCode::SUCCESS)
}

/// Everything a real restore needs, tried without touching the running relay.
pub async fn drill(flags: &Flags, identity: &Path) -> Result<ExitCode, Box<dyn Error>> {
    let config = flags.load()?;
    if config.is_shared() {
        return Err(BackupError::Shared.into());
    }
    let identities = Identities::read(identity)?;
    let newest = backup::newest(folder(&config)?)?;
    let age = Clock::system().now() - newest.made_at;
    say(&format!(
        "Newest backup: {}, {} h old",
        newest.path.display(),
        age / 3_600
    ));
    let random: [u8; 8] = Entropy::system().draw()?;
    let random = data_encoding::HEXLOWER.encode(&random);
    let beside = Beside(folder(&config)?.join(format!("drill-{random}")));
    let started = tokio::time::Instant::now();
    let manifest =
        backup::restore(&newest.path, &identities, &beside.0, &Entropy::system()).await?;
    say(&describe(manifest.summary()));
    let trial = Config {
        data_dir: beside.0.clone(),
        listen: ([127, 0, 0, 1], 0).into(),
        ..Config::default()
    };
    let relay = Relay::start(trial, Clock::system(), Entropy::system()).await?;
    let answers = relay.state().store.answers().await;
    relay.stop().await;
    if !answers {
        return Err("a relay on the restored data does not answer: keep older backups".into());
    }
    say(&format!(
        "A relay on the restored data started and answers, {:.1} s after the restore began.",
        started.elapsed().as_secs_f64()
    ));
    Ok(ExitCode::SUCCESS)
}

fn folder(config: &Config) -> Result<&Path, Box<dyn Error>> {
    if config.backup.dir.as_os_str().is_empty() {
        return Err("backup.dir is not set: name a folder, best on another disk".into());
    }
    Ok(&config.backup.dir)
}

fn describe(summary: Summary) -> String {
    format!(
        "{} bytes of database, {} attachments with {} bytes",
        summary.database_bytes, summary.blobs, summary.blob_bytes
    )
}

/// A restored copy that goes when the drill is over.
struct Beside(PathBuf);

impl Drop for Beside {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            say(&format!(
                "{} could not be deleted: {error}",
                self.0.display()
            ));
        }
    }
}
