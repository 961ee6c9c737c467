//! Commands: checked first, then written down as work; the pump gets it under way.

use siegel_proto::certificate::PersonRole;
use siegel_proto::content::{Extras, Kind, Notice};
use siegel_proto::frame::Request;
use siegel_proto::group::{LeafInfo, RoomInfo};
use siegel_proto::ids::{MessageId, PersonId, RoomId};
use siegel_proto::organisation::{Policy, Revoked, Signed};
use siegel_proto::seat::{SeatClass, SeatToken};
use siegel_proto::{OutOfBounds, Part, limits};

use super::connection::Pending;
use super::{Client, Cx};
use crate::command::Command;
use crate::contact::Contact;
use crate::device::{self, Device};
use crate::error::{Error, Hindrance, Holder, Thing};
use crate::event::Event;
use crate::identity;
use crate::link::{LinkError, LinkSecret, LinkTarget};
use crate::mls::group::Group;
use crate::mls::provider::Provider;
use crate::mls::signer::DeviceSigner;
use crate::room::invitation::{self, Invitation, InvitationId, InvitationStage, StaffCapsule};
use crate::room::outbox::{self, Change, Item, Work};
use crate::room::{Room, Stage, message_id};

const HOUR_SECONDS: i64 = 3_600;

impl Client {
    pub(super) fn command(&mut self, cx: &mut Cx, command: Command) -> Result<(), Error> {
        match command {
            Command::SetUp {
                link,
                name,
                position,
            } => {
                self.must_be_new()?;
                check_name(&name)?;
                check_name(&position)?;
                let LinkTarget::SetUp(token) = link.target.clone() else {
                    return Err(LinkError::Kind.into());
                };
                self.set_up(cx, &link, &token, name, position)
            }
            Command::Join {
                link,
                name,
                position,
            } => {
                self.must_be_new()?;
                check_name(&name)?;
                check_name(&position)?;
                self.join(cx, link, name, position)
            }
            Command::ResumeJoin => self.claim_again(cx),
            Command::CreateRoom { title, with } => {
                check_name(&title)?;
                self.known(&with)?;
                let room = self.create_room(cx, title)?;
                if with.is_empty() {
                    return Ok(());
                }
                let change = Change {
                    add: with,
                    ..Change::default()
                };
                self.change(cx, room, change)
            }
            Command::InviteStaff { label, role } => self.invite_staff(cx, label, role),
            Command::InviteGuest {
                room,
                label,
                greeting,
                notice,
            } => self.invite_guest(cx, room, label, greeting, notice),
            Command::Withdraw(id) => {
                let mut invitation = Invitation::load(&self.vault, id)?;
                if matches!(
                    invitation.stage,
                    InvitationStage::Used | InvitationStage::Withdrawn
                ) {
                    return Err(Error::NotAllowed(Hindrance::LinkGone));
                }
                invitation.stage = InvitationStage::Withdrawing;
                invitation.save(&self.vault)?;
                self.pump_invitations(cx)
            }
            Command::Say { room, kind } => self.say(cx, room, kind, Extras::default()),
            Command::SayWith { room, kind, extras } => self.say(cx, room, kind, *extras),
            Command::Discard { room, message } => self.discard(cx, room, message),
            Command::Add { room, people } => {
                self.known(&people)?;
                let change = Change {
                    add: people,
                    ..Change::default()
                };
                self.change(cx, room, change)
            }
            Command::Remove { room, person } => {
                let change = Change {
                    remove: vec![person],
                    ..Change::default()
                };
                self.change(cx, room, change)
            }
            Command::Promote { room, person } => {
                let change = Change {
                    promote: vec![person],
                    ..Change::default()
                };
                self.change(cx, room, change)
            }
            Command::Rename { room, title } => {
                check_name(&title)?;
                let change = Change {
                    title: Some(title),
                    ..Change::default()
                };
                self.change(cx, room, change)
            }
            Command::SetRetention { room, days } => {
                if !(1..=limits::EXPIRY_DAYS).contains(&days) {
                    return Err(OutOfBounds(Part::Retention).into());
                }
                let change = Change {
                    retention_days: Some(days),
                    ..Change::default()
                };
                self.change(cx, room, change)
            }
            Command::SetAvailability(availability) => self.set_availability(cx, availability),
            Command::Local(wish) => self.local(cx, wish),
            Command::Repair(room) => self.repair(cx, room),
            Command::MarkRead { room, up_to } => self.mark_read(cx, room, up_to),
            Command::RevokePerson(person) => self.revoke(cx, Revoked::Person(person)),
            Command::RevokeDevice(device) => self.revoke(cx, Revoked::Device(device)),
            Command::AcceptIdentity(person) => self.accept_identity(cx, person),
            Command::Verify { room, person } => self.verify(cx, room, person),
            Command::SetPolicy(policy) => self.set_policy(cx, policy),
            Command::CreateBlob(create) => {
                self.request(
                    cx,
                    Pending::CreateBlob(create.blob),
                    Request::CreateBlob(create),
                );
                Ok(())
            }
            Command::Refresh => {
                let seen = Device::load(&self.vault)?.directory_seen;
                self.list_directory(cx, seen);
                Ok(())
            }
        }
    }

