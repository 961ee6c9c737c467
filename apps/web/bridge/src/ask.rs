//! What a page can ask of the worker, and which [`crate::Reply`] each question gets.

use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, InvitationId, MessageId, PersonId, RoomId};
use crate::passkey::{NewPasskey, PasskeySecret};
use crate::view::{DataCard, Hours, Notice, Policy, Role};

/// A question or an order. Where nothing else is said the answer is [`crate::Reply::Done`],
/// which means: stored on this device, for good, and on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    // --- The vault ---
    /// Makes the vault. Allowed in standing `None` and `Lost`, and only there.
    Create(Protection),
    /// Opens it. The standing is `Open` before the answer comes.
    Unlock(Secret),
    /// Opens it by what its passkey made of the salt in [`crate::view::LockScreen`]. The
    /// standing is `Open` before the answer comes. A try counts for nothing.
    UnlockByPasskey(PasskeySecret),
    /// Closes it and forgets every key, in all tabs.
    Lock,
    /// Deletes everything this browser holds: leave and delete, or start over.
    Wipe,
    /// Puts the vault under another protection. `current` is `None` if it had none.
    Protect {
        /// What opens it now.
        current: Option<Secret>,
        /// What is to open it.
        new: Protection,
    },
    /// Lets a passkey open the vault as well, instead of an earlier one. Only where a PIN or
    /// passphrase opens it.
    AddPasskey {
        /// The PIN or passphrase.
        current: Secret,
        /// The passkey.
        new: NewPasskey,
    },
    /// Lets no passkey open the vault any more.
    RemovePasskey,

    // --- Becoming somebody ---
    /// Reads a link without using it: [`crate::Reply::Link`]. Works in every standing.
    ReadLink(Secret),
    /// Makes the organisation. Answers when the relay has it.
    SetUp {
        /// The link the relay printed.
        link: Secret,
        /// What colleagues call the admin.
        name: String,
        /// What the admin does; may be empty.
        position: String,
    },
    /// Joins by a staff or client link. Answers when the device belongs to the organisation.
    Join {
        /// The link.
        link: Secret,
        /// What colleagues call the person; empty for clients.
        name: String,
        /// What the person does; may be empty.
        position: String,
    },

    // --- Looking ---
    /// [`crate::Reply::Profile`].
    Profile,
    /// [`crate::Reply::Rooms`], the latest first.
    Rooms,
    /// [`crate::Reply::Room`].
    Room(RoomId),
    /// [`crate::Reply::Lines`].
    Lines {
        /// The room.
        room: RoomId,
        /// Which of its lines.
        window: Window,
        /// At most so many, up to 200.
        most: u32,
    },
    /// [`crate::Reply::Members`].
    Members(RoomId),
    /// Everybody this device knows: [`crate::Reply::People`].
    People,
    /// [`crate::Reply::Invitations`], the latest first.
    Invitations,
    /// Every decision about a notice, in order: [`crate::Reply::Consents`].
    Consents(RoomId),
    /// Lines that hold all words, each as a beginning, umlauts folded: [`crate::Reply::Hits`],
    /// the latest first.
    Search {
        /// The words.
        text: String,
        /// In this room only.
        room: Option<RoomId>,
        /// At most so many.
        most: u32,
    },
    /// Everything this person's device knows, to be written as one readable file:
    /// [`crate::Reply::MyData`].
    MyData,

    // --- Talking ---
    /// Says something. [`crate::Reply::Queued`].
    Say {
        /// The room.
        room: RoomId,
        /// What.
        what: Compose,
    },
    /// Says again in another room what was said in this one: text, a file or a data card.
    /// [`crate::Reply::Queued`].
    Forward {
        /// The room it stands in.
        from: RoomId,
        /// The message.
        message: MessageId,
        /// Where to.
        to: RoomId,
        /// Why; must be given.
        reason: String,
    },
    /// Sends the blob that goes with this message. Pictures lose place, time and camera.
    /// News tell the progress; [`crate::Reply::Queued`] when it is uploaded.
    Attach {
        /// The room.
        room: RoomId,
        /// What is said of it.
        note: FileNote,
    },
    /// Fetches and opens an attachment: [`crate::Reply::File`] with a blob.
    Fetch {
        /// The room.
        room: RoomId,
        /// The message with the file.
        message: MessageId,
    },
    /// Takes a failed message out of the outbox.
    Discard {
        /// The room.
        room: RoomId,
        /// The message.
        message: MessageId,
    },
    /// Everything up to this line was seen.
    MarkRead {
        /// The room.
        room: RoomId,
        /// The line's number.
        up_to: u64,
    },
    /// The person is typing, or has stopped. Forgotten, not queued, when offline.
    Typing {
        /// The room.
        room: RoomId,
        /// Typing now.
        active: bool,
    },
    /// Keeps what is half written; empty forgets it.
    Draft {
        /// The room.
        room: RoomId,
        /// The text so far.
        text: String,
    },
    /// Lets a room be silent, or not; on this account's devices only.
    Mute {
        /// The room.
        room: RoomId,
        /// Silent from now on.
        muted: bool,
    },
    /// Puts a room out of sight, or back; on this account's devices only.
    Archive {
        /// The room.
        room: RoomId,
        /// Out of sight from now on.
        archived: bool,
    },
    /// Calls a person by a name of one's own; empty takes it back. Nobody else sees it.
    Label {
        /// Whom.
        person: PersonId,
        /// How.
        label: String,
    },
    /// Agrees to a notice or takes it back.
    Consent {
        /// The room.
        room: RoomId,
        /// The line that holds the notice.
        notice: MessageId,
        /// Agreed or taken back.
        granted: bool,
    },

    // --- Rooms and members ---
    /// Makes a room: [`crate::Reply::Made`].
    CreateRoom {
        /// Its title.
        title: String,
        /// Colleagues to add.
        with: Vec<PersonId>,
    },
    /// Adds colleagues with all their devices.
    Add {
        /// The room.
        room: RoomId,
        /// Whom.
        people: Vec<PersonId>,
    },
    /// Removes somebody with all their devices.
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
    /// Gives a room another title.
    Rename {
        /// The room.
        room: RoomId,
        /// The title.
        title: String,
    },
    /// Asks to be removed from the room.
    Leave(RoomId),
    /// Messages of this room live so many days from now on.
    SetRetention {
        /// The room.
        room: RoomId,
        /// 1 up to 365.
        days: u32,
    },
    /// Takes back a change of the room that another member could not process.
    Repair(RoomId),

    // --- Invitations ---
    /// Makes a link for a colleague; admins only: [`crate::Reply::Invitation`] when the link
    /// can be passed on.
    InviteStaff {
        /// A note for the own list.
        label: String,
        /// Staff or admin.
        role: Role,
    },
    /// Makes a link for a client: [`crate::Reply::Invitation`] when it can be passed on.
    InviteClient {
        /// Into which room; `None` makes one.
        room: Option<RoomId>,
        /// What this account calls the client.
        label: String,
        /// The first words the client reads.
        greeting: String,
        /// What the client is asked to consent to: one text in one or more languages, at
        /// least one.
        notices: Vec<Notice>,
    },
    /// Takes a link back.
    Withdraw(InvitationId),

    // --- Trust ---
    /// Four words both sides compare; takes a second: [`crate::Reply::Words`].
    SafetyWords {
        /// The room.
        room: RoomId,
        /// With whom.
        person: PersonId,
    },
    /// The words were the same. The room is told.
    Verify {
        /// The room.
        room: RoomId,
        /// Who was verified.
        person: PersonId,
    },
    /// The person behind a changed identity was checked; sending goes on.
    AcceptIdentity(PersonId),
    /// An account is no longer trusted, for ever; admins only.
    RevokePerson(PersonId),
    /// A device is no longer trusted, for ever; admins only.
    RevokeDevice(DeviceId),
    /// Tells all clients when this person reads; without spans takes it back.
    SetHours(Hours),
    /// Replaces the policy; admins only.
    SetPolicy(Policy),
}

