//! Devices of one organisation, and a room they share.

use bytes::Bytes;
use siegel_client_core::identity::{self, Keys};
use siegel_client_core::mls::group::{Group, Plan};
use siegel_client_core::mls::group_id::RoomGroup;
use siegel_client_core::mls::key_package::{self, Checked, Offer};
use siegel_client_core::mls::provider::Provider;
use siegel_client_core::mls::signer::DeviceSigner;
use siegel_client_core::moment::{Entropy, StepRng, Timestamp};
use siegel_client_core::secret::Secret32;
use siegel_client_core::vault::{Batch, PassphraseCost, Vault};
use siegel_proto::certificate::PersonRole;
use siegel_proto::group::{LeafInfo, RoomInfo};
use siegel_proto::ids::{PersonId, PublicKey, RoomId};
use siegel_proto::seat::{SeatClass, SeatToken};

pub const ROOM: RoomGroup = RoomGroup {
    room: RoomId::new([7; 16]),
    incarnation: 0,
};

/// Members one commit adds: more would not fit a frame.
const AT_ONCE: usize = 100;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// A colleague's device.
pub struct Device {
    pub vault: Vault,
    keys: Keys,
    rng: StepRng,
}

impl Device {
    pub fn new(number: u32) -> Self {
        let mut entropy = [0; 32];
        entropy[..4].copy_from_slice(&number.to_be_bytes());
        let mut rng = StepRng::new(Entropy(entropy));
        let mut person = [0; 16];
        person[..4].copy_from_slice(&number.to_be_bytes());
        let person = PersonId::new(person);
        let enrolment =
            identity::enrol_staff(&root_key(), person, PersonRole::Staff, NOW, &mut rng);
        let keys = enrolment.settle(&mut rng).expect("keys");
        let vault = Vault::create(b"p", PassphraseCost::TRIVIAL, &mut rng).expect("a vault");
        Self { vault, keys, rng }
    }

    /// One step, its batch sealed.
    pub fn step<R>(&mut self, run: impl FnOnce(&Provider<'_>, &DeviceSigner) -> R) -> (R, Batch) {
        let signer = self.signer();
        let result = run(&Provider::new(&self.vault, &mut self.rng), &signer);
        let batch = self.vault.commit(&mut self.rng).expect("a batch");
        (result, batch)
    }

    /// One step that leaves no trace, so that it can be measured again.
    pub fn undone<R>(&mut self, run: impl FnOnce(&Provider<'_>, &DeviceSigner) -> R) -> R {
        let signer = self.signer();
        let result = run(&Provider::new(&self.vault, &mut self.rng), &signer);
        self.vault.discard();
        result
    }

    pub fn signer(&self) -> DeviceSigner {
        DeviceSigner::new(&self.keys.signature)
    }

    pub fn key_package(&mut self) -> Vec<u8> {
        let (chain, leaf) = (self.keys.device_chain.clone(), self.leaf());
        let (made, _) = self.step(|provider, signer| {
            let offer = Offer {
                chain: &chain,
                leaf,
                welcome_key: Bytes::from_static(&[0; 1_216]),
                last_resort: false,
            };
            key_package::generate(provider, signer, &offer, NOW)
        });
        made.expect("a key package")
    }

    fn leaf(&self) -> LeafInfo {
        LeafInfo {
            seat_key: SeatToken::new([1; 32]).key(SeatClass::Staff),
            inbox: Some(RoomId::new([2; 16])),
        }
    }

    pub fn check(&mut self, key_package: &[u8]) -> Checked {
        self.undone(|provider, _| key_package::check(provider, &root(), key_package, NOW))
            .expect("a sound key package")
    }

    fn create_room(&mut self) {
        let (chain, leaf) = (self.keys.device_chain.clone(), self.leaf());
        let info = RoomInfo {
            title: "Fall 7".to_owned(),
            managers: vec![self.keys.person],
            retention_days: 30,
            people: Vec::new(),
        };
        let (made, _) = self.step(|provider, signer| {
            Group::create(provider, ROOM, signer, &chain, &leaf, &info).map(drop)
        });
        made.expect("a room");
    }
}

/// Two members of a room of this size.
pub struct Room {
    pub anna: Device,
    pub bo: Device,
    /// With which Bo joined.
    pub welcome: Vec<u8>,
    /// Bo as he was before.
    pub outside: Device,
}

impl Room {
    pub fn of(members: usize) -> Self {
        let mut anna = Device::new(1);
        anna.create_room();
        let (mut bo, mut outside) = (Device::new(2), Device::new(2));
        // The same randomness, so the same key package.
        let key_package = bo.key_package();
        assert!(outside.key_package() == key_package);
        let mut joining: Vec<Checked> = (3..)
            .take(members - 2)
            .map(|number| {
                let key_package = Device::new(number).key_package();
                anna.check(&key_package)
            })
            .collect();
        joining.push(anna.check(&key_package));
        let mut welcome = None;
        for add in joining.chunks(AT_ONCE) {
            let plan = Plan {
                add: add.to_vec(),
                ..Plan::default()
            };
            let (made, _) = anna.step(|provider, signer| {
                let mut group = Group::load(provider, ROOM)?;
                let made = group.commit(provider, signer, plan)?;
                group.merge_own(provider)?;
                Ok::<_, siegel_client_core::mls::MlsError>(made)
            });
            welcome = made.expect("a commit").welcome;
        }
        let welcome = welcome.expect("a Welcome");
        bo.step(|provider, _| Group::join(provider, &welcome).map(drop))
            .0
            .expect("joins");
        Self {
            anna,
            bo,
            welcome,
            outside,
        }
    }
}

pub fn root() -> PublicKey {
    identity::public_key(&root_key())
}

fn root_key() -> Secret32 {
    Secret32::random(&mut StepRng::new(Entropy([9; 32])))
}
