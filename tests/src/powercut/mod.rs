//! What would have been lost if the power had failed at this moment?
//!
//! A program runs with a recorder loaded into it ([`record`]) that writes down, in order,
//! each change to its files, each sync, and each acknowledgement somebody received
//! ([`log`]). Afterwards the power is cut at thousands of points of that record
//! ([`replay`]): what was synced is there, what was not is gone, or there in part, torn at
//! sector boundaries. The database must open, be sound, and hold everything that had been
//! acknowledged until then ([`check`]).
//!
//! A test like this proves nothing unless it can fail: [`workload`] runs SQLite with
//! settings that are known to lose data, and the test must see that. [`relay`] is what it
//! is all for.
//!
//! Limits: making, renaming and removing a file count as durable at once.

pub mod check;
pub mod log;
pub mod record;
pub mod relay;
pub mod replay;
pub mod workload;

pub use check::{Database, Report, cut_many};

/// Why an experiment could not be carried out. A lost acknowledgement is not an error but
/// a finding; see [`Report`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error("{doing} {path}")]
    File {
        /// "cannot read" and the like.
        doing: &'static str,
        /// Which file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The C compiler refused the recorder.
    #[error("cannot compile the recorder: {0}")]
    Compiler(String),
    /// The recorded program could not be started.
    #[error("cannot start the recorded program")]
    Start(#[source] std::io::Error),
    /// The recorded program failed by itself.
    #[error("the recorded program failed: {0}")]
    Program(String),
    /// The log is not what the recorder writes.
    #[error("the log is damaged at byte {0}")]
    Log(usize),
    /// The record does not explain the files that are there: a change went unseen.
    #[error("the record is incomplete: {0}")]
    Incomplete(String),
    /// The recorded relay could not be spoken to.
    #[error("the recorded relay failed")]
    Relay(#[from] crate::wire::Error),
    /// The workload's own database failed.
    #[error("the workload's database failed")]
    Workload(#[source] rusqlite::Error),
}

impl Error {
    /// A problem with a file.
    fn file(doing: &'static str, path: &std::path::Path, source: std::io::Error) -> Self {
        Self::File {
            doing,
            path: path.to_path_buf(),
            source,
        }
    }
}
