//! The one place that asks the system for the time and for randomness.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use siegel_client_core::moment::{Entropy, Moment, Timestamp};

/// The system's clock, moved by as many seconds as a test wants.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// What it shows.
    pub fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock of the driver")]
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        Timestamp::from_seconds(seconds).plus(self.ahead.load(Ordering::SeqCst))
    }

    /// Now, with fresh randomness for one step. Without a source of randomness nothing
    /// may go on.
    pub fn moment(&self) -> Result<Moment, NoRandomness> {
        let mut bytes = [0; 32];
        #[expect(clippy::disallowed_methods, reason = "this is the driver's randomness")]
        getrandom::fill(&mut bytes)?;
        Ok(Moment {
            now: self.now(),
            entropy: Entropy(bytes),
        })
    }

    /// Moves this clock and every clone of it.
    pub fn advance(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// The system gives no randomness: stop.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no randomness")]
pub struct NoRandomness(#[from] getrandom::Error);

/// A random number for spreading waits; no secret depends on it.
pub fn chance() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX / 2)
}
