//! Commits: planned from what is intended, judged by the same rules as everybody's,
//! merged when the relay has them.

use std::collections::BTreeSet;

use siegel_proto::certificate::PersonRole;
use siegel_proto::frame::{self, Request, RequestNumber};
use siegel_proto::group::{LeafInfo, RoomInfo, SealedWelcome};
use siegel_proto::ids::{ContentHash, DeviceId, MessageId, PersonId, RoomId};
use siegel_proto::key_package::{ClaimKeyPackages, ClaimedKeyPackage};
use siegel_proto::room::{Append, AppendKind, CommitEffects, InboxWelcome, SeatChanges};
use siegel_proto::seat::SeatToken;
use siegel_proto::{label, limits, padding};

use super::invitation::{self, Invitation, InvitationStage};
use super::outbox::{self, Change, ClaimedDevice, Item, Work};
use super::send::payload;
use super::timeline::{self, Body, Line};
use super::{MergedCommit, PendingKeys, Room, Sender, Stage, readmit};
use crate::client::{Client, Cx, Pending};
use crate::contact::{self, Contact, Meeting};
use crate::device::Device;
use crate::error::{Error, Thing};
use crate::event::{Event, Failure};
use crate::mls::group::{Group, Plan, Renewal};
use crate::mls::key_package::{self, Checked};
use crate::mls::leaf::Leaf;
use crate::mls::policy;
use crate::mls::provider::Provider;
use crate::mls::signer::DeviceSigner;
use crate::mls::{undo, welcome_seal};
use crate::sealed;

impl Client {
    /// Gets a change under way. `false` if there is nothing left to do and the next work
    /// may go on.
    pub(super) fn send_change(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        group: &mut Group,
        number: u64,
        item: Item,
        change: Change,
    ) -> Result<bool, Error> {
        let device = Device::load(&self.vault)?;
        let before = group.leaves(&device.root)?;
        let mut change = change;
        if !change.readmit.is_empty() {
            (change.readmit).retain(|asks| readmit::is_due(asks, room, &before));
            if change.readmit.is_empty() {
                outbox::delete(&self.vault, room.room, number);
                return Ok(false);
            }
        }
        if self.claim_missing(cx, room.room, &item, &change) {
            return Ok(true);
        }
        let plan = self.plan(cx, room, group, &before, &device, &change)?;
        let reachable = |person: &PersonId| {
            let added = plan.iter().flat_map(|plan| &plan.add);
            let mut there = before.iter().chain(added.map(|checked| &checked.leaf));
            there.any(|leaf| leaf.person() == *person)
        };
        if !change.add.iter().all(reachable) {
            // No key package that is sound and young enough: whoever asked must be told.
            self.mark_failed(cx, room.room, number, item, Failure::NoKeyPackage)?;
            return Ok(false);
        }
        let Some(plan) = plan else {
            outbox::delete(&self.vault, room.room, number);
            self.stays_out(cx, room.room, &change)?;
            return Ok(false);
        };
        let info = group.info()?;
        let signer = DeviceSigner::new(&device.keys.signature);
        let added: Vec<Checked> = plan.add.clone();
        let provider = Provider::new(&self.vault, &mut cx.rng);
        let own = group.commit(&provider, &signer, plan)?;
        let staged = group.pending_change(&device.root)?;
        let check = match change.reset {
            true => policy::check_reset,
            false => policy::check,
        };
        if check(&before, &info, &self.revoked_set()?, &staged).is_err() {
            group.clear_own(&provider)?;
            self.mark_failed(cx, room.room, number, item, Failure::NotAllowed)?;
            return Ok(false);
        }

        let hash = |leaf: &Leaf| leaf.seat_hash(room.room);
        let remove: Vec<_> = before
            .iter()
            .filter(|leaf| staged.removed.contains(&leaf.index))
            .map(hash)
            .collect();
        let mut effects = CommitEffects {
            seats: SeatChanges::Delta {
                add: staged.added.iter().map(hash).collect(),
                remove,
            },
            replace_own: None,
            welcomes: Vec::new(),
        };
        if let Some(renewal) = &room.renewal {
            effects.replace_own = Some(renewal.token.key(room.class).hash(room.room));
        }
        if let Some(welcome) = &own.welcome {
            for checked in &added {
                match checked.leaf.info.inbox {
                    Some(inbox) => effects.welcomes.push(InboxWelcome {
                        inbox,
                        payload: seal_welcome(checked, welcome, &mut cx.rng)?.into(),
                    }),
                    None => self.keep_welcome(cx, &change, welcome)?,
                }
            }
        }
        let append = Append {
            room: room.room,
            epoch: group.epoch(),
            message: item.entry,
            payload: payload(own.commit).map_err(|_| Error::Crowded)?,
            expires_in_days: self.expiry(group)?,
            kind: match change.reset {
                false => AppendKind::Commit(effects),
                true => self.reset_kind(room, before.iter().map(hash).collect()),
            },
        };
        if !fits_a_frame(&append) {
            return Err(Error::Crowded);
        }
        room.save(&self.vault)?;
        self.send_append(cx, number, item, append, true)?;
        Ok(true)
    }

