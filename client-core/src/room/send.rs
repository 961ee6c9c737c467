//! Sending: the outbox's work in order, each stored before it leaves.

use prost::bytes::Bytes;
use siegel_proto::content::{Content, Extras, Kind, Payload};
use siegel_proto::frame::{self, Request};
use siegel_proto::ids::{ContentHash, MessageId, RoomId};
use siegel_proto::room::{Append, AppendKind, VoidCommit};
use siegel_proto::{ErrorCode, OutOfBounds, Part, Refusal};

use super::outbox::{self, Change, Item, Sent, Work};
use super::{Room, message_id};
use crate::client::{Client, Cx, Pending};
use crate::contact::Contact;
use crate::device::Device;
use crate::error::Error;
use crate::event::{Event, Failure};
use crate::mls::group::{CONTENT_OVERHEAD, Group};
use crate::mls::leaf::Leaf;
use crate::mls::policy::{self, RevokedSet};
use crate::mls::provider::Provider;
use crate::moment::Timestamp;
use crate::step::Output;

/// Contents of one room that may wait for the relay's answer at once.
const IN_FLIGHT: usize = 16;
/// The own leaf is renewed after so many contents or seconds: heals after a compromise.
const RENEW_AFTER_CONTENTS: u32 = 500;
const RENEW_AFTER_SECONDS: i64 = 7 * 86_400;
/// A relay without space looks for it every second; somebody may be waiting for this one.
const FULL_SECONDS: i64 = 5;

impl Client {
    /// Does the outbox's work as far as it goes. `relay_epoch` is what the relay last said.
    pub(crate) fn send_waiting(
        &mut self,
        cx: &mut Cx,
        mut room: Room,
        relay_epoch: u64,
    ) -> Result<(), Error> {
        let id = room.room;
        if room.stands_alone {
            return self.realign(cx, room, relay_epoch);
        }
        let mut group = self.take_group(cx, &room)?;
        if group.epoch() < relay_epoch && room.refused.is_none() {
            self.keep_group(id, group);
            return Ok(());
        }
        if group.epoch() > relay_epoch {
            // The relay went back behind a commit that stands here: nothing can be
            // appended, and nothing is undone because the relay wants it.
            self.keep_group(id, group);
            if !room.split_view {
                room.split_view = true;
                room.save(&self.vault)?;
                cx.event(Event::SplitView(id));
            }
            return Ok(());
        }
        let pending_commit = outbox::all(&self.vault, id)?
            .into_iter()
            .find(|(_, item)| item.is_open() && item.holds_commit_of(group.epoch()));
        if let Some((_, item)) = pending_commit {
            // Nothing can be encrypted until it is known what became of it.
            self.send_again(cx, id, &item);
            self.keep_group(id, group);
            return Ok(());
        }
        let device = Device::load(&self.vault)?;
        let leaves = group.leaves(&device.root)?;
        let revoked = self.revoked_set()?;
        if room.refused.is_none() {
            self.queue_urgent(cx, &room, &group, &leaves, &revoked, &device)?;
        }
        let blocked = self.is_blocked(&room, &leaves, &revoked)?;

        let mut in_flight = 0;
        for number in outbox::numbers(&self.vault, id)? {
            // Read one by one: an addition that fails takes along what was to greet its client.
            let Some(mut item) = outbox::get(&self.vault, id, number)? else {
                continue;
            };
            if !item.is_open() || item.seq.is_some() {
                continue;
            }
            if let Some(sent) = &item.sent {
                let current = sent.epoch == group.epoch()
                    || matches!(item.work, Work::Void { .. } | Work::Refuse { .. });
                if current {
                    self.send_again(cx, id, &item);
                    if !matches!(item.work, Work::Say(_)) {
                        break;
                    }
                    in_flight += 1;
                    continue;
                }
                if sent.is_commit {
                    let provider = Provider::new(&self.vault, &mut cx.rng);
                    group.clear_own(&provider)?;
                }
                item.sent = None;
            }
            match item.work.clone() {
                Work::Refuse { seq, payload_hash } if room.refused.is_some() => {
                    let kind = Kind::CommitRefused { seq, payload_hash };
                    self.send_content(cx, &mut room, &mut group, number, item, kind)?;
                    break;
                }
                Work::Void { seq } => {
                    self.send_void(cx, &room, number, item, seq, group.epoch())?;
                    break;
                }
                Work::Refuse { .. } => outbox::delete(&self.vault, id, number),
                _ if room.refused.is_some() => break,
                Work::Say(kind) => {
                    if blocked || in_flight >= IN_FLIGHT {
                        break;
                    }
                    self.send_content(cx, &mut room, &mut group, number, item, kind)?;
                    in_flight += 1;
                }
                Work::Change(change) => {
                    if in_flight > 0 {
                        break;
                    }
                    let (staged, before) = (self.vault.staged(), room.clone());
                    let failed = item.clone();
                    match self.send_change(cx, &mut room, &mut group, number, item, *change) {
                        Ok(true) => break,
                        Ok(false) => {}
                        Err(Error::Vault(error)) => return Err(error.into()),
                        Err(error) => {
                            self.vault.restore(staged);
                            if matches!(error, Error::Crowded)
                                && self.halve(cx, id, number, &failed)?
                            {
                                return self.send_waiting(cx, before, relay_epoch);
                            }
                            // Work that cannot be done must not stop the work behind it.
                            room = before;
                            group = self.take_group(cx, &room)?;
                            self.mark_failed(cx, id, number, failed, failure(&error))?;
                        }
                    }
                }
            }
        }
        self.keep_group(id, group);
        Ok(())
    }

