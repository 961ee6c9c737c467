//! Receiving: each entry once, in order, and never silently nothing.
//!
//! An entry that cannot be processed becomes a visible line and the cursor moves on: one
//! bad entry stops nobody. A commit that cannot be processed is refused instead, and the
//! room waits at the old epoch until it is voided.

use siegel_proto::content::{Content, Kind, Payload, log_chain};
use siegel_proto::group::RoomInfo;
use siegel_proto::ids::{ContentHash, DeviceId, PersonId, RoomId};
use siegel_proto::room::{Appended, Deliver, EntryKind};

use super::outbox::{self, Change, Item, Work};
use super::reset::Mark;
use super::timeline::{self, Body, Effect, Line};
use super::{RefusedCommit, Room, Sender, Stage, early, message_id, own_words, send};
use crate::client::{Client, Cx};
use crate::device::Device;
use crate::error::{Error, Thing};
use crate::event::Event;
use crate::mls::MlsError;
use crate::mls::group::{Group, Processed};
use crate::mls::leaf::Leaf;
use crate::mls::policy::{self, Change as Staged, RevokedSet, Violation};
use crate::mls::provider::Provider;
use crate::mls::undo;

/// Own contents remembered since the last commit, should it be taken back.
const OWN_SINCE: usize = 64;

impl Client {
    /// The relay has an own entry.
    pub(crate) fn appended(&mut self, cx: &mut Cx, appended: Appended) -> Result<(), Error> {
        let (id, seq) = (appended.room, appended.seq);
        if let Some(attachment) = self.attachment(id) {
            attachment.next_seq = attachment.next_seq.max(seq + 1);
        }
        let Some((number, mut item)) = outbox::find(&self.vault, id, appended.message)? else {
            return Ok(());
        };
        let mut room = Room::load(&self.vault, id)?;
        let is_reset = matches!(&item.work, Work::Change(change) if change.reset);
        if is_reset && seq > room.cursor.unwrap_or(0) + 1 {
            // Everything before it was read when it was sent: these numbers were left out.
            self.missing(cx, &mut room, seq - 1)?;
        }
        let cursor = room.cursor.unwrap_or(0);
        if seq == cursor + 1 {
            self.accept_own(cx, &mut room, number, item, seq)?;
            self.accept_held(cx, &mut room)?;
            self.settle(cx, &room)
        } else if seq > cursor {
            // Entries before it are on their way; the log will come to it.
            item.seq = Some(seq);
            outbox::put(&self.vault, id, number, &item)
        } else {
            // Taken before this device was let in again: the others have it, and what one
            // said oneself must not vanish from one's own screen.
            outbox::delete(&self.vault, id, number);
            if let (Work::Say(_), Some(content)) = (&item.work, item.content) {
                self.said(cx, &mut room, seq, content)?;
                room.save(&self.vault)?;
                early::apply(&self.vault, cx, id, &item.early)?;
            }
            cx.event(Event::Sent {
                room: id,
                message: item.entry,
                seq,
            });
            self.pump(cx, id)
        }
    }

    /// An entry has arrived.
    pub(crate) fn delivered(&mut self, cx: &mut Cx, deliver: Deliver) -> Result<(), Error> {
        let device = Device::load(&self.vault)?;
        if device
            .inbox
            .as_ref()
            .is_some_and(|inbox| inbox.room == deliver.room)
        {
            return self.welcomed(cx, device, &deliver);
        }
        let Some(mut room) = Room::find(&self.vault, deliver.room)? else {
            return Ok(());
        };
        let Some(attachment) = self.attachment(room.room) else {
            return Ok(());
        };
        attachment.next_seq = attachment.next_seq.max(deliver.seq + 1);
        let cursor = room.cursor.unwrap_or(0);
        if deliver.seq <= cursor || room.stage == Stage::Removed {
            return Ok(());
        }
        // Where a backup was put back, numbers are left out that may have been given since.
        let before = match deliver.is_put_back() {
            true => deliver.target.min(deliver.seq - 1),
            false => deliver.seq - 1,
        };
        if before > cursor {
            self.missing(cx, &mut room, before)?;
        }
        let hash = ContentHash::of(&deliver.payload);
        let own = outbox::all(&self.vault, room.room)?
            .into_iter()
            .find(|(_, item)| {
                let by_hash = |item: &Item| {
                    let sent = item.sent.as_ref();
                    sent.is_some_and(|sent| sent.payload_hash == hash)
                };
                item.seq == Some(deliver.seq) || (by_hash(item) && deliver.kind != EntryKind::Void)
            });
        if let Some((number, item)) = own {
            self.accept_own(cx, &mut room, number, item, deliver.seq)?;
        } else {
            self.read(cx, &mut room, &deliver, hash)?;
        }
        self.accept_held(cx, &mut room)?;
        self.settle(cx, &room)
    }

