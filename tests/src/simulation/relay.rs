//! The relay double: the frames of the protocol in memory, with the real rules of rooms
//! and nothing a network or a disk would add. It can be told to lie; see [`Perversion`].

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use prost::Message as _;
use siegel_proto::account::Challenge;
use siegel_proto::capsule::{ClaimCapsule, ConfirmCapsule};
use siegel_proto::frame::{self, HelloReply, Reply, Request, RequestNumber};
use siegel_proto::ids::{Generation, MessageId, OrganisationId, RoomId, SeatHash};
use siegel_proto::organisation::{Revoked, SetUpToken};
use siegel_proto::room::{
    Ack, Append, AppendInbox, AppendKind, Appended, Attach, CreateRoom, Deliver, EntryKind,
    VoidCommit,
};
use siegel_proto::seat::SeatClass;
use siegel_proto::{ErrorCode, Refusal, version, wire};
use siegel_server::delivery::{Accepted, Room, Seated};

use super::log::{Log, deliver};
use super::organisation::{Organisation, Session};

/// Names an open socket.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ConnectionId(pub u64);

/// What a hostile relay makes of one delivery to one device: nothing, itself, others.
pub type Perversion = Box<dyn FnMut(usize, Deliver) -> Vec<Deliver>>;

/// What a hostile relay makes of any frame on its way to a device; see [`crate::hostile`].
pub type Tamper = Box<dyn FnMut(usize, Bytes) -> Vec<Bytes>>;

/// An entry the relay accepted, and who was entitled to it. The relay never forgets these:
/// they are what the clients are measured by.
#[derive(Clone, Debug)]
pub struct AcceptedEntry {
    /// The room.
    pub room: RoomId,
    /// Its number.
    pub seq: u64,
    /// Its kind.
    pub kind: EntryKind,
    /// The epoch it was encrypted in.
    pub epoch: u64,
    /// Its id.
    pub message: MessageId,
    /// Who appended it.
    pub by: SeatHash,
    /// Seats that are to get it.
    pub seats: Vec<SeatHash>,
}

/// What is left of a relay that is gone.
#[derive(Clone)]
pub struct Backup {
    organisation: Organisation,
    logs: BTreeMap<RoomId, Log>,
}

struct Connection {
    device: usize,
    challenge: Option<Challenge>,
    session: Option<Session>,
    attached: BTreeMap<RoomId, Seated>,
    out: VecDeque<Bytes>,
    /// What a hostile relay made of what was in `out`.
    tampered: VecDeque<Bytes>,
    closed: bool,
}

/// The double.
pub struct Relay {
    /// Accounts, key packages, capsules and the like.
    pub organisation: Organisation,
    /// Every room and inbox.
    pub logs: BTreeMap<RoomId, Log>,
    /// Everything that was ever accepted into a room.
    pub accepted: Vec<AcceptedEntry>,
    /// Which device sat on a seat.
    pub owners: BTreeMap<SeatHash, usize>,
    /// How it lies, if it does.
    pub perversion: Option<Perversion>,
    /// The same for every frame, not only entries.
    pub tamper: Option<Tamper>,
    /// Seconds since 1970.
    pub now: i64,
    generation: Generation,
    connections: BTreeMap<ConnectionId, Connection>,
    opened: u64,
}

impl Relay {
    /// One that waits to be set up.
    pub fn new(token: &SetUpToken, now: i64) -> Self {
        Self {
            organisation: Organisation::new(token),
            logs: BTreeMap::new(),
            accepted: Vec::new(),
            owners: BTreeMap::new(),
            perversion: None,
            tamper: None,
            now,
            generation: Generation::new([7; 16]),
            connections: BTreeMap::new(),
            opened: 0,
        }
    }

    /// What is stored, without connections and without lies.
    pub(super) fn fork(&self) -> Self {
        Self {
            organisation: self.organisation.clone(),
            logs: self.logs.clone(),
            accepted: self.accepted.clone(),
            owners: self.owners.clone(),
            perversion: None,
            tamper: None,
            now: self.now,
            generation: self.generation,
            connections: BTreeMap::new(),
            opened: self.opened,
        }
    }

    /// The relay is started again from a complete backup: it says so, and everybody is
    /// thrown out.
    pub fn restart_as(&mut self, generation: [u8; 16]) {
        self.generation = Generation::new(generation);
        self.connections.clear();
    }

    /// A copy of what is stored, without what is good for one use.
    pub fn back_up(&self) -> Backup {
        Backup {
            organisation: self.organisation.without_single_use(),
            logs: self.logs.clone(),
        }
    }

