//! Whether the relay can serve, and what an operator should look at before it cannot.

use std::fmt;

use crate::backup::{self, BackupError};
use crate::blobs::Health;
use crate::machine::Disk;
use crate::state::AppState;
use crate::tls::Transport;

/// A nightly backup that is older was missed.
pub const BACKUP_SECONDS: i64 = 26 * 3_600;
/// A clock that was moved further than this is not merely corrected.
const CLOCK_SECONDS: i64 = 300;

/// What was found. Displayed it is the body of `/readyz`: the verdict, then one line for
/// each thing, without a number that changes with what people do.
#[derive(Debug)]
pub struct Readiness {
    hindrance: Option<Hindrance>,
    full: bool,
    failed: bool,
    disk: Option<Disk>,
    clock_jump: i64,
    backup: Backup,
    attachments: Health,
    certificate: Certificate,
}

/// How it stands with the certificate the relay serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Certificate {
    is_served: bool,
    /// Seconds it is old, and seconds it has left.
    life: Option<(i64, i64)>,
    is_order_failing: bool,
}

/// Why nothing can be stored or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hindrance {
    Failed,
    Full,
    Stopping,
    Unreadable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Backup {
    /// No folder is set.
    Off,
    /// There is none yet.
    None,
    /// The folder cannot be read.
    Unreadable,
    /// Seconds since the newest was begun.
    Age(i64),
}

impl Readiness {
    /// Looks at everything once.
    pub async fn of(state: &AppState) -> Self {
        let failed = *state.store.failed().borrow();
        let full = state.store.is_full();
        let stopping = *state.stopping.borrow();
        let hindrance = if failed {
            Some(Hindrance::Failed)
        } else if full {
            Some(Hindrance::Full)
        } else if stopping {
            Some(Hindrance::Stopping)
        } else if !state.store.answers().await {
            Some(Hindrance::Unreadable)
        } else {
            None
        };
        Self {
            hindrance,
            full,
            failed,
            disk: Disk::of(&state.config.data_dir).ok(),
            clock_jump: state.clock.jump(),
            backup: Backup::of(state),
            attachments: state.blobs.health(),
            certificate: Certificate::of(state),
        }
    }

    /// Whether entries can be stored and read. A late backup, a clock that jumped, a disk that
    /// fills up or attachments out of reach are told and stop nobody.
    pub fn serves(&self) -> bool {
        self.hindrance.is_none()
    }

    /// Free bytes on the disk of the data.
    pub fn disk_free(&self) -> Option<u64> {
        self.disk.map(|disk| disk.free)
    }

    /// Seconds since the newest backup was begun.
    pub fn backup_age(&self) -> Option<i64> {
        match self.backup {
            Backup::Age(seconds) => Some(seconds),
            Backup::Off | Backup::None | Backup::Unreadable => None,
        }
    }
}

impl Backup {
    fn of(state: &AppState) -> Self {
        let folder = &state.config.backup.dir;
        if folder.as_os_str().is_empty() {
            return Self::Off;
        }
        match backup::newest(folder) {
            Ok(newest) => Self::Age(state.clock.now() - newest.made_at),
            Err(BackupError::NoBackup(_)) => Self::None,
            Err(_) => Self::Unreadable,
        }
    }
}

impl Certificate {
    fn of(state: &AppState) -> Self {
        let now = state.clock.now();
        let validity = state.transport.validity();
        Self {
            is_served: !matches!(state.transport, Transport::Plain),
            life: validity.map(|life| (now - life.begins, life.ends - now)),
            is_order_failing: state.transport.failure().is_some(),
        }
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAY: i64 = 86_400;
        match self.life {
            _ if !self.is_served => f.write_str("off")?,
            None => f.write_str("missing")?,
            Some((_, ..=0)) => f.write_str("ended")?,
            Some((old, left)) => write!(f, "{} days old, {} days left", old / DAY, left / DAY)?,
        }
        match self.is_order_failing {
            true => f.write_str(", last order failed"),
            false => Ok(()),
        }
    }
}

impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.hindrance {
            None => "ready",
            Some(Hindrance::Failed) => "storage failed",
            Some(Hindrance::Full) => "storage full",
            Some(Hindrance::Stopping) => "stopping",
            Some(Hindrance::Unreadable) => "storage unreadable",
        };
        let disk = match self.disk {
            _ if self.full => "full",
            Some(disk) if disk.is_low() => "low",
            Some(_) => "ok",
            None => "unknown",
        };
        let sync = if self.failed { "failed" } else { "ok" };
        let clock = match self.clock_jump.abs() {
            ..=CLOCK_SECONDS => "ok",
            _ => "jumped",
        };
        let backup = match self.backup {
            Backup::Off => "off",
            Backup::None => "missing",
            Backup::Unreadable => "unreadable",
            // From the future: the clock stands behind the one the backup was made by.
            Backup::Age(age) if age < -CLOCK_SECONDS => "from the future",
            Backup::Age(..=BACKUP_SECONDS) => "ok",
            Backup::Age(_) => "late",
        };
        let attachments = match self.attachments {
            Health::Good => "ok",
            Health::Away(_) => "unreachable",
            Health::Refused(_) => "refused",
        };
        writeln!(
            f,
            "{verdict}\ndisk: {disk}\nsync: {sync}\nclock: {clock}\nbackup: {backup}\n\
             attachments: {attachments}\ncertificate: {}",
            self.certificate
        )
    }
}
