//! What can go wrong with a group, by what the caller does next.

use siegel_proto::Malformed;

use super::leaf::LeafError;
use super::policy::Violation;

/// A failed group operation. The step's writes must be discarded and the group loaded
/// again: the library may have left both half done.
#[derive(Debug, thiserror::Error)]
pub enum MlsError {
    /// The bytes are no MLS message of the kind expected.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The message cannot be decrypted or does not verify: show it as unreadable, go on.
    #[error("the message cannot be processed")]
    Unprocessable,
    /// The commit breaks the rules of the room: refuse it.
    #[error(transparent)]
    Violation(#[from] Violation),
    /// A leaf does not prove who it is.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// The key package has expired or lives longer than allowed.
    #[error("the key package has expired or lives too long")]
    Lifetime,
    /// The group is not in the vault.
    #[error("the group is not in the vault")]
    NoGroup,
    /// The library failed on what should have been sound. Its own words may hold secrets
    /// and are not kept.
    #[error("the MLS library failed")]
    Library,
}

impl MlsError {
    /// Forgets the library's words: its errors may print what they failed on.
    pub(super) fn library<E>(_: E) -> Self {
        Self::Library
    }

    pub(super) fn unprocessable<E>(_: E) -> Self {
        Self::Unprocessable
    }
}
