//! Many devices at several relay processes that all talk at once and miss nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use siegel_proto::ErrorCode;
use siegel_proto::frame::{Hello, Reply, Request, encode_request, parse_reply};
use siegel_proto::ids::MessageId;
use siegel_proto::organisation::{Policy, SetUp, SetUpToken, Signed};
use siegel_proto::room::{Ack, Attach};
use siegel_proto::signing;
use siegel_server::secret::Secret;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::support::*;

/// Relay processes on one database.
pub struct Fleet {
    dir: TempDir,
    database: Secret,
    more: String,
    pub relays: Vec<Process>,
}

impl Fleet {
    pub async fn start(database: Secret, relays: usize, more: &str) -> Self {
        let mut fleet = Self {
            dir: TempDir::new().expect("temporary directory"),
            database,
            more: more.to_owned(),
            relays: Vec::new(),
        };
        for at in 0..relays {
            let relay = fleet.relay(at, "127.0.0.1:0").await;
            fleet.relays.push(relay);
        }
        // The relay that started last has the token that counts.
        let link = fleet.relays[relays - 1].link.take().expect("not set up");
        let (_, token) = link.split_once("#setup.").expect("a link");
        let token = data_encoding::BASE64URL_NOPAD.decode(token.as_bytes());
        let token: [u8; 32] = (token.expect("base64").try_into()).expect("a token's length");
        let root = root();
        let set_up = SetUp {
            token: SetUpToken::new(token),
            root: signing::public_key(&root),
            policy: Signed::issue(&root, Policy::default()),
        };
        let mut client = Client::connect(fleet.relays[0].address).await;
        client.done(Request::SetUp(set_up)).await;
        fleet
    }

    async fn relay(&self, at: usize, listen: &str) -> Process {
        let dir = self.dir.path().join(at.to_string());
        // The link that sets up the organisation is printed until that was done.
        let is_new = !dir.exists();
        std::fs::create_dir_all(&dir).expect("made");
        let settings = format!(
            "data_dir = '{0}/data'\nblob_dir = '{1}/blobs'\nlisten = '{listen}'\n\
             database = '{2}'\n{3}\n[limits.source]\nper_second = 10000\nburst = 10000\n",
            dir.display(),
            self.dir.path().display(),
            self.database.reveal(),
            self.more,
        );
        let file = dir.join("relay.toml");
        std::fs::write(&file, settings).expect("written");
        Process::start(&file, &dir.join("log"), is_new).await
    }

    /// No signal between relays arrives until they have connected again.
    pub async fn cut_wake_ups(&self) {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE application_name = 'siegel-signals' AND datname = current_database()";
        let mut db = <sqlx::PgConnection as sqlx::Connection>::connect(self.database.reveal())
            .await
            .expect("connects");
        sqlx::query(sql).execute(&mut db).await.expect("runs");
    }
}

/// One `siegel-server`.
pub struct Process {
    child: Child,
    address: SocketAddr,
    link: Option<String>,
}

impl Process {
    /// Starts one, again when the database did not answer in time.
    async fn start(settings: &Path, log: &Path, is_new: bool) -> Self {
        let mut pace = Pace::begin();
        loop {
            if let Some(process) = Self::try_start(settings, log, is_new) {
                return process;
            }
            let log = std::fs::read_to_string(log).expect("reads");
            let may_pass = ["use the PostgreSQL", "read the", "write to the"]
                .map(|what| format!("could not {what} database"));
            let may_pass = may_pass.iter().any(|text| log.contains(text));
            assert!(may_pass, "the relay does not start:\n{log}");
            pace.tick(log).await;
        }
    }

    fn try_start(settings: &Path, log: &Path, is_new: bool) -> Option<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_siegel-server"))
            .arg("--config")
            .arg(settings)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log).expect("a log"))
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut line = || lines.next().map(|line| line.expect("reads"));
        let Some(first) = line() else {
            child.wait().expect("gone");
            return None;
        };
        let (_, address) = first.split_once("listening on ").expect("its address");
        let address = address.trim_end_matches(')').parse().expect("an address");
        let link = is_new.then(|| line().and_then(|_| line())).flatten();
        Some(Self {
            child,
            address,
            link,
        })
    }

    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have been killed already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Devices that all talk at once, each until it has read everything.
