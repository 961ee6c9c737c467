//! Fifty colleagues, two hundred clients, one week.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use siegel_proto::account::{Authenticate, Enrol};
use siegel_proto::capsule::{BearerToken, CreateCapsule};
use siegel_proto::certificate::{Certificate, CertificateBody, PersonRole, Subject};
use siegel_proto::frame::{Reply, Request};
use siegel_proto::ids::{
    BlobId, CapsuleId, ContentHash, DeviceId, MessageId, OrganisationId, PersonId, RoomId, SeatHash,
};
use siegel_proto::key_package::{ClaimKeyPackages, KeyPackage, PublishKeyPackages};
use siegel_proto::organisation::{Policy, SetUp, SetUpToken, Signed};
use siegel_proto::room::{
    Ack, Append, AppendKind, Attach, CommitEffects, CreateRoom, InboxWelcome, RoomKind, SeatChanges,
};
use siegel_proto::seat::{SeatClass, SeatToken};
use siegel_proto::{blob::CreateBlob, directory::PutDirectoryEntry, padding, signing};
use siegel_server::clock::Clock;

use super::line::Line;

/// How many people there are, and what they do.
#[derive(Clone, Copy)]
pub struct Scale {
    /// Colleagues, one device each.
    pub staff: usize,
    /// Clients, one room each.
    pub clients: usize,
    /// Rooms of two to six colleagues.
    pub rooms: usize,
}

const DAYS: i64 = 7;
const WORKING_DAYS: i64 = 5;
/// One-time key packages of each device.
const POOL: usize = 40;

/// A device.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Owner {
    /// A colleague's.
    Staff(usize),
    /// A client's.
    Client(usize),
}

/// Who sits where: what the thief would like to know.
#[derive(Default)]
pub struct Truth {
    /// Every seat that counts at the end, and whose it is.
    pub seats: BTreeMap<SeatHash, (RoomId, Owner)>,
    /// Inboxes.
    pub inboxes: BTreeMap<RoomId, Owner>,
    /// Seats that were replaced.
    pub replaced: Vec<SeatHash>,
    /// The epoch in which a client's room was when it had arrived.
    pub arrived: BTreeMap<RoomId, u64>,
    /// Bytes that only devices know.
    pub secrets: Vec<Vec<u8>>,
    /// Accounts and devices.
    pub people: Vec<Vec<u8>>,
}

struct Colleague {
    person: PersonId,
    device: DeviceId,
    auth: SigningKey,
    inbox: RoomId,
    inbox_token: SeatToken,
    seats: Vec<(RoomId, SeatToken)>,
    /// In which of the working days this person is there.
    works: Vec<bool>,
}

struct Client {
    seat: (RoomId, SeatToken),
    /// The day its link is opened.
    joins: i64,
}

/// The week.
pub struct Week {
    relay: SocketAddr,
    clock: Clock,
    scale: Scale,
    rng: ChaCha20Rng,
    staff: Vec<Colleague>,
    clients: Vec<Client>,
    /// What the thief is measured by.
    pub truth: Truth,
}

impl Week {
    /// Sets the organisation up and brings all colleagues in.
    pub async fn begin(
        relay: SocketAddr,
        clock: Clock,
        token: SetUpToken,
        scale: Scale,
        seed: u64,
    ) -> Self {
        let mut week = Self {
            relay,
            clock,
            scale,
            rng: ChaCha20Rng::seed_from_u64(seed),
            staff: Vec::new(),
            clients: Vec::new(),
            truth: Truth::default(),
        };
        let root = SigningKey::from_bytes(&week.bytes());
        let mut line = Line::open(relay).await;
        let set_up = SetUp {
            token,
            root: signing::public_key(&root),
            policy: Signed::issue(&root, Policy::default()),
        };
        line.ask(Request::SetUp(set_up)).await;
        for number in 0..scale.staff {
            week.enrol(number, &root).await;
        }
        week
    }