    fn must_be_new(&self) -> Result<(), Error> {
        if Device::exists(&self.vault) {
            return Err(Error::AlreadyJoined);
        }
        Ok(())
    }

    fn known(&self, people: &[PersonId]) -> Result<(), Error> {
        for person in people {
            let contact =
                Contact::load(&self.vault, *person)?.ok_or(Error::Unknown(Thing::Person))?;
            if contact.role == PersonRole::Guest {
                return Err(Error::NotAllowed(Hindrance::ByInvitation));
            }
        }
        Ok(())
    }

    fn create_room(&mut self, cx: &mut Cx, title: String) -> Result<RoomId, Error> {
        let device = Device::load(&self.vault)?;
        let inbox = device
            .inbox
            .as_ref()
            .ok_or(Error::Only(Holder::Staff))?
            .room;
        let id = RoomId::new(cx.rng.bytes());
        let token = SeatToken::new(cx.rng.bytes());
        let leaf = LeafInfo {
            seat_key: token.key(SeatClass::Staff),
            inbox: Some(inbox),
        };
        let info = RoomInfo {
            title,
            managers: vec![device.keys.person],
            retention_days: device.policy.retention_days,
            people: vec![(device.keys.person, device.name.clone())],
        };
        let mut room = Room::new(id, token, SeatClass::Staff, cx.now);
        room.stage = Stage::Creating;
        let provider = Provider::new(&self.vault, &mut cx.rng);
        let signer = DeviceSigner::new(&device.keys.signature);
        let chain = &device.keys.device_chain;
        let group = Group::create(&provider, room.group(), &signer, chain, &leaf, &info)?;
        room.start_log(0, &group);
        room.save(&self.vault)?;
        self.keep_group(id, group);
        cx.event(Event::RoomChanged(id));
        if self.connection.as_ref().is_some_and(|c| c.session) {
            self.open_room(cx, id)?;
        }
        Ok(id)
    }

    fn change(&mut self, cx: &mut Cx, id: RoomId, change: Change) -> Result<(), Error> {
        if !Device::load(&self.vault)?.is_staff() {
            return Err(Error::Only(Holder::Staff));
        }
        let room = Room::load(&self.vault, id)?;
        room.check_usable()?;
        let entry = message_id(&mut cx.rng);
        let item = Item::new(entry, Work::Change(Box::new(change)));
        outbox::push(&self.vault, id, &item)?;
        cx.event(Event::Queued {
            room: id,
            message: entry,
        });
        self.pump(cx, id)
    }