pub struct Swarm {
    devices: Vec<tokio::task::JoinHandle<Device>>,
    read: Arc<watch::Sender<usize>>,
    all: usize,
}

impl Swarm {
    pub async fn start(fleet: &Fleet, rooms: u8, seats: u8, each: u64) -> Self {
        let mut anna = Client::connect(fleet.relays[0].address).await;
        anna.enrol(&root(), 1).await;
        for room in 1..=rooms {
            let hashes: Vec<_> = (1..=seats).map(|seat| open_seat(room, seat)).collect();
            anna.create_room(room, &hashes).await;
        }
        let relays: Arc<[SocketAddr]> = fleet.relays.iter().map(|relay| relay.address).collect();
        let read = Arc::new(watch::Sender::new(0));
        let in_room = usize::from(seats) * usize::try_from(each).expect("small");
        let mut devices = Vec::new();
        for room in 1..=rooms {
            for seat in 1..=seats {
                let device = Device {
                    room,
                    seat,
                    unsent: (0..each).map(|n| u64::from(seat) * 1_000 + n).collect(),
                    log: Vec::new(),
                    in_room,
                    read: read.clone(),
                    longest: Duration::ZERO,
                };
                devices.push(tokio::spawn(device.run(relays.clone())));
            }
        }
        Self {
            all: devices.len() * in_room,
            devices,
            read,
        }
    }

    /// Waits until this many hundredths of everything were read.
    pub async fn reaches(&self, hundredths: usize) {
        let mut read = self.read.subscribe();
        let enough = read.wait_for(|read| read * 100 >= self.all * hundredths);
        // What it gives back holds a lock on the number.
        let waited = tokio::time::timeout(PATIENCE, enough).await.map(drop);
        let read = *self.read.borrow();
        assert!(waited.is_ok(), "only {read} of {} were read", self.all);
        assert!(read <= self.all, "a device has failed");
    }

    /// Waits for all devices and holds their logs against each other. The longest time one
    /// was without a seat.
    pub async fn arrives(self) -> Duration {
        self.reaches(100).await;
        let mut logs: BTreeMap<u8, Vec<u64>> = BTreeMap::new();
        let mut longest = Duration::ZERO;
        for device in self.devices {
            let device = device.await.expect("ends");
            longest = longest.max(device.longest);
            let log = logs
                .entry(device.room)
                .or_insert_with(|| device.log.clone());
            assert_eq!(*log, device.log, "one order in room {}", device.room);
            let distinct: BTreeSet<u64> = device.log.iter().copied().collect();
            assert_eq!(distinct.len(), device.in_room, "each once, none missing");
        }
        longest
    }
}

/// One device in one room, as a client must be: it sends what was not answered again, with
/// the same id, and comes back wherever it can.
struct Device {
    room: u8,
    seat: u8,
    /// What was not answered yet, the next first.
    unsent: Vec<u64>,
    /// What was read, in order.
    log: Vec<u64>,
    in_room: usize,
    read: Arc<watch::Sender<usize>>,
    longest: Duration,
}

