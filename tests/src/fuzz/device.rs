//! A whole device that hears whatever a relay or an inviter likes to say.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use prost::Message as _;
use siegel_client_core::link::{Link, LinkSecret, LinkTarget};
use siegel_client_core::moment::{Entropy, Moment, Timestamp};
use siegel_client_core::room::timeline::Body;
use siegel_client_core::step::HttpRequest;
use siegel_client_core::vault::PassphraseCost;
use siegel_client_core::{Client, Command, Event, Input, Output};
use siegel_proto::capsule::{BearerToken, ClaimCapsule};
use siegel_proto::wire;

use super::{Harness, Target};
use crate::simulation::World;
use crate::simulation::device::Disk;

const NOW: i64 = 1_795_000_100;
/// Frames of one session.
const MOST_FRAMES: usize = 400;
/// Groups are loaded, a key package pool is filled: a whole device works here.
const MEMORY: usize = 32 << 20;
const TIME: Duration = Duration::from_millis(1_000);

pub fn targets() -> Vec<Target> {
    let target = |name, inputs, make| Target::new(name, inputs, make).bounds(MEMORY, TIME);
    vec![
        target("session", 30, session),
        target("guest_capsule", 50, || capsules("guest")),
        target("staff_capsule", 50, || capsules("staff")),
        target("claim_answer", 50, claim_answer),
    ]
}

/// A device that runs on its own.
struct Running {
    client: Client,
    disk: Disk,
    steps: u8,
    events: Vec<Event>,
    request: Option<HttpRequest>,
}

impl Running {
    fn open(disk: &Disk) -> Self {
        Self {
            client: disk.open().expect("a stored vault opens"),
            disk: disk.clone(),
            steps: 0,
            events: Vec::new(),
            request: None,
        }
    }

    /// One step, stored; whether it was carried out.
    fn step(&mut self, input: Input) -> bool {
        self.steps = self.steps.wrapping_add(1);
        let moment = Moment {
            now: Timestamp::from_seconds(NOW),
            entropy: Entropy([self.steps; 32]),
        };
        let Ok(step) = self.client.step(input, moment) else {
            return false;
        };
        self.disk.store(step.batch());
        for output in step.stored() {
            match output {
                Output::Event(event) => self.events.push(event),
                Output::Http(request) => self.request = Some(request),
                _ => {}
            }
        }
        true
    }

    /// Everything it would show as said.
    fn texts(&self) -> Vec<String> {
        let rooms = self.client.rooms().unwrap_or_default();
        let lines = rooms.iter().flat_map(|room| {
            let lines = self.client.timeline_after(room.room, 0, usize::MAX);
            lines.unwrap_or_default()
        });
        lines
            .filter_map(|line| match line.body {
                Body::Text { body, .. } => Some(body),
                _ => None,
            })
            .collect()
    }
}

/// The frames of a real session after a night away, changed: the device shows nothing that
/// nobody said, and its store opens afterwards.
fn session() -> Harness {
    let mut world = World::new(3);
    let anna = world.set_up("Anna");
    let (bo, cem) = (world.join_staff(anna, "Bo"), world.join_staff(anna, "Cem"));
    let room = world.create_room(anna, "Team", &[bo]);
    world.say(anna, room, "abends");
    world.settle();
    world.offline(bo);
    world.say(anna, room, "nachts");
    world.settle();
    world.add(anna, room, cem);
    world.settle();
    world.say(cem, room, "morgens");
    world.settle();
    let disk = world.devices[bo].disk.clone();
    world.tap = Some((bo, Vec::new()));
    world.online(bo);
    world.settle();
    let (_, frames) = world.tap.take().expect("was set");
    let said: BTreeSet<String> = ["abends", "nachts", "morgens"].map(String::from).into();
    let known = pack(&frames);
    let whole = known.clone();
    let read = move |input: &[u8]| {
        let mut device = Running::open(&disk);
        device.step(Input::Connected);
        for frame in unpack(input).into_iter().take(MOST_FRAMES) {
            if !device.step(Input::Received(frame)) {
                let stored = device.disk.clone();
                device = Running::open(&stored);
                device.step(Input::Connected);
            }
        }
        let texts = device.texts();
        assert!(
            texts.iter().all(|text| said.contains(text)),
            "nobody said {texts:?}"
        );
        let once: BTreeSet<&String> = texts.iter().collect();
        assert_eq!(once.len(), texts.len(), "shown twice: {texts:?}");
        assert!(input != whole || texts.len() == said.len(), "{texts:?}");
        let again = Running::open(&device.disk);
        assert_eq!(again.texts(), texts, "what is stored is what is shown");
        texts.len() == said.len()
    };
    Harness {
        corpus: vec![known],
        read: Box::new(read),
    }
}

fn pack(frames: &[Bytes]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for frame in frames {
        bytes.extend(u32::try_from(frame.len()).expect("small").to_be_bytes());
        bytes.extend_from_slice(frame);
    }
    bytes
}