    fn say(&mut self, cx: &mut Cx, id: RoomId, kind: Kind, extras: Extras) -> Result<(), Error> {
        let room = Room::load(&self.vault, id)?;
        room.check_usable()?;
        kind.check()?;
        extras.check()?;
        let is_typing = matches!(kind, Kind::Typing { .. });
        if is_typing && !self.attachment(id).is_some_and(|room| room.caught_up) {
            // Nobody is typing any more when this could leave.
            return Ok(());
        }
        if matches!(kind, Kind::CommitRefused { .. } | Kind::TooNew) {
            return Err(Error::NotAllowed(Hindrance::NotForPeople));
        }
        let entry = message_id(&mut cx.rng);
        let mut item = Item::new(entry, Work::Say(kind));
        item.extras = extras;
        outbox::push(&self.vault, id, &item)?;
        cx.event(Event::Queued {
            room: id,
            message: entry,
        });
        self.pump(cx, id)
    }

    fn discard(&mut self, cx: &mut Cx, room: RoomId, message: MessageId) -> Result<(), Error> {
        let (number, item) =
            outbox::find(&self.vault, room, message)?.ok_or(Error::Unknown(Thing::Message))?;
        if item.is_open() && item.sent.is_some() {
            return Err(Error::NotAllowed(Hindrance::MaybeSent));
        }
        outbox::delete(&self.vault, room, number);
        if let Work::Change(change) = &item.work {
            self.stays_out(cx, room, change)?;
        }
        cx.event(Event::RoomChanged(room));
        self.pump(cx, room)
    }

    pub(crate) fn queue_content(
        &mut self,
        cx: &mut Cx,
        room: RoomId,
        kind: Kind,
    ) -> Result<MessageId, Error> {
        let entry = message_id(&mut cx.rng);
        outbox::push(&self.vault, room, &Item::new(entry, Work::Say(kind)))?;
        Ok(entry)
    }

    fn invite_staff(&mut self, cx: &mut Cx, label: String, role: PersonRole) -> Result<(), Error> {
        check_name(&label)?;
        let device = Device::load(&self.vault)?;
        let root = device.root_seed()?;
        if role == PersonRole::Guest || role == PersonRole::Unspecified {
            return Err(Error::NotAllowed(Hindrance::ByInvitation));
        }
        let person = PersonId::new(cx.rng.bytes());
        let expires_at = cx
            .now
            .plus(i64::from(device.policy.invitation_hours) * HOUR_SECONDS);
        let capsule = StaffCapsule {
            root: device.root,
            enrolment: identity::enrol_staff(root, person, role, expires_at, &mut cx.rng),
            directory_key: device.directory_key()?.clone(),
            policy: device.policy.clone(),
            root_seed: (role == PersonRole::Admin).then(|| root.clone()),
        };
        let mut plain = zeroize::Zeroizing::new(Vec::new());
        ciborium::into_writer(&capsule, &mut *plain)
            .map_err(|_| siegel_proto::Malformed("capsule"))?;
        let secret = LinkSecret::random(&mut cx.rng);
        let sealed = secret.seal("staff", &plain, &mut cx.rng)?;
        let invitation = Invitation {
            id: InvitationId(cx.rng.bytes()),
            label,
            person,
            room: None,
            secret,
            stage: InvitationStage::Uploading { sealed },
            expires_at,
            waits_for: Vec::new(),
        };
        invitation.save(&self.vault)?;
        self.pump_invitations(cx)
    }

    fn invite_guest(
        &mut self,
        cx: &mut Cx,
        room: Option<RoomId>,
        label: String,
        greeting: String,
        notice: Notice,
    ) -> Result<(), Error> {
        check_name(&label)?;
        let device = Device::load(&self.vault)?;
        if !device.is_staff() {
            return Err(Error::Only(Holder::Staff));
        }
        let greeting = Kind::Text {
            body: greeting,
            reply_to: None,
        };
        let notice = Kind::Notice(notice);
        greeting.check()?;
        notice.check()?;
        let room = match room {
            Some(room) => {
                Room::load(&self.vault, room)?.check_usable()?;
                room
            }
            None => self.create_room(cx, String::new())?,
        };
        let guest = PersonId::new(cx.rng.bytes());
        let expires_at = cx
            .now
            .plus(i64::from(device.policy.invitation_hours) * HOUR_SECONDS);
        let stage = invitation::prepare_guest(&device, guest, expires_at, cx.now, &mut cx.rng)?;
        let id = InvitationId(cx.rng.bytes());
        let change = Change {
            invitation: Some(id),
            ..Change::default()
        };
        let entry = message_id(&mut cx.rng);
        let add = Item::new(entry, Work::Change(Box::new(change)));
        outbox::push(&self.vault, room, &add)?;
        let mut waits_for = vec![
            self.queue_content(cx, room, greeting)?,
            self.queue_content(cx, room, notice)?,
        ];
        if let Some(said) = self.own_availability()? {
            waits_for.push(self.queue_content(cx, room, Kind::Availability(said))?);
        }
        let invitation = Invitation {
            id,
            label,
            person: guest,
            room: Some(room),
            secret: LinkSecret::random(&mut cx.rng),
            stage,
            expires_at,
            waits_for,
        };
        invitation.save(&self.vault)?;
        self.pump(cx, room)
    }

