//! The library over the vault: every step ends in a stored batch and a fresh opening.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer as _, SigningKey};
use openmls::prelude::{
    BasicCredential, CredentialWithKey, GroupId, KeyPackage, KeyPackageIn, LeafNodeParameters,
    Lifetime, MlsGroup, MlsGroupJoinConfig, MlsMessageBodyIn, MlsMessageIn, OpenMlsProvider as _,
    ProcessedMessageContent, ProtocolVersion, StagedWelcome,
};
use openmls_traits::signatures::{Signer, SignerError};
use openmls_traits::types::SignatureScheme;
use siegel_proto::ids::RoomId;
use tls_codec::{DeserializeBytes as _, Serialize as _};

use super::SUITE;
use super::group_id::RoomGroup;
use super::provider::Provider;
use super::undo;
use crate::moment::{Entropy, StepRng};
use crate::vault::{PassphraseCost, RowId, Scope, SealedRow, Vault};

const ROOM: RoomId = RoomId::new([0x77; 16]);
/// A hundred years, so that the library's own clock never matters here.
const LIFETIME: (u64, u64) = (0, 100 * 365 * 86_400);

struct LeafKey(SigningKey);

impl Signer for LeafKey {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.0.sign(payload).to_bytes().to_vec())
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

/// A person whose device stores after every step and starts anew.
struct Person {
    name: &'static str,
    vault: Vault,
    header: Vec<u8>,
    rows: BTreeMap<RowId, SealedRow>,
    seed: u8,
    steps: u8,
    key: LeafKey,
}

impl Person {
    fn new(name: &'static str, seed: u8) -> Self {
        let mut rng = StepRng::new(Entropy([seed; 32]));
        let vault = Vault::create(b"p", PassphraseCost::TRIVIAL, &mut rng).unwrap();
        let key = LeafKey(SigningKey::from_bytes(&rng.bytes()));
        let (header, rows) = (Vec::new(), BTreeMap::new());
        let mut person = Self {
            name,
            vault,
            header,
            rows,
            seed,
            steps: 0,
            key,
        };
        person.store(&mut rng);
        person
    }

