//! How the vault and the connection stand.

use serde::{Deserialize, Serialize};

use super::hours::{EmergencyNumber, Span};
use crate::passkey::KnownPasskey;

/// How the vault stands. Each is a screen of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Nobody was ever here: a link begins it.
    None,
    /// There is a vault: ask for what opens it.
    Locked(LockScreen),
    /// Open, and asking works.
    Open {
        /// The device belongs to an organisation. If not: set up or join.
        joined: bool,
        /// A PIN or passphrase opens it; if not, offer one.
        protected: bool,
        /// A passkey opens it as well.
        passkey: bool,
        /// A join is under way and waits for the relay.
        joining: bool,
    },
    /// Here was a vault, and the browser deleted all or part of it. Nothing brings it back;
    /// the person needs a new link. [`crate::Ask::Wipe`] or [`crate::Ask::Create`] go on.
    Lost,
    /// This device was revoked. [`crate::Ask::Wipe`].
    Revoked,
    /// It cannot work here.
    Unusable(Unusable),
}

/// What stands on the screen that asks for the PIN or passphrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockScreen {
    /// A PIN, so digits will do; else a passphrase.
    pub pin: bool,
    /// Seconds until a try is taken.
    pub wait_seconds: u32,
    /// Tries until the vault is wiped; `None` if it never is.
    pub tries_left: Option<u32>,
    /// Whether a passkey opens it as well.
    pub passkey: PasskeyView,
}

/// How a locked vault stands with passkeys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PasskeyView {
    /// There is none.
    None,
    /// This one opens it.
    Known(KnownPasskey),
    /// There was one; what it opened is damaged. The passphrase or PIN helps.
    Damaged,
}

/// Why it cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unusable {
    /// The browser lacks something: use a newer one, or leave the private window.
    Browser,
    /// The data contradicts itself: a new link is needed.
    Damaged,
    /// A newer version wrote it: reload.
    Newer,
    /// Reading or writing failed: reload.
    Broken,
    /// Another tab runs another version: close or reload the others, then reload.
    OtherVersion,
}

/// How the connection to the relay stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// Nobody needs one: locked, or not joined.
    Idle,
    /// Being made.
    Connecting,
    /// It stands; what was missed is coming in.
    Syncing,
    /// It stands, and everything is here.
    Online,
    /// It is lost; another attempt follows by itself.
    Offline,
    /// What answers is not the organisation's relay.
    WrongRelay,
    /// The relay is newer than this app and does not talk to it: load the page anew.
    Outdated,
}

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkView {
    /// Makes the organisation.
    SetUp,
    /// Brings a colleague in.
    Staff,
    /// Brings a client in.
    Client,
}

impl LinkView {
    /// What a link seems to be for, by the word in front of its secret. Whether it is a link at
    /// all only the worker can say.
    #[must_use]
    pub fn guess(link: &str) -> Option<Self> {
        let (word, _) = link.split_once('#')?.1.split_once('.')?;
        match word {
            "setup" => Some(Self::SetUp),
            "staff" => Some(Self::Staff),
            "guest" => Some(Self::Client),
            _ => None,
        }
    }
}

/// What the organisation enforces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The longest life of a message, days; 1 to 365.
    pub retention_days: u32,
    /// Minutes after which an unused device locks itself; 0 for after twelve hours.
    pub lock_after_minutes: u32,
    /// Hours an invitation works; 1 to 336.
    pub invitation_hours: u32,
    /// Characters a new passphrase or PIN has at least; 0 leaves it to the app.
    pub passphrase_characters: u32,
    /// Wrong tries in a row after which a device forgets everything: 5 to 100; 0 for never.
    pub wipe_after_tries: u32,
    /// No passkey opens a device.
    pub forbid_passkeys: bool,
    /// What the app calls itself in the browser; empty for its name.
    pub neutral_title: String,
    /// Whom to call when nobody reads.
    pub emergency: Vec<EmergencyNumber>,
    /// When the organisation as a whole reads; empty if that is not told.
    pub hours: Vec<Span>,
    /// The zone of the hours: "Europe/Berlin".
    pub time_zone: String,
}
