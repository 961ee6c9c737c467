//! Holds what the devices show against the reference model.

use std::collections::{BTreeMap, BTreeSet};

use siegel_client_core::room::Stage;
use siegel_client_core::room::timeline::{Body, Line};
use siegel_proto::ids::{MessageId, RoomId};
use siegel_proto::room::{EntryKind, RoomKind};

use super::model::{EpochId, Model, Right, Rights, body, epoch_of};
use super::relay::AcceptedEntry;
use super::world::{DeviceNo, World};

/// A promise that was broken, for people.
pub type Broken = String;

impl World {
    /// Every conversation there is.
    pub fn all_rooms(&self) -> Vec<RoomId> {
        let rooms = self.relay.logs.iter();
        let rooms = rooms.filter(|(_, log)| log.room.kind == RoomKind::Room);
        rooms.map(|(id, _)| *id).collect()
    }

    /// Devices that sit in a room, and how many seats nobody has taken yet.
    pub fn seated(&self, room: RoomId) -> (BTreeSet<DeviceNo>, usize) {
        let Some(log) = self.relay.logs.get(&room) else {
            return (BTreeSet::new(), 0);
        };
        let active = log.room.seats.iter().filter(|(_, seat)| seat.is_active());
        let owners: Vec<_> = active
            .map(|(hash, _)| self.relay.owners.get(hash))
            .collect();
        let free = owners.iter().filter(|owner| owner.is_none()).count();
        (owners.into_iter().flatten().copied().collect(), free)
    }

    /// Whether a device may take part at all.
    pub fn takes_part(&self, at: DeviceNo) -> bool {
        let profile = self.devices[at].client.profile();
        profile.is_ok_and(|profile| profile.ready && !profile.revoked)
    }
}

impl Model {
    /// What a device shows of a room at this moment is what every device shows or has
    /// shown at that epoch.
    ///
    /// # Errors
    /// It is something else.
    pub fn look(&mut self, world: &World, at: DeviceNo, room: RoomId) -> Result<(), Broken> {
        let Ok(view) = world.devices[at].client.room(room) else {
            return Ok(());
        };
        if view.stage == Stage::Removed {
            return Ok(());
        }
        let (number, now) = epoch_of(world, at, room);
        if number > 0 && view.cursor == 0 {
            // A newcomer that has not taken its seat: which commit it came in by, and so in
            // which epoch of that number it is, the relay tells it with the seat.
            return Ok(());
        }
        let epoch = EpochId::new(world, room, number, view.cursor);
        self.at_epoch(epoch, &now).map_err(|known| {
            let name = &world.devices[at].name;
            format!("{name} is in another epoch {number}: {now:?}, not {known:?}")
        })
    }

    /// Everything, at a moment at which nothing is on its way and everybody is online.
    ///
    /// # Errors
    /// The first broken promise.
    pub fn judge(&mut self, world: &World) -> Result<(), Broken> {
        for room in world.all_rooms() {
            for at in 0..world.devices.len() {
                self.look(world, at, room)?;
                self.judge_lines(world, at, room)
                    .map_err(|broken| format!("{}: {broken}", world.devices[at].name))?;
            }
            self.judge_agreement(world, room)?;
        }
        for commit in &world.relay.accepted {
            if commit.kind == EntryKind::Commit && !self.allowed(world, commit) {
                return Err(format!("commit {} was not allowed", commit.seq));
            }
        }
        self.judge_fates(world)
    }

