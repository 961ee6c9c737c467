//! Rooms: one MLS group and one log each.
//!
//! | state | say | change members | receive |
//! | --- | --- | --- | --- |
//! | `Creating` | waits in the outbox | waits | nothing yet |
//! | `Active` | yes | yes | yes |
//! | `Active`, refused a commit | waits | waits | until the commit is voided |
//! | `Active`, stands alone | waits | waits | yes, until a reset can be followed or a Welcome comes |
//! | `Active`, put back | waits for a self-update | only that | yes |
//! | `Active`, shut | no | no | no, until the seat opens or a Welcome comes |
//! | `Removed` | no | no | no |
//!
//! A room's own state stands in one row, its waiting work in the outbox, what people see
//! in the timeline. Everything a step changes in them is in the step's one batch.

pub mod availability;
pub mod consent;
pub mod invitation;
pub mod outbox;
pub mod receipts;
pub mod receive;
pub mod timeline;

mod attach;
mod commit;
mod early;
pub(crate) mod expiry;
mod greeting;
pub(crate) mod join;
pub(crate) mod own_words;
mod readmit;
pub(crate) mod reset;
mod send;
mod void;

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use siegel_proto::content::Content;
use siegel_proto::ids::{ContentHash, DeviceId, MessageId, PersonId, RoomId};
use siegel_proto::seat::{SeatClass, SeatToken};

use crate::error::{Error, Hindrance, Thing};
use crate::identity::Keys;
use crate::mls::group_id::RoomGroup;
use crate::moment::Timestamp;
use crate::vault::{Scope, Table, Vault};

const ROOMS: Table = Table::new("rooms");
const ROOM: Table = Table::new("room");
const STATE: &[u8] = b"state";
const SENDER: Table = Table::new("sender");

/// A room in which nobody else gave a sign of life for so long may be held back by the
/// relay: every device that is online renews its keys after seven days.
pub const STALE_AFTER_SECONDS: i64 = 8 * 86_400;

/// How much of the log's chain is remembered to compare with what others saw.
const LOG_TAIL: usize = 32;

/// A room's state on this device.
#[derive(Clone, Serialize, Deserialize)]
pub struct Room {
    /// Its id, and that of its log.
    pub room: RoomId,
    /// Which of the room's groups; see [`RoomGroup`].
    pub incarnation: u32,
    /// Opens the device's seat.
    pub token: SeatToken,
    /// Whether the seat needs a staff session.
    pub class: SeatClass,
    /// Where the room stands.
    pub stage: Stage,
    /// Processed up to here; `None` until the first attach tells where the seat begins.
    pub cursor: Option<u64>,
    /// The chain over the log since the last commit, newest last.
    pub log_tail: VecDeque<(u64, ContentHash)>,
    /// The number of the last own content.
    pub own_counter: u64,
    /// The chain over own contents.
    pub own_chain: ContentHash,
    /// A commit this device could not process.
    pub refused: Option<RefusedCommit>,
    /// The last commit that was merged: how to take it back.
    pub last_commit: Option<MergedCommit>,
    /// Another member could not process the last commit.
    pub contested: bool,
    /// The relay has taken back a commit that stands here. Its epochs and the group's are of
    /// two histories, though their numbers may agree again: nothing is sent until this
    /// device is let in again.
    #[serde(default)]
    pub stands_alone: bool,
    /// The entry that brought the group into its epoch; 0 for a new room.
    #[serde(default)]
    pub epoch_seq: u64,
    /// The relay was put back to a backup.
    #[serde(default)]
    pub put_back: Option<reset::PutBack>,
    /// The relay has lost the room and this device is making it again.
    #[serde(default)]
    pub made_again: bool,
    /// This device's state was put back; heals by a commit.
    pub rolled_back: bool,
    /// The relay showed others another log.
    pub split_view: bool,
    /// The relay does not open the seat: this device was removed while it was away, or the
    /// relay says so.
    pub shut: bool,
    /// New keys that replace all of the capsule's once their commit is merged.
    pub renewal: Option<PendingKeys>,
    /// The guest still uses the capsule's keys and must replace them first.
    pub must_renew: bool,
    /// When the own leaf was last renewed.
    pub renewed_at: Timestamp,
    /// Contents sent since.
    pub sent_since: u32,
    /// The newest sign of life of anybody else that the relay cannot have made up: when a
    /// content was said by its author's clock, when a commit came by this device's.
    #[serde(default)]
    pub fresh_at: Option<Timestamp>,
    /// What the person has read.
    pub read_up_to: u64,
    /// What others have read.
    pub receipts: BTreeMap<PersonId, u64>,
    /// What others' devices have processed.
    #[serde(default)]
    pub delivered: BTreeMap<PersonId, u64>,
    /// Who came in while this device was a member, and where.
    #[serde(default)]
    pub since: BTreeMap<PersonId, u64>,
    /// The last entry in which somebody else said something.
    #[serde(default)]
    pub heard_up_to: u64,
    /// Others were told that everything up to here has arrived.
    #[serde(default)]
    pub told_delivered: u64,
    /// Others were told that everything up to here was read.
    #[serde(default)]
    pub told_read: u64,
    /// How long messages live, as the room said when it could last be asked; 0 for never.
    #[serde(default)]
    pub retention_days: u32,
}

