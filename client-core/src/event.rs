//! What the app is told. Details are read from [`crate::Client`]'s views.

use siegel_proto::ids::{BlobId, MessageId, PersonId, RoomId};
use siegel_proto::{ErrorCode, Refusal};

use crate::room::invitation::InvitationId;

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The relay answered and, for staff, took the device in.
    Online,
    /// The relay is not the organisation's: do not go on.
    WrongRelay,
    /// The relay does not speak this build's protocol: a newer build is needed.
    Outdated,
    /// The set-up or join is complete.
    Joined,
    /// The link cannot be used: expired, used, withdrawn or mistyped.
    LinkUnavailable,
    /// The relay refused the set-up or enrolment.
    JoinRefused(ErrorCode),
    /// The contacts changed.
    ContactsChanged,
    /// A room is there or changed: title, members, state.
    RoomChanged(RoomId),
    /// A message was put into the outbox.
    Queued {
        /// The room.
        room: RoomId,
        /// The message.
        message: MessageId,
    },
    /// The relay has stored an own message.
    Sent {
        /// The room.
        room: RoomId,
        /// The message.
        message: MessageId,
        /// Its place in the log.
        seq: u64,
    },
    /// A message or membership change cannot be carried out; it stays visible as failed.
    Failed {
        /// The room.
        room: RoomId,
        /// The message.
        message: MessageId,
        /// What the relay or the room said.
        reason: Failure,
    },
    /// A new line stands in a room's timeline.
    Received {
        /// The room.
        room: RoomId,
        /// Its place in the log.
        seq: u64,
    },
    /// A line in a room's timeline was edited, deleted or reacted to.
    Changed {
        /// The room.
        room: RoomId,
        /// The message.
        message: MessageId,
    },
    /// Somebody is typing.
    Typing {
        /// The room.
        room: RoomId,
        /// Who.
        person: PersonId,
        /// Or has stopped.
        active: bool,
    },
    /// Everything the relay has for this room is here.
    CaughtUp(RoomId),
    /// The link of an invitation can be handed out.
    InvitationReady(InvitationId),
    /// An invitation was taken back or could not be made.
    InvitationGone(InvitationId),
    /// Somebody's identity changed; nothing is sent to them until a person has seen it.
    IdentityChanged(PersonId),
    /// This device is revoked; what is here should be wiped.
    Revoked,
    /// The relay was put back from a backup; the client reconciles.
    RelayRestored,
    /// This device's state was put back; nothing is sent in the room until it healed.
    RolledBack(RoomId),
    /// The relay shows different logs to different members.
    SplitView(RoomId),
    /// The relay has taken the announcement of a blob.
    BlobReady(BlobId),
    /// The relay refused a blob.
    BlobRefused(BlobId, ErrorCode),
    /// The organisation's policy changed.
    PolicyChanged,
    /// A setting or the own availability changed.
    SettingsChanged,
    /// A request that belongs to no message was refused.
    Refused(Refusal),
}

/// Why a message or change failed for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Failure {
    /// The colleague has no key package; their device must come online first.
    NoKeyPackage,
    /// The room's rules do not allow it.
    NotAllowed,
    /// The relay refuses the seat: removed, or the room is gone.
    Denied,
    /// Too large for the relay.
    TooLarge,
    /// A limit of the relay is reached.
    Quota,
    /// The room has too many devices for a client to be invited into it: a smaller one does.
    Crowded,
    /// It was to greet a client who could not be added, or whose invitation was taken back.
    Uninvited,
    /// It waited while somebody came back who was not in the room when it was written.
    MemberBack,
}
