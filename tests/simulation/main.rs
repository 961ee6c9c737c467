//! The client core under simulation: stories first, then every crash, then chance.
#![expect(
    clippy::panic,
    reason = "a simulation stops at the first broken promise"
)]

mod bursts;
mod contents;
mod crash_points;
mod disks;
mod greetings;
mod own_view;
mod put_back;
mod put_back_walk;
mod regressions;
mod stories;
mod walk;