/// Where a room stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Stage {
    /// The relay is yet to make the log.
    Creating,
    /// In use.
    Active,
    /// This device is no longer a member.
    Removed,
}

/// A commit this device could not process.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RefusedCommit {
    /// Its number.
    pub seq: u64,
    /// Of its payload.
    pub payload_hash: ContentHash,
    /// Who made it, if that could be read.
    pub author: Option<DeviceId>,
}

/// The last commit that was merged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MergedCommit {
    /// Its number.
    pub seq: u64,
    /// Of its payload.
    #[serde(default)]
    pub payload_hash: Option<ContentHash>,
    /// Who made it.
    pub author: DeviceId,
    /// When it was merged.
    pub at: Timestamp,
    /// Own contents the relay has taken since: to be said again if it is taken back.
    pub own_since: Vec<Content>,
}

/// Keys that wait for the commit that brings them in.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingKeys {
    /// The guest's own.
    pub keys: Keys,
    /// The seat's new token.
    pub token: SeatToken,
}

/// What is known of another device's contents in a room.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Sender {
    pub(crate) counter: u64,
    pub(crate) chain: ContentHash,
    /// The content this count began with: after it was put back, a device begins anew.
    pub(crate) first: MessageId,
    /// Where the chain of this count began; it may begin anew with the same content.
    #[serde(default = "chain_start")]
    pub(crate) start: ContentHash,
    /// It has committed since it was last heard, and may count anew.
    #[serde(default)]
    pub(crate) committed: bool,
}

impl Room {
    pub(crate) fn new(room: RoomId, token: SeatToken, class: SeatClass, now: Timestamp) -> Self {
        Self {
            room,
            incarnation: 0,
            token,
            class,
            stage: Stage::Active,
            cursor: None,
            log_tail: VecDeque::new(),
            own_counter: 0,
            own_chain: chain_start(),
            refused: None,
            last_commit: None,
            contested: false,
            stands_alone: false,
            epoch_seq: 0,
            put_back: None,
            made_again: false,
            rolled_back: false,
            split_view: false,
            shut: false,
            renewal: None,
            must_renew: false,
            renewed_at: now,
            sent_since: 0,
            fresh_at: Some(now),
            read_up_to: 0,
            receipts: BTreeMap::new(),
            delivered: BTreeMap::new(),
            since: BTreeMap::new(),
            heard_up_to: 0,
            told_delivered: 0,
            told_read: 0,
            retention_days: 0,
        }
    }

    pub(crate) fn load(vault: &Vault, room: RoomId) -> Result<Self, Error> {
        vault
            .get(Self::scope(room), ROOM, STATE)?
            .ok_or(Error::Unknown(Thing::Room))
    }

    pub(crate) fn find(vault: &Vault, room: RoomId) -> Result<Option<Self>, Error> {
        Ok(vault.get(Self::scope(room), ROOM, STATE)?)
    }

    pub(crate) fn save(&self, vault: &Vault) -> Result<(), Error> {
        vault.put(Scope::Device, ROOMS, self.room.as_bytes(), &())?;
        Ok(vault.put(Self::scope(self.room), ROOM, STATE, self)?)
    }