    /// All seven days.
    pub async fn pass(&mut self) {
        for day in 0..DAYS {
            let mut order: Vec<usize> = (0..self.staff.len()).collect();
            self.shuffle(&mut order);
            let workday = usize::try_from(day).expect("small");
            for colleague in order {
                if self.staff[colleague].works.get(workday) == Some(&true) {
                    self.works(colleague).await;
                }
            }
            if day < WORKING_DAYS {
                self.make_rooms(day).await;
            }
            for client in 0..self.clients.len() {
                let joins = self.clients[client].joins == day;
                if joins {
                    self.opens_its_link(client).await;
                } else if self.clients[client].joins < day && self.draw(10) < 4 {
                    let seat = self.clients[client].seat.clone();
                    let mut line = Line::open(self.relay).await;
                    self.visits(&mut line, &seat, 1).await;
                    line.close().await;
                }
            }
            self.clock.advance_days(1);
        }
    }

    fn draw(&mut self, end: usize) -> usize {
        let end = u32::try_from(end.max(1)).expect("small");
        (self.rng.next_u32() % end) as usize
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// Ciphertext of so many bytes, as far as a relay can see.
    fn sealed(&mut self, length: usize) -> Bytes {
        let mut bytes = vec![0; length];
        self.rng.fill_bytes(&mut bytes);
        bytes.into()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            let other = self.draw(at + 1);
            items.swap(at, other);
        }
    }

    fn token(&mut self) -> SeatToken {
        let token = SeatToken::new(self.bytes());
        self.truth.secrets.push(token.as_bytes().to_vec());
        token
    }

    async fn enrol(&mut self, number: usize, root: &SigningKey) {
        let keys: [SigningKey; 4] = std::array::from_fn(|_| SigningKey::from_bytes(&self.bytes()));
        let [temporary, identity, auth, signature] = keys;
        let (person, device) = (PersonId::new(self.bytes()), DeviceId::new(self.bytes()));
        let organisation = OrganisationId::of(&signing::public_key(root));
        let certify = |issuer: &SigningKey, key: &SigningKey, subject| {
            let body = CertificateBody {
                organisation,
                person,
                role: PersonRole::Staff,
                public_key: signing::public_key(key),
                subject,
            };
            Certificate::issue(issuer, body)
        };
        let on_device = Subject::Device {
            device,
            auth_key: Some(signing::public_key(&auth)),
        };
        let mut line = Line::open(self.relay).await;
        let enrol = Enrol {
            chain: vec![
                certify(root, &temporary, Subject::Enrolment { not_after: 0 }),
                certify(&temporary, &identity, Subject::Identity),
                certify(&identity, &signature, on_device),
            ],
            answer: line.challenge.answer(&auth, device),
        };
        line.ask(Request::Enrol(enrol)).await;
        let (inbox, inbox_token) = (RoomId::new(self.bytes()), self.token());
        let seat = inbox_token.key(SeatClass::Staff).hash(inbox);
        let create = CreateRoom {
            room: inbox,
            kind: RoomKind::Inbox,
            seats: vec![seat],
            after: 0,
        };
        line.ask(Request::CreateRoom(create)).await;
        let expires_day = self.clock.today() + siegel_proto::limits::KEY_PACKAGE_DAYS;
        let packages = (0..=POOL).map(|_| KeyPackage {
            sealed: self.sealed(2_100),
            expires_day,
        });
        let mut packages: Vec<KeyPackage> = packages.collect();
        let publish = PublishKeyPackages {
            last_resort: packages.pop(),
            key_packages: packages,
            replace: false,
        };
        line.ask(Request::PublishKeyPackages(publish)).await;
        let entry = PutDirectoryEntry {
            version: 1,
            sealed: self.sealed(1_024),
        };
        line.ask(Request::PutDirectoryEntry(entry)).await;
        line.close().await;
        self.truth.people.push(person.as_bytes().to_vec());
        self.truth.people.push(device.as_bytes().to_vec());
        self.truth.inboxes.insert(inbox, Owner::Staff(number));
        self.truth.seats.insert(seat, (inbox, Owner::Staff(number)));
        // Most are there on most days; one in ten leaves on holiday in the middle.
        let last = if self.draw(10) == 0 { self.draw(4) } else { 5 };
        let works = (0..5).map(|day| day <= last && self.draw(10) < 8);
        let works = works.collect();
        self.staff.push(Colleague {
            person,
            device,
            auth,
            inbox,
            inbox_token,
            seats: Vec::new(),
            works,
        });
    }

