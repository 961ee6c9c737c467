//! Where the relay's time and randomness come from: the only file that asks the system.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use tokio::sync::watch;
use tokio::time::Instant;

const DAY: i64 = 86_400;

/// The wall clock. Durations are measured on tokio's clock instead.
#[derive(Debug, Clone)]
pub struct Clock {
    /// The fixed time, or nothing for the system's.
    fixed: Option<Arc<AtomicI64>>,
    moved: watch::Sender<()>,
    /// What it said at first, and when that was on the clock that only counts.
    first: (i64, Instant),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::new(None, system_seconds())
    }

    /// A clock that stands still until [`Clock::advance_days`] moves it. For tests.
    pub fn fixed(seconds: i64) -> Self {
        Self::new(Some(Arc::new(AtomicI64::new(seconds))), seconds)
    }

    fn new(fixed: Option<Arc<AtomicI64>>, first: i64) -> Self {
        Self {
            fixed,
            moved: watch::Sender::new(()),
            first: (first, Instant::now()),
        }
    }

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        match &self.fixed {
            Some(time) => time.load(Ordering::SeqCst),
            None => system_seconds(),
        }
    }

    /// Seconds by which the clock went other than time passed since it was first asked: it
    /// was set, or the machine slept. A clock that stands still falls behind.
    pub fn jump(&self) -> i64 {
        let (first, at) = self.first;
        let passed = i64::try_from(at.elapsed().as_secs()).unwrap_or(i64::MAX);
        self.now() - first.saturating_add(passed)
    }

    /// Days since 1970.
    pub fn today(&self) -> u32 {
        u32::try_from(self.now().div_euclid(DAY)).unwrap_or(0)
    }

    /// Hours since 1970.
    pub fn hour(&self) -> i64 {
        self.now().div_euclid(3_600)
    }

    /// Minutes since 1970.
    pub fn minute(&self) -> i64 {
        self.now().div_euclid(60)
    }

    /// Moves a fixed clock and wakes what waits for time. The system's clock stays.
    pub fn advance_days(&self, days: i64) {
        self.advance_seconds(days * DAY);
    }

    /// As [`Clock::advance_days`], in seconds.
    pub fn advance_seconds(&self, seconds: i64) {
        if let Some(time) = &self.fixed {
            time.fetch_add(seconds, Ordering::SeqCst);
        }
        self.moved.send_replace(());
    }

    /// Changes whenever the clock was moved by hand.
    pub(crate) fn moved(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the relay's one source of wall-clock time"
)]
fn system_seconds() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
}

/// Where random bytes come from.
#[derive(Debug, Clone)]
pub struct Entropy(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Seeded {
        seed: [u8; 32],
        drawn: Arc<AtomicU64>,
    },
}

/// The system gave no randomness: nothing can be made safely.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes; nothing secret can be made")]
pub struct NoEntropy;

impl Entropy {
    /// The system's generator.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// Repeats itself for the same seed. For tests.
    pub fn seeded(seed: [u8; 32]) -> Self {
        Self(Source::Seeded {
            seed,
            drawn: Arc::new(AtomicU64::new(0)),
        })
    }

    /// Draws bytes.
    ///
    /// # Errors
    /// [`NoEntropy`]; there is no fallback.
    #[expect(
        clippy::disallowed_methods,
        reason = "the relay's one source of randomness"
    )]
    pub fn draw<const N: usize>(&self) -> Result<[u8; N], NoEntropy> {
        let mut bytes = [0; N];
        match &self.0 {
            Source::System => getrandom::fill(&mut bytes).map_err(|_| NoEntropy)?,
            Source::Seeded { seed, drawn } => {
                let number = drawn.fetch_add(1, Ordering::SeqCst);
                let mut hasher = blake3::Hasher::new_keyed(seed);
                hasher.update(&number.to_be_bytes());
                hasher.finalize_xof().fill(&mut bytes);
            }
        }
        Ok(bytes)
    }
}
