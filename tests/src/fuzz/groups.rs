//! MLS through our wrapper: key packages, Welcomes, messages and commits. Everything a
//! group reads is signed or authenticated, so nothing is taken but what was really made.

use std::time::Duration;

use siegel_client_core::identity::{self, Keys};
use siegel_client_core::mls::group::{Group, Plan};
use siegel_client_core::mls::group_id::RoomGroup;
use siegel_client_core::mls::key_package::{self, Offer};
use siegel_client_core::mls::provider::Provider;
use siegel_client_core::mls::signer::DeviceSigner;
use siegel_client_core::mls::welcome_seal::{self, WelcomeKey};
use siegel_client_core::moment::{Entropy, StepRng, Timestamp};
use siegel_client_core::secret::Secret32;
use siegel_client_core::vault::{PassphraseCost, Vault};
use siegel_proto::certificate::PersonRole;
use siegel_proto::group::{LeafInfo, RoomInfo};
use siegel_proto::ids::{PersonId, PublicKey, RoomId};
use siegel_proto::seat::{SeatClass, SeatToken};

use super::{Harness, Target};

const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);
const ROOM: RoomGroup = RoomGroup {
    room: RoomId::new([0x77; 16]),
    incarnation: 0,
};
/// Trees and key schedules are worked out in memory.
const MEMORY: usize = 4 * 1024 * 1024;
const TIME: Duration = Duration::from_millis(50);

pub fn targets() -> Vec<Target> {
    let target = |name, inputs, make| Target::new(name, inputs, make).bounds(MEMORY, TIME);
    vec![
        target("key_package", 200, key_packages),
        target("welcome", 120, welcomes),
        target("wrapped_welcome", 150, wrapped_welcomes),
        target("mls_message", 250, messages),
    ]
}

/// A colleague's device.
struct Device {
    vault: Vault,
    rng: StepRng,
    keys: Keys,
}

impl Device {
    fn new(number: u8) -> Self {
        let mut rng = StepRng::new(Entropy([number; 32]));
        let vault = Vault::create(b"p", PassphraseCost::TRIVIAL, &mut rng).expect("made");
        let (person, role) = (PersonId::new([number; 16]), PersonRole::Staff);
        let enrolment = identity::enrol_staff(&root_seed(), person, role, NOW, &mut rng);
        let keys = enrolment.settle(&mut rng).expect("a chain");
        Self { vault, rng, keys }
    }

    fn signer(&self) -> DeviceSigner {
        DeviceSigner::new(&self.keys.signature)
    }

    fn leaf(&mut self) -> LeafInfo {
        let token = SeatToken::new(self.rng.bytes());
        LeafInfo {
            seat_key: token.key(SeatClass::Staff),
            inbox: Some(RoomId::new(self.rng.bytes())),
        }
    }

