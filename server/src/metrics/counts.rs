//! What is counted while the relay works: numbers about everybody together. Nothing here
//! knows who or where.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::histogram::Histogram;
use siegel_proto::ErrorCode;

/// What single people do moves the published numbers in steps of this size: one step says
/// neither which of them happened nor when, so that what a host keeps for months is no
/// diary of a counselling centre.
pub const STEP: u64 = 10;

/// Seconds; the first is what a good disk does, the last what nobody waits for.
const COMMIT_SECONDS: [f64; 12] = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0,
];
const COMMIT_JOBS: [f64; 8] = [1.0, 4.0, 16.0, 64.0, 256.0, 512.0, 1_024.0, 2_048.0];

/// Why a request or connection was refused, as far as an operator can do something about
/// it. Everything that would tell colleagues, clients and invitations apart is one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// More connections than there are places.
    Connections,
    /// Too often.
    Rate,
    /// The disk is full.
    Full,
    /// All attachments together are too many.
    Quota,
    /// The relay stops, or cannot read its data.
    Unavailable,
    /// The program is too old or too new.
    Version,
    /// Not what the protocol says.
    Malformed,
    /// Everything else: not allowed, not there, or not any more.
    Denied,
}

impl Refused {
    /// All reasons, by their place in the table of counts.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Connections, "connections"),
        (Self::Rate, "rate"),
        (Self::Full, "full"),
        (Self::Quota, "quota"),
        (Self::Unavailable, "unavailable"),
        (Self::Version, "version"),
        (Self::Malformed, "malformed"),
        (Self::Denied, "denied"),
    ];
}

impl From<ErrorCode> for Refused {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::RateLimited => Self::Rate,
            ErrorCode::StorageFull => Self::Full,
            ErrorCode::QuotaExceeded => Self::Quota,
            ErrorCode::Unavailable => Self::Unavailable,
            ErrorCode::UnsupportedVersion => Self::Version,
            ErrorCode::Unspecified
            | ErrorCode::Malformed
            | ErrorCode::TooLarge
            | ErrorCode::NotPadded
            | ErrorCode::BadSignature
            | ErrorCode::HashMismatch
            | ErrorCode::OffsetMismatch => Self::Malformed,
            ErrorCode::Denied
            | ErrorCode::Unauthenticated
            | ErrorCode::Revoked
            | ErrorCode::StaleEpoch
            | ErrorCode::VersionConflict
            | ErrorCode::AlreadyExists
            | ErrorCode::AlreadySetUp
            | ErrorCode::NotSetUp
            | ErrorCode::CapsuleUnavailable
            | ErrorCode::NoKeyPackage => Self::Denied,
        }
    }
}

/// What went wrong in the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageError {
    /// No space.
    Full,
    /// A statement was refused; the database is sound.
    Statement,
    /// The database's server is out of reach; the relay connects again by itself.
    Lost,
    /// Writing or syncing failed: the process ends.
    Sync,
    /// Something that should be there could not be read or written.
    File,
}

impl StorageError {
    /// All kinds, by their place in the table of counts.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Full, "full"),
        (Self::Statement, "statement"),
        (Self::Lost, "lost"),
        (Self::Sync, "sync"),
        (Self::File, "file"),
    ];
}

/// The counts of one relay.
#[derive(Debug)]
pub struct Counts {
    stored: AtomicU64,
    delivered: AtomicU64,
    refused: [AtomicU64; Refused::ALL.len()],
    storage_errors: [AtomicU64; StorageError::ALL.len()],
    /// Seconds and jobs of commits that are not shown yet.
    waiting: Mutex<Vec<(f64, f64)>>,
    commit_seconds: Histogram,
    commit_jobs: Histogram,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            stored: AtomicU64::default(),
            delivered: AtomicU64::default(),
            refused: Default::default(),
            storage_errors: Default::default(),
            waiting: Mutex::default(),
            commit_seconds: Histogram::new(COMMIT_SECONDS),
            commit_jobs: Histogram::new(COMMIT_JOBS),
        }
    }
}

impl Counts {
    /// Entries are committed.
    pub fn stored(&self, entries: usize) {
        self.stored.fetch_add(entries as u64, Ordering::Relaxed);
    }

    /// Entries are queued to attached seats.
    pub fn delivered(&self, entries: usize) {
        self.delivered.fetch_add(entries as u64, Ordering::Relaxed);
    }

    /// A request or connection was refused.
    pub fn refused(&self, reason: Refused) {
        if let Some(count) = self.refused.get(reason as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The storage failed.
    pub fn storage_error(&self, kind: StorageError) {
        if let Some(count) = self.storage_errors.get(kind as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A transaction was committed. Shown together with the nine that follow or precede it.
    pub fn committed(&self, took: Duration, jobs: usize) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // A batch holds at most some thousands of jobs.
        waiting.push((
            took.as_secs_f64(),
            f64::from(u32::try_from(jobs).unwrap_or(u32::MAX)),
        ));
        if waiting.len() as u64 >= STEP {
            for (seconds, jobs) in waiting.drain(..) {
                self.commit_seconds.observe(seconds);
                self.commit_jobs.observe(jobs);
            }
        }
    }

    pub(super) fn entries(&self) -> (u64, u64) {
        (
            self.stored.load(Ordering::Relaxed),
            self.delivered.load(Ordering::Relaxed),
        )
    }

    pub(super) fn by_reason(&self) -> Vec<(&'static str, u64)> {
        named(Refused::ALL.map(|(_, name)| name), &self.refused)
    }

    pub(super) fn by_kind(&self) -> Vec<(&'static str, u64)> {
        named(
            StorageError::ALL.map(|(_, name)| name),
            &self.storage_errors,
        )
    }

    pub(super) fn commits(&self) -> (Histogram, Histogram) {
        (self.commit_seconds.clone(), self.commit_jobs.clone())
    }
}

fn named<const N: usize>(
    names: [&'static str; N],
    counts: &[AtomicU64; N],
) -> Vec<(&'static str, u64)> {
    let counts = counts.iter().map(|count| count.load(Ordering::Relaxed));
    names.into_iter().zip(counts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_counts_in_its_own_place() {
        let counts = Counts::default();
        for (number, (reason, _)) in Refused::ALL.into_iter().enumerate() {
            (0..=number).for_each(|_| counts.refused(reason));
        }
        for (number, (kind, _)) in StorageError::ALL.into_iter().enumerate() {
            (0..=number).for_each(|_| counts.storage_error(kind));
        }
        let reasons: Vec<u64> = counts.by_reason().iter().map(|(_, n)| *n).collect();
        assert_eq!(reasons, [1, 2, 3, 4, 5, 6, 7, 8]);
        let kinds: Vec<u64> = counts.by_kind().iter().map(|(_, n)| *n).collect();
        assert_eq!(kinds, [1, 2, 3, 4, 5]);
    }
}
