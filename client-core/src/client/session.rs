//! The relay's words: who is allowed to say what when, and where each goes.

use bytes::Bytes;
use siegel_proto::account::Authenticate;
use siegel_proto::frame::{self, Hello, HelloReply, Reply, Request};
use siegel_proto::ids::RoomId;
use siegel_proto::room::{Attach, CreateRoom, RoomKind};
use siegel_proto::seat::SeatClass;
use siegel_proto::{ErrorCode, Refusal};

use super::connection::{Connection, Pending};
use super::own_key_packages::KEY_PACKAGE_POOL;
use super::{Client, Cx};
use crate::device::{Device, Stage};
use crate::error::Error;
use crate::event::Event;
use crate::identity;
use crate::room::{Room, Stage as RoomStage};
use crate::step::Output;

const DAY_SECONDS: i64 = 86_400;
/// How often one connection asks for a seat back.
const ASK_BACK: u32 = 5;

impl Client {
    pub(super) fn connected(&mut self, cx: &mut Cx) -> Result<(), Error> {
        let mut connection = Connection::default();
        connection.request(cx, Pending::Hello, Request::Hello(Hello::default()));
        self.connection = Some(connection);
        Ok(())
    }

    /// Sends a request on the open connection; without one the work waits in the vault.
    pub(crate) fn request(&mut self, cx: &mut Cx, pending: Pending, request: Request) {
        if let Some(connection) = &mut self.connection {
            connection.request(cx, pending, request);
        }
    }

    pub(crate) fn awaits(&self, pending: Pending) -> bool {
        self.connection
            .as_ref()
            .is_some_and(|connection| connection.awaits(pending))
    }

    pub(super) fn received(&mut self, cx: &mut Cx, frame: Bytes) -> Result<(), Error> {
        let Ok((number, reply)) = frame::parse_reply(frame) else {
            cx.output(Output::Reconnect);
            return Ok(());
        };
        let Some(connection) = &mut self.connection else {
            return Ok(());
        };
        let pending = connection.answered(number);
        match (pending, reply) {
            (_, Reply::Deliver(deliver)) => self.delivered(cx, deliver),
            (_, Reply::Appended(appended)) => self.appended(cx, appended),
            (_, Reply::Detached(room)) => self.detached(cx, room),
            (pending, Reply::Revocations(revocations)) => {
                let is_list = pending == Some(Pending::ListRevocations);
                self.revocations(cx, &revocations, is_list)
            }
            (_, Reply::Policy(policy)) => self.policy_shown(cx, &policy),
            (Some(Pending::Hello), Reply::Hello(hello)) => self.hello(cx, hello),
            (Some(pending), Reply::Refused(refusal)) => self.refused(cx, pending, refusal),
            (Some(pending), reply) => self.answered(cx, pending, reply),
            (None, _) => Ok(()),
        }
    }

    /// The seat is gone, or another connection of this device took it. A device that could
    /// not read its own removal finds out by asking, and one whose older connection took the
    /// seat late has it back; not for ever, or two living copies of a device would take it
    /// from each other without end.
    fn detached(&mut self, cx: &mut Cx, id: RoomId) -> Result<(), Error> {
        let asks = (self.connection.as_mut()).is_some_and(|connection| {
            connection.rooms.remove(&id);
            let asked = connection.asked_back.entry(id).or_default();
            *asked += 1;
            *asked <= ASK_BACK
        });
        match Room::find(&self.vault, id)? {
            Some(room) if asks && room.stage == RoomStage::Active => self.open_room(cx, id),
            _ => Ok(()),
        }
    }

