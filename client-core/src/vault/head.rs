//! The head of a scope: what must be there when the vault is opened.
//!
//! A single sealed row cannot tell that it is old, or that its neighbour is gone. So each
//! scope has one head row with the number of its rows and a digest over their ids and
//! versions, and each room's head counts as a row of the device. Whoever puts back or
//! removes anything short of the whole vault therefore contradicts some head. (The whole
//! vault put back is noticed at the relay: its cursors are ahead.)
//!
//! The digest is the exclusive-or of one keyed hash per row, a multiset hash after Clarke
//! et al. (2003), so that a step costs as much as it changes and not as much as the room
//! holds. The hashes are under a key of their own and the digest lies sealed: finding
//! another set of rows with the same digest is guessing 256 unseen bits. No (id, version)
//! pair ever comes twice, because versions are the numbers of commits.

use serde::{Deserialize, Serialize};

use super::error::VaultError;
use super::key::Scope;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// The commit that wrote this head; the head row's version.
    pub(super) generation: u64,
    rows: u64,
    digest: [u8; 32],
}

impl Head {
    pub(super) fn add(&mut self, mark: &[u8; 32]) {
        self.rows += 1;
        self.toggle(mark);
    }

    pub(super) fn remove(&mut self, mark: &[u8; 32]) {
        self.rows = self.rows.saturating_sub(1);
        self.toggle(mark);
    }

    fn toggle(&mut self, mark: &[u8; 32]) {
        for (own, other) in self.digest.iter_mut().zip(mark) {
            *own ^= other;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Holds what was found in the store, counted up row by row, against this head.
    pub(super) fn check(&self, found: &Self, scope: Scope) -> Result<(), VaultError> {
        if found.rows < self.rows {
            return Err(VaultError::RowMissing { scope });
        }
        if found.rows > self.rows || found.digest != self.digest {
            return Err(VaultError::RolledBack { scope });
        }
        Ok(())
    }
}