fn unpack(mut bytes: &[u8]) -> Vec<Bytes> {
    let mut frames = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let length = usize::try_from(u32::from_be_bytes(*length)).expect("32 bits fit");
        let (frame, rest) = rest.split_at(length.min(rest.len()));
        frames.push(Bytes::copy_from_slice(frame));
        bytes = rest;
    }
    frames
}

/// An invitation that is ready, and what is in its capsule.
fn invitation(kind: &str) -> (Link, LinkSecret, Vec<u8>) {
    let mut world = World::new(4);
    let anna = world.set_up("Anna");
    if kind == "guest" {
        world.invite_guest(anna, None, "wer");
    } else {
        world.command(anna, || Command::InviteStaff {
            label: "wer".into(),
            role: siegel_proto::certificate::PersonRole::Staff,
        });
    }
    world.settle();
    let link: Link = world
        .link(anna, "wer")
        .expect("ready")
        .parse()
        .expect("a link");
    let (LinkTarget::Guest(secret) | LinkTarget::Staff(secret)) = &link.target else {
        panic!("an invitation leads somewhere else");
    };
    let secret = secret.clone();
    let claim = ClaimCapsule {
        token: secret.claim_token(kind),
        claimant: BearerToken::new([1; 32]),
    };
    let path = format!("/v1/capsules/{}/claim", secret.capsule_id(kind));
    let body = wire::ClaimCapsule::from(&claim).encode_to_vec();
    let (status, body) = world.relay.http(&path, &body);
    assert_eq!(status, 200);
    let claimed = wire::ClaimedCapsule::decode(body).expect("an answer");
    let plain = secret.open(kind, &claimed.sealed).expect("opens");
    (link, secret, plain.to_vec())
}

/// A new device that has asked for the capsule behind a link.
fn asking(link: &Link) -> (Disk, HttpRequest) {
    let moment = Moment {
        now: Timestamp::from_seconds(NOW),
        entropy: Entropy([200; 32]),
    };
    let created = Client::create(b"passphrase", PassphraseCost::TRIVIAL, moment);
    let (client, step) = created.expect("a vault can be made");
    let mut disk = Disk::default();
    disk.store(step.batch());
    let mut device = Running {
        client,
        disk,
        steps: 200,
        events: Vec::new(),
        request: None,
    };
    device.step(Input::Command(Command::Join {
        link: link.clone(),
        name: "Wer".into(),
        position: String::new(),
    }));
    (device.disk, device.request.expect("asks for the capsule"))
}

/// Answers the claim; whether the device joined. Whatever happens it goes on working.
fn answered(disk: &Disk, request: &HttpRequest, body: Vec<u8>) -> bool {
    let mut device = Running::open(disk);
    device.step(Input::HttpAnswer {
        request: request.clone(),
        status: 200,
        body: body.into(),
    });
    let joined = device
        .events
        .iter()
        .any(|event| matches!(event, Event::Joined));
    let mut again = Running::open(&device.disk);
    again.texts();
    assert!(
        !joined || again.client.profile().is_ok(),
        "joined and nobody"
    );
    again.step(Input::Connected);
    again.step(Input::Tick);
    Running::open(&again.disk);
    joined
}

/// A capsule by an inviter who does not keep to the form.
fn capsules(kind: &'static str) -> Harness {
    let (link, secret, plain) = invitation(kind);
    let (disk, request) = asking(&link);
    let read = move |input: &[u8]| {
        let mut rng = siegel_client_core::moment::StepRng::new(Entropy([2; 32]));
        let sealed = secret.seal(kind, input, &mut rng).expect("seals");
        let body = wire::ClaimedCapsule {
            sealed: sealed.into(),
        };
        answered(&disk, &request, body.encode_to_vec())
    };
    Harness {
        corpus: vec![plain],
        read: Box::new(read),
    }
}

/// An answer by a relay that does not know the link: nothing but the capsule lets in.
fn claim_answer() -> Harness {
    let (link, secret, plain) = invitation("guest");
    let (disk, request) = asking(&link);
    let mut rng = siegel_client_core::moment::StepRng::new(Entropy([2; 32]));
    let sealed = secret.seal("guest", &plain, &mut rng).expect("seals");
    let sound = Bytes::from(sealed);
    let body = wire::ClaimedCapsule {
        sealed: sound.clone(),
    };
    let read = move |input: &[u8]| {
        let joined = answered(&disk, &request, input.to_vec());
        let capsule = wire::ClaimedCapsule::decode(input).ok();
        let is_sound = capsule.is_some_and(|claimed| claimed.sealed == sound);
        assert_eq!(joined, is_sound, "only the capsule behind the link lets in");
        joined
    };
    Harness {
        corpus: vec![body.encode_to_vec()],
        read: Box::new(read),
    }
}
