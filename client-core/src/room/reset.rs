//! The relay was put back to a backup: how a room comes into step again.
//!
//! | this device | does |
//! | --- | --- |
//! | at the relay's epoch | says again what the relay lost, goes on |
//! | ahead or at another history, manages the room | resets: a commit of its group that the relay takes the epoch over from |
//! | at the same epoch as whoever resets | follows the commit, says again what the relay lost |
//! | staff who can do neither | asks those who manage the room to be let in again |
//! | a client who can do neither | needs a new link |
//!
//! A reset is a commit like any other: made in the group as its members know it, judged by
//! the same policy, and one that changes nobody. So the relay cannot bring anybody in or
//! out by claiming that it was put back, and a roster of the past does not come back.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use siegel_proto::frame::Request;
use siegel_proto::ids::{PersonId, RoomId, SeatHash};
use siegel_proto::limits;
use siegel_proto::room::{AppendKind, CommitEffects, CreateRoom, RoomKind, SeatChanges};

use super::outbox::{self, Change, Item, Work};
use super::timeline::{self, Body, Line};
use super::{Room, Stage, message_id, own_words, send};
use crate::client::{Client, Cx, Pending};
use crate::device::Device;
use crate::error::Error;
use crate::event::{Event, Failure};
use crate::mls::group::Group;
use crate::mls::leaf::Leaf;
use crate::mls::undo;
use crate::step::Output;
use crate::vault::Vault;

/// So long after a backup was put back its traces are looked for.
const PUT_BACK_SECONDS: i64 = 31 * 86_400;
/// How soon a room that the relay does not open is tried again, and for how long.
const TRY_AGAIN_SECONDS: i64 = 60;
const TRY_FOR_SECONDS: i64 = 86_400;

/// What is known of the last backup that was put back under a room.
#[derive(Clone, Serialize, Deserialize)]
pub struct PutBack {
    /// The last entry the backup holds; 0 if that is not known.
    pub kept: u64,
    /// The entry that told of it: what was said before it may come twice.
    pub mark: u64,
    /// That entry, or the last reset since.
    pub seq: u64,
    /// Who was there when this device lost the thread; empty if it did not.
    pub members: BTreeSet<PersonId>,
    /// Who had left since the backup by then.
    pub left: BTreeSet<PersonId>,
    /// A person wants this device's view of the room to hold.
    pub insists: bool,
}

impl PutBack {
    fn new(kept: u64, mark: u64) -> Self {
        Self {
            kept,
            mark,
            seq: mark,
            members: BTreeSet::new(),
            left: BTreeSet::new(),
            insists: false,
        }
    }
}

/// Where a backup was put back.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    /// The last entry of the backup and the room's epoch in it; `None` if the entry that
    /// says so is gone itself.
    pub(super) backup: Option<(u64, u64)>,
    /// The last number that was left out.
    pub(super) seq: u64,
}

impl Client {
    /// The relay has lost what came after the backup.
    pub(super) fn put_back(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        mark: Mark,
    ) -> Result<(), Error> {
        let group = self.take_group(cx, room)?;
        let kept = mark.backup.map_or(0, |(kept, _)| kept.min(mark.seq));
        let is_ahead = mark
            .backup
            .is_some_and(|(kept, epoch)| room.epoch_seq > kept || group.epoch() > epoch);
        let before = room.put_back.take().filter(|_| room.stands_alone);
        let mut put_back = PutBack::new(kept, mark.seq);
        if let Some(before) = before {
            // What was lost before was not said again yet.
            put_back.kept = put_back.kept.min(before.kept);
            (put_back.members, put_back.left) = (before.members, before.left);
        }
        room.put_back = Some(put_back);
        if mark.backup.is_some() {
            forget_undoing(&self.vault, room, kept)?;
        }
        for (number, mut item) in outbox::all(&self.vault, room.room)? {
            if item.seq.is_some_and(|seq| seq > kept) {
                item.seq = None;
                outbox::put(&self.vault, room.room, number, &item)?;
            }
        }
        let epoch_seq = room.epoch_seq;
        room.start_log(mark.seq, &group);
        room.epoch_seq = epoch_seq;
        if room.stands_alone {
            room.log_tail.clear();
        }
        self.keep_group(room.room, group);
        self.tell_put_back(cx, room, mark.seq)?;
        if is_ahead {
            self.lose_the_thread(cx, room, mark.seq)
        } else if room.stands_alone {
            Ok(())
        } else {
            self.say_again(cx, room)
        }
    }