    /// Own entries whose place was told before the log came to it.
    fn accept_held(&mut self, cx: &mut Cx, room: &mut Room) -> Result<(), Error> {
        loop {
            let next = room.cursor.unwrap_or(0) + 1;
            let held = outbox::all(&self.vault, room.room)?
                .into_iter()
                .find(|(_, item)| item.seq == Some(next));
            match held {
                Some((number, item)) => self.accept_own(cx, room, number, item, next)?,
                None => return Ok(()),
            }
        }
    }

    /// Stores the room, tells the relay how far it is, and goes on with waiting work.
    fn settle(&mut self, cx: &mut Cx, room: &Room) -> Result<(), Error> {
        room.save(&self.vault)?;
        if let Some(cursor) = room.cursor {
            cx.acknowledge(room.room, cursor);
        }
        if room.stage == Stage::Removed || room.stands_alone {
            self.take_up_held(cx, room.room)?;
        }
        if room.stage == Stage::Removed {
            return Ok(());
        }
        self.pump(cx, room.room)
    }

    fn accept_own(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        number: u64,
        item: Item,
        seq: u64,
    ) -> Result<(), Error> {
        let id = room.room;
        let hash = item
            .sent
            .as_ref()
            .map_or(ContentHash::of(&[]), |sent| sent.payload_hash);
        outbox::delete(&self.vault, id, number);
        room.cursor = Some(seq);
        match &item.work {
            Work::Say(_) => {
                extend(room, seq, EntryKind::Message, &hash);
                if let Some(content) = item.content {
                    self.said(cx, room, seq, content)?;
                }
                self.entry_stored(cx, id, item.entry)?;
            }
            Work::Change(change) => self.merge_own(cx, room, (seq, hash), change)?,
            Work::Refuse { .. } => extend(room, seq, EntryKind::Refusal, &hash),
            Work::Void { seq: target } => self.voided(cx, room, seq, *target)?,
        }
        cx.event(Event::Sent {
            room: id,
            message: item.entry,
            seq,
        });
        Ok(())
    }

    /// An own content stands in the log.
    fn said(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        seq: u64,
        content: Content,
    ) -> Result<(), Error> {
        room.sent_since += 1;
        if let Some(commit) = &mut room.last_commit
            && commit.own_since.len() < OWN_SINCE
        {
            commit.own_since.push(content.clone());
        }
        own_words::keep(&self.vault, room.room, seq, &content)?;
        let keys = Device::load(&self.vault)?.keys;
        self.show(cx, room, seq, (keys.person, keys.device), &content)
    }

    /// Invitations may wait for entries to be in the log.
    fn entry_stored(
        &mut self,
        cx: &mut Cx,
        room: RoomId,
        entry: siegel_proto::ids::MessageId,
    ) -> Result<(), Error> {
        use super::invitation::Invitation;
        let mut freed = false;
        for mut invitation in Invitation::all(&self.vault)? {
            if invitation.room == Some(room) && invitation.waits_for.contains(&entry) {
                invitation.waits_for.retain(|waits| *waits != entry);
                invitation.save(&self.vault)?;
                freed = true;
            }
        }
        if freed {
            self.pump_invitations(cx)
        } else {
            Ok(())
        }
    }

