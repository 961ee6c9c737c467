//! Capsules: sealed invitations.

use bytes::Bytes;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::{ErrorCode, Malformed, Refusal};
use crate::ids::{CapsuleId, TokenHash};
use crate::{limits, wire};

/// Puts a capsule on the relay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreateCapsule {
    /// Derived from the link secret.
    pub capsule: CapsuleId,
    /// Hash of the claim token.
    pub claim_hash: TokenHash,
    /// Opaque.
    pub sealed: Bytes,
    /// Hours until it can no longer be claimed.
    pub expires_in_hours: u32,
}

/// Takes a capsule back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WithdrawCapsule {
    /// The capsule.
    pub capsule: CapsuleId,
    /// Known to the one who made it.
    pub claim_hash: TokenHash,
}

/// 32 secret bytes that prove a right at the relay: a claim token, a claimant, a blob's secret.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, serde::Serialize, serde::Deserialize)]
pub struct BearerToken(#[serde(with = "serde_bytes")] [u8; 32]);

impl BearerToken {
    /// Takes 32 bytes drawn at random or derived from a secret.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Parses the bytes of a wire field or header.
    ///
    /// # Errors
    /// [`Malformed`] if it is not 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Malformed> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| Malformed("BearerToken"))
    }

    /// The bytes, to be sent to the relay and nowhere else.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What the relay stores.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

impl std::fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BearerToken(..)")
    }
}

/// Body of a claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimCapsule {
    /// From the link secret.
    pub token: BearerToken,
    /// Made by the claiming device; repeats the claim if the answer was lost.
    pub claimant: BearerToken,
}

/// Body of a confirmation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfirmCapsule {
    /// As in the claim.
    pub claimant: BearerToken,
}

impl TryFrom<wire::CreateCapsule> for CreateCapsule {
    type Error = Refusal;

    fn try_from(wire: wire::CreateCapsule) -> Result<Self, Refusal> {
        if wire.sealed.len() > limits::CAPSULE_BYTES {
            return Err(Refusal::new(ErrorCode::TooLarge));
        }
        if !(1..=limits::CAPSULE_HOURS).contains(&wire.expires_in_hours) {
            return Err(Malformed("expires_in_hours").into());
        }
        Ok(Self {
            capsule: CapsuleId::from_slice(&wire.capsule_id)?,
            claim_hash: TokenHash::from_slice(&wire.claim_hash)?,
            sealed: wire.sealed,
            expires_in_hours: wire.expires_in_hours,
        })
    }
}

impl From<CreateCapsule> for wire::CreateCapsule {
    fn from(create: CreateCapsule) -> Self {
        Self {
            capsule_id: create.capsule.to_wire(),
            claim_hash: create.claim_hash.to_wire(),
            sealed: create.sealed,
            expires_in_hours: create.expires_in_hours,
        }
    }
}

impl TryFrom<wire::WithdrawCapsule> for WithdrawCapsule {
    type Error = Malformed;

    fn try_from(wire: wire::WithdrawCapsule) -> Result<Self, Malformed> {
        Ok(Self {
            capsule: CapsuleId::from_slice(&wire.capsule_id)?,
            claim_hash: TokenHash::from_slice(&wire.claim_hash)?,
        })
    }
}

impl From<WithdrawCapsule> for wire::WithdrawCapsule {
    fn from(withdraw: WithdrawCapsule) -> Self {
        Self {
            capsule_id: withdraw.capsule.to_wire(),
            claim_hash: withdraw.claim_hash.to_wire(),
        }
    }
}

impl TryFrom<wire::ClaimCapsule> for ClaimCapsule {
    type Error = Malformed;

    fn try_from(wire: wire::ClaimCapsule) -> Result<Self, Malformed> {
        Ok(Self {
            token: BearerToken::from_slice(&wire.claim_token)?,
            claimant: BearerToken::from_slice(&wire.claimant)?,
        })
    }
}

impl From<&ClaimCapsule> for wire::ClaimCapsule {
    fn from(claim: &ClaimCapsule) -> Self {
        Self {
            claim_token: Bytes::copy_from_slice(claim.token.as_bytes()),
            claimant: Bytes::copy_from_slice(claim.claimant.as_bytes()),
        }
    }
}

impl TryFrom<wire::ConfirmCapsule> for ConfirmCapsule {
    type Error = Malformed;

    fn try_from(wire: wire::ConfirmCapsule) -> Result<Self, Malformed> {
        Ok(Self {
            claimant: BearerToken::from_slice(&wire.claimant)?,
        })
    }
}

impl From<&ConfirmCapsule> for wire::ConfirmCapsule {
    fn from(confirm: &ConfirmCapsule) -> Self {
        Self {
            claimant: Bytes::copy_from_slice(confirm.claimant.as_bytes()),
        }
    }
}
