//! The reference model: what has to come of what was said, told from three things only:
//! who said what, the order in which the relay took it, and which device sat on which
//! seat at that moment. It knows no keys, no epochs of its own, no outboxes.

use std::collections::{BTreeMap, BTreeSet};

use siegel_client_core::room::timeline::Body;
use siegel_proto::certificate::PersonRole;
use siegel_proto::content::Kind;
use siegel_proto::ids::{ContentHash, MessageId, PersonId, RoomId};
use siegel_proto::room::EntryKind;

use super::relay::AcceptedEntry;
use super::world::{DeviceNo, World};

/// What the model remembers.
#[derive(Default)]
pub struct Model {
    /// Everything anybody said, by its id.
    pub said: BTreeMap<MessageId, Saying>,
    /// Devices whose disks were put back.
    pub put_back: BTreeSet<DeviceNo>,
    /// The highest entry of each room that ran out at the relay before all had it.
    pub expired: BTreeMap<RoomId, u64>,
    /// What a room was at an epoch, as the first device there showed it.
    pub epochs: BTreeMap<EpochId, Epoch>,
}

/// Names an epoch of a room. Its number is not enough: once the commit into it is taken back,
/// the next one leads into another epoch of that number. A device whose disk was put back does
/// that with a commit of its own, because nobody can process what it made itself and has lost
/// the secrets of; whoever was in the first one leaves it with the entry that takes it back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct EpochId {
    room: RoomId,
    number: u64,
    taken_back: usize,
}

impl EpochId {
    /// The epoch of that number for whoever has read the room's log up to an entry.
    pub fn new(world: &World, room: RoomId, number: u64, read_up_to: u64) -> Self {
        let log = world.relay.accepted.iter();
        let taken_back = log.filter(|entry| {
            let is_void = entry.room == room && entry.kind == EntryKind::Void;
            is_void && entry.epoch + 1 == number && entry.seq <= read_up_to
        });
        Self {
            room,
            number,
            taken_back: taken_back.count(),
        }
    }
}

/// Something a person said.
pub struct Saying {
    /// With which device.
    pub by: DeviceNo,
    /// Where.
    pub room: RoomId,
    /// What.
    pub kind: Kind,
    /// It was on a disk that was put back before the relay had it.
    pub gone_with_the_disk: bool,
}

/// A room at an epoch: the same on every device, whenever it was there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Epoch {
    /// Of the epoch's authenticator.
    pub state: ContentHash,
    /// What it is called.
    pub title: String,
    /// Who is there.
    pub roster: Vec<Seat>,
}

/// A person in a room.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Seat {
    /// Who.
    pub person: PersonId,
    /// Works for the organisation.
    pub staff: bool,
    /// May add and remove.
    pub manager: bool,
    /// A client whose link was not opened.
    pub provisional: bool,
}

/// What an entry is to a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Right {
    /// To be read, once.
    Must,
    /// Was for it, but it lost its seat before it told that it has it.
    May,
    /// Not for it.
    Never,
}

/// A room's log with what each entry is to one device.
pub type Rights<'a> = Vec<(&'a AcceptedEntry, Right)>;

