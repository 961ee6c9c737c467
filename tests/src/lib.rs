//! What the tests share. Nothing depends on this package.

pub mod abuse;
pub mod bench;
pub mod browser;
pub mod fuzz;
pub mod harness;
pub mod hostile;
pub mod kill;
pub mod powercut;
pub mod scan;
pub mod seizure;
pub mod simulation;
pub mod vectors;
pub mod wire;

use std::time::Duration;

/// How long anything may take on a machine that stands still now and then.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// An error and its causes in one line, for the terminal.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