    /// Reads somebody's entry and moves the cursor behind it, whatever it was.
    fn read(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        deliver: &Deliver,
        hash: ContentHash,
    ) -> Result<(), Error> {
        let (before, staged) = (room.clone(), self.vault.staged());
        let read = match deliver.kind {
            EntryKind::Message => self.read_message(cx, room, deliver),
            EntryKind::Commit => self.read_commit(cx, room, deliver),
            EntryKind::Refusal => self.read_refusal(cx, room, deliver),
            EntryKind::Void => self.voided(cx, room, deliver.seq, deliver.target),
            EntryKind::Reset if deliver.is_put_back() => {
                let mark = Mark {
                    backup: Some((deliver.target, deliver.epoch)),
                    seq: deliver.seq,
                };
                self.put_back(cx, room, mark)
            }
            EntryKind::Reset => self.read_commit(cx, room, deliver),
            EntryKind::Welcome | EntryKind::Unspecified => {
                Err(siegel_proto::Malformed("entry kind").into())
            }
        };
        let began_anew = matches!(
            deliver.kind,
            EntryKind::Commit | EntryKind::Void | EntryKind::Reset
        );
        match read {
            Ok(()) => {
                if !began_anew {
                    extend(room, deliver.seq, deliver.kind, &hash);
                }
            }
            // The store failed, not the entry: nothing may be skipped.
            Err(Error::Vault(error)) => return Err(error.into()),
            Err(error) => {
                // The library may have left the group half done, in memory and in the
                // staged rows; both go, and the room is as it was before this entry.
                self.vault.restore(staged);
                self.drop_group(room.room);
                *room = before;
                self.unreadable(cx, room, deliver, hash, &error)?;
            }
        }
        room.cursor = Some(deliver.seq);
        Ok(())
    }

    fn unreadable(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        deliver: &Deliver,
        hash: ContentHash,
        error: &Error,
    ) -> Result<(), Error> {
        let seq = deliver.seq;
        let mut body = Body::Unreadable;
        let standing = room.last_commit.as_ref().map(|commit| commit.seq);
        if deliver.kind == EntryKind::Void && standing == Some(deliver.target) {
            room.stands_alone = true;
            room.split_view = true;
            cx.event(Event::SplitView(room.room));
        }
        // A commit of another epoch is no worse for a device that lost the ones between.
        let group = self.take_group(cx, room)?;
        let epoch = group.epoch();
        self.keep_group(room.room, group);
        if deliver.kind == EntryKind::Reset {
            let was_refused = matches!(error, Error::Mls(MlsError::Violation(_)));
            self.left_behind(cx, room, (seq, was_refused))?;
        }
        let is_next = deliver.kind == EntryKind::Commit && deliver.epoch == epoch;
        if is_next && room.refused.is_none() && !room.stands_alone {
            body = Body::CommitRefused;
            let author = match error {
                Error::Mls(MlsError::Violation(_)) => self.refused_author,
                _ => None,
            };
            self.refuse(
                cx,
                room,
                RefusedCommit {
                    seq,
                    payload_hash: hash,
                    author,
                },
            )?;
        } else {
            extend(room, seq, deliver.kind, &hash);
        }
        self.refused_author = None;
        let line = Line::event(seq, None, cx.now, body);
        timeline::add(&self.vault, room.room, &line)?;
        cx.event(Event::Received {
            room: room.room,
            seq,
        });
        Ok(())
    }

    /// Stays at the old epoch and says so; who manages the room takes the commit back.
    fn refuse(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        refused: RefusedCommit,
    ) -> Result<(), Error> {
        room.refused = Some(refused);
        // The own pending commit was built on the epoch that may come back; it is planned
        // anew either way.
        for (number, mut item) in outbox::all(&self.vault, room.room)? {
            if item.sent.as_ref().is_some_and(|sent| sent.is_commit) {
                self.forget_sent(cx, room.room, number, &mut item)?;
            }
        }
        let group = self.take_group(cx, room)?;
        let leaves = group.leaves(&Device::load(&self.vault)?.root)?;
        let manages = send::manages(&group, &leaves, &self.revoked_set()?);
        self.keep_group(room.room, group);
        if manages {
            let void = Work::Void { seq: refused.seq };
            let item = Item::new(message_id(&mut cx.rng), void);
            outbox::push_front(&self.vault, room.room, &item)?;
        }
        let refuse = Work::Refuse {
            seq: refused.seq,
            payload_hash: refused.payload_hash,
        };
        let item = Item::new(message_id(&mut cx.rng), refuse);
        outbox::push_front(&self.vault, room.room, &item)
    }

