//! How long to wait before the relay is dialled again.

use std::time::Duration;

/// Waiting times that double up to a ceiling. Each is drawn from its upper half, so that
/// the devices of a relay that comes back do not all knock at once.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The longest first wait.
    pub first: Duration,
    /// The longest wait at all.
    pub ceiling: Duration,
}

impl Backoff {
    /// For people: quick at first, never more than a minute.
    pub const PATIENT: Self = Self {
        first: Duration::from_millis(500),
        ceiling: Duration::from_secs(60),
    };

    /// The wait before attempt `failures + 1`, `chance` being a fresh random number.
    pub fn delay(self, failures: u32, chance: u32) -> Duration {
        let doubled = self
            .first
            .saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
        let half = doubled.min(self.ceiling) / 2;
        half + half.mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_ceiling_and_spread_over_their_upper_half() {
        let waits = |failures| {
            let all = [0, u32::MAX].map(|chance| Backoff::PATIENT.delay(failures, chance));
            all.map(|wait| wait.as_millis())
        };
        assert_eq!(waits(1), [250, 500]);
        assert_eq!(waits(2), [500, 1000]);
        assert_eq!(waits(5), [4000, 8000]);
        assert_eq!(waits(50), [30_000, 60_000]);
    }
}
