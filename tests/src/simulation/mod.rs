//! Many real clients and the real rules of rooms on one thread, from one seed.
//!
//! No clock, no network, no disk: time and chance are drawn from the seed, frames travel
//! through [`relay::Relay`], rows lie in a map. Whatever can go wrong in between is done on
//! purpose ([`world::World`]): frames are held back, lines are cut, devices die at a
//! chosen persist effect and start again from what they had stored.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`relay`], [`log`], [`organisation`] | the relay double |
//! | [`device`], [`world`] | clients, disks, wires, crashes |
//! | [`people`] | what people do and see |
//! | [`picture`] | everything people see, in words that can be compared |
//! | [`scenario`], [`crash_points`] | a story of every kind of step, crashed at every place |
//! | [`walk`], [`actions`], [`faults`] | chance: what people do and what goes wrong |
//! | [`model`], [`verdict`] | what has to come of it |
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a simulation stops at the first broken promise"
)]

pub mod actions;
mod cause;
pub mod crash_points;
pub mod device;
pub mod faults;
pub mod log;
pub mod model;
pub mod organisation;
pub mod people;
pub mod picture;
pub mod relay;
pub mod scenario;
pub mod verdict;
pub mod walk;
pub mod world;

pub use world::{CrashPoint, DeviceNo, World};