    /// Puts the first half of a change that is too much for one commit in front of the other.
    fn halve(&self, cx: &mut Cx, room: RoomId, number: u64, item: &Item) -> Result<bool, Error> {
        let Work::Change(change) = &item.work else {
            return Ok(false);
        };
        let Some((first, rest)) = change.halved() else {
            return Ok(false);
        };
        let first = Item::new(message_id(&mut cx.rng), Work::Change(Box::new(first)));
        outbox::push_front(&self.vault, room, &first)?;
        let work = Work::Change(Box::new(rest));
        outbox::put(
            &self.vault,
            room,
            number,
            &Item {
                work,
                ..item.clone()
            },
        )?;
        Ok(true)
    }

    /// Puts work in front that nobody has to ask for: new keys for a guest, removal of
    /// the revoked, healing, the regular renewal.
    fn queue_urgent(
        &mut self,
        cx: &mut Cx,
        room: &Room,
        group: &Group,
        leaves: &[Leaf],
        revoked: &RevokedSet,
        device: &Device,
    ) -> Result<(), Error> {
        let items = outbox::all(&self.vault, room.room)?;
        // Contents wait for what is urgent: behind one of them it would wait for ever.
        let waits = |item: &Item| {
            let is_sent = (item.sent.as_ref()).is_some_and(|sent| sent.epoch == group.epoch());
            let is_under_way = item.seq.is_some() || is_sent;
            item.is_open() && matches!(item.work, Work::Say(_)) && !is_under_way
        };
        let ahead = items.iter().take_while(|(_, item)| !waits(item));
        let queued =
            |test: &dyn Fn(&Change) -> bool| ahead.clone().any(|(_, item)| is_change(item, test));
        let due = room.sent_since >= RENEW_AFTER_CONTENTS
            || cx.now.since(room.renewed_at) > RENEW_AFTER_SECONDS;
        let gone: Vec<_> = leaves
            .iter()
            .filter(|leaf| revoked.contains(leaf) && leaf.index != group.own_index())
            .map(|leaf| leaf.device)
            .collect();
        let change = if room.must_renew {
            if queued(&|change| change.renew) {
                return Ok(());
            }
            Change {
                renew: true,
                ..Change::default()
            }
        } else if !gone.is_empty() && device.is_staff() {
            if queued(&|change| gone.iter().all(|id| change.remove_devices.contains(id))) {
                return Ok(());
            }
            Change {
                remove_devices: gone,
                ..Change::default()
            }
        } else if room.rolled_back && !queued(&|_| true)
            || due && !items.iter().any(|(_, item)| is_change(item, &|_| true))
        {
            Change {
                update: true,
                ..Change::default()
            }
        } else {
            return Ok(());
        };
        let item = Item::new(message_id(&mut cx.rng), Work::Change(Box::new(change)));
        outbox::push_front(&self.vault, room.room, &item)
    }