    /// Deletes the room with everything that belongs to it.
    pub(crate) fn delete(&self, vault: &Vault) {
        vault.delete(Scope::Device, ROOMS, self.room.as_bytes());
        vault.delete_scope(Self::scope(self.room));
    }

    pub(crate) fn ids(vault: &Vault) -> Result<Vec<RoomId>, Error> {
        let keys = vault.keys(Scope::Device, ROOMS, &[]);
        Ok(keys
            .iter()
            .map(|key| RoomId::from_slice(key))
            .collect::<Result<_, _>>()?)
    }

    pub(crate) const fn scope(room: RoomId) -> Scope {
        Scope::Room(room)
    }

    pub(crate) const fn group(&self) -> RoomGroup {
        RoomGroup {
            room: self.room,
            incarnation: self.incarnation,
        }
    }

    /// Whether the room takes new work.
    pub(crate) fn check_usable(&self) -> Result<(), Error> {
        if self.stage == Stage::Removed {
            return Err(Error::NotAllowed(Hindrance::NotMember));
        }
        if self.shut {
            return Err(Error::NotAllowed(Hindrance::Shut));
        }
        Ok(())
    }

    /// Notes a sign of life of somebody else.
    pub(crate) fn refresh(&mut self, at: Timestamp) {
        self.fresh_at = self.fresh_at.max(Some(at));
    }

    /// The log as this device has processed it.
    pub(crate) fn log_head(&self) -> (u64, ContentHash) {
        let start = (0, ContentHash::new([0; 32]));
        self.log_tail.back().copied().unwrap_or(start)
    }

    pub(crate) fn extend_log(&mut self, seq: u64, hash: ContentHash) {
        self.log_tail.push_back((seq, hash));
        while self.log_tail.len() > LOG_TAIL {
            self.log_tail.pop_front();
        }
    }
}

impl Sender {
    pub(crate) fn load(
        vault: &Vault,
        room: RoomId,
        device: DeviceId,
    ) -> Result<Option<Self>, Error> {
        Ok(vault.get(Room::scope(room), SENDER, device.as_bytes())?)
    }

    /// Forgets everybody's: what was said while this device was no member was not for it.
    pub(crate) fn forget_all(vault: &Vault, room: RoomId) {
        for key in vault.keys(Room::scope(room), SENDER, &[]) {
            vault.delete(Room::scope(room), SENDER, &key);
        }
    }

    /// A device may count anew from here on.
    pub(crate) fn has_committed(
        vault: &Vault,
        room: RoomId,
        device: DeviceId,
    ) -> Result<(), Error> {
        match Self::load(vault, room, device)? {
            Some(known) => Self {
                committed: true,
                ..known
            }
            .save(vault, room, device),
            None => Ok(()),
        }
    }

    /// Forgets one device's: a device that is let in again counts anew.
    pub(crate) fn forget(vault: &Vault, room: RoomId, device: DeviceId) {
        vault.delete(Room::scope(room), SENDER, device.as_bytes());
    }

    pub(crate) fn save(&self, vault: &Vault, room: RoomId, device: DeviceId) -> Result<(), Error> {
        Ok(vault.put(Room::scope(room), SENDER, device.as_bytes(), self)?)
    }
}

/// Where a device's first chain begins.
pub(crate) const fn chain_start() -> ContentHash {
    ContentHash::new([0; 32])
}

/// A random message id.
pub(crate) fn message_id(rng: &mut crate::moment::StepRng) -> MessageId {
    MessageId::new(rng.bytes())
}

impl Room {
    /// Begins the log's chain at the entry that brought the group into its epoch. Every
    /// member of the epoch begins with the same value, whether it was there or has just
    /// joined; the epoch authenticator stands for all that was before.
    pub(crate) fn start_log(&mut self, seq: u64, group: &crate::mls::group::Group) {
        let authenticator = ContentHash::of(group.epoch_authenticator());
        let start = ContentHash::new([0; 32]);
        let hash = siegel_proto::content::log_chain(
            &start,
            seq,
            siegel_proto::room::EntryKind::Commit,
            &authenticator,
        );
        self.log_tail.clear();
        self.extend_log(seq, hash);
        self.cursor = Some(seq);
        self.epoch_seq = seq;
    }
}