    pub(super) fn hello(&mut self, cx: &mut Cx, hello: HelloReply) -> Result<(), Error> {
        if !Device::exists(&self.vault) {
            if let Some(connection) = &mut self.connection {
                connection.early_hello = Some(hello);
            }
            return Ok(());
        }
        let mut device = Device::load(&self.vault)?;
        let organisation = device.organisation();
        if hello
            .organisation
            .is_some_and(|other| other != organisation)
        {
            cx.event(Event::WrongRelay);
            return Ok(());
        }
        // Nothing is ever signed for another organisation's relay.
        if let Some(connection) = &mut self.connection {
            connection.challenge = Some(hello.challenge);
        }
        if device.generation != Some(hello.generation) {
            if device.generation.is_some() {
                cx.event(Event::RelayRestored);
                device.put_back_at = Some(cx.now);
            }
            device.generation = Some(hello.generation);
            device.last_resort = false;
            device.directory_version = 0;
            device.directory_seen = 0;
            device.save(&self.vault)?;
        }
        match device.stage {
            Stage::SetUp(_) if hello.organisation.is_none() => self.send_set_up(cx, &device),
            Stage::SetUp(_) | Stage::Enrol => self.send_enrol(cx, &device),
            Stage::Ready if device.is_staff() => self.authenticate(cx, &device),
            Stage::Ready => self.online(cx),
            Stage::Revoked => Ok(()),
        }
    }

    pub(super) fn authenticate(&mut self, cx: &mut Cx, device: &Device) -> Result<(), Error> {
        let connection = self.connection.as_ref();
        let challenge = connection.and_then(|connection| connection.challenge);
        if let (Some(challenge), Some(auth)) = (challenge, &device.keys.auth) {
            let answer = challenge.answer(&identity::signing_key(auth), device.keys.device);
            let authenticate = Authenticate {
                device: device.keys.device,
                answer,
            };
            self.request(
                cx,
                Pending::Authenticate,
                Request::Authenticate(authenticate),
            );
        }
        Ok(())
    }

    /// A staff session is open.
    pub(super) fn authenticated(&mut self, cx: &mut Cx, key_packages: u32) -> Result<(), Error> {
        if let Some(connection) = &mut self.connection {
            connection.session = true;
        }
        let device = Device::load(&self.vault)?;
        if let Some(inbox) = &device.inbox {
            if inbox.created {
                self.attach_inbox(cx)?;
            } else {
                self.create_inbox(cx, &device);
            }
        }
        self.stock_up(cx, &device, key_packages)?;
        if device.directory_version == 0 {
            self.put_directory_entry(cx, 1)?;
        }
        self.list_directory(cx, device.directory_seen);
        self.online(cx)
    }

    fn online(&mut self, cx: &mut Cx) -> Result<(), Error> {
        cx.event(Event::Online);
        let device = Device::load(&self.vault)?;
        self.request(cx, Pending::GetPolicy, Request::GetPolicy);
        if device.is_staff() {
            self.list_revocations(cx, &device);
        }
        for room in Room::ids(&self.vault)? {
            self.open_room(cx, room)?;
        }
        self.pump_invitations(cx)?;
        self.confirm_again(cx)?;
        cx.output(Output::WakeAt(cx.now.plus(DAY_SECONDS)));
        Ok(())
    }

    pub(super) fn list_revocations(&mut self, cx: &mut Cx, device: &Device) {
        let mut after = device.revocations;
        if device.put_back_at.is_some()
            && let Some(connection) = &mut self.connection
        {
            // The relay may have lost some: only the whole list tells.
            connection.lists_all_revocations = true;
            after = 0;
        }
        self.request(
            cx,
            Pending::ListRevocations,
            Request::ListRevocations { after },
        );
    }

    /// Makes the log if need be and takes the seat.
    pub(crate) fn open_room(&mut self, cx: &mut Cx, id: RoomId) -> Result<(), Error> {
        let Some(room) = Room::find(&self.vault, id)? else {
            return Ok(());
        };
        match room.stage {
            RoomStage::Removed => {}
            RoomStage::Creating => {
                let create = CreateRoom {
                    room: id,
                    kind: RoomKind::Room,
                    seats: vec![room.token.key(room.class).hash(id)],
                    after: 0,
                };
                self.request(cx, Pending::CreateRoom(id), Request::CreateRoom(create));
            }
            RoomStage::Active => {
                let attach = Attach {
                    room: id,
                    token: room.token,
                };
                self.request(cx, Pending::Attach(id), Request::Attach(attach));
            }
        }
        Ok(())
    }

