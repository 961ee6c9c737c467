//! Taking a commit back: who refuses it, and what a VOID does.

use siegel_proto::content::{Content, Kind, Payload};
use siegel_proto::ids::{ContentHash, PersonId, RoomId};
use siegel_proto::room::Deliver;

use super::outbox::{self, Change, Item, Work};
use super::receive::leaf_of;
use super::timeline::{self, Body, Line};
use super::{Room, message_id, send};
use crate::client::{Client, Cx};
use crate::device::Device;
use crate::error::Error;
use crate::event::{Event, Failure};
use crate::mls::MlsError;
use crate::mls::group::{Group, Processed};
use crate::mls::leaf::Leaf;
use crate::mls::provider::Provider;
use crate::mls::undo;

impl Client {
    /// Somebody could not process the latest commit. A device that could reads the refusal
    /// with the copy it kept from before; without one it only notes that there is one.
    pub(super) fn read_refusal(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        deliver: &Deliver,
    ) -> Result<(), Error> {
        if room.refused.is_some() {
            return self.read_message(cx, room, deliver);
        }
        let Some(commit) = &room.last_commit else {
            room.contested = true;
            cx.event(Event::RoomChanged(room.room));
            return Ok(());
        };
        let merged = (commit.seq, commit.payload_hash);
        let (author, refused) = self.open_refusal(cx, room, deliver)?;
        if refused == merged {
            room.contested = true;
            cx.event(Event::RoomChanged(room.room));
        } else {
            // What that member could not process is not what is merged here.
            room.split_view = true;
            self.line(cx, room, deliver.seq, author, Body::SplitView)?;
            cx.event(Event::SplitView(room.room));
        }
        Ok(())
    }

    /// Who refuses, and which commit. The relay cannot make a refusal up: it is a member's,
    /// encrypted in the epoch before.
    fn open_refusal(
        &mut self,
        cx: &mut Cx,
        room: &Room,
        deliver: &Deliver,
    ) -> Result<(PersonId, (u64, Option<ContentHash>)), Error> {
        let root = Device::load(&self.vault)?.root;
        let mls = Payload::decode(&deliver.payload)?.mls;
        undo::swap_group(&self.vault, room.room);
        self.drop_group(room.room);
        let provider = Provider::new(&self.vault, &mut cx.rng);
        let mut group = Group::load(&provider, room.group())?;
        let Processed::Message { sender, plaintext } = group.process(&provider, &root, &mls)?
        else {
            return Err(siegel_proto::Malformed("refusal").into());
        };
        let author = leaf_of(&group, &root, sender)?.person();
        undo::swap_group(&self.vault, room.room);
        match Content::decode_padded(&plaintext)?.kind {
            Kind::CommitRefused { seq, payload_hash } => Ok((author, (seq, Some(payload_hash)))),
            _ => Err(siegel_proto::Malformed("refusal").into()),
        }
    }

    /// The latest commit was taken back: everybody is at the epoch before it again. The
    /// relay alone cannot have that: a device that merged the commit goes back only if a
    /// member has refused it.
    pub(super) fn voided(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        seq: u64,
        target: u64,
    ) -> Result<(), Error> {
        let merged = (room.last_commit.as_ref()).is_some_and(|commit| commit.seq == target);
        if merged && !room.contested {
            return Err(siegel_proto::Malformed("void").into());
        }
        let device = Device::load(&self.vault)?;
        let evict;
        let mut there = None;
        let mut say_again = Vec::new();
        if let Some(refused) = room.refused.take_if(|refused| refused.seq == target) {
            evict = refused.author;
        } else if let Some(commit) = room.last_commit.take_if(|commit| commit.seq == target) {
            there = Some(self.take_group(cx, room)?.leaves(&device.root)?);
            if !undo::restore_group(&self.vault, room.room) {
                return Err(MlsError::NoGroup.into());
            }
            self.drop_group(room.room);
            evict = Some(commit.author);
            say_again = commit.own_since;
        } else {
            // This device came in by that commit, or has thrown away what was before it:
            // it is outside until it is added again.
            return self.left(cx, room, seq, None);
        }
        room.contested = false;
        let group = self.take_group(cx, room)?;
        if let Some(attachment) = self.attachment(room.room) {
            attachment.epoch = group.epoch();
        }
        room.start_log(seq, &group);
        let leaves = group.leaves(&device.root)?;
        let manages = send::manages(&group, &leaves, &self.revoked_set()?);
        self.keep_group(room.room, group);
        let is_back = |leaf: &&Leaf| {
            let there = there.as_ref();
            there.is_some_and(|there| there.iter().all(|other| other.device != leaf.device))
        };
        let back = leaves.iter().filter(is_back).map(|leaf| leaf.device);
        let back: Vec<_> = back.collect();
        // Whoever made the commit does not make it again, or it would be taken back for ever.
        let evicted = evict.filter(|author| manages && *author != device.keys.device);
        if !back.is_empty() && evicted.is_none() {
            // Whom the commit had let go is not to hear what was said or written without them.
            say_again.clear();
            self.withhold(cx, room.room)?;
        }
        for content in say_again.into_iter().rev() {
            let mut item = Item::new(message_id(&mut cx.rng), Work::Say(content.kind.clone()));
            item.content = Some(content);
            outbox::push_front(&self.vault, room.room, &item)?;
        }
        if let Some(author) = evicted {
            let change = Change {
                remove_devices: [vec![author], back].concat(),
                ..Change::default()
            };
            let item = Item::new(message_id(&mut cx.rng), Work::Change(Box::new(change)));
            outbox::push_front(&self.vault, room.room, &item)?;
        }
        let line = Line::event(seq, None, cx.now, Body::CommitVoided);
        timeline::add(&self.vault, room.room, &line)?;
        cx.event(Event::Received {
            room: room.room,
            seq,
        });
        cx.event(Event::RoomChanged(room.room));
        Ok(())
    }

    /// What waits to be said is not said: whoever wrote it sees who can read it, and says it
    /// again or does not.
    fn withhold(&mut self, cx: &mut Cx, room: RoomId) -> Result<(), Error> {
        for (number, mut item) in outbox::all(&self.vault, room)? {
            let says =
                matches!(&item.work, Work::Say(kind) if !matches!(kind, Kind::Receipt { .. }));
            if says && item.is_open() && item.seq.is_none() {
                self.forget_sent(cx, room, number, &mut item)?;
                self.mark_failed(cx, room, number, item, Failure::MemberBack)?;
            }
        }
        Ok(())
    }
}
