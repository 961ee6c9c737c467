//! What does a relay lose that is killed while people write?
//!
//! Writers append over real sockets as fast as the relay answers, and write every answer
//! down. The relay's process is killed at a random moment, started again on its data, and
//! asked for everything: each answered entry must be there, once, under the number that was
//! answered, nobody's entries out of order; and whoever sends the same message again must
//! get the same answer. Some stops are in order (SIGTERM) and must end well; some relays are
//! frozen (SIGSTOP) and must go on as if nothing had been.
//!
//! A killed process loses nothing the system has taken from it, so this says nothing about
//! what was synced: that is what [`crate::powercut`] is for. This is about everything above
//! the disk: answers that leave too early, batches half done, cursors, starting again.

mod log;
mod reader;
mod run;
mod writer;

use std::fmt;
use std::time::Duration;

use crate::wire;

pub use log::{Log, Place};
pub use run::run;

/// What is done to the relay.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How often it is stopped and started again.
    pub stops: u32,
    /// Every so many stops one is in order, by SIGTERM.
    pub orderly_every: u32,
    /// Every so many lives it is frozen once.
    pub frozen_every: u32,
    /// How long it is frozen.
    pub freeze: Duration,
    /// People who write.
    pub writers: u32,
    /// Rooms they share.
    pub rooms: u32,
    /// Repeats the moments of an earlier run, as far as the machine does.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            stops: 20,
            orderly_every: 7,
            frozen_every: 5,
            freeze: Duration::from_millis(50),
            writers: 16,
            rooms: 4,
            seed: 1,
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// SIGKILL.
    pub kills: u32,
    /// SIGTERM.
    pub orderly: u32,
    /// SIGSTOP and SIGCONT.
    pub frozen: u32,
    /// Entries that were answered, and are there.
    pub acknowledged: u64,
    /// Entries that were stored, but the answer was lost in the kill.
    pub answer_lost: u64,
    /// Entries that were sent, but had not been stored.
    pub not_stored: u64,
    /// Answered entries that were sent again and got the same answer.
    pub repeated: u64,
    /// From start to the first hello, at most.
    pub slowest_start: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} kills, {} orderly stops, {} freezes; {} entries acknowledged, all there, once \
             and in order; {} stored without an answer, {} not stored, all sent again; {} \
             repeated and answered alike; ready again after {} ms at most",
            self.kills,
            self.orderly,
            self.frozen,
            self.acknowledged,
            self.answer_lost,
            self.not_stored,
            self.repeated,
            self.slowest_start.as_millis(),
        )
    }
}

/// The relay broke a promise, or the experiment could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A promise was broken.
    #[error("after stop {stop} (seed {seed}): {what}")]
    Broken {
        /// How many stops there had been.
        stop: u32,
        /// The seed.
        seed: u64,
        /// What is wrong.
        what: String,
    },
    /// The relay could not be spoken to.
    #[error("the experiment could not be made")]
    Wire(#[from] wire::Error),
    /// A throw-away folder cannot be made.
    #[error("no folder for the relay's data")]
    Folder(#[source] std::io::Error),
    /// A writer's task ended by itself.
    #[error("a writer's task failed")]
    Task(#[from] tokio::task::JoinError),
}