    fn repair(&mut self, cx: &mut Cx, id: RoomId) -> Result<(), Error> {
        let mut room = Room::load(&self.vault, id)?;
        room.check_usable()?;
        if room.stands_alone
            && let Some(put_back) = &mut room.put_back
        {
            put_back.insists = true;
            room.save(&self.vault)?;
            return self.pump(cx, id);
        }
        let commit = room
            .last_commit
            .as_ref()
            .filter(|_| room.contested)
            .ok_or(Error::NotAllowed(Hindrance::NothingRefused))?;
        let void = Work::Void { seq: commit.seq };
        let item = Item::new(message_id(&mut cx.rng), void);
        outbox::push_front(&self.vault, id, &item)?;
        self.pump(cx, id)
    }

    fn revoke(&mut self, cx: &mut Cx, revoked: Revoked) -> Result<(), Error> {
        let device = Device::load(&self.vault)?;
        device.root_seed()?;
        if revoked == Revoked::Person(device.keys.person)
            || revoked == Revoked::Device(device.keys.device)
        {
            return Err(Error::NotAllowed(Hindrance::OwnKey));
        }
        let mut wishes = device::wished_revocations(&self.vault)?;
        if !wishes.contains(&revoked) {
            wishes.push(revoked);
        }
        device::save_wished_revocations(&self.vault, &wishes)?;
        self.announce_revocations(cx)
    }

    fn accept_identity(&mut self, cx: &mut Cx, person: PersonId) -> Result<(), Error> {
        let mut contact =
            Contact::load(&self.vault, person)?.ok_or(Error::Unknown(Thing::Person))?;
        if let Some(changed) = contact.changed.take() {
            contact.identity_key = changed;
            contact.verified = false;
            contact.save(&self.vault)?;
        }
        cx.event(Event::ContactsChanged);
        self.pump_all(cx)
    }

    fn verify(&mut self, cx: &mut Cx, room: RoomId, person: PersonId) -> Result<(), Error> {
        let mut contact =
            Contact::load(&self.vault, person)?.ok_or(Error::Unknown(Thing::Person))?;
        if contact.provisional {
            return Err(Error::NotAllowed(Hindrance::NotArrived));
        }
        contact.verified = true;
        contact.changed = None;
        contact.save(&self.vault)?;
        cx.event(Event::ContactsChanged);
        self.say(cx, room, Kind::Verified { person }, Extras::default())
    }

    fn set_policy(&mut self, cx: &mut Cx, policy: Policy) -> Result<(), Error> {
        let mut device = Device::load(&self.vault)?;
        let root = identity::signing_key(device.root_seed()?);
        let policy = Policy {
            version: device.policy.version + 1,
            ..policy
        };
        policy.check()?;
        device.policy = policy.without_notices();
        device.save(&self.vault)?;
        device::save_policy(&self.vault, &policy)?;
        cx.event(Event::PolicyChanged);
        self.expire(cx)?;
        let signed = Signed::issue(&root, policy);
        self.request(cx, Pending::PutPolicy, Request::PutPolicy(signed));
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), OutOfBounds> {
    if name.len() > limits::NAME_BYTES {
        return Err(OutOfBounds(Part::Name));
    }
    Ok(())
}