    /// Claims key packages of those who are to be added. `true` while some are missing.
    fn claim_missing(&mut self, cx: &mut Cx, room: RoomId, item: &Item, change: &Change) -> bool {
        let mut missing = false;
        let readmitted = change.readmit.iter().map(|readmit| &readmit.person);
        for person in change.add.iter().chain(readmitted) {
            if change.claimed_for.contains(person) {
                continue;
            }
            missing = true;
            let pending = Pending::Claim(room, item.entry, *person);
            if !self.awaits(pending) {
                let claim = ClaimKeyPackages { person: *person };
                self.request(cx, pending, Request::ClaimKeyPackages(claim));
            }
        }
        missing
    }

    /// The relay handed out key packages.
    pub(crate) fn claimed(
        &mut self,
        cx: &mut Cx,
        room: RoomId,
        entry: MessageId,
        person: PersonId,
        claimed: Vec<ClaimedKeyPackage>,
    ) -> Result<(), Error> {
        let Some((number, mut item)) = outbox::find(&self.vault, room, entry)? else {
            return Ok(());
        };
        let Work::Change(change) = &mut item.work else {
            return Ok(());
        };
        if claimed.is_empty() {
            return self.fail(cx, room, entry, Failure::NoKeyPackage);
        }
        let device = Device::load(&self.vault)?;
        let key = sealed::derive(device.directory_key()?, label::KEY_PACKAGE_KEY);
        for claimed in claimed {
            // What does not open is the relay's own invention; it adds nobody.
            if let Ok(plain) = sealed::open(&key, label::KEY_PACKAGE, &[], &claimed.sealed) {
                change.claimed.push(ClaimedDevice {
                    device: claimed.device,
                    key_package: plain.to_vec(),
                });
            }
        }
        change.claimed_for.push(person);
        outbox::put(&self.vault, room, number, &item)?;
        self.pump(cx, room)
    }

    /// What to propose for an intention, as the room is now. `None` if nothing is left.
    fn plan(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        group: &Group,
        before: &[Leaf],
        device: &Device,
        change: &Change,
    ) -> Result<Option<Plan>, Error> {
        if change.reset {
            return Ok(Some(Plan::default()));
        }
        let revoked = self.revoked_set()?;
        let readmits = |device| {
            change
                .readmit
                .iter()
                .any(|readmit| readmit.device == device)
        };
        let there: BTreeSet<DeviceId> = before.iter().map(|leaf| leaf.device).collect();
        let mut plan = Plan {
            remove: before
                .iter()
                .filter(|leaf| {
                    leaf.index != group.own_index()
                        && (change.remove.contains(&leaf.person())
                            || change.remove_devices.contains(&leaf.device))
                })
                .map(|leaf| leaf.index)
                .collect(),
            ..Plan::default()
        };
        for claimed in &change.claimed {
            let provider = Provider::new(&self.vault, &mut cx.rng);
            let Ok(checked) =
                key_package::check(&provider, &device.root, &claimed.key_package, cx.now)
            else {
                continue;
            };
            let is_new = change.add.contains(&checked.leaf.person())
                && !there.contains(&checked.leaf.device);
            let wanted = (is_new || readmits(checked.leaf.device))
                && checked.leaf.device == claimed.device
                && !revoked.contains(&checked.leaf);
            if !wanted {
                continue;
            }
            if contact::meet(&self.vault, &checked.leaf.identity)? == Meeting::Changed {
                cx.event(Event::IdentityChanged(checked.leaf.person()));
                continue;
            }
            if readmits(checked.leaf.device) {
                let old = before
                    .iter()
                    .filter(|leaf| leaf.device == checked.leaf.device);
                plan.remove.extend(old.map(|leaf| leaf.index));
            }
            plan.add.push(checked);
        }
        if let Some(id) = change.invitation
            && let Ok(invitation) = Invitation::load(&self.vault, id)
            && let InvitationStage::Preparing { key_package, .. } = &invitation.stage
        {
            let provider = Provider::new(&self.vault, &mut cx.rng);
            let checked = key_package::check(&provider, &device.root, key_package, cx.now)?;
            contact::meet(&self.vault, &checked.leaf.identity)?;
            if let Some(mut contact) = Contact::load(&self.vault, invitation.person)? {
                contact.label.clone_from(&invitation.label);
                contact.save(&self.vault)?;
            }
            plan.add.push(checked);
        }
        if change.renew && room.must_renew {
            plan.renew = Some(self.renewal(cx, room)?);
        }
        let info = self.new_info(group, before, &plan, change, device)?;
        if info != group.info()? {
            plan.info = Some(info);
        }
        let idle = plan.add.is_empty()
            && plan.remove.is_empty()
            && plan.info.is_none()
            && plan.renew.is_none()
            && !change.update;
        Ok((!idle).then_some(plan))
    }