    fn judge_lines(&self, world: &World, at: DeviceNo, room: RoomId) -> Result<(), Broken> {
        let client = &world.devices[at].client;
        if client.room(room).is_err() {
            return Ok(());
        }
        let lines = world.lines(at, room);
        let rights = self.rights(world, room, at);
        let gaps = Gaps::of(&lines);
        for line in &lines {
            self.judge_complaint(world, at, room, line, &gaps)?;
        }
        let mut shown: BTreeMap<MessageId, &Line> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.message.is_some()) {
            let message = line.message.ok_or("a message")?;
            if shown.insert(message, line).is_some() {
                return Err(format!("shows entry {} twice", line.seq));
            }
            self.judge_line(world, at, line, message, &rights, &gaps)?;
        }
        if !world.takes_part(at) {
            return Ok(());
        }
        for (entry, right) in &rights {
            let is_line = entry.kind == EntryKind::Message
                && (self.said.get(&entry.message)).is_some_and(|said| body(&said.kind).is_some());
            let due = is_line && *right == Right::Must;
            // What was lost the first time is told by the gap; said again by an author whose
            // disk was put back it would stand behind what was said after it.
            let mut places = rights.iter().filter(|(e, _)| e.message == entry.message);
            let told = places.any(|(place, _)| gaps.cover(place.seq));
            if due && !shown.contains_key(&entry.message) && !told {
                return Err(format!("does not show entry {}", entry.seq));
            }
        }
        Ok(())
    }

    fn judge_line(
        &self,
        world: &World,
        at: DeviceNo,
        line: &Line,
        message: MessageId,
        rights: &Rights<'_>,
        gaps: &Gaps,
    ) -> Result<(), Broken> {
        let seq = line.seq;
        let entry = rights.iter().find(|(entry, _)| entry.seq == seq);
        let (entry, right) = entry.ok_or(format!("shows {seq}, which was never taken"))?;
        if *right == Right::Never {
            return Err(format!("reads entry {seq}, which was not for it"));
        }
        let says_it = entry.message == message || self.says_again(world, entry, message);
        if !says_it || entry.kind != EntryKind::Message {
            return Err(format!("shows something else at {seq}"));
        }
        let said = self.said.get(&message);
        let said = said.ok_or(format!("shows at {seq} what nobody said"))?;
        let author = world.devices[said.by].client.profile();
        let author = author.map_err(|error| error.to_string())?;
        // A client put back to before its first commit has made other keys since.
        let is_device = line.device == Some(author.device) || self.put_back.contains(&said.by);
        if line.author != Some(author.person) || !is_device {
            return Err(format!("names somebody else as author of {seq}"));
        }
        // A revoked device no longer hears what becomes of a line.
        if !world.takes_part(at) {
            return Ok(());
        }
        let Some(expected) = self.line(world, rights, seq, message, |seq| gaps.cover(seq)) else {
            return Ok(());
        };
        let is_it = line.body == expected.body
            && line.edited == expected.edited
            && line.reactions == expected.reactions;
        if is_it {
            Ok(())
        } else {
            Err(format!("shows {line:?} instead of {expected:?}"))
        }
    }

    /// Whether an entry says again what its device had said in an epoch that was taken back:
    /// the same content in another entry. Who could read it the first time does not show it.
    fn says_again(&self, world: &World, entry: &AcceptedEntry, message: MessageId) -> bool {
        let by = |entry: &AcceptedEntry| world.relay.owners.get(&entry.by);
        let before = || {
            let log = world.relay.accepted.iter();
            log.filter(|e| e.room == entry.room && e.seq < entry.seq)
        };
        let is_taken_back = |first: &AcceptedEntry| {
            before().any(|void| {
                void.kind == EntryKind::Void
                    && void.seq > first.seq
                    && void.epoch + 1 == first.epoch
            })
        };
        !self.said.contains_key(&entry.message)
            && before().any(|first| {
                first.message == message && by(first) == by(entry) && is_taken_back(first)
            })
    }

    /// Complaints are for those who lost something, about what was lost.
    fn judge_complaint(
        &self,
        world: &World,
        at: DeviceNo,
        room: RoomId,
        line: &Line,
        gaps: &Gaps,
    ) -> Result<(), Broken> {
        let put_back = self.put_back.contains(&at);
        let by_one_put_back = line.author.is_some_and(|author| {
            let mut devices = self.put_back.iter();
            devices.any(|device| world.person(*device) == author)
        });
        let resent = self.was_taken_twice(world, room, line.seq);
        let expired = self.expired.get(&room).copied().unwrap_or(0);
        let fine = match line.body {
            Body::Missing { .. } => put_back || line.seq <= expired,
            Body::AuthorGap { .. } | Body::AuthorBroken => by_one_put_back || !gaps.is_empty(),
            Body::Unreadable => put_back || resent || !gaps.is_empty(),
            // Its own commit, which it does not know any more, is taken back by who made it.
            Body::CommitRefused => put_back,
            Body::CommitVoided => !self.put_back.is_empty(),
            Body::TooNew | Body::SplitView => false,
            _ => true,
        };
        if fine {
            Ok(())
        } else {
            Err(format!("complains at {}: {:?}", line.seq, line.body))
        }
    }

    fn was_taken_twice(&self, world: &World, room: RoomId, seq: u64) -> bool {
        let log = || world.relay.accepted.iter().filter(|e| e.room == room);
        let Some(entry) = log().find(|entry| entry.seq == seq) else {
            return false;
        };
        log().any(|other| other.seq < seq && other.message == entry.message)
    }

    /// All who sit in a room are in one epoch, and are the ones the room says are there.
    fn judge_agreement(&self, world: &World, room: RoomId) -> Result<(), Broken> {
        let Some(log) = world.relay.logs.get(&room) else {
            return Ok(());
        };
        let (seated, free) = world.seated(room);
        for at in seated.iter().filter(|at| world.takes_part(**at)) {
            let (at, name) = (*at, &world.devices[*at].name);
            let view = world.devices[at].client.room(room);
            let view = view.map_err(|_| format!("{name} does not know its room"))?;
            if view.stage != Stage::Active || view.shut {
                return Err(format!("{name} has a seat and stays outside"));
            }
            if view.epoch != log.room.epoch {
                let epochs = (view.epoch, log.room.epoch);
                return Err(format!("{name} does not follow: {epochs:?}"));
            }
            let members = world.members(at, room);
            let provisional = members.iter().filter(|m| m.provisional).count();
            let there: BTreeSet<_> = (members.iter())
                .filter(|m| !m.provisional)
                .map(|m| m.person)
                .collect();
            let sitting = seated.iter().filter(|at| !world.is_provisional(**at));
            let sitting: BTreeSet<_> = sitting.map(|at| world.person(*at)).collect();
            if there != sitting || provisional < free {
                return Err(format!(
                    "{name} sees {there:?} and {provisional}, seated are {sitting:?} and {free}"
                ));
            }
        }
        Ok(())
    }

    /// Whatever anybody said waits, failed, or is in the log.
    fn judge_fates(&self, world: &World) -> Result<(), Broken> {
        let taken: BTreeSet<(RoomId, MessageId)> = (world.relay.accepted.iter())
            .map(|entry| (entry.room, entry.message))
            .collect();
        for (id, said) in &self.said {
            if said.gone_with_the_disk || taken.contains(&(said.room, *id)) {
                continue;
            }
            let client = &world.devices[said.by].client;
            let outbox = client.outbox(said.room).unwrap_or_default();
            let Some(line) = outbox.iter().find(|line| line.message == *id) else {
                let name = &world.devices[said.by].name;
                return Err(format!("{name} said {:?}, and it is nowhere", said.kind));
            };
            let (seated, _) = world.seated(said.room);
            let can_send = seated.contains(&said.by)
                && world.takes_part(said.by)
                && !world.is_stuck_with_leavers(said.room);
            if can_send && line.failed.is_none() {
                let name = &world.devices[said.by].name;
                let (view, members) = (client.room(said.room), client.members(said.room));
                return Err(format!(
                    "{name} still waits to say {:?}: {view:?} {members:?} {outbox:?}",
                    said.kind
                ));
            }
        }
        Ok(())
    }
}

