//! The relay's words: who is allowed to say what when, and where each goes.

use bytes::Bytes;
use siegel_proto::account::Authenticate;
use siegel_proto::directory::{Directory, DirectoryEntryBody, PutDirectoryEntry};
use siegel_proto::frame::{self, Hello, HelloReply, Reply, Request};
use siegel_proto::ids::RoomId;
use siegel_proto::key_package::{KeyPackage, PublishKeyPackages};
use siegel_proto::limits::KEY_PACKAGE_DAYS;
use siegel_proto::organisation::{Policy, Revocation, Revoked, Signed};
use siegel_proto::room::{Attach, CreateRoom, RoomKind};
use siegel_proto::seat::SeatClass;
use siegel_proto::{ErrorCode, Refusal, certificate, label, padding};

use super::connection::{Connection, Pending};
use super::{Client, Cx};
use crate::contact::{self, Contact, Meeting};
use crate::device::{self, Device, Stage};
use crate::error::Error;
use crate::event::Event;
use crate::identity;
use crate::mls::key_package::{self, Offer};
use crate::mls::provider::Provider;
use crate::mls::signer::DeviceSigner;
use crate::mls::welcome_seal::WelcomeKey;
use crate::room::join::StoredOffer;
use crate::room::{Room, Stage as RoomStage};
use crate::sealed;
use crate::step::Output;

