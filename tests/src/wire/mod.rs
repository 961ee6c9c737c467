//! The relay's protocol without a client core: connections, staff with keys, and a relay in
//! a process of its own. Power cuts, kills and load have this in common.

pub mod connection;
pub mod entry;
pub mod organisation;
pub mod process;

use std::io;

use siegel_proto::Refusal;

pub use connection::Connection;
pub use organisation::{Organisation, Staff};
pub use process::{Program, RelayProcess};

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The relay's process could not be started, or told something.
    #[error("the relay's process cannot be handled")]
    Process(#[source] io::Error),
    /// The relay ended, or said something else, instead of telling where it listens.
    #[error("the relay began with {0:?}")]
    Greeting(String),
    /// The connection is gone; whoever killed the relay expects it.
    #[error("the connection is gone: {0}")]
    Gone(String),
    /// The relay refused.
    #[error("the relay refused: {0:?}")]
    Refused(Refusal),
    /// The relay said something that is not its turn to say.
    #[error("the relay does not keep to the protocol: {0}")]
    Protocol(String),
}
