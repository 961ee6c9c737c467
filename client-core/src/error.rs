//! Errors, by what the app does next.

use siegel_proto::certificate::ChainError;
use siegel_proto::{Malformed, OutOfBounds};

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
    /// What the command names is not here.
    #[error("there is no such {}", .0.name())]
    Unknown(Thing),
    /// Not possible as things stand.
    #[error("not possible: {0:?}")]
    NotAllowed(Hindrance),
    /// Others may do this.
    #[error("only for {0:?}")]
    Only(Holder),
    /// What a client would have to be told of this room's devices fits no link: a smaller room
    /// does.
    #[error("too many devices in this room for an invitation")]
    Crowded,
    /// A part of the command is too long, missing or out of range.
    #[error(transparent)]
    OutOfBounds(#[from] OutOfBounds),
}

/// What is not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A room.
    Room,
    /// A colleague or client.
    Person,
    /// A message or line.
    Message,
    /// An invitation.
    Invitation,
    /// What this device should hold by itself: a row or a member it counted on.
    Own,
}

impl Thing {
    const fn name(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Person => "person",
            Self::Message => "message",
            Self::Invitation => "invitation",
            Self::Own => "row or member",
        }
    }
}

/// Why something is not possible as things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// This device is no member of the room any more.
    NotMember,
    /// The relay does not open the room.
    Shut,
    /// The room must be left before it is forgotten.
    StillMember,
    /// The link was used or taken back already.
    LinkGone,
    /// Clients come by an invitation into a room, and in no other way.
    ByInvitation,
    /// The client has not opened the link yet.
    NotArrived,
    /// Only the core says this by itself.
    NotForPeople,
    /// It may be at the relay already.
    MaybeSent,
    /// Somebody else said it.
    NotOwn,
    /// Lines of this kind cannot be changed.
    Fixed,
    /// No commit here was refused by anybody.
    NothingRefused,
    /// The admin would be locked out.
    OwnKey,
}

/// Who may do what this device may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// Staff.
    Staff,
    /// Who holds the root key.
    Admin,
}