    async fn session(&self, colleague: usize) -> Line {
        let mut line = Line::open(self.relay).await;
        let Colleague { device, auth, .. } = &self.staff[colleague];
        let authenticate = Authenticate {
            device: *device,
            answer: line.challenge.answer(auth, *device),
        };
        line.ask(Request::Authenticate(authenticate)).await;
        line
    }

    /// A colleague's day: the inbox, every room, a word here and there, now and then a
    /// file.
    async fn works(&mut self, colleague: usize) {
        let mut line = self.session(colleague).await;
        let inbox = (
            self.staff[colleague].inbox,
            self.staff[colleague].inbox_token.clone(),
        );
        self.visits(&mut line, &inbox, 0).await;
        let mut seats = self.staff[colleague].seats.clone();
        self.shuffle(&mut seats);
        for seat in seats {
            let words = self.draw(3);
            let epoch = self.visits(&mut line, &seat, words).await;
            if self.draw(6) == 0 {
                // A new title, or new keys.
                let kind = AppendKind::Commit(CommitEffects::default());
                let up_to = self.append(&mut line, seat.0, epoch, kind, 2_048).await;
                let room = seat.0;
                line.tell(Request::Ack(Ack { room, up_to })).await;
            }
        }
        if self.draw(3) == 0 {
            let create = CreateBlob {
                blob: BlobId::new(self.bytes()),
                size: padding::blob_bucket(50_000).expect("small"),
                hash: ContentHash::new(self.bytes()),
                secret_hash: BearerToken::new(self.bytes()).hash(),
                expires_in_days: 90,
            };
            line.ask(Request::CreateBlob(create)).await;
        }
        line.close().await;
    }

    /// Takes a seat, says so many words, acknowledges everything. Returns the epoch.
    async fn visits(
        &mut self,
        line: &mut Line,
        (room, token): &(RoomId, SeatToken),
        words: usize,
    ) -> u64 {
        let (room, token) = (*room, token.clone());
        let Reply::Attached(attached) = line.ask(Request::Attach(Attach { room, token })).await
        else {
            panic!("a seat opens")
        };
        let mut up_to = attached.next_seq - 1;
        for _ in 0..words {
            let length = [512, 512, 512, 768, 1_024, 2_048][self.draw(6)];
            up_to = self
                .append(line, room, attached.epoch, AppendKind::Message, length)
                .await;
        }
        line.tell(Request::Ack(Ack { room, up_to })).await;
        attached.epoch
    }

    async fn append(
        &mut self,
        line: &mut Line,
        room: RoomId,
        epoch: u64,
        kind: AppendKind,
        length: usize,
    ) -> u64 {
        let append = Append {
            room,
            epoch,
            message: MessageId::new(self.bytes()),
            payload: self.sealed(length),
            expires_in_days: 90,
            kind,
        };
        match line.ask(Request::Append(append)).await {
            Reply::Appended(appended) => appended.seq,
            other => panic!("{other:?}"),
        }
    }

    /// Rooms of colleagues and of clients, mixed as they come.
    async fn make_rooms(&mut self, day: i64) {
        let share = |all: usize| all / 5 + usize::from(day == 0) * (all % 5);
        let rooms = (0..share(self.scale.rooms)).map(|_| false);
        let clients = (0..share(self.scale.clients)).map(|_| true);
        let mut plans: Vec<bool> = rooms.chain(clients).collect();
        self.shuffle(&mut plans);
        let there = |week: &Self, colleague: usize| {
            let today = usize::try_from(day).expect("small");
            week.staff[colleague].works[today]
        };
        for is_client in plans {
            let mut maker = self.draw(self.staff.len());
            while !there(self, maker) {
                maker = self.draw(self.staff.len());
            }
            let mut others = Vec::new();
            let wanted = if is_client {
                usize::from(self.draw(3) == 0)
            } else {
                1 + self.draw(5)
            };
            while others.len() < wanted {
                let other = self.draw(self.staff.len());
                if other != maker && !others.contains(&other) {
                    others.push(other);
                }
            }
            let mut line = self.session(maker).await;
            if is_client {
                self.invites(&mut line, maker, &others, day).await;
            } else {
                self.makes_a_room(&mut line, maker, &others).await;
            }
            line.close().await;
        }
    }

