//! Lines of a conversation, and what is made of them.

use serde::{Deserialize, Serialize};

use super::card::DataCard;
use super::people::{Member, Profile};
use super::room::RoomCard;
use crate::id::{MessageId, PersonId};
use crate::trouble::FailReason;

/// A window of a room's lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// Oldest first. A number's lines are never torn apart.
    pub lines: Vec<Line>,
    /// Lines lie before these.
    pub more_before: bool,
    /// Lines lie behind these.
    pub more_after: bool,
    /// The outbox, in order, if the window reaches the end; else empty.
    pub pending: Vec<Pending>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number; several lines can share one.
    pub seq: u64,
    /// The message it is, if it is one.
    pub message: Option<MessageId>,
    /// Who.
    pub author: Option<PersonId>,
    /// What to call them; may be empty.
    pub author_name: String,
    /// By this person.
    pub own: bool,
    /// When, seconds since 1970: by the author's clock, else by this device's.
    pub at: i64,
    /// What.
    pub body: Body,
    /// The author changed the text.
    pub edited: bool,
    /// Reactions, by emoji.
    pub reactions: Vec<Reaction>,
    /// Own messages: how far they are.
    pub delivery: Option<Delivery>,
    /// Whom the text names after an `@`.
    pub mentions: Vec<PersonRef>,
    /// It was said elsewhere before.
    pub forwarded: Option<Forwarded>,
}

/// Where a forwarded message comes from, as the forwarder says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forwarded {
    /// Why it was carried from one room into another; may be empty.
    pub reason: String,
    /// Who said it first; may be empty.
    pub author: String,
    /// When it was said first, seconds since 1970; 0 if that is not told.
    pub said_at: i64,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// Text.
    Text {
        /// The text.
        body: String,
        /// What it answers. A message that is gone has an empty excerpt.
        reply_to: Option<Excerpt>,
    },
    /// A file.
    File(FileView),
    /// What there is to know about a person.
    Card(DataCard),
    /// A text that asks for consent.
    Notice(Notice),
    /// A decision about a notice.
    Consent {
        /// Which text.
        notice_version: String,
        /// Agreed or taken back.
        granted: bool,
    },
    /// Deleted by its author.
    Deleted,
    /// Messages live so many days from now on.
    RetentionChanged(u32),
    /// People came in: names, own ones as such.
    Joined(Vec<PersonRef>),
    /// People are no longer members.
    Left(Vec<PersonRef>),
    /// A client opened the link.
    Arrived(PersonRef),
    /// Somebody's devices changed.
    DevicesChanged(PersonRef),
    /// The room's title or managers changed.
    InfoChanged,
    /// The author verified a person.
    Verified(PersonRef),
    /// The author asks to be removed.
    LeaveAsked,
    /// This program is too old for this message: reload.
    TooNew,
    /// Cannot be read here.
    Unreadable,
    /// Lines the relay no longer has.
    Missing {
        /// How many.
        entries: u64,
    },
    /// Messages of the author that never arrived.
    AuthorGap {
        /// How many.
        messages: u64,
    },
    /// The author's messages do not follow on from each other: tell the admin.
    AuthorBroken,
    /// The author saw other lines than this device: tell the admin.
    SplitView,
    /// A change of the room was refused here.
    CommitRefused,
    /// A change of the room was taken back.
    CommitVoided,
    /// The server was put back to a backup.
    PutBack,
    /// The author brought the room into step with the server again.
    Reset,
}

/// A person in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRef {
    /// Who.
    pub person: PersonId,
    /// What to call them; may be empty.
    pub name: String,
    /// This person.
    pub own: bool,
}

/// A file in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileView {
    /// Cleaned for screen and file system.
    pub name: String,
    /// As the sender says; nothing to rely on.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Text beside it; may be empty.
    pub caption: String,
    /// What can be shown inside the app.
    pub shows: Shows,
}

/// What of a file can be shown inside the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shows {
    /// A picture, in `<img>`.
    Picture,
    /// Sound, in `<audio>`.
    Sound,
    /// Only a name to save under.
    Nothing,
}

/// A text that asks for consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Which text: "2026-11".
    pub version: String,
    /// BCP 47.
    pub language: String,
    /// The text.
    pub body: String,
}

/// Who reacted with one emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Who, in no order that means anything.
    pub people: Vec<PersonRef>,
    /// This person is among them.
    pub own: bool,
}

/// How far an own message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// The relay has it.
    Sent,
    /// A device of each of the others has it, as far as they tell: clients' devices show it
    /// only by what they say afterwards.
    Delivered,
    /// So many of the others have said that they read it. Clients' devices do not say so.
    Read {
        /// Of the other staff members.
        by: u32,
        /// All the others who would say.
        of: u32,
    },
}

/// One line in other words: in the rooms' list, in a reply, in a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The message, if it is one.
    pub message: Option<MessageId>,
    /// Its number.
    pub seq: u64,
    /// What to call the author; may be empty.
    pub author_name: String,
    /// By this person.
    pub own: bool,
    /// Seconds since 1970.
    pub at: i64,
    /// What kind of line it is.
    pub kind: ExcerptKind,
}

/// What an excerpt shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExcerptKind {
    /// The beginning of a text, on one line.
    Text(String),
    /// A picture.
    Picture,
    /// Sound.
    Sound,
    /// Another file, by name.
    File(String),
    /// A data card. What stands on it is read in its room only.
    Card,
    /// A notice.
    Notice,
    /// A decision about one.
    Consent {
        /// Agreed or taken back.
        granted: bool,
    },
    /// Deleted.
    Deleted,
    /// Something about the room itself.
    Room,
    /// The line is gone.
    Gone,
}

/// Own work that is not in the log yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Under which id.
    pub message: MessageId,
    /// What it is.
    pub what: PendingWhat,
    /// Why it failed for good; `None` while it waits.
    pub failed: Option<FailReason>,
}

/// What waits. Receipts and the like are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PendingWhat {
    /// A line to be.
    Line(Box<Body>),
    /// Another text for a message.
    Edit {
        /// The message.
        target: MessageId,
        /// Its new text.
        body: String,
    },
    /// A message goes.
    Delete(MessageId),
    /// An emoji at a message.
    React {
        /// The message.
        target: MessageId,
        /// The emoji.
        emoji: String,
    },
    /// A change of title or members.
    Room,
}

/// A decision about a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Who.
    pub person: PersonRef,
    /// Which text.
    pub notice_version: String,
    /// In which language it was shown; empty if not known.
    pub language: String,
    /// Agreed or taken back.
    pub granted: bool,
    /// Seconds since 1970.
    pub at: i64,
}

/// A line that was looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Its room.
    pub room: crate::RoomId,
    /// What to call the room.
    pub room_title: String,
    /// The line. Its text is the part around the first word found.
    pub excerpt: Excerpt,
    /// What was found in that text: beginnings and ends, in bytes.
    pub marks: Vec<(u32, u32)>,
}

/// Everything this person's device knows of the person's rooms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyData {
    /// Who.
    pub profile: Profile,
    /// Rooms with all their lines. Files are fetched by themselves.
    pub rooms: Vec<MyRoom>,
}

/// One room of [`MyData`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyRoom {
    /// The room.
    pub card: RoomCard,
    /// Its members.
    pub members: Vec<Member>,
    /// Its lines, oldest first.
    pub lines: Vec<Line>,
    /// Decisions about notices.
    pub consents: Vec<Consent>,
}
