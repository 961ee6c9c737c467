//! Token buckets: how often somebody may ask.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use siegel_proto::Refusal;
use tokio::time::Instant;

/// How fast a bucket fills and how much it holds.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Requests per second in the long run.
    pub per_second: u32,
    /// Requests at once after a pause.
    pub burst: u32,
}

/// The same for what is rare: so many an hour in the long run.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    per_second: f64,
    burst: u32,
}

impl Pace {
    /// `burst` at once after a pause, then `per_hour`.
    pub fn hourly(per_hour: u32, burst: u32) -> Self {
        Self {
            per_second: f64::from(per_hour.max(1)) / 3_600.0,
            burst,
        }
    }
}

impl From<Rate> for Pace {
    fn from(rate: Rate) -> Self {
        Self {
            per_second: f64::from(rate.per_second.max(1)),
            burst: rate.burst,
        }
    }
}

/// One caller's allowance.
#[derive(Debug)]
pub struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    /// A full bucket.
    pub fn new(rate: impl Into<Pace>) -> Self {
        Self {
            tokens: f64::from(rate.into().burst),
            filled: Instant::now(),
        }
    }

    /// Takes tokens for one request.
    ///
    /// # Errors
    /// Rate limited, with the wait after which the same request succeeds.
    pub fn take(&mut self, rate: impl Into<Pace>, cost: u32) -> Result<(), Refusal> {
        let rate: Pace = rate.into();
        let now = Instant::now();
        let gained = now.duration_since(self.filled).as_secs_f64() * rate.per_second;
        self.tokens = (self.tokens + gained).min(f64::from(rate.burst));
        self.filled = now;
        let cost = f64::from(cost.min(rate.burst));
        if self.tokens >= cost {
            self.tokens -= cost;
            return Ok(());
        }
        let wait = (cost - self.tokens) / rate.per_second;
        let millis = Duration::from_secs_f64(wait).as_millis().saturating_add(1);
        Err(Refusal::rate_limited(
            u32::try_from(millis).unwrap_or(u32::MAX),
        ))
    }
}

/// Buckets of many callers. Forgets those that are full again.
#[derive(Debug)]
pub struct Buckets<K> {
    rate: Pace,
    callers: Mutex<HashMap<K, Bucket>>,
}

impl<K: Eq + Hash> Buckets<K> {
    /// No callers yet.
    pub fn new(rate: impl Into<Pace>) -> Self {
        Self {
            rate: rate.into(),
            callers: Mutex::default(),
        }
    }

    /// Takes tokens for one request of this caller.
    ///
    /// # Errors
    /// Rate limited, as [`Bucket::take`].
    pub fn take(&self, caller: K, cost: u32) -> Result<(), Refusal> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= SWEEP_AT {
            let refill = f64::from(self.rate.burst) / self.rate.per_second;
            let now = Instant::now();
            callers.retain(|_, b| now.duration_since(b.filled).as_secs_f64() < refill);
        }
        (callers.entry(caller))
            .or_insert_with(|| Bucket::new(self.rate))
            .take(self.rate, cost)
    }
}

/// Callers remembered before the idle ones are forgotten.
const SWEEP_AT: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_named_wait_is_enough() {
        let rate = Rate {
            per_second: 10,
            burst: 3,
        };
        let buckets = Buckets::new(rate);
        for _ in 0..3 {
            assert_eq!(buckets.take("anna", 1), Ok(()));
        }
        let refusal = buckets.take("anna", 1).expect_err("empty");
        assert_eq!(buckets.take("bo", 1), Ok(()), "everybody has an own bucket");
        tokio::time::advance(Duration::from_millis(refusal.retry_after_ms.into())).await;
        assert_eq!(buckets.take("anna", 1), Ok(()));
    }
}
