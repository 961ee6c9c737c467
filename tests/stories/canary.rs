//! Nothing a person enters is found in anything the relay stores, logs or is sent, or on a
//! stolen disk. Every field of every command and content is filled with a string of its
//! own, and the search is shown a leak of each on every surface.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use futures_util::{FutureExt as _, SinkExt as _};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use siegel_cli::files::{self, Outgoing};
use siegel_client_core::link::Link;
use siegel_client_core::local::{Draft, Local};
use siegel_client_core::room::timeline::Body;
use siegel_client_core::{Client, Command};
use siegel_proto::availability::{Availability, EmergencyNumber, WeeklySpan};
use siegel_proto::card::{CardField, DataCard, FieldKind};
use siegel_proto::content::{Extras, Forwarded, Kind, Notice};
use siegel_proto::ids::{ContentHash, RoomId};
use siegel_tests::harness::PASSPHRASE;
use siegel_tests::scan::{Canary, Hit, Scanner};
use tokio::io::AsyncWriteExt as _;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::{Person, World, story};

/// What a person can type into a content. A new kind does not compile until its fields
/// stand here, and then this story fails until it fills them.
const fn typed_into(kind: &Kind) -> &'static [&'static str] {
    match kind {
        Kind::Text { .. } => &["text"],
        Kind::Edit { .. } => &["edited text"],
        Kind::Reaction { .. } => &["reaction"],
        Kind::Attachment(_) => &["file name", "media type", "caption", "content of a file"],
        Kind::Notice(_) => &["notice version", "notice language", "notice"],
        Kind::Consent { .. } => &["consent version", "consent language"],
        Kind::DataCard(_) => &["card label", "card value"],
        Kind::Delete { .. }
        | Kind::Receipt { .. }
        | Kind::Typing { .. }
        | Kind::RetentionChange { .. }
        | Kind::Leave
        | Kind::Verified { .. }
        | Kind::CommitRefused { .. }
        // Typed into a command of its own.
        | Kind::Availability(_)
        | Kind::TooNew => &[],
    }
}

/// The same for commands.
const TYPED_INTO_COMMANDS: &[&str] = &[
    "admin's name",
    "admin's position",
    "colleague's name",
    "colleague's position",
    "guest's name",
    "guest's position",
    "label of a colleague's invitation",
    "title of a room",
    "new title of a room",
    "label of a client",
    "greeting",
    "notice version of an invitation",
    "notice language of an invitation",
    "notice of an invitation",
    "reason of forwarding",
    "first author of forwarding",
    "own name for a person",
    "draft",
    "setting",
    "time zone",
    "note of availability",
    "emergency label",
    "emergency number",
    "passphrase",
];

/// Strings of which each stands in one field alone.
struct Canaries {
    rng: ChaCha20Rng,
    made: Vec<Canary>,
}

impl Canaries {
    fn new() -> Self {
        let passphrase = Canary {
            field: "passphrase".to_owned(),
            text: PASSPHRASE.to_owned(),
        };
        Self {
            rng: ChaCha20Rng::seed_from_u64(66),
            made: vec![passphrase],
        }
    }

    /// A string to type into a field.
    fn for_field(&mut self, field: &str) -> String {
        let canary = Canary::random(field, &mut self.rng);
        let text = canary.text.clone();
        self.made.push(canary);
        text
    }

    fn fields(&self) -> BTreeSet<&str> {
        self.made.iter().map(|canary| &*canary.field).collect()
    }
}

/// The log of everything in this process at its loudest, libraries included. Only the MLS
/// library is left out: it writes down what it decrypts, lives in the devices, which keep
/// no log, and is never linked into the relay.
#[derive(Clone, Default)]
struct Loudest(Arc<Mutex<Vec<u8>>>);

impl Loudest {
    fn begin() -> Self {
        let log = Self::default();
        let writer = log.clone();
        let layer = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .with_filter(filter_fn(|event| !event.target().starts_with("openmls")));
        let subscriber = tracing_subscriber::registry().with(layer);
        subscriber.try_init().expect("the only one in this process");
        log
    }

    fn taken(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics while writing"))
    }
}