/// What a text field held that nobody else may see. Does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What opens the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protection {
    /// Nothing but this browser: for clients who chose no PIN. The key lies beside the vault.
    ThisBrowser,
    /// At least four digits: for clients.
    Pin(Secret),
    /// At least ten characters.
    Passphrase(Secret),
}

/// Which lines of a room. A line's number is [`crate::view::Line::seq`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Window {
    /// The last ones, with the outbox behind them.
    End,
    /// The last ones before this number.
    Before(u64),
    /// The first ones after this number; with the outbox if they reach the end.
    After(u64),
    /// Those on both sides of this number.
    Around(u64),
}

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compose {
    /// Text, perhaps an answer.
    Text {
        /// The text.
        body: String,
        /// What it answers.
        reply_to: Option<MessageId>,
        /// Whom it names after an `@`.
        mentions: Vec<PersonId>,
    },
    /// Another text for an own message.
    Edit {
        /// The message.
        target: MessageId,
        /// Its new text.
        body: String,
        /// Whom it names after an `@`.
        mentions: Vec<PersonId>,
    },
    /// What there is to know about a person. Fields without a value are left out.
    Card(DataCard),
    /// An own message goes on all devices.
    Delete(MessageId),
    /// An emoji at a message; empty takes it back.
    React {
        /// The message.
        target: MessageId,
        /// One emoji.
        emoji: String,
    },
}

/// What is said of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNote {
    /// Its name.
    pub name: String,
    /// Its media type, as the browser says.
    pub media_type: String,
    /// Text beside it; may be empty.
    pub caption: String,
    /// Send a picture whose place and time cannot be taken out; only after
    /// [`crate::Trouble::Metadata`] and a person's word.
    pub keep_metadata: bool,
}
