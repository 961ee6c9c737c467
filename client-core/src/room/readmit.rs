//! Devices of staff that could not follow a reset are let in again: they ask, and a device
//! of somebody who manages the room answers by a commit that makes their place anew.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use siegel_proto::frame::Request;
use siegel_proto::group::{Readmission, SealedReadmission};
use siegel_proto::ids::{DeviceId, PersonId, SeatHash};
use siegel_proto::room::AppendInbox;
use siegel_proto::{OutOfBounds, Part, label, padding};

use super::outbox::{self, Change, Item, Work};
use super::reset::PutBack;
use super::timeline::{self, Body, Line};
use super::{Room, Stage, message_id, send};
use crate::client::{Client, Cx, Pending};
use crate::device::Device;
use crate::error::Error;
use crate::mls::group::Group;
use crate::mls::leaf::Leaf;
use crate::sealed;

/// A device that is to be let in again.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readmit {
    /// Whose.
    pub person: PersonId,
    /// Which.
    pub device: DeviceId,
    /// Its seat when it asked.
    pub seat: SeatHash,
    /// The last reset it had seen.
    pub seq: u64,
}

impl Client {
    /// Asks those who manage the room to let this device in again: once per connection and
    /// reset.
    pub(super) fn ask_back(
        &mut self,
        cx: &mut Cx,
        room: &Room,
        put_back: &PutBack,
        group: &Group,
        leaves: &[Leaf],
    ) -> Result<(), Error> {
        let device = Device::load(&self.vault)?;
        let own = leaves.iter().find(|leaf| leaf.device == device.keys.device);
        let first = (self.connection.as_mut()).is_some_and(|connection| {
            connection.session && connection.asked_in.insert((room.room, put_back.seq))
        });
        let (Some(own), true) = (own, first) else {
            return Ok(());
        };
        let readmission = Readmission {
            room: room.room,
            device: own.device,
            seat: own.seat_hash(room.room),
            seq: put_back.seq,
        };
        let key = sealed::derive(device.directory_key()?, label::READMISSION_KEY);
        let plain = readmission.encode();
        let sealed = sealed::seal(&key, label::READMISSION, &[], &plain, &mut cx.rng)?;
        let envelope = SealedReadmission {
            sealed: sealed.into(),
        };
        let payload = padding::pad(&envelope.encode()).ok_or(OutOfBounds(Part::Whole))?;
        let (info, revoked) = (group.info()?, self.revoked_set()?);
        let expires_in_days = self.expiry(group)?;
        for leaf in leaves {
            let manages = info.is_manager(leaf.person()) && !revoked.contains(leaf);
            if let Some(inbox) = leaf.info.inbox
                && manages
                && leaf.device != own.device
            {
                let append = AppendInbox {
                    inbox,
                    message: message_id(&mut cx.rng),
                    payload: payload.clone().into(),
                    expires_in_days,
                };
                self.request(cx, Pending::AskBack, Request::AppendInbox(append));
            }
        }
        Ok(())
    }

    /// A device asks to be let in again. It is let in only where it is a member anyway.
    pub(super) fn asked_back(
        &mut self,
        cx: &mut Cx,
        sealed: &SealedReadmission,
    ) -> Result<(), Error> {
        let device = Device::load(&self.vault)?;
        let key = sealed::derive(device.directory_key()?, label::READMISSION_KEY);
        // What does not open was not written by anybody in the organisation.
        let Ok(plain) = sealed::open(&key, label::READMISSION, &[], &sealed.sealed) else {
            return Ok(());
        };
        let Ok(asks) = Readmission::decode(&plain) else {
            return Ok(());
        };
        let Some(room) = Room::find(&self.vault, asks.room)? else {
            return Ok(());
        };
        if room.stage != Stage::Active {
            return Ok(());
        }
        let group = self.take_group(cx, &room)?;
        let leaves = group.leaves(&device.root)?;
        let manages = send::manages(&group, &leaves, &self.revoked_set()?);
        self.keep_group(room.room, group);
        let member = leaves.iter().find(|leaf| leaf.device == asks.device);
        let member = member.filter(|leaf| leaf.is_staff());
        let (Some(member), true) = (member, manages) else {
            return Ok(());
        };
        let readmit = Readmit {
            person: member.person(),
            device: asks.device,
            seat: asks.seat,
            seq: asks.seq,
        };
        let waits = |(_, item): &(u64, Item)| matches!(&item.work, Work::Change(change) if change.readmit.contains(&readmit));
        if outbox::all(&self.vault, room.room)?.iter().any(waits) {
            return Ok(());
        }
        let change = Change {
            readmit: vec![readmit],
            ..Change::default()
        };
        let item = Item::new(message_id(&mut cx.rng), Work::Change(Box::new(change)));
        outbox::push(&self.vault, room.room, &item)?;
        self.pump(cx, room.room)
    }

    /// This device was let in again: who came and went meanwhile is shown, and whoever had
    /// been removed since the backup goes once more.
    pub(super) fn found_back(
        &mut self,
        cx: &mut Cx,
        before: &Room,
        room: &Room,
        group: &Group,
        leaves: &[Leaf],
    ) -> Result<(), Error> {
        let Some(put_back) = before.put_back.as_ref().filter(|_| before.stands_alone) else {
            return Ok(());
        };
        let there: BTreeSet<PersonId> = leaves.iter().map(Leaf::person).collect();
        let came: Vec<_> = there.difference(&put_back.members).copied().collect();
        let gone: Vec<_> = put_back.members.difference(&there).copied().collect();
        let at = before.cursor.unwrap_or(0);
        let mut changes = Vec::new();
        if !came.is_empty() {
            changes.push(Body::Joined(came));
        }
        if !gone.is_empty() {
            changes.push(Body::Left(gone));
        }
        for body in changes {
            let line = Line::event(at, None, cx.now, body);
            timeline::add(&self.vault, room.room, &line)?;
        }
        let back: Vec<_> = there.intersection(&put_back.left).copied().collect();
        if !back.is_empty() && send::manages(group, leaves, &self.revoked_set()?) {
            let change = Change {
                remove: back,
                ..Change::default()
            };
            let item = Item::new(message_id(&mut cx.rng), Work::Change(Box::new(change)));
            outbox::push_front(&self.vault, room.room, &item)?;
        }
        self.say_again(cx, room)
    }
}

/// Whether a device's wish to be let in still holds: it is a member, was not let in since,
/// and no reset has come since that it may be able to follow.
pub(super) fn is_due(readmit: &Readmit, room: &Room, leaves: &[Leaf]) -> bool {
    let seat =
        |leaf: &Leaf| leaf.device == readmit.device && leaf.seat_hash(room.room) == readmit.seat;
    leaves.iter().any(seat)
        && (room.put_back.as_ref()).is_none_or(|put_back| readmit.seq >= put_back.seq)
}
