//! The outbox: work that waits until the relay has it.
//!
//! Work is done in order. A content is encrypted only when the device is attached and has
//! processed the whole log, so that nothing is ever encrypted to a member that is known
//! to be revoked. What was encrypted is stored before it is sent and sent again with the
//! same bytes; only `stale_epoch` makes it be encrypted anew, under the same ids.

use serde::{Deserialize, Serialize};
use siegel_proto::content::{Content, Extras, Kind};
use siegel_proto::ids::{ContentHash, DeviceId, MessageId, PersonId, RoomId};

use super::Room;
use super::invitation::InvitationId;
use super::readmit::Readmit;
use crate::error::{Error, Thing};
use crate::event::Failure;
use crate::vault::{Table, Vault};

const OUTBOX: Table = Table::new("outbox");

/// Numbers of items begin in the middle, so that urgent work can be put in front.
const MIDDLE: u64 = 1 << 32;

/// One piece of waiting work.
#[derive(Clone, Serialize, Deserialize)]
pub struct Item {
    /// The entry's id at the relay; of a content also its message id.
    pub entry: MessageId,
    /// What to do.
    pub work: Work,
    /// Whom a content names and where it comes from.
    #[serde(default)]
    pub extras: Extras,
    /// A content, as it was first encrypted: it is not changed by encrypting it anew.
    pub content: Option<Content>,
    /// What was stored to be sent.
    pub sent: Option<Sent>,
    /// Its place in the log, once the relay has said so.
    pub seq: Option<u64>,
    /// Why it failed for good.
    pub failed: Option<Failure>,
    /// What was heard about this message before the relay had said that it has it.
    #[serde(default)]
    pub early: Vec<(PersonId, Content)>,
}

/// What to do.
#[derive(Clone, Serialize, Deserialize)]
pub enum Work {
    /// Say something.
    Say(Kind),
    /// Change the room by a commit.
    Change(Box<Change>),
    /// Say that a commit cannot be processed.
    Refuse {
        /// The commit.
        seq: u64,
        /// Of its payload.
        payload_hash: ContentHash,
    },
    /// Take the latest commit back.
    Void {
        /// The commit.
        seq: u64,
    },
}

/// A change of a room, as intended: planned anew whenever another commit wins.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Change {
    /// Colleagues to add with all their devices.
    pub add: Vec<PersonId>,
    /// Key packages claimed for them.
    pub claimed: Vec<ClaimedDevice>,
    /// For whom key packages were claimed.
    pub claimed_for: Vec<PersonId>,
    /// People to remove with all their devices.
    pub remove: Vec<PersonId>,
    /// Devices to remove.
    pub remove_devices: Vec<DeviceId>,
    /// Who may manage from now on.
    pub promote: Vec<PersonId>,
    /// The new title.
    pub title: Option<String>,
    /// How long messages live from now on, days.
    #[serde(default)]
    pub retention_days: Option<u32>,
    /// A client to add by an invitation.
    pub invitation: Option<InvitationId>,
    /// Replace all keys that came in the capsule.
    pub renew: bool,
    /// Commit even if nothing else is to be done.
    pub update: bool,
    /// Have the relay take the group's epoch over: nothing else changes.
    #[serde(default)]
    pub reset: bool,
    /// Devices that could not follow a reset, to be let in again.
    #[serde(default)]
    pub readmit: Vec<Readmit>,
}

impl Change {
    /// The same in two steps, for what is too much for one: first all of it with half of those
    /// to be added, then the other half. Nothing if there is nobody to leave for later.
    pub(super) fn halved(&self) -> Option<(Self, Self)> {
        let (mut first, mut rest) = (self.clone(), Self::default());
        rest.claimed.clone_from(&self.claimed);
        rest.claimed_for.clone_from(&self.claimed_for);
        let all = first.add.len() + first.readmit.len();
        let late = first.readmit.len().min(all / 2);
        rest.readmit = first.readmit.split_off(first.readmit.len() - late);
        rest.add = first.add.split_off(first.add.len() - (all / 2 - late));
        (all > 1).then_some((first, rest))
    }
}

/// A key package that was claimed.
#[derive(Clone, Serialize, Deserialize)]
pub struct ClaimedDevice {
    /// The device.
    pub device: DeviceId,
    /// `MLSMessage` with the key package, opened.
    #[serde(with = "serde_bytes")]
    pub key_package: Vec<u8>,
}

