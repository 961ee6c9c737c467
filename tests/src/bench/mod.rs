//! How fast is the relay, and what does it cost?
//!
//! The relay runs in a process of its own on one core, this program loads it from the
//! other: real sockets, real seats and sessions, limits on, every entry synced before it is
//! answered. Each scenario is also run on [`bare`], a relay of the same shape that checks
//! nothing, in the same minutes on the same core, because absolute figures of a shared
//! machine mean little: what is compared over time is the ratio.

pub mod attacked;
pub mod away;
pub mod bare;
pub mod crowd;
mod figure;
pub mod idle;
mod latency;
mod load;
mod meter;
pub mod pairs;
mod peers;
mod postgres;
pub mod rest;
mod subject;

pub use figure::{Figure, Table};
pub use latency::Latencies;
pub use meter::{Counter, resident};
pub use peers::Peer;
pub use subject::{Subject, allow_many_files, stay_on_core};

use crate::{abuse, wire};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Scenario {
    /// 50 pairs; each sender has 4 entries open.
    Pairs,
    /// 50 pairs; 200 entries per second, whatever the relay answers.
    Paced,
    /// 100 devices are away while others write to them, and come back.
    Away,
    /// One room of 1,000 attached seats.
    Crowd,
    /// 5,000 attached connections that say nothing.
    Idle,
    /// The same through TLS.
    IdleTls,
    /// Starting, and memory at rest.
    Rest,
    /// Two people write to each other while others attack.
    Attacked,
}

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Rest,
        Self::Pairs,
        Self::Paced,
        Self::Away,
        Self::Crowd,
        Self::Idle,
        Self::IdleTls,
        Self::Attacked,
    ];

    /// Its name on the command line and in the output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pairs => "pairs",
            Self::Paced => "paced",
            Self::Away => "away",
            Self::Crowd => "crowd",
            Self::Idle => "idle",
            Self::IdleTls => "idle-tls",
            Self::Rest => "rest",
            Self::Attacked => "attacked",
        }
    }

    /// Whether the bare relay can do it: it speaks no TLS, and turns nobody away.
    pub fn suits_the_bare(self) -> bool {
        !matches!(self, Self::IdleTls | Self::Attacked)
    }

    /// Measures this once; `seconds` is how long what goes on for a time goes on.
    ///
    /// # Errors
    /// The measurement could not be made.
    pub async fn measure(self, subject: &Subject, seconds: u64) -> Result<Vec<Figure>, Error> {
        match self {
            Self::Pairs => pairs::closed(subject, seconds).await,
            Self::Paced => pairs::paced(subject, seconds).await,
            Self::Away => away::measure(subject).await,
            Self::Crowd => crowd::measure(subject, seconds).await,
            Self::Idle => idle::measure(subject, false).await,
            Self::IdleTls => idle::measure(subject, true).await,
            Self::Rest => rest::measure(subject).await,
            Self::Attacked => attacked::measure(subject, seconds).await,
        }
    }
}

/// A measurement could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The relay could not be spoken to.
    #[error("the relay could not be loaded")]
    Wire(#[from] wire::Error),
    /// A file, a folder, or what the system says about a process.
    #[error("the machine could not be asked")]
    System(#[from] std::io::Error),
    /// The C compiler refused the counter of flushes.
    #[error("cannot compile the counter of flushes: {0}")]
    Compiler(String),
    /// A certificate for the measurement with TLS could not be made.
    #[error("no certificate could be made")]
    Certificate(#[from] rcgen::Error),
    /// TLS refused the settings.
    #[error("TLS cannot be set up")]
    Tls(#[from] tokio_rustls::rustls::Error),
    /// A server of another maker is not there or does not start.
    #[error("{name} does not start. As root: apt-get install --no-install-recommends {packages}")]
    Peer {
        /// Its name.
        name: &'static str,
        /// Debian's packages of it.
        packages: &'static str,
    },
    /// People were not served while the relay was attacked.
    #[error("the relay does not stand the attack")]
    Attacked(#[from] abuse::Error),
    /// The bare relay's database failed.
    #[error("the bare relay's database failed")]
    Database(#[from] rusqlite::Error),
}