impl Write for Loudest {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut log = self.0.lock().expect("nobody panics while writing");
        log.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn attack_66_nothing_people_enter_is_found_at_the_relay_or_on_a_locked_device() {
    story(async {
        let log = Loudest::begin();
        // The ballast is megabytes of nothing to search.
        let world = World::with(|config| config.limits.ballast_bytes = 0).await;
        let line = world.tap().await;
        let mut canaries = Canaries::new();
        let mut said = Vec::new();
        let people = everything_is_typed(&world, &mut canaries, &mut said).await;

        let typed = said.iter().flat_map(|kind| typed_into(kind));
        let fields: BTreeSet<&str> = typed.chain(TYPED_INTO_COMMANDS).copied().collect();
        assert_eq!(canaries.fields(), fields, "every field was filled");
        assert!(said.iter().map(kind_name).collect::<BTreeSet<_>>().len() >= 11);

        let scanner = Scanner::new(&canaries.made).expect("canaries are long enough");
        // The relay empties its log when nothing is said for a while.
        let room = people[0].read(|client| client.first_room()).await;
        let room = room.expect("reads").expect("in a room");
        people[0].says(room, "Noch etwas?").await;
        // While everything runs: database and write-ahead log, blobs, devices' disks.
        let relay = world.relay_directory();
        let wal = std::fs::metadata(relay.join("siegel.db-wal")).expect("a log of writes");
        assert!(wal.len() > 0, "what is searched is there");
        assert_none(scanner.scan_dir(&relay).expect("reads"));
        assert_none(scanner.scan_dir(world.devices_directory()).expect("reads"));
        drop(people);
        world.stop_relay().await;
        assert_none(scanner.scan_dir(&relay).expect("reads"));
        let loud = log.taken();
        assert!(
            String::from_utf8_lossy(&loud).contains("organisation_set_up"),
            "the relay's log is in it"
        );
        assert_none(scanner.scan_bytes("log", &loud));
        let streams = line.streams();
        assert!(streams.len() > 10, "{} streams", streams.len());
        for stream in &streams {
            assert_none(scanner.scan_bytes("line", stream));
        }

        leaks_are_found(&world, &scanner, &canaries, &log);
        world.start_relay().await;
        leak_on_the_line_is_found(&world, &scanner, &canaries.made[1]).await;
    });
}

fn assert_none(hits: Vec<Hit>) {
    let hits: Vec<String> = hits.iter().map(Hit::to_string).collect();
    assert!(hits.is_empty(), "{hits:#?}");
}

/// The name of a kind, to count how many different ones were said.
fn kind_name(kind: &Kind) -> String {
    let debug = format!("{kind:?}");
    let end = debug.find(|c: char| !c.is_alphanumeric());
    debug[..end.unwrap_or(debug.len())].to_owned()
}

/// Three people do everything there is to do. Returns them: their devices run.
async fn everything_is_typed(
    world: &World,
    canaries: &mut Canaries,
    said: &mut Vec<Kind>,
) -> Vec<Person> {
    let set_up = world.set_up_link();
    let anna = world.device("Anna");
    anna.command(Command::SetUp {
        link: set_up,
        name: canaries.for_field("admin's name"),
        position: canaries.for_field("admin's position"),
    })
    .await;
    anna.online().await;
    anna.settles().await;

    let label = canaries.for_field("label of a colleague's invitation");
    let link = world.staff_link(&anna, &label).await;
    let bo = world.device("Bo");
    let name = canaries.for_field("colleague's name");
    let position = canaries.for_field("colleague's position");
    joins(&bo, &link, name, position).await;
    bo.settles().await;

    let title = canaries.for_field("title of a room");
    let room = anna.makes_room(&title, &[&bo]).await;
    bo.room(&title).await;
    let title = canaries.for_field("new title of a room");
    anna.command(Command::Rename {
        room,
        title: title.clone(),
    })
    .await;
    bo.room(&title).await;

    let text = canaries.for_field("text");
    let kind = Kind::Text {
        body: text.clone(),
        reply_to: None,
    };
    says(&anna, room, kind, said).await;
    let target = bo.message(room, &text).await;
    let body = canaries.for_field("edited text");
    let kind = Kind::Edit {
        target,
        body: body.clone(),
    };
    says(&anna, room, kind, said).await;
    bo.sees(room, &body).await;
    let emoji = canaries.for_field("reaction");
    says(&bo, room, Kind::Reaction { target, emoji }, said).await;
    says(&bo, room, Kind::Typing { active: true }, said).await;
    types_into_newer_fields(&anna, &bo, room, canaries, said).await;
    sends_a_file(&anna, room, canaries, said).await;
    let last = bo.view(room).await.cursor;
    bo.command(Command::MarkRead { room, up_to: last }).await;
    bo.settles().await;

    // The case of a client.
    let label = canaries.for_field("label of a client");
    let greeting = canaries.for_field("greeting");
    bo.command(Command::InviteGuest {
        room: None,
        label: label.clone(),
        greeting: greeting.clone(),
        notice: Notice {
            version: canaries.for_field("notice version of an invitation"),
            language: canaries.for_field("notice language of an invitation"),
            body: canaries.for_field("notice of an invitation"),
        },
    })
    .await;
    let kim = world.device("Kim");
    let link = world.link_for(&bo, &label).await;
    let name = canaries.for_field("guest's name");
    let position = canaries.for_field("guest's position");
    joins(&kim, &link, name, position).await;
    let arrived = |client: &Client| {
        let rooms = client.rooms().unwrap_or_default();
        !rooms.is_empty() && rooms.iter().all(|room| !room.settling)
    };
    kim.until("the guest has its own keys", arrived).await;
    let case = kim
        .read(|client| client.first_room().expect("reads"))
        .await
        .expect("in a room");
    kim.sees(case, &greeting).await;
    let kind = Kind::Consent {
        notice_version: canaries.for_field("consent version"),
        language: canaries.for_field("consent language"),
        granted: true,
        notice_hash: ContentHash::of(b"the notice"),
    };
    says(&kim, case, kind, said).await;
    let kind = Kind::Notice(Notice {
        version: canaries.for_field("notice version"),
        language: canaries.for_field("notice language"),
        body: canaries.for_field("notice"),
    });
    says(&bo, case, kind, said).await;
    let person = kim.id().await;
    said.push(Kind::Verified { person });
    bo.command(Command::Verify { room: case, person }).await;
    bo.settles().await;
    says(&anna, room, Kind::Delete { target }, said).await;
    says(&kim, case, Kind::Leave, said).await;
    for device in [&anna, &bo] {
        device.settles().await;
    }
    vec![anna, bo, kim]
}

/// Cards, forwarding, one's own view, and when one can be reached.
async fn types_into_newer_fields(
    anna: &Person,
    bo: &Person,
    room: RoomId,
    canaries: &mut Canaries,
    said: &mut Vec<Kind>,
) {
    let card = DataCard {
        fields: vec![CardField {
            kind: FieldKind::Other,
            label: canaries.for_field("card label"),
            value: canaries.for_field("card value"),
            expires_day: 0,
        }],
    };
    says(anna, room, Kind::DataCard(card), said).await;
    let forwarded = Forwarded {
        crossed: true,
        reason: canaries.for_field("reason of forwarding"),
        author: canaries.for_field("first author of forwarding"),
        said_at: 0,
    };
    let extras = Extras {
        mentions: Vec::new(),
        forwarded: Some(forwarded),
    };
    anna.command(Command::SayWith {
        room,
        kind: Kind::Text {
            body: "weitergeleitet".to_owned(),
            reply_to: None,
        },
        extras: Box::new(extras),
    })
    .await;
    let person = bo.id().await;
    let label = canaries.for_field("own name for a person");
    let draft = Draft {
        text: canaries.for_field("draft"),
        reply_to: None,
    };
    let value = canaries.for_field("setting").into_bytes();
    for local in [
        Local::Label { person, label },
        Local::Draft { room, draft },
        Local::Set {
            name: "filter".to_owned(),
            value,
        },
    ] {
        anna.command(Command::Local(local)).await;
    }
    bo.command(Command::SetAvailability(Availability {
        spans: vec![WeeklySpan {
            weekday: 1,
            from_minute: 480,
            to_minute: 960,
        }],
        time_zone: canaries.for_field("time zone"),
        note: canaries.for_field("note of availability"),
        emergency: vec![EmergencyNumber {
            label: canaries.for_field("emergency label"),
            number: canaries.for_field("emergency number"),
        }],
        away_until: 0,
    }))
    .await;
    anna.settles().await;
}

async fn joins(device: &Person, link: &str, name: String, position: String) {
    let link: Link = link.parse().expect("a link");
    let command = Command::Join {
        link,
        name,
        position,
    };
    device.command(command).await;
    device
        .until("the capsule is open", |client| client.profile().is_ok())
        .await;
    device.online().await;
}

async fn says(person: &Person, room: RoomId, kind: Kind, said: &mut Vec<Kind>) {
    said.push(kind.clone());
    person.command(Command::Say { room, kind }).await;
    person.settles().await;
}

async fn sends_a_file(
    person: &Person,
    room: RoomId,
    canaries: &mut Canaries,
    said: &mut Vec<Kind>,
) {
    let content = canaries.for_field("content of a file");
    let file = Outgoing {
        name: canaries.for_field("file name"),
        media_type: canaries.for_field("media type"),
        caption: canaries.for_field("caption"),
        bytes: content.repeat(200).into_bytes().into(),
    };
    let kind = person
        .with(move |driver| {
            async move {
                let kind = files::upload(driver, file, |_, _| ()).await;
                kind.expect("the upload is finished")
            }
            .boxed_local()
        })
        .await;
    says(person, room, kind, said).await;
    let arrived = |line: &Body| matches!(line, Body::Attachment(_));
    let lines = person.lines(room).await;
    assert!(lines.iter().any(|line| arrived(&line.body)));
}

/// Every canary on every surface at rest, one surface after the other: each is found on each.
fn leaks_are_found(world: &World, scanner: &Scanner, canaries: &Canaries, log: &Loudest) {
    let relay = world.relay_directory();
    let all = |hits: Vec<Hit>, surface: &str| {
        let hits = hits.iter().filter(|hit| hit.surface.contains(surface));
        let found: BTreeSet<&str> = hits.map(|hit| &*hit.field).collect();
        assert_eq!(found, canaries.fields(), "on {surface}");
    };
    // The database and, before it is emptied, its write-ahead log.
    let database = rusqlite::Connection::open(relay.join("siegel.db")).expect("opens");
    database
        .execute_batch("CREATE TABLE leak (text TEXT NOT NULL) STRICT")
        .expect("makes a table");
    for canary in &canaries.made {
        database
            .execute("INSERT INTO leak (text) VALUES (?1)", [&canary.text])
            .expect("leaks");
    }
    let hits = scanner.scan_dir(&relay).expect("reads");
    all(hits.clone(), "siegel.db-wal");
    all(hits, "leak");
    database
        .execute_batch("DROP TABLE leak; PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("mends");
    let plant = |path: &Path| {
        let texts = canaries.made.iter().map(|canary| &*canary.text);
        let bytes = texts.collect::<Vec<_>>().join("…");
        std::fs::write(path, bytes).expect("leaks");
    };
    for folder in [relay.join("blobs"), world.devices_directory().to_path_buf()] {
        plant(&folder.join("planted"));
        all(scanner.scan_dir(&folder).expect("reads"), "planted");
        std::fs::remove_file(folder.join("planted")).expect("mends");
    }
    log.taken();
    for canary in &canaries.made {
        tracing::trace!(leak = %canary.text);
    }
    all(scanner.scan_bytes("log", &log.taken()), "log");
}

/// A canary in a request's address, and one inside a masked frame.
async fn leak_on_the_line_is_found(world: &World, scanner: &Scanner, canary: &Canary) {
    let line = world.tap().await;
    let found = |what: &str| {
        let streams = line.streams();
        let mut hits = streams
            .iter()
            .flat_map(|stream| scanner.scan_bytes("line", stream));
        assert!(hits.any(|hit| hit.field == canary.field), "{what}");
    };
    let mut plain = tokio::net::TcpStream::connect(world.entrance())
        .await
        .expect("connects");
    let request = format!(
        "GET /{} HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n",
        canary.text.replace(' ', "%20")
    );
    plain.write_all(request.as_bytes()).await.expect("sends");
    let mut answer = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut plain, &mut answer)
        .await
        .expect("answers");
    found("in an address");

    let line = world.tap().await;
    let url = format!("ws://{}/v1/socket", world.entrance());
    let (mut socket, _) = tokio_tungstenite::connect_async(url)
        .await
        .expect("connects");
    let leak =
        tokio_tungstenite::tungstenite::Message::Binary(canary.text.clone().into_bytes().into());
    socket.send(leak).await.expect("sends");
    // What is no frame of the protocol ends the connection.
    while let Some(Ok(_)) = futures_util::StreamExt::next(&mut socket).await {}
    let streams = line.streams();
    let mut hits = streams
        .iter()
        .flat_map(|stream| scanner.scan_bytes("line", stream));
    assert!(
        hits.any(|hit| hit.field == canary.field),
        "in a masked frame"
    );
}