    fn tell_put_back(&self, cx: &mut Cx, room: &Room, seq: u64) -> Result<(), Error> {
        let line = Line::event(seq, None, cx.now, Body::PutBack);
        timeline::add(&self.vault, room.room, &line)?;
        cx.event(Event::Received {
            room: room.room,
            seq,
        });
        cx.event(Event::RoomChanged(room.room));
        Ok(())
    }

    /// The room at the relay and the group here are of two histories.
    fn lose_the_thread(&mut self, cx: &mut Cx, room: &mut Room, seq: u64) -> Result<(), Error> {
        let Some(mut put_back) = room.put_back.take() else {
            return Ok(());
        };
        put_back.seq = seq;
        if let Some((number, _)) =
            find_reset(&self.vault, room.room)?.filter(|(_, item)| !item.is_open())
        {
            outbox::delete(&self.vault, room.room, number);
        }
        if !room.stands_alone {
            let group = self.take_group(cx, room)?;
            let leaves = group.leaves(&Device::load(&self.vault)?.root)?;
            self.keep_group(room.room, group);
            put_back.members = leaves.iter().map(Leaf::person).collect();
            put_back.left = left_since(&self.vault, room.room, put_back.kept)?;
        }
        room.put_back = Some(put_back);
        room.stands_alone = true;
        room.log_tail.clear();
        cx.event(Event::RoomChanged(room.room));
        Ok(())
    }

    /// A reset that this device cannot follow. Without word of a backup it is only shown;
    /// one that its author was not allowed to make is answered by whoever manages the room.
    pub(super) fn left_behind(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        (seq, was_refused): (u64, bool),
    ) -> Result<(), Error> {
        if was_refused {
            let nothing_lost = || PutBack::new(seq.saturating_sub(1), 0);
            room.put_back.get_or_insert_with(nothing_lost).insists = true;
        }
        self.lose_the_thread(cx, room, seq)
    }

    /// The relay has taken the epoch over from the group this device is in.
    pub(super) fn back_in_step(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        group: &Group,
        (seq, author): (u64, PersonId),
    ) -> Result<(), Error> {
        room.stands_alone = false;
        room.refused = None;
        if let Some((number, _)) = find_reset(&self.vault, room.room)? {
            // Somebody else was quicker.
            outbox::delete(&self.vault, room.room, number);
        }
        // A reset is not taken back.
        room.last_commit = None;
        undo::drop_snapshot(&self.vault, room.room);
        if let Some(attachment) = self.attachment(room.room) {
            attachment.epoch = group.epoch();
        }
        if let Some(put_back) = &mut room.put_back {
            put_back.seq = seq;
            put_back.insists = false;
        }
        self.line(cx, room, seq, author, Body::Reset)?;
        self.say_again(cx, room)
    }

    /// Queues what this device said and the relay lost, as it was: whoever has it already
    /// takes no second one.
    pub(super) fn say_again(&mut self, cx: &mut Cx, room: &Room) -> Result<(), Error> {
        let Some(put_back) = &room.put_back else {
            return Ok(());
        };
        let lost = own_words::take_after(&self.vault, room.room, put_back.kept)?;
        for content in lost.into_iter().rev() {
            let mut item = Item::new(message_id(&mut cx.rng), Work::Say(content.kind.clone()));
            item.extras = content.extras.clone();
            item.content = Some(content);
            outbox::push_front(&self.vault, room.room, &item)?;
        }
        Ok(())
    }