impl Drop for Device {
    /// Nobody waits for what a device would have read that failed.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.read.send_replace(usize::MAX);
        }
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl Device {
    async fn run(mut self, relays: Arc<[SocketAddr]>) -> Self {
        let mut at = usize::from(self.seat);
        let mut away = Instant::now();
        while !self.is_done() {
            if let Some(mut socket) = self.enter(relays[at % relays.len()]).await {
                if !self.log.is_empty() {
                    self.longest = self.longest.max(away.elapsed());
                }
                self.stay(&mut socket).await;
                away = Instant::now();
            }
            at += 1;
        }
        self
    }

    fn is_done(&self) -> bool {
        self.unsent.is_empty() && self.log.len() == self.in_room
    }

    async fn enter(&self, relay: SocketAddr) -> Option<Socket> {
        let url = format!("ws://{relay}/v1/socket");
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.ok()?;
        send(&mut socket, 1, Request::Hello(Hello::default())).await?;
        let attach = || {
            Request::Attach(Attach {
                room: room_id(self.room),
                token: token(self.seat),
            })
        };
        send(&mut socket, 2, attach()).await?;
        let mut ticks = ticks();
        loop {
            match receive(&mut socket).await? {
                (2, Reply::Attached(_)) => return Some(socket),
                (1, Reply::Hello(_)) => {}
                // The database is away: another connection would find no other answer.
                (2, refused) if is_unavailable(&refused) => {
                    ticks.tick().await;
                    send(&mut socket, 2, attach()).await?;
                }
                _ => return None,
            }
        }
    }

    async fn stay(&mut self, socket: &mut Socket) -> Option<()> {
        let mut request = 2;
        let mut ticks = ticks();
        self.append(socket, &mut request).await?;
        while !self.is_done() {
            match receive(socket).await? {
                (0, Reply::Deliver(entry)) => {
                    let message = number(&entry);
                    self.see(entry.seq, message);
                    // Its own, whose answer was lost with a relay. Once all have acknowledged
                    // an entry the relay forgets its id: sent again it would be another.
                    if self.unsent.first() == Some(&message) {
                        self.unsent.remove(0);
                        self.append(socket, &mut request).await?;
                    }
                    if entry.seq.is_multiple_of(7) {
                        let up_to = self.log.len() as u64;
                        let room = room_id(self.room);
                        send(socket, 0, Request::Ack(Ack { room, up_to })).await?;
                    }
                }
                (_, Reply::Appended(appended)) => {
                    // In its place it stands for the entry, also of a message that was sent
                    // twice and is answered twice; a first answer that is given again says
                    // nothing about what lies before.
                    let message = message_number(appended.message);
                    if appended.seq == self.log.len() as u64 + 1 {
                        self.see(appended.seq, message);
                    }
                    if self.unsent.first() == Some(&message) {
                        self.unsent.remove(0);
                        self.append(socket, &mut request).await?;
                    }
                }
                (_, refused) if is_unavailable(&refused) => {
                    ticks.tick().await;
                    self.append(socket, &mut request).await?;
                }
                // Not now: somewhere else, or again.
                _ => return None,
            }
        }
        Some(())
    }

    async fn append(&self, socket: &mut Socket, request: &mut u64) -> Option<()> {
        if let Some(message) = self.unsent.first() {
            *request += 1;
            let append = Request::Append(message_in(self.room, 0, *message));
            send(socket, *request, append).await?;
        }
        Some(())
    }

    fn see(&mut self, seq: u64, message: u64) {
        let at = usize::try_from(seq).expect("small") - 1;
        assert!(at <= self.log.len(), "a gap before {seq}");
        match self.log.get(at) {
            Some(known) => assert_eq!(*known, message, "{seq} is another entry now"),
            None => {
                self.log.push(message);
                self.read.send_modify(|read| *read = read.saturating_add(1));
            }
        }
    }
}

/// The number [`message_id`] made an id of.
fn message_number(message: MessageId) -> u64 {
    let bytes = message.as_bytes().first_chunk().copied();
    u64::from_be_bytes(bytes.expect("sixteen bytes"))
}

fn is_unavailable(reply: &Reply) -> bool {
    matches!(reply, Reply::Refused(refusal) if refusal.code == ErrorCode::Unavailable)
}

async fn send(socket: &mut Socket, number: u64, request: Request) -> Option<()> {
    let message = Message::Binary(encode_request(number, request).into());
    socket.send(message).await.ok()
}

async fn receive(socket: &mut Socket) -> Option<(u64, Reply)> {
    loop {
        let read = tokio::time::timeout(PATIENCE, socket.next()).await;
        match read.expect("the relay says something in time")?.ok()? {
            Message::Binary(frame) => return Some(parse_reply(frame).expect("parses")),
            Message::Close(_) => return None,
            _ => {}
        }
    }
}

fn root() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[9; 32])
}
