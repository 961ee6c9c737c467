//! Errors, by what the app does next.

use siegel_proto::Malformed;
use siegel_proto::certificate::ChainError;

use crate::link::LinkError;
use crate::mls::MlsError;
use crate::sealed::CannotOpen;
use crate::vault::VaultError;

/// A command or input that was not carried out. Nothing of it is in the vault.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Drop the client and open it again from the store.
    #[error("the client must be opened again from its store")]
    Reopen,
    /// The vault is damaged, locked or from another time.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Bytes that should be sound are not.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A group operation failed.
    #[error(transparent)]
    Mls(#[from] MlsError),
    /// A certificate chain does not hold.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The text is not a link of ours.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Sealed under another key, or changed on the way.
    #[error(transparent)]
    Sealed(#[from] CannotOpen),
    /// The vault belongs to nobody yet: set up or join first.
    #[error("this device belongs to no organisation yet")]
    NotJoined,
    /// The vault already belongs to somebody.
    #[error("this device already belongs to an organisation")]
    AlreadyJoined,
    /// No such room, message, person or invitation here.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// The room does not allow this now; says why.
    #[error("not possible in this room: {0}")]
    NotAllowed(&'static str),
    /// A command only for staff, or only for who holds the root key.
    #[error("only {0} can do this")]
    Only(&'static str),
    /// What a client would have to be told of this room's devices fits no link: a smaller room
    /// does.
    #[error("too many devices in this room for an invitation")]
    Crowded,
    /// A part of the command is too long or out of range.
    #[error("too long or out of range: {0}")]
    TooLarge(&'static str),
}
