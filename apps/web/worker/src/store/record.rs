//! What stands in the store: rows as bytes, and what is kept beside the vault.

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use siegel_client_core::secret::Secret32;
use siegel_client_core::vault::{Attempts, SealedRow};

const SCOPE: usize = 16;
const VERSION: usize = 8;

/// Kept beside the vault, readable while it is locked.
#[derive(Clone, Serialize, Deserialize)]
pub struct Kept {
    /// What opens the vault.
    pub opener: Opener,
    /// Tries since the vault was last opened, as [`Attempts::to_bytes`] writes them.
    attempts: Vec<u8>,
    /// Wrong tries in a row after which everything goes; 0 for never.
    pub wipe_after: u32,
}

/// What opens the vault.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opener {
    /// This random secret, for clients who chose no PIN. It protects against nobody who
    /// has the device; it makes setting a PIN later a matter of one new header.
    ThisBrowser(Secret32),
    /// A PIN that a person knows.
    Pin,
    /// A passphrase that a person knows.
    Passphrase,
}

/// Orders that are stored, by tab and number, the latest last: one whose answer was lost
/// with its holder is not carried out twice.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Asked(Vec<(u64, u64)>);

/// Orders remembered: far more than can be under way when a tab goes.
const MOST_ORDERS: usize = 64;

impl Asked {
    /// Whether this order of this tab is stored.
    pub fn is_done(&self, tab: u64, number: u64) -> bool {
        self.0.contains(&(tab, number))
    }

    /// With this order, which is about to be stored.
    #[must_use]
    pub fn with(&self, tab: u64, number: u64) -> Self {
        let surplus = (self.0.len() + 1).saturating_sub(MOST_ORDERS);
        let kept = self.0.iter().skip(surplus).copied();
        Self(kept.chain([(tab, number)]).collect())
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).unwrap_or_default()
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}

impl Kept {
    /// For a vault that was just opened or made.
    pub fn new(opener: Opener, wipe_after: u32) -> Self {
        Self {
            opener,
            attempts: Vec::new(),
            wipe_after,
        }
    }

    /// Tries since the vault was last opened.
    pub fn attempts(&self) -> Attempts {
        Attempts::from_bytes(&self.attempts)
    }

    /// With another limit of wrong tries.
    #[must_use]
    pub fn wiped_after(&self, wipe_after: u32) -> Self {
        Self {
            wipe_after,
            ..self.clone()
        }
    }

    /// With another count of tries.
    #[must_use]
    pub fn with(&self, attempts: Attempts) -> Self {
        Self {
            attempts: attempts.to_bytes().to_vec(),
            ..self.clone()
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        // Memory of the process aside, these types always encode.
        postcard::to_allocvec(self).unwrap_or_default()
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}

pub(super) fn bytes(row: &SealedRow) -> Vec<u8> {
    [&row.scope[..], &row.version.to_be_bytes(), &row.sealed].concat()
}

pub(super) fn row(key: &Uint8Array, value: &Uint8Array) -> Option<SealedRow> {
    let value = value.to_vec();
    let (scope, rest) = value.split_first_chunk::<SCOPE>()?;
    let (version, sealed) = rest.split_first_chunk::<VERSION>()?;
    Some(SealedRow {
        id: key.to_vec().try_into().ok()?,
        scope: *scope,
        version: u64::from_be_bytes(*version),
        sealed: sealed.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use siegel_client_core::moment::Timestamp;

    use super::*;

    #[test]
    fn an_order_counts_once_for_its_tab() {
        let mut asked = Asked::default().with(7, 3);
        assert!(asked.is_done(7, 3));
        assert!(!asked.is_done(7, 2) && !asked.is_done(7, 4) && !asked.is_done(8, 3));
        for number in 0..MOST_ORDERS as u64 {
            asked = asked.with(9, number);
        }
        assert!(!asked.is_done(7, 3) && asked.is_done(9, 0) && asked.0.len() == MOST_ORDERS);
    }

    #[test]
    fn tries_and_the_limit_survive_the_store() {
        let begun = Attempts::default().begun(Timestamp::from_seconds(7));
        let kept = Kept::new(Opener::Pin, 8).with(begun);
        let read = Kept::decode(&kept.encode()).expect("what was written");
        assert_eq!((read.attempts(), read.wipe_after), (begun, 8));
        assert_eq!(Kept::new(Opener::Pin, 0).attempts(), Attempts::default());
    }
}