    /// A step whose writes are kept.
    fn step<R>(&mut self, run: impl FnOnce(&Provider<'_>) -> R) -> R {
        let result = run(&Provider::new(&self.vault, &mut self.rng));
        self.vault.commit(&mut self.rng).expect("sealed");
        result
    }

    /// A step whose writes are forgotten.
    fn try_out<R>(&mut self, run: impl FnOnce(&Provider<'_>) -> R) -> R {
        let result = run(&Provider::new(&self.vault, &mut self.rng));
        self.vault.discard();
        result
    }

    fn key_package(&mut self, last_resort: bool) -> Vec<u8> {
        let (signer, leaf) = (self.signer(), self.leaf());
        let welcome_key = WelcomeKey::generate(&mut self.rng).public().expect("a key");
        let chain = self.keys.device_chain.clone();
        self.step(|provider| {
            let offer = Offer {
                chain: &chain,
                leaf,
                welcome_key: welcome_key.into(),
                last_resort,
            };
            key_package::generate(provider, &signer, &offer, NOW).expect("made")
        })
    }

    fn create(&mut self) {
        let (signer, leaf) = (self.signer(), self.leaf());
        let chain = self.keys.device_chain.clone();
        let info = RoomInfo {
            title: "Fall 7".into(),
            managers: vec![self.keys.person],
            retention_days: 90,
            people: Vec::new(),
        };
        self.step(|provider| {
            Group::create(provider, ROOM, &signer, &chain, &leaf, &info).expect("made");
        });
    }

    fn plan(provider: &Provider<'_>, add: &[Vec<u8>]) -> Plan {
        let check = |package: &Vec<u8>| key_package::check(provider, &root(), package, NOW);
        Plan {
            add: add
                .iter()
                .map(|package| check(package).expect("sound"))
                .collect(),
            ..Plan::default()
        }
    }

    /// Adds devices; the Welcome.
    fn add(&mut self, packages: &[Vec<u8>]) -> Vec<u8> {
        let signer = self.signer();
        self.step(|provider| {
            let mut group = Group::load(provider, ROOM).expect("there");
            let plan = Self::plan(provider, packages);
            let commit = group.commit(provider, &signer, plan).expect("allowed");
            group.merge_own(provider).expect("merged");
            commit.welcome.expect("somebody was added")
        })
    }

    /// A commit that is never merged.
    fn commit(&mut self, plan: impl FnOnce(&Provider<'_>) -> Plan) -> Vec<u8> {
        let signer = self.signer();
        self.try_out(|provider| {
            let mut group = Group::load(provider, ROOM).expect("there");
            let plan = plan(provider);
            group
                .commit(provider, &signer, plan)
                .expect("allowed")
                .commit
        })
    }

    fn say(&mut self, text: &[u8]) -> Vec<u8> {
        let signer = self.signer();
        self.step(|provider| {
            let mut group = Group::load(provider, ROOM).expect("there");
            group.encrypt(provider, &signer, text).expect("encrypted")
        })
    }
}

fn root_seed() -> Secret32 {
    Secret32::new([1; 32])
}

fn root() -> PublicKey {
    identity::public_key(&root_seed())
}

/// Takes what is known and nothing else.
fn only_known(corpus: Vec<Vec<u8>>, mut take: impl FnMut(&[u8]) -> bool + 'static) -> Harness {
    let known = corpus.clone();
    let read = move |input: &[u8]| {
        let taken = take(input);
        let is_known = known.iter().any(|known| known == input);
        assert_eq!(taken, is_known, "what was made is taken, and nothing else");
        taken
    };
    Harness {
        corpus,
        read: Box::new(read),
    }
}

fn key_packages() -> Harness {
    let packages = vec![
        Device::new(2).key_package(false),
        Device::new(3).key_package(true),
    ];
    let mut judge = Device::new(4);
    only_known(packages, move |input| {
        judge.try_out(|provider| key_package::check(provider, &root(), input, NOW).is_ok())
    })
}

fn welcomes() -> Harness {
    let (mut anna, mut bo, mut cem) = (Device::new(2), Device::new(3), Device::new(4));
    anna.create();
    let packages = [bo.key_package(false), cem.key_package(false)];
    let welcome = anna.add(&packages);
    only_known(vec![welcome], move |input| {
        bo.try_out(|provider| {
            let joined = Group::join(provider, input);
            joined.is_ok_and(|(group, _)| group.leaves(&root()).is_ok())
        })
    })
}

fn wrapped_welcomes() -> Harness {
    let mut rng = StepRng::new(Entropy([5; 32]));
    let key = WelcomeKey::generate(&mut rng);
    let public = key.public().expect("a key");
    let sealed = welcome_seal::seal(&public, b"welcome", &mut rng).expect("sealed");
    only_known(vec![sealed], move |input| {
        // The same bytes are also offered as somebody's public key.
        let _refused = welcome_seal::seal(input, b"welcome", &mut rng);
        key.open(input).is_ok()
    })
}

fn messages() -> Harness {
    let (mut anna, mut bo, mut cem) = (Device::new(2), Device::new(3), Device::new(4));
    anna.create();
    let package = bo.key_package(false);
    let welcome = anna.add(&[package]);
    bo.step(|provider| drop(Group::join(provider, &welcome).expect("joins")));
    let newcomer = cem.key_package(false);
    let removal = |_: &Provider<'_>| Plan {
        remove: vec![1],
        ..Plan::default()
    };
    let made = vec![
        anna.say(b"hallo"),
        anna.say(&[0; 1_000]),
        anna.commit(|_| Plan::default()),
        anna.commit(|provider| Device::plan(provider, &[newcomer])),
        anna.commit(removal),
    ];
    only_known(made, move |input| {
        bo.try_out(|provider| {
            let mut group = Group::load(provider, ROOM).expect("there");
            group.process(provider, &root(), input).is_ok()
        })
    })
}
