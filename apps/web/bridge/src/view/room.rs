//! Rooms.

use serde::{Deserialize, Serialize};

use super::hours::Reads;
use super::line::Excerpt;
use crate::id::RoomId;

/// A room in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomCard {
    /// Which.
    pub room: RoomId,
    /// Its title, or what to call it by its members; may be empty.
    pub title: String,
    /// Whether a client is in it.
    pub has_client: bool,
    /// How many people.
    pub members: u32,
    /// Lines of others that were not seen.
    pub unread: u32,
    /// One of them names this person.
    pub mentioned: bool,
    /// Own messages that wait.
    pub waiting: u32,
    /// Own messages that failed.
    pub failed: u32,
    /// The last thing said.
    pub last: Option<Excerpt>,
    /// When something was last said, or the room was made; seconds since 1970. 0 if unknown.
    pub at: i64,
    /// It is silent.
    pub muted: bool,
    /// It is out of sight.
    pub archived: bool,
    /// Something is half written there.
    pub drafted: bool,
    /// Where it stands.
    pub state: RoomState,
}

/// Where a room stands. All but `Active` and `Creating` call for a sentence on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoomState {
    /// The relay does not have it yet; writing is possible.
    Creating,
    /// In use.
    Active,
    /// This client's own keys are not in yet; a moment.
    Settling,
    /// This device is no longer a member: readable, not writable.
    Removed,
    /// The relay does not let this device in: removed while away, or the room is gone.
    Closed,
    /// A change of the room could not be processed here; waits for a manager.
    Refused,
    /// Another member could not process the last change: a manager should repair.
    Contested,
    /// This device's state was put back; nothing is sent until it healed.
    RolledBack,
    /// The relay shows different members different things: stop, tell the admin.
    SplitView,
    /// The server was put back to a backup and the room is not in step with it yet.
    OutOfStep,
}

/// A room that is open on the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// As in the list.
    pub card: RoomCard,
    /// What is half written.
    pub draft: String,
    /// The last line that was seen; what is beyond is new.
    pub read_up_to: u64,
    /// The number of the last line.
    pub last_seq: u64,
    /// This person may add, remove and rename.
    pub manager: bool,
    /// This person may write.
    pub writable: bool,
    /// Somebody's identity changed and blocks sending.
    pub blocked: bool,
    /// Messages live so many days.
    pub retention_days: u32,
    /// When the colleagues in it read, as far as they have said.
    pub reads: Vec<Reads>,
}
