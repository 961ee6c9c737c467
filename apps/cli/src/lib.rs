//! The command line of Siegel as a library: the vault on disk, the connection to the
//! relay, the driver that ties them to `client-core`, and the commands on top.
//!
//! Tests use [`driver::Driver`] in process; people use the binary `siegel`.

pub mod args;
pub mod commands;
pub mod driver;
pub mod exit;
pub mod failure;
pub mod files;
pub mod moment;
pub mod net;
pub mod passphrase;
pub mod people;
pub mod profile;
pub mod save_file;
pub mod select;
pub mod session;
pub mod show;
pub mod store;