/// Bytes that were stored to be sent.
#[derive(Clone, Serialize, Deserialize)]
pub struct Sent {
    /// The epoch they were encrypted in.
    pub epoch: u64,
    /// The encoded request, number 0.
    #[serde(with = "serde_bytes")]
    pub request: Vec<u8>,
    /// Of the payload, to recognise it in the log.
    pub payload_hash: ContentHash,
    /// Commits: the seats it removes and adds for the timeline and the roster.
    pub is_commit: bool,
}

impl Item {
    /// New work.
    pub(crate) fn new(entry: MessageId, work: Work) -> Self {
        Self {
            entry,
            work,
            extras: Extras::default(),
            content: None,
            sent: None,
            seq: None,
            failed: None,
            early: Vec::new(),
        }
    }

    /// Whether it is a commit of this epoch whose answer is not there yet.
    pub(crate) fn holds_commit_of(&self, epoch: u64) -> bool {
        let sent = self.sent.as_ref();
        self.seq.is_none() && sent.is_some_and(|sent| sent.is_commit && sent.epoch == epoch)
    }

    /// Whether it still waits.
    pub(crate) fn is_open(&self) -> bool {
        self.failed.is_none()
    }
}

/// Puts work behind all other.
pub(crate) fn push(vault: &Vault, room: RoomId, item: &Item) -> Result<(), Error> {
    let last = numbers(vault, room)?.into_iter().next_back();
    put(vault, room, last.map_or(MIDDLE, |last| last + 1), item)
}

/// Puts work before all other.
pub(crate) fn push_front(vault: &Vault, room: RoomId, item: &Item) -> Result<(), Error> {
    let first = numbers(vault, room)?.into_iter().next();
    put(vault, room, first.map_or(MIDDLE, |first| first - 1), item)
}

/// All work, in order, with the number to store it under.
pub(crate) fn all(vault: &Vault, room: RoomId) -> Result<Vec<(u64, Item)>, Error> {
    let rows = vault.scan::<Item>(Room::scope(room), OUTBOX, &[])?;
    rows.into_iter()
        .map(|(key, item)| Ok((number(&key)?, item)))
        .collect()
}

/// The numbers of all work, in order.
pub(crate) fn numbers(vault: &Vault, room: RoomId) -> Result<Vec<u64>, Error> {
    let keys = vault.keys(Room::scope(room), OUTBOX, &[]);
    keys.iter().map(|key| number(key)).collect()
}

/// One piece of work, if it is still there.
pub(crate) fn get(vault: &Vault, room: RoomId, number: u64) -> Result<Option<Item>, Error> {
    Ok(vault.get(Room::scope(room), OUTBOX, &number.to_be_bytes())?)
}

/// Finds work by its entry's id.
pub(crate) fn find(
    vault: &Vault,
    room: RoomId,
    entry: MessageId,
) -> Result<Option<(u64, Item)>, Error> {
    let all = all(vault, room)?;
    Ok(all.into_iter().find(|(_, item)| item.entry == entry))
}

/// Stores work under its number.
pub(crate) fn put(vault: &Vault, room: RoomId, number: u64, item: &Item) -> Result<(), Error> {
    Ok(vault.put(Room::scope(room), OUTBOX, &number.to_be_bytes(), item)?)
}

/// Forgets work that is done.
pub(crate) fn delete(vault: &Vault, room: RoomId, number: u64) {
    vault.delete(Room::scope(room), OUTBOX, &number.to_be_bytes());
}

fn number(key: &[u8]) -> Result<u64, Error> {
    let key = key.try_into().map_err(|_| Error::Unknown(Thing::Own))?;
    Ok(u64::from_be_bytes(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_halved_until_one_is_left_and_nobody_is_forgotten() {
        let person = |number| PersonId::new([number; 16]);
        let mut change = Change {
            title: Some("Team".to_owned()),
            add: (1..=7).map(person).collect(),
            claimed_for: (1..=7).map(person).collect(),
            ..Change::default()
        };
        let mut late = Vec::new();
        while let Some((first, rest)) = change.halved() {
            assert_eq!((first.title.as_deref(), &rest.title), (Some("Team"), &None));
            assert_eq!(rest.claimed_for.len(), 7, "nothing is claimed twice");
            late.splice(0..0, rest.add);
            change = first;
        }
        assert_eq!(change.add, [person(1)]);
        assert_eq!(late, (2..=7).map(person).collect::<Vec<_>>());
    }
}
