//! What a person, through the app, can ask of the client.

use siegel_proto::availability::Availability;
use siegel_proto::blob::CreateBlob;
use siegel_proto::certificate::PersonRole;
use siegel_proto::content::{Extras, Kind, Notice};
use siegel_proto::ids::{DeviceId, MessageId, PersonId, RoomId};
use siegel_proto::organisation::Policy;

use crate::link::Link;
use crate::local::Local;
use crate::room::invitation::InvitationId;

/// A wish. What comes of it is told by [`crate::event::Event`]s.
#[derive(Debug)]
pub enum Command {
    /// Makes the organisation with this device as its admin's.
    SetUp {
        /// The link the relay printed.
        link: Link,
        /// What colleagues call the admin.
        name: String,
        /// What the admin does.
        position: String,
    },
    /// Joins by a staff or guest link.
    Join {
        /// The link.
        link: Link,
        /// What colleagues call the person; not used by guests.
        name: String,
        /// What the person does; not used by guests.
        position: String,
    },
    /// Goes on with a join that was broken off before the capsule came: the program ended,
    /// and the link may be gone.
    ResumeJoin,
    /// Makes a room and adds colleagues to it.
    CreateRoom {
        /// What it is called.
        title: String,
        /// Whom to add.
        with: Vec<PersonId>,
    },
    /// Makes a link for a colleague. Only who holds the root key.
    InviteStaff {
        /// A note for the own list of invitations.
        label: String,
        /// Staff or admin.
        role: PersonRole,
    },
    /// Makes a link for a client.
    InviteGuest {
        /// Into which room; `None` makes one.
        room: Option<RoomId>,
        /// What the inviter calls the client; stays on this device.
        label: String,
        /// The first words the client reads.
        greeting: String,
        /// What the client is asked to consent to.
        notice: Notice,
    },
    /// Takes an invitation back.
    Withdraw(InvitationId),
    /// Says something in a room.
    Say {
        /// The room.
        room: RoomId,
        /// What.
        kind: Kind,
    },
    /// Says something that names people or was said elsewhere before.
    SayWith {
        /// The room.
        room: RoomId,
        /// What.
        kind: Kind,
        /// Whom it names and where it comes from.
        extras: Box<Extras>,
    },
    /// Takes an own message out of the outbox that failed or was not sent yet.
    Discard {
        /// The room.
        room: RoomId,
        /// The message.
        message: MessageId,
    },
    /// Adds colleagues, with all their devices.
    Add {
        /// The room.
        room: RoomId,
        /// Whom.
        people: Vec<PersonId>,
    },
    /// Removes somebody, with all their devices.
    Remove {
        /// The room.
        room: RoomId,
        /// Whom.
        person: PersonId,
    },
    /// Lets a colleague add and remove, too.
    Promote {
        /// The room.
        room: RoomId,
        /// Whom.
        person: PersonId,
    },
    /// Renames a room.
    Rename {
        /// The room.
        room: RoomId,
        /// Its new title.
        title: String,
    },
    /// Sets how long a room's messages live, days; the policy's limit holds as well.
    SetRetention {
        /// The room.
        room: RoomId,
        /// 1 up to [`siegel_proto::limits::EXPIRY_DAYS`].
        days: u32,
    },
    /// Tells all clients when this person reads; without spans takes it back.
    SetAvailability(Availability),
    /// Takes a commit back that somebody could not process and removes who made it.
    Repair(RoomId),
    /// Everything up to here was read.
    MarkRead {
        /// The room.
        room: RoomId,
        /// The number of the last entry read.
        up_to: u64,
    },
    /// Declares an account to be no longer trusted. Only who holds the root key.
    RevokePerson(PersonId),
    /// Declares a device to be no longer trusted. Only who holds the root key.
    RevokeDevice(DeviceId),
    /// The person behind a changed identity was checked; sending goes on.
    AcceptIdentity(PersonId),
    /// The safety words were compared and are the same.
    Verify {
        /// The room in which it is announced.
        room: RoomId,
        /// Who was verified.
        person: PersonId,
    },
    /// Replaces the policy; its version is set by the client. Only who holds the root key.
    SetPolicy(Policy),
    /// Announces a blob; the bytes may be uploaded after [`crate::event::Event::BlobReady`].
    CreateBlob(CreateBlob),
    /// Changes this person's own view of rooms and people.
    Local(Local),
    /// Asks for the directory again.
    Refresh,
}
