//! Stories about people, through a real relay with real sockets and disks.

#![expect(
    clippy::expect_used,
    reason = "a story stops at the first broken promise"
)]

mod canary;
mod client;
mod colleagues;
mod large_files;
mod leaver;
mod put_back;
mod seizure;

use siegel_tests::harness::{Guest, Network, Person, Weather, World, story};