    /// A backup is put back, under the rules of the real relay: everybody is thrown out,
    /// what came since is gone, and every log says where.
    pub fn put_back(&mut self, backup: Backup, generation: [u8; 16]) {
        self.restart_as(generation);
        self.organisation = backup.organisation;
        self.logs = backup.logs;
        let mut ids = generation;
        for log in self.logs.values_mut() {
            let mark = log.room.put_back();
            log.store(&mark, MessageId::new(ids), Bytes::new());
            ids = blake3::hash(&ids).as_bytes()[..16]
                .try_into()
                .expect("sixteen bytes");
        }
    }

    /// A device opens a socket.
    pub fn open(&mut self, device: usize) -> ConnectionId {
        self.opened += 1;
        let id = ConnectionId(self.opened);
        let connection = Connection {
            device,
            challenge: None,
            session: None,
            attached: BTreeMap::new(),
            out: VecDeque::new(),
            tampered: VecDeque::new(),
            closed: false,
        };
        self.connections.insert(id, connection);
        id
    }

    /// The socket is gone.
    pub fn close(&mut self, id: ConnectionId) {
        self.connections.remove(&id);
    }

    /// The next frame for a device.
    pub fn take(&mut self, id: ConnectionId) -> Option<Bytes> {
        let connection = self.connections.get_mut(&id)?;
        loop {
            if let Some(frame) = connection.tampered.pop_front() {
                return Some(frame);
            }
            let frame = connection.out.pop_front()?;
            match &mut self.tamper {
                None => return Some(frame),
                Some(tamper) => connection.tampered.extend(tamper(connection.device, frame)),
            }
        }
    }

    /// Says something to a device that nobody asked for, on every connection it has.
    pub fn inject(&mut self, device: usize, frame: &Bytes) {
        for connection in self.connections.values_mut() {
            if connection.device == device {
                connection.tampered.push_back(frame.clone());
            }
        }
    }

    /// Frames that wait for a device.
    pub fn waiting(&self, id: ConnectionId) -> usize {
        self.connections
            .get(&id)
            .map_or(0, |c| c.out.len() + c.tampered.len())
    }

    /// Whether the relay has ended the connection and everything on it was read.
    pub fn is_over(&self, id: ConnectionId) -> bool {
        let connection = self.connections.get(&id);
        connection.is_none_or(|connection| {
            connection.closed && connection.out.is_empty() && connection.tampered.is_empty()
        })
    }

