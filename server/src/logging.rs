//! Logs: event codes, durations, counts. Only this crate may write below a warning:
//! libraries know addresses, URLs and statements, and some say so at debug or trace.

use std::io::IsTerminal as _;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::Log;

/// Starts logging to standard error. A second start in one process changes nothing.
pub fn start(log: &Log) {
    let filter = filter(log);
    // A journal or a file would keep what colours a terminal.
    let writer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let layer = if log.json {
        writer.json().with_filter(filter).boxed()
    } else {
        writer.with_filter(filter).boxed()
    };
    if tracing_subscriber::registry()
        .with(layer)
        .try_init()
        .is_err()
    {
        tracing::debug!(code = "logging_already_started");
    }
}

/// What may be logged at this level, for the operator's file and for tests that search it.
pub fn filter(log: &Log) -> EnvFilter {
    let level: LevelFilter = log.level.parse().unwrap_or(LevelFilter::INFO);
    // Libraries are silent: what matters of their failures is logged here, as a code.
    EnvFilter::builder()
        .parse_lossy("off")
        .add_directive(directive(level))
}

fn directive(level: LevelFilter) -> tracing_subscriber::filter::Directive {
    let text = format!("siegel_server={level}");
    text.parse().unwrap_or_else(|_| level.into())
}
