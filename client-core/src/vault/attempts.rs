//! Wrong tries at a passphrase or PIN: how long to wait, and when to wipe.
//!
//! Pure functions over a counter that the driver keeps beside the vault, because a locked
//! vault cannot. It slows down whoever holds the device and uses the app; whoever copies
//! the store is held up by the passphrase's cost alone. The driver
//!
//! 1. asks [`Attempts::wait`], and does not try before the time has come;
//! 2. stores [`Attempts::begun`], *then* tries: ending the app does not give a try back;
//! 3. stores [`Attempts::default`] after a right one; after a wrong one it deletes every
//!    row and the header if [`Attempts::must_wipe`] says so, and opens the vault no more.

use crate::moment::Timestamp;

/// Tries without any wait: everybody mistypes.
const FREE: u32 = 3;
/// Seconds to wait after the tries that follow, the last for all further ones.
const WAITS: [i64; 7] = [5, 15, 30, 60, 300, 900, 3_600];

const BYTES: usize = 12;

/// Tries since the vault was last opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    count: u32,
    last: i64,
}

impl Attempts {
    /// Reads what [`Attempts::to_bytes`] wrote. What is neither that nor empty counts as
    /// many tries at the beginning of time: a damaged counter is no fresh one.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::default();
        }
        let parts = bytes.split_first_chunk::<4>().and_then(|(count, last)| {
            let last: [u8; 8] = last.try_into().ok()?;
            Some((u32::from_be_bytes(*count), i64::from_be_bytes(last)))
        });
        match parts {
            Some((count, last)) => Self { count, last },
            None => Self {
                count: FREE + 7,
                last: 0,
            },
        }
    }

    /// For the store.
    #[must_use]
    pub fn to_bytes(self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..4].copy_from_slice(&self.count.to_be_bytes());
        bytes[4..].copy_from_slice(&self.last.to_be_bytes());
        bytes
    }

    /// How many tries there were.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }

    /// Seconds to wait before the next try. A clock that was put back begins the whole wait
    /// anew; one that was put forward is believed, as it costs the data's expiry as well.
    #[must_use]
    pub fn wait(self, now: Timestamp) -> i64 {
        let Some(further) = self.count.checked_sub(FREE) else {
            return 0;
        };
        let step = usize::try_from(further).unwrap_or(usize::MAX);
        let whole = WAITS[step.min(WAITS.len() - 1)];
        let passed = now.since(Timestamp::from_seconds(self.last));
        if passed < 0 {
            return whole;
        }
        (whole - passed).max(0)
    }

    /// The counter with one more try, to be stored before it is made.
    #[must_use]
    pub const fn begun(self, now: Timestamp) -> Self {
        Self {
            count: self.count.saturating_add(1),
            last: now.seconds(),
        }
    }

    /// Whether the vault must go now that the last try was wrong. `limit` is the policy's
    /// `wipe_after_tries`; 0 for never.
    #[must_use]
    pub const fn must_wipe(self, limit: u32) -> bool {
        limit != 0 && self.count >= limit
    }

    /// Tries that are left before the vault goes; `None` if it never does.
    #[must_use]
    pub const fn left(self, limit: u32) -> Option<u32> {
        match limit {
            0 => None,
            limit => Some(limit.saturating_sub(self.count)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn three_are_free_then_it_takes_longer_and_longer() {
        let mut attempts = Attempts::default();
        let mut waits = Vec::new();
        for _ in 0..12 {
            waits.push(attempts.wait(at(1_000)));
            attempts = attempts.begun(at(1_000));
        }
        assert_eq!(
            waits,
            [0, 0, 0, 5, 15, 30, 60, 300, 900, 3_600, 3_600, 3_600]
        );
        assert_eq!(attempts.wait(at(1_000 + 3_599)), 1);
        assert_eq!(attempts.wait(at(1_000 + 3_600)), 0);
    }

    #[test]
    fn a_clock_that_was_put_back_helps_nobody() {
        let mut attempts = Attempts::default();
        for _ in 0..9 {
            attempts = attempts.begun(at(1_000));
        }
        assert_eq!(attempts.wait(at(0)), 3_600);
    }

    #[test]
    fn the_counter_survives_its_store_and_damage_is_no_fresh_start() {
        let attempts = Attempts::default().begun(at(7)).begun(at(9));
        assert_eq!(Attempts::from_bytes(&attempts.to_bytes()), attempts);
        assert_eq!(Attempts::from_bytes(&[]), Attempts::default());
        let damaged = Attempts::from_bytes(&[1, 2, 3]);
        assert_eq!(damaged.wait(at(0)), 3_600);
    }

    #[test]
    fn the_policy_says_when_it_is_over() {
        let mut attempts = Attempts::default();
        assert_eq!(attempts.left(5), Some(5));
        for _ in 0..4 {
            attempts = attempts.begun(at(1));
        }
        assert!(!attempts.must_wipe(5));
        assert!(attempts.begun(at(1)).must_wipe(5));
        assert!(!attempts.begun(at(1)).must_wipe(0), "0 is never");
        assert_eq!(attempts.left(5), Some(1));
        assert_eq!(attempts.left(0), None);
    }
}