    /// Does what this device can do to bring the room and its group together.
    pub(super) fn realign(
        &mut self,
        cx: &mut Cx,
        mut room: Room,
        relay_epoch: u64,
    ) -> Result<(), Error> {
        let Some(put_back) = room.put_back.clone() else {
            return Ok(());
        };
        let device = Device::load(&self.vault)?;
        let group = self.take_group(cx, &room)?;
        let leaves = group.leaves(&device.root)?;
        let manages = send::manages(&group, &leaves, &self.revoked_set()?);
        let is_ahead = group.epoch() >= relay_epoch;
        if manages && (is_ahead || put_back.insists) {
            self.keep_group(room.room, group);
            return self.reset(cx, &mut room);
        }
        if device.is_staff() {
            self.ask_back(cx, &room, &put_back, &group, &leaves)?;
        }
        self.keep_group(room.room, group);
        // What was to be a reset when the relay stood elsewhere.
        if let Some((number, mut item)) = find_reset(&self.vault, room.room)? {
            self.forget_sent(cx, room.room, number, &mut item)?;
            outbox::delete(&self.vault, room.room, number);
        }
        Ok(())
    }

    fn reset(&mut self, cx: &mut Cx, room: &mut Room) -> Result<(), Error> {
        let id = room.room;
        if find_reset(&self.vault, id)?.is_none() {
            // Whatever was being committed belongs to what the relay has lost.
            for (number, mut item) in outbox::all(&self.vault, id)? {
                if item.sent.as_ref().is_some_and(|sent| sent.is_commit) {
                    self.forget_sent(cx, id, number, &mut item)?;
                }
            }
            let change = Change {
                reset: true,
                ..Change::default()
            };
            let item = Item::new(message_id(&mut cx.rng), Work::Change(Box::new(change)));
            outbox::push_front(&self.vault, id, &item)?;
        }
        let Some((number, item)) = find_reset(&self.vault, id)? else {
            return Ok(());
        };
        let mut group = self.take_group(cx, room)?;
        if item.holds_commit_of(group.epoch()) {
            self.send_again(cx, id, &item);
        } else if item.is_open()
            && item.seq.is_none()
            && let Work::Change(change) = item.work.clone()
        {
            let (staged, failed) = (self.vault.staged(), item.clone());
            match self.send_change(cx, room, &mut group, number, item, *change) {
                Ok(_) => {}
                Err(Error::Vault(error)) => return Err(error.into()),
                Err(_) => {
                    self.vault.restore(staged);
                    self.drop_group(id);
                    return self.mark_failed(cx, id, number, failed, Failure::NotAllowed);
                }
            }
        }
        self.keep_group(id, group);
        Ok(())
    }

    /// What the relay is told with a reset: who sits in the room, and behind which numbers
    /// to go on if the log has become shorter than it was.
    pub(super) fn reset_kind(&mut self, room: &Room, seats: Vec<SeatHash>) -> AppendKind {
        let attachment = self.attachment(room.room).copied();
        let cursor = room.cursor.unwrap_or(0);
        let after = match attachment {
            Some(there) if there.next_seq <= cursor => cursor.saturating_add(limits::PUT_BACK_LEAP),
            _ => 0,
        };
        AppendKind::Reset {
            effects: CommitEffects {
                seats: SeatChanges::Exact(seats),
                ..CommitEffects::default()
            },
            from_epoch: attachment.map_or(0, |there| there.epoch),
            after,
        }
    }

    /// Whether the relay said lately that it was put back to a backup.
    pub(super) fn was_put_back(&self, cx: &Cx) -> Result<bool, Error> {
        let put_back_at = Device::load(&self.vault)?.put_back_at;
        Ok(put_back_at.is_some_and(|put_back| cx.now.since(put_back) < PUT_BACK_SECONDS))
    }

    /// The log ends before what is processed here: one backup was put back twice, or more was
    /// lost than numbers are left out. What comes under numbers that are known here is not
    /// read until a reset goes on behind them.
    pub(super) fn numbers_went_back(&mut self, cx: &mut Cx, room: &mut Room) -> Result<(), Error> {
        if room.stands_alone && room.put_back.is_some() {
            return Ok(());
        }
        let seq = room.cursor.unwrap_or(0);
        room.put_back = Some(PutBack::new(0, seq.saturating_add(1)));
        self.tell_put_back(cx, room, seq)?;
        self.lose_the_thread(cx, room, seq)
    }

