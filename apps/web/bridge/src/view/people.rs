//! People, devices, invitations.

use serde::{Deserialize, Serialize};

use super::hours::Hours;
use super::standing::Policy;
use crate::id::{DeviceId, InvitationId, PersonId, RoomId};

/// Who this device is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The account or client.
    pub person: PersonId,
    /// This device.
    pub device: DeviceId,
    /// What the person is.
    pub role: Role,
    /// What colleagues call the person; empty for clients.
    pub name: String,
    /// `https://host` of the relay.
    pub origin: String,
    /// The organisation's fingerprint, hexadecimal.
    pub organisation: String,
    /// Holds the organisation's root key: invites staff, revokes, sets the policy.
    pub admin: bool,
    /// Taken in by the relay.
    pub ready: bool,
    /// What the organisation enforces.
    pub policy: Policy,
    /// When this person reads, as they last told their clients.
    pub hours: Hours,
}

/// What a person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Staff that holds the root key.
    Admin,
    /// A colleague.
    Staff,
    /// A client.
    Client,
}

/// A person this device knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub person: PersonId,
    /// What to call them: the own label for a client, else the name. May be empty.
    pub name: String,
    /// What they do; may be empty.
    pub position: String,
    /// What they are.
    pub role: Role,
    /// Safety words were compared.
    pub verified: bool,
    /// Another identity was seen and waits for a person's word.
    pub changed: bool,
    /// A client that has not opened the link.
    pub provisional: bool,
    /// No longer trusted.
    pub revoked: bool,
}

/// A member of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub person: Person,
    /// Their devices in this room.
    pub devices: Vec<Device>,
    /// May add and remove.
    pub manager: bool,
    /// This person.
    pub own: bool,
}

/// A device of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Which.
    pub device: DeviceId,
    /// This one.
    pub own: bool,
}

/// An invitation this device made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Which.
    pub id: InvitationId,
    /// For whom, in the inviter's words.
    pub label: String,
    /// Whom it brings in.
    pub person: PersonId,
    /// Clients: into which room.
    pub room: Option<RoomId>,
    /// Where it stands.
    pub state: InvitationState,
    /// Seconds since 1970.
    pub expires_at: i64,
}

/// Where an invitation stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvitationState {
    /// The link is being made; it needs the relay.
    Preparing,
    /// The link can be passed on.
    Ready {
        /// Show it, draw it as a QR code, never send it elsewhere.
        link: String,
    },
    /// Somebody used it.
    Used,
    /// Run out.
    Expired,
    /// Taken back.
    Withdrawn,
}
