//! A relay in this process, clients that speak its protocol, and people with keys.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::StatusCode;
use hyper_util::rt::TokioIo;
use siegel_proto::account::{Authenticate, Challenge, Enrol};
use siegel_proto::certificate::{Certificate, CertificateBody, PersonRole, Subject};
use siegel_proto::directory::Directory;
use siegel_proto::frame::{Hello, Reply, Request, encode_request, parse_reply};
use siegel_proto::ids::{DeviceId, MessageId, OrganisationId, PersonId, RoomId, SeatHash};
use siegel_proto::organisation::{Policy, SetUp, Signed};
use siegel_proto::room::{
    Ack, Append, AppendKind, Attach, Attached, CreateRoom, Deliver, RoomKind,
};
use siegel_proto::seat::{SeatClass, SeatToken};
use siegel_proto::{ErrorCode, Refusal, signing};
use siegel_server::clock::{Clock, Entropy};
use siegel_server::config::Config;
use siegel_server::store::OpenError;
use siegel_server::{Relay, StartError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How long anything may take on a machine that stands still now and then: only a test that
/// has failed waits this long.
pub const PATIENCE: Duration = Duration::from_secs(300);
const START: i64 = 1_800_000_000;

pub struct World {
    _dir: TempDir,
    pub clock: Clock,
    pub relay: Option<Relay>,
    pub root: SigningKey,
    pub config: Config,
}

/// Ticks at which to look again; ends the test that has waited too long.
pub struct Pace {
    ticks: Interval,
    deadline: Instant,
}

impl Pace {
    /// The first tick comes at once.
    pub fn begin() -> Self {
        Self {
            ticks: ticks(),
            deadline: Instant::now() + PATIENCE,
        }
    }

    /// Waits for the next tick; `why` says what has not come about.
    pub async fn tick(&mut self, why: impl fmt::Display) {
        assert!(Instant::now() < self.deadline, "waited in vain: {why}");
        self.ticks.tick().await;
    }
}

/// Often enough to notice soon, and seldom enough to leave the processor to what is waited for.
pub fn ticks() -> Interval {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Waits until this holds.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let mut pace = Pace::begin();
    while !holds() {
        pace.tick(what).await;
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = TempDir::new().expect("temporary directory");
        let mut config = Config {
            data_dir: dir.path().join("data"),
            listen: ([127, 0, 0, 1], 0).into(),
            ..Config::default()
        };
        config.limits.ballast_bytes = 64 * 1024;
        config.database = crate::database().await;
        config.blob_store = crate::blob_store().await;
        change(&mut config);
        let clock = Clock::fixed(START);
        let mut world = Self {
            _dir: dir,
            clock,
            relay: None,
            root: SigningKey::from_bytes(&[9; 32]),
            config,
        };
        world.start().await;
        world
    }

    /// With an organisation.
    pub async fn set_up() -> Self {
        let world = Self::new().await;
        world.make_organisation().await;
        world
    }

    pub async fn make_organisation(&self) {
        let token = self.relay().set_up_token().expect("not set up").clone();
        let mut client = self.client().await;
        let set_up = SetUp {
            token,
            root: signing::public_key(&self.root),
            policy: Signed::issue(&self.root, Policy::default()),
        };
        client.done(Request::SetUp(set_up)).await;
    }

    pub async fn start(&mut self) {
        let started = start_relay(&self.config, &self.clock).await;
        self.relay = Some(started.expect("starts"));
    }

    pub async fn stop(&mut self) {
        self.relay.take().expect("runs").stop().await;
    }

    pub async fn restart(&mut self) {
        self.stop().await;
        self.start().await;
    }

    pub fn relay(&self) -> &Relay {
        self.relay.as_ref().expect("runs")
    }

    /// A connection that has said hello.
    pub async fn client(&self) -> Client {
        Client::connect(self.relay().address()).await
    }

    /// A staff member with a session.
    pub async fn staff(&self, number: u8) -> Client {
        let mut client = self.client().await;
        client.enrol(&self.root, number).await;
        client
    }

    pub async fn http(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> hyper::Response<Bytes> {
        http_at(self.relay().address(), method, path, headers, body.into()).await
    }

    /// The same for what may be asked twice, until the relay's database and bucket have had
    /// the time for it.
    pub async fn http_in_time(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> hyper::Response<Bytes> {
        let mut pace = Pace::begin();
        let body = body.into();
        loop {
            let answer = self.http(method, path, headers, body.clone()).await;
            if !is_unavailable(answer.status()) {
                return answer;
            }
            pace.tick(answer.status()).await;
        }
    }

    /// Deletes what has expired.
    pub async fn sweep(&self) {
        let mut pace = Pace::begin();
        loop {
            match self.relay().sweep().await {
                Err(refusal) if is_late(refusal) => pace.tick(refusal).await,
                swept => {
                    swept.expect("swept");
                    return;
                }
            }
        }
    }
}

/// Whether the relay waits for something that may be late.
fn is_late(refusal: Refusal) -> bool {
    crate::MAY_BE_LATE && refusal.code == ErrorCode::Unavailable
}

/// The same of an answer over HTTP.
pub fn is_unavailable(status: StatusCode) -> bool {
    let late = [
        StatusCode::INTERNAL_SERVER_ERROR,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    crate::MAY_BE_LATE && late.contains(&status)
}

/// Starts a relay, as whoever looks after one does: again when its database did not answer in
/// time.
pub async fn start_relay(config: &Config, clock: &Clock) -> Result<Relay, StartError> {
    let mut pace = Pace::begin();
    loop {
        match Relay::start(config.clone(), clock.clone(), Entropy::system()).await {
            Err(error) if config.is_shared() && may_pass(&error) => {
                pace.tick(format!("{error:?}")).await;
            }
            started => return started,
        }
    }
}

/// Whether the start failed because the database did not answer, or not in time.
fn may_pass(error: &StartError) -> bool {
    match error {
        StartError::Open(OpenError::Server(_)) | StartError::Store(_) => true,
        StartError::Write(refusal) => refusal.code == ErrorCode::Unavailable,
        _ => false,
    }
}

/// One request on a connection of its own.
pub async fn http_at(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> hyper::Response<Bytes> {
    let answer = try_http_at(address, method, path, headers, body).await;
    answer.expect("an answer")
}

/// The same where perhaps nobody answers yet.
pub async fn try_http_at(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> Result<hyper::Response<Bytes>, Box<dyn Error>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut request = hyper::Request::builder()
        .method(method)
        .uri(path)
        .header("host", "x");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(body))?;
    let (parts, body) = sender.send_request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(hyper::Response::from_parts(parts, body))
}

/// Rows of every table there is, so that a forgotten one shows.
pub async fn rows(config: &Config) -> BTreeMap<String, i64> {
    let mut rows = BTreeMap::new();
    let count = |table: &str| sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    if config.is_shared() {
        let mut db = PgConnection::connect(config.database.reveal())
            .await
            .expect("connects");
        let tables = "SELECT CAST(tablename AS TEXT) FROM pg_tables \
             WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations'";
        let tables: Vec<String> = sqlx::query_scalar(tables)
            .fetch_all(&mut db)
            .await
            .expect("tables");
        for table in tables {
            let counted = sqlx::query_scalar(count(&table)).fetch_one(&mut db).await;
            rows.insert(table, counted.expect("count"));
        }
    } else {
        let mut db = SqliteConnectOptions::new()
            .filename(config.data_dir.join("siegel.db"))
            .connect()
            .await
            .expect("opens");
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' \
             AND name <> '_sqlx_migrations' AND name NOT LIKE 'sqlite%'";
        let tables: Vec<String> = sqlx::query_scalar(tables)
            .fetch_all(&mut db)
            .await
            .expect("tables");
        for table in tables {
            let counted = sqlx::query_scalar(count(&table)).fetch_one(&mut db).await;
            rows.insert(table, counted.expect("count"));
        }
    }
    rows
}

pub struct Staff {
    pub person: PersonId,
    pub device: DeviceId,
    identity: SigningKey,
    pub auth: SigningKey,
}

impl Staff {
    pub fn new(number: u8) -> Self {
        Self {
            person: PersonId::new([number; 16]),
            device: DeviceId::new([number; 16]),
            identity: SigningKey::from_bytes(&[number; 32]),
            auth: SigningKey::from_bytes(&[number ^ 0xff; 32]),
        }
    }

    pub fn enrol(&self, root: &SigningKey, challenge: &Challenge) -> Enrol {
        let temporary = SigningKey::from_bytes(&[200; 32]);
        let certify = |issuer: &SigningKey, key: &SigningKey, subject| {
            let body = CertificateBody {
                organisation: OrganisationId::of(&signing::public_key(root)),
                person: self.person,
                role: PersonRole::Staff,
                public_key: signing::public_key(key),
                subject,
            };
            Certificate::issue(issuer, body)
        };
        let device = Subject::Device {
            device: self.device,
            auth_key: Some(signing::public_key(&self.auth)),
        };
        Enrol {
            chain: vec![
                certify(root, &temporary, Subject::Enrolment { not_after: 0 }),
                certify(&temporary, &self.identity, Subject::Identity),
                certify(&self.identity, &SigningKey::from_bytes(&[201; 32]), device),
            ],
            answer: challenge.answer(&self.auth, self.device),
        }
    }

    pub fn authenticate(&self, challenge: &Challenge) -> Request {
        Request::Authenticate(Authenticate {
            device: self.device,
            answer: challenge.answer(&self.auth, self.device),
        })
    }
}

pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: u64,
    pub challenge: Challenge,
    /// When the relay last heard of a client that only reads.
    heard: Instant,
    pushed: VecDeque<Reply>,
    answers: HashMap<u64, Reply>,
}

impl Client {
    /// A connection that has said hello. One that cannot be answered in time is closed by the
    /// relay, and another is tried.
    pub async fn connect(address: SocketAddr) -> Self {
        let mut pace = Pace::begin();
        loop {
            let mut client = Self::open(address).await;
            match client.ask_once(Request::Hello(Hello::default())).await {
                Ok(Reply::Hello(hello)) => {
                    client.challenge = hello.challenge;
                    return client;
                }
                Err(refusal) if is_late(refusal) => pace.tick(refusal).await,
                other => panic!("hello was answered {other:?}"),
            }
        }
    }

    async fn open(address: SocketAddr) -> Self {
        let url = format!("ws://{address}/v1/socket");
        let (socket, _) = tokio_tungstenite::connect_async(url)
            .await
            .expect("connects");
        Self {
            socket,
            next: 1,
            challenge: Challenge::new([0; 32]),
            heard: Instant::now(),
            pushed: VecDeque::new(),
            answers: HashMap::new(),
        }
    }

    /// Becomes this staff member, with a session.
    pub async fn enrol(&mut self, root: &SigningKey, number: u8) {
        let enrol = Staff::new(number).enrol(root, &self.challenge);
        let answer = self.ask(Request::Enrol(enrol)).await;
        assert!(
            matches!(answer, Ok(Reply::Authenticated { .. })),
            "{answer:?}"
        );
    }

    /// Sends without waiting; the request's number.
    pub async fn send(&mut self, request: Request) -> u64 {
        let number = self.next;
        self.next += 1;
        self.raw(Message::Binary(encode_request(number, request).into()))
            .await;
        number
    }

    pub async fn raw(&mut self, message: Message) {
        self.socket.send(message).await.expect("sends");
    }

    /// Sends what may find the connection closed; whether it went out.
    pub async fn offer(&mut self, message: Message) -> bool {
        self.socket.send(message).await.is_ok()
    }

    /// Whether the relay still answers on this connection.
    pub async fn goes_on(&mut self) -> bool {
        // Out of the way of whatever numbers a test has sent.
        self.next = self.next.max(1 << 40) + 1;
        let number = self.next;
        let probe = encode_request(number, Request::GetPolicy);
        if !self.offer(Message::Binary(probe.into())).await {
            return false;
        }
        while let Some((answered, _)) = self.frame().await {
            if answered == number {
                return true;
            }
        }
        false
    }

    /// Sends what may well close the connection; whether it goes on afterwards.
    pub async fn survives(&mut self, message: Message) -> bool {
        self.offer(message).await && self.goes_on().await
    }

    pub async fn answer(&mut self, number: u64) -> Result<Reply, Refusal> {
        loop {
            match self.answers.remove(&number) {
                Some(Reply::Refused(refusal)) => return Err(refusal),
                Some(reply) => return Ok(reply),
                None => assert!(self.read().await, "closed before the answer"),
            }
        }
    }

    /// Asks, and asks again what the relay could not do now: PostgreSQL ends a statement that
    /// takes too long, and a connection that does not answer is given up.
    pub async fn ask(&mut self, request: Request) -> Result<Reply, Refusal> {
        self.persist(request).await.0
    }

    /// The answer, and whether it was asked for more than once.
    async fn persist(&mut self, request: Request) -> (Result<Reply, Refusal>, bool) {
        let mut pace = Pace::begin();
        let mut repeated = false;
        loop {
            match self.ask_once(request.clone()).await {
                Err(refusal) if is_late(refusal) && may_be_repeated(&request) => {
                    pace.tick(refusal).await;
                    repeated = true;
                }
                answer => return (answer, repeated),
            }
        }
    }

    /// Asks and takes whatever is answered.
    pub async fn ask_once(&mut self, request: Request) -> Result<Reply, Refusal> {
        let number = self.send(request).await;
        self.answer(number).await
    }

    pub async fn done(&mut self, request: Request) {
        use ErrorCode::{AlreadyExists, AlreadySetUp, VersionConflict};
        let (answer, repeated) = self.persist(request).await;
        let is_done = match &answer {
            Ok(reply) => matches!(reply, Reply::Done),
            // Stored the first time, when nobody could say so.
            Err(refusal) => {
                repeated && [AlreadyExists, AlreadySetUp, VersionConflict].contains(&refusal.code)
            }
        };
        assert!(is_done, "{answer:?}");
    }

    /// A page of the directory.
    pub async fn directory(&mut self, after: u64) -> Directory {
        match self.ask(Request::ListDirectory { after }).await {
            Ok(Reply::Directory(page)) => page,
            other => panic!("{other:?} for a page of the directory"),
        }
    }

    /// What the relay pushed next.
    pub async fn pushed(&mut self) -> Reply {
        loop {
            if let Some(reply) = self.pushed.pop_front() {
                return reply;
            }
            assert!(self.read().await, "closed before the push");
        }
    }

    pub async fn delivered(&mut self) -> Deliver {
        match self.pushed().await {
            Reply::Deliver(deliver) => deliver,
            other => panic!("{other:?} instead of an entry"),
        }
    }

    /// Waits until the relay closes the connection.
    pub async fn closed(&mut self) {
        while self.read().await {}
    }

    /// Reads one frame in the order of the wire: number 0 for pushes.
    pub async fn frame(&mut self) -> Option<(u64, Reply)> {
        // Whoever says nothing for 75 seconds is taken for gone, and while there are entries to
        // be read the relay does not ask.
        if self.heard.elapsed() > Duration::from_secs(20) {
            self.heard = Instant::now();
            // If it is closed, that is read.
            self.offer(Message::Pong(Bytes::new())).await;
        }
        loop {
            let read = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match read.expect("the relay says something in time") {
                Some(Ok(Message::Binary(frame))) => {
                    return Some(parse_reply(frame).expect("a frame of the protocol"));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    async fn read(&mut self) -> bool {
        match self.frame().await {
            None => false,
            Some((0, reply)) => {
                self.pushed.push_back(reply);
                true
            }
            Some((number, reply)) => {
                self.answers.insert(number, reply);
                true
            }
        }
    }

    pub async fn create_room(&mut self, room: u8, seats: &[SeatHash]) {
        let create = CreateRoom {
            room: room_id(room),
            kind: RoomKind::Room,
            seats: seats.to_vec(),
            after: 0,
        };
        self.done(Request::CreateRoom(create)).await;
    }

    pub async fn attach(&mut self, room: u8, seat: u8) -> Result<Attached, Refusal> {
        let attach = Attach {
            room: room_id(room),
            token: token(seat),
        };
        match self.ask(Request::Attach(attach)).await? {
            Reply::Attached(attached) => Ok(attached),
            other => panic!("attach was answered {other:?}"),
        }
    }

    pub async fn append(&mut self, append: Append) -> Result<u64, Refusal> {
        match self.ask(Request::Append(append)).await? {
            Reply::Appended(appended) => Ok(appended.seq),
            other => panic!("append was answered {other:?}"),
        }
    }

    pub async fn say(&mut self, room: u8, message: u64) -> u64 {
        self.append(message_in(room, 0, message))
            .await
            .expect("appended")
    }

    pub async fn ack(&mut self, room: u8, up_to: u64) {
        let ack = Request::Ack(Ack {
            room: room_id(room),
            up_to,
        });
        self.raw(Message::Binary(encode_request(0, ack).into()))
            .await;
    }
}

/// Whether a second time changes nothing that the first has done: what names itself or only
/// reads. Key packages that are handed in or out once more would be others.
fn may_be_repeated(request: &Request) -> bool {
    !matches!(
        request,
        Request::PublishKeyPackages(_) | Request::ClaimKeyPackages(_)
    )
}

pub fn room_id(room: u8) -> RoomId {
    RoomId::new([room; 16])
}

pub fn token(seat: u8) -> SeatToken {
    SeatToken::new([seat; 32])
}

pub fn staff_seat(room: u8, seat: u8) -> SeatHash {
    token(seat).key(SeatClass::Staff).hash(room_id(room))
}

pub fn open_seat(room: u8, seat: u8) -> SeatHash {
    token(seat).key(SeatClass::Open).hash(room_id(room))
}

pub fn message_id(number: u64) -> MessageId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    MessageId::new(id)
}

pub fn message_in(room: u8, epoch: u64, message: u64) -> Append {
    entry(room, epoch, message, AppendKind::Message)
}

pub fn entry(room: u8, epoch: u64, message: u64, kind: AppendKind) -> Append {
    let mut payload = vec![0; 256];
    payload[..8].copy_from_slice(&message.to_be_bytes());
    Append {
        room: room_id(room),
        epoch,
        message: message_id(message),
        payload: payload.into(),
        expires_in_days: 30,
        kind,
    }
}

/// The number [`entry`] wrote into a payload.
pub fn number(deliver: &Deliver) -> u64 {
    let bytes = deliver.payload.first_chunk().copied().expect("a payload");
    u64::from_be_bytes(bytes)
}