    /// Keys of the guest's own, kept until the commit that brings them in is merged.
    fn renewal(&mut self, cx: &mut Cx, room: &mut Room) -> Result<Renewal, Error> {
        if room.renewal.is_none() {
            let (enrolment, _) = invitation::enrolment(&self.vault)?;
            room.renewal = Some(PendingKeys {
                keys: enrolment.settle(&mut cx.rng)?,
                token: SeatToken::new(cx.rng.bytes()),
            });
        }
        let pending = room.renewal.as_ref().ok_or(Error::Unknown(Thing::Own))?;
        Ok(Renewal {
            signer: DeviceSigner::new(&pending.keys.signature),
            chain: pending.keys.device_chain.clone(),
            leaf: LeafInfo {
                seat_key: pending.token.key(room.class),
                inbox: None,
            },
        })
    }

    /// The room's info after a change: who manages, what it is called, names of staff for
    /// those who cannot read the directory.
    fn new_info(
        &self,
        group: &Group,
        before: &[Leaf],
        plan: &Plan,
        change: &Change,
        device: &Device,
    ) -> Result<RoomInfo, Error> {
        let mut info = group.info()?;
        if let Some(title) = &change.title {
            info.title.clone_from(title);
        }
        if let Some(days) = change.retention_days {
            info.retention_days = days;
        }
        let staff: BTreeSet<PersonId> = before
            .iter()
            .filter(|leaf| !plan.remove.contains(&leaf.index))
            .chain(plan.add.iter().map(|checked| &checked.leaf))
            .filter(|leaf| leaf.identity.role != PersonRole::Guest)
            .map(Leaf::person)
            .collect();
        info.managers.retain(|person| staff.contains(person));
        for person in &change.promote {
            if staff.contains(person) && !info.managers.contains(person) {
                info.managers.push(*person);
            }
        }
        if info.managers.is_empty() {
            info.managers.push(device.keys.person);
        }
        let changes_members = !plan.add.is_empty() || !plan.remove.is_empty();
        if changes_members && info.is_manager(device.keys.person) {
            info.people.retain(|(person, _)| staff.contains(person));
            for person in staff {
                if info.name_of(person).is_none()
                    && let Some(contact) = Contact::load(&self.vault, person)?
                    && !contact.name.is_empty()
                {
                    info.people.push((person, contact.name));
                }
            }
        }
        Ok(info)
    }

    /// Keeps what lets the client in, if it fits a capsule: once the client is a member it is
    /// too late to find out.
    fn keep_welcome(&self, cx: &mut Cx, change: &Change, bytes: &[u8]) -> Result<(), Error> {
        let id = change.invitation.ok_or(Error::Unknown(Thing::Invitation))?;
        let mut invitation = Invitation::load(&self.vault, id)?;
        if let InvitationStage::Preparing { welcome, .. } = &mut invitation.stage {
            *welcome = bytes.to_vec();
            // No number of the commit takes more space than the highest.
            let highest = limits::ENTRY_NUMBER;
            if invitation.capsule(highest, cx.now, &mut cx.rng)?.is_none() {
                return Err(Error::Crowded);
            }
        }
        invitation.save(&self.vault)
    }