    fn credential(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: BasicCredential::new(self.name.as_bytes().to_vec()).into(),
            signature_key: self.key.0.verifying_key().as_bytes().to_vec().into(),
        }
    }

    /// Runs one step, stores its batch and opens the vault again from what was stored.
    fn step<R>(&mut self, run: impl FnOnce(&Provider<'_>, &Self) -> R) -> R {
        let mut rng = self.next_rng();
        let result = run(&Provider::new(&self.vault, &mut rng), self);
        self.store(&mut rng);
        result
    }

    /// Runs one step whose batch is never stored.
    fn lost_step<R>(&mut self, run: impl FnOnce(&Provider<'_>, &Self) -> R) -> R {
        let mut rng = self.next_rng();
        let result = run(&Provider::new(&self.vault, &mut rng), self);
        self.vault.discard();
        result
    }

    fn next_rng(&mut self) -> StepRng {
        self.steps += 1;
        let mut entropy = [self.seed; 32];
        entropy[0] = self.steps;
        StepRng::new(Entropy(entropy))
    }

    fn store(&mut self, rng: &mut StepRng) {
        let batch = self.vault.commit(rng).unwrap();
        self.header = batch.header.unwrap_or(std::mem::take(&mut self.header));
        self.rows
            .extend(batch.puts.into_iter().map(|row| (row.id, row)));
        for id in batch.deletes {
            self.rows.remove(&id);
        }
        self.vault = Vault::open(&self.header, b"p", self.rows.values().cloned()).unwrap();
    }

    fn key_package(&mut self) -> Vec<u8> {
        self.step(|provider, me| {
            let bundle = KeyPackage::builder()
                .key_package_lifetime(Lifetime::init(LIFETIME.0, LIFETIME.1))
                .build(SUITE, provider, &me.key, me.credential())
                .unwrap();
            bundle.key_package().tls_serialize_detached().unwrap()
        })
    }

    fn create(&mut self) {
        self.step(|provider, me| {
            MlsGroup::builder()
                .with_group_id(group_id())
                .ciphersuite(SUITE)
                .use_ratchet_tree_extension(true)
                .lifetime(Lifetime::init(LIFETIME.0, LIFETIME.1))
                .build(provider, &me.key, me.credential())
                .unwrap();
        });
    }

    /// Commit and Welcome; the commit is pending afterwards.
    fn add(&mut self, key_package: &[u8]) -> (Vec<u8>, Vec<u8>) {
        self.step(|provider, me| {
            let key_package = KeyPackageIn::tls_deserialize_exact_bytes(key_package)
                .unwrap()
                .validate(provider.crypto(), ProtocolVersion::Mls10)
                .unwrap();
            let (commit, welcome, _) = load(provider)
                .add_members(provider, &me.key, &[key_package])
                .unwrap();
            (commit.to_bytes().unwrap(), welcome.to_bytes().unwrap())
        })
    }

    fn self_update(&mut self) -> Vec<u8> {
        self.step(|provider, me| {
            let bundle = load(provider)
                .self_update(provider, &me.key, LeafNodeParameters::default())
                .unwrap();
            bundle.into_commit().to_bytes().unwrap()
        })
    }

    fn merge_own(&mut self) {
        self.step(|provider, _| load(provider).merge_pending_commit(provider).unwrap());
    }

    fn join(&mut self, welcome: &[u8]) {
        self.step(|provider, _| join(provider, welcome));
    }

    fn send(&mut self, text: &str) -> Vec<u8> {
        self.step(|provider, me| {
            let message = load(provider).create_message(provider, &me.key, text.as_bytes());
            message.unwrap().to_bytes().unwrap()
        })
    }

    fn receive(&mut self, message: &[u8]) -> Option<String> {
        self.step(|provider, _| receive(provider, message))
    }

    fn epoch(&mut self) -> u64 {
        self.lost_step(|provider, _| load(provider).epoch().as_u64())
    }

    fn mls_rows(&self) -> (usize, usize) {
        let count = |scope| self.vault.keys(scope, super::storage::MLS, b"").len();
        (count(Scope::Room(ROOM)), count(Scope::Device))
    }
}

fn group_id() -> GroupId {
    RoomGroup {
        room: ROOM,
        incarnation: 0,
    }
    .to_group_id()
}

fn load(provider: &Provider<'_>) -> MlsGroup {
    MlsGroup::load(provider.storage(), &group_id())
        .unwrap()
        .expect("the group is stored")
}

fn join(provider: &Provider<'_>, welcome: &[u8]) {
    let message = MlsMessageIn::tls_deserialize_exact_bytes(welcome).unwrap();
    let MlsMessageBodyIn::Welcome(welcome) = message.extract() else {
        panic!("not a welcome")
    };
    let config = MlsGroupJoinConfig::default();
    StagedWelcome::new_from_welcome(provider, &config, welcome, None)
        .unwrap()
        .into_group(provider)
        .unwrap();
}

/// The text of a message, or nothing for a commit, which is merged.
fn receive(provider: &Provider<'_>, message: &[u8]) -> Option<String> {
    let message = MlsMessageIn::tls_deserialize_exact_bytes(message).unwrap();
    let mut group = load(provider);
    let message = message.try_into_protocol_message().unwrap();
    match group
        .process_message(provider, message)
        .unwrap()
        .into_content()
    {
        ProcessedMessageContent::ApplicationMessage(text) => {
            Some(String::from_utf8(text.into_bytes()).unwrap())
        }
        ProcessedMessageContent::StagedCommitMessage(commit) => {
            group.merge_staged_commit(provider, *commit).unwrap();
            None
        }
        _ => panic!("unexpected content"),
    }
}

/// Anna's room with Bo in it.
fn anna_and_bo() -> (Person, Person) {
    let (mut anna, mut bo) = (Person::new("Anna", 1), Person::new("Bo", 2));
    let key_package = bo.key_package();
    anna.create();
    let (_, welcome) = anna.add(&key_package);
    anna.merge_own();
    bo.join(&welcome);
    (anna, bo)
}

#[test]
fn a_room_lives_through_a_reopening_after_every_step() {
    let (mut anna, mut bo) = anna_and_bo();
    let hello = anna.send("hello");
    assert_eq!(bo.receive(&hello).as_deref(), Some("hello"));
    let update = bo.self_update();
    anna.receive(&update);
    bo.merge_own();
    assert_eq!((anna.epoch(), bo.epoch()), (2, 2));
    let back = bo.send("back");
    assert_eq!(anna.receive(&back).as_deref(), Some("back"));
}

#[test]
fn the_group_lies_in_the_rooms_scope_and_goes_with_it() {
    let (mut anna, mut bo) = anna_and_bo();
    assert!(anna.mls_rows().0 > 5);
    assert_eq!(anna.mls_rows().1, 0);
    assert_eq!(bo.mls_rows().1, 0, "the key package is used up");
    bo.step(|provider, _| load(provider).delete(provider.storage()).unwrap());
    assert_eq!(bo.mls_rows(), (0, 0));
    anna.step(|_, me| me.vault.delete_scope(Scope::Room(ROOM)));
    assert_eq!(anna.mls_rows(), (0, 0));
}

#[test]
fn attack_21_a_join_that_was_not_stored_can_be_repeated() {
    let (mut anna, mut bo) = (Person::new("Anna", 1), Person::new("Bo", 2));
    let key_package = bo.key_package();
    anna.create();
    let (_, welcome) = anna.add(&key_package);
    anna.merge_own();
    bo.lost_step(|provider, _| join(provider, &welcome));
    bo.join(&welcome);
    let hello = anna.send("hello");
    assert_eq!(bo.receive(&hello).as_deref(), Some("hello"));
}

#[test]
fn attack_46_a_message_whose_step_was_lost_is_read_again() {
    let (mut anna, mut bo) = anna_and_bo();
    let hello = anna.send("hello");
    bo.lost_step(|provider, _| receive(provider, &hello));
    assert_eq!(bo.receive(&hello).as_deref(), Some("hello"));
}

#[test]
fn a_voided_commit_is_taken_back() {
    let (mut anna, mut bo) = anna_and_bo();
    let update = bo.self_update();
    anna.step(|provider, me| {
        undo::snapshot_group(&me.vault, ROOM);
        receive(provider, &update);
    });
    bo.step(|provider, me| {
        undo::snapshot_group(&me.vault, ROOM);
        load(provider).merge_pending_commit(provider).unwrap();
    });
    assert_eq!((anna.epoch(), bo.epoch()), (2, 2));
    for person in [&mut anna, &mut bo] {
        person.step(|_, me| assert!(undo::restore_group(&me.vault, ROOM)));
        assert_eq!(person.epoch(), 1);
        person.lost_step(|_, me| assert!(!undo::restore_group(&me.vault, ROOM)));
    }
    bo.step(|provider, _| {
        load(provider)
            .clear_pending_commit(provider.storage())
            .unwrap();
    });
    let hello = anna.send("hello");
    assert_eq!(bo.receive(&hello).as_deref(), Some("hello"));
    let update = anna.self_update();
    bo.receive(&update);
    anna.merge_own();
    assert_eq!((anna.epoch(), bo.epoch()), (2, 2));
}

#[test]
fn a_dropped_snapshot_leaves_no_old_secrets() {
    let (mut anna, _) = anna_and_bo();
    let before = anna.rows.len();
    anna.step(|_, me| undo::snapshot_group(&me.vault, ROOM));
    assert!(anna.rows.len() > before);
    anna.step(|_, me| undo::drop_snapshot(&me.vault, ROOM));
    assert_eq!(anna.rows.len(), before);
}

#[test]
fn the_same_entropy_gives_the_same_bytes() {
    let run = || {
        let (mut anna, mut bo) = (Person::new("Anna", 1), Person::new("Bo", 2));
        let key_package = bo.key_package();
        anna.create();
        let (commit, welcome) = anna.add(&key_package);
        anna.merge_own();
        bo.join(&welcome);
        let update = bo.self_update();
        anna.receive(&update);
        let hello = anna.send("hello");
        [key_package, commit, welcome, update, hello]
    };
    assert!(run() == run());
}

#[test]
fn a_group_of_no_room_is_refused() {
    let mut anna = Person::new("Anna", 1);
    anna.lost_step(|provider, me| {
        let built = MlsGroup::builder()
            .with_group_id(GroupId::from_slice(&[1; 16]))
            .ciphersuite(SUITE)
            .build(provider, &me.key, me.credential());
        assert!(built.is_err());
    });
}
