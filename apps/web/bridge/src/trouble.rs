//! Refusals and failures, by what the person can do next.

use serde::{Deserialize, Serialize};

/// Why something was not done. Nothing of it happened, unless the variant says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// Try again, after the wait.
    WrongSecret {
        /// Seconds until the next try is taken.
        wait_seconds: u32,
        /// Tries until the vault is wiped; `None` if it never is.
        tries_left: Option<u32>,
    },
    /// Wait: too many wrong tries.
    TooSoon {
        /// Seconds until the next try is taken.
        wait_seconds: u32,
    },
    /// Choose a longer PIN or passphrase.
    WeakSecret {
        /// So many characters at least.
        least: u32,
        /// It is a PIN.
        pin: bool,
    },
    /// The passkey opens this vault no more: use the passphrase or PIN, then set it up anew.
    PasskeyUnfit,
    /// Unlock first.
    Locked,
    /// Use a link first.
    NotJoined,
    /// This browser already belongs to an organisation: use another one, or wipe it first.
    AlreadyJoined,
    /// The vault is there already: unlock it.
    AlreadyCreated,
    /// The link does not work.
    Link(LinkTrouble),
    /// The relay does not answer as the organisation's: stop, ask the admin.
    WrongRelay,
    /// The relay is newer than this app: load the page anew.
    Outdated,
    /// This device was revoked: what is here should be wiped.
    Revoked,
    /// No connection. Try again when there is one.
    Offline,
    /// What was given is too long or out of range.
    TooLarge(Limit),
    /// What was given is empty where something must stand.
    Empty,
    /// Gone, or never here.
    Unknown(Thing),
    /// Only the organisation's admin can do this.
    OnlyAdmin,
    /// Only staff can do this.
    OnlyStaff,
    /// The room or the rules do not allow it now.
    NotAllowed,
    /// It cannot be delivered; see the reason.
    Failed(FailReason),
    /// The client has not opened the link yet: wait for that.
    NotArrived,
    /// The picture's place and time cannot be taken out: ask whether to send it as it is.
    Metadata,
    /// The file is not what was sent: ask the sender to send it again.
    FileDamaged,
    /// The file has expired at the relay: ask the sender to send it again.
    FileGone,
    /// The person gave the transfer up.
    Cancelled,
    /// The vault cannot be used.
    Store(StoreTrouble),
    /// The relay refuses for a reason of its own; the code helps the admin.
    Refused(String),
    /// The tab that held the vault went away in the middle. It may have happened: look
    /// first, then try again.
    Interrupted,
    /// A fault of this program. Reload; the code helps to find it.
    Internal(String),
}

/// Why a link does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkTrouble {
    /// Cut off or mistyped: copy it again in full.
    Incomplete,
    /// A link for something else, or of a later version.
    OtherKind,
    /// It leads to another organisation's address: open it there.
    OtherRelay,
    /// Used, taken back or run out: ask for a new one.
    Unavailable,
    /// The relay did not take the device in: ask for a new one.
    Refused,
}

/// What is too long or out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Limit {
    /// What is said, or a file.
    Size,
    /// A name, title, label or position.
    Name,
    /// A number, time or telephone number among the settings.
    Setting,
}

/// What is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Thing {
    /// A room.
    Room,
    /// A message or line.
    Message,
    /// A person.
    Person,
    /// An invitation.
    Invitation,
}

/// Why a message or a change of the room failed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailReason {
    /// The colleague's device must come online first.
    NoKeyPackage,
    /// The room's rules do not allow it.
    NotAllowed,
    /// This device is no longer a member, or the room is gone.
    Denied,
    /// Too large for the relay.
    TooLarge,
    /// A limit of the relay is reached.
    Quota,
    /// The room has too many devices for an invitation.
    Crowded,
    /// The invitation whose client it was to greet did not come about.
    Uninvited,
    /// Somebody came back who was not in the room when it was written.
    MemberBack,
}

/// Why the vault cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoreTrouble {
    /// The disk is full: make space. Nothing was lost.
    Full,
    /// The browser took some or all of the data: a new link is needed.
    Lost,
    /// The data contradicts itself: a new link is needed.
    Damaged,
    /// A newer version wrote it: reload to update.
    Newer,
    /// Reading or writing failed: reload.
    Broken,
}