/// The pool is filled up to this many when it falls below a quarter of it.
const KEY_PACKAGE_POOL: u32 = 40;
const KEY_PACKAGES_ANEW_SECONDS: i64 = KEY_PACKAGE_DAYS as i64 * DAY_SECONDS / 2;
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

    fn authenticate(&mut self, cx: &mut Cx, device: &Device) -> Result<(), Error> {
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
                let seat = inbox.token.key(SeatClass::Staff).hash(inbox.room);
                let create = CreateRoom {
                    room: inbox.room,
                    kind: RoomKind::Inbox,
                    seats: vec![seat],
                    after: 0,
                };
                self.request(cx, Pending::CreateInbox, Request::CreateRoom(create));
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

    fn list_revocations(&mut self, cx: &mut Cx, device: &Device) {
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
        let room = Room::load(&self.vault, id)?;
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

    fn attach_inbox(&mut self, cx: &mut Cx) -> Result<(), Error> {
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
            (Pending::Publish, _) => {
                let mut device = Device::load(&self.vault)?;
                device.last_resort = false;
                device.save(&self.vault)
            }
            (_, ErrorCode::RateLimited) => {
                let wait = i64::from(refusal.retry_after_ms / 1_000) + 1;
                cx.output(Output::WakeAt(cx.now.plus(wait)));
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
        let mut room = Room::load(&self.vault, id)?;
        room.stage = RoomStage::Active;
        room.save(&self.vault)?;
        self.open_room(cx, id)
    }

    fn policy_shown(&mut self, cx: &mut Cx, policy: &Signed<Policy>) -> Result<(), Error> {
        let mut device = Device::load(&self.vault)?;
        let Ok(policy) = policy.verify(&device.root) else {
            return Ok(());
        };
        // A relay that shows an older or foreign policy changes nothing. The one that came
        // with the invitation has no notices.
        let known = device::known_policy(&self.vault)?;
        let is_news = match &known {
            Some(known) => policy.version > known.version,
            None => policy.version >= device.policy.version,
        };
        if is_news {
            device.policy = policy.without_notices();
            device.save(&self.vault)?;
            device::save_policy(&self.vault, policy)?;
            cx.event(Event::PolicyChanged);
            self.expire(cx)?;
        }
        // What the admin decided while the line was down is told number by number: the
        // relay takes no other than the next.
        if let (Some(known), Ok(root)) = (known, device.root_seed())
            && policy.version < known.version
            && !self.awaits(Pending::PutPolicy)
        {
            let next = Policy {
                version: policy.version + 1,
                ..known
            };
            let signed = Signed::issue(&identity::signing_key(root), next);
            self.request(cx, Pending::PutPolicy, Request::PutPolicy(signed));
        }
        Ok(())
    }

    /// Takes revocations in, in the order of their numbers and without a hole: one that is
    /// told before the list is complete waits for it, and a relay that leaves one out
    /// does not get anything to forward. What was sent before they were known is past;
    /// nothing is encrypted to the revoked from here on.
    fn revocations(
        &mut self,
        cx: &mut Cx,
        signed: &[Signed<Revocation>],
        is_list: bool,
    ) -> Result<(), Error> {
        let mut device = Device::load(&self.vault)?;
        let mut revoked = device::revoked(&self.vault)?;
        let (mut complete, mut told) = (true, 0);
        for signed in signed {
            let Ok(revocation) = signed.verify(&device.root) else {
                complete = false;
                break;
            };
            told = told.max(revocation.number);
            if revocation.number <= device.revocations {
                continue;
            }
            if revocation.number != device.revocations + 1 {
                complete = false;
                break;
            }
            match revocation.revoked {
                Revoked::Person(person) => revoked.persons.insert(person),
                Revoked::Device(device) => revoked.devices.insert(device),
            };
            device.revocations = revocation.number;
            device::keep_revocation(&self.vault, revocation.number, signed)?;
        }
        let is_self = revoked.persons.contains(&device.keys.person)
            || revoked.devices.contains(&device.keys.device);
        device.save(&self.vault)?;
        device::save_revoked(&self.vault, &revoked)?;
        if is_self {
            return self.revoked(cx);
        }
        let mut first = false;
        if let Some(connection) = &mut self.connection
            && is_list
            && complete
        {
            first = !std::mem::replace(&mut connection.revocations, true);
        }
        if first && !device.is_staff() {
            // A client had to show a seat to be told; now the log can be judged.
            for room in Room::ids(&self.vault)? {
                self.open_room(cx, room)?;
            }
        }
        self.tell_lost_revocations(cx, is_list, told)?;
        self.announce_revocations(cx)?;
        self.pump_all(cx)
    }

    fn revoked(&mut self, cx: &mut Cx) -> Result<(), Error> {
        let mut device = Device::load(&self.vault)?;
        device.stage = Stage::Revoked;
        device.save(&self.vault)?;
        cx.event(Event::Revoked);
        Ok(())
    }

    /// Keeps the pool at the relay filled and young: half way to their end all are made
    /// anew, the last resort among them, so that nobody is found without.
    fn stock_up(&mut self, cx: &mut Cx, device: &Device, left: u32) -> Result<(), Error> {
        let aged = |at| cx.now.since(at) > KEY_PACKAGES_ANEW_SECONDS;
        if !device.last_resort || device.key_packages_at.is_none_or(aged) {
            let mut device = device.clone();
            device.last_resort = false;
            device.key_packages_at = Some(cx.now);
            device.save(&self.vault)?;
            return self.publish(cx, KEY_PACKAGE_POOL, true);
        }
        if left < KEY_PACKAGE_POOL / 4 {
            return self.publish(cx, KEY_PACKAGE_POOL - left, false);
        }
        Ok(())
    }

    /// The relay hands out key packages this device knows nothing of: its state was put back
    /// since they were made. All are made anew, or nobody could add it as long as they last;
    /// once per connection, as anybody in the organisation may write to an inbox.
    pub(crate) fn stock_up_anew(&mut self, cx: &mut Cx) -> Result<(), Error> {
        let is_news = (self.connection.as_mut()).is_some_and(|connection| {
            connection.session && !std::mem::replace(&mut connection.stocked_anew, true)
        });
        let mut device = Device::load(&self.vault)?;
        if !is_news || !device.last_resort {
            return Ok(());
        }
        device.last_resort = false;
        self.stock_up(cx, &device, 0)
    }

    /// Makes key packages and puts them on the relay. Their private halves are in the
    /// same batch, stored before the relay gets them.
    fn publish(&mut self, cx: &mut Cx, count: u32, anew: bool) -> Result<(), Error> {
        let device = Device::load(&self.vault)?;
        let mut key_packages = Vec::new();
        for _ in 0..count {
            key_packages.push(self.offer(cx, &device, false)?);
        }
        let last_resort = match anew {
            true => Some(self.offer(cx, &device, true)?),
            false => None,
        };
        let publish = PublishKeyPackages {
            key_packages,
            last_resort,
            replace: anew,
        };
        self.request(cx, Pending::Publish, Request::PublishKeyPackages(publish));
        Ok(())
    }

    fn offer(
        &mut self,
        cx: &mut Cx,
        device: &Device,
        last_resort: bool,
    ) -> Result<KeyPackage, Error> {
        let token = siegel_proto::seat::SeatToken::new(cx.rng.bytes());
        let welcome_key = WelcomeKey::generate(&mut cx.rng);
        let public: Bytes = welcome_key
            .public()
            .map_err(|_| siegel_proto::Malformed("welcome key"))?
            .into();
        let offer = Offer {
            chain: &device.keys.device_chain,
            leaf: siegel_proto::group::LeafInfo {
                seat_key: token.key(SeatClass::Staff),
                inbox: device.inbox.as_ref().map(|inbox| inbox.room),
            },
            welcome_key: public.clone(),
            last_resort,
        };
        let provider = Provider::new(&self.vault, &mut cx.rng);
        let signer = DeviceSigner::new(&device.keys.signature);
        let message = key_package::generate(&provider, &signer, &offer, cx.now)?;
        StoredOffer::new(token, welcome_key, last_resort).save(&self.vault, &public)?;
        let key = sealed::derive(device.directory_key()?, label::KEY_PACKAGE_KEY);
        let sealed = sealed::seal(&key, label::KEY_PACKAGE, &[], &message, &mut cx.rng)?;
        Ok(KeyPackage {
            sealed: sealed.into(),
            expires_day: cx.now.day() + KEY_PACKAGE_DAYS,
        })
    }

    fn put_directory_entry(&mut self, cx: &mut Cx, version: u64) -> Result<(), Error> {
        let device = Device::load(&self.vault)?;
        let own = Contact::load(&self.vault, device.keys.person)?;
        let before = own.map_or(0, |contact| contact.written_at);
        let body = DirectoryEntryBody {
            display_name: device.name.clone(),
            position: device.position.clone(),
            chain: certificate::decode_chain(&device.keys.identity_chain)?,
            // Later than the last, though the clock may have been put back since.
            written_at: (cx.now.seconds()).max(before.saturating_add(1)),
        };
        let key = sealed::derive(device.directory_key()?, label::DIRECTORY_ENTRY_KEY);
        let plain = body.encode();
        // Sealed so long that the envelope ends on a bucket.
        let room = padding::bucket(plain.len() + padding::OVERHEAD + sealed::OVERHEAD)
            .ok_or(Error::TooLarge("directory entry"))?;
        let mut padded = u32::try_from(plain.len())
            .map_err(|_| Error::TooLarge("directory entry"))?
            .to_be_bytes()
            .to_vec();
        padded.extend_from_slice(&plain);
        padded.resize(room - sealed::OVERHEAD, 0);
        let parts: [&[u8]; 1] = [device.keys.person.as_bytes()];
        let sealed = sealed::seal(&key, label::DIRECTORY_ENTRY, &parts, &padded, &mut cx.rng)?;
        let entry = PutDirectoryEntry {
            version,
            sealed: sealed.into(),
        };
        self.request(
            cx,
            Pending::PutDirectoryEntry(version),
            Request::PutDirectoryEntry(entry),
        );
        Ok(())
    }

    /// Asks for what was written to the directory after this change.
    pub(super) fn list_directory(&mut self, cx: &mut Cx, after: u64) {
        let list = Request::ListDirectory { after };
        self.request(cx, Pending::ListDirectory, list);
    }

    fn directory(&mut self, cx: &mut Cx, page: Directory) -> Result<(), Error> {
        let mut device = Device::load(&self.vault)?;
        let key = sealed::derive(device.directory_key()?, label::DIRECTORY_ENTRY_KEY);
        // A relay that says there is more and does not get on is not asked for ever.
        let goes_on = page.more && page.up_to > device.directory_seen;
        device.directory_seen = page.up_to;
        device.save(&self.vault)?;
        for entry in page.entries {
            let parts: [&[u8]; 1] = [entry.person.as_bytes()];
            // An entry that does not open or prove itself is the relay's own invention.
            let Ok(padded) = sealed::open(&key, label::DIRECTORY_ENTRY, &parts, &entry.sealed)
            else {
                continue;
            };
            let Some(body) =
                unpad(&padded).and_then(|plain| DirectoryEntryBody::decode(plain).ok())
            else {
                continue;
            };
            let Ok(chain) = certificate::verify_chain(&device.root, &body.chain) else {
                continue;
            };
            if chain.person != entry.person {
                continue;
            }
            if contact::meet(&self.vault, &chain)? == Meeting::Changed {
                cx.event(Event::IdentityChanged(chain.person));
            }
            if let Some(mut contact) = Contact::load(&self.vault, chain.person)?
                && body.written_at >= contact.written_at
            {
                contact.name = body.display_name;
                contact.position = body.position;
                contact.written_at = body.written_at;
                contact.save(&self.vault)?;
            }
        }
        if goes_on {
            self.list_directory(cx, page.up_to);
        }
        cx.event(Event::ContactsChanged);
        self.pump_all(cx)
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
            self.open_shut_rooms(cx)?;
            self.pump_all(cx)?;
            self.pump_invitations(cx)?;
        }
        Ok(())
    }
}

fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (length, rest) = padded.split_first_chunk::<4>()?;
    rest.get(..u32::from_be_bytes(*length) as usize)
}
