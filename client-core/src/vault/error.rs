//! Why a vault does not open or store.

use super::key::Scope;

/// What went wrong with a vault. None of these may be answered by starting afresh: an
/// identity is only ever made when a person asks for one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Ask again.
    #[error("the passphrase does not fit")]
    WrongPassphrase,
    /// The wrapping for the passkey is damaged, of another passkey or vault, or was removed.
    /// Ask for the passphrase, and set the passkey up anew.
    #[error("the passkey does not fit")]
    PasskeyUnfit,
    /// The header's bytes changed since they were written. Restore the device.
    #[error("the vault's header is damaged")]
    Damaged,
    /// Written by a newer version of this program. Update; touch nothing.
    #[error("the vault has format {found}, this program knows up to {known}")]
    NewerFormat {
        /// The format that stands in the header.
        found: u16,
        /// The newest this program reads.
        known: u16,
    },
    /// The parameters of the key derivation are outside what this program accepts.
    #[error("the passphrase parameters are out of bounds")]
    Parameters,
    /// A row was changed, moved or sealed by another vault. Restore the device or, if the
    /// scope is a room, rejoin it.
    #[error("a row does not belong where it was found")]
    RowDamaged,
    /// Rows are gone. As for `RowDamaged`.
    #[error("rows are missing")]
    RowMissing {
        /// Where.
        scope: Scope,
    },
    /// Rows, or the header, are from another time than the rest. As for `RowDamaged`.
    #[error("the store was put back or mixed")]
    RolledBack {
        /// Where.
        scope: Scope,
    },
    /// A row does not have the form its reader expects. A bug, or a newer program wrote it.
    #[error("a row cannot be read as what it should be")]
    Encoding,
    /// The vault has no passphrase, so it can only be exported.
    #[error("the vault has no header")]
    Unprotected,
}