    pub(super) fn create_inbox(&mut self, cx: &mut Cx, device: &Device) {
        if let Some(inbox) = &device.inbox {
            let create = CreateRoom {
                room: inbox.room,
                kind: RoomKind::Inbox,
                seats: vec![inbox.token.key(SeatClass::Staff).hash(inbox.room)],
                after: 0,
            };
            self.request(cx, Pending::CreateInbox, Request::CreateRoom(create));
        }
    }

    pub(super) fn attach_inbox(&mut self, cx: &mut Cx) -> Result<(), Error> {
        let device = Device::load(&self.vault)?;
        if let Some(inbox) = device.inbox {
            let attach = Attach {
                room: inbox.room,
                token: inbox.token,
            };
            self.request(cx, Pending::AttachInbox, Request::Attach(attach));
        }
        Ok(())
    }

    fn answered(&mut self, cx: &mut Cx, pending: Pending, reply: Reply) -> Result<(), Error> {
        match (pending, reply) {
            (Pending::SetUp, Reply::Done) => {
                let device = Device::load(&self.vault)?;
                self.send_enrol(cx, &device)
            }
            (Pending::Enrol, Reply::Authenticated { key_packages }) => {
                self.enrolled(cx)?;
                self.authenticated(cx, key_packages)
            }
            (Pending::Authenticate, Reply::Authenticated { key_packages }) => {
                self.authenticated(cx, key_packages)
            }
            (Pending::ListDirectory, Reply::Directory(page)) => self.directory(cx, page),
            (Pending::PutDirectoryEntry(version), Reply::Done) => {
                let mut device = Device::load(&self.vault)?;
                device.directory_version = version;
                device.save(&self.vault)
            }
            (Pending::Publish, Reply::Done) => {
                let mut device = Device::load(&self.vault)?;
                device.last_resort = true;
                device.save(&self.vault)
            }
            (Pending::PutRevocation, Reply::Done) => self.ask_revocations(cx),
            (Pending::PutPolicy, Reply::Done) => {
                self.request(cx, Pending::GetPolicy, Request::GetPolicy);
                Ok(())
            }
            (Pending::CreateInbox, Reply::Done) => self.inbox_created(cx),
            (Pending::CreateRoom(room), Reply::Done) => self.room_created(cx, room),
            (Pending::Attach(room) | Pending::AttachRenewed(room), Reply::Attached(attached)) => {
                self.attached(cx, room, attached)
            }
            (Pending::AttachInbox, Reply::Attached(attached)) => self.inbox_attached(cx, attached),
            (Pending::Claim(room, entry, person), Reply::ClaimedKeyPackages(claimed)) => {
                self.claimed(cx, room, entry, person, claimed)
            }
            (Pending::CreateCapsule(id), Reply::Done) => self.capsule_created(cx, id),
            (Pending::WithdrawCapsule(id), Reply::Done) => self.capsule_withdrawn(cx, id),
            (Pending::CreateBlob(blob), Reply::Done) => {
                cx.event(Event::BlobReady(blob));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn refused(&mut self, cx: &mut Cx, pending: Pending, refusal: Refusal) -> Result<(), Error> {
        match (pending, refusal.code) {
            (Pending::Hello, ErrorCode::UnsupportedVersion) => {
                cx.event(Event::Outdated);
                Ok(())
            }
            (Pending::SetUp, ErrorCode::AlreadySetUp) => {
                // The answer to the first try was lost, or somebody else was quicker; the
                // enrolment tells which.
                let device = Device::load(&self.vault)?;
                self.send_enrol(cx, &device)
            }
            // Revoked before it had heard that it is in.
            (Pending::Enrol, ErrorCode::Revoked) => self.revoked(cx),
            (Pending::SetUp | Pending::Enrol, ErrorCode::RateLimited) => {
                self.hold_off(cx, pending, refusal);
                Ok(())
            }
            (Pending::SetUp | Pending::Enrol, code) => {
                cx.event(Event::JoinRefused(code));
                cx.output(Output::WakeAt(cx.now.plus(DAY_SECONDS)));
                Ok(())
            }
            (Pending::Authenticate, ErrorCode::Revoked) => self.revoked(cx),
            // Another admin was quicker; the list tells how far it has come.
            (Pending::PutRevocation, ErrorCode::VersionConflict) => self.ask_revocations(cx),
            (Pending::CreateInbox, ErrorCode::AlreadyExists) => self.inbox_created(cx),
            (Pending::CreateRoom(room), ErrorCode::AlreadyExists) => self.room_created(cx, room),
            (Pending::Append(room, entry, attempt), _) => {
                self.append_refused(cx, room, entry, attempt, refusal)
            }
            (Pending::Attach(room), ErrorCode::Denied) => self.attach_denied(cx, room),
            (Pending::AttachRenewed(room), ErrorCode::Denied) => self.shut_out(cx, room),
            // Work behind an addition must not wait for what will never come.
            (Pending::Claim(room, entry, _), code)
                if !matches!(code, ErrorCode::RateLimited | ErrorCode::Unavailable) =>
            {
                self.fail(cx, room, entry, crate::event::Failure::NoKeyPackage)
            }
            (Pending::PutDirectoryEntry(_), ErrorCode::VersionConflict) => {
                self.put_directory_entry(cx, refusal.current.saturating_add(1))
            }
            (Pending::CreateCapsule(id), ErrorCode::AlreadyExists) => self.capsule_created(cx, id),
            // The next connection asks again.
            (Pending::AskBack, _) => Ok(()),
            (Pending::CreateBlob(blob), code) => {
                cx.event(Event::BlobRefused(blob, code));
                Ok(())
            }
            (Pending::Publish, code) => {
                let mut device = Device::load(&self.vault)?;
                device.last_resort = false;
                device.save(&self.vault)?;
                if code == ErrorCode::RateLimited {
                    self.hold_off(cx, pending, refusal);
                }
                Ok(())
            }
            (pending, ErrorCode::RateLimited) => {
                self.hold_off(cx, pending, refusal);
                Ok(())
            }
            (_, ErrorCode::Unavailable) => {
                cx.output(Output::Reconnect);
                Ok(())
            }
            _ => {
                cx.event(Event::Refused(refusal));
                Ok(())
            }
        }
    }

    fn inbox_created(&mut self, cx: &mut Cx) -> Result<(), Error> {
        let mut device = Device::load(&self.vault)?;
        if let Some(inbox) = &mut device.inbox {
            inbox.created = true;
        }
        device.save(&self.vault)?;
        self.attach_inbox(cx)
    }

    fn room_created(&mut self, cx: &mut Cx, id: RoomId) -> Result<(), Error> {
        if let Some(mut room) = Room::find(&self.vault, id)? {
            room.stage = RoomStage::Active;
            room.save(&self.vault)?;
        }
        self.open_room(cx, id)
    }

    pub(super) fn tick(&mut self, cx: &mut Cx) -> Result<(), Error> {
        if !Device::exists(&self.vault) {
            return Ok(());
        }
        self.expire(cx)?;
        cx.output(Output::WakeAt(cx.now.plus(DAY_SECONDS)));
        self.send_receipts(cx)?;
        let device = Device::load(&self.vault)?;
        let session = (self.connection.as_ref()).is_some_and(|connection| connection.session);
        if session && !self.awaits(Pending::Publish) {
            // How many are left is told at the next opening; their age is known here.
            self.stock_up(cx, &device, KEY_PACKAGE_POOL)?;
        }
        if device.stage == Stage::Enrol && !self.awaits(Pending::Enrol) {
            // It was refused. The relay may have thought better of it, and it is the only way
            // to hear of one's revocation: who has no session is told nothing.
            self.send_enrol(cx, &device)?;
        }
        if self.connection.is_some() {
            self.ask_held_off(cx)?;
            self.open_shut_rooms(cx)?;
            self.pump_all(cx)?;
            self.pump_invitations(cx)?;
        }
        Ok(())
    }
}
