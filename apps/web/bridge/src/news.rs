//! What the worker tells without being asked. News carry what changed, not always its
//! content: a page asks again for what it shows.

use serde::{Deserialize, Serialize};

use crate::Number;
use crate::id::{MessageId, PersonId, RoomId};
use crate::trouble::FailReason;
use crate::view::{Link, Standing};

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    /// How the vault stands; the first message of every worker.
    Standing(Standing),
    /// How the connection stands.
    Connection(Link),
    /// The rooms' list changed in more than one room, or its order did.
    RoomsChanged,
    /// A room's card, title or members changed.
    RoomChanged(RoomId),
    /// New lines stand at the end of a room, or its outbox changed.
    LinesAdded {
        /// The room.
        room: RoomId,
        /// The first new line's number; `None` if only the outbox changed.
        from: Option<u64>,
        /// Somebody else said something while this device was connected: worth a notice.
        live: bool,
    },
    /// A line was edited, deleted, reacted to, delivered or expired.
    LineChanged {
        /// The room.
        room: RoomId,
        /// The message; `None` for any of the room.
        message: Option<MessageId>,
    },
    /// An own message cannot be sent; it stands in the outbox as failed.
    Failed {
        /// The room.
        room: RoomId,
        /// The message.
        message: MessageId,
        /// Why.
        reason: FailReason,
    },
    /// Somebody is typing, or has stopped.
    Typing {
        /// The room.
        room: RoomId,
        /// Who.
        person: PersonId,
        /// What to call them.
        name: String,
        /// Typing now.
        active: bool,
    },
    /// How far a transfer is. Only the tab that asked gets it.
    Progress {
        /// The number of [`crate::Ask::Attach`] or [`crate::Ask::Fetch`].
        number: Number,
        /// Bytes that are over.
        done: u64,
        /// All bytes.
        total: u64,
    },
    /// Names, verification or revocation of people changed.
    PeopleChanged,
    /// The list of invitations changed.
    InvitationsChanged,
    /// The profile or the policy changed.
    ProfileChanged,
    /// Somebody's identity changed: nothing is sent to them before a person looked.
    IdentityChanged(PersonId),
    /// The relay refused something that belongs to no message, such as a change of the
    /// policy; the code helps the admin.
    Refused(String),
    /// The wrapping for the passkey was damaged or put back, and is removed: it can be set up
    /// anew.
    PasskeyLost,
    /// The relay was put back from a backup; the device reconciles by itself.
    RelayRestored,
}
