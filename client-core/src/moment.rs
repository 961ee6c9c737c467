//! Time and randomness, handed in by the driver with every step.

use std::convert::Infallible;

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng, TryCryptoRng, TryRng};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Seconds since 1970, as the device's clock tells them. May jump either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A point in time from seconds since 1970.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// The point `seconds` later, or earlier if negative; stops at the end of the range.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to this; negative when the clock went back.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The day since 1970 in UTC, as the relay counts expiry. Days before 1970 are day 0.
    #[must_use]
    pub fn day(self) -> u32 {
        u32::try_from(self.0.div_euclid(86_400).max(0)).unwrap_or(u32::MAX)
    }
}

/// 32 bytes from the system's generator, used for one step only. A driver that cannot
/// get them must stop; there is no fallback.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Entropy(pub [u8; 32]);

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entropy(..)")
    }
}

/// When a step happens and the randomness it may use.
#[derive(Debug)]
pub struct Moment {
    /// The device's clock.
    pub now: Timestamp,
    /// Fresh for this step. The same entropy twice means the same keys twice.
    pub entropy: Entropy,
}

/// The one source of randomness of a step: the driver's entropy, expanded by ChaCha20.
///
/// Never stored, so a vault that is put back cannot bring back its random numbers.
pub struct StepRng(ChaCha20Rng);

impl StepRng {
    /// Uses the entropy up.
    #[must_use]
    pub fn new(entropy: Entropy) -> Self {
        Self(ChaCha20Rng::from_seed(entropy.0))
    }

    /// A generator of its own for a part of the step that has to own one.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self::new(Entropy(self.bytes()))
    }

    /// An array of random bytes, for ids, tokens and nonces.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill_bytes(&mut bytes);
        bytes
    }
}

impl std::fmt::Debug for StepRng {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StepRng(..)")
    }
}

impl TryRng for StepRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(dst)
    }
}

impl TryCryptoRng for StepRng {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_repeats_nothing_of_its_parent() {
        let mut parent = StepRng::new(Entropy([1; 32]));
        let mut child = parent.fork();
        let from_parent: [u8; 32] = parent.bytes();
        assert_ne!(child.bytes::<32>(), from_parent);
        assert_ne!(StepRng::new(Entropy([1; 32])).bytes::<32>(), from_parent);
    }

    #[test]
    fn the_same_entropy_gives_the_same_step() {
        let mut one = StepRng::new(Entropy([9; 32]));
        let mut two = StepRng::new(Entropy([9; 32]));
        assert_eq!(one.bytes::<100>(), two.bytes::<100>());
    }

    #[test]
    fn days_are_counted_as_the_relay_counts_them() {
        assert_eq!(Timestamp::from_seconds(86_399).day(), 0);
        assert_eq!(Timestamp::from_seconds(86_400).day(), 1);
        assert_eq!(Timestamp::from_seconds(-1).day(), 0);
        assert_eq!(Timestamp::from_seconds(i64::MAX).day(), u32::MAX);
    }

    #[test]
    fn neither_entropy_nor_generator_is_printed() {
        let moment = Moment {
            now: Timestamp::from_seconds(1),
            entropy: Entropy([0xab; 32]),
        };
        assert!(format!("{moment:?}").contains("Entropy(..)"));
        assert_eq!(format!("{:?}", StepRng::new(moment.entropy)), "StepRng(..)");
    }
}