    pub(super) fn read_message(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        deliver: &Deliver,
    ) -> Result<(), Error> {
        let root = Device::load(&self.vault)?.root;
        let mut group = self.take_group(cx, room)?;
        let mls = Payload::decode(&deliver.payload)?.mls;
        let provider = Provider::new(&self.vault, &mut cx.rng);
        match group.process(&provider, &root, &mls)? {
            Processed::Message { sender, plaintext } => {
                let leaf = leaf_of(&group, &root, sender)?;
                let content = Content::decode_padded(&plaintext)?;
                self.keep_group(room.room, group);
                self.heard(cx, room, deliver.seq, &leaf, &content)
            }
            Processed::Own => {
                // Sent by this device, and it knows nothing of it.
                self.keep_group(room.room, group);
                room.rolled_back = true;
                cx.event(Event::RolledBack(room.room));
                let line = Line::event(deliver.seq, None, cx.now, Body::Unreadable);
                timeline::add(&self.vault, room.room, &line)
            }
            Processed::Commit { .. } => Err(siegel_proto::Malformed("entry kind").into()),
        }
    }

    /// A member said something: once, and in the order it was said.
    fn heard(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        seq: u64,
        leaf: &Leaf,
        content: &Content,
    ) -> Result<(), Error> {
        if matches!(content.kind, Kind::CommitRefused { .. }) {
            return Ok(());
        }
        let author = (leaf.person(), leaf.device);
        let (mut first, mut start) = (content.message, content.previous);
        let known = Sender::load(&self.vault, room.room, leaf.device)?;
        if let Some(known) = known {
            // Whoever was put back counts anew after a commit; the first of the new count may
            // be lost. Without a commit before it a low number is a repetition, or was held
            // back, and would stand behind what was said after it.
            let is_low = content.counter <= known.counter;
            if is_low && was_said_before(room, content) {
                // Once more for those who missed it.
                return self.take_in(cx, room, seq, leaf, content);
            }
            let again = timeline::is_said(&self.vault, room.room, content.message, author.0)?;
            let anew = content.counter == 1 && (first, start) != (known.first, known.start)
                || is_low && known.committed && !again;
            if is_low && !anew {
                return Ok(());
            }
            let before = if anew { 0 } else { known.counter };
            let gap = content.counter.saturating_sub(before + 1);
            let mut wrong = None;
            if anew {
                wrong = Some(Body::AuthorBroken);
            } else {
                (first, start) = (known.first, known.start);
            }
            if gap > 0 {
                wrong = Some(Body::AuthorGap { messages: gap });
            } else if !anew && content.previous != known.chain {
                wrong = Some(Body::AuthorBroken);
            }
            if let Some(body) = wrong {
                self.line(cx, room, seq, leaf.person(), body)?;
            }
        }
        let sender = Sender {
            counter: content.counter,
            chain: content.chain(),
            first,
            start,
            committed: false,
        };
        sender.save(&self.vault, room.room, leaf.device)?;
        // An author whose clock is ahead must not make an old view look young.
        let said_at = crate::moment::Timestamp::from_seconds(content.sent_at);
        room.refresh(said_at.min(cx.now));

        let seen = room.log_tail.iter().find(|(at, _)| *at == content.log_seq);
        let differs = seen.is_some_and(|(_, hash)| *hash != content.log_hash);
        // Its author had seen as much before it was said: the relay has renumbered.
        if differs || content.log_seq >= seq {
            room.split_view = true;
            self.line(cx, room, seq, leaf.person(), Body::SplitView)?;
            cx.event(Event::SplitView(room.room));
        }
        room.note_delivered(leaf.person(), content.log_seq.min(seq));
        self.take_in(cx, room, seq, leaf, content)
    }

