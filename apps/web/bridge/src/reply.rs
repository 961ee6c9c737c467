//! What comes back.

use serde::{Deserialize, Serialize};

use crate::id::{MessageId, RoomId};
use crate::view;

/// An answer; [`crate::Ask`] says which belongs to which question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// It is done.
    Done,
    /// What a link is for.
    Link(view::LinkView),
    /// Who this device is.
    Profile(Box<view::Profile>),
    /// Rooms.
    Rooms(Vec<view::RoomCard>),
    /// One room.
    Room(Box<view::Room>),
    /// Lines, oldest first.
    Lines(view::Lines),
    /// Members of a room.
    Members(Vec<view::Member>),
    /// People.
    People(Vec<view::Person>),
    /// Invitations.
    Invitations(Vec<view::Invitation>),
    /// One invitation with its link.
    Invitation(view::Invitation),
    /// Decisions about notices.
    Consents(Vec<view::Consent>),
    /// Four words.
    Words(Vec<String>),
    /// Lines that were looked for.
    Hits(Vec<view::Hit>),
    /// Everything this person's device knows.
    MyData(Box<view::MyData>),
    /// A room was made.
    Made(RoomId),
    /// A message stands in the outbox under this id.
    Queued(MessageId),
    /// The file is the blob that goes with this message.
    File {
        /// Cleaned for a file system.
        name: String,
        /// What it is; safe to show only if [`view::FileView::shows`] says so.
        media_type: String,
    },
}