impl Model {
    /// What every entry of a room is to a device.
    pub fn rights<'a>(&self, world: &'a World, room: RoomId, at: DeviceNo) -> Rights<'a> {
        let is_own = |seat| world.relay.owners.get(seat) == Some(&at);
        let mut rights: Rights<'a> = Vec::new();
        let mut stayed =
            world.relay.logs.get(&room).is_some_and(|log| {
                (log.room.seats.iter()).any(|(h, s)| s.is_active() && is_own(h))
            });
        let log = world.relay.accepted.iter();
        for entry in log.rev().filter(|entry| entry.room == room) {
            let seated = entry.seats.iter().any(is_own);
            stayed &= seated;
            let right = match (stayed, seated) {
                (true, _) => Right::Must,
                (false, true) => Right::May,
                (false, false) => Right::Never,
            };
            rights.push((entry, right));
        }
        rights.reverse();
        rights
    }

    /// What a message's line shows after everything that was said about it; `None` where
    /// it cannot be known what the device has of that.
    pub fn line(
        &self,
        world: &World,
        rights: &Rights<'_>,
        seq: u64,
        message: MessageId,
        covered: impl Fn(u64) -> bool,
    ) -> Option<Shown> {
        let saying = self.said.get(&message)?;
        let mut shown = Shown {
            body: body(&saying.kind)?,
            edited: false,
            reactions: BTreeMap::new(),
        };
        for (entry, right) in rights.iter().filter(|(entry, _)| entry.seq > seq) {
            let Some(change) = self.said.get(&entry.message) else {
                continue;
            };
            let by = world.person(change.by);
            let own = by == world.person(saying.by);
            let aimed = match &change.kind {
                Kind::Edit { target, .. } | Kind::Delete { target } => *target == message && own,
                Kind::Reaction { target, .. } => *target == message,
                _ => false,
            };
            if !aimed || *right == Right::Never {
                continue;
            }
            if *right == Right::May || covered(entry.seq) {
                return None;
            }
            shown.change(&change.kind, by);
        }
        Some(shown)
    }

    /// Remembers what a room is at an epoch, or says what it was before.
    ///
    /// # Errors
    /// What is remembered, if it is something else.
    pub fn at_epoch(&mut self, epoch: EpochId, now: &Epoch) -> Result<(), Epoch> {
        let known = self.epochs.entry(epoch).or_insert_with(|| now.clone());
        if known == now {
            Ok(())
        } else {
            Err(known.clone())
        }
    }

    /// Whether whoever made a commit was allowed to, by what the room was before and after.
    pub fn allowed(&self, world: &World, commit: &AcceptedEntry) -> bool {
        let epoch = |number| EpochId::new(world, commit.room, number, commit.seq);
        let before = self.epochs.get(&epoch(commit.epoch));
        let after = self.epochs.get(&epoch(commit.epoch + 1));
        let (Some(before), Some(after)) = (before, after) else {
            return true;
        };
        let Some(by) = world.relay.owners.get(&commit.by) else {
            return false;
        };
        let by = world.person(*by);
        let revoked = |person: PersonId| world.relay.organisation.is_revoked(person);
        let manager_left = before
            .roster
            .iter()
            .any(|seat| seat.manager && !revoked(seat.person));
        let own = before.roster.iter().find(|seat| seat.person == by);
        let manages = own.is_some_and(|seat| seat.manager || (seat.staff && !manager_left));
        let people = |epoch: &Epoch| -> BTreeSet<PersonId> {
            epoch.roster.iter().map(|seat| seat.person).collect()
        };
        let managers = |epoch: &Epoch| -> BTreeSet<PersonId> {
            let managers = epoch.roster.iter().filter(|seat| seat.manager);
            managers.map(|seat| seat.person).collect()
        };
        let (old, new) = (people(before), people(after));
        let added = new.difference(&old).count() > 0;
        let removed = old
            .difference(&new)
            .any(|person| *person != by && !revoked(*person));
        let named = before.title != after.title || !managers(after).is_subset(&managers(before));
        let settled = before.roster.iter().any(|old| {
            let new = after.roster.iter().find(|new| new.person == old.person);
            old.person != by && new.is_some_and(|new| new.provisional != old.provisional)
        });
        after.roster.iter().any(|seat| seat.manager)
            && !settled
            && (manages || !(added || removed || named))
    }
}

/// What a line shows.
#[derive(PartialEq, Eq, Debug)]
pub struct Shown {
    /// What was said.
    pub body: Body,
    /// Whether it was changed.
    pub edited: bool,
    /// Who reacted how.
    pub reactions: BTreeMap<PersonId, String>,
}

impl Shown {
    fn change(&mut self, kind: &Kind, by: PersonId) {
        match (kind, &mut self.body) {
            (Kind::Edit { body: new, .. }, Body::Text { body, .. }) => {
                body.clone_from(new);
                self.edited = true;
            }
            (Kind::Delete { .. }, body) => {
                *body = Body::Deleted;
                self.reactions.clear();
            }
            (Kind::Reaction { .. }, Body::Deleted) => {}
            (Kind::Reaction { emoji, .. }, _) if emoji.is_empty() => {
                self.reactions.remove(&by);
            }
            (Kind::Reaction { emoji, .. }, _) => {
                self.reactions.insert(by, emoji.clone());
            }
            _ => {}
        }
    }
}

/// The line that something said becomes, if it becomes one.
pub fn body(kind: &Kind) -> Option<Body> {
    match kind.clone() {
        Kind::Text { body, reply_to } => Some(Body::Text { body, reply_to }),
        Kind::Notice(notice) => Some(Body::Notice(notice)),
        Kind::Consent {
            notice_version,
            language,
            granted,
            notice_hash,
        } => Some(Body::Consent {
            notice_version,
            language,
            granted,
            notice_hash,
        }),
        Kind::Verified { person } => Some(Body::Verified(person)),
        Kind::Leave => Some(Body::LeaveAsked),
        _ => None,
    }
}

/// What a device shows of a room now.
pub fn epoch_of(world: &World, at: DeviceNo, room: RoomId) -> (u64, Epoch) {
    let view = world.view(at, room);
    let mut roster: Vec<Seat> = (world.members(at, room).into_iter())
        .map(|member| Seat {
            person: member.person,
            staff: member.role != PersonRole::Guest,
            manager: member.manager,
            provisional: member.provisional,
        })
        .collect();
    roster.sort();
    let epoch = Epoch {
        state: view.state,
        title: view.title,
        roster,
    };
    (view.epoch, epoch)
}