    /// Whether contents must wait: to nobody that is revoked, or whose identity changed
    /// unseen, and never with keys somebody else has held.
    fn is_blocked(
        &self,
        room: &Room,
        leaves: &[Leaf],
        revoked: &RevokedSet,
    ) -> Result<bool, Error> {
        if room.must_renew || room.rolled_back || leaves.iter().any(|leaf| revoked.contains(leaf)) {
            return Ok(true);
        }
        for leaf in leaves {
            let contact = Contact::load(&self.vault, leaf.person())?;
            if contact.is_some_and(|contact| contact.changed.is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn send_content(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        group: &mut Group,
        number: u64,
        mut item: Item,
        kind: Kind,
    ) -> Result<(), Error> {
        let refusal = matches!(kind, Kind::CommitRefused { .. });
        let content = match item.content.take() {
            Some(content) if content.counter != 0 || refusal => content,
            Some(content) => numbered(room, content),
            None => new_content(room, item.entry, item.extras.clone(), kind, cx.now),
        };
        let padded = content
            .encode_padded(CONTENT_OVERHEAD)
            .ok_or(OutOfBounds(Part::Whole))?;
        let signer = self.signer()?;
        let provider = Provider::new(&self.vault, &mut cx.rng);
        let mls = group.encrypt(&provider, &signer, &padded)?;
        let append = Append {
            room: room.room,
            epoch: group.epoch(),
            message: item.entry,
            payload: payload(mls)?,
            expires_in_days: self.expiry(group)?,
            kind: if refusal {
                AppendKind::Refusal
            } else {
                AppendKind::Message
            },
        };
        item.content = Some(content);
        room.save(&self.vault)?;
        self.send_append(cx, number, item, append, false)
    }

    fn send_void(
        &mut self,
        cx: &mut Cx,
        room: &Room,
        number: u64,
        mut item: Item,
        seq: u64,
        epoch: u64,
    ) -> Result<(), Error> {
        let void = VoidCommit {
            room: room.room,
            seq,
            message: item.entry,
        };
        let request = Request::VoidCommit(void);
        item.sent = Some(Sent {
            epoch,
            request: frame::encode_request(0, request.clone()),
            payload_hash: ContentHash::of(&[]),
            is_commit: false,
        });
        outbox::put(&self.vault, room.room, number, &item)?;
        let attempt = ContentHash::of(&[]);
        self.request(cx, Pending::Append(room.room, item.entry, attempt), request);
        Ok(())
    }

    /// Stores an append in its outbox item and releases it with the same batch.
    pub(crate) fn send_append(
        &mut self,
        cx: &mut Cx,
        number: u64,
        mut item: Item,
        append: Append,
        is_commit: bool,
    ) -> Result<(), Error> {
        let room = append.room;
        let (epoch, payload_hash) = (append.epoch, ContentHash::of(&append.payload));
        let request = Request::Append(append);
        item.sent = Some(Sent {
            epoch,
            request: frame::encode_request(0, request.clone()),
            payload_hash,
            is_commit,
        });
        outbox::put(&self.vault, room, number, &item)?;
        self.request(cx, Pending::Append(room, item.entry, payload_hash), request);
        Ok(())
    }

    pub(super) fn send_again(&mut self, cx: &mut Cx, room: RoomId, item: &Item) {
        let Some(sent) = &item.sent else {
            return;
        };
        let pending = Pending::Append(room, item.entry, sent.payload_hash);
        if !self.awaits(pending)
            && let Some(connection) = &mut self.connection
        {
            connection.request_again(cx, pending, &sent.request);
        }
    }

    /// How long the relay keeps an entry: as long as the room and the policy allow.
    pub(crate) fn expiry(&self, group: &Group) -> Result<u32, Error> {
        let policy = Device::load(&self.vault)?.policy.retention_days;
        Ok(group.info()?.retention_days.min(policy).max(1))
    }

    /// The relay refused an append.
    pub(crate) fn append_refused(
        &mut self,
        cx: &mut Cx,
        room: RoomId,
        entry: MessageId,
        attempt: ContentHash,
        refusal: Refusal,
    ) -> Result<(), Error> {
        let Some((number, mut item)) = outbox::find(&self.vault, room, entry)? else {
            return Ok(());
        };
        let under_way = item.sent.as_ref().map(|sent| sent.payload_hash);
        if under_way != Some(attempt) {
            return Ok(());
        }
        match refusal.code {
            ErrorCode::StaleEpoch => {
                if let Some(attachment) = self.attachment(room) {
                    attachment.epoch = refusal.current;
                }
                let void_or_refusal = matches!(item.work, Work::Void { .. } | Work::Refuse { .. });
                if void_or_refusal {
                    outbox::delete(&self.vault, room, number);
                } else {
                    self.forget_sent(cx, room, number, &mut item)?;
                }
                self.pump(cx, room)
            }
            ErrorCode::VersionConflict if matches!(item.work, Work::Void { .. }) => {
                // Somebody was quicker; the log tells.
                outbox::delete(&self.vault, room, number);
                Ok(())
            }
            ErrorCode::RateLimited => {
                cx.output(Output::WakeAt(cx.now.plus(refusal.wait_seconds())));
                Ok(())
            }
            ErrorCode::Unavailable => {
                cx.output(Output::Reconnect);
                Ok(())
            }
            ErrorCode::StorageFull => {
                cx.output(Output::WakeAt(cx.now.plus(FULL_SECONDS)));
                Ok(())
            }
            ErrorCode::Denied if self.attachment(room).is_none() => Ok(()),
            ErrorCode::TooLarge | ErrorCode::NotPadded | ErrorCode::Malformed => {
                self.fail(cx, room, entry, Failure::TooLarge)
            }
            ErrorCode::QuotaExceeded => self.fail(cx, room, entry, Failure::Quota),
            _ => self.fail(cx, room, entry, Failure::Denied),
        }
    }

    /// Forgets what was encrypted; it will be encrypted anew for the epoch that won.
    pub(crate) fn forget_sent(
        &mut self,
        cx: &mut Cx,
        room: RoomId,
        number: u64,
        item: &mut Item,
    ) -> Result<(), Error> {
        if let Some(sent) = item.sent.take() {
            if sent.is_commit {
                let state = Room::load(&self.vault, room)?;
                let mut group = self.take_group(cx, &state)?;
                let provider = Provider::new(&self.vault, &mut cx.rng);
                group.clear_own(&provider)?;
                self.keep_group(room, group);
            }
            outbox::put(&self.vault, room, number, item)?;
        }
        Ok(())
    }

    pub(super) fn mark_failed(
        &mut self,
        cx: &mut Cx,
        room: RoomId,
        number: u64,
        mut item: Item,
        reason: Failure,
    ) -> Result<(), Error> {
        if matches!(&item.work, Work::Change(change) if !change.readmit.is_empty()) {
            // Nobody here asked for it; whoever did asks again.
            outbox::delete(&self.vault, room, number);
            return Ok(());
        }
        item.failed = Some(reason);
        outbox::put(&self.vault, room, number, &item)?;
        cx.event(Event::Failed {
            room,
            message: item.entry,
            reason,
        });
        match &item.work {
            Work::Change(change) => self.stays_out(cx, room, change),
            _ => Ok(()),
        }
    }

    /// Marks work as failed for good; it stays visible.
    pub(crate) fn fail(
        &mut self,
        cx: &mut Cx,
        room: RoomId,
        entry: MessageId,
        reason: Failure,
    ) -> Result<(), Error> {
        if let Some((number, mut item)) = outbox::find(&self.vault, room, entry)? {
            self.forget_sent(cx, room, number, &mut item)?;
            self.mark_failed(cx, room, number, item, reason)?;
        }
        self.pump(cx, room)
    }
}

/// Whether this device may change the room beyond itself.
pub(crate) fn manages(group: &Group, leaves: &[Leaf], revoked: &RevokedSet) -> bool {
    let Ok(info) = group.info() else {
        return false;
    };
    leaves
        .iter()
        .find(|leaf| leaf.index == group.own_index())
        .is_some_and(|own| policy::may_manage(leaves, &info, revoked, own))
}

fn is_change(item: &Item, test: &dyn Fn(&Change) -> bool) -> bool {
    item.is_open() && matches!(&item.work, Work::Change(change) if test(change))
}

const fn failure(error: &Error) -> Failure {
    match error {
        Error::OutOfBounds(_) => Failure::TooLarge,
        Error::Crowded => Failure::Crowded,
        _ => Failure::NotAllowed,
    }
}

fn new_content(
    room: &mut Room,
    message: MessageId,
    extras: Extras,
    kind: Kind,
    now: Timestamp,
) -> Content {
    let (log_seq, log_hash) = room.log_head();
    if matches!(kind, Kind::CommitRefused { .. }) {
        // Whoever merged the commit cannot read this: it must not leave a gap there.
        return Content {
            message,
            counter: 0,
            previous: ContentHash::new([0; 32]),
            log_seq,
            log_hash,
            sent_at: now.seconds(),
            extras: Extras::default(),
            kind,
        };
    }
    let content = Content {
        message,
        counter: 0,
        previous: room.own_chain,
        log_seq,
        log_hash,
        sent_at: now.seconds(),
        extras,
        kind,
    };
    numbered(room, content)
}

/// Gives a content its place among the own ones.
fn numbered(room: &mut Room, content: Content) -> Content {
    let (log_seq, log_hash) = room.log_head();
    room.own_counter += 1;
    let content = Content {
        counter: room.own_counter,
        previous: room.own_chain,
        log_seq,
        log_hash,
        ..content
    };
    room.own_chain = content.chain();
    content
}

pub(crate) fn payload(mls: Vec<u8>) -> Result<Bytes, Error> {
    let payload = Payload {
        mls: mls.into(),
        welcome: Bytes::new(),
    };
    Ok(payload.encode().ok_or(OutOfBounds(Part::Whole))?.into())
}