    /// Makes a room again that the relay has lost as a whole. Whether it has, the relay says
    /// only by taking it: an unknown room and an unknown seat are one answer.
    pub(super) fn make_again(&mut self, cx: &mut Cx, room: &mut Room) -> Result<bool, Error> {
        let device = Device::load(&self.vault)?;
        if !self.was_put_back(cx)? || !device.is_staff() {
            return Ok(false);
        }
        let group = self.take_group(cx, room)?;
        let leaves = group.leaves(&device.root)?;
        let manages = send::manages(&group, &leaves, &self.revoked_set()?);
        self.keep_group(room.room, group);
        let first = (self.connection.as_mut())
            .is_some_and(|connection| connection.made_again.insert(room.room));
        if !manages || !first {
            return Ok(false);
        }
        let after = room
            .cursor
            .unwrap_or(0)
            .saturating_add(limits::PUT_BACK_LEAP);
        if after >= limits::ENTRY_NUMBER {
            return Ok(false);
        }
        room.made_again = true;
        room.save(&self.vault)?;
        let create = CreateRoom {
            room: room.room,
            kind: RoomKind::Room,
            seats: vec![room.token.key(room.class).hash(room.room)],
            after,
        };
        let pending = Pending::CreateRoom(room.room);
        self.request(cx, pending, Request::CreateRoom(create));
        Ok(true)
    }

    /// Asks to be woken for another try at a room the relay does not open: a manager's
    /// device may bring the seat back any moment.
    pub(super) fn try_again_soon(&self, cx: &mut Cx) -> Result<(), Error> {
        if was_put_back_lately(&Device::load(&self.vault)?, cx) {
            cx.output(Output::WakeAt(cx.now.plus(TRY_AGAIN_SECONDS)));
        }
        Ok(())
    }

    /// Tries the rooms again that the relay did not open.
    pub(crate) fn open_shut_rooms(&mut self, cx: &mut Cx) -> Result<(), Error> {
        if !was_put_back_lately(&Device::load(&self.vault)?, cx) {
            return Ok(());
        }
        for id in Room::ids(&self.vault)? {
            let room = Room::load(&self.vault, id)?;
            if room.shut && room.stage == Stage::Active && !self.awaits(Pending::Attach(id)) {
                self.open_room(cx, id)?;
            }
        }
        Ok(())
    }
}

/// What was refused or to be taken back is gone from the relay.
fn forget_undoing(vault: &Vault, room: &mut Room, kept: u64) -> Result<(), Error> {
    room.refused.take_if(|refused| refused.seq > kept);
    if room
        .last_commit
        .as_ref()
        .is_none_or(|commit| commit.seq > kept)
    {
        room.contested = false;
    }
    for (number, item) in outbox::all(vault, room.room)? {
        if let Work::Void { seq } | Work::Refuse { seq, .. } = item.work
            && seq > kept
        {
            outbox::delete(vault, room.room, number);
        }
    }
    Ok(())
}

/// Who left after an entry and did not come back.
fn left_since(vault: &Vault, room: RoomId, kept: u64) -> Result<BTreeSet<PersonId>, Error> {
    let mut left = BTreeSet::new();
    for line in timeline::after(vault, room, kept, usize::MAX)? {
        match line.body {
            Body::Left(people) => left.extend(people),
            Body::Joined(people) => left.retain(|person| !people.contains(person)),
            _ => {}
        }
    }
    Ok(left)
}

fn find_reset(vault: &Vault, room: RoomId) -> Result<Option<(u64, Item)>, Error> {
    let mut items = outbox::all(vault, room)?.into_iter();
    Ok(items.find(|(_, item)| matches!(&item.work, Work::Change(change) if change.reset)))
}

fn was_put_back_lately(device: &Device, cx: &Cx) -> bool {
    (device.put_back_at).is_some_and(|put_back| cx.now.since(put_back) < TRY_FOR_SECONDS)
}