    /// The relay has the own commit, and everything before it is processed: merge it.
    pub(super) fn merge_own(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        (seq, hash): (u64, ContentHash),
        change: &Change,
    ) -> Result<(), Error> {
        let device = Device::load(&self.vault)?;
        let mut group = self.take_group(cx, room)?;
        let (before, info) = (group.leaves(&device.root)?, group.info()?);
        undo::snapshot_group(&self.vault, room.room);
        let provider = Provider::new(&self.vault, &mut cx.rng);
        group.merge_own(&provider)?;
        let author = device.keys.device;
        self.merged(cx, room, &group, &before, (seq, hash), author)?;
        let now = group.info()?;
        self.info_merged(cx, room, &info, &now, (seq, device.keys.person))?;
        if std::mem::take(&mut room.rolled_back) {
            self.count_anew(room, &group)?;
        }
        self.keep_group(room.room, group);
        room.renewed_at = cx.now;
        room.sent_since = 0;
        if let Some(pending) = room.renewal.take() {
            let mut device = Device::load(&self.vault)?;
            device.keys = pending.keys;
            device.save(&self.vault)?;
            room.token = pending.token;
            room.must_renew = false;
            invitation::forget_enrolment(&self.vault);
        }
        if let Some(id) = change.invitation {
            self.finish_invitation(cx, room.room, seq, id)?;
        }
        if change.reset {
            let group = self.take_group(cx, room)?;
            self.back_in_step(cx, room, &group, (seq, device.keys.person))?;
            self.keep_group(room.room, group);
        }
        Ok(())
    }

    /// Numbers that were used before the state was put back, or before this device was let
    /// in again, must not be used again: others would take what is said under them for a
    /// repetition. The chain begins with the epoch, so that a count that begins with the
    /// same content as an earlier one is told from it.
    pub(super) fn count_anew(&mut self, room: &mut Room, group: &Group) -> Result<(), Error> {
        room.own_counter = 0;
        room.own_chain = ContentHash::of(group.epoch_authenticator());
        for (number, mut item) in outbox::all(&self.vault, room.room)? {
            if let Some(content) = &mut item.content {
                content.counter = 0;
                item.sent = None;
                outbox::put(&self.vault, room.room, number, &item)?;
            }
        }
        Ok(())
    }

    fn finish_invitation(
        &mut self,
        cx: &mut Cx,
        room: RoomId,
        seq: u64,
        id: invitation::InvitationId,
    ) -> Result<(), Error> {
        let mut invitation = Invitation::load(&self.vault, id)?;
        let Some(sealed) = invitation.capsule(seq, cx.now, &mut cx.rng)? else {
            return Ok(());
        };
        invitation.stage = InvitationStage::Uploading { sealed };
        invitation.room = Some(room);
        invitation.save(&self.vault)?;
        self.pump_invitations(cx)
    }

    /// What every merged commit leaves behind: the log's chain begins anew, and the
    /// timeline says who came and went.
    pub(super) fn merged(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        group: &Group,
        before: &[Leaf],
        (seq, payload_hash): (u64, ContentHash),
        author: DeviceId,
    ) -> Result<(), Error> {
        let device = Device::load(&self.vault)?;
        room.last_commit = Some(MergedCommit {
            seq,
            payload_hash: Some(payload_hash),
            author,
            at: cx.now,
            own_since: Vec::new(),
        });
        room.contested = false;
        room.start_log(seq, group);
        if let Some(attachment) = self.attachment(room.room) {
            attachment.epoch = attachment.epoch.max(group.epoch());
        }
        let after = group.leaves(&device.root)?;
        let author = before
            .iter()
            .find(|leaf| leaf.device == author)
            .map(Leaf::person);
        // One that was let in again has another seat, and counts anew.
        let same =
            |leaf: &Leaf, there: &Leaf| there.device == leaf.device && there.info == leaf.info;
        for gone in before
            .iter()
            .filter(|leaf| !after.iter().any(|there| same(leaf, there)))
        {
            Sender::forget(&self.vault, room.room, gone.device);
        }
        for leaf in &after {
            if contact::meet(&self.vault, &leaf.identity)? == Meeting::Changed {
                cx.event(Event::IdentityChanged(leaf.person()));
            }
        }
        let is_let_in = |leaf: &Leaf| {
            let old = before.iter().find(|old| old.device == leaf.device);
            old.is_some_and(|old| old.info != leaf.info)
        };
        if after.iter().any(is_let_in) {
            // It has missed what was said since the backup, also a second time.
            self.say_again(cx, room)?;
        }
        for body in roster_changes(before, &after) {
            match &body {
                Body::Arrived(guest) => self.invitation_used(*guest)?,
                Body::Joined(people) => room.since.extend(people.iter().map(|p| (*p, seq))),
                _ => {}
            }
            let line = Line::event(seq, author, cx.now, body);
            timeline::add(&self.vault, room.room, &line)?;
            cx.event(Event::Received {
                room: room.room,
                seq,
            });
        }
        cx.event(Event::RoomChanged(room.room));
        Ok(())
    }

