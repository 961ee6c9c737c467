//! Numbers for the operator, on a listener of their own that only this machine reaches.
//!
//! No label names a person, a room, a device or an address, and no number is about clients
//! or colleagues alone. What single people do is shown in steps, see [`STEP`].

mod counts;
mod listener;
mod picture;
mod settings;

pub use counts::{Counts, Refused, STEP, StorageError};
pub use listener::{Served, serve};
pub use picture::{NAMES, Picture};
pub use settings::{Loopback, MetricsSettings, NotLoopback};
