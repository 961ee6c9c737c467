//! Leaves: who sits where in a group, as far as the certificate chains prove it.

use openmls::prelude::{
    BasicCredential, Capabilities, Credential, CredentialType, CredentialWithKey, Extension,
    ExtensionType, Extensions, LeafNode, ProposalType, ProtocolVersion, UnknownExtension,
};
use siegel_proto::certificate::{self, ChainError, PersonRole, VerifiedChain};
use siegel_proto::group::{self, LeafInfo};
use siegel_proto::ids::{ContentHash, DeviceId, PersonId, PublicKey, SeatHash};
use siegel_proto::{Malformed, label, limits, signing};

use super::{MlsError, SUITE};

/// A member's leaf whose credential was verified against the organisation's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Its place in the tree.
    pub index: u32,
    /// Who it is.
    pub identity: VerifiedChain,
    /// Which device.
    pub device: DeviceId,
    /// Its seat and inbox.
    pub info: LeafInfo,
}

impl Leaf {
    /// The account or guest.
    pub fn person(&self) -> PersonId {
        self.identity.person
    }

    /// Whether it belongs to a colleague.
    pub fn is_staff(&self) -> bool {
        self.identity.role != PersonRole::Guest
    }

    /// What the relay stores of its seat in `room`.
    pub fn seat_hash(&self, room: siegel_proto::ids::RoomId) -> SeatHash {
        self.info.seat_key.hash(room)
    }
}

/// Why a leaf cannot be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// A part is missing or does not parse.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The credential's chain does not hold.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The leaf's signature key is not the one its credential certifies.
    #[error("the leaf's signature key is not the certified one")]
    Key,
}

/// Verifies a leaf against the organisation's root.
///
/// # Errors
/// [`LeafError`]: the leaf must not be in a group.
pub fn verify(root: &PublicKey, index: u32, node: &LeafNode) -> Result<Leaf, LeafError> {
    let chain = chain_of(node.credential())?;
    let identity = certificate::verify_chain(root, &chain)?;
    let device = identity.device.as_ref().ok_or(ChainError::Form)?;
    if device.signature_key.as_bytes()[..] != *node.signature_key().as_slice() {
        return Err(LeafError::Key);
    }
    let info = node
        .extensions()
        .unknown(group::LEAF_INFO)
        .ok_or(Malformed("leaf info"))?;
    let info = LeafInfo::decode(&info.0)?;
    let needs_inbox = identity.role != PersonRole::Guest;
    if needs_inbox != info.inbox.is_some() {
        return Err(Malformed("inbox").into());
    }
    Ok(Leaf {
        index,
        device: device.device,
        identity,
        info,
    })
}

/// The same for the same place, credential, key and info: what [`verify`] looks at.
pub(super) fn fingerprint(index: u32, node: &LeafNode) -> ContentHash {
    let info = node.extensions().unknown(group::LEAF_INFO);
    let parts: [&[u8]; 4] = [
        &index.to_be_bytes(),
        node.credential().serialized_content(),
        node.signature_key().as_slice(),
        info.map_or(&[], |info| &info.0),
    ];
    ContentHash::of(&signing::message(label::VERIFIED_LEAF, &parts))
}

fn chain_of(credential: &Credential) -> Result<Vec<certificate::Certificate>, Malformed> {
    let credential =
        BasicCredential::try_from(credential.clone()).map_err(|_| Malformed("credential"))?;
    certificate::decode_chain(credential.identity())
}

/// A leaf's credential from an encoded certificate chain.
pub(super) fn credential(chain: &[u8], signature_key: PublicKey) -> CredentialWithKey {
    CredentialWithKey {
        credential: BasicCredential::new(chain.to_vec()).into(),
        signature_key: signature_key.as_bytes().to_vec().into(),
    }
}

/// The extensions of a leaf.
///
/// # Errors
/// [`MlsError::Library`] if the library refuses them.
pub(super) fn extensions(info: &LeafInfo) -> Result<Extensions<LeafNode>, MlsError> {
    let extension = Extension::Unknown(group::LEAF_INFO, UnknownExtension(info.encode()));
    Extensions::single(extension).map_err(MlsError::library)
}

/// What every Siegel leaf can do: nothing beyond what this version uses.
pub(super) fn capabilities() -> Capabilities {
    Capabilities::new(
        Some(&[ProtocolVersion::Mls10]),
        Some(&[SUITE]),
        Some(&[
            ExtensionType::Unknown(group::LEAF_INFO),
            ExtensionType::Unknown(group::KEY_PACKAGE_INFO),
            ExtensionType::Unknown(group::ROOM_INFO),
            ExtensionType::LastResort,
        ]),
        Some(&[] as &[ProposalType]),
        Some(&[CredentialType::Basic]),
    )
}

/// Whether a group of so many leaves is still allowed.
pub(super) const fn fits(leaves: usize) -> bool {
    leaves <= limits::SEATS_PER_ROOM
}