    fn answer(&mut self, id: ConnectionId, number: RequestNumber, reply: Reply) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.out.push_back(frame::encode_reply(number, reply));
        }
    }

    fn send(&mut self, id: ConnectionId, entry: Deliver) {
        let Some(device) = self
            .connections
            .get(&id)
            .map(|connection| connection.device)
        else {
            return;
        };
        let lies = match &mut self.perversion {
            Some(perversion) => perversion(device, entry),
            None => vec![entry],
        };
        for entry in lies {
            self.answer(id, 0, Reply::Deliver(entry));
        }
    }

    /// A frame has arrived.
    pub fn receive(&mut self, id: ConnectionId, frame: Bytes) {
        if self.connections.get(&id).is_none_or(|c| c.closed) {
            return;
        }
        let (number, request) = match frame::parse_request(frame) {
            Ok(parsed) => parsed,
            Err((number, refusal)) => return self.answer(id, number, Reply::Refused(refusal)),
        };
        let answer = self.handle(id, number, request);
        match answer {
            Ok(Some(reply)) if number != 0 => self.answer(id, number, reply),
            Err(refusal) if number != 0 => self.answer(id, number, Reply::Refused(refusal)),
            _ => {}
        }
    }

    /// A claim or confirmation over HTTP: status and body.
    pub fn http(&mut self, path: &str, body: &[u8]) -> (u16, Bytes) {
        let mut parts = path.trim_start_matches("/v1/capsules/").split('/');
        let id = parts.next().and_then(|id| id.parse().ok());
        let (Some(id), Some(verb)) = (id, parts.next()) else {
            return (404, Bytes::new());
        };
        if verb == "confirm" {
            let confirm = wire::ConfirmCapsule::decode(body).ok();
            let confirm = confirm.and_then(|wire| ConfirmCapsule::try_from(wire).ok());
            let Some(confirm) = confirm else {
                return (400, Bytes::new());
            };
            self.organisation.confirm_capsule(id, &confirm);
            return (204, Bytes::new());
        }
        let claim = wire::ClaimCapsule::decode(body).ok();
        let claim = claim.and_then(|wire| ClaimCapsule::try_from(wire).ok());
        let sealed = claim.and_then(|claim| self.organisation.claim_capsule(id, &claim, self.now));
        match sealed {
            Some(sealed) => (200, wire::ClaimedCapsule { sealed }.encode_to_vec().into()),
            None => (404, Bytes::new()),
        }
    }

    fn handle(
        &mut self,
        id: ConnectionId,
        number: RequestNumber,
        request: Request,
    ) -> Result<Option<Reply>, Refusal> {
        let session = self.connections.get(&id).and_then(|c| c.session);
        let session = session.ok_or(Refusal::new(ErrorCode::Unauthenticated));
        let today = u32::try_from(self.now / 86_400).unwrap_or(0);
        let organisation = &mut self.organisation;
        let done = Ok(Some(Reply::Done));
        match request {
            Request::Hello(_) => {
                let challenge = Challenge::new(*blake3::hash(&id.0.to_be_bytes()).as_bytes());
                let organisation = organisation.root.as_ref().map(OrganisationId::of);
                if let Some(connection) = self.connections.get_mut(&id) {
                    connection.challenge = Some(challenge);
                }
                Ok(Some(Reply::Hello(HelloReply {
                    version: version::NEWEST,
                    challenge,
                    generation: self.generation,
                    relay_time: self.now,
                    organisation,
                })))
            }
            Request::SetUp(set_up) => organisation.set_up(set_up).and(done),
            Request::GetPolicy => Ok(Some(Reply::Policy(organisation.policy()?))),
            Request::PutPolicy(policy) => {
                session?;
                organisation.put_policy(policy.clone())?;
                self.tell_everybody(&Reply::Policy(policy));
                done
            }
            Request::PutRevocation(signed) => {
                session?;
                let revoked = organisation.revoke(signed.clone())?;
                self.tell_everybody(&Reply::Revocations(vec![signed]));
                self.end_sessions(revoked);
                done
            }
            Request::ListRevocations { after } => {
                let seated = self
                    .connections
                    .get(&id)
                    .is_some_and(|c| !c.attached.is_empty());
                if session.is_err() && !seated {
                    return Err(Refusal::new(ErrorCode::Unauthenticated));
                }
                let after = usize::try_from(after).unwrap_or(usize::MAX);
                let later = organisation.revocations.iter().skip(after).cloned();
                Ok(Some(Reply::Revocations(later.collect())))
            }
            Request::Enrol(enrol) => {
                let challenge = self.challenge(id)?;
                let session = self.organisation.enrol(&enrol, challenge, self.now)?;
                Ok(Some(self.begin(id, session)))
            }
            Request::Authenticate(authenticate) => {
                let challenge = self.challenge(id)?;
                let session = self.organisation.authenticate(&authenticate, challenge)?;
                Ok(Some(self.begin(id, session)))
            }
            Request::PutDirectoryEntry(entry) => {
                organisation.put_entry(session?.person, entry).and(done)
            }
            Request::ListDirectory { after } => {
                session?;
                Ok(Some(Reply::Directory(organisation.directory_after(after))))
            }
            Request::PublishKeyPackages(publish) => {
                organisation.publish(session?.device, publish).and(done)
            }
            Request::ClaimKeyPackages(claim) => {
                session?;
                let claimed = organisation.claim(claim.person, today)?;
                Ok(Some(Reply::ClaimedKeyPackages(claimed)))
            }
            Request::CountKeyPackages => {
                let left = organisation.key_packages(session?.device);
                Ok(Some(Reply::KeyPackageCount(left)))
            }
            Request::CreateRoom(create) => {
                session?;
                self.create(&create).and(done)
            }
            Request::Attach(attach) => self.attach(id, number, &attach).map(|()| None),
            Request::Detach(room) => {
                if let Some(connection) = self.connections.get_mut(&id) {
                    connection.attached.remove(&room);
                }
                done
            }
            Request::Append(append) => self.append(id, number, append).map(|()| None),
            Request::Ack(ack) => {
                self.ack(id, ack);
                Ok(None)
            }
            Request::VoidCommit(void) => self.void(id, void).map(Some),
            Request::AppendInbox(append) => {
                session?;
                self.welcome(&append).map(Some)
            }
            Request::CreateCapsule(create) => {
                session?;
                organisation.create_capsule(create, self.now).and(done)
            }
            Request::WithdrawCapsule(withdraw) => {
                session?;
                organisation.withdraw(withdraw);
                done
            }
            Request::CreateBlob(_) => done,
        }
    }

    fn challenge(&self, id: ConnectionId) -> Result<Challenge, Refusal> {
        let connection = self.connections.get(&id);
        connection
            .and_then(|connection| connection.challenge)
            .ok_or(Refusal::new(ErrorCode::Malformed))
    }

    fn begin(&mut self, id: ConnectionId, session: Session) -> Reply {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.session = Some(session);
        }
        Reply::Authenticated {
            key_packages: self.organisation.key_packages(session.device),
        }
    }

    fn tell_everybody(&mut self, reply: &Reply) {
        for connection in self.connections.values_mut() {
            if connection.session.is_some() || !connection.attached.is_empty() {
                let frame = frame::encode_reply(0, reply.clone());
                connection.out.push_back(frame);
            }
        }
    }

    fn end_sessions(&mut self, revoked: Revoked) {
        for connection in self.connections.values_mut() {
            let ends = connection.session.is_some_and(|session| match revoked {
                Revoked::Person(person) => session.person == person,
                Revoked::Device(device) => session.device == device,
            });
            if ends {
                connection.session = None;
                connection.attached.clear();
                connection.closed = true;
            }
        }
    }

    fn create(&mut self, create: &CreateRoom) -> Result<(), Refusal> {
        if self.logs.contains_key(&create.room) {
            return Err(Refusal::new(ErrorCode::AlreadyExists));
        }
        let room = Room::create(create.kind, &create.seats, create.after)?;
        self.logs.insert(create.room, Log::new(room));
        Ok(())
    }

    fn attach(
        &mut self,
        id: ConnectionId,
        number: RequestNumber,
        attach: &Attach,
    ) -> Result<(), Refusal> {
        let denied = Refusal::new(ErrorCode::Denied);
        let staff = self
            .connections
            .get(&id)
            .is_some_and(|c| c.session.is_some());
        let classes: &[SeatClass] = match staff {
            true => &[SeatClass::Staff, SeatClass::Open],
            false => &[SeatClass::Open],
        };
        let log = self.logs.get(&attach.room).ok_or(denied)?;
        let found = classes.iter().find_map(|class| {
            let seat = attach.token.key(*class).hash(attach.room);
            let cursor = log.room.active(&seat)?.cursor;
            Some((
                Seated {
                    seat,
                    class: *class,
                },
                cursor,
            ))
        });
        let (by, cursor) = found.ok_or(denied)?;
        let (attached, entries) = (log.attached(cursor), log.after(attach.room, cursor));
        for (other, connection) in &mut self.connections {
            let taken = connection
                .attached
                .get(&attach.room)
                .map(|other| other.seat);
            if *other != id && taken == Some(by.seat) {
                connection.attached.remove(&attach.room);
                let told = frame::encode_reply(0, Reply::Detached(attach.room));
                connection.out.push_back(told);
            }
        }
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.attached.insert(attach.room, by);
            self.owners.insert(by.seat, connection.device);
        }
        self.answer(id, number, Reply::Attached(attached));
        for entry in entries {
            self.send(id, entry);
        }
        Ok(())
    }

    fn seated(&self, id: ConnectionId, room: RoomId) -> Result<Seated, Refusal> {
        let connection = self.connections.get(&id);
        connection
            .and_then(|connection| connection.attached.get(&room).copied())
            .ok_or(Refusal::new(ErrorCode::Denied))
    }

    fn append(
        &mut self,
        id: ConnectionId,
        number: RequestNumber,
        append: Append,
    ) -> Result<(), Refusal> {
        let denied = Refusal::new(ErrorCode::Denied);
        let by = self.seated(id, append.room)?;
        let log = self.logs.get(&append.room).ok_or(denied)?;
        if let Some(seq) = log.messages.get(&append.message).copied() {
            log.room.active(&by.seat).ok_or(denied)?;
            let appended = Appended {
                room: append.room,
                message: append.message,
                seq,
            };
            self.answer(id, number, Reply::Appended(appended));
            return Ok(());
        }
        let accepted = log.room.decide_append(by, append.epoch, &append.kind)?;
        if let AppendKind::Commit(effects) | AppendKind::Reset { effects, .. } = &append.kind {
            for welcome in &effects.welcomes {
                let inbox = self.logs.get(&welcome.inbox).ok_or(denied)?;
                inbox.room.decide_welcome()?;
            }
            for (place, welcome) in effects.welcomes.iter().enumerate() {
                let id = welcome_id(append.room, append.message, place);
                let inbox = self.logs.get(&welcome.inbox).ok_or(denied)?;
                let accepted = inbox.room.decide_welcome()?;
                self.store(welcome.inbox, &accepted, id, &welcome.payload, None, by);
            }
        }
        let (room, message) = (append.room, append.message);
        let origin = Some((id, number));
        self.store(room, &accepted, message, &append.payload, origin, by);
        Ok(())
    }

    fn void(&mut self, id: ConnectionId, void: VoidCommit) -> Result<Reply, Refusal> {
        let denied = Refusal::new(ErrorCode::Denied);
        let by = self.seated(id, void.room)?;
        let log = self.logs.get(&void.room).ok_or(denied)?;
        let appended = |seq| {
            Reply::Appended(Appended {
                room: void.room,
                message: void.message,
                seq,
            })
        };
        if let Some(seq) = log.messages.get(&void.message) {
            return Ok(appended(*seq));
        }
        let accepted = log.room.decide_void(by, void.seq)?;
        self.store(void.room, &accepted, void.message, &Bytes::new(), None, by);
        Ok(appended(accepted.seq))
    }

    fn welcome(&mut self, append: &AppendInbox) -> Result<Reply, Refusal> {
        let denied = Refusal::new(ErrorCode::Denied);
        let log = self.logs.get(&append.inbox).ok_or(denied)?;
        let seq = match log.messages.get(&append.message) {
            Some(seq) => *seq,
            None => {
                let accepted = log.room.decide_welcome()?;
                let nobody = Seated {
                    seat: SeatHash::new([0; 32]),
                    class: SeatClass::Staff,
                };
                let (inbox, payload) = (append.inbox, &append.payload);
                self.store(inbox, &accepted, append.message, payload, None, nobody);
                accepted.seq
            }
        };
        Ok(Reply::Appended(Appended {
            room: append.inbox,
            message: append.message,
            seq,
        }))
    }

    pub(crate) fn store(
        &mut self,
        id: RoomId,
        accepted: &Accepted,
        message: MessageId,
        payload: &Bytes,
        origin: Option<(ConnectionId, RequestNumber)>,
        by: Seated,
    ) {
        let Some(log) = self.logs.get_mut(&id) else {
            return;
        };
        let active = |log: &Log| -> Vec<SeatHash> {
            let seats = log.room.seats.iter();
            let active = seats.filter(|(_, seat)| seat.is_active());
            active.map(|(hash, _)| *hash).collect()
        };
        let entitled = active(log);
        let gone = log.store(accepted, message, payload.clone());
        if accepted.kind != EntryKind::Welcome {
            self.accepted.push(AcceptedEntry {
                room: id,
                seq: accepted.seq,
                kind: accepted.kind,
                epoch: accepted.entry_epoch,
                message,
                by: by.seat,
                seats: entitled,
            });
        }
        let Some(entry) = log.entries.get(&accepted.seq) else {
            return;
        };
        let entry = deliver(id, accepted.seq, entry);
        let seated: Vec<(ConnectionId, SeatHash)> = (self.connections.iter())
            .filter_map(|(to, connection)| Some((*to, connection.attached.get(&id)?.seat)))
            .collect();
        for (to, seat) in seated {
            match origin {
                Some((from, number)) if from == to => {
                    let appended = Appended {
                        room: id,
                        message,
                        seq: accepted.seq,
                    };
                    self.answer(to, number, Reply::Appended(appended));
                }
                _ => self.send(to, entry.clone()),
            }
            let Some(connection) = self.connections.get_mut(&to) else {
                continue;
            };
            if let Some((old, new)) = accepted.replaced
                && seat == old
                && let Some(by) = connection.attached.get_mut(&id)
            {
                by.seat = new;
                self.owners.insert(new, connection.device);
            }
            if gone.contains(&seat) {
                connection.attached.remove(&id);
                let told = frame::encode_reply(0, Reply::Detached(id));
                connection.out.push_back(told);
            }
        }
    }

    fn ack(&mut self, id: ConnectionId, ack: Ack) {
        if let Ok(by) = self.seated(id, ack.room)
            && let Some(log) = self.logs.get_mut(&ack.room)
            && log.room.acknowledge(by.seat, ack.up_to)
        {
            log.drop_acknowledged();
        }
    }
}

fn welcome_id(room: RoomId, commit: MessageId, place: usize) -> MessageId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(room.as_bytes());
    hasher.update(commit.as_bytes());
    hasher.update(&place.to_be_bytes());
    let mut id = [0; 16];
    hasher.finalize_xof().fill(&mut id);
    MessageId::new(id)
}
