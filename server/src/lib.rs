//! The relay of Siegel: rooms are encrypted logs, and this keeps them.
//!
//! It stores opaque entries, hands them to whoever holds a seat, and knows nobody. It
//! links nothing that could decrypt. [`Relay::start`] runs one in this process, which is
//! what `siegel-server run` and the tests do.

pub mod accept;
pub mod acme;
pub mod api;
pub mod backlog;
pub mod backup;
pub mod blobs;
pub mod clock;
pub mod command;
pub mod config;
pub mod connection;
pub mod delivery;
pub mod doctor;
pub mod error;
pub mod hub;
pub mod listen;
pub mod logging;
pub mod machine;
pub mod metrics;
pub mod migrate_blobs;
pub mod migrate_store;
mod nodes;
mod outgoing;
pub mod rate;
pub mod readiness;
mod relay;
pub mod retention;
pub mod routes;
pub mod secret;
pub mod session;
pub mod settings;
mod slow;
pub mod socket;
pub mod source;
pub mod state;
pub mod store;
pub mod tls;
pub mod web_files;

pub use nodes::NatsError;
pub use relay::{Relay, StartError, take_data_dir};