    async fn makes_a_room(&mut self, line: &mut Line, maker: usize, others: &[usize]) -> RoomId {
        let (room, token) = (RoomId::new(self.bytes()), self.token());
        let seat = token.key(SeatClass::Staff).hash(room);
        let create = CreateRoom {
            room,
            kind: RoomKind::Room,
            seats: vec![seat],
            after: 0,
        };
        line.ask(Request::CreateRoom(create)).await;
        line.ask(Request::Attach(Attach {
            room,
            token: token.clone(),
        }))
        .await;
        self.staff[maker].seats.push((room, token));
        self.truth.seats.insert(seat, (room, Owner::Staff(maker)));
        if !others.is_empty() {
            self.adds(line, room, 0, others).await;
        }
        room
    }

    async fn adds(&mut self, line: &mut Line, room: RoomId, epoch: u64, others: &[usize]) {
        let mut effects = CommitEffects::default();
        let mut add = Vec::new();
        for other in others {
            let person = self.staff[*other].person;
            line.ask(Request::ClaimKeyPackages(ClaimKeyPackages { person }))
                .await;
            let token = self.token();
            let seat = token.key(SeatClass::Staff).hash(room);
            add.push(seat);
            effects.welcomes.push(InboxWelcome {
                inbox: self.staff[*other].inbox,
                payload: self.sealed(6_144),
            });
            self.staff[*other].seats.push((room, token));
            self.truth.seats.insert(seat, (room, Owner::Staff(*other)));
        }
        effects.seats = SeatChanges::Delta {
            add,
            remove: Vec::new(),
        };
        self.append(line, room, epoch, AppendKind::Commit(effects), 2_048)
            .await;
    }

    /// A client's room: leaf and seat in advance, greeting, notice, capsule; perhaps a
    /// second colleague.
    async fn invites(&mut self, line: &mut Line, maker: usize, others: &[usize], day: i64) {
        let client = self.clients.len();
        let room = self.makes_a_room(line, maker, &[]).await;
        let token = self.token();
        let seat = token.key(SeatClass::Open).hash(room);
        let effects = CommitEffects {
            seats: SeatChanges::Delta {
                add: vec![seat],
                remove: Vec::new(),
            },
            ..CommitEffects::default()
        };
        self.append(line, room, 0, AppendKind::Commit(effects), 2_048)
            .await;
        for length in [512, 1_024] {
            self.append(line, room, 1, AppendKind::Message, length)
                .await;
        }
        let create = CreateCapsule {
            capsule: CapsuleId::new(self.bytes()),
            claim_hash: BearerToken::new(self.bytes()).hash(),
            sealed: self.sealed(11_000 + client % 97),
            expires_in_hours: 72,
        };
        line.ask(Request::CreateCapsule(create)).await;
        if !others.is_empty() {
            self.adds(line, room, 1, others).await;
        }
        self.truth.seats.insert(seat, (room, Owner::Client(client)));
        // Two in ten wait a day, one in ten never comes.
        let joins = match self.draw(10) {
            0 => DAYS,
            1 | 2 => day + 1,
            _ => day,
        };
        self.clients.push(Client {
            seat: (room, token),
            joins,
        });
    }

    /// The client replaces its seat first of all.
    async fn opens_its_link(&mut self, client: usize) {
        let (room, token) = self.clients[client].seat.clone();
        let mut line = Line::open(self.relay).await;
        let old = token.key(SeatClass::Open).hash(room);
        let Reply::Attached(attached) = line.ask(Request::Attach(Attach { room, token })).await
        else {
            panic!("a seat opens")
        };
        let fresh = self.token();
        let seat = fresh.key(SeatClass::Open).hash(room);
        let effects = CommitEffects {
            replace_own: Some(seat),
            ..CommitEffects::default()
        };
        let commit = AppendKind::Commit(effects);
        let up_to = self
            .append(&mut line, room, attached.epoch, commit, 2_048)
            .await;
        let said = self
            .append(
                &mut line,
                room,
                attached.epoch + 1,
                AppendKind::Message,
                512,
            )
            .await;
        let up_to = up_to.max(said);
        line.tell(Request::Ack(Ack { room, up_to })).await;
        line.close().await;
        self.truth.seats.remove(&old);
        self.truth.replaced.push(old);
        self.truth.arrived.insert(room, attached.epoch + 1);
        self.truth.seats.insert(seat, (room, Owner::Client(client)));
        self.clients[client].seat = (room, fresh);
    }
}
