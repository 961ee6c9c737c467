//! Seats: how a device proves its place in a room without the relay learning who it is.
//!
//! The token is known to the device alone. The key made from it stands in the device's
//! MLS leaf, so every member can compute the hash the relay stores and say which seat
//! goes when the leaf goes. Rows of staff and of guests look the same: whether a staff
//! session is needed is folded into the key, and the room is folded into the hash, so
//! one key package used in two rooms leaves two unrelated rows.

use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::Malformed;
use crate::ids::{RoomId, SeatHash};
use crate::{label, signing};

/// Whether a live staff session is needed with the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum SeatClass {
    /// Only together with an authenticated staff session: worthless once that is revoked.
    Staff,
    /// The token alone.
    Open,
}

impl SeatClass {
    const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Staff => b"staff",
            Self::Open => b"open",
        }
    }
}

/// The secret that opens a seat: 32 random bytes. Prints nothing, wipes itself.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, serde::Serialize, serde::Deserialize)]
pub struct SeatToken(#[serde(with = "serde_bytes")] [u8; 32]);

impl SeatToken {
    /// Takes 32 bytes drawn at random.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Parses the bytes of a wire field.
    ///
    /// # Errors
    /// [`Malformed`] if it is not 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Malformed> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| Malformed("SeatToken"))
    }

    /// The bytes, to be sent to the relay and nowhere else.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key that stands in the device's leaf.
    pub fn key(&self, class: SeatClass) -> SeatKey {
        let message = signing::message(label::SEAT_KEY, &[class.as_bytes(), &self.0]);
        SeatKey(Sha256::digest(message).into())
    }
}

impl std::fmt::Debug for SeatToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SeatToken(..)")
    }
}

/// Stands in a device's leaf; known to the members of its rooms, not to the relay.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct SeatKey(#[serde(with = "serde_bytes")] [u8; 32]);

impl SeatKey {
    /// Parses the bytes of a leaf extension.
    ///
    /// # Errors
    /// [`Malformed`] if it is not 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Malformed> {
        bytes.try_into().map(Self).map_err(|_| Malformed("SeatKey"))
    }

    /// The bytes of the leaf extension.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What the relay stores for this seat in this room.
    pub fn hash(&self, room: RoomId) -> SeatHash {
        let message = signing::message(label::SEAT, &[room.as_bytes(), &self.0]);
        SeatHash::new(Sha256::digest(message).into())
    }
}

impl std::fmt::Debug for SeatKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SeatKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_token_gives_unrelated_hashes_by_class_and_room() {
        let token = SeatToken::new([1; 32]);
        let (one, two) = (RoomId::new([1; 16]), RoomId::new([2; 16]));
        let hashes = [
            token.key(SeatClass::Staff).hash(one),
            token.key(SeatClass::Staff).hash(two),
            token.key(SeatClass::Open).hash(one),
            token.key(SeatClass::Open).hash(two),
        ];
        for (i, a) in hashes.iter().enumerate() {
            assert!(hashes[i + 1..].iter().all(|b| a != b));
        }
    }

    #[test]
    fn secrets_print_nothing() {
        let token = SeatToken::new([0x41; 32]);
        assert_eq!(format!("{token:?}"), "SeatToken(..)");
        assert_eq!(format!("{:?}", token.key(SeatClass::Open)), "SeatKey(..)");
    }
}