    fn invitation_used(&mut self, guest: PersonId) -> Result<(), Error> {
        for mut invitation in Invitation::all(&self.vault)? {
            if invitation.person == guest {
                invitation.stage = InvitationStage::Used;
                invitation.save(&self.vault)?;
            }
        }
        Ok(())
    }

    /// This device is no longer a member.
    pub(super) fn left(
        &mut self,
        cx: &mut Cx,
        room: &mut Room,
        seq: u64,
        author: Option<PersonId>,
    ) -> Result<(), Error> {
        let own = Device::load(&self.vault)?.keys.person;
        room.stage = Stage::Removed;
        for (number, mut item) in outbox::all(&self.vault, room.room)? {
            match &item.work {
                Work::Say(_) => {
                    // What a person said and nobody got stays visible.
                    item.failed = Some(Failure::Denied);
                    outbox::put(&self.vault, room.room, number, &item)?;
                }
                Work::Change(change) => {
                    outbox::delete(&self.vault, room.room, number);
                    self.stays_out(cx, room.room, change)?;
                }
                Work::Refuse { .. } | Work::Void { .. } => {
                    outbox::delete(&self.vault, room.room, number);
                }
            }
        }
        let line = Line::event(seq, author, cx.now, Body::Left(vec![own]));
        timeline::add(&self.vault, room.room, &line)?;
        undo::drop_snapshot(&self.vault, room.room);
        cx.event(Event::RoomChanged(room.room));
        Ok(())
    }
}

/// What changed between two rosters, as people would say it.
fn roster_changes(before: &[Leaf], after: &[Leaf]) -> Vec<Body> {
    let people = |leaves: &[Leaf]| leaves.iter().map(Leaf::person).collect::<BTreeSet<_>>();
    let (old, new) = (people(before), people(after));
    let mut changes = Vec::new();
    let joined: Vec<_> = new.difference(&old).copied().collect();
    let left: Vec<_> = old.difference(&new).copied().collect();
    if !joined.is_empty() {
        changes.push(Body::Joined(joined));
    }
    if !left.is_empty() {
        changes.push(Body::Left(left));
    }
    for person in old.intersection(&new) {
        let devices = |leaves: &[Leaf]| {
            let own = leaves.iter().filter(|leaf| leaf.person() == *person);
            own.map(|leaf| (leaf.device, leaf.identity.provisional))
                .collect::<BTreeSet<_>>()
        };
        let (old, new) = (devices(before), devices(after));
        let settled = old.iter().any(|(_, provisional)| *provisional)
            && new.iter().all(|(_, provisional)| !provisional);
        if settled {
            changes.push(Body::Arrived(*person));
        } else if old != new {
            changes.push(Body::DevicesChanged(*person));
        }
    }
    changes
}

fn seal_welcome(
    checked: &Checked,
    welcome: &[u8],
    rng: &mut crate::moment::StepRng,
) -> Result<Vec<u8>, Error> {
    let sealed = welcome_seal::seal(&checked.info.welcome_key, welcome, rng)
        .map_err(|_| siegel_proto::Malformed("welcome key"))?;
    let envelope = SealedWelcome {
        key_id: checked.info.key_id(),
        sealed: sealed.into(),
    };
    padding::pad(&envelope.encode()).ok_or(Error::Crowded)
}

/// Each Welcome tells of the whole room, and all of them go out with their commit.
fn fits_a_frame(append: &Append) -> bool {
    let request = Request::Append(append.clone());
    frame::encode_request(RequestNumber::MAX, request).len() <= limits::FRAME_BYTES
}