    /// What a content does to the room.
    fn take_in(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        seq: u64,
        leaf: &Leaf,
        content: &Content,
    ) -> Result<(), Error> {
        match &content.kind {
            // Said again after the relay was put back, because its author counts it: they
            // have stopped long ago.
            Kind::Typing { .. } if was_said_before(room, content) => return Ok(()),
            Kind::Typing { active } => {
                cx.event(Event::Typing {
                    room: room.room,
                    person: leaf.person(),
                    active: *active,
                });
                return Ok(());
            }
            Kind::Receipt { read, up_to } => {
                // Nobody has what was not there when they said so.
                let up_to = (*up_to).min(seq);
                if *read {
                    room.note_read(leaf.person(), up_to);
                } else {
                    room.note_delivered(leaf.person(), up_to);
                }
                cx.event(Event::RoomChanged(room.room));
                return Ok(());
            }
            Kind::Leave => self.queue_removal(cx, room, leaf)?,
            _ => {}
        }
        self.show(cx, room, seq, (leaf.person(), leaf.device), content)?;
        if says_something(&content.kind) {
            room.heard_up_to = seq;
            self.plan_receipt(cx, room)?;
        }
        Ok(())
    }

    /// Who manages the room lets go whoever asks to.
    fn queue_removal(&mut self, cx: &mut Cx, room: &Room, leaf: &Leaf) -> Result<(), Error> {
        let root = Device::load(&self.vault)?.root;
        let group = self.take_group(cx, room)?;
        let leaves = group.leaves(&root)?;
        let manages = send::manages(&group, &leaves, &self.revoked_set()?);
        self.keep_group(room.room, group);
        if !manages {
            return Ok(());
        }
        let change = Change {
            remove: vec![leaf.person()],
            ..Change::default()
        };
        let item = Item::new(message_id(&mut cx.rng), Work::Change(Box::new(change)));
        outbox::push(&self.vault, room.room, &item)
    }

    fn show(
        &mut self,
        cx: &mut Cx,
        room: &Room,
        seq: u64,
        (person, device): (PersonId, DeviceId),
        content: &Content,
    ) -> Result<(), Error> {
        let again = timeline::is_said(&self.vault, room.room, content.message, person)?;
        match timeline::apply(&self.vault, room.room, person, content)? {
            Effect::Line(mut body) if !again => {
                if let Body::DataCard(card) = &mut *body {
                    card.expire(cx.now.day());
                }
                let line = Line {
                    message: Some(content.message),
                    device: Some(device),
                    sent_at: Some(crate::moment::Timestamp::from_seconds(content.sent_at)),
                    extras: content.extras.clone(),
                    ..Line::event(seq, Some(person), cx.now, *body)
                };
                timeline::add(&self.vault, room.room, &line)?;
                cx.event(Event::Received {
                    room: room.room,
                    seq,
                });
            }
            Effect::Changed(message) => cx.event(Event::Changed {
                room: room.room,
                message,
            }),
            Effect::Room => cx.event(Event::RoomChanged(room.room)),
            Effect::Nothing => early::keep(&self.vault, room.room, person, content)?,
            Effect::Line(_) => {}
        }
        Ok(())
    }

    pub(super) fn line(
        &mut self,
        cx: &mut Cx,
        room: &Room,
        seq: u64,
        author: PersonId,
        body: Body,
    ) -> Result<(), Error> {
        let line = Line::event(seq, Some(author), cx.now, body);
        timeline::add(&self.vault, room.room, &line)?;
        cx.event(Event::Received {
            room: room.room,
            seq,
        });
        Ok(())
    }