impl World {
    fn is_provisional(&self, at: DeviceNo) -> bool {
        let rooms = self.devices[at].client.rooms().unwrap_or_default();
        rooms.iter().any(|view| view.settling)
    }

    /// A room in which revoked people sit and no colleague who could remove them: clients
    /// say nothing there.
    pub fn is_stuck_with_leavers(&self, room: RoomId) -> bool {
        let (seated, _) = self.seated(room);
        let staff = seated.iter().any(|at| {
            let profile = self.devices[*at].client.profile();
            self.takes_part(*at)
                && profile.is_ok_and(|p| p.role != siegel_proto::certificate::PersonRole::Guest)
        });
        let leavers = seated.iter().any(|at| !self.takes_part(*at));
        leavers && !staff
    }
}

/// Numbers a device says it never got.
struct Gaps(Vec<(u64, u64)>);

impl Gaps {
    fn of(lines: &[Line]) -> Self {
        let gaps = lines.iter().filter_map(|line| match line.body {
            Body::Missing { entries } => Some((line.seq.saturating_sub(entries), line.seq)),
            _ => None,
        });
        // An entry that could not be read is shown as that in its place.
        let unreadable = lines
            .iter()
            .filter(|line| line.body == Body::Unreadable)
            .map(|line| (line.seq - 1, line.seq));
        Self(gaps.chain(unreadable).collect())
    }

    fn cover(&self, seq: u64) -> bool {
        self.0.iter().any(|(from, to)| *from < seq && seq <= *to)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