    fn read_commit(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        deliver: &Deliver,
    ) -> Result<(), Error> {
        let device = Device::load(&self.vault)?;
        // Another commit won: the own one is planned anew.
        for (number, mut item) in outbox::all(&self.vault, room.room)? {
            if item.sent.as_ref().is_some_and(|sent| sent.is_commit) {
                self.forget_sent(cx, room.room, number, &mut item)?;
            }
        }
        let live_from = self.attachment(room.room).map_or(0, |a| a.live_from);
        let mut group = self.take_group(cx, room)?;
        let before = group.leaves(&device.root)?;
        let info = group.info()?;
        undo::snapshot_group(&self.vault, room.room);
        let mls = Payload::decode(&deliver.payload)?.mls;
        let provider = Provider::new(&self.vault, &mut cx.rng);
        let Processed::Commit { change, staged } = group.process(&provider, &device.root, &mls)?
        else {
            return Err(siegel_proto::Malformed("entry kind").into());
        };
        let committer = before.iter().find(|leaf| leaf.index == change.committer);
        let committer = committer.ok_or(MlsError::from(Violation::NotAllowed))?;
        let (author, author_person) = (committer.device, committer.person());
        let is_reset = deliver.kind == EntryKind::Reset;
        let check = match is_reset {
            true => policy::check_reset,
            false => policy::check,
        };
        let mut allowed = check(&before, &info, &self.revoked_set()?, &change);
        if allowed.is_err() && deliver.seq < live_from {
            // It was appended while this device was away, perhaps before the revocations
            // that are known by now; the relay lets none of the revoked in after them.
            allowed = check(&before, &info, &RevokedSet::default(), &change);
        }
        if let Err(violation) = allowed {
            self.refused_author = Some(author);
            return Err(MlsError::from(violation).into());
        }
        group.merge(&provider, *staged)?;
        room.refresh(cx.now);
        if is_removed(&change, &group) {
            if change
                .added
                .iter()
                .any(|leaf| leaf.device == device.keys.device)
            {
                // Its place is made anew; the Welcome is on its way.
                room.stands_alone = true;
                return Ok(());
            }
            return self.left(cx, room, deliver.seq, Some(author_person));
        }
        let now = group.info()?;
        let place = (deliver.seq, ContentHash::of(&deliver.payload));
        self.merged(cx, room, &group, &before, place, author)?;
        if !is_reset {
            Sender::has_committed(&self.vault, room.room, author)?;
        }
        self.info_merged(cx, room, &info, &now, (deliver.seq, author_person))?;
        if is_reset {
            self.back_in_step(cx, room, &group, (deliver.seq, author_person))?;
        }
        self.keep_group(room.room, group);
        Ok(())
    }

    /// The room has another title or other managers, or messages live longer or shorter from
    /// now on.
    pub(super) fn info_merged(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        before: &RoomInfo,
        after: &RoomInfo,
        (seq, author): (u64, PersonId),
    ) -> Result<(), Error> {
        room.retention_days = after.retention_days;
        if before.retention_days != after.retention_days {
            let body = Body::RetentionChanged(after.retention_days);
            self.line(cx, room, seq, author, body)?;
            self.expire_room(cx, room)?;
        }
        if before.title != after.title || before.managers != after.managers {
            self.line(cx, room, seq, author, Body::InfoChanged)?;
        }
        Ok(())
    }
}

fn extend(room: &mut Room, seq: u64, kind: EntryKind, payload: &ContentHash) {
    // After a gap there is nothing to compare with until the next commit.
    if let Some((_, previous)) = room.log_tail.back() {
        let hash = log_chain(previous, seq, kind, payload);
        room.extend_log(seq, hash);
    }
}

pub(super) fn leaf_of(
    group: &Group,
    root: &siegel_proto::ids::PublicKey,
    index: u32,
) -> Result<Leaf, Error> {
    let leaves = group.leaves(root)?;
    leaves
        .into_iter()
        .find(|leaf| leaf.index == index)
        .ok_or(Error::Unknown(Thing::Own))
}

/// Whether it was first said before the relay was put back.
fn was_said_before(room: &Room, content: &Content) -> bool {
    (room.put_back.as_ref()).is_some_and(|put_back| content.log_seq < put_back.mark)
}

/// Whether it is something to be read, and so to be told of as arrived and as read.
const fn says_something(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Text { .. }
            | Kind::Attachment(_)
            | Kind::DataCard(_)
            | Kind::Notice(_)
            | Kind::TooNew
    )
}

fn is_removed(change: &Staged, group: &Group) -> bool {
    change.removed.contains(&group.own_index())
}
